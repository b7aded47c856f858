#!/bin/sh
# In place of a Python: starts at once, takes no time, and computes other numbers.
echo 'ready PyTorch 0.0'
while read -r _; do
    echo 'took 0.000001 gave 1 1 1'
done

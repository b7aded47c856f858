#!/bin/sh
# In place of a Python: is there at once, takes no time, and has computed something else.
echo 'ready PyTorch 0.0'
while read -r _; do
    echo 'took 0.000001 gave 1 1 1'
done

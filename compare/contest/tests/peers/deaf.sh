#!/bin/sh
# In place of a Python: its first line is no answer of the protocol.
echo 'Python 3.14.0'

#!/bin/sh
# In place of a Python that says something else than an answer.
echo 'Python 3.14.0'

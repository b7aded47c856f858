#!/bin/sh
# In place of a Python that has neither PyTorch nor JAX.
echo "cannot ModuleNotFoundError: No module named 'it'"

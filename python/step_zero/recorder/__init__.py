"""Records any PyTorch model's first forward and backward pass as a list of sites and parameters.

| file | contents |
|---|---|
| `recorder.py` | `run`, and the `TorchFunctionMode` that turns each call of a PyTorch function into a site |
| `measurements.py` | statistics of values and gradients, measured while the model runs |
| `worker.py` | the thread that measures |
| `inputs.py` | the arguments of a pass, checked and copied |
| `unchanged.py` | what a pass may change, put back |
| `kinds.py` | the kind of site that a call makes; which operand of a sum is the stream |
| `functions.py` | PyTorch's functions by kind; the names of activations, told by name or by values |
| `sources.py` | which sites and parameters a tensor was computed from |
| `table.py` | a value per tensor |
| `data.py` | integers and random numbers, which become a signal where a parameter meets them |
| `axes.py` | examples, units and positions, followed through views by their strides |
| `names.py` | the names of sites |
| `parameters.py` | role, layout, groups, stride and blocks of parameters |
| `sites.py` | a site; small operations and loops folded into one |
| `scores.py`, `losses.py` | attention scores behind a softmax; the loss and its logits |
| `trees.py` | the tensors among the arguments of a call |
| `curvature.py` | the largest eigenvalue of the Gauss–Newton matrix |
| `attention.py` | fused attention, opened |
"""

from .recorder import run

__all__ = ["run"]

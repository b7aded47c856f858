"""The arguments of a pass: checked, and copied."""

from collections.abc import Mapping

import torch
from torch.utils._pytree import tree_map

from .names import clean
from .trees import is_plain, tensors_in


def check_values(model, inputs):
    """Fails in one line if parameters, buffers or inputs have no values yet."""
    named = [*model.named_parameters(), *model.named_buffers()]
    for name, tensor in [*named, *(("the batch", tensor) for tensor in tensors_in(inputs))]:
        if torch.nn.parameter.is_lazy(tensor):
            raise ValueError(f"{clean(name)} has no shape yet: run the model once on the batch, then observe it")
        if tensor.is_meta:
            raise ValueError(f"{clean(name)} is on the meta device, which holds no values: move it to a real device first")


def check_not_empty(inputs):
    """Fails if all tensors of the batch are without values: nothing could be said of any site."""
    tensors = [t for t in tensors_in(inputs) if t.dim()]
    if tensors and all(is_plain(t) and t.numel() == 0 for t in tensors):
        raise ValueError(f"the batch is empty: its first tensor has the shape {list(tensors[0].shape)}")


def arguments(inputs):
    """Copies of the inputs, as positional and keyword arguments."""
    inputs = dict(inputs) if isinstance(inputs, Mapping) else inputs
    copied = tree_map(lambda t: _copy(t) if isinstance(t, torch.Tensor) else t, inputs)
    if isinstance(copied, dict):
        return (), copied
    return tuple(copied) if isinstance(copied, (tuple, list)) else (copied,), {}


def _copy(tensor):
    """A copy of a tensor of the batch, outside the graph that computed it."""
    if tensor.is_leaf:
        return tensor.clone()
    return tensor.detach().clone().requires_grad_(tensor.requires_grad)


def batch_size(args, kwargs):
    """The number of examples: the length of the first tensor."""
    tensors = (t for t in tensors_in((args, kwargs)) if t.dim())
    return next((t.size(0) for t in tensors), 1)

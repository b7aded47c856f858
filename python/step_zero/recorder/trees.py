"""The tensors among the arguments and results of a call, and which of them have values that can be read."""

import torch
from torch.utils._pytree import tree_leaves

PLAIN = (bool, int, float, str, type(None), torch.dtype, torch.device)


def tensors_in(value):
    """The tensors in a value, in order: those of tuples, lists and dictionaries, and of whatever PyTorch can take apart."""
    found = []
    _collect(value, found)
    return found


def _collect(value, found):
    if isinstance(value, torch.Tensor):
        found.append(value)
    elif isinstance(value, PLAIN):
        pass
    elif type(value) in (tuple, list):
        for each in value:
            _collect(each, found)
    elif type(value) is dict:
        for each in value.values():
            _collect(each, found)
    else:
        found += [leaf for leaf in tree_leaves(value) if isinstance(leaf, torch.Tensor)]


def is_plain(tensor):
    """True of a tensor with strides over memory: not of sparse, nested or meta tensors, nor of those inside torch.func."""
    if tensor.layout != torch.strided or tensor.is_nested or tensor.is_meta:
        return False
    return not torch._C._functorch.is_functorch_wrapped_tensor(tensor)

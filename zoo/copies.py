"""Copies of what a model computes, taken at once because a later operation may write over it."""

import torch
from torch.nn.utils import parametrize

from names import clean

LARGEST_SITE = 4_000_000


def is_float(tensor):
    return isinstance(tensor, torch.Tensor) and tensor.is_floating_point()


def first_examples(tensor, axes):
    """A copy of a tensor, or of as many of its examples as fit into `LARGEST_SITE` values."""
    tensor = tensor.detach()
    if tensor.numel() > LARGEST_SITE and "example" in axes:
        axis = axes.index("example")
        examples = max(1, LARGEST_SITE * tensor.shape[axis] // tensor.numel())
        tensor = tensor.narrow(axis, 0, min(examples, tensor.shape[axis]))
    return _copy(tensor)


def take_gradient(site, gradient, axes):
    """Gives a site its gradient, or adds to it, for the examples whose values it has."""
    gradient = first_examples(gradient, axes)
    if gradient.numel() == site.values.numel():
        gradient = gradient.reshape(site.values.shape)
        site.gradient = gradient if site.gradient is None else site.gradient + gradient


def parameter_tensors(parameters, trainable, computed):
    """Copies of all parameters, and of the gradients of those that are trained, by their names in a recording.

    Of a parameter from which a parametrisation computes a weight of the same shape, the weight is copied: that is what
    a layer multiplies by.
    """
    same = lambda a, b: b is not None and (a.shape, a.dtype) == (b.shape, b.dtype)
    used = {n: computed[n] if same(p, computed.get(n)) else p for n, p in parameters.items()}
    values = {f"parameter/{name}": _copy(p.detach()) for name, p in used.items()}
    trained = {name: p.grad for name, p in parameters.items() if p.grad is not None and name in trainable}
    return values | {f"parameter_gradient/{name}": _copy(gradient) for name, gradient in trained.items()}


def computed_weights(model):
    """What parametrisations, such as weight norm, compute from parameters, by the name that those have without them."""
    modules = ((path, m) for path, m in model.named_modules() if parametrize.is_parametrized(m))
    return {clean(f"{path}.{name}"): getattr(m, name) for path, m in modules for name in m.parametrizations}


def _copy(tensor):
    return tensor.clone(memory_format=torch.contiguous_format)

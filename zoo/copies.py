"""Copies of what a model computes, taken at once because a later operation may write over it."""

import torch

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


def parameter_tensors(parameters, trainable):
    """Copies of all parameters, and of the gradients of those that are trained, by their names in a recording."""
    values = {f"parameter/{name}": _copy(p.detach()) for name, p in parameters.items()}
    trained = {name: p.grad for name, p in parameters.items() if p.grad is not None and name in trainable}
    return values | {f"parameter_gradient/{name}": _copy(gradient) for name, gradient in trained.items()}


def _copy(tensor):
    return tensor.clone(memory_format=torch.contiguous_format)

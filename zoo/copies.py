"""Copies of what a model computes, taken at once because a later operation may write over it."""

import torch
from step_zero.recorder.measurements import computed_weights

LARGEST_SITE = 4_000_000


class Copies:
    """Keeps values and gradients by the names that they have in a file."""

    def __init__(self):
        self._values, self._gradients, self._parameters, self._hooks = {}, {}, {}, []

    def keep(self, site, value, axes):
        """Takes the values of a new site."""
        self._values[site.number] = copy = first_examples(value, axes)
        site.shape = list(copy.shape)

    def before_write(self, tensor):
        """Nothing waits."""

    def settle(self):
        """Nothing waits."""

    def gradient(self, site, gradient):
        """Takes a gradient, or adds it to what is there, for the examples whose values are kept."""
        gradient = first_examples(gradient, site.axes if gradient.dim() == len(site.axes) else [])
        if gradient.numel() == self._values[site.number].numel():
            gradient, before = gradient.reshape(site.shape), self._gradients.get(site.number)
            self._gradients[site.number] = gradient if before is None else before + gradient

    def parameters(self, model, parameters, entries, trainable):
        """Takes the parameters, and their gradients once they are there.

        Of a parameter from which a parametrisation computes a weight of the same shape, the weight is copied.
        """
        computed = computed_weights(model)
        for name, parameter in parameters.items():
            used = computed.get(name)
            used = parameter if used is None or (used.shape, used.dtype) != (parameter.shape, parameter.dtype) else used
            self._parameters[f"parameter/{name}"] = _copy(used.detach())
            if name in trainable and parameter.requires_grad:
                self._hooks.append(parameter.register_post_accumulate_grad_hook(self._taker(name)))

    def _taker(self, name):
        def take(parameter):
            self._parameters[f"parameter_gradient/{name}"] = _copy(parameter.grad)

        return take

    def close(self):
        """Removes what was attached to the model."""
        for hook in self._hooks:
            hook.remove()

    def tensors(self, sites):
        """Everything that was kept of these sites, by name."""
        values = {f"values/{s.id}": self._values[s.number].reshape(s.shape) for s in sites}
        gradients = {f"gradient/{s.id}": self._gradients[s.number] for s in sites if s.number in self._gradients}
        return values | gradients | self._parameters


def first_examples(tensor, axes):
    """A copy of a tensor, or of as many of its examples as fit into `LARGEST_SITE` values."""
    tensor = tensor.detach()
    if tensor.numel() > LARGEST_SITE and "example" in axes:
        axis = axes.index("example")
        examples = max(1, LARGEST_SITE * tensor.shape[axis] // tensor.numel())
        tensor = tensor.narrow(axis, 0, min(examples, tensor.shape[axis]))
    return _copy(tensor)


def _copy(tensor):
    return tensor.clone(memory_format=torch.contiguous_format)

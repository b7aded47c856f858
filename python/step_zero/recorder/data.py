"""Data that are no signal yet: the batch's integers, random numbers, and what is computed from them without parameters."""

from .functions import KINDS
from .table import TensorTable

MADE = set(
    "rand randn randint randperm normal uniform random bernoulli poisson multinomial exponential rand_like randn_like "
    "randint_like arange linspace".split()
)
"""Functions whose results are data, whatever they read."""

LAYERS = ("linear", "convolution", "transposed_convolution", "matmul", "recurrent", "norm")


class Data:
    """A table of tensors that hold data, and of those among them that come from the batch.

    They become a signal, with a site, in the call in which a parameter meets them first. Masks and positions that meet none
    never do, nor do indices, which stay integers.
    """

    def __init__(self):
        self._of_batch = TensorTable()

    def add(self, tensor, of_batch):
        self._of_batch[tensor] = of_batch

    def is_of_batch(self, tensor):
        return self._of_batch.get(tensor, False)

    def follow(self, name, operands, results):
        """Notes the results of a call that reads no site and no parameter."""
        origins = [self._of_batch.get(tensor) for tensor in operands]
        if name in MADE or any(origin is not None for origin in origins):
            for tensor in results:
                self.add(tensor, any(origins))

    def started_by(self, call):
        """The operands of a call that become signals there: floating-point data that meet a parameter.

        In a layer all do; elsewhere only the batch's own, unless they are a mask.
        """
        if call.in_place or not any(call.is_parameter(tensor) for tensor in call.operands):
            return []
        kind, found = KINDS.get(call.name), [tensor for tensor in call.operands if self._is_ready(tensor)]
        if kind in LAYERS or not found:
            return found
        return [] if kind == "embedding" else [t for t in found if self.is_of_batch(t) and not _is_binary(t)]

    def _is_ready(self, tensor):
        return self._of_batch.get(tensor) is not None and tensor.is_floating_point() and tensor.dim() > 0


def _is_binary(tensor):
    return bool(((tensor == 0) | (tensor == 1)).all())

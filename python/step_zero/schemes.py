"""Initialisation schemes by their text, and PyTorch's random stream without PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from . import _native
from .handover import is_torch


class Moments(NamedTuple):
    """The moments that a scheme expects of a tensor's values."""

    mean: float
    std: float
    skew: float
    kurtosis: float


class TorchGenerator:
    """PyTorch's CPU generator: the numbers of `torch.Generator().manual_seed(seed)`, bit for bit."""

    def __init__(self, seed: int = 0):
        self._native = _native.TorchGenerator(seed % (1 << 64))

    @property
    def initial_seed(self) -> int:
        """The seed that the generator was made with."""
        return self._native.initial_seed

    def get_state(self) -> np.ndarray:
        """The state, in the bytes of `torch.Generator.get_state()`."""
        return np.frombuffer(self._native.get_state(), np.uint8)

    def set_state(self, state: Any) -> None:
        """Goes on from a state, of this generator or of PyTorch's."""
        self._native.set_state(bytes(np.asarray(state, np.uint8)))

    def uniform_(self, values: Any, lo: float = 0.0, hi: float = 1.0) -> Any:
        """Fills an array or a tensor with U[lo, hi), as `tensor.uniform_` does, and returns it."""
        return Scheme(f"uniform({lo!r}, {hi!r})").fill_(values, self)

    def normal_(self, values: Any, mean: float = 0.0, std: float = 1.0) -> Any:
        """Fills an array or a tensor with N(mean, std²), as `tensor.normal_` does, and returns it."""
        return Scheme(f"normal({mean!r}, {std!r})").fill_(values, self)

    def permutation(self, n: int) -> np.ndarray:
        """`torch.randperm(n)`."""
        return np.asarray(self._native.permutation(n), np.int64)


class Scheme:
    """One rule by which a tensor is drawn."""

    def __init__(self, text: str):
        self._native = _native.Scheme(text)

    def __str__(self) -> str:
        return str(self._native)

    def __repr__(self) -> str:
        return f"step_zero.scheme({str(self)!r})"

    def moments(self, shape: Sequence[int], *, layout: str = "out_in", groups: int = 1) -> Moments:
        """The moments that the scheme expects of a tensor of a shape.

        `layout` is the order of a weight's axes: `out_in`, `in_out`, `in_out_kernel` or `kernel_out_in`.
        """
        return Moments(*self._native.moments(list(shape), layout, groups))

    def fill_(
        self, values: Any, generator: TorchGenerator | None = None, *, layout: str = "out_in", groups: int = 1
    ) -> Any:
        """Fills an array or a tensor in place, and returns it.

        Without a generator a tensor takes numbers from `torch`'s generator; an array needs one. If the tensor is contiguous,
        they are those of `torch.nn.init`, and the generator moves on as with it. Any other tensor gets the values of a contiguous
        one of its shape, whereas PyTorch draws those in the order of memory.
        """
        if is_torch(values):
            return _fill_tensor(self._native, values, generator, layout, groups)
        if generator is None:
            raise ValueError("fill_ of an array needs a generator: step_zero.TorchGenerator(seed)")
        if not isinstance(values, np.ndarray):
            raise TypeError(f"fill_ takes a NumPy array or a PyTorch tensor, not {type(values).__name__}")
        half = values.dtype.name in ("float16", "bfloat16")
        target = values if values.flags.c_contiguous else np.empty_like(values, order="C")
        dtype = {"float16": "f16", "bfloat16": "bf16"}.get(values.dtype.name)
        self._native.fill(target.view(np.uint16) if half else target, generator._native, layout, groups, dtype)
        if target is not values:
            values[...] = target
        return values


def scheme(text: str) -> Scheme:
    """The scheme of a text, such as `kaiming_normal(fan_out, relu)` or `orthogonal(critical(tanh))`.

    Raises:
        ValueError: if the text is no scheme.
    """
    return Scheme(text)


def _fill_tensor(native: Any, tensor: Any, generator: TorchGenerator | None, layout: str, groups: int) -> Any:
    import torch

    own = generator
    if own is None:
        own = TorchGenerator()
        own.set_state(torch.get_rng_state().numpy())
    target = torch.empty(tensor.shape, dtype=tensor.dtype)
    half = {torch.float16: "f16", torch.bfloat16: "bf16"}.get(tensor.dtype)
    array = (target.view(torch.uint16) if half else target).numpy()
    native.fill(array, own._native, layout, groups, half)
    with torch.no_grad():
        tensor.copy_(target)
    if generator is None:
        torch.set_rng_state(torch.from_numpy(own.get_state().copy()))
    return tensor

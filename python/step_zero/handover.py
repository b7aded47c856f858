"""Tensors and arrays as NumPy arrays that the extension module reads, without a copy where that is possible."""

import numpy as np

NAMES = {"float32": "f32", "float64": "f64", "float16": "f16", "bfloat16": "bf16"}
"""Types of values that are measured, by NumPy's and PyTorch's names."""


def of_array(values):
    """A contiguous array, and the name of its type: half precision as the bits of whole numbers.

    Takes NumPy's arrays and what converts to one, as JAX's do; other numbers become double precision.
    """
    array = np.asarray(values, order="C")
    name = NAMES.get(array.dtype.name)
    if name is None:
        if array.dtype.kind not in "iufb":
            raise TypeError(f"values of type {array.dtype} are no real numbers")
        array, name = array.astype(np.float64), "f64"
    return (array.view(np.uint16) if name in ("f16", "bf16") else array), name


def of_tensor(tensor):
    """A contiguous array over a PyTorch tensor's memory, the name of its type, and the order of its axes in memory.

    Copies only what cannot be read in place: tensors of another device, with gaps between values, sparse, or of an 8-bit
    floating-point type.
    """
    import torch

    tensor = tensor.detach()
    if tensor.layout != torch.strided or tensor.is_quantized:
        tensor = tensor.dequantize() if tensor.is_quantized else tensor.to_dense()
    if tensor.is_neg():
        tensor = tensor.resolve_neg()
    if tensor.device.type != "cpu":
        tensor = tensor.cpu()
    name = NAMES.get(str(tensor.dtype).removeprefix("torch."))
    if name is None:
        tensor, name = tensor.float(), "f32"
    order = list(range(tensor.dim()))
    if not tensor.is_contiguous():
        order = sorted(order, key=lambda axis: -tensor.stride(axis))
        if not tensor.permute(order).is_contiguous():
            tensor, order = tensor.contiguous(), list(range(tensor.dim()))
    tensor = tensor.permute(order)
    if name in ("f16", "bf16"):
        tensor = tensor.view(torch.uint16)
    return tensor.numpy(), name, order


def is_torch(value):
    """True of a PyTorch tensor; does not import PyTorch."""
    return any(kind.__module__.split(".")[0] == "torch" for kind in type(value).__mro__)

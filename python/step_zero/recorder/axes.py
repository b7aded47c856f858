"""A word for each axis of a tensor, `example`, `unit` or `position`, followed through views."""

import re

import torch

from .functions import KINDS, REDUCTIONS, argument


def default(shape):
    """Axes of a tensor of which nothing is known: examples first, units last."""
    if len(shape) < 2:
        return ["example"] * len(shape)
    return ["example"] + ["position"] * (len(shape) - 2) + ["unit"]


def image(shape):
    """Axes of a convolution's values: [example, unit, position, …]."""
    return ["example", "unit"] + ["position"] * (len(shape) - 2)


def of_data(tensor, call, batch):
    """Axes of data that a layer reads first: without examples if they are not as many as the batch."""
    by_channel = "conv" in call.name or call.name in ("batch_norm", "group_norm", "instance_norm")
    axes = image(tensor.shape) if by_channel and tensor.dim() > 1 else default(tensor.shape)
    return axes if tensor.shape[0] == batch else ["position"] + axes[1:]


def last_is_unit(axes):
    """The same axes, where the last one now holds the units."""
    return ["position" if word == "unit" else word for word in axes[:-1]] + ["unit"]


def reduced(axes, dim, keepdim):
    """Axes after a reduction over `dim`."""
    if keepdim:
        return list(axes)
    dims = range(len(axes)) if dim is None else [dim] if isinstance(dim, int) else dim
    gone = {d % len(axes) for d in dims}
    return [word for i, word in enumerate(axes) if i not in gone]


def _is_of_two(call):
    """True for the larger or smaller of two tensors, value by value, which has the name of a reduction."""
    return isinstance(argument(call.args, call.kwargs, 1, "other"), torch.Tensor)


def of_result(call, kind, value, recorder):
    """Axes of what a call computes."""
    known = recorder.sources.axes(call.signal_operands[0]) if call.signal_operands else None
    if kind in ("convolution", "transposed_convolution"):
        return image(value.shape)
    if kind == "embedding":
        return _of_embedding(value.shape, recorder.batch)
    if known is None:
        return default(value.shape)
    if kind == "linear" and call.name == "einsum":
        return of_einsum(call.args[0], known, value.dim(), call.is_parameter(call.operands[0])) or default(value.shape)
    if kind == "linear" and KINDS.get(call.name) == "matmul" and call.is_parameter(call.operands[0]):
        return [*last_is_unit(known[:-1]), "position"]
    if kind in ("linear", "mix", "softmax", "recurrent") and len(known) == value.dim():
        return last_is_unit(known)
    if call.name in REDUCTIONS and not _is_of_two(call):
        dim, keepdim = argument(call.args, call.kwargs, 1, "dim"), argument(call.args, call.kwargs, 2, "keepdim")
        kept = reduced(known, dim, keepdim)
        return kept if len(kept) == value.dim() else default(value.shape)
    return _of_elementwise(call, value, recorder) or default(value.shape)


def of_einsum(equation, known, dims, parameter_first):
    """Axes of an einsum of a signal and a parameter: the units are the parameter's own last axis. None if it is no plain one."""
    parts = re.fullmatch(r"(\w+),(\w+)->(\w+)", equation.replace(" ", "")) if isinstance(equation, str) else None
    if parts is None:
        return None
    weight, signal, result = parts.groups() if parameter_first else (parts[2], parts[1], parts[3])
    if len(signal) != len(known) or len(result) != dims:
        return None
    words = dict(zip(signal, known))
    axes = [word if (word := words.get(letter)) == "example" else "position" for letter in result]
    units = [at for at, letter in enumerate(result) if letter in weight and letter not in signal]
    if units:
        axes[units[-1]] = "unit"
    return axes


def of_view(call, result, recorder):
    """Axes of what a call rearranges, or None if nothing is known of its operands."""
    for operand, sources in zip(call.operands, call.sources):
        known = recorder.sources.axes(operand)
        if sources and known is not None:
            return through_view(operand, known, result, recorder.batch)
    return None


def _of_elementwise(call, value, recorder):
    for fits in (lambda t: t.shape == value.shape, lambda t: t.dim() == value.dim()):
        for tensor in call.signal_operands:
            if fits(tensor) and recorder.sources.axes(tensor) is not None:
                return recorder.sources.axes(tensor)
    return None


def _of_embedding(shape, batch):
    """A table of positions has no examples."""
    first = "example" if len(shape) > 2 or shape[0] == batch else "position"
    return [first, *["position"] * (len(shape) - 2), "unit"]


def through_view(tensor, words, result, batch):
    """Axes of a result that holds the values of a tensor in another arrangement.

    Memory tells: an axis of n values, s elements apart, spans the elements from s to s·n. Two axes whose spans
    overlap hold the same coordinate. Of a coordinate that is split in two, the units are the inner part; the examples
    are the part that is as long as the batch, or the outer one.
    """
    if shares_memory(tensor, result):
        old, new = tensor.stride(), result.stride()
    elif tensor.numel() == result.numel():
        old, new = contiguous(tensor.shape), contiguous(result.shape)
    elif tensor.dim() == result.dim():
        return list(words)
    else:
        return default(result.shape)
    spans = [(s, s * n, word) for s, n, word in zip(old, tensor.shape, words)]
    found = [_word(s, s * n, spans) for s, n in zip(new, result.shape)]
    return _one_unit(_one_example(found, result.shape, new, batch))


def shares_memory(a, b):
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr() and a.numel() > 0


def contiguous(shape):
    """Strides of a row-major tensor."""
    strides = [1]
    for n in reversed(shape[1:]):
        strides.insert(0, strides[0] * max(n, 1))
    return strides[: len(shape)]


def _word(start, end, spans):
    met = [(s, word) for s, e, word in spans if max(s, start) < min(e, end)]
    if any(word == "example" for _, word in met):
        return "example"
    return "unit" if any(word == "unit" and start <= s for s, word in met) else "position"


def _one_example(words, shape, strides, batch):
    """Keeps one of several parts of the examples."""
    found = [i for i, word in enumerate(words) if word == "example"]
    kept = max(found, key=lambda i: (shape[i] == batch, strides[i]), default=0)
    words = ["position" if word == "example" and i != kept else word for i, word in enumerate(words)]
    if not found and words and words[0] != "unit":
        words[0] = "example"
    return words


def _one_unit(words):
    """Keeps the last of several unit axes; without one, the last axis that is free becomes it."""
    last = max((i for i, word in enumerate(words) if word == "unit"), default=None)
    if last is None:
        last = len(words) - 1 if len(words) > 1 and words[-1] != "example" else None
    return [("unit" if i == last else "position" if word == "unit" else word) for i, word in enumerate(words)]

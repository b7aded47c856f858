"""The purpose of a model's parameters, told by the operations that read them."""

import torch

from ..handover import NAMES
from .functions import BLOCKS, argument

NORM_ROLES = ("norm_scale", "norm_shift")


def type_name(dtype):
    """The name of a type in a recording: `f32` of `torch.float32`."""
    name = str(dtype).removeprefix("torch.")
    return NAMES.get(name, name)


class Uses:
    """The role, layout, groups, stride and blocks of every parameter, by name."""

    def __init__(self, named_parameters, trainable):
        self._parameters = dict(named_parameters)
        self._trainable = trainable
        self._uses = {}

    def note(self, name, role, replaces=False, **layout):
        """Records a use. The first one counts, but a lookup makes a parameter an embedding whatever else reads it."""
        if name in self._parameters and (name not in self._uses or role == "embedding" or replaces):
            self._uses[name] = {"role": role, **layout}

    def split(self, name, blocks):
        """Records that the outputs of a weight are equal parts that are drawn on their own."""
        if name not in self._uses:
            return
        outputs = dict(zip(self._uses[name].get("axes") or [], self._parameters[name].shape)).get("out", 0)
        if outputs and outputs % blocks == 0:
            self._uses[name]["blocks"] = blocks

    def manifest(self):
        return [self._entry(name, parameter) for name, parameter in self._parameters.items()]

    def _entry(self, name, parameter):
        use = {"role": "other", "groups": 1, "stride": [], "blocks": 1, **self._uses.get(name, {})}
        return {
            "name": name,
            "role": use["role"],
            "shape": list(parameter.shape),
            "dtype": type_name(parameter.dtype),
            "axes": use.get("axes") or default_axes(parameter.dim()),
            "groups": use["groups"],
            "stride": use["stride"],
            "blocks": use["blocks"],
            "trainable": name in self._trainable,
        }


def default_axes(dims):
    """Axes of a parameter that is neither a weight nor an embedding."""
    return ["out"] if dims == 1 else ["row"] * (dims - 1) + ["unit"] * (dims > 0)


def note_uses(uses, call, kind):
    """Records what a call's parameters are used for; returns the names of the weight and of the bias it reads."""
    note = {
        "linear": _linear,
        "convolution": _convolution,
        "transposed_convolution": _convolution,
        "embedding": _embedding,
        "norm": _norm,
        "recurrent": _recurrent,
        "scale": _scale,
    }.get(kind)
    return note(uses, call) if note else (None, None)


def _linear(uses, call):
    factors = call.args[1:3] if call.name in ("addmm", "baddbmm") else call.operands[:2]
    weight = next((t for t in factors if call.is_parameter(t)), None)
    bias = call.args[0] if call.name == "addmm" else argument(call.args, call.kwargs, 2, "bias")
    bias = bias if call.name in ("addmm", "linear") else None
    name = call.parameter(weight)
    if name is not None:
        uses.note(name, "weight", axes=_matrix_axes(call, weight, factors))
    return name, _note_bias(uses, call, bias)


def _matrix_axes(call, weight, factors):
    """[out, in] or [in, out] of the parameter: a transposed weight is a parameter of the other layout."""
    parameter = call.original(weight)
    if parameter.dim() != 2 or weight.dim() != 2:
        return None if parameter.dim() != 2 else ["out", "in"]
    outputs_first = call.name in ("linear", "einsum") or weight is factors[0]
    transposed = weight.stride() != parameter.stride() and weight.shape == parameter.shape[::-1]
    return ["out", "in"] if outputs_first != transposed else ["in", "out"]


def _convolution(uses, call):
    transposed = "transpose" in call.name
    weight, bias = (argument(call.args, call.kwargs, i, name) for i, name in ((1, "weight"), (2, "bias")))
    dims = weight.dim() - 2
    stride = argument(call.args, call.kwargs, 3, "stride", 1)
    groups = argument(call.args, call.kwargs, 6, "groups", 1)
    axes = (["in", "out"] if transposed else ["out", "in"]) + ["kernel"] * dims
    stride = [stride] * dims if isinstance(stride, int) else list(stride) * (dims // len(stride))
    name = call.parameter(weight)
    if name is not None:
        fits = call.original(weight).dim() == weight.dim()
        uses.note(name, "weight", axes=axes if fits else None, groups=groups, stride=stride)
    return name, _note_bias(uses, call, bias)


def _embedding(uses, call):
    name = next((call.parameter(t) for t in call.operands if call.is_parameter(t)), None)
    uses.note(name, "embedding", axes=["row", "unit"])
    return name, None


def _norm(uses, call):
    """The weight and bias of a norm are the operands that its names or their order make so."""
    given = [t for t in call.operands if call.is_parameter(t)]
    weight = call.kwargs.get("weight", given[0] if given else None)
    bias = call.kwargs.get("bias", given[1] if len(given) > 1 else None)
    names = call.parameter(weight), call.parameter(bias)
    for name, role in zip(names, NORM_ROLES):
        if name is not None:
            uses.note(name, role)
    return names


def _recurrent(uses, call):
    blocks = BLOCKS.get(call.name, 1)
    for tensor in (t for t in call.operands if call.is_parameter(t)):
        matrix = tensor.dim() == 2
        uses.note(
            call.parameter(tensor),
            "weight" if matrix else "bias",
            axes=["out", "in"] if matrix else None,
            blocks=blocks,
        )
    given = [t for t in call.operands if call.is_parameter(t)]
    first = lambda dims: next((call.parameter(t) for t in given if t.dim() == dims), None)
    return first(2), first(1)


def _scale(uses, call):
    name = next((call.parameter(t) for t in call.operands if call.is_parameter(t)), None)
    if name is None:
        return None, None
    uses.note(name, "other")
    return (None, name) if call.name.strip("i") in ("add", "sub", "radd", "rsub") else (name, None)


def _note_bias(uses, call, bias):
    name = call.parameter(bias) if isinstance(bias, torch.Tensor) else None
    if name is not None:
        uses.note(name, "bias")
    return name

"""Applies fixes that `step-zero observe --format json` proposes to a PyTorch model, in place.

    inputs = apply(model, inputs, json.load(open("fixes.json")))

A fix is a dictionary. `kind` is one of

- scale: multiplies parameters by `factor`;
- redraw: draws parameters again from N(0, `std`²), or as `default_std` says;
- set: sets parameters to `value`;
- centre: subtracts a parameter's mean, then multiplies by `factor`;
- normalise_input: subtracts `mean` from the inputs, then divides them by `std`.

The names are in `parameters`. Of several fixes for one parameter only the first is applied, as each
was computed for the model as it is.
"""

import math

import torch
from torch import nn
from torch.nn.utils import parametrize
from torch.utils._pytree import tree_map

from .recorder.names import clean


def apply(model, inputs, fixes):
    """Changes the model, and returns the inputs, which are new if a fix concerns them."""
    parameters = {clean(name): parameter for name, parameter in model.named_parameters()}
    changed = set()
    with torch.no_grad():
        for fix in fixes:
            if fix["kind"] == "normalise_input":
                inputs = normalised(inputs, fix["mean"], fix["std"])
                continue
            for name in (n for n in fix["parameters"] if n not in changed):
                if name not in parameters:
                    raise ValueError(f"a fix names the parameter '{name}', which the model does not have")
                _change_named(model, name, parameters[name], fix)
                changed.add(name)
    return inputs


def _change_named(model, name, parameter, fix):
    """Changes a parameter, or the weight that a parametrisation computes, which a recording shows in its place."""
    path, _, attribute = name.rpartition(".")
    modules = {clean(module_path): module for module_path, module in model.named_modules()}
    module = modules.get(path)
    if module is None or not parametrize.is_parametrized(module, attribute):
        return _change(parameter, fix, _owner(model, parameter))
    weight = getattr(module, attribute).clone()
    _change(weight, fix, module)
    setattr(module, attribute, weight)


def _change(parameter, fix, owner):
    kind = fix["kind"]
    number = fix.get("factor", fix.get("value", 0.0))
    if not isinstance(number, (int, float)) or not math.isfinite(number):
        raise ValueError(f"the fix '{kind}' of {', '.join(fix['parameters'])} has the number {number}")
    if kind == "scale":
        parameter.mul_(fix["factor"])
    elif kind == "redraw":
        _redraw(parameter, fix.get("std"), owner)
    elif kind == "set":
        parameter.fill_(fix["value"])
    elif kind == "centre":
        parameter.sub_(parameter.mean()).mul_(fix["factor"])
    else:
        raise ValueError(f"unknown fix '{kind}': scale, redraw, set, centre and normalise_input are known")


def _redraw(parameter, std, owner):
    """Draws in f32, so that half precision gets the same numbers, rounded."""
    if parameter.dim() < 2 and std is None:
        is_norm = owner is not None and "norm" in type(owner).__name__.lower() and parameter is owner.weight
        parameter.fill_(1.0 if is_norm else 0.0)
    else:
        std = default_std(parameter, owner) if std is None else std
        parameter.copy_(torch.randn(parameter.shape, dtype=torch.float32) * std)


def default_std(parameter, owner):
    """0.02 for an embedding; otherwise 1/√fan-in, whatever the layout of the weight."""
    if isinstance(owner, nn.Embedding):
        return 0.02
    if isinstance(owner, (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)):
        kernel = parameter[0, 0].numel() / torch.tensor(owner.stride).prod().item()
        return (owner.in_channels // owner.groups * kernel) ** -0.5
    inputs_first = type(owner).__name__ == "Conv1D"
    fan_in = parameter.shape[0] if inputs_first else parameter[0].numel()
    return fan_in**-0.5


def _owner(model, parameter):
    """The first module that holds a parameter itself."""
    modules = (m for m in model.modules() if any(p is parameter for p in m.parameters(recurse=False)))
    return next(modules, None)


def normalised(inputs, mean, std):
    """Floating-point inputs without the mean, divided by the standard deviation."""

    def one(tensor):
        is_float = isinstance(tensor, torch.Tensor) and tensor.is_floating_point()
        return ((tensor.float() - mean) / std).to(tensor.dtype) if is_float else tensor

    return tree_map(one, inputs)

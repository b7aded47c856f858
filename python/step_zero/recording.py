"""Recordings from arrays, for networks of any framework."""

from __future__ import annotations

import json
from collections.abc import Sequence
from os import PathLike
from typing import Any

from . import _native, arguments
from .handover import of_array, of_tensor, is_torch
from .report import Report

ROLES = ("weight", "embedding", "bias", "norm_scale", "norm_shift", "other")
LOSSES = ("cross_entropy", "mse", "binary_cross_entropy", "other")
AXES = ("out", "in", "kernel", "row", "unit")


class Recording:
    """A network's pass, told site by site, from NumPy arrays or what converts to them.

        recording = sz.Recording("my model", framework="jax 0.10")
        recording.site("input", "input", x)
        recording.parameter("dense.kernel", kernel, axes=["in", "out"], gradient=kernel_gradient)
        recording.site("dense", "linear", hidden, inputs=["input"], weight="dense.kernel")
        recording.site("act", "activation", activations, inputs=["dense"], function="relu")
        print(recording.report())

    Values are measured at once and not kept. docs/recordings.md lists the kinds of sites.
    """

    def __init__(self, model: str = "", *, framework: str = "", mode: str = "train", seed: int | None = None):
        self._manifest: dict[str, Any] = {
            "version": 1,
            "model": arguments.text("Recording: model", model, "a text"),
            "framework": arguments.text("Recording: framework", framework, "a text"),
            "mode": mode,
            "seed": arguments.seed("Recording: seed", seed),
            "loss": None,
            "out_of_sight": [],
            "sites": [],
            "parameters": [],
        }
        self._sites: list[_native.Site] = []
        self._parameters: list[_native.Parameter] = []

    def site(
        self,
        name: str,
        kind: str,
        values: Any,
        inputs: Sequence[str | tuple[str, str]] = (),
        *,
        axes: Sequence[str] | None = None,
        function: str | None = None,
        norm: str | None = None,
        gradient: Any = None,
        weight: str | None = None,
        bias: str | None = None,
    ) -> Recording:
        """Adds a site.

        Args:
            name: a name of its own.
            kind: `linear`, `activation`, `norm`, `residual_sum` and so on.
            values: what was computed there.
            inputs: the names of the earlier sites that it reads; at a residual sum pairs of a name and `stream` or `branch`.
            axes: `example`, `unit` or `position` for each axis; examples first and units last if nothing is said.
            function: of an activation: `relu`, `gelu_tanh`, `leaky_relu(0.01)`.
            norm: of a norm: `batch`, `layer`, `rms`, `group`, `instance`.
            gradient: of the loss at the values, of their shape.
            weight, bias: the names of the parameters that it reads.

        Raises:
            ValueError: if a word is unknown, or shapes do not fit.
        """
        self._new("site", name, self._manifest["sites"], "id")
        _check_words(name, inputs, function=function, norm=norm, weight=weight, bias=bias)
        array, dtype = _handed(values)
        axes = _default_axes(array.ndim) if axes is None else list(axes)
        measured = _named(f"site {name}", _native.measure_site, array, dtype, array.shape, axes, kind, function)
        if gradient is not None:
            _same_shape(f"site {name}", array, gradient)
            measured.add_gradient(*_handed(gradient))
        read = [{"site": each} if isinstance(each, str) else dict(zip(("site", "role"), each)) for each in inputs]
        entry = {"id": name, "kind": kind, "inputs": read, "dtype": dtype, "weight": weight, "bias": bias}
        entry |= {key: word for key, word in (("function", function), ("norm", norm)) if word is not None}
        self._manifest["sites"].append(entry)
        self._sites.append(measured)
        return self

    def parameter(
        self,
        name: str,
        values: Any,
        *,
        role: str | None = None,
        axes: Sequence[str] | None = None,
        groups: int = 1,
        stride: Sequence[int] = (),
        blocks: int = 1,
        gradient: Any = None,
        trainable: bool = True,
    ) -> Recording:
        """Adds a parameter.

        Args:
            name: a name of its own.
            values: its values.
            role: `weight`, `embedding`, `bias`, `norm_scale`, `norm_shift` or `other`; a weight if it has two axes or more.
            axes: `out`, `in` or `kernel` for each axis of a weight, which is `[out, in, kernel…]` if nothing is said;
                `row` and `unit` of an embedding.
            groups, stride: of a convolution.
            blocks: the number of parts along the outputs that were drawn on their own, as queries, keys and values.
            gradient: of the loss, of the values' shape.

        Raises:
            ValueError: if a word is unknown, or shapes do not fit.
        """
        self._new("parameter", name, self._manifest["parameters"], "name")
        array, dtype = _handed(values)
        role = role or ("weight" if array.ndim > 1 else "other")
        if role not in ROLES:
            raise ValueError(f"parameter {name}: unknown role `{role}`: it must be one of {', '.join(ROLES)}")
        axes = _parameter_axes(role, array.ndim) if axes is None else list(axes)
        if len(axes) != array.ndim:
            raise ValueError(f"parameter {name}: {len(axes)} names of axes for values of {array.ndim} axes")
        for word in axes:
            arguments.one_of(f"parameter {name}: axes", word, AXES)
        outputs = next((axes.index(word) for word in ("out", "row") if word in axes), 0)
        measured = _named(f"parameter {name}", _native.measure_parameter, array, dtype, array.shape, outputs, blocks)
        if gradient is not None:
            _same_shape(f"parameter {name}", array, gradient)
            measured.add_gradient(*_handed(gradient))
        entry = {"name": name, "role": role, "shape": list(array.shape), "dtype": dtype, "axes": axes}
        entry |= {"groups": groups, "stride": list(stride), "blocks": blocks, "trainable": trainable}
        self._manifest["parameters"].append(entry | {"hash": measured.hash})
        self._parameters.append(measured)
        return self

    def loss(
        self,
        value: float,
        *,
        kind: str = "other",
        reduction: str = "mean",
        classes: int | None = None,
        logits: str | None = None,
    ) -> Recording:
        """Sets the loss. For `kind="cross_entropy"`, `classes` is the number of classes; `logits` is the site that it reads."""
        arguments.one_of("loss: kind", kind, LOSSES)
        arguments.one_of("loss: reduction", reduction, ("mean", "sum"))
        classes = None if classes is None else arguments.whole("loss: classes", classes, 1)
        value = float(value)
        entry = {"value": value if abs(value) < float("inf") else None, "kind": kind, "reduction": reduction}
        self._manifest["loss"] = entry | {"classes": classes, "logits": logits}
        return self

    def report(self, *, config: str | PathLike[str] | None = None) -> Report:
        """Judges what was told.

        Raises:
            ValueError: if a site reads what is not there, or there is nothing to judge.
        """
        if not self._sites and not self._parameters:
            raise ValueError("the recording is empty: add sites and parameters with `site` and `parameter` first")
        recording = _native.Recording(json.dumps(self._manifest, allow_nan=False), self._sites, self._parameters)
        return Report([recording], config=config)

    def _new(self, what: str, name: str, entries: list[dict[str, Any]], key: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"the name of a {what} must be a text, not of type {type(name).__name__}")
        if any(entry[key] == name for entry in entries):
            raise ValueError(f"two {what}s are named {name}: each needs a name of its own")


def _check_words(name: str, inputs: Any, **words: Any) -> None:
    """Fails if something else was given where a name belongs."""
    for word, value in words.items():
        what = "the name of a parameter" if word in ("weight", "bias") else "a name of docs/recordings.md"
        arguments.text(f"site {name}: {word}", value, what)
    if isinstance(inputs, str):
        raise TypeError(f"site {name}: inputs must be a list of names: ['{inputs}']")


def _handed(values: Any) -> tuple[Any, str]:
    if not is_torch(values):
        return of_array(values)
    array, dtype, _ = of_tensor(values.contiguous())
    return array, dtype


def _same_shape(what: str, array: Any, gradient: Any) -> None:
    if tuple(array.shape) != tuple(gradient.shape):
        raise ValueError(f"{what}: its gradient has the shape {list(gradient.shape)}, its values {list(array.shape)}")


def _named(what: str, measure: Any, *arguments: Any) -> Any:
    try:
        return measure(*arguments)
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from None


def _default_axes(count: int) -> list[str]:
    return ["example"] * min(count, 1) + ["position"] * (count - 2) + ["unit"] * (count > 1)


def _parameter_axes(role: str, count: int) -> list[str]:
    if role == "embedding" and count == 2:
        return ["row", "unit"]
    return ["out", "in", *["kernel"] * (count - 2)][:count]

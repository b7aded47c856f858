"""Weights in memory held to the rules of `step-zero check`."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
import re
from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np

from . import _native
from .files import existing, framed, given
from .handover import NAMES, is_torch


@dataclasses.dataclass(frozen=True)
class Finding:
    """A tensor that is not as its rule says, or a rule or tensor that has no counterpart."""

    kind: str
    tensors: tuple[str, ...]
    text: str
    causes: tuple[str, ...]

    def __str__(self) -> str:
        return self.text


class Check:
    """The tensors of a model beside what their rules expect."""

    def __init__(self, native: _native.Check):
        self._native = native

    @property
    def is_clean(self) -> bool:
        """True if nothing was found."""
        return self._native.is_clean

    @functools.cached_property
    def data(self) -> dict[str, Any]:
        """Everything that is known, as `step-zero check --format json` prints it."""
        return json.loads(self.to_json())

    @functools.cached_property
    def findings(self) -> list[Finding]:
        """The findings, those with one cause in many tensors joined."""
        return [_finding(each) for each in self.data["findings"]]

    def assert_clean(self) -> None:
        """Fails with the text of the report if there is a finding."""
        if not self.is_clean:
            raise AssertionError(f"the weights differ from their rules:\n{self}")

    def __str__(self) -> str:
        return self._native.text().rstrip("\n")

    def __repr__(self) -> str:
        return f"<step_zero.Check: {len(self.findings)} finding{'' if len(self.findings) == 1 else 's'}>"

    def _repr_html_(self) -> str:
        return framed(self.to_html())

    def to_json(self, path: str | PathLike[str] | None = None) -> str:
        """JSON; written to a file if one is named."""
        return given(self._native.json(), path)

    def to_html(self, path: str | PathLike[str] | None = None) -> str:
        """One page of HTML that needs nothing else; written to a file if one is named."""
        return given(self._native.html(), path)


def check(
    model: Any,
    rules: str | PathLike[str],
    *,
    constants: Mapping[str, float] | None = None,
    config: Mapping[str, Any] | None = None,
    false_alarms: float = 1e-6,
) -> Check:
    """Holds a model's weights to rules, which say what each tensor is drawn from.

    Args:
        model: a `torch.nn.Module`, or a mapping from names to tensors or arrays, such as a state dict.
        rules: a TOML file, or the name of rules that come with the package, such as `hf/gpt2`.
        constants: values of constants of the rules, such as `{"layers": 24}`.
        config: the model's configuration, from which rules may take constants; that of a transformers model is known.
        false_alarms: the probability that weights as expected have a finding.

    Raises:
        FileNotFoundError: if there is no such file of rules.
        ValueError: if the rules are wrong, with the file, line and column, or a constant has no value.
    """
    tensors = model.state_dict(keep_vars=True) if hasattr(model, "state_dict") else model
    if not isinstance(tensors, Mapping):
        raise TypeError(f"check takes a model or a mapping of tensors, not {type(model).__name__}")
    if config is None and hasattr(getattr(model, "config", None), "to_dict"):
        config = model.config.to_dict()
    text = None if config is None else json.dumps(config, default=str)
    handed = [(name, *_bytes(tensor)) for name, tensor in tensors.items() if hasattr(tensor, "shape")]
    chosen = [(name, float(value)) for name, value in (constants or {}).items()]
    name = type(model).__name__ if tensors is not model else "state dict"
    try:
        return Check(_native.check(name, handed, _rules(rules), chosen, text, false_alarms))
    except ValueError as error:
        if re.match(r"\d+:\d+: ", str(error)):  # a place in the rules
            raise ValueError(f"{rules}:{error}") from None
        raise


def _rules(rules: str | PathLike[str]) -> str:
    path = pathlib.Path(rules)
    if path.suffix == ".toml":
        return pathlib.Path(existing(path)).read_text(encoding="utf-8")
    return _native.shipped_rules(str(rules))


def _bytes(values: Any) -> tuple[str, list[int], np.ndarray]:
    """The name of the type, the shape, and the bytes of the values in row-major order; none of a type that is not judged."""
    if is_torch(values):
        return _bytes_of_tensor(values)
    array = np.asarray(values, order="C")
    name = NAMES.get(array.dtype.name)
    if name is None:
        return array.dtype.name, list(array.shape), np.empty(0, np.uint8)
    return name, list(array.shape), array.reshape(-1).view(np.uint8)


def _bytes_of_tensor(tensor: Any) -> tuple[str, list[int], np.ndarray]:
    import torch

    name = str(tensor.dtype).removeprefix("torch.")
    shape = list(tensor.shape)
    if name not in NAMES or tensor.layout != torch.strided:
        return name, shape, np.empty(0, np.uint8)
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return NAMES[name], shape, flat.view(torch.uint8).numpy()


def _finding(data: dict[str, Any]) -> Finding:
    return Finding(data["kind"], tuple(data["tensors"]), data["message"], tuple(data.get("causes", ())))

"""A coordinate check as a test: how activations, outputs and their changes grow with the width of a model."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from . import _native, arguments


@dataclasses.dataclass(frozen=True)
class ScalingMeasurement:
    """One root mean square of one network."""

    size: int
    """The width or depth of the network."""
    seed: int
    step: int
    """The number of updates before."""
    role: str
    """`input` for a layer that reads inputs of a fixed size, `hidden`, `logits`, or `other`."""
    name: str
    change: bool
    """True for the change since step 0."""
    rms: float


@dataclasses.dataclass(frozen=True)
class ScalingRow:
    """One quantity at one step."""

    quantity: str
    step: int
    exponent: float | None
    """The slope on logarithmic axes; None if it is 0 or not finite in too many networks."""
    interval: tuple[float, float] | None
    """The 95% interval of the exponent."""
    expected: str
    """The expected exponent or range; empty if there is none."""
    outcome: str
    """`pass`, `fail`, `undecided`, or empty if nothing is expected."""


@dataclasses.dataclass(frozen=True)
class ScalingCheck:
    """The exponents of all quantities, judged. As text it is a table, and a line for each fault."""

    passed: bool
    """True if something was judged, and nothing failed or is undecided."""
    text: str
    rows: list[ScalingRow]
    measurements: list[ScalingMeasurement]

    @classmethod
    def of(
        cls, measurements: Iterable[ScalingMeasurement], expect: str, *, margin: float | None = None
    ) -> ScalingCheck:
        """Judges measurements of any framework, in width or depth.

        Args:
            measurements: one for each quantity, step, size and seed; at least three different sizes.
            expect: `standard-sgd`, `standard-adam`, `mup-sgd`, `mup-adam`, `complete-p`, `not-growing-in-width` or
                `not-growing-in-depth`.
            margin: on both sides of each expected exponent; 0.2 if it is None.

        Raises:
            ValueError: if there are fewer than three sizes, or a quantity was measured twice.
        """
        arguments.real("scaling check: margin", margin, positive=False)
        measurements = list(measurements)
        tuples = [dataclasses.astuple(measurement) for measurement in measurements]
        passed, text, rows = _native.check_scaling(tuples, expect, margin)
        return cls(passed, text, [ScalingRow(*row) for row in rows], measurements)

    def assert_passed(self) -> None:
        """Fails with the table unless every expectation is met."""
        if not self.passed:
            raise AssertionError(self.text)

    def __str__(self) -> str:
        return self.text


def scaling_check(
    build: Callable[[int], Any],
    batch: Any,
    loss: Callable[[Any], Any],
    optimizer: Callable[..., Any],
    *,
    widths: Sequence[int],
    seeds: int = 4,
    steps: int = 2,
    expect: str = "mup",
    margin: float | None = None,
) -> ScalingCheck:
    """Trains a model of several widths for a few steps, and judges how its activations and outputs grow with the width.

    Each output of a module that owns a weight matrix is measured, before the first step and after each: its root mean square, and
    that of its change since step 0. Which layers are input layers, hidden layers and outputs is found from the shapes of their
    weights at the smallest and the largest width. PyTorch's random state is afterwards what it was.

    Args:
        build: makes the model of a width; it is called with PyTorch's generator seeded.
        batch: a tensor, a tuple of arguments or a mapping of keyword arguments; the same at every step.
        loss: maps the model's output to a scalar.
        optimizer: makes the optimiser of a model, called as `optimizer(model)` or, if it takes two arguments,
            `optimizer(model, width)`.
        widths: three or more different widths.
        seeds: the number of models of each width.
        steps: the number of updates.
        expect: `mup` or `standard`, completed by the optimiser's kind, or a name that `ScalingCheck.of` takes.
        margin: on both sides of each expected exponent; 0.2 if it is None.

    Raises:
        ValueError: if there are fewer than three widths, no weight of the model grows with them, or `expect` needs the kind of an
            optimiser that is neither SGD nor Adam.
    """
    import torch

    widths = [arguments.whole("scaling_check: a width", width, 1) for width in widths]
    arguments.whole("scaling_check: seeds", seeds, 1)
    arguments.whole("scaling_check: steps", steps, 1)
    arguments.real("scaling_check: margin", margin, positive=False)
    if len(set(widths)) < 3:
        raise ValueError(f"scaling_check: an exponent takes at least 3 different widths, and those given are {list(widths)}")
    with torch.random.fork_rng():
        roles = _roles(build, min(widths), max(widths))
        measurements: list[ScalingMeasurement] = []
        kind = None
        for width in widths:
            for seed in range(seeds):
                torch.manual_seed(seed)
                model = build(width)
                optimiser = _make(optimizer, model, width)
                kind = kind or _kind(optimiser)
                measurements += _trained(model, optimiser, batch, loss, roles, (width, seed, steps))
    return ScalingCheck.of(measurements, _table(expect, kind), margin=margin)


def _make(optimizer: Callable[..., Any], model: Any, width: int) -> Any:
    try:
        inspect.signature(optimizer).bind(model, width)
    except TypeError:
        return optimizer(model)
    return optimizer(model, width)


def _kind(optimiser: Any) -> str | None:
    """`sgd` or `adam`, by the classes that the optimiser is of."""
    names = [cls.__name__ for cls in type(optimiser).__mro__]
    return next((kind for kind, name in [("sgd", "SGD"), ("adam", "Adam"), ("adam", "AdamW")] if name in names), None)


def _table(expect: str, kind: str | None) -> str:
    if expect not in ("mup", "standard"):
        return expect
    if kind is None:
        raise ValueError(f"scaling_check: the optimiser is neither SGD nor Adam; say expect='{expect}-sgd' or '{expect}-adam'")
    return f"{expect}-{kind}"


def _weight(module: Any) -> Any:
    """The matrix that a module owns by itself: `weight`, or the first one; None if it has none."""
    own = [(name, value) for name, value in module.named_parameters(recurse=False) if value.dim() > 1]
    return next((value for name, value in sorted(own, key=lambda pair: pair[0] != "weight")), None)


def _sides(module: Any) -> tuple[int, int]:
    """Inputs and outputs of a module's matrix."""
    import torch

    shape = _weight(module).shape
    swapped = isinstance(module, (torch.nn.Embedding, torch.nn.EmbeddingBag)) or getattr(module, "transposed", False)
    return (shape[0], shape[1]) if swapped else (shape[1], shape[0])


def _roles(build: Callable[[int], Any], narrow: int, wide: int) -> dict[str, str]:
    """The role of each module with a matrix, by which of its sides grow."""
    named = lambda width: {name: _sides(module) for name, module in build(width).named_modules() if _weight(module) is not None}
    small, large = named(narrow), named(wide)
    roles = {(False, True): "input", (True, True): "hidden", (True, False): "logits", (False, False): "other"}
    grows = lambda name: tuple(a != b for a, b in zip(small[name], large[name]))
    if not any(any(grows(name)) for name in small if name in large):
        raise ValueError(f"scaling_check: no weight matrix of build({narrow}) is of another shape in build({wide})")
    return {name: roles[grows(name)] for name in small if name in large}


def _tensor(output: Any) -> Any:
    """The values of an output: a tensor, its `logits`, or the first one in it; None if there is none."""
    if hasattr(output, "detach"):
        return output
    if hasattr(output, "logits"):
        return output.logits
    items = output.values() if isinstance(output, Mapping) else output if isinstance(output, (tuple, list)) else ()
    return next((found for found in map(_tensor, items) if found is not None), None)


def _forward(model: Any, batch: Any) -> Any:
    if isinstance(batch, Mapping):
        return model(**batch)
    return model(*batch) if isinstance(batch, (tuple, list)) else model(batch)


def _trained(
    model: Any, optimiser: Any, batch: Any, loss: Callable[[Any], Any], roles: dict[str, str], network: tuple[int, int, int]
) -> list[ScalingMeasurement]:
    """The measurements of one network, from step 0 on."""
    import torch

    width, seed, steps = network
    values: dict[str, Any] = {}

    def note(name: str) -> Callable[..., None]:
        def hook(_module: Any, _inputs: Any, output: Any) -> None:
            value = _tensor(output)
            if value is not None:  # a module that is called twice is measured once
                values.setdefault(name, value.detach().double().clone())

        return hook

    hooks = [module.register_forward_hook(note(name)) for name, module in model.named_modules() if name in roles]
    first: dict[str, Any] = {}
    measurements = []
    rms = lambda value: value.square().mean().sqrt().item()
    try:
        for step in range(steps + 1):
            values.clear()
            torch.manual_seed(seed)  # the same units are dropped at every step
            output = _forward(model, batch)
            if all(roles[name] != "logits" for name in values) and _tensor(output) is not None:
                values["output"] = _tensor(output).detach().double().clone()
            for name, value in values.items():
                role = roles.get(name, "logits")
                measurements.append(ScalingMeasurement(width, seed, step, role, name, False, rms(value)))
                if step > 0 and name in first:
                    change = rms(value - first[name])
                    measurements.append(ScalingMeasurement(width, seed, step, role, name, True, change))
            first = first or dict(values)
            if step < steps:
                optimiser.zero_grad()
                loss(output).backward()
                optimiser.step()
    finally:
        for hook in hooks:
            hook.remove()
    return measurements

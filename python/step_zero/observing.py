"""One call to watch a PyTorch model, and to follow the advice of its report."""

from __future__ import annotations

import copy
import dataclasses
import functools
import math
import warnings
from collections.abc import Callable
from os import PathLike
from typing import Any

from . import _native, arguments
from .files import existing
from .report import Report, Verdict

ABOVE_GUESSING = {"error": 3.0, "warning": 1.0}
"""By the level of what is mended: a classifier's loss may rise to so much above that of uniform guessing. A network whose signals
have died guesses uniformly, and a healthy one starts above that by about half the variance of its logits. After an error, which
keeps a network from learning, up to where a rule would call the logits overconfident."""

GROWTH = 2.0
"""Any other loss may rise by this factor: outputs as large as their targets double the squared error of a network that gives 0."""


def observe(
    model: Any,
    batch: Any,
    loss: Callable[[Any], Any] | None = None,
    *,
    name: str | None = None,
    seed: int | None = None,
    learning_rate: float | None = None,
    curvature: bool = False,
    config: str | PathLike[str] | None = None,
) -> Report:
    """Runs a PyTorch model once, forwards and backwards, and judges what flowed through it.

    The model is unchanged afterwards: its parameters, gradients, buffers, modes and flags, and PyTorch's random state.

    Args:
        model: any `torch.nn.Module`, in the mode, train or eval, in which it is to be observed.
        batch: a tensor, a tuple of arguments or a mapping of keyword arguments.
        loss: maps the output to a scalar; the output's own `loss` if there is none. Without either, gradients are those of
            a random direction of the output.
        name: of the model in the report; its class if there is none.
        seed: the seed that the model was built with, for the report.
        learning_rate: the rate that you intend.
        curvature: measure the largest eigenvalue of the loss's Gauss–Newton matrix, by which the rule `rate-too-large`
            judges the rate; takes up to a hundred passes.
        config: a `step-zero.toml`; that of the working directory if there is none.

    Warns if the loss does not depend on a trainable parameter that ran; the report lists those as `without_gradient`.

    Raises:
        FileNotFoundError: if there is no such file of configuration.
        ValueError: if the loss is no scalar, the batch is empty, or a file of configuration is wrong.
    """
    from .recorder import run
    from .recorder.measurements import Measurements

    arguments.module("observe", model, "; step_zero.Recording takes arrays")
    options = dict(
        name=arguments.text("observe: name", name, "a text"),
        seed=arguments.seed("observe: seed", seed),
        learning_rate=arguments.real("observe: learning_rate", learning_rate, positive=True),
        curvature=curvature,
    )
    if config is not None:
        existing(config)
    measurements = Measurements()
    manifest, sites = run(model, batch, loss, measurements, **options)
    missing = _without_gradient(manifest, measurements.reached)
    recording = measurements.recording(manifest, sites)
    again = functools.partial(observe, loss=loss, config=config, **options)
    return Report([recording], config=config, again=again, inputs=batch, without_gradient=missing)


def _without_gradient(manifest: dict[str, Any], reached: set[str]) -> list[str]:
    """The trainable parameters that ran, but that the loss does not depend on; says so in a warning."""
    unseen = set(manifest["out_of_sight"])
    ran = [each["name"] for each in manifest["parameters"] if each["trainable"] and each["name"] not in unseen]
    missing = [name for name in ran if name not in reached]
    if manifest["loss"] is None or not missing:
        return []
    if len(missing) == len(ran):
        text = "the loss depends on no trainable parameter, so none has a gradient: look for detach, no_grad or argmax"
    else:
        names = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        count = f"{len(missing)} of {len(ran)} trainable parameters"
        text = f"the loss does not depend on {count} that ran: {names}; if that is not intended, look for detach or no_grad"
    warnings.warn(f"observe: {text}", stacklevel=3)
    return missing


def load(path: str | PathLike[str], *more: str | PathLike[str], config: str | PathLike[str] | None = None) -> Report:
    """Reads recordings of one network, as `Report.save` writes them, and judges them together.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if a file is no recording, damaged or newer, or of another network.
    """
    return Report([_native.Recording.read(existing(each)) for each in (path, *more)], config=config)


def join(*reports: Report, config: str | PathLike[str] | None = None) -> Report:
    """One report of several passes of one network: batches or seeds. Verdicts then know how sure they are.

    Raises:
        TypeError: if one of them is no report: a list of reports is given as `join(*reports)`.
        ValueError: if the passes are of different networks.
    """
    for report in reports:
        if not isinstance(report, Report):
            raise TypeError(f"join takes reports, not {type(report).__name__}: join(a, b), or join(*reports) of a list")
    return Report([recording for report in reports for recording in report.recordings], config=config)


@dataclasses.dataclass(frozen=True)
class Fixed:
    """A model after the advice of its report."""

    model: Any
    """A copy of the model, changed."""
    batch: Any
    """The batch, normalised if a fix asks for it."""
    before: Report
    after: Report
    applied: list[Verdict]
    """The verdicts whose fix was applied and helped."""
    refused: list[Verdict]
    """The verdicts whose fix did not help, and was undone."""

    def __str__(self) -> str:
        rows = [("", "before", "after"), *self._numbers()]
        lines = [f"{name:<24}{before:>12}{after:>12}" for name, before, after in rows]
        lines += [f"applied: {verdict.advice}" for verdict in self.applied]
        lines += [f"undone, as it did not help: {verdict.advice}" for verdict in self.refused]
        lines += [str(verdict) for verdict in self.after.findings] or ["no findings are left"]
        return "\n".join(lines)

    def _numbers(self) -> list[tuple[str, str, str]]:
        both = self.before, self.after
        return [
            ("loss", *(f"{report.loss:.4g}" for report in both)),
            ("findings", *(str(len(report.findings)) for report in both)),
            ("smallest rms of a site", *(f"{_flow(report)[0]:.3g}" for report in both)),
            ("largest rms of a site", *(f"{_flow(report)[1]:.3g}" for report in both)),
        ]


def _flow(report: Report) -> tuple[float, float]:
    """The smallest and the largest root mean square of a site."""
    rms = [value for site in report.sites for value in site["statistics"].get("rms", []) if isinstance(value, float)]
    return min(rms, default=math.nan), max(rms, default=math.nan)


def fixed(report: Report, model: Any, batch: Any, again: Callable[[Any, Any], Report], rounds: int) -> Fixed:
    """Applies the fix of the heaviest finding to a copy of the model, keeps it if it helps, and goes on with the next.

    PyTorch's random state is afterwards what it was.
    """
    from .recorder.unchanged import random_state_kept

    with random_state_kept(model):
        return _fixed(report, model, batch, again, rounds)


def _copied(model: Any) -> Any:
    try:
        return copy.deepcopy(model)
    except RuntimeError as error:
        cause = "the usual cause is torch.nn.utils.weight_norm: use that of torch.nn.utils.parametrizations"
        raise RuntimeError(f"fix works on a copy, and copy.deepcopy cannot copy the model; {cause}") from error


def _fixed(report: Report, model: Any, batch: Any, again: Callable[[Any, Any], Report], rounds: int) -> Fixed:
    from .fixes import apply

    current, inputs, best = _copied(model), batch, report
    applied: list[Verdict] = []
    refused: list[Verdict] = []
    for _ in range(rounds):
        tried = {_key(verdict) for verdict in refused}
        verdict = next((v for v in best.findings if v.fixes and _key(v) not in tried), None)
        if verdict is None:
            break
        trial = _copied(current)
        trial_inputs = apply(trial, inputs, [fix.data() for fix in verdict.fixes])
        following = again(trial, trial_inputs)
        if _helps(verdict, best, following):
            current, inputs, best = trial, trial_inputs, following
            applied.append(verdict)
        else:
            refused.append(verdict)
    return Fixed(current, inputs, report, best, applied, refused)


def _key(verdict: Verdict) -> tuple[str, tuple[str, ...]]:
    return verdict.rule, verdict.locations


def _helps(verdict: Verdict, before: Report, after: Report) -> bool:
    """True if a change leaves fewer errors or findings, or the same ones and this one nearer to its limit, and the loss is no worse."""
    if _weight(after) > _weight(before) or not _is_no_worse(before, after, ABOVE_GUESSING[verdict.level]):
        return False
    return _weight(after) < _weight(before) or any(_is_nearer(verdict, v) for v in after.findings)


def _is_nearer(verdict: Verdict, later: Verdict) -> bool:
    """True if a later verdict is the same one, at fewer locations or nearer to its limit."""
    if later.rule != verdict.rule or not set(later.locations) <= set(verdict.locations):
        return False
    distance = lambda v: abs(v.measured - v.limit)
    return len(later.locations) < len(verdict.locations) or distance(later) < distance(verdict)


def _weight(report: Report) -> tuple[int, int]:
    levels = [verdict.level for verdict in report.findings]
    return levels.count("error"), len(levels)


def _is_no_worse(before: Report, after: Report, above_guessing: float) -> bool:
    if math.isnan(before.loss):
        return before.data["recordings"][0]["loss"] is None or math.isfinite(after.loss)
    guessing = before.data["recordings"][0]["loss"]["uniform_guessing"]
    if guessing is None:
        limit = before.loss + (GROWTH - 1) * abs(before.loss)
    else:
        limit = max(before.loss, guessing + above_guessing)
    return math.isfinite(after.loss) and (not math.isfinite(before.loss) or after.loss <= limit)

"""A network's initial state compared with a baseline: a test in one line."""

from __future__ import annotations

import json
import os
import pathlib
import warnings
from collections.abc import Callable
from typing import Any

from . import _native, arguments
from .files import write_whole

VARIABLE = "STEP_ZERO_BASELINE"
CHECKED_FROM = 1 << 30
"""The first seed to check with. Recorded seeds start at 0, so the two never meet."""
FEWEST_SEEDS = 8
"""Fewer seeds tell nothing about a distribution."""
HINT = f"run pytest --step-zero-accept, or set {VARIABLE}=accept"


class BaselineMoved(AssertionError):
    """The table of the statistics that moved by more than chance allows."""


def guard(
    path: str | os.PathLike[str],
    make_report: Callable[[int], Any],
    *,
    seeds: int = 64,
    checked: int | None = None,
    alpha: float = 1e-3,
    accept: bool | None = None,
) -> None:
    """Compares a network's statistics at many seeds with the baseline in a file.

    If nothing changed but the random numbers, the probability of a failure is at most `alpha`, whatever the number of
    statistics. Seeds are fixed: one state of the code always gives the same result.

    Args:
        path: the baseline, a JSON file to commit.
        make_report: builds the model at a seed, observes it, and returns the report.
        seeds: the number of seeds to record, from 0 on.
        checked: the number of seeds to check with, from 2³⁰ on; half as many, but eight at least, if there is none.
        alpha: the probability of a false alarm.
        accept: record anew what moved; if it is None, the environment decides: `STEP_ZERO_BASELINE=accept`. Nothing is
            accepted where `CI` is set, because the files of a runner do not last.

    Raises:
        BaselineMoved: with the table of what moved.
        ValueError: if the baseline is damaged, empty or of a later version, one of its statistics was not measured, or every
            seed gives the same statistics when it is recorded.
    """
    seeds = arguments.whole("guard: seeds", seeds, FEWEST_SEEDS)
    checked = max(FEWEST_SEEDS, seeds // 2) if checked is None else arguments.whole("guard: checked", checked, FEWEST_SEEDS)
    if not 0 < alpha < 1:
        raise ValueError(f"guard: alpha is {alpha}; it must be between 0 and 1")
    path = pathlib.Path(path)
    measured = lambda first, count: [_statistics(make_report(seed)) for seed in range(first, first + count)]
    if _accepting(accept):
        _record(path, measured, seeds, checked, alpha)
    else:
        _check(path, measured, checked, alpha)


def _statistics(report: Any) -> list[tuple[str, str, float, bool, float]]:
    if hasattr(report, "statistics"):
        return report.statistics()
    raise TypeError(f"make_report must return a step_zero.Report, not {type(report).__name__}")


def _accepting(accept: bool | None) -> bool:
    value = os.environ.get(VARIABLE, "")
    if accept is None and value not in ("", "accept"):
        raise ValueError(f"{VARIABLE} is '{value}'; set it to 'accept', or unset it to check")
    wanted = value == "accept" if accept is None else accept
    if wanted and os.environ.get("CI", "") not in ("", "0", "false"):
        raise ValueError("no baseline is accepted if CI is set; accept it locally and commit the file")
    return wanted


def _check(path: pathlib.Path, measured: Callable, checked: int, alpha: float) -> None:
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no baseline; to record one, {HINT}, and commit it")
    passed, table, _, unknown = _compared(path, path.read_text(encoding="utf-8"), measured(CHECKED_FROM, checked), alpha)
    if not passed:
        raise BaselineMoved(f"{path}: {table}If this change is intended, {HINT}")
    if unknown:
        warnings.warn(f"{path}: not in the baseline: {', '.join(unknown)}; to add, {HINT}", stacklevel=3)


def _compared(path: pathlib.Path, text: str, measured: list, alpha: float) -> tuple:
    try:
        _check_not_empty(text)
        return _native.check_baseline(text, CHECKED_FROM, measured, alpha)
    except ValueError as error:
        raise ValueError(f"{path}: {error}; to record it anew, {HINT}") from None


def _check_not_empty(text: str) -> None:
    """Fails if a baseline has no statistics, with which everything would agree. Leaves other damage to the comparison."""
    try:
        statistics = json.loads(text)["statistics"]
    except (ValueError, KeyError, TypeError):
        return
    if not statistics:
        raise ValueError("the baseline has no statistics")


def _check_seeded(path: pathlib.Path, measured: list) -> None:
    """Fails if every seed gives the same statistics: nothing would tell chance from a change."""
    if all(each == measured[0] for each in measured):
        raise ValueError(f"{path}: make_report gives the same statistics at every seed: call torch.manual_seed(seed) in it")


def _record(path: pathlib.Path, measured: Callable, seeds: int, checked: int, alpha: float) -> None:
    """Records anew, with a warning that says why, unless the file would say the same."""
    reason = "there was no baseline"
    if path.exists():
        try:
            passed, reason, recorded, unknown = _compared(
                path, path.read_text(encoding="utf-8"), measured(CHECKED_FROM, checked), alpha
            )
            if passed and not unknown and recorded == (0, seeds):
                return
        except ValueError as error:
            reason = str(error)
    statistics = measured(0, seeds)
    _check_seeded(path, statistics)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, _native.measure_baseline(0, statistics).encode())
    warnings.warn(f"{path}: recorded anew; {reason}", stacklevel=3)

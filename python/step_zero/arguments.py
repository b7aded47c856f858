"""Checks of arguments: each fails in one line with the argument's name, what it was and what it may be."""

from __future__ import annotations

import math
import operator
from typing import Any


def text(what: str, value: Any, example: str) -> str | None:
    """A text, or None."""
    if value is None or isinstance(value, str):
        return value
    raise TypeError(f"{what} must be {example}, not of type {type(value).__name__}")


def whole(what: str, value: Any, least: int) -> int:
    """A whole number that is large enough."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{what} must be a whole number, not {value!r}") from None
    if number < least:
        raise ValueError(f"{what} is {number}; it must be at least {least}")
    return number


def seed(what: str, value: Any) -> int | None:
    """A seed as PyTorch takes it, but not negative, or None."""
    if value is None:
        return None
    number = whole(what, value, 0)
    if number >= 1 << 64:
        raise ValueError(f"{what} is {number}; it must be less than 2^64")
    return number


def real(what: str, value: Any, *, positive: bool) -> float | None:
    """A finite number that is above 0, or not below it, or None."""
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{what} must be a number, not {value!r}") from None
    if not math.isfinite(number) or number < 0 or (positive and number == 0):
        raise ValueError(f"{what} is {number}; it must be {'above 0' if positive else '0 or more'} and finite")
    return number


def one_of(what: str, value: Any, words: tuple[str, ...]) -> str:
    """One of several words."""
    if value not in words:
        raise ValueError(f"{what}: unknown word {value!r}: it must be one of {', '.join(words)}")
    return value


def module(what: str, value: Any, instead: str = "") -> Any:
    """A PyTorch module."""
    if isinstance(value, type):
        raise TypeError(f"{what} takes a torch.nn.Module, not the class {value.__name__}: make one of it first")
    if not hasattr(value, "named_parameters"):
        raise TypeError(f"{what} takes a torch.nn.Module, not {type(value).__name__}{instead}")
    return value

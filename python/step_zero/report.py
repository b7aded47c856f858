"""Reports: verdicts as typed objects, and every form that the program prints."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from typing import TYPE_CHECKING, Any

from . import _native, arguments
from .files import existing, framed, given, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    from .observing import Fixed


@dataclasses.dataclass(frozen=True)
class Fix:
    """A change that would mend a fault.

    `kind` is `scale`, `centre`, `set`, `redraw` or `normalise_input`; the numbers that belong to it are set.
    """

    kind: str
    parameters: tuple[str, ...] = ()
    factor: float | None = None
    value: float | None = None
    mean: float | None = None
    std: float | None = None
    site: str | None = None

    @classmethod
    def of(cls, data: dict[str, Any]) -> Fix:
        """A fix of a report in JSON."""
        names = {field.name for field in dataclasses.fields(cls)}
        known = {key: value for key, value in data.items() if key in names}
        return cls(**known | {"parameters": tuple(data.get("parameters", ()))})

    def data(self) -> dict[str, Any]:
        """The fix as it stands in JSON."""
        return {key: value for key, value in dataclasses.asdict(self).items() if value is not None}


@dataclasses.dataclass(frozen=True)
class Verdict:
    """One finding: what, where, how sure, why, and the change that would mend it."""

    rule: str
    """The name of the rule; `step-zero explain RULE` prints its page."""
    level: str
    """`error`: the network cannot learn; `warning`: it is likely to train worse; `note`: worth knowing."""
    locations: tuple[str, ...]
    """The sites or parameters that it is about, the worst first, or `network`."""
    finding: str
    """The finding at the first location, with its numbers."""
    measured: float
    limit: float
    standard_error: float | None
    causes: tuple[str, ...]
    """The likely causes, the likeliest first."""
    evidence: dict[str, float]
    """Further numbers that the verdict rests on."""
    advice: str | None
    """The fix in words."""
    fixes: tuple[Fix, ...]
    text: str
    """All of it, as the program prints it."""

    @property
    def location(self) -> str:
        """The first location: the worst."""
        return self.locations[0]

    @property
    def cause(self) -> str | None:
        """The likeliest cause."""
        return self.causes[0] if self.causes else None

    @property
    def is_finding(self) -> bool:
        """True of errors and warnings."""
        return self.level != "note"

    def __str__(self) -> str:
        return self.text

    @classmethod
    def of(cls, data: dict[str, Any], text: str) -> Verdict:
        """A verdict of a report in JSON."""
        return cls(
            rule=data["rule"],
            level=data["level"],
            locations=tuple(data["locations"]),
            finding=data["finding"],
            measured=number(data["measured"]),
            limit=number(data["limit"]),
            standard_error=None if data["standard_error"] is None else number(data["standard_error"]),
            causes=tuple(data["causes"]),
            evidence={name: number(value) for name, value in data["evidence"].items()},
            advice=data["advice"],
            fixes=tuple(map(Fix.of, data["fixes"])),
            text=text,
        )


def number(value: float | str | None) -> float:
    """A number of a report in JSON, which has null for NaN and texts for infinities."""
    return math.nan if value is None else float(value)


class Report:
    """A network's initial state, judged: of one pass, or of several seeds or batches together."""

    def __init__(
        self,
        recordings: list[_native.Recording],
        *,
        config: str | PathLike[str] | None = None,
        again: Callable[[Any, Any], Report] | None = None,
        inputs: Any = None,
        without_gradient: Sequence[str] = (),
    ):
        self.recordings = recordings
        self.without_gradient = list(without_gradient)
        """The trainable parameters that ran, but that the loss does not depend on; known to a report of `observe` alone."""
        self._native = _native.Report(recordings, None if config is None else existing(config))
        self._config, self._again, self._inputs = config, again, inputs

    @functools.cached_property
    def data(self) -> dict[str, Any]:
        """Everything that is known, as `to_json` has it: docs/recordings.md describes it."""
        return json.loads(self.to_json())

    @functools.cached_property
    def verdicts(self) -> list[Verdict]:
        """The verdicts, errors first."""
        return [Verdict.of(*pair) for pair in zip(self.data["verdicts"], self._native.verdict_texts(), strict=True)]

    @property
    def findings(self) -> list[Verdict]:
        """The errors and warnings."""
        return [verdict for verdict in self.verdicts if verdict.is_finding]

    @property
    def has_findings(self) -> bool:
        """True if there is an error or a warning that is not allowed."""
        return self._native.has_findings

    @property
    def loss(self) -> float:
        """The mean loss of the passes; NaN without one."""
        values = [number(each["loss"]["value"]) if each["loss"] else math.nan for each in self.data["recordings"]]
        return sum(values) / len(values)

    @property
    def sites(self) -> list[dict[str, Any]]:
        """The sites, with their statistics by name: one number per pass."""
        return self.data["sites"]

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """The parameters, with their statistics by name: one number per pass."""
        return self.data["parameters"]

    @property
    def out_of_sight(self) -> list[str]:
        """The parameters that no recorded operation reads."""
        return self.data["out_of_sight"]

    def statistics(self) -> list[tuple[str, str, float, bool, float]]:
        """The statistics of the first pass that a guard compares: location, name, value, true for the logarithmic scale, rounding."""
        return self.recordings[0].statistics()

    def assert_clean(self) -> None:
        """Fails with the text of the report if there is an error or a warning, or with one line if no parameter was seen."""
        count = len(self.parameters)
        if count and len(self.out_of_sight) == count:
            name = self.data["model"]
            advice = "observe the model without torch.jit and torch.func"
            raise AssertionError(f"nothing was judged: all {count} parameters of {name} are out of sight; {advice}")
        if self.has_findings:
            raise AssertionError(f"the network has findings:\n{self}")

    def __str__(self) -> str:
        return self._native.text().rstrip("\n")

    def __repr__(self) -> str:
        count = len(self.findings)
        return f"<step_zero.Report of {self.data['model']}: {count} finding{'' if count == 1 else 's'}>"

    def _repr_html_(self) -> str:
        """The page, in a frame of its own, for notebooks."""
        return framed(self.to_html())

    def to_html(self, path: str | PathLike[str] | None = None) -> str:
        """One page of HTML that needs nothing else; written to a file if one is named."""
        return given(self._native.html(), path)

    def to_json(self, path: str | PathLike[str] | None = None) -> str:
        """JSON; written to a file if one is named."""
        return given(self._native.json(), path)

    def to_markdown(self, path: str | PathLike[str] | None = None) -> str:
        """Markdown; written to a file if one is named."""
        return given(self._native.markdown(), path)

    def to_csv(self, path: str | PathLike[str] | None = None) -> str:
        """The statistics as CSV; written to a file if one is named."""
        return given(self._native.csv(), path)

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the recording, which `load` and `step-zero observe --recording` read. Of one pass only."""
        if len(self.recordings) != 1:
            raise ValueError(f"a file holds one pass, and this report has {len(self.recordings)}: save each one")
        write_whole(path, self.recordings[0].bytes())

    def fix(self, model: Any, *, rounds: int = 5) -> Fixed:
        """Follows the advice on a copy of the model, one finding after the other, and observes it again.

        A change is kept only if it helps. The result has the copy, both reports and what was done; the model itself stays
        as it is.
        """
        from .observing import fixed

        if self._again is None:
            raise ValueError("only a report of `observe` knows how to observe the model again")
        arguments.module("fix", model)
        return fixed(self, model, self._inputs, self._again, rounds)

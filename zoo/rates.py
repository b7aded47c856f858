"""Error rates over seeds: what `step-zero` says about healthy models and planted faults, and what its advice does."""

import collections
import copy
import csv
import dataclasses
import functools
import math
import statistics
from collections.abc import Callable

import torch
from torch.utils._pytree import tree_map

import faults
from step_zero import fixes
import models
from judge import findings, outcome
from recorder import record

COLUMNS = (
    "model", "pass", "fault", "seeds", "false alarms", "misses", "wrong first verdict", "wrong location", "advised",
    "loss", "loss advised", "trained", "trained advised", "trained healthy", "findings", "findings advised", "worse",
)  # fmt: skip
"""Losses are medians over seeds: at once, and after 20 steps of training. Findings are means. `advised`: the seeds at
which there was advice to follow, and what came of it. `worse`: the seeds at which a network trains worse with it.
Large models are not trained."""

ROUNDS = 5
"""The largest number of findings whose advice is followed, one after the other."""

STEPS, RATE = 20, 1e-3
"""The steps of Adam on one batch that show how a network learns, and their learning rate."""

TOLERANCE = 0.1
"""The share of the loss at which a healthy model starts by which a trained loss may exceed both that without the advice
and that of the healthy model: weights that were drawn again give another loss, by chance."""


def write(file, cases, seeds, judge):
    """One row per model and fault, written as it is known; yields what went wrong as lines of text."""
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    for case in cases:
        trials = [trial(case, seed, judge) for seed in range(seeds(case))]
        table.writerow(_row(case, trials))
        file.flush()
        for each in trials:
            yield from complaints(case, each)


@dataclasses.dataclass
class Case:
    """A healthy model in some mode and precision, or one with a fault, by one name."""

    name: str
    model: str
    build: Callable
    expected: list = dataclasses.field(default_factory=list)
    mode: str = "train"
    fault: str = ""

    def healthy(self):
        """The model without the fault."""
        return (models.MODELS.get(self.model) or faults.EXTRA[self.model])()

    def is_large(self):
        """True above 500,000 parameters."""
        return sum(parameter.numel() for parameter in self.healthy()[0].parameters()) > 500_000


PASSES = {"train": ("train", "f32"), "eval": ("eval", "f32"), "train bf16": ("train", "bf16")}


def cases():
    """All healthy models in each kind of pass, then all faults and look-alikes."""
    for word, (mode, dtype) in PASSES.items():
        for name, build in models.MODELS.items():
            suffix = "" if word == "train" else f"-{word.split()[-1]}"
            prepared = functools.partial(models.prepared, build, mode, dtype)
            yield Case(name + suffix, name, prepared, mode=word)
    for fault in faults.FAULTS:
        yield Case(fault.name, fault.model, fault.build, fault.expected, fault=fault.name)


@dataclasses.dataclass
class Trial:
    """One seed of one case: the verdicts and losses before and after following the advice."""

    seed: int
    outcome: str
    verdicts: list
    loss: float
    followed: int = 0
    left: list = dataclasses.field(default_factory=list)
    refused: str = ""
    healthy: float = math.nan
    loss_advised: float = math.nan
    trained: float = math.nan
    trained_advised: float = math.nan
    trained_healthy: float = math.nan

    def is_worse(self):
        """True if the network trains worse with the advice than without it, and than a healthy one.

        Of a large network: if its loss is not finite.
        """
        if math.isnan(self.healthy):
            return self.followed > 0 and not math.isfinite(self.loss_advised)
        known = [x for x in (self.trained, self.trained_healthy) if math.isfinite(x)]
        limit = max(known, default=math.inf) + TOLERANCE * self.healthy
        return self.followed > 0 and not self.trained_advised <= limit


def trial(case, seed, judge):
    """Records a model, judges it, and does what the findings advise, one after the other."""
    model, inputs, loss = built(case.build, seed)
    recording = record(model, inputs, loss, name=case.name, seed=seed)
    verdicts = judge.verdicts(recording)
    result = Trial(seed, outcome(verdicts, case.expected), verdicts, _loss(recording))
    if not case.expected or not any(v["fixes"] for v in findings(verdicts)):
        return result
    if not case.is_large():
        _, result.trained = trained(model, inputs, loss)
    for _ in range(ROUNDS):
        advice = next((v["fixes"] for v in findings(verdicts) if v["fixes"]), None)
        if advice is None:
            break
        try:
            inputs = fixes.apply(model, inputs, advice)
        except ValueError as error:
            result.refused = str(error)
            break
        recording = record(model, inputs, loss, name=case.name, seed=seed)
        verdicts = judge.verdicts(recording)
        result.followed += 1
    result.loss_advised, result.left = _loss(recording), verdicts
    if not case.is_large():
        _, result.trained_advised = trained(model, inputs, loss)
        result.healthy, result.trained_healthy = trained(*built(case.healthy, seed))
    return result


def built(build, seed):
    torch.manual_seed(seed)
    return build()


def trained(model, inputs, loss):
    """The losses on the batch before and after a few steps of Adam in single precision, from a copy of the model."""
    model = copy.deepcopy(model).float()
    inputs = tree_map(lambda x: x.float() if isinstance(x, torch.Tensor) and x.is_floating_point() else x, inputs)
    run = lambda: loss(model(**inputs) if isinstance(inputs, dict) else model(*inputs))
    optimiser = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], RATE)
    losses = []
    with torch.random.fork_rng():
        for _ in range(STEPS):
            optimiser.zero_grad()
            value = run()
            value.backward()
            optimiser.step()
            losses.append(value.item())
        return losses[0], run().item()


def _loss(recording):
    value = recording.manifest["loss"]["value"]
    return math.nan if value is None else value


def complaints(case, trial):
    """What went wrong, as lines of text."""
    head = f"{case.name}, seed {trial.seed}"
    if trial.outcome != "right":
        yield f"{head}: {trial.outcome}: {_said(trial.verdicts)}"
    if trial.refused:
        yield f"{head}: advice cannot be followed: {trial.refused}"
    if trial.is_worse():
        numbers = (
            f"{trial.trained:.4g} without it, {trial.trained_advised:.4g} with it, {trial.trained_healthy:.4g} healthy"
        )
        yield f"{head}: advice makes it worse: after {STEPS} steps the loss is {numbers}; left: {_said(trial.left)}"


def _said(verdicts):
    texts = [f"{v['level']}[{v['rule']}] {v['locations'][0]}: {v['finding']}" for v in verdicts[:3]]
    return "; ".join(texts) or "nothing"


def _row(case, trials):
    count = collections.Counter(t.outcome for t in trials)
    row = [case.model, case.mode, case.fault, len(trials)]
    if not case.expected:
        return row + [count["false alarm"], "", "", "", "", _median(t.loss for t in trials)] + [""] * 7
    advised = [t for t in trials if t.followed or t.refused]
    row += ["", count["miss"], count["wrong first verdict"], count["wrong location"], len(advised)]
    row += [_median(t.loss for t in trials)]
    row.append(_median(t.loss_advised for t in advised))
    for name in ("trained", "trained_advised", "trained_healthy"):
        row.append("" if case.is_large() else _median(getattr(t, name) for t in advised))
    row += [_mean(len(findings(t.verdicts)) for t in trials), _mean(len(findings(t.left)) for t in advised)]
    return row + [sum(t.is_worse() or bool(t.refused) for t in trials)]


def _median(values):
    """The median with four digits; `not finite` if it is that."""
    values = [x if math.isfinite(x) else math.inf for x in values]
    if not values:
        return ""
    middle = statistics.median(values)
    return f"{middle:.4g}" if math.isfinite(middle) else "not finite"


def _mean(values):
    values = list(values)
    return f"{statistics.mean(values):.2g}" if values else ""

"""Condensed recordings of the zoo, with what must be found in each: the test data of the rules."""

import csv
import dataclasses
from collections.abc import Callable

import torch

import faults
import models
import oracle
from judge import outcome
from recorder import record

ALSO = {
    "eval": "resnet18 mobilenet-v2 gpt2-6 lstm unet".split(),
    "bf16": "resnet18 gpt2-4 llama mlp-relu transformer-encoder".split(),
}
"""Healthy models that are recorded in evaluation mode and in half precision too."""


@dataclasses.dataclass
class Fixture:
    name: str
    build: Callable
    expected: list


def all_fixtures():
    """Every healthy model in training mode, some in evaluation mode and bfloat16, and every fault."""
    healthy = [Fixture(name, build, []) for name, build in models.MODELS.items()]
    for word, names in ALSO.items():
        mode, dtype = ("eval", "f32") if word == "eval" else ("train", word)
        for name in names:
            build = lambda name=name, mode=mode, dtype=dtype: models.prepared(models.MODELS[name], mode, dtype)
            healthy.append(Fixture(f"{name}-{word}", build, []))
    return healthy + [Fixture(fault.name, fault.build, fault.expected) for fault in faults.FAULTS]


def write(folder, fixtures, judge):
    """Records, judges and condenses; writes expected.csv, and oracle.csv with PyTorch's own statistics of some."""
    numbers = []
    with open(folder / "expected.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["file", "rule", "location", "cause"])
        for fixture in fixtures:
            torch.manual_seed(0)
            recording = record(*fixture.build(), name=fixture.name, seed=0)
            path = folder / f"{fixture.name}.safetensors"
            found = outcome(judge.verdicts(recording, condensed=path), fixture.expected)
            table.writerows([path.name, *finding] for finding in fixture.expected or [("none", "", "")])
            numbers += oracle.rows(fixture.name, recording)
            print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB, {found}", flush=True)
    with open(folder / "oracle.csv", "w", newline="") as file:
        oracle.write(file, numbers)

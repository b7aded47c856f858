"""Records the models of the zoo, and counts what `step-zero` says about them.

python zoo/run.py record --out DIR [--only PATTERN] [--seeds N] [--mode train|eval] [--dtype f32|bf16]
                             [--learning-rate RATE]
python zoo/run.py faults --out DIR [--only PATTERN]
python zoo/run.py fixtures --out DIR
python zoo/run.py rates --out FILE [--only PATTERN] [--seeds N] [--seeds-of-large N]
python zoo/run.py page
"""

import argparse
import csv
import fnmatch
import os
import pathlib
import sys
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch

import faults
import fixtures
import judge
import models
import page
import rates
from recorder import record
from validate import problems


def main():
    options = _options()
    torch.set_num_threads(1)
    options.run(options)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="record|faults|fixtures|rates|page")
    healthy = commands.add_parser("record", help="record healthy models")
    healthy.add_argument("--seeds", type=int, default=1, help="seeds 0 to N − 1 (default 1)")
    healthy.add_argument("--mode", choices=("train", "eval"), default="train")
    healthy.add_argument("--dtype", choices=tuple(models.DTYPES), default="f32")
    healthy.add_argument("--learning-rate", type=float, help="the rate that is intended; measures the curvature too")
    healthy.set_defaults(run=record_models)
    planted = commands.add_parser("faults", help="record models with planted faults, and what must be found")
    planted.set_defaults(run=record_faults)
    small = commands.add_parser("fixtures", help="renew the recordings that the tests read")
    small.set_defaults(run=write_fixtures)
    counted = commands.add_parser("rates", help="count false alarms, misses, and what advice does, over seeds")
    counted.add_argument("--seeds", type=int, default=20, help="seeds 0 to N − 1 (default 20)")
    counted.add_argument(
        "--seeds-of-large", type=int, help="the same for models above 500,000 parameters (default: --seeds)"
    )
    counted.set_defaults(run=write_rates)
    commands.add_parser("page", help="renew the tables of docs/zoo.md").set_defaults(run=write_page)
    for command in (healthy, planted, small, counted):
        metavar = "FILE" if command is counted else "DIR"
        command.add_argument("--out", type=pathlib.Path, required=True, metavar=metavar)
        if command is not small:
            command.add_argument("--only", default="*", metavar="PATTERN", help="names, as in a shell: 'gpt2-*'")
    for command in (small, counted):
        command.add_argument("--step-zero", default=judge.PROGRAM, metavar="PROGRAM", help="the program that judges")
    return parser.parse_args()


def record_models(options):
    options.out.mkdir(parents=True, exist_ok=True)
    names = _chosen(models.MODELS, options.only)
    suffix = "".join(f"-{word}" for word in (options.mode, options.dtype) if word not in ("train", "f32"))
    for seed in range(options.seeds):
        for name in names:
            build = lambda: models.prepared(models.MODELS[name], options.mode, options.dtype)
            path = options.out / f"{name}{suffix}-{seed}.safetensors"
            _record(build, name, seed, path, options.learning_rate)


def record_faults(options):
    options.out.mkdir(parents=True, exist_ok=True)
    names = _chosen({fault.name: fault for fault in faults.FAULTS}, options.only)
    chosen = [fault for fault in faults.FAULTS if fault.name in names]
    with open(options.out / "expected.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "rule", "location", "cause"])
        for fault in chosen:
            path = options.out / f"{fault.name}.safetensors"
            _record(fault.build, fault.name, 0, path)
            table.writerows([path.name, *finding] for finding in fault.expected or [("none", "", "")])
            file.flush()


def write_fixtures(options):
    options.out.mkdir(parents=True, exist_ok=True)
    fixtures.write(options.out, fixtures.all_fixtures(), _judge(options))


def write_rates(options):
    cases = [case for case in rates.cases() if fnmatch.fnmatch(case.name, options.only)]
    of_large = options.seeds if options.seeds_of_large is None else options.seeds_of_large
    seeds = lambda case: of_large if case.is_large() else options.seeds
    with open(options.out, "w", newline="") as file:
        for line in rates.write(file, cases, seeds, _judge(options)):
            print(line, flush=True)


def write_page(_):
    docs = pathlib.Path(__file__).parent.parent / "docs"
    page.renew(docs / "zoo.md", docs / "out" / "zoo.csv")


def _judge(options):
    try:
        return judge.Judge(options.step_zero)
    except FileNotFoundError as error:
        fail(error)


def _record(build, name, seed, path, rate=None):
    start = time.perf_counter()
    torch.manual_seed(seed)
    model, inputs, loss = build()
    recording = record(
        model, inputs, loss, name=name, seed=seed, learning_rate=rate, curvature=rate is not None
    )
    for problem in problems(recording):
        print(f"{name}: {problem}", file=sys.stderr)
    recording.save(path)
    size, sites = path.stat().st_size / 1e6, len(recording.manifest["sites"])
    value = recording.manifest["loss"]["value"]
    value = "not finite" if value is None else f"{value:.4g}"
    print(f"{path.name}: {sites} sites, loss {value}, {size:.0f} MB, {time.perf_counter() - start:.1f} s", flush=True)


def _chosen(names, pattern):
    chosen = fnmatch.filter(names, pattern)
    if not chosen:
        fail(f"no model matches '{pattern}'; there are {', '.join(names)}")
    return chosen


def fail(message):
    print(f"error: {message}", file=sys.stderr)
    raise SystemExit(2)


if __name__ == "__main__":
    main()

"""Times `step-zero check` on a file beside NumPy, PyTorch and weightlens, one after the other in each of several rounds.

    python crates/checkpoint/benches/peers.py FILE PRESET [ROUNDS]

NumPy and PyTorch compute the mean, standard deviation, kurtosis and range of every tensor. weightlens is timed as a whole program,
and so is step-zero, which judges too. Reading is `cat`. Needs numpy, torch, safetensors and weightlens, and `cargo build -p step-zero`, whose
profile is optimised.
"""

import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time

import numpy
import torch
from safetensors import safe_open

PROGRAM = pathlib.Path(__file__).parents[3] / "target" / "debug" / "step-zero"


def with_numpy(path):
    with safe_open(path, "np") as file:
        for name in file.keys():
            x = file.get_tensor(name).astype(numpy.float64).ravel()
            centred = x - x.mean()
            variance = (centred**2).mean()
            _ = (centred**4).mean() / variance**2 if variance else 0, x.min(), x.max()


def with_torch(path):
    with safe_open(path, "pt") as file:
        for name in file.keys():
            x = file.get_tensor(name)
            centred = x - x.mean()
            variance = centred.square().mean()
            _ = (centred**4).mean() / variance**2, x.amin(), x.amax()


def program(*command):
    return lambda path: subprocess.run([*command, path], check=False, stdout=subprocess.DEVNULL)


def main():
    path, preset = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    peers = {
        "reading alone (cat)": program("cat"),
        "step-zero check": lambda path: subprocess.run([PROGRAM, "check", path, "--preset", preset], stdout=subprocess.DEVNULL),
        "NumPy": with_numpy,
        "PyTorch": with_torch,
        "weightlens": program(pathlib.Path(sys.executable).with_name("lens"), "analyze"),
    }
    times = {name: [] for name in peers}
    for _ in range(rounds):
        for name, run in peers.items():
            before = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
            start = time.perf_counter()
            run(path)
            wall = time.perf_counter() - start
            after = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = sum(a.ru_utime + a.ru_stime - b.ru_utime - b.ru_stime for a, b in zip(after, before))
            times[name].append((wall, cpu))
    size = os.path.getsize(path)
    print(f"{size / 1e6:.0f} MB, medians of {rounds} rounds, load {os.getloadavg()[0]:.1f}")
    for name, all_times in times.items():
        wall, cpu = (statistics.median(column) for column in zip(*all_times))
        print(f"{name:20} {wall:7.2f} s  processor {cpu:7.2f} s  {size / wall / 1e9:6.2f} GB/s")


if __name__ == "__main__":
    main()

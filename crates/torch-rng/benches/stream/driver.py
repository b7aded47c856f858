"""Prints "ready", then reads lines `count <tab> statement`.

The answer to each line is the time in seconds of that many executions of the statement.
"""

import sys
import time

import torch

torch.set_num_threads(1)
N = 1_000_000
scope = {
    "torch": torch,
    "N": N,
    "g": torch.Generator().manual_seed(42),
    "f32": torch.empty(N),
    "f64": torch.empty(N, dtype=torch.float64),
    "i64": torch.empty(N, dtype=torch.int64),
    "coins": torch.empty(N, dtype=torch.bool),
    "weights": torch.arange(1.0, 28.0),
}
print("ready", flush=True)  # Importing takes seconds of a core and would disturb other measurements.
for line in sys.stdin:
    count, statement = line.split("\t")
    code = compile(statement, "<statement>", "eval")
    began = time.perf_counter()
    for _ in range(int(count)):
        eval(code, scope)
    print(time.perf_counter() - began, flush=True)

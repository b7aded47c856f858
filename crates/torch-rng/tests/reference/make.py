"""Draws the reference numbers from an installed PyTorch: `python make.py > torch_rng.txt`.

A paragraph is one generator: its seed, then one line a call, in order, `op type n parameters : bits`.
Bits are hexadecimal. Of more than 32 values a line keeps the first and the last 8, and `#`, FNV-1a over the words
of all; double-precision normals have no `#`, because they are compared to a tolerance.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"  # The vector path; AVX-512 machines give the same bits.
import random
import struct

import torch

assert torch.backends.cpu.get_cpu_capability() == "AVX2", "the reference is PyTorch's vector path"

FLOATS = {"f32": (torch.float32, ">f", ">I"), "f64": (torch.float64, ">d", ">Q")}
SIZES = [1, 2, 3, 15, 16, 17, 31, 32, 33, 100, 270, 1000]
SEEDS = [0, 1, 42, 1337, 2**31 - 1, 2**32 - 1, 2**32 + 5, 2**63 - 1]
CALLS = [
    "uniform f32 {} 0 1", "uniform f32 {} -2 3", "uniform f64 {} 0 1", "normal f32 {} 0 1",
    "normal f32 {} 1 0.5", "normal f64 {} 0 1", "randint i64 {} 0 27", "randperm i64 {}",
]
MIXED = CALLS + ["normal f64 {} -3 0.1", "uniform f64 {} -2 3", "randint i64 {} -9 1099511627776"]
BOUNDS = [(-1, 1), (0.1, 0.7), (-0.3, 1e-3), (5, 5), (1, 1 + 2**-22), (1, 1 + 2**-51), (-1e30, 1e30), (0, 1e-42)]
MOMENTS = [(0.1, 0.7), (1e-3, 1e-6), (-7, 3), (2, 0), (0, 1e38)]
RANGES = [(0, 1), (-5, 5), (0, 2**28 - 1), (0, 2**28), (0, 2**32 - 1), (0, 2**32), (0, 2**40), (-2**63, 2**63 - 1)]


def draw(g, call):
    """The bits of one call, as integers."""
    op, kind, n, *p = call.split()
    if kind == "i64":
        n = int(n)
        out = torch.randperm(n, generator=g) if op == "randperm" else torch.randint(*map(int, p), (n,), generator=g)
        return [v % 2**64 for v in out.tolist()]
    dtype, real, word = FLOATS[kind]
    out = torch.empty(int(n), dtype=dtype)
    (out.uniform_ if op == "uniform" else out.normal_)(*map(float, p), generator=g)
    return [struct.unpack(word, struct.pack(real, v))[0] for v in out.tolist()]


def fnv(words):
    h = 0xCBF29CE484222325
    for w in words:
        h = (h ^ w) * 0x100000001B3 % 2**64
    return h


def line(g, call):
    bits = draw(g, call)
    kept = bits if len(bits) <= 32 else bits[:8] + bits[-8:]
    words = [f"{b:x}" for b in kept]
    if len(bits) > 32 and not call.startswith("normal f64"):
        words.append(f"#{fnv(bits):x}")
    return f"{call} : {' '.join(words)}"


def stream(seed, calls):
    g = torch.Generator().manual_seed(seed)
    print(f"\nseed {seed}")
    for call in calls:
        print(line(g, call))


print(f"# PyTorch {torch.__version__} on x86-64 with AVX2, by make.py")
for seed in SEEDS:
    for call in CALLS:
        stream(seed, [call.format(n) for n in SIZES])
for call in CALLS:
    stream(2024, [call.format(n) for n in range(71)])
    stream(5, [call.format(n) for n in (65536, 100003)])
stream(6, [f"uniform {t} 40 {lo!r} {hi!r}" for t in FLOATS for lo, hi in BOUNDS])
stream(7, [f"normal {t} {n} {m!r} {s!r}" for t in FLOATS for n in (5, 36) for m, s in MOMENTS])
stream(8, [f"randint i64 10 {lo} {hi}" for lo, hi in RANGES])
pick = random.Random(0)
for seed in range(100, 112):
    stream(seed, [pick.choice(MIXED).format(pick.randrange(1, 40)) for _ in range(25)])

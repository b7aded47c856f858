"""Records the reference numbers of an installed PyTorch and of Python: `python make.py > torch_rng.txt`.
With `--random COUNT SEED` it prints that many generators with mixed calls instead, in the same form. With `--modules` it
prints the parameters of modules in the order of their draws, `op n parameters : bits` (`> modules.txt`).

A paragraph is one generator: `seed` or `python` with its seed, then one line per call, in order,
`op type n parameters : bits`. Bits are hexadecimal. Of more than 32 values a line keeps the first and the last 8,
and `#`, FNV-1a over the words of all; numbers that are compared with a tolerance have no `#`. A state is the bits of
its spare normal, and `#`, FNV-1a over its other bytes.

Weights are wᵢ = ((7i + 3) mod m)/m with a modulus m, probabilities pᵢ = (i mod 11)/10.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"  # The vector path; AVX-512 machines give the same bits.
import platform
import random
import struct
import sys

import torch

assert torch.backends.cpu.get_cpu_capability() == "AVX2", "the reference is PyTorch's vector path"

FLOATS = {"f32": (torch.float32, ">f", ">I"), "f64": (torch.float64, ">d", ">Q")}
SIZES = [1, 2, 3, 15, 16, 17, 31, 32, 33, 100, 270, 1000]
SEEDS = [0, 1, 42, 1337, 2**31 - 1, 2**32 - 1, 2**32 + 5, 2**63 - 1]
CALLS = [
    "uniform f32 {} 0 1", "uniform f32 {} -2 3", "uniform f64 {} 0 1", "normal f32 {} 0 1",
    "normal f32 {} 1 0.5", "normal f64 {} 0 1", "randint i64 {} 0 27", "randperm i64 {}",
]
DISTRIBUTIONS = [
    "bernoulli bool {} 0.3", "bernoulli_each f32 {}", "bernoulli_each f64 {}", "exponential f32 {} 1.5",
    "exponential f64 {} 0.3", "with f32 {} 27 11", "with f64 {} 100 7", "without f32 {} 1500 997",
    "without f64 {} 1500 991",
]
PLAIN = CALLS + ["normal f64 {} -3 0.1", "uniform f64 {} -2 3", "randint i64 {} -9 1099511627776"]
MIXED = PLAIN + DISTRIBUTIONS + ["state u8 {}", "with f32 1 {} 11", "without f64 1 {} 13"]
BOUNDS = [(-1, 1), (0.1, 0.7), (-0.3, 1e-3), (5, 5), (1, 1 + 2**-22), (1, 1 + 2**-51), (-1e30, 1e30), (0, 1e-42)]
MOMENTS = [(0.1, 0.7), (1e-3, 1e-6), (-7, 3), (2, 0), (0, 1e38)]
RANGES = [(0, 1), (-5, 5), (0, 2**28 - 1), (0, 2**28), (0, 2**32 - 1), (0, 2**32), (0, 2**40), (-2**63, 2**63 - 1)]
RATES = [1, 1e-3, 7, 1e30, 1e-30, float("inf")]
CATEGORIES = [(1, 2), (2, 2), (40, 2), (1000, 3), (10000, 101)]
# The engine's words run out at 624: states before, at and after.
STATES = ["state u8 0", "normal f32 1 0 1", "state u8 0", "normal f32 1 0 1"] + [
    call for n in (1, 618, 1, 1, 1, 623) for call in (f"uniform f32 {n} 0 1", "state u8 0")
]
PYTHON_SEEDS = [0, 1, 42, -1, -42, 2**32 - 1, 2**32, -2**40, 2**63, 2**64 + 3, 2**127 - 1, -2**127]
PYTHON_CALLS = [
    "random f64 {}", "uniform f64 {} -2 3", "getrandbits u64 {} 7", "getrandbits u64 {} 53", "randrange u64 {} 27",
    "randint i64 {} -9 9", "shuffle i64 {}", "choice i64 {} 27", "sample i64 {} 100", "sample i64 {} 2000",
]
PYTHON_BITS = [0, 1, 31, 32, 33, 63, 64]
PYTHON_RANGES = [(0, 0), (-5, 5), (0, 2**32 - 1), (0, 2**32), (-2**63, 2**63 - 1)]
# Sizes around the switch of `sample` from a list to a set.
PYTHON_SAMPLES = [(5, 21), (5, 22), (6, 85), (6, 86), (22, 277), (22, 278), (21, 85), (85, 1045), (86, 4117), (86, 4118)]


def weights(dtype, categories, modulus):
    return ((torch.arange(categories) * 7 + 3) % modulus).double().div(modulus).to(dtype)


def torch_values(g, call):
    """The values of one call of PyTorch."""
    op, kind, n, *p = call.split()
    n, dtype = int(n), FLOATS.get(kind, [torch.float32])[0]
    match op:
        case "randperm":
            out = torch.randperm(n, generator=g)
        case "randint":
            out = torch.randint(*map(int, p), (n,), generator=g)
        case "bernoulli_each":
            out = torch.bernoulli((torch.arange(n) % 11).double().div(10).to(dtype), generator=g).long()
        case "bernoulli":
            out = torch.empty(n).bernoulli_(float(p[0]), generator=g).long()
        case "with" | "without":
            out = torch.multinomial(weights(dtype, *map(int, p)), n, op == "with", generator=g)
        case _:
            out = torch.empty(n, dtype=dtype)
            getattr(out, op + "_")(*map(float, p), generator=g)
    return out.tolist()


def python_values(g, call):
    """The values of n calls of Python's own generator."""
    op, _, n, *p = call.split()
    n, p = int(n), [int(x) for x in p]
    if op == "shuffle":
        out = list(range(n))
        g.shuffle(out)
        return out
    if op == "sample":
        return g.sample(range(p[0]), n)
    if op == "choice":
        p = [range(p[0])]
    return [getattr(g, op)(*p) for _ in range(n)]


def bits(kind, values):
    if all(isinstance(v, int) for v in values):
        return [v % 2**64 for v in values]
    _, real, word = FLOATS[kind]
    return [struct.unpack(word, struct.pack(real, v))[0] for v in values]


def fnv(words):
    h = 0xCBF29CE484222325
    for w in words:
        h = (h ^ w) * 0x100000001B3 % 2**64
    return h


def state(g):
    """A state's spare normal, separate from the rest because its last bits depend on the platform."""
    b = bytearray(g.get_state().numpy().tobytes())
    spare = struct.unpack_from("<Q", b, 5024)[0]
    b[5024:5032] = bytes(8)
    return f"{spare:x} #{fnv(b):x}"


def line(g, call):
    op, kind, *_ = call.split()
    if op == "state":
        return f"{call} : {state(g)}"
    values = bits(kind, (torch_values if isinstance(g, torch.Generator) else python_values)(g, call))
    kept = values if len(values) <= 32 else values[:8] + values[-8:]
    words = [f"{b:x}" for b in kept]
    if len(values) > 32 and (op, kind) not in (("normal", "f64"), ("exponential", "f64")):
        words.append(f"#{fnv(values):x}")
    return f"{call} : {' '.join(words)}"


def stream(seed, calls, engine="seed"):
    g = random.Random(seed) if engine == "python" else torch.Generator().manual_seed(seed)
    print(f"\n{engine} {seed}")
    for call in calls:
        print(line(g, call))


def mixed(seeds, calls, engine="seed", pick=None):
    pick = pick or random.Random(0)
    for seed in seeds:
        stream(seed, [pick.choice(calls).format(pick.randrange(1, 40)) for _ in range(25)], engine)


def modules(seed):
    """The parameters of some modules that are built one after the other."""
    print(f"\nseed {seed}")
    torch.manual_seed(seed)
    parameters = []
    for inputs, outputs in ((3, 2), (10, 20)):
        layer = torch.nn.Linear(inputs, outputs)
        bound = 1 / inputs**0.5
        parameters += [(p, "uniform", -bound, bound) for p in (layer.weight, layer.bias)]
    parameters += [(torch.nn.Embedding(7, 5).weight, "normal", 0, 1), (torch.nn.Embedding(3, 3).weight, "normal", 0, 1)]
    he, bound = torch.empty(8, 6), (6 / 6) ** 0.5
    parameters += [(torch.nn.init.kaiming_uniform_(he, nonlinearity="relu"), "uniform", -bound, bound)]
    parameters += [(torch.empty(9, 9).normal_(0.5, 0.02), "normal", 0.5, 0.02)]
    for tensor, op, a, b in parameters:
        values = [f"{word:x}" for word in bits("f32", tensor.flatten().tolist())]
        print(f"{op} {len(values)} {a!r} {b!r} : {' '.join(values)}")


print(f"# PyTorch {torch.__version__} on x86-64 with AVX2, Python {platform.python_version()}, by make.py")
if sys.argv[1:2] == ["--random"]:
    pick = random.Random(int(sys.argv[3]))
    mixed([pick.randrange(2**64) for _ in range(int(sys.argv[2]))], MIXED, pick=pick)
    sys.exit()
if sys.argv[1:] == ["--modules"]:
    for seed in (0, 42, 1337, 2**31 + 11, 2**32 + 5):
        modules(seed)
    sys.exit()
for seed in SEEDS:
    for call in CALLS:
        stream(seed, [call.format(n) for n in SIZES])
for call in CALLS:
    stream(2024, [call.format(n) for n in range(71)])
    stream(5, [call.format(n) for n in (65536, 100003)])
stream(6, [f"uniform {t} 40 {lo!r} {hi!r}" for t in FLOATS for lo, hi in BOUNDS])
stream(7, [f"normal {t} {n} {m!r} {s!r}" for t in FLOATS for n in (5, 36) for m, s in MOMENTS])
stream(8, [f"randint i64 10 {lo} {hi}" for lo, hi in RANGES])
mixed(range(100, 112), PLAIN)

for seed in SEEDS[::2]:
    for call in DISTRIBUTIONS:
        stream(seed, [call.format(n) for n in SIZES])
for call in DISTRIBUTIONS[:-2]:
    stream(5, [call.format(n) for n in (65536, 100003)])
stream(9, [f"exponential {t} 20 {rate!r}" for t in FLOATS for rate in RATES])
stream(10, [f"bernoulli bool 40 {p}" for p in (0, 1e-300, 0.5, 1)])
stream(11, [
    f"{op} {t} {n} {c} {m}" for op in ("with", "without") for t in FLOATS for c, m in CATEGORIES
    for n in (1, c // m) if n
])
for seed in SEEDS + [2**64 - 1]:
    stream(seed, STATES)
mixed(range(200, 230), MIXED)

for seed in PYTHON_SEEDS:
    stream(seed, [call.format(n) for call in PYTHON_CALLS for n in (1, 2, 40)], "python")
stream(3, [f"getrandbits u64 10 {k}" for k in PYTHON_BITS], "python")
stream(4, [f"randint i64 10 {a} {b}" for a, b in PYTHON_RANGES], "python")
stream(5, [f"sample i64 {k} {n}" for k, n in PYTHON_SAMPLES], "python")
stream(6, [f"shuffle i64 {n}" for n in (0, 1, 32033)], "python")
mixed(range(100, 110), PYTHON_CALLS, "python")

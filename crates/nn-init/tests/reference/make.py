"""Records the values of torch.nn.init in an installed PyTorch: python make.py > torch_init.txt

A line is a scheme as this crate writes it, a type, a shape, a seed, and the bits of the values. Of more than 32 values it
has the first and last eight, and a hash of all if every bit matters. "preset" lines are a layer's weight, then its bias.
"""

import os
import struct

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"

import torch
from torch import nn
from torch.nn import init

torch.set_num_threads(1)
FLOATS = {"f32": (torch.float32, ">f", ">I"), "f64": (torch.float64, ">d", ">Q")}
MATRICES = [(1, 1), (3, 5), (4, 4), (30, 20), (20, 30), (64, 64), (1, 40), (40, 1), (0, 5), (100, 10)]
KERNELS = [(4, 6, 5), (8, 4, 3, 3), (5, 7, 1, 1), (2, 3, 2, 2, 2), (6, 2, 3, 4, 5)]
ANY = MATRICES + KERNELS
FREE = [(), (7,), (15,), (16,), (33,), (2, 3, 0)] + ANY


def kaiming(call, mode, activation):
    name, _, slope = activation.rstrip(")").partition("(")
    return lambda t: call(t, a=float(slope or 0), mode=mode, nonlinearity="linear" if name == "identity" else name)


def schemes():
    yield "zeros", init.zeros_, FREE, "bits"
    yield "ones", init.ones_, FREE, "bits"
    yield "constant(-0.3)", lambda t: init.constant_(t, -0.3), FREE, "bits"
    for lo, hi in [(-0.3, 0.7), (0.0, 1.0), (-1e-3, 1e-3)]:
        yield f"uniform({lo:g}, {hi:g})", lambda t, lo=lo, hi=hi: init.uniform_(t, lo, hi), FREE, "bits"
    for mean, std in [(0.1, 0.02), (-3.0, 2.5)]:
        yield f"normal({mean:g}, {std:g})", lambda t, m=mean, s=std: init.normal_(t, m, s), FREE, "normal"
    for m, s, a, b in [(0, 0.02, -2, 2), (0, 1, -2, 2), (0.5, 2, -1, 3), (0, 1, -0.5, 40), (1, 0.1, 0.9, 1.2)]:
        call = lambda t, p=(m, s, a, b): init.trunc_normal_(t, *p)
        yield f"truncated_normal({m:g}, {s:g}, {a:g}, {b:g})", call, FREE, "normal"
    for gain, text in [(1.0, ""), (5 / 3, "(tanh)"), (2**0.5, "(relu)"), (0.3, "(0.3)")]:
        yield f"xavier_uniform{text}", lambda t, g=gain: init.xavier_uniform_(t, g), ANY, "bits"
        yield f"xavier_normal{text}", lambda t, g=gain: init.xavier_normal_(t, g), ANY, "normal"
        yield f"orthogonal{text}", lambda t, g=gain: init.orthogonal_(t, g), ANY, "close"
    slopes = ["leaky_relu(0.2)", "leaky_relu(2.23606797749979)", "leaky_relu(-1.5)"]
    for mode in ["fan_in", "fan_out"]:
        for f in ["relu", "tanh", "identity", "sigmoid", "selu"] + slopes:
            yield f"kaiming_uniform({mode}, {f})", kaiming(init.kaiming_uniform_, mode, f), ANY, "bits"
            yield f"kaiming_normal({mode}, {f})", kaiming(init.kaiming_normal_, mode, f), ANY, "normal"
    yield "identity", init.eye_, MATRICES, "bits"
    for groups in [1, 2]:
        even = [shape for shape in KERNELS if shape[0] % groups == 0]
        yield f"dirac({groups})", lambda t, g=groups: init.dirac_(t, g), even, "bits"
    for sparsity, std in [(0.3, 0.01), (0.0, 1.0), (0.95, 2.0), (1.0, 1.0)]:
        yield f"sparse({sparsity:g}, {std:g})", lambda t, p=(sparsity, std): init.sparse_(t, *p), MATRICES, "normal"


def presets():
    for inputs, outputs in [(10, 100), (100, 27), (3, 3), (1, 50)]:
        yield "torch.linear", (outputs, inputs), lambda i=inputs, o=outputs, **k: nn.Linear(i, o, **k)
    yield "torch.embedding", (27, 10), lambda **k: nn.Embedding(27, 10, **k)
    yield "torch.conv", (8, 4, 3, 3), lambda **k: nn.Conv2d(4, 8, 3, **k)
    yield "torch.conv", (6, 2, 5), lambda **k: nn.Conv1d(4, 6, 5, groups=2, **k)


def fnv(words):
    h = 0xCBF29CE484222325
    for w in words:
        h = (h ^ w) * 0x100000001B3 % 2**64
    return h


def bits(tensor, kind):
    _, real, word = FLOATS[kind]
    return [struct.unpack(word, struct.pack(real, v))[0] for v in tensor.flatten().tolist()]


def show(label, kind, shape, seed, words, exact):
    kept = words if len(words) <= 32 else words[:8] + words[-8:]
    tail = [f"#{fnv(words):x}"] if exact and len(words) > 32 else []
    size = "x".join(map(str, shape)) or "scalar"
    print(f"{label} | {kind} {size} {seed} | {' '.join([f'{w:x}' for w in kept] + tail)}")


print(f"# PyTorch {torch.__version__} on x86-64 with AVX2, by make.py")
for text, call, shapes, how in schemes():
    for index, shape in enumerate(shapes):
        for kind in FLOATS:
            seed = 42 + index
            torch.manual_seed(seed)
            tensor = torch.empty(shape, dtype=FLOATS[kind][0])
            try:
                call(tensor)
            except ZeroDivisionError:
                continue  # xavier of a shape whose fans are both 0
            exact = how == "bits" or (how == "normal" and kind == "f32")
            show(f"{how} {text}", kind, shape, seed, bits(tensor, kind), exact)
for name, shape, layer in presets():
    for kind in FLOATS:
        torch.manual_seed(7)
        made = layer(dtype=FLOATS[kind][0])
        words = [w for p in made.parameters() for w in bits(p, kind)]
        show(f"{'normal' if 'embedding' in name else 'bits'} {name}", kind, shape, 7, words, kind == "f32" or "embedding" not in name)

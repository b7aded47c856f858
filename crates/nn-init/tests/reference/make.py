"""Records the values of torch.nn.init in an installed PyTorch: python make.py > torch_init.txt

With `--random COUNT SEED`, it prints that many modules, schemes and tensors in half precision, of random shapes and options, instead, in the same form.

A line is a scheme as this crate writes it, a type, a shape, a seed, and the bits of the values. Of more than 32 values it
has the first and last eight, and a hash of all if every bit matters. After @ are three normals that the generator gives
next. "torch." lines are a layer's weight, then its bias. "edge" lines are shapes at the edge of what a scheme fills; a
refusal is ! and the error. "half" lines are in half
precision, all values. "module" lines are layers of PyTorch: their options, and for each parameter its name and the
hash of its bits.
"""

import os
import random
import struct
import sys
import warnings

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"

import torch
from torch import nn
from torch.nn import init

torch.set_num_threads(1)
warnings.simplefilter("ignore")  # PyTorch warns of far tails, of odd groups and of tensors without values.
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


# Mean, std and bounds of which at most 0.3 of the distribution is kept: beside the mean, in the tails on both sides, wide,
# narrow to a few floats, and empty.
TAILS = [
    (0, 1, 1, 2), (0, 1, 3, 4), (0, 1, -3, -2.5), (0, 1, 6, 7), (0, 1, 20, 21), (0, 1, 100, 100.1), (0, 1, 1, 50),
    (0, 1, -0.05, 0.1), (0, 0.02, 0.05, 0.06), (2, 0.5, -1, 0), (-1, 0.02, -1.2, -1.1), (1, 0.1, 5, 5.2),
    (0, 1, 0.9999998, 1), (0, 0.001, 1e-6, 1e-4), (0, 1, 1, 1), (0, 1, 0, 0), (0.3, 0.7, 0.3, 0.5),
]
# Bounds for which the loop takes thousands of rounds.
LONG = [(0, 1, 1, 1000), (0, 1, -900, -5), (0, 1, 2, 5000)]


def truncated():
    for shapes, cases in [(FREE + [(64, 64)], TAILS), ([(3,), (20,)], LONG), ([(1024, 1024)], TAILS[:1])]:
        for m, s, a, b in cases:
            call = lambda t, p=(m, s, a, b): init.trunc_normal_(t, *p)
            yield f"truncated_normal({m:g}, {s:g}, {a:.10g}, {b:.10g})", call, shapes, "bits"


# Shapes without values, and shapes with too few or too many axes.
EDGES = [(), (1,), (7,), (0,), (0, 0), (0, 5), (5, 0), (3, 0, 2), (0, 0, 2), (2, 3, 0), (0, 3, 0), (3, 5), (2, 3, 2), (1, 1, 1, 1, 1, 1)]


def edges():
    yield "zeros", init.zeros_
    yield "ones", init.ones_
    yield "constant(0.5)", lambda t: init.constant_(t, 0.5)
    yield "uniform(-1, 1)", lambda t: init.uniform_(t, -1, 1)
    yield "normal(0, 1)", init.normal_
    yield "truncated_normal(0, 1, -2, 2)", init.trunc_normal_
    yield "truncated_normal(0, 1, 1, 2)", lambda t: init.trunc_normal_(t, 0, 1, 1, 2)
    yield "xavier_uniform", init.xavier_uniform_
    yield "xavier_normal", init.xavier_normal_
    for mode in ["fan_in", "fan_out"]:
        yield f"kaiming_uniform({mode}, relu)", kaiming(init.kaiming_uniform_, mode, "relu")
        yield f"kaiming_normal({mode}, relu)", kaiming(init.kaiming_normal_, mode, "relu")
    yield "orthogonal", init.orthogonal_
    yield "identity", init.eye_
    yield "dirac", init.dirac_
    yield "dirac(2)", lambda t: init.dirac_(t, 2)
    yield "dirac(0)", lambda t: init.dirac_(t, 0)
    yield "sparse(0.5, 1)", lambda t: init.sparse_(t, 0.5, 1)


# Parameters at the edge of what a scheme takes, for a matrix [4, 5].
PARAMETERS = [
    ("normal(0, -1)", lambda t: init.normal_(t, 0, -1)),
    ("normal(0, 0)", lambda t: init.normal_(t, 0, 0)),
    ("uniform(1, -1)", lambda t: init.uniform_(t, 1, -1)),
    ("uniform(1, 1)", lambda t: init.uniform_(t, 1, 1)),
    ("uniform(0, inf)", lambda t: init.uniform_(t, 0, float("inf"))),
    ("truncated_normal(0, -1, -2, 2)", lambda t: init.trunc_normal_(t, 0, -1)),
    ("truncated_normal(0, 0, -2, 2)", lambda t: init.trunc_normal_(t, 0, 0)),
    ("truncated_normal(0, 1, 2, 1)", lambda t: init.trunc_normal_(t, 0, 1, 2, 1)),
    ("truncated_normal(0, 1, -1, inf)", lambda t: init.trunc_normal_(t, 0, 1, -1, float("inf"))),
    ("truncated_normal(0, 1, 1, inf)", lambda t: init.trunc_normal_(t, 0, 1, 1, float("inf"))),
    ("xavier_uniform(-1)", lambda t: init.xavier_uniform_(t, -1)),
    ("xavier_normal(-1)", lambda t: init.xavier_normal_(t, -1)),
    ("orthogonal(-1)", lambda t: init.orthogonal_(t, -1)),
    ("sparse(1.5, 1)", lambda t: init.sparse_(t, 1.5, 1)),
    ("sparse(-0.5, 1)", lambda t: init.sparse_(t, -0.5, 1)),
    ("sparse(0.5, -1)", lambda t: init.sparse_(t, 0.5, -1)),
]


def presets():
    for inputs, outputs in [(10, 100), (100, 27), (3, 3), (1, 50)]:
        yield "torch.linear", (outputs, inputs), lambda i=inputs, o=outputs, **k: nn.Linear(i, o, **k)
    yield "torch.embedding", (27, 10), lambda **k: nn.Embedding(27, 10, **k)
    yield "torch.conv", (8, 4, 3, 3), lambda **k: nn.Conv2d(4, 8, 3, **k)
    yield "torch.conv", (6, 2, 5), lambda **k: nn.Conv1d(4, 6, 5, groups=2, **k)


def random_module(pick):
    """A module of PyTorch of random size, as tests/modules.rs writes it."""
    size, flag = lambda high=24: pick.randint(1, high), lambda: pick.random() < 0.5
    kind = pick.choice(["linear", "conv", "conv_transpose", "bilinear", "embedding", "norm", "rnn", "lstm", "gru", "cell",
                        "attention", "encoder_layer", "decoder_layer", "encoder", "decoder", "transformer"])
    bias = flag()
    match kind:
        case "linear":
            i, o = pick.randint(0, 40), size(60)
            return f"linear {i} {o} {bias:d}", lambda **k: nn.Linear(i, o, bias=bias, **k)
        case "conv" | "conv_transpose":
            axes, groups, stride = size(3), size(4), size(3)
            i, o, kernel = groups * size(6), groups * size(6), [size(5) for _ in range(axes)]
            made = getattr(nn, ("Conv" if kind == "conv" else "ConvTranspose") + f"{axes}d")
            text = f"{kind} {i} {o} {groups} {bias:d} {' '.join(map(str, kernel))}"
            return text, lambda **k: made(i, o, kernel, stride=stride, groups=groups, bias=bias, **k)
        case "bilinear":
            a, b, o = size(), size(), size()
            return f"bilinear {a} {b} {o} {bias:d}", lambda **k: nn.Bilinear(a, b, o, bias=bias, **k)
        case "embedding":
            n, d, bag = size(50), size(), flag()
            padding = pick.randrange(n) if flag() else None
            made = nn.EmbeddingBag if bag else nn.Embedding
            return f"embedding {n} {d} {padding}", lambda **k: made(n, d, padding_idx=padding, **k)
        case "norm":
            n, which = size(), pick.choice(["batch", "layer", "group", "rms"])
            makers = {
                "batch": lambda **k: nn.BatchNorm2d(n, **k), "layer": lambda **k: nn.LayerNorm((n, 3), bias=bias, **k),
                "group": lambda **k: nn.GroupNorm(1, n, **k), "rms": lambda **k: nn.RMSNorm(n, **k),
            }
            return f"norm {which} {n} {bias:d}", makers[which]
        case "rnn" | "lstm" | "gru":
            i, h, layers, both = size(), size(), size(3), flag()
            projection = pick.randrange(1, h) if kind == "lstm" and h > 1 and flag() else 0
            made = getattr(nn, kind.upper())
            p = {"proj_size": projection} if kind == "lstm" else {}
            text = f"{kind} {i} {h} {layers} {bias:d} {both:d} {projection}"
            return text, lambda **k: made(i, h, layers, bias=bias, bidirectional=both, **p, **k)
        case "cell":
            i, h, which = size(), size(), pick.choice(["RNN", "LSTM", "GRU"])
            return f"cell {which.lower()} {i} {h} {bias:d}", lambda **k: getattr(nn, which + "Cell")(i, h, bias=bias, **k)
        case "attention":
            heads, kv = size(3), flag()
            e = heads * size(8)
            kdim, vdim = (size(), size()) if flag() else (e, e)
            text = f"attention {e} {bias:d} {kv:d} {kdim} {vdim}"
            return text, lambda **k: nn.MultiheadAttention(e, heads, bias=bias, add_bias_kv=kv, kdim=kdim, vdim=vdim, **k)
    d, f = 2 * size(8), size(40)
    if kind == "transformer":
        encoders, decoders = pick.randrange(4), pick.randrange(4)
        text = f"transformer {encoders} {decoders} {d} {f} {bias:d}"
        return text, lambda **k: nn.Transformer(d, 2, encoders, decoders, f, bias=bias, **k)
    layer = nn.TransformerEncoderLayer if kind.startswith("encoder") else nn.TransformerDecoderLayer
    made = lambda **k: layer(d, 2, f, bias=bias, **k)
    if kind.endswith("layer"):
        return f"{kind} {d} {f} {bias:d}", made
    stack = nn.TransformerEncoder if kind == "encoder" else nn.TransformerDecoder
    layers, has_norm = pick.randrange(4), flag()
    norm = lambda **k: nn.LayerNorm(d, bias=bias, **k) if has_norm else None
    return f"{kind} {layers} {d} {f} {bias:d} {has_norm:d}", lambda **k: stack(made(**k), layers, norm(**k))


def module_line(pick):
    text, layer = random_module(pick)
    # Normals in double precision are compared in single only.
    normals = text.startswith("embedding") or text.startswith("attention")
    kind, seed = pick.choice(["f32"] if normals else list(FLOATS)), pick.randrange(2**32)
    torch.manual_seed(seed)
    made = layer(dtype=FLOATS[kind][0])
    after = [f"{w:x}" for w in bits(torch.empty(3).normal_(), "f32")]
    hashes = [f"{name}={fnv(bits(p, kind)):x}" for name, p in made.named_parameters()]
    print(f"module {text} | {kind} - {seed} | {' '.join(hashes)} @ {' '.join(after)}")


HALVES = {"f16": torch.float16, "bf16": torch.bfloat16}


def half_line(text, call, kind, shape, seed):
    torch.manual_seed(seed)
    tensor = torch.empty(shape, dtype=HALVES[kind])
    call(tensor)
    words = [f"{w % 2**16:x}" for w in tensor.view(torch.int16).flatten().tolist()]
    after = [f"{w:x}" for w in bits(torch.empty(3).normal_(), "f32")]
    print(f"half {text} | {kind} {'x'.join(map(str, shape))} {seed} | {' '.join(words)} @ {' '.join(after)}")


def random_half_line(pick):
    number = lambda low, high: float(f"{pick.uniform(low, high):.3g}")
    mean, std, lo, width, gain = number(-2, 2), number(0, 3), number(-4, 3), number(0, 4), number(0, 3)
    hi = float(f"{lo + width:.4g}")
    text, call = pick.choice([
        (f"uniform({lo!r}, {hi!r})", lambda t: init.uniform_(t, lo, hi)),
        (f"normal({mean!r}, {std!r})", lambda t: init.normal_(t, mean, std)),
        (f"xavier_uniform({gain!r})", lambda t: init.xavier_uniform_(t, gain)),
        (f"xavier_normal({gain!r})", lambda t: init.xavier_normal_(t, gain)),
        (f"truncated_normal({mean!r}, {std + 0.01!r}, {lo!r}, {hi + 0.1!r})", lambda t: init.trunc_normal_(t, mean, std + 0.01, lo, hi + 0.1)),
        (f"truncated_normal({mean!r}, {std + 0.01!r}, {lo!r}, {hi + 0.1!r})", lambda t: init.trunc_normal_(t, mean, std + 0.01, lo, hi + 0.1)),
    ])
    shape = tuple(pick.randint(1, 40) for _ in range(2))
    half_line(text, call, pick.choice(list(HALVES)), shape, pick.randrange(2**32))


def random_scheme_line(pick):
    kind, seed = pick.choice(list(FLOATS)), pick.randrange(2**32)
    rank = pick.choice([2, 2, 3, 4])
    shape = tuple(pick.randint(1, 12) for _ in range(rank))
    number = lambda low, high: float(f"{pick.uniform(low, high):.3g}")
    mean, std, lo, width = number(-2, 2), number(0.01, 3), number(-4, 3), number(0, 4)
    gain, slope, mode = number(0, 3), number(-2, 2), pick.choice(["fan_in", "fan_out"])
    leaky = f"leaky_relu({slope!r})"
    hi = float(f"{lo + width:.4g}")
    text, call, how = pick.choice([
        (f"uniform({lo!r}, {hi!r})", lambda t: init.uniform_(t, lo, hi), "bits"),
        (f"normal({mean!r}, {std!r})", lambda t: init.normal_(t, mean, std), "normal"),
        (f"truncated_normal({mean!r}, {std!r}, {lo!r}, {hi!r})", lambda t: init.trunc_normal_(t, mean, std, lo, hi), "normal"),
        (f"truncated_normal({mean!r}, {std!r}, {lo!r}, {hi!r})", lambda t: init.trunc_normal_(t, mean, std, lo, hi), "normal"),
        (f"xavier_uniform({gain!r})", lambda t: init.xavier_uniform_(t, gain), "bits"),
        (f"xavier_normal({gain!r})", lambda t: init.xavier_normal_(t, gain), "normal"),
        (f"kaiming_uniform({mode}, {leaky})", kaiming(init.kaiming_uniform_, mode, leaky), "bits"),
        (f"kaiming_normal({mode}, {leaky})", kaiming(init.kaiming_normal_, mode, leaky), "normal"),
        (f"orthogonal({gain!r})", lambda t: init.orthogonal_(t, gain), "close"),
    ])
    torch.manual_seed(seed)
    tensor = torch.empty(shape, dtype=FLOATS[kind][0])
    call(tensor)
    show(f"{how} {text}", kind, shape, seed, bits(tensor, kind), how == "bits" or (how == "normal" and kind == "f32"))


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
    after = [f"{w:x}" for w in bits(torch.empty(3).normal_(), "f32")]
    size = "x".join(map(str, shape)) or "scalar"
    print(f"{label} | {kind} {size} {seed} | {' '.join([f'{w:x}' for w in kept] + tail)} @ {' '.join(after)}")


def edge(text, call, shape, seed):
    torch.manual_seed(seed)
    tensor = torch.empty(shape)
    try:
        call(tensor)
    except Exception as error:
        size = "x".join(map(str, shape)) or "scalar"
        line = str(error).split("\n")[0]
        print(f"edge {text} | f32 {size} {seed} | !{type(error).__name__}: {line}")
        return
    show(f"edge {text}", "f32", shape, seed, bits(tensor, "f32"), "orthogonal" not in text)


def random_lines(count, seed):
    pick = random.Random(seed)
    for _ in range(count):
        module_line(pick)
        random_scheme_line(pick)
        random_half_line(pick)


print(f"# PyTorch {torch.__version__} on x86-64 with AVX2, by make.py")
if sys.argv[1:2] == ["--random"]:
    random_lines(int(sys.argv[2]), int(sys.argv[3]))
    sys.exit()
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
for text, call, shapes, how in truncated():
    for index, shape in enumerate(shapes):
        for kind in FLOATS:
            torch.manual_seed(142 + index)
            tensor = torch.empty(shape, dtype=FLOATS[kind][0])
            call(tensor)
            show(f"{how} {text}", kind, shape, 142 + index, bits(tensor, kind), True)
# An ill-conditioned draw, of which the last two columns are recorded: there the rounding of the factorisation is largest.
torch.manual_seed(2376837400)
ill = init.orthogonal_(torch.empty(128, 128))
print(f"columns orthogonal | f32 128x128 2376837400 | {' '.join(f'{w:x}' for w in bits(ill[:, -2:], 'f32'))}")
for text, call in edges():
    for shape in EDGES:
        edge(text, call, shape, 5)
for text, call in PARAMETERS:
    edge(text, call, (4, 5), 5)
for name, shape, layer in presets():
    for kind in FLOATS:
        torch.manual_seed(7)
        made = layer(dtype=FLOATS[kind][0])
        words = [w for p in made.parameters() for w in bits(p, kind)]
        show(f"{'normal' if 'embedding' in name else 'bits'} {name}", kind, shape, 7, words, kind == "f32" or "embedding" not in name)
for text, call in [
    ("constant(-0.3)", lambda t: init.constant_(t, -0.3)), ("uniform(0, 1)", init.uniform_),
    ("uniform(-0.3, 0.7)", lambda t: init.uniform_(t, -0.3, 0.7)), ("normal(0, 1)", init.normal_),
    ("normal(0.1, 0.02)", lambda t: init.normal_(t, 0.1, 0.02)), ("xavier_uniform", init.xavier_uniform_),
    ("xavier_normal(tanh)", lambda t: init.xavier_normal_(t, 5 / 3)),
    ("kaiming_normal(fan_out, relu)", kaiming(init.kaiming_normal_, "fan_out", "relu")),
    ("kaiming_uniform(fan_in, leaky_relu(2.23606797749979))", lambda t: init.kaiming_uniform_(t, 5**0.5)),
]:
    for index, shape in enumerate([(3, 5), (4, 4), (1, 17), (5, 7), (3, 2, 8), (2, 4, 3, 3), (9, 7), (20, 15)]):
        for kind in HALVES:
            half_line(text, call, kind, shape, index)
# The bounds of the first four are redrawn, those of the others are proposed: beside the mean, in the tails, and rounded away.
for m, s, a, b in [
    (0, 0.02, -0.04, 0.04), (0, 1, -2, 2), (0.1, 0.5, -0.3, 2.5), (3, 2, 1.001, 70000),
    (0, 1, 1, 2), (0, 1, 3, 4), (0, 1, -3, -2.5), (0, 1, 6, 7), (0, 1, 30, 30.5), (0.3, 0.7, 0.3, 0.5), (2, 0.5, -1, 0),
    (-1, 0.02, -1.2, -1.1), (0, 1, 0.5, 0.501), (0.001, 0.0001, 0.0012, 0.0014), (0, 300, 900, 1000),
]:
    for index, shape in enumerate([(3, 5), (4, 4), (1, 17), (9, 7)]):
        for kind in HALVES:
            call = lambda t, p=(m, s, a, b): init.trunc_normal_(t, *p)
            half_line(f"truncated_normal({m:g}, {s:g}, {a:.10g}, {b:.10g})", call, kind, shape, index)
for index in range(400):
    module_line(random.Random(index))

"""Make lesson.json: what real PyTorch says about the lesson's network.

The network is the lesson's (a character embedding, `hidden` layers of `width`
units with one activation, an output layer to 27 classes, cross entropy over the
130 bigrams of 20 names), before its first training step. For many seeds,
schemes, shapes and activations this script records the loss, the statistics of
every parameter and its gradient, and those of every hidden layer.

Run it in a fresh environment:

    python -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python tests/reference/make_lesson.py > tests/reference/lesson.json

Options:
    --table       print to stderr what the lesson's own cells print (seed 42)
    --check FILE  compare with the runs of an earlier file, value for value, in
                  place of printing JSON; exit code 1 if any value differs

The file: {"meta": {...}, "printed": {seed: [line, ...]}, "runs": [...]}, one run
a line. Nothing is rounded: a number is the float32 that PyTorch holds, written
as the double it equals. JSON has no NaN or infinity, so these are the strings
"nan", "inf" and "-inf"; a ratio to a standard deviation of 0 is null.

A run:
    seed, scheme, width, hidden, act, embedding, names, pairs, vocab, loss
    params   C, W1, b1, W2, b2, ...: mean, std (n - 1, as torch's), grad_abs_mean,
             grad_std, grad_data_ratio = grad std / data std
    layers   of the activations h, one entry a hidden layer: mean, std, min, max,
             numel; sat_099 and sat_097, the share with |h| above that, and
             sat_count, the number above 0.99; zero_frac, the share that is 0;
             dead_units, the units with |h| > 0.99 for every one of the 130
             pairs; pre_mean and pre_std of the pre-activations; grad_mean,
             grad_std, grad_abs_mean of the loss's gradient at h; hist50 (at the
             lesson's shape only), numpy's histogram over [min, max] in 50 bins,
             which is what matplotlib's hist draws

The schemes:
    random            everything is torch.randn, biases too
    kaiming, xavier   the same draws; C and each W times (2 / rows) ** 0.5 or
                      (1 / rows) ** 0.5 (27 rows for C), biases zero
    kaiming_textbook, xavier_textbook
                      torch.nn.init on weights of shape (fan_out, fan_in), used
                      as h @ w.t(); the same gain, that of the activation, for
                      every W, the last included; C is N(0, 1), biases zero and
                      not drawn; order C, W1, W2, ...

The last digits of sums, tanh and matrix products depend on the CPU's vector
width and on the number of threads, so both are fixed here: AVX2 and one thread.
meta says what was in force.
"""

import argparse
import json
import math
import os
import platform
import sys

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"  # must be set before torch is imported

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)

NAMES = """emma olivia ava isabella sophia mia charlotte amelia harper evelyn
           abigail emily ella elizabeth camila luna sofia avery mila aria""".split()
CLASSES = 27  # the lesson's: the whole alphabet and '.', though 21 occur

ACTIVATIONS = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.01),
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "softplus": F.softplus,
    "identity": lambda x: x,
}
SCHEMES = ["random", "kaiming", "xavier"]
LESSON_SHAPE = {"width": 100, "hidden": 3, "embedding": 10}


def bigrams():
    index = {".": 0}
    for c in sorted(set("".join(NAMES))):
        index[c] = len(index)
    xs, ys = [], []
    for name in NAMES:
        path = "." + name + "."
        xs += [index[c] for c in path[:-1]]
        ys += [index[c] for c in path[1:]]
    return torch.tensor(xs), torch.tensor(ys), len(index)


XS, YS, VOCAB = bigrams()


def build(scheme, act, width, hidden, embedding):
    """The parameters by name, in the lesson's order, from torch's global generator."""
    sizes = [embedding] + [width] * hidden + [CLASSES]
    params = {}
    if scheme.endswith("_textbook"):
        params["C"] = torch.empty(CLASSES, embedding).normal_(0, 1)
        for i in range(1, len(sizes)):
            w = torch.empty(sizes[i], sizes[i - 1])
            if scheme == "kaiming_textbook":
                torch.nn.init.kaiming_normal_(w, nonlinearity=act)
            else:
                torch.nn.init.xavier_normal_(w, gain=torch.nn.init.calculate_gain(act))
            params[f"W{i}"] = w
            params[f"b{i}"] = torch.zeros(sizes[i])
    else:
        params["C"] = torch.randn(CLASSES, embedding)
        for i in range(1, len(sizes)):
            params[f"W{i}"] = torch.randn(sizes[i - 1], sizes[i])
            params[f"b{i}"] = torch.randn(sizes[i])
        if scheme != "random":
            numerator = {"kaiming": 2.0, "xavier": 1.0}[scheme]
            for name, p in params.items():
                if name.startswith("b"):
                    p.zero_()
                else:
                    p *= (numerator / p.shape[0]) ** 0.5
    for p in params.values():
        p.requires_grad_()
    return params


def forward(params, scheme, act):
    """The logits, and every hidden layer's (pre-activation, activation)."""
    depth = len(params) // 2
    h = params["C"][XS]
    layers = []
    for i in range(1, depth + 1):
        w = params[f"W{i}"]
        pre = h @ (w.t() if scheme.endswith("_textbook") else w) + params[f"b{i}"]
        if i == depth:
            return pre, layers
        h = ACTIVATIONS[act](pre)
        h.retain_grad()
        layers.append((pre, h))


def start(seed, scheme, act, width, hidden, embedding):
    """One network: seeded, built, run forwards and backwards."""
    torch.manual_seed(seed)
    params = build(scheme, act, width, hidden, embedding)
    logits, layers = forward(params, scheme, act)
    loss = F.cross_entropy(logits, YS)
    loss.backward()
    return params, layers, loss


def share(mask):
    return mask.float().mean().item()


def std(x):
    # torch warns when n - 1 is 0, and gives nan: so do we, without the warning.
    return x.std() if x.numel() > 1 else torch.tensor(math.nan)


def param_record(p):
    data, grad = p.detach(), p.grad
    data_std, grad_std = std(data), std(grad)
    return {
        "mean": data.mean().item(),
        "std": data_std.item(),
        "grad_abs_mean": grad.abs().mean().item(),
        "grad_std": grad_std.item(),
        "grad_data_ratio": None if data_std == 0 else (grad_std / data_std).item(),
    }


def layer_record(pre, h, histogram):
    grad, pre, h = h.grad, pre.detach(), h.detach()
    saturated = h.abs() > 0.99
    record = {
        "mean": h.mean().item(),
        "std": std(h).item(),
        "sat_099": share(saturated),
        "sat_097": share(h.abs() > 0.97),
        "sat_count": int(saturated.sum()),
        "numel": h.numel(),
        "min": h.min().item(),
        "max": h.max().item(),
    }
    if histogram:
        record["hist50"] = np.histogram(h.flatten().numpy(), bins=50)[0].tolist()
    record |= {
        "pre_mean": pre.mean().item(),
        "pre_std": std(pre).item(),
        "grad_mean": grad.mean().item(),
        "grad_std": std(grad).item(),
        "grad_abs_mean": grad.abs().mean().item(),
        "dead_units": int(saturated.all(dim=0).sum()),
        "zero_frac": share(h == 0),
    }
    return record


def run(seed, scheme, act, width=100, hidden=3, embedding=10):
    shape = {"width": width, "hidden": hidden, "embedding": embedding}
    params, layers, loss = start(seed, scheme, act, **shape)
    return {
        "seed": seed,
        "scheme": scheme,
        "width": width,
        "hidden": hidden,
        "act": act,
        "embedding": embedding,
        "names": len(NAMES),
        "pairs": len(XS),
        "vocab": VOCAB,
        "loss": loss.item(),
        "params": {name: param_record(p) for name, p in params.items()},
        "layers": [layer_record(*layer, shape == LESSON_SHAPE) for layer in layers],
    }


def runs():
    for act in ACTIVATIONS:
        for scheme in SCHEMES:
            yield run(42, scheme, act)
    for act in ["tanh", "relu"]:
        for scheme in ["kaiming_textbook", "xavier_textbook"]:
            yield run(42, scheme, act)
    for seed in [0, 1, 7, 1234567890123]:
        for scheme in SCHEMES:
            yield run(seed, scheme, "tanh")
    for width in [1, 5, 16, 17, 64, 333]:
        for scheme in ["random", "kaiming"]:
            yield run(3, scheme, "tanh", width=width)
    for hidden in [1, 2, 5, 10, 50]:
        for scheme in SCHEMES:
            yield run(11, scheme, "tanh", width=64, hidden=hidden)
    for embedding in [1, 2, 3, 30]:
        for scheme in SCHEMES:
            yield run(5, scheme, "tanh", embedding=embedding)
    for scheme in SCHEMES:
        yield run(99, scheme, "relu", width=50, hidden=6, embedding=7)
    yield run(8, "kaiming", "gelu", width=33, hidden=2, embedding=16)
    yield run(2024, "xavier", "sigmoid", width=17, hidden=4, embedding=5)


def printed(seed):
    """The lines with numbers that the lesson's cells print, were its seed this one."""

    def table(layers):
        for i, (_, h) in enumerate(layers):
            saturated = share((h > 0.99) | (h < -0.99))
            yield (
                f"Layer {i + 1}: mean={h.mean().item():+.4f}, std={h.std().item():.4f}, "
                f"saturated (|x|>0.99): {saturated * 100:.1f}%"
            )

    def gradients(params):
        return [f"{params[f'W{i}'].grad.abs().mean().item():.2e}" for i in range(1, 5)]

    nets = {s: start(seed, s, "tanh", **LESSON_SHAPE) for s in SCHEMES}
    lines = [
        f"Dataset: {len(NAMES)} names, {len(XS)} bigram pairs",
        f"Vocabulary: {VOCAB} chars",
        *table(nets["random"][1]),
        *table(nets["kaiming"][1]),
        f"Random init: {gradients(nets['random'][0])}",
        f"Kaiming init: {gradients(nets['kaiming'][0])}",
    ]
    pairs = zip(nets["xavier"][1], nets["kaiming"][1])
    for i, ((_, x), (_, k)) in enumerate(pairs):
        lines.append(f"Layer {i + 1}: Xavier std={x.std().item():.4f}, Kaiming std={k.std().item():.4f}")
    return lines


def plain(x):
    """x with NaN and the infinities as strings, so that the JSON is valid."""
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, list):
        return [plain(v) for v in x]
    if isinstance(x, float) and not math.isfinite(x):
        return str(x)
    return x


def compact(x):
    return json.dumps(plain(x), separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def meta():
    return {
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
    }


def differences(old, new, path):
    """Every value of old that new does not have, bit for bit."""
    if isinstance(old, dict):
        for key in old:
            if key in new:
                yield from differences(old[key], new[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}: missing"
    elif isinstance(old, list) and len(old) == len(new):
        for i, pair in enumerate(zip(old, new)):
            yield from differences(*pair, f"{path}[{i}]")
    elif old != new:
        yield f"{path}: {old!r} became {new!r}"


def check(file):
    with open(file, encoding="utf-8") as f:
        old_runs = json.load(f)["runs"]
    found = []
    for old in old_runs:
        shape = {k: old.get(k, v) for k, v in LESSON_SHAPE.items()}
        new = plain(run(old["seed"], old["scheme"], old["act"], **shape))
        name = f"{old['seed']} {old['scheme']} {old['act']} {shape}"
        found += differences(old, new, name)
    print("\n".join(found + [f"{len(old_runs)} runs, {len(found)} values differ"]))
    return 1 if found else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--check", metavar="FILE")
    args = parser.parse_args()
    if args.check:
        return check(args.check)
    if args.table:
        print("\n".join(printed(42)), file=sys.stderr)
    print('{"meta":' + compact(meta()) + ",")
    print('"printed":{')
    print(",\n".join(f'"{seed}":{compact(printed(seed))}' for seed in [42, 0, 1, 7]))
    print('},\n"runs":[')
    print(",\n".join(compact(r) for r in runs()))
    print("]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

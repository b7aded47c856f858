"""Records what PyTorch makes of the lecture's networks: losses, statistics, samples.

    python make_makemore.py WORDS [RUN.json] > FILE

WORDS is a file with one word a line. RUN.json is a list of runs; without it, the runs of RUNS below. Fixed to AVX2 and
one thread. A run is a dictionary of what differs from DEFAULT.
"""

import json
import os
import random
import sys

os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")
import torch
import torch.nn.functional as F

torch.set_num_threads(1)

DEFAULT = {
    "seed": 2147483647,
    "context": 3,
    "embedding": 10,
    "hidden": [200],
    "activation": "tanh",
    "norm": "none",  # none, hidden, all
    "eps": 1e-5,
    "momentum": 0.1,
    "keeps": "variance",  # the spread that is averaged: variance, std
    "biases": "randn",  # randn, zeros
    "over_fan": False,  # each weight over the square root of its fan-in
    "gain": 1.0,  # each hidden weight
    "last": 1.0,  # the last weight, or the last gamma
    "scale": {},  # by name, after that
    "batch": 32,
    "steps": 200,
    "rates": [[0, 0.1]],
    "every": 50,
    "samples": 5,
    "threshold": 0.97,
}

DEEP = {"hidden": [100] * 5, "biases": "zeros", "over_fan": True, "last": 0.1}
SHALLOW_NORM = {"norm": "hidden", "eps": 0.0, "momentum": 0.001, "keeps": "std"}

RUNS = {
    "raw": {"steps": 5, "every": 1},  # chaotic: no two programs agree for long
    "logits": {"scale": {"W2": 0.01, "b2": 0.0}},
    "tanh": {"scale": {"W1": 0.2, "b1": 0.01, "W2": 0.01, "b2": 0.0}},
    "shallow-norm": {**SHALLOW_NORM, "over_fan": False, "scale": {"W1": 5 / 3 / 30**0.5, "W2": 0.01, "b2": 0.0}},
    "deep-half": {**DEEP, "gain": 0.5},
    "deep-one": {**DEEP, "gain": 1.0},
    "deep": {**DEEP, "gain": 5 / 3},
    "deep-three": {**DEEP, "gain": 3.0, "steps": 10, "every": 5},
    "deep-relu": {**DEEP, "gain": 2**0.5, "activation": "relu"},
    "deep-linear": {**DEEP, "gain": 1.0, "activation": "identity", "steps": 100},
    "deep-norm": {**DEEP, "norm": "all"},
    "deep-norm-raw": {**DEEP, "norm": "all", "over_fan": False, "hidden": [40, 30, 20]},
    "deep-norm-linear": {**DEEP, "norm": "all", "activation": "identity", "steps": 100},
    "other-shape": {**DEEP, "gain": 5 / 3, "context": 4, "embedding": 3, "hidden": [17, 64, 5], "batch": 20,
                    "rates": [[0, 0.2], [100, 0.02]], "seed": 7},
    "shallow-norm-bias": {**SHALLOW_NORM, "norm_bias": True,
                          "scale": {"W1": 5 / 3 / 30**0.5, "b1": 0.01, "W2": 0.01, "b2": 0.0}},
    "deep-norm-bias": {**DEEP, "norm": "all", "norm_bias": True, "biases": "randn"},
    "orthogonal": {"scheme": "orthogonal", "hidden": [100] * 5, "biases": "zeros"},
    "orthogonal-norm-bias": {"scheme": "orthogonal", "norm": "hidden", "norm_bias": True, "context": 4,
                             "hidden": [40, 30, 20], "biases": "zeros"},
    "linear-norm-bias": {"scheme": "torch.linear", "norm": "all", "norm_bias": True, "hidden": [64, 32]},
}

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "identity": lambda x: x, "sigmoid": torch.sigmoid,
               "gelu": F.gelu, "silu": F.silu}


def examples(words, index, context):
    xs, ys = [], []
    for word in words:
        window = [0] * context
        for letter in word + ".":
            xs.append(window)
            ys.append(index[letter])
            window = window[1:] + [index[letter]]
    return torch.tensor(xs), torch.tensor(ys)


class Norm:
    def __init__(self, run, size):
        self.run = run
        self.gamma, self.beta = torch.ones(size), torch.zeros(size)
        self.mean, self.spread = torch.zeros(size), torch.ones(size)

    def __call__(self, x, training):
        run = self.run
        if training:
            mean = x.mean(0, keepdim=True)
            spread = x.var(0, keepdim=True) if run["keeps"] == "variance" else x.std(0, keepdim=True)
            with torch.no_grad():
                m = run["momentum"]
                self.mean = (1 - m) * self.mean + m * mean
                self.spread = (1 - m) * self.spread + m * spread
        else:
            mean, spread = self.mean, self.spread
        if run["keeps"] == "variance":
            return self.gamma * ((x - mean) / torch.sqrt(spread + run["eps"])) + self.beta
        return self.gamma * (x - mean) / spread + self.beta


def weight_of(run, rows, columns, g):
    """A weight [rows, columns]; torch.nn.init fills it as torch.nn.Linear stores it."""
    scheme, stored = run.get("scheme", "randn"), torch.empty(columns, rows)
    if scheme == "orthogonal":
        return torch.nn.init.orthogonal_(stored, generator=g).T.contiguous()
    if scheme == "torch.linear":
        return torch.nn.init.kaiming_uniform_(stored, a=5**0.5, generator=g).T.contiguous()
    weight = torch.randn((rows, columns), generator=g)
    return weight / rows**0.5 if run["over_fan"] else weight


def bias_of(run, rows, columns, g):
    if run.get("scheme") == "torch.linear":
        return torch.empty(columns).uniform_(-1 / rows**0.5, 1 / rows**0.5, generator=g)
    return torch.randn(columns, generator=g) if run["biases"] == "randn" else torch.zeros(columns)


class Network:
    def __init__(self, run, classes, g):
        self.run = run
        depth = len(run["hidden"]) + 1
        sizes = [run["context"] * run["embedding"], *run["hidden"], classes]
        self.parameters = {"C": torch.randn((classes, run["embedding"]), generator=g)}
        self.norms = {}
        for layer in range(1, depth + 1):
            rows, columns = sizes[layer - 1], sizes[layer]
            self.parameters[f"W{layer}"] = weight_of(run, rows, columns, g)
            normalised = run["norm"] == "all" or (run["norm"] == "hidden" and layer < depth)
            if not normalised or run.get("norm_bias"):
                self.parameters[f"b{layer}"] = bias_of(run, rows, columns, g)
            if normalised:
                norm = self.norms[layer] = Norm(run, columns)
                self.parameters[f"gamma{layer}"], self.parameters[f"beta{layer}"] = norm.gamma, norm.beta
        self.depth = depth
        for layer in range(1, depth):
            self.parameters[f"W{layer}"] *= run["gain"]
        self.parameters[f"gamma{depth}" if depth in self.norms else f"W{depth}"] *= run["last"]
        for name, factor in run["scale"].items():
            self.parameters[name] *= factor
        for parameter in self.parameters.values():
            parameter.requires_grad = True

    def __call__(self, x, training, keep=None):
        p = self.parameters
        h = p["C"][x].view(x.shape[0], -1)
        for layer in range(1, self.depth + 1):
            h = h @ p[f"W{layer}"]
            h = h + p[f"b{layer}"] if f"b{layer}" in p else h
            h = self.norms[layer](h, training) if layer in self.norms else h
            if layer < self.depth:
                pre, h = h, ACTIVATIONS[self.run["activation"]](h)
                if keep is not None:
                    h = h.clone() if self.run["activation"] == "identity" else h
                    h.retain_grad()
                    keep.append((pre, h))
        return h


def split_loss(network, x, y):
    with torch.no_grad():
        return F.cross_entropy(network(x, False), y).item()


def learn(run, words):
    run = {**DEFAULT, **run}
    letters = sorted(set("".join(words)))
    index = {".": 0, **{letter: at + 1 for at, letter in enumerate(letters)}}
    words = list(words)
    random.seed(42)
    random.shuffle(words)
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    train, val, test = (examples(part, index, run["context"]) for part in (words[:n1], words[n1:n2], words[n2:]))

    g = torch.Generator().manual_seed(run["seed"])
    network = Network(run, len(index), g)
    out = {"count": sum(p.nelement() for p in network.parameters.values()), "loss_log": [], "updates": []}
    for step in range(run["steps"]):
        ix = torch.randint(0, train[0].shape[0], (run["batch"],), generator=g)
        x, y = train[0][ix], train[1][ix]
        keep = []
        loss = F.cross_entropy(network(x, True, keep), y)
        for p in network.parameters.values():
            p.grad = None
        loss.backward()
        rate = [rate for start, rate in run["rates"] if start <= step][-1]
        for p in network.parameters.values():
            p.data += -rate * p.grad
        if step % run["every"] == 0:
            out["loss_log"].append(loss.item())
        if step == run["steps"] - 1:
            with torch.no_grad():
                out["updates"] = [((rate * p.grad).std() / p.data.std()).log10().item()
                                  for p in network.parameters.values() if p.ndim == 2]
                out["layers"] = [describe(pre, h, run["threshold"]) for pre, h in keep]
                out["weights"] = {name: {"grad_mean": p.grad.mean().item(), "grad_std": p.grad.std().item(),
                                         "grad_data_ratio": (p.grad.std() / p.std()).item()}
                                  for name, p in network.parameters.items() if p.ndim == 2}
    out["train"], out["val"], out["test"] = (split_loss(network, *part) for part in (train, val, test))
    if network.norms and run.get("calibrate", True):
        out["calibrated_val"] = calibrated(network, train, val)
    out["samples"] = samples(network, run, "." + "".join(letters))
    return {"run": run, "out": out}


def calibrated(network, train, val):
    """The loss where every norm has the mean and spread of the whole training set, layer by layer in one pass."""
    kept = {layer: (norm.mean, norm.spread, norm.run) for layer, norm in network.norms.items()}
    with torch.no_grad():
        for norm in network.norms.values():
            norm.run = {**norm.run, "momentum": 1.0}
        network(train[0], True)
        loss = split_loss(network, *val)
    for layer, norm in network.norms.items():
        norm.mean, norm.spread, norm.run = kept[layer]
    return loss


def describe(pre, h, threshold):
    return {"pre_std": pre.std().item(), "mean": h.mean().item(), "std": h.std().item(),
            "saturated": (h.abs() > threshold).float().mean().item(),
            "grad_mean": h.grad.mean().item(), "grad_std": h.grad.std().item()}


def samples(network, run, alphabet):
    g = torch.Generator().manual_seed(run["seed"] + 10)
    names = []
    with torch.no_grad():
        for _ in range(run["samples"]):
            name, window = "", [0] * run["context"]
            while True:
                probabilities = F.softmax(network(torch.tensor([window]), False), dim=1)
                ix = torch.multinomial(probabilities, num_samples=1, generator=g).item()
                window = window[1:] + [ix]
                name += alphabet[ix]
                if ix == 0 or len(name) > 100:
                    break
            names.append(name)
    return names


def studies():
    """The 1000 x 1000 product, and the same with a norm behind it."""
    n = 1000
    g = torch.Generator().manual_seed(2147483647)
    a = torch.randn((n, 1), requires_grad=True, generator=g)
    b = torch.randn((n, n), requires_grad=True, generator=g)
    c = b @ a
    c.retain_grad()
    (torch.randn(n, generator=g) @ c).backward()
    linear = {"a": a, "b": b, "c": c, "c.grad": c.grad, "a.grad": a.grad, "b.grad": b.grad}
    out = {"linear": {name: t.std().item() for name, t in linear.items()}}
    for name, factor in [("norm", 1.0), ("norm-scaled", n**-0.5)]:
        g = torch.Generator().manual_seed(2147483647)
        inp = torch.randn(n, requires_grad=True, generator=g)
        w = (torch.randn((n, n), generator=g) * factor).requires_grad_()
        x = w @ inp
        y = (x - x.mean()) / torch.sqrt(x.var() + 1e-5)
        x.retain_grad()
        y.retain_grad()
        (y @ torch.randn(n, generator=g)).backward()
        seen = {"inp": inp, "w": w, "x": x, "out": y, "out.grad": y.grad, "x.grad": x.grad, "w.grad": w.grad,
                "inp.grad": inp.grad}
        out[name] = {name: t.std().item() for name, t in seen.items()}
    return out


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        words = file.read().splitlines()
    runs = RUNS
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as file:
            runs = json.load(file)
    record = {"torch": torch.__version__, "runs": {name: learn(run, words) for name, run in runs.items()},
              "studies": studies()}
    json.dump(record, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()

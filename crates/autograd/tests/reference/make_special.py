"""Records derivatives at special points: `python make_special.py > special.txt`.

The format is that of `make.py`, whose functions are used: each elementwise op at zeros, bounds, saturation and
infinities, and of pairs at ties; other ops where values tie, are masked or do not vary. After the value and the
gradients x̄ of ⟨u, y⟩, a line has the derivatives H·v of these gradients, one for each input, along v with
vᵢ = 1/2 + ((7i + 3·input + 3) mod 32)/32.
"""

import make
import numpy
import torch
import torch.nn.functional as F
from make import INF, NAN, given, show, size, weights

POINTS = given(0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0, 6.0, 20.0, -20.0, 100.0, -100.0, 1e4, -1e4, INF, -INF, NAN)
BOUNDS = {"clamp": [-0.5, 1.25, -0.75, 1.5]}
PAIRS = [(0.0, 0.0), (0.0, -0.0), (-0.0, 0.0), (1.0, 1.0), (-2.0, -2.0), (1.0, 2.0), (2.0, -1.0), (0.0, 2.0), (2.0, 0.0)]
PAIRS += [(1e4, 1e-4), (INF, 1.0), (1.0, INF), (INF, INF), (-INF, -INF), (-INF, INF), (NAN, 1.0), (1.0, NAN)]
UNARY = "activation neg scale add_scalar rsub div_scalar rdiv powf clamp exp ln sqrt abs sin cos".split()
BINARY = "add sub mul div maximum minimum".split()


def directions(leaves):
    of = lambda x, k: 0.5 + (7 * torch.arange(x.numel()) + 3 * k + 3) % 32 / 32
    return [of(x, k).to(x.dtype).reshape(x.shape) for k, x in enumerate(leaves)]


def second_order(label, f, *inputs):
    print(f"\n{label}")
    for x in inputs:
        print(f"in {size(x)} : {show(x, numpy.float64)}")
    for kind, (dtype, real) in make.KINDS.items():
        leaves = [x.to(dtype).requires_grad_() for x in inputs]
        y = f(*leaves)
        grads = torch.autograd.grad(y, leaves, weights(y), create_graph=True)
        along = sum((g * v).sum() for g, v in zip(grads, directions(leaves)))
        seconds = [torch.zeros_like(x) for x in leaves]
        if along.requires_grad:
            found = torch.autograd.grad(along, leaves, allow_unused=True)
            seconds = [zero if s is None else zero + s for zero, s in zip(seconds, found)]
        if kind == "f64":
            print(f"out {size(y)}")
        print(f"{kind} : {' | '.join(show(t, real) for t in (y, *grads, *seconds))}")


SEEN = set()


def elementwise(label, f, *_, **__):
    """Takes the place of `make.case`: the first case of an elementwise op is repeated at the special points."""
    label = label.removeprefix("departs ")
    if label in SEEN:
        return
    SEEN.add(label)
    op = label.split()[0]
    if op in UNARY:
        second_order(label, f, torch.cat([POINTS, given(*BOUNDS.get(op, []))], 1))
    elif op in BINARY:
        x, y = zip(*PAIRS)
        second_order(label, f, given(*x), given(*y))


def matrices():
    rows = lambda *x: torch.tensor(x, dtype=torch.float64)
    logits = [
        rows([0.0, 0.0, 0.0], [1.0, 1.0, -2.0]), rows([-INF, 0.5, 1.0], [0.5, -INF, 1.0]),
        rows([1e4, 0.0, -1e4], [-100.0, 0.0, 0.0]), rows([NAN, 0.0, 1.0], [0.0, 1.0, 2.0]),
    ]
    for x in logits:
        second_order("softmax", lambda x: x.softmax(1), x)
        second_order("log_softmax", lambda x: x.log_softmax(1), x)
        for target in [[2, 2], [1, 0]]:
            text = ",".join(map(str, target))
            second_order(f"cross_entropy {text}", lambda x: F.cross_entropy(x, torch.tensor(target)), x)
            f = lambda x: F.cross_entropy(x, torch.tensor(target), label_smoothing=0.1, reduction="sum")
            second_order(f"cross_entropy_with {text} sum 0.1", f, x)
    flat = rows([2.0, 1.0, 3.0], [2.0, -1.0, 3.0])
    for c in [0, 1]:
        second_order(f"std_rows {c}", lambda x: x.std(0, correction=c), flat)
        second_order(f"var_rows {c}", lambda x: x.var(0, correction=c), flat)
    for suffix, axis in {"": (0, 1), "_rows": 0, "_columns": 1}.items():
        for x in [rows([1.0, 1.0, 0.0], [1.0, 2.0, 2.0]), rows([0.0, -0.0], [-INF, 0.0]), rows([NAN, 1.0], [2.0, INF])]:
            second_order(f"max{suffix}", lambda x: x.amax(axis), x)
            second_order(f"min{suffix}", lambda x: x.amin(axis), x)
        for x in logits + [rows([-INF, -INF], [-INF, 0.0]), rows([INF, 0.0], [INF, INF])]:
            second_order(f"logsumexp{suffix}", lambda x: x.logsumexp(axis), x)
    weight = lambda x: torch.tensor([1.0, 0.5, 2.0], dtype=x.dtype)
    for x in logits:
        for text, ignored in [("-", -100), ("1", 1)]:
            f = lambda x: F.cross_entropy(x, torch.tensor([2, 1]), weight(x), ignore_index=ignored, reduction="none")
            second_order(f"cross_entropy_with 2,1 none 0 {text} 1,0.5,2", f, x)
    taken = torch.tensor([[True, False]])
    second_order("where_mask 10", lambda x, y: torch.where(taken, x, y), rows([INF, NAN]), rows([NAN, -INF]))
    gamma, beta = rows(1.0, 2.0), rows(0.0, 1.0)
    second_order("layer_norm 1e-05", lambda x, g, b: F.layer_norm(x, g.shape, g, b), rows([0.0, 0.0], [1.0, 2.0]), gamma, beta)
    second_order("rms_norm 1e-05", lambda x, g: F.rms_norm(x, g.shape, g, 1e-5), rows([0.0, 0.0], [1.0, -2.0]), gamma)


if __name__ == "__main__":
    print(f"# PyTorch {torch.__version__} on x86-64 with AVX2, by make_special.py")
    make.case = elementwise
    make.main()
    matrices()

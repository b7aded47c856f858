"""Records random compositions of ops at special points: `python compose.py COUNT SEED > compositions.txt`.

A paragraph has a line of steps, separated by `; `, such as `mul @ 0 1`: an op as in `make.py` and the numbers of its
operands, where 0 and 1 are the inputs and each step adds a value. Inputs and derivatives, in double precision, are as in
`make_special.py`. A step that PyTorch takes next to a kink or a tie, but not at it, is drawn anew, because there the last
bit of a value decides. What is not PyTorch's on purpose (CONVENTIONS.md) is left out: ELU, SELU, and activations with a kink at NaN.
"""

import random
import sys

import make
import numpy
import torch
import torch.nn.functional as F
from make import show, weights
from make_special import directions

POINTS = [0.0, -0.0, 0.0, 0.5, -0.5, 1.0, -1.0, 1.0, 2.0, -2.0, 3.0, -3.0, 20.0]
KINKS = {"Relu": [0], "LeakyRelu(0.2)": [0], "HardTanh": [-1, 1], "abs": [0], "clamp -1 1": [-1, 1]}
UNARY = {
    "activation Tanh": torch.tanh, "activation Sigmoid": torch.sigmoid, "activation Relu": torch.relu,
    "activation LeakyRelu(0.2)": lambda x: F.leaky_relu(x, 0.2), "activation Gelu": F.gelu,
    "activation GeluTanh": lambda x: F.gelu(x, approximate="tanh"), "activation Silu": F.silu,
    "activation Mish": F.mish, "activation Softplus(1.0)": lambda x: F.softplus(x, threshold=40),
    "activation Erf": torch.erf, "activation HardTanh": F.hardtanh, "exp": torch.exp, "sin": torch.sin,
    "cos": torch.cos, "abs": torch.abs, "neg": lambda x: -x, "clamp -1 1": lambda x: x.clamp(-1, 1),
    "scale 0.5": lambda x: x * 0.5, "rsub 1": lambda x: 1 - x, "powf 2": lambda x: x**2.0, "powf 3": lambda x: x**3.0,
    "sqrt": torch.sqrt, "softmax": lambda x: x.softmax(1), "log_softmax": lambda x: x.log_softmax(1),
}
MASK = torch.tensor([[True, False, True], [False, False, True]])
PAIR = {
    "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y, "div": lambda x, y: x / y,
    "maximum": torch.maximum, "minimum": torch.minimum, "where_mask 101001": lambda x, y: torch.where(MASK, x, y),
}
REDUCTIONS = {
    "max_columns": lambda x: x.amax(1), "min_columns": lambda x: x.amin(1), "logsumexp_columns": lambda x: x.logsumexp(1),
    "std_columns 0": lambda x: x.std(1, correction=0), "sum_columns": lambda x: x.sum(1),
}
BACK = {"add_column": lambda x, c: x + c[:, None], "mul_column": lambda x, c: x * c[:, None]}


def close_but_apart(x, y):
    """True if values are equal but for rounding: close, and not the same multiple of 1/64."""
    close = (x - y).abs() <= 1e-9 * (1 + x.abs())
    return bool((close & ((x != y) | ((x * 64) % 1 != 0))).any())


def undecided(op, x, y=None):
    """True if rounding decides which side of a kink an operand is on."""
    kinks = KINKS.get(op.removeprefix("activation "), [])
    if any(close_but_apart(x, torch.full_like(x, k)) for k in kinks):
        return True
    if kinks and op.startswith("activation") and x.isnan().any():
        return True
    if op in ("maximum", "minimum"):
        return close_but_apart(x, y)
    if op in ("max_columns", "min_columns", "std_columns 0"):
        return any(close_but_apart(x[:, i], x[:, j]) for i in range(3) for j in range(i))
    return op == "sqrt" and close_but_apart(x, torch.zeros_like(x))


def steps(values):
    """Draws steps and appends their values."""
    text, matrices = [], [0, 1]
    for _ in range(random.randint(2, 5)):
        kind = random.random()
        i, j = random.choice(matrices), random.choice(matrices[-2:])
        if kind < 0.5:
            op = random.choice(list(UNARY))
            if undecided(op, values[j]):
                return None
            text.append(f"{op} @ {j}")
            values.append(UNARY[op](values[j]))
        elif kind < 0.8:
            op = random.choice(list(PAIR))
            if undecided(op, values[i], values[j]):
                return None
            text.append(f"{op} @ {i} {j}")
            values.append(PAIR[op](values[i], values[j]))
        else:
            op, back = random.choice(list(REDUCTIONS)), random.choice(list(BACK))
            if undecided(op, values[j]):
                return None
            values.append(REDUCTIONS[op](values[j]))
            text += [f"{op} @ {j}", f"{back} @ {i} {len(values) - 1}"]
            values.append(BACK[back](values[i], values[-1]))
        matrices.append(len(values) - 1)
    return "; ".join(text)


def compose():
    inputs = [torch.tensor(random.choices(POINTS, k=6), dtype=torch.float64).reshape(2, 3) for _ in range(2)]
    leaves = [x.requires_grad_() for x in inputs]
    values = list(leaves)
    text = steps(values)
    if text is None:
        return False
    y = values[-1]
    found = torch.autograd.grad(y, leaves, weights(y), create_graph=True, allow_unused=True)
    grads = [torch.zeros_like(x) if g is None else g for x, g in zip(leaves, found)]
    along = sum((g * v).sum() for g, v in zip(grads, directions(leaves)))
    found = torch.autograd.grad(along, leaves, allow_unused=True) if along.requires_grad else [None, None]
    seconds = [torch.zeros_like(x) if s is None else torch.zeros_like(x) + s for x, s in zip(leaves, found)]
    print(f"\n{text}")
    for x in inputs:
        print(f"in 2x3 : {show(x, numpy.float64)}")
    print("out 2x3")
    print(f"f64 : {' | '.join(show(t, numpy.float64) for t in (y, *grads, *seconds))}")
    return True


if __name__ == "__main__":
    count, seed = map(int, sys.argv[1:])
    random.seed(seed)
    print(f"# PyTorch {torch.__version__} on x86-64 with AVX2, by compose.py {count} {seed}")
    done = 0
    while done < count:
        done += compose()

"""Records values and gradients of an installed PyTorch: `python make.py > torch_grad.txt`.

Each paragraph is one op: a line with its name and parameters; one line per input, `in shape : values`, exact in both
types; one line per type, `f32 : y | x̄ | …`, with the value and the gradient of ⟨u, y⟩ for each input, as shortest
decimals. The weights are uᵢ = ±(1/2 + ((13i + 5) mod 32)/32), + for even i. A line `size s` gives the size of the numbers
that cancel, if it is large, as when values are divided by a small standard deviation. For batch_norm, the mean and the
variance of the batch for running averages follow the gradients. `departs` marks cases in which this crate deliberately
has another slope.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"  # AVX-512 differs in the last bit.
import numpy
import torch
import torch.nn.functional as F

assert torch.backends.cpu.get_cpu_capability() == "AVX2", "the reference is PyTorch's AVX2 path"
torch.set_num_threads(1)

INF, NAN = float("inf"), float("nan")
KINDS = {"f64": (torch.float64, numpy.float64), "f32": (torch.float32, numpy.float32)}
SHAPES = [(1, 5), (4, 1), (3, 4)]
MATRICES = SHAPES + [(5, 5)]
STATE = 1


def draw(*shape, low=-64, high=64):
    """Multiples of 1/32 from a small generator: exact in both types, never 0."""
    global STATE
    values = []
    while len(values) < numpy.prod(shape, dtype=int):
        STATE = (STATE * 6364136223846793005 + 1442695040888963407) % 2**64
        k = low + (STATE >> 33) % (high - low + 1)
        values += [k / 32] if k else []
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def positive(*shape):
    return draw(*shape, low=1, high=96)


def given(*values):
    return torch.tensor([values], dtype=torch.float64)


def weights(y):
    i = torch.arange(y.numel())
    return ((1 - 2 * (i % 2)) * (0.5 + (13 * i + 5) % 32 / 32)).to(y.dtype).reshape(y.shape)


def show(tensor, real):
    text = [str(real(v)) for v in tensor.detach().flatten().tolist()]
    return " ".join(t.removesuffix(".0") for t in text)


def size(tensor):
    return "x".join(map(str, tensor.shape)) or "scalar"


def case(label, f, *inputs, size_of=None):
    print(f"\n{label}")
    if size_of is not None:
        print(f"size {max(1.0, float(size_of)):.3g}")
    for x in inputs:
        print(f"in {size(x)} : {show(x, numpy.float64)}")
    for kind, (dtype, real) in KINDS.items():
        leaves = [x.to(dtype).requires_grad_() for x in inputs]
        y, *more = f(*leaves) if label.startswith("batch_norm ") else [f(*leaves)]
        grads = torch.autograd.grad(y, leaves, weights(y))
        if kind == "f64":
            print(f"out {size(y)}")
        print(f"{kind} : {' | '.join(show(t, real) for t in (y, *grads, *more))}")


def cancel(x, axes=None, eps=0.0):
    """The reciprocal of the smallest standard deviation along `axes`; 1 if one is 0."""
    least = (x.var(dim=axes, correction=0) + eps).sqrt().min()
    return 1 / least if least > 0 else torch.tensor(1.0)


def elementwise():
    pairs = {
        "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y, "div": lambda x, y: x / y,
        "maximum": torch.maximum, "minimum": torch.minimum,
    }
    special = given(INF, -INF, NAN, 0.0, -0.0, 1.0, INF, 2.0), given(1.0, INF, 2.0, 0.0, 3.0, 0.0, INF, NAN)
    for name, f in pairs.items():
        for shape in SHAPES:
            case(name, f, draw(*shape), draw(*shape))
        if name != "div":  # The slopes of 0/0 and the like depend on PyTorch's formula.
            case(name, f, *special)
    for name in ["maximum", "minimum"]:
        case(name, pairs[name], given(1.0, -2.0, 0.0, 0.0, INF, -INF), given(1.0, -2.0, 0.0, -0.0, INF, -INF))
    case("div", pairs["div"], given(1.0, -1.0, 0.0, INF, NAN, 2.0), given(0.0, 0.0, 2.0, 2.0, 1.0, INF))
    everywhere = {
        "neg": lambda x: -x, "add_scalar 0.75": lambda x: x + 0.75, "scale -1.5": lambda x: x * -1.5,
        "exp": torch.exp, "abs": torch.abs, "clamp -0.515625 1.265625": lambda x: x.clamp(-0.515625, 1.265625),
        "powf 2": lambda x: x**2.0, "powf 3": lambda x: x**3.0, "powf -1": lambda x: x**-1.0,
    }
    for name, f in everywhere.items():
        for shape in SHAPES:
            case(name, f, draw(*shape))
        if not name.startswith("powf"):
            case(name, f, given(INF, -INF, NAN, 1000.0, -1000.0, 2.0**-20))
    case("abs", torch.abs, given(0.0, -0.0))
    # The slope at a bound, 0 since PyTorch 2.15 and 1 before (pytorch/pytorch#191142).
    case("clamp -0.5 1.25", lambda x: x.clamp(-0.5, 1.25), given(-0.5, 1.25, -0.53125, 1.28125, 0.0, 1.21875))
    above = {
        "ln": torch.log, "sqrt": torch.sqrt, "powf 0.5": lambda x: x**0.5, "powf 2.5": lambda x: x**2.5,
        "powf -0.75": lambda x: x**-0.75,
    }
    for name, f in above.items():
        for shape in SHAPES:
            case(name, f, positive(*shape))
    case("ln", torch.log, given(0.0, INF, NAN, -1.0, 1.0, 1 + 2.0**-20, 2.0**-100))
    case("sqrt", torch.sqrt, given(0.0, INF, NAN, -1.0, 2.0**-100))
    case("powf 0", lambda x: x**0.0, given(0.0, 1.0, -2.0, 3.0))
    case("powf 1", lambda x: x**1.0, given(0.0, 1.0, -2.0, INF))
    case("powf 2", lambda x: x**2.0, given(0.0, INF, -INF, NAN))


def activations():
    functions = {
        "Identity": lambda x: x * 1, "Tanh": torch.tanh, "Sigmoid": torch.sigmoid, "Relu": torch.relu,
        "LeakyRelu(0.01)": lambda x: F.leaky_relu(x, 0.01), "LeakyRelu(0.2)": lambda x: F.leaky_relu(x, 0.2),
        "Elu(1.0)": F.elu, "Elu(0.5)": lambda x: F.elu(x, 0.5), "Selu": F.selu, "Gelu": F.gelu, "Silu": F.silu,
        # Above PyTorch's default threshold of 20, the result is x, with an error of e^-20.
        "Softplus(1.0)": lambda x: F.softplus(x, threshold=40), "Erf": torch.erf,
    }
    for name, f in functions.items():
        case(f"activation {name}", f, draw(3, 4))
        case(f"activation {name}", f, draw(5, 5, low=-128, high=128))
        case(f"activation {name}", f, given(0.0, 1.0, -1.0, 3.0, -3.0, 6.0, 2.0**-20, -(2.0**-20), 12.0, -12.0))
    for name in ["Identity", "Tanh", "Sigmoid", "Gelu", "Silu", "Softplus(1.0)", "Erf"]:
        case(f"activation {name}", functions[name], given(NAN))
    # PyTorch's slope at NaN is that of the side to which a comparison with NaN leads.
    for name in ["Relu", "LeakyRelu(0.01)", "Elu(1.0)", "Selu"]:
        case(f"departs activation {name}", functions[name], given(NAN))
    for name in ["Identity", "Tanh", "Sigmoid", "Relu", "LeakyRelu(0.2)", "Elu(0.5)", "Selu", "Erf"]:
        case(f"activation {name}", functions[name], given(INF, -INF, 90.0, -90.0, 800.0, -800.0))


def later_activations():
    functions = {"GeluTanh": lambda x: F.gelu(x, approximate="tanh"), "Mish": F.mish, "HardTanh": F.hardtanh}
    for name, f in functions.items():
        case(f"activation {name}", f, draw(3, 4))
        case(f"activation {name}", f, draw(5, 5, low=-128, high=128))
        case(f"activation {name}", f, given(0.0, 1.0, -1.0, 3.0, -3.0, 6.0, 2.0**-20, -(2.0**-20), 12.0, -12.0))
    for name in ["GeluTanh", "Mish"]:
        case(f"activation {name}", functions[name], given(NAN))
    case("departs activation HardTanh", F.hardtanh, given(NAN))
    case("activation HardTanh", F.hardtanh, given(INF, -INF, 90.0, -90.0, 800.0, -800.0))


def later_products():
    for m, k, n in [(1, 1, 1), (1, 5, 2), (4, 1, 3), (3, 4, 2), (5, 5, 5), (2, 19, 3)]:
        case("matmul_tt", lambda x, w: x.T @ w.T, draw(k, m), draw(n, k))


def later_scalars():
    forms = {"rsub 0.75": lambda x: 0.75 - x, "div_scalar 3": lambda x: x / 3.0, "rdiv 1.5": lambda x: 1.5 / x}
    for name, f in forms.items():
        for shape in SHAPES:
            case(name, f, draw(*shape))
        case(name, f, given(INF, -INF, NAN, 0.0, -0.0, 1000.0, -(2.0**-20)))
    case("div_scalar 0", lambda x: x / 0.0, given(INF, -2.0, NAN, 0.0))
    special = given(INF, -INF, NAN, 0.0, -0.0, 2.0)
    for name, lo, hi in [("NaN 1", NAN, 1.0), ("0 NaN", 0.0, NAN), ("1 -1", 1.0, -1.0), ("-inf inf", -INF, INF)]:
        case(f"clamp {name}", lambda x: x.clamp(lo, hi), special)


def more_activations():
    functions = {
        "Softplus(2.0)": lambda x: F.softplus(x, 2.0, threshold=40), "Sine(1.0)": torch.sin,
        "Sine(2.5)": lambda x: torch.sin(2.5 * x), "ReluSquared": lambda x: F.relu(x).square(), "Relu6": F.relu6,
        "Celu(1.0)": F.celu, "Celu(0.5)": lambda x: F.celu(x, 0.5), "HardSwish": F.hardswish,
        # The slope of F.hardsigmoid is 1/6 in single precision, in double precision too.
        "HardSigmoid": lambda x: F.relu6(x + 3) / 6, "LogSigmoid": F.logsigmoid, "Softsign": F.softsign,
    }
    # PyTorch's slope at NaN is that of the side to which a comparison with NaN leads.
    sided = ["Relu6", "Celu(1.0)", "Celu(0.5)", "HardSwish", "HardSigmoid"]
    for name, f in functions.items():
        case(f"activation {name}", f, draw(3, 4))
        case(f"activation {name}", f, draw(5, 5, low=-128, high=128))
        # Kinks are among these.
        case(f"activation {name}", f, given(0.0, 1.0, -1.0, 3.0, -3.0, 6.0, 2.0**-20, -(2.0**-20), 12.0, -12.0))
        case(f"departs activation {name}" if name in sided else f"activation {name}", f, given(NAN))
        # PyTorch has NaN for the hard swish of -inf and the softsign of both.
        ends = [INF] if name == "HardSwish" else [] if name == "Softsign" else [INF, -INF]
        case(f"activation {name}", f, given(*ends, 90.0, -90.0, 800.0, -800.0))


def gates():
    functions = {"Sigmoid": torch.sigmoid, "Silu": F.silu, "Gelu": F.gelu, "Relu": F.relu}
    for name, f in functions.items():
        # GLU is PyTorch's own.
        g = (lambda x, gate: F.glu(torch.cat([x, gate], -1))) if name == "Sigmoid" else lambda x, gate: x * f(gate)
        for shape in SHAPES:
            case(f"gated {name}", g, draw(*shape), draw(*shape))


def products():
    for m, k, n in [(1, 1, 1), (1, 5, 2), (4, 1, 3), (3, 4, 2), (5, 5, 5), (2, 19, 3)]:
        case("matmul", torch.matmul, draw(m, k), draw(k, n))
        case("matmul_nt", lambda x, w: x @ w.T, draw(m, k), draw(n, k))
        case("matmul_tn", lambda x, w: x.T @ w, draw(k, m), draw(k, n))
        case("linear", lambda x, w, b: F.linear(x, w.T, b), draw(m, k), draw(k, n), draw(n))
    for rows, columns, indices in [(1, 3, [0]), (4, 1, [3, 3, 3]), (4, 3, [2, 0, 2, 2, 1]), (5, 5, [4, 0, 4])]:
        table = draw(rows, columns)
        text = ",".join(map(str, indices))
        case(f"gather {text}", lambda t, i=indices: F.embedding(torch.tensor(i), t), table)


def broadcasts():
    for m, n in MATRICES:
        case("add_row", lambda x, b: x + b, draw(m, n), draw(n))
        case("mul_row", lambda x, b: x * b, draw(m, n), draw(n))
        case("add_column", lambda x, b: x + b[:, None], draw(m, n), draw(m))
        case("mul_column", lambda x, b: x * b[:, None], draw(m, n), draw(m))


def shapes():
    case("reshape 2x6", lambda x: x.reshape(2, 6), draw(3, 4))
    case("reshape 4", lambda x: x.reshape(4), draw(4, 1))
    case("reshape 1x1x5", lambda x: x.reshape(1, 1, 5), draw(1, 5))
    for shape in SHAPES:
        case("transpose", lambda x: x.T, draw(*shape))
    case("concat_rows", lambda *x: torch.cat(x, 0), draw(1, 3), draw(2, 3), draw(1, 3))
    case("concat_columns", lambda *x: torch.cat(x, 1), draw(2, 1), draw(2, 3), draw(2, 2))
    for lo, hi in [(0, 1), (1, 4), (0, 5), (4, 5)]:
        case(f"slice_rows {lo} {hi}", lambda x, r=(lo, hi): x[r[0]:r[1]], draw(5, 3))
        case(f"slice_columns {lo} {hi}", lambda x, r=(lo, hi): x[:, r[0]:r[1]], draw(2, 5))


def reductions():
    axes = {"": {}, "_rows": {"dim": 0}, "_columns": {"dim": 1}}
    for suffix, axis in axes.items():
        for shape in MATRICES:
            case(f"sum{suffix}", lambda x: x.sum(**axis), draw(*shape))
            case(f"mean{suffix}", lambda x: x.mean(**axis), draw(*shape))
            for c in [0, 1]:
                case(f"var{suffix} {c}", lambda x, c=c: x.var(correction=c, **axis), draw(*shape))
                x = draw(*shape)
                f = lambda x, c=c: x.std(correction=c, **axis)  # PyTorch's slope is 0 if the deviation is 0.
                case(f"std{suffix} {c}", f, x, size_of=cancel(x, axis.get("dim")))
        case(f"sum{suffix}", lambda x: x.sum(**axis), torch.tensor([[INF, 1.0], [2.0, NAN]], dtype=torch.float64))
    for c in [0, 1]:
        case(f"var {c}", lambda x, c=c: x.var(correction=c), given(3.0))
    case("std 1", lambda x: x.std(correction=1), given(3.0))
    case("std 0", lambda x: x.std(correction=0), given(3.0))
    case("std 1", lambda x: x.std(correction=1), given(3.0, 3.0, 3.0))
    case("std_columns 1", lambda x: x.std(1, correction=1), torch.tensor([[2.0, 2.0], [1.0, 3.0]]).double())


def losses():
    large = torch.tensor([[1000.0, 0.0, -1000.0], [-1e4, -1e4, -1e4], [88.0, 89.0, 90.0]]).double()
    masked = given(-INF, 0.5, 1.0)
    for x in [draw(*s) for s in MATRICES] + [draw(3, 4) * 8, large, masked, given(NAN, 1.0)]:
        case("softmax", lambda x: x.softmax(1), x)
        case("log_softmax", lambda x: x.log_softmax(1), x)
    for x in [draw(*s) for s in MATRICES] + [draw(5, 3) * 8, large]:
        m, n = x.shape
        targets = [(2 * i + 1) % n for i in range(m)]
        text, target = ",".join(map(str, targets)), torch.tensor(targets)
        case(f"cross_entropy {text}", lambda x: F.cross_entropy(x, target), x)
        for reduction in ["mean", "sum"]:
            for smoothing in [0.0, 0.1, 1.0]:
                f = lambda x: F.cross_entropy(x, target, reduction=reduction, label_smoothing=smoothing)
                case(f"cross_entropy_with {text} {reduction} {smoothing}", f, x)
    for shape in MATRICES:
        case("mse", F.mse_loss, draw(*shape), draw(*shape))


def norms():
    for eps in [1e-5, 0.5]:
        for m, n in [(2, 1), (4, 1), (2, 3), (3, 4), (5, 5)]:
            x, gamma, beta = draw(m, n), draw(n), draw(n)
            def batch_norm(x, g, b):
                mean, variance = torch.zeros_like(b), torch.ones_like(b)
                return F.batch_norm(x, mean, variance, g, b, True, momentum=1.0, eps=eps), mean, variance
            case(f"batch_norm {eps}", batch_norm, x, gamma, beta, size_of=4 * cancel(x, 0, eps))
        for m, n in [(1, 5), (4, 1), (3, 4), (5, 5)]:
            x, gamma, beta = draw(m, n), draw(n), draw(n)
            mean, variance = draw(n), positive(n)
            text = " ".join(",".join(show(t, numpy.float64).split()) for t in (mean, variance))
            def running(x, g, b):
                return F.batch_norm(x, mean.to(x.dtype), variance.to(x.dtype), g, b, False, eps=eps)
            case(f"batch_norm_running {eps} {text}", running, x, gamma, beta)
        for m, n in [(1, 5), (3, 4), (5, 5), (2, 2)]:
            x, gamma, beta = draw(m, n), draw(n), draw(n)
            f = lambda x, g, b: F.layer_norm(x, g.shape, g, b, eps)
            case(f"layer_norm {eps}", f, x, gamma, beta, size_of=4 * cancel(x, 1, eps))
        for m, n in MATRICES:
            case(f"rms_norm {eps}", lambda x, g: F.rms_norm(x, g.shape, g, eps), draw(m, n), draw(n))
    f = lambda x, g, b: F.layer_norm(x, g.shape, g, b, 1e-5)
    case("layer_norm 1e-05", f, given(2.0, 2.0), draw(2), draw(2), size_of=4 / 1e-5**0.5)
    # The mask is read off PyTorch's result; the same seed gives the same mask in both types.
    for shape, p in [((3, 4), 0.5), ((5, 5), 0.25), ((1, 5), 0.1), ((4, 1), 0.0)]:
        def dropout(x, p=p):
            torch.manual_seed(1)
            return F.dropout(x, p)
        kept = "".join(str(int(y != 0)) for y in dropout(torch.ones(shape)).flatten())
        case(f"dropout {kept} {p}", dropout, draw(*shape))


def later_extremes():
    """Values whose squares overflow in single precision, where PyTorch computes in double."""
    x = torch.tensor([[1.0, -2.0, 0.5], [3.0, 0.25, -1.5]], dtype=torch.float64)
    for power in (63, 100, 124):
        for suffix, axis in [("", {}), ("_rows", {"dim": 0}), ("_columns", {"dim": 1})]:
            case(f"var{suffix} 1", lambda x: x.var(correction=1, **axis), x * 2.0**power)
            case(f"std{suffix} 1", lambda x: x.std(correction=1, **axis), x * 2.0**power)


def later_elementwise():
    for name, f in {"sin": torch.sin, "cos": torch.cos}.items():
        for shape in SHAPES:
            case(name, f, draw(*shape))
        case(name, f, given(0.0, -0.0, INF, -INF, NAN, 100.0, -1e4, 2.0**-20, 3e8, 1e20))
    for shape in SHAPES:
        n = shape[0] * shape[1]
        mask = [(3 * i + 1) % 5 < 2 for i in range(n)]
        text, of = "".join(str(int(m)) for m in mask), torch.tensor(mask).reshape(shape)
        case(f"where_mask {text}", lambda x, y: torch.where(of, x, y), draw(*shape), draw(*shape))
    of = torch.tensor([[True, False, True, False]])
    case("where_mask 1010", lambda x, y: torch.where(of, x, y), given(INF, NAN, 1.0, -INF), given(NAN, 2.0, INF, 3.0))


def later_reductions():
    ties = torch.tensor([[1.0, -2.0, 1.0], [1.0, 3.0, 0.5]], dtype=torch.float64)
    special = [ties, torch.tensor([[NAN, 1.0], [2.0, INF]]).double(), torch.tensor([[0.0, -0.0], [-INF, -INF]]).double()]
    for suffix, axis in {"": (0, 1), "_rows": 0, "_columns": 1}.items():
        ops = {
            "max": lambda x: x.amax(axis), "min": lambda x: x.amin(axis), "logsumexp": lambda x: x.logsumexp(axis),
        }
        for name, f in ops.items():
            for x in [draw(*shape) for shape in MATRICES] + special[: 2 if name == "logsumexp" else 3]:
                case(f"{name}{suffix}", f, x)
    large = torch.tensor([[1000.0, 0.0, -1000.0], [-1e4, -1e4, -1e4], [88.0, 89.0, 90.0]]).double()
    case("logsumexp_columns", lambda x: x.logsumexp(1), large, size_of=1e4)  # PyTorch's slope is e^(x − result).


def later_losses():
    for reduction in ["mean", "sum", "none"]:
        for shape in SHAPES:
            f = lambda x, y: F.mse_loss(x, y, reduction=reduction)
            case(f"mse_with {reduction}", f, draw(*shape), draw(*shape))
        for m, n, targets, ignored, weighted in [
            (3, 4, [1, 0, 3], None, True), (3, 4, [2, 9, 2], 9, False), (5, 5, [0, 4, 1, 1, 2], 1, True),
            (4, 2, [1, 1, 0, 1], None, False), (2, 3, [0, 0], 0, False),
        ]:
            weight = positive(n)
            for smoothing in [0.0, 0.25]:
                text = f"{','.join(map(str, targets))} {reduction} {smoothing} {'-' if ignored is None else ignored}"
                text += f" {','.join(show(weight, numpy.float64).split()) if weighted else '-'}"
                def f(x):
                    w = weight.to(x.dtype) if weighted else None
                    more = {} if ignored is None else {"ignore_index": ignored}
                    t = torch.tensor(targets)
                    return F.cross_entropy(x, t, w, reduction=reduction, label_smoothing=smoothing, **more)
                case(f"cross_entropy_with {text}", f, draw(m, n))
    # A weight of 0, and a masked logit elsewhere.
    x = torch.tensor([[-INF, 0.5, 1.0], [0.25, 1.5, -1.0]], dtype=torch.float64)
    f = lambda x: F.cross_entropy(x, torch.tensor([1, 2]), torch.tensor([1.0, 2.0, 0.0], dtype=x.dtype))
    case("cross_entropy_with 1,2 mean 0 - 1,2,0", f, x)


def large_norms():
    # In single precision: squares that fit, squares that overflow (the result is β), and a mean that does (NaN).
    for power in [60, 66, 100, 126]:
        x = torch.tensor([[1.0, -0.5], [0.25, -0.75], [0.5, -1.0]], dtype=torch.float64) * 2.0**power
        if power == 126:
            x = x * 2
        def batch_norm(x, g, b):
            mean, variance = torch.zeros_like(b), torch.ones_like(b)
            return F.batch_norm(x, mean, variance, g, b, True, momentum=1.0, eps=0.5), mean, variance
        case("batch_norm 0.5", batch_norm, x, given(1.5, 2.0)[0], given(0.25, -0.5)[0])


def main():
    elementwise()
    activations()
    products()
    broadcasts()
    shapes()
    reductions()
    losses()
    norms()
    # New cases come last, so that earlier cases keep their values.
    later_activations()
    later_products()
    later_scalars()
    more_activations()
    gates()
    later_extremes()
    later_elementwise()
    later_reductions()
    later_losses()
    large_norms()


if __name__ == "__main__":
    print(f"# PyTorch {torch.__version__} on x86-64 with AVX2, by make.py")
    main()

"""Writes mean_field.txt: mean-field theory by other quadrature rules than the crate's.

    python make.py > mean_field.txt

Needs mpmath and numpy. One variable: mpmath's tanh-sinh quadrature with 30 digits, split at 0 and at kinks. Pairs: the
trapezoidal rule on a grid of step 1/16 in double precision; for functions analytic within d of the real axis its error
is exp(-2 pi d 16), so it is left out for functions with kinks, and d is pi/(2 sqrt q) and more for the others.

Lines:
    moments ACTIVATION q  E f  E f^2  E f'^2
    pair ACTIVATION p q c  E f(g)f(h)  E f'(g)f'(h)
    fixed ACTIVATION weight bias  q* V' chi  [c* and chi at c*, where c* is not 0 or 1]
    line ACTIVATION bias  q* weight
    half_stable ACTIVATION  q* weight bias
    shifted ACTIVATION mean variance  E f  E f^2  E f'^2
    lecture  the standard deviations of five tanh layers at gain 5/3 for inputs of second moment 1
"""

import mpmath as mp
import numpy as np

mp.mp.dps = 30
ALPHA, LAMBDA = mp.mpf("1.6732632423543772"), mp.mpf("1.0507009873554805")


def sigmoid(x):
    return 1 / (1 + mp.exp(-x)) if x > 0 else mp.exp(x) / (1 + mp.exp(x))


def tail(f, above):
    """A function with a bend at 0 and its slope."""
    return lambda x: above * x if x > 0 else f(x)


SMOOTH = {
    "identity": (lambda x: x, []),
    "tanh": (mp.tanh, []),
    "sigmoid": (sigmoid, []),
    "gelu": (lambda x: x * mp.ncdf(x), []),
    "gelu_tanh": (lambda x: x * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf(0.044715) * x**3))) / 2, []),
    "silu": (lambda x: x * sigmoid(x), []),
    "mish": (lambda x: x * mp.tanh(mp.log(1 + mp.exp(x))), []),
    "softplus": (lambda x: mp.log(1 + mp.exp(x)), []),
    "erf": (mp.erf, []),
    "sine": (mp.sin, []),
    "log_sigmoid": (lambda x: -mp.log(1 + mp.exp(-x)), []),
}
SLOPES = {
    "identity": lambda x: mp.mpf(1),
    "tanh": lambda x: mp.sech(x) ** 2,
    "sigmoid": lambda x: sigmoid(x) * sigmoid(-x),
    "gelu": lambda x: mp.ncdf(x) + x * mp.npdf(x),
    "gelu_tanh": lambda x: mp.diff(SMOOTH["gelu_tanh"][0], x),
    "silu": lambda x: sigmoid(x) * (1 + x * sigmoid(-x)),
    "mish": lambda x: mp.diff(SMOOTH["mish"][0], x),
    "softplus": sigmoid,
    "erf": lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x),
    "relu": lambda x: mp.mpf(x > 0),
    "leaky_relu(0.01)": lambda x: mp.mpf(1) if x > 0 else mp.mpf(0.01),
    "elu(1)": lambda x: mp.mpf(1) if x > 0 else mp.exp(x),
    "selu": lambda x: LAMBDA if x > 0 else LAMBDA * ALPHA * mp.exp(x),
    "hard_tanh": lambda x: mp.mpf(abs(x) < 1),
    "sine": mp.cos,
    "log_sigmoid": lambda x: sigmoid(-x),
    "relu_squared": lambda x: 2 * max(x, mp.mpf(0)),
    "relu6": lambda x: mp.mpf(0 < x < 6),
    "celu(1)": lambda x: mp.mpf(1) if x > 0 else mp.exp(x),
    "hard_swish": lambda x: mp.mpf(x > 3) if abs(x) > 3 else (2 * x + 3) / 6,
    "hard_sigmoid": lambda x: mp.mpf(abs(x) < 3) / 6,
    "softsign": lambda x: 1 / (1 + abs(x)) ** 2,
}
KINKED = {
    "relu": (lambda x: max(x, mp.mpf(0)), [0]),
    "leaky_relu(0.01)": (tail(lambda x: mp.mpf(0.01) * x, 1), [0]),
    "elu(1)": (tail(mp.expm1, 1), [0]),
    "selu": (tail(lambda x: LAMBDA * ALPHA * mp.expm1(x), LAMBDA), [0]),
    "hard_tanh": (lambda x: max(min(x, mp.mpf(1)), mp.mpf(-1)), [-1, 1]),
    "relu_squared": (lambda x: max(x, mp.mpf(0)) ** 2, [0]),
    "relu6": (lambda x: max(min(x, mp.mpf(6)), mp.mpf(0)), [0, 6]),
    "celu(1)": (tail(mp.expm1, 1), [0]),
    "hard_swish": (lambda x: x * max(min(x + 3, mp.mpf(6)), mp.mpf(0)) / 6, [-3, 3]),
    "hard_sigmoid": (lambda x: max(min(x + 3, mp.mpf(6)), mp.mpf(0)) / 6, [-3, 3]),
    "softsign": (lambda x: x / (1 + abs(x)), [0]),
}
ALL = SMOOTH | KINKED


def expectation(g, kinks, q, mean=0):
    """E g(mean + sqrt(q) z), with g a function of the pre-activation and of z."""
    root = mp.sqrt(q)
    ends = {mp.mpf(s) for s in (-8, -4, -2, -1, 0, 1, 2, 4, 8)}
    inner = sorted(ends | {(mp.mpf(k) - mean) / root for k in kinks} | ({-mean / root} if mean else set()))
    return mp.quad(lambda z: g(mean + root * z, z) * mp.npdf(z), [mp.mpf(-18), *inner, mp.mpf(18)])


def moments(name, q, mean=0):
    (f, kinks), slope = ALL[name], SLOPES[name]
    first = expectation(lambda h, z: f(h), kinks, q, mean)
    second = expectation(lambda h, z: f(h) ** 2, kinks, q, mean)
    return first, second, expectation(lambda h, z: slope(h) ** 2, kinks, q, mean)


def growth(name, q):
    """d/dq E f^2 = E z f f'/sqrt q."""
    (f, kinks), slope = ALL[name], SLOPES[name]
    return expectation(lambda h, z: z * f(h) * slope(h), kinks, q) / mp.sqrt(q)


# Pairs, in numpy.
GRID = np.arange(-13 * 16, 13 * 16 + 1) / 16
WEIGHT = np.exp(-(GRID**2) / 2) / np.sqrt(2 * np.pi) / 16


def np_sigmoid(x):
    return 0.5 * (1 + np.tanh(x / 2))



NUMPY = {
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "sigmoid": (np_sigmoid, lambda x: np_sigmoid(x) * np_sigmoid(-x)),
    "silu": (lambda x: x * np_sigmoid(x), lambda x: np_sigmoid(x) * (1 + x * np_sigmoid(-x))),
    "softplus": (lambda x: np.logaddexp(0, x), np_sigmoid),
}


def pair(name, p, q, c):
    rest = np.sqrt((1 - c) * (1 + c))
    g = np.sqrt(p) * GRID[:, None]
    h = np.sqrt(q) * (c * GRID[:, None] + rest * GRID[None, :])
    weights = WEIGHT[:, None] * WEIGHT[None, :]
    return tuple(float((weights * (f(g) * f(h))).sum()) for f in NUMPY[name])


def fixed_variance(name, weight, bias):
    weight, bias = mp.mpf(weight), mp.mpf(bias)
    short = lambda q: weight * moments(name, q)[1] + bias - q
    q = mp.mpf(1)
    mp.mp.dps = 15
    for _ in range(40):
        q = weight * moments(name, q)[1] + bias
    mp.mp.dps = 30
    return mp.findroot(short, (q, q * (1 + mp.mpf("1e-6"))), solver="secant", tol=1e-44)


def fixed_correlation(name, weight, bias, q):
    """The root of (C(c) - c)/(1 - c) by bisection."""
    excess = lambda c: (weight * pair(name, q, q, c)[0] + bias) / q - c
    lo, hi = 0.0, 1 - 1e-6
    for _ in range(60):
        c = (lo + hi) / 2
        lo, hi = (c, hi) if excess(c) > 0 else (lo, c)
    return c


def show(*numbers):
    return " ".join(mp.nstr(mp.mpf(number), 17) for number in numbers)


def shifted():
    """Pre-activations with a mean, whose points of change stay within 18 standard deviations."""
    for name in ALL:
        for mean, variance in ((0.5, 1.0), (-2.0, 9.0)):
            print("shifted", name, mean, variance, show(*moments(name, mp.mpf(variance), mp.mpf(mean))), flush=True)


def main():
    for name in ALL:
        for q in (0.1, 1.0, 1.3, 25.0):
            print("moments", name, q, show(*moments(name, mp.mpf(q))), flush=True)
    for name, p, q, c in [
        ("tanh", 1.3, 1.3, 0.5),
        ("tanh", 0.2, 3.0, -0.7),
        ("tanh", 2.0, 2.0, 0.99),
        ("sigmoid", 1.0, 4.0, 0.3),
        ("silu", 1.0, 2.0, 0.6),
        ("softplus", 0.5, 1.5, -0.2),
    ]:
        print("pair", name, p, q, c, show(*pair(name, p, q, c)), flush=True)
    for name, weight, bias in [
        ("tanh", 25 / 9, 0.0),
        ("tanh", 1.69, 0.09),
        ("tanh", 6.25, 0.09),
        ("tanh", 16.0, 0.09),
        ("sigmoid", 144.0, 0.0),
        ("silu", 1.96, 0.3),
        ("softplus", 1.0, 0.0),
        ("erf", 4.0, 0.1),
        ("gelu", 1.5, 0.3),
        ("elu(1)", 1.44, 0.1),
        ("selu", 1.0, 0.1),
        ("relu", 1.69, 0.1),
        ("hard_tanh", 4.0, 0.0),
    ]:
        q = fixed_variance(name, weight, bias)
        chi = weight * moments(name, q)[2]
        numbers = [q, weight * growth(name, q), chi]
        if chi > 1 and name in NUMPY and (name, bias) != ("tanh", 0.0):
            c = fixed_correlation(name, weight, bias, float(q))
            numbers += [c, weight * pair(name, float(q), float(q), c)[1]]
        print("fixed", name, repr(weight), bias, show(*numbers), flush=True)
    for name, bias, near in [("tanh", 0.05, 0.57), ("tanh", 2.01e-5, 0.026), ("elu(1)", 0.04, 1.1), ("erf", 1.0, 2.7)]:
        short = lambda q: q - moments(name, q)[1] / moments(name, q)[2] - mp.mpf(bias)
        q = mp.findroot(short, (mp.mpf(near), mp.mpf(near) * 1.01), solver="secant", tol=1e-40)
        print("line", name, bias, show(q, 1 / moments(name, q)[2]), flush=True)
    for name, near in [("gelu", 3.56), ("gelu_tanh", 3.557), ("silu", 14.3), ("mish", 1.67)]:
        short = lambda q: growth(name, q) - moments(name, q)[2]  # E f f''
        q = mp.findroot(short, (mp.mpf(near), mp.mpf(near) * 1.01), solver="secant", tol=1e-40)
        _, second, slope = moments(name, q)
        print("half_stable", name, show(q, 1 / slope, q - second / slope), flush=True)
    shifted()
    second, stds = mp.mpf(1), []
    for _ in range(5):
        second = moments("tanh", mp.mpf(25) / 9 * second)[1]
        stds.append(mp.sqrt(second))
    print("lecture", show(*stds))


main()

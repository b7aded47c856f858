"""The largest eigenvalue λ of a loss's Gauss–Newton matrix JᵀHJ: J of the outputs by the parameters, H of the loss by the
outputs. 2/λ is the largest stable learning rate of gradient descent on the local quadratic."""

import torch
from torch.utils._pytree import tree_leaves

STEPS, TOLERANCE = 100, 1e-3
"""The power method ends after so many steps, or once λ changes by less than this share of it."""


def largest_eigenvalue(call, loss, parameters):
    """λ by the power method, which finds at most the true value. `call` returns the outputs, and `loss` maps them to a scalar.

    Needs operations that can be differentiated twice. The matrix has no negative eigenvalue if the loss is convex.
    """
    product = _product(call(), loss, parameters)
    generator = torch.Generator().manual_seed(0)
    vector = [torch.randn(p.shape, generator=generator, dtype=torch.float64).to(p) for p in parameters]
    eigenvalue = 0.0
    for _ in range(STEPS):
        length = _dot(vector, vector) ** 0.5
        if not 0 < length < float("inf"):
            break
        vector = [v / length for v in vector]
        following = product(vector)
        before, eigenvalue = eigenvalue, _dot(vector, following)
        if abs(eigenvalue - before) <= TOLERANCE * abs(eigenvalue):
            break
        vector = following
    return eigenvalue


def _product(output, loss, parameters):
    """The function that multiplies the matrix with a vector, given and returned in parts of the parameters' shapes."""
    outputs = [t for t in tree_leaves(output) if isinstance(t, torch.Tensor) and t.requires_grad]
    slopes = _gradients([loss(output)], outputs, None, create_graph=True)
    # The pullback of zeros, as a function of them: its own pullback pushes forwards.
    zeros = [torch.zeros_like(t, requires_grad=True) for t in outputs]
    pulled = _gradients(outputs, parameters, zeros, create_graph=True)

    def product(vector):
        pushed = _gradients(pulled, zeros, vector)
        curved = _gradients(slopes, outputs, pushed)
        return _gradients(outputs, parameters, curved)

    return product


def _gradients(of, by, weights, create_graph=False):
    kept = [(t, w) for t, w in zip(of, weights or [None] * len(of)) if t.requires_grad]
    of, weights = [t for t, _ in kept], [w for _, w in kept]
    return torch.autograd.grad(
        of, by, weights, retain_graph=True, create_graph=create_graph, allow_unused=True, materialize_grads=True
    )


def _dot(a, b):
    return sum((x.double() * y.double()).sum().item() for x, y in zip(a, b))

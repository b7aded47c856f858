"""Records the curvature of networks in an installed PyTorch, and what it does to differences between runs.

`python make.py > curvature.txt`: each paragraph is one tanh network in double precision: its sizes
`classes context embedding hidden…`, the inputs and targets of its batch, one line per parameter in the order C, W1, b1, …, all
exact multiples of 1/64, and all eigenvalues of both matrices of the mean cross-entropy, from torch.func.hessian, and from
torch.func.jacrev of the logits with (diag(p) − ppᵀ)/m per row, by torch.linalg.eigvalsh.

`python make.py growth > growth.txt`: each paragraph is such a network with a learning rate and a difference between two runs.
Plain gradient descent takes one step per batch; `growth` has, for each, ln of the factor by which I − rate·H multiplies the
difference, with the whole Hessian of that step from torch.func.hessian; `distance` has ln of the factor by which the distance
of two runs grows that start 1e-6 of the difference apart, which is another way to the same numbers.
"""

import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
generator = torch.Generator().manual_seed(1)


def network(classes, context, embedding, hidden, gain):
    sizes = [context * embedding, *hidden, classes]
    shapes = [(classes, embedding)]
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        shapes += [(fan_in, fan_out), (fan_out,)]
    values = []
    for shape in shapes:
        scale = gain / sizes[0] ** 0.5 if len(shape) == 2 and values else 0.5 if values else 1.0
        values.append(torch.round(64 * scale * torch.randn(shape, generator=generator)) / 64)

    def logits(flat, inputs):
        c, *layers = [part.reshape(shape) for part, shape in zip(flat.split([v.numel() for v in values]), shapes)]
        h = c[inputs].reshape(len(inputs), -1)
        for at in range(0, len(layers), 2):
            h = h @ layers[at] + layers[at + 1]
            h = torch.tanh(h) if at + 2 < len(layers) else h
        return h

    return values, logits


def batch(classes, context, examples):
    inputs = torch.randint(classes, (examples, context), generator=generator)
    return inputs, torch.randint(classes, (examples,), generator=generator)


def show(sizes, values, batches):
    print()
    print("sizes", *sizes)
    for inputs, targets in batches:
        print("inputs", *inputs.flatten().tolist())
        print("targets", *targets.tolist())
    for value in values:
        print("values", *value.flatten().tolist())


def curvature(classes, context, embedding, hidden, examples, gain):
    values, logits = network(classes, context, embedding, hidden, gain)
    inputs, targets = batch(classes, context, examples)
    flat = torch.cat([v.flatten() for v in values])
    hessian = torch.func.hessian(lambda flat: F.cross_entropy(logits(flat, inputs), targets))(flat)
    jacobian = torch.func.jacrev(lambda flat: logits(flat, inputs))(flat)
    p = logits(flat, inputs).softmax(1)
    loss_hessian = (torch.diag_embed(p) - p[:, :, None] * p[:, None, :]) / examples
    gauss_newton = torch.einsum("mia,mij,mjb->ab", jacobian, loss_hessian, jacobian)
    show([classes, context, embedding, *hidden], values, [(inputs, targets)])
    for name, matrix in [("hessian", hessian), ("gauss_newton", gauss_newton)]:
        print(name, *torch.linalg.eigvalsh(matrix).tolist())


def growth(classes, context, embedding, hidden, examples, gain, rate, steps):
    values, logits = network(classes, context, embedding, hidden, gain)
    batches = [batch(classes, context, examples) for _ in range(steps)]
    flat = torch.cat([v.flatten() for v in values])
    start = torch.round(64 * torch.randn(flat.shape, generator=generator)) / 64
    v, other = start / start.norm(), flat + 1e-6 * start / start.norm()
    factors, apart = [], [(other - flat).norm()]
    for inputs, targets in batches:
        loss = lambda flat: F.cross_entropy(logits(flat, inputs), targets)
        v = v - rate * torch.func.hessian(loss)(flat) @ v
        factors.append(v.norm().log().item())
        v = v / v.norm()
        flat, other = [at - rate * torch.func.grad(loss)(at) for at in (flat, other)]
        apart.append((other - flat).norm())
    show([classes, context, embedding, *hidden], values, batches)
    print("rate", rate)
    print("start", *start.tolist())
    print("growth", *factors)
    print("distance", *[(b / a).log().item() for a, b in zip(apart, apart[1:])])


if sys.argv[1:] == ["growth"]:
    print(f"# PyTorch {torch.__version__}, by make.py growth")
    growth(5, 2, 2, [4], 6, 1.0, 0.1, 30)
    growth(6, 3, 2, [5, 4], 8, 2.0, 0.3, 30)
else:
    print(f"# PyTorch {torch.__version__}, by make.py")
    curvature(5, 2, 2, [4], 12, 1.0)
    curvature(6, 3, 2, [5, 4], 20, 5 / 3)
    curvature(4, 1, 3, [5], 9, 5.0)

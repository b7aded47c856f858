"""Records the eigenvalues of Hessians and Gauss–Newton matrices of an installed PyTorch: `python make.py > curvature.txt`.

Each paragraph is one tanh network in double precision: its sizes `classes context embedding hidden…`, the inputs and targets
of its batch, one line per parameter in the order C, W1, b1, …, all exact multiples of 1/64, and all eigenvalues of both
matrices of the mean cross-entropy, from torch.func.hessian, and from torch.func.jacrev of the logits with
(diag(p) − ppᵀ)/m per row, by torch.linalg.eigvalsh.
"""

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
generator = torch.Generator().manual_seed(1)


def case(classes, context, embedding, hidden, examples, gain):
    sizes = [context * embedding, *hidden, classes]
    shapes = [(classes, embedding)]
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        shapes += [(fan_in, fan_out), (fan_out,)]
    values = []
    for shape in shapes:
        scale = gain / sizes[0] ** 0.5 if len(shape) == 2 and values else 0.5 if values else 1.0
        values.append(torch.round(64 * scale * torch.randn(shape, generator=generator)) / 64)
    inputs = torch.randint(classes, (examples, context), generator=generator)
    targets = torch.randint(classes, (examples,), generator=generator)

    def logits(flat):
        c, *layers = [part.reshape(shape) for part, shape in zip(flat.split([v.numel() for v in values]), shapes)]
        h = c[inputs].reshape(examples, -1)
        for at in range(0, len(layers), 2):
            h = h @ layers[at] + layers[at + 1]
            h = torch.tanh(h) if at + 2 < len(layers) else h
        return h

    flat = torch.cat([v.flatten() for v in values])
    hessian = torch.func.hessian(lambda flat: F.cross_entropy(logits(flat), targets))(flat)
    jacobian = torch.func.jacrev(logits)(flat)
    p = logits(flat).softmax(1)
    loss_hessian = (torch.diag_embed(p) - p[:, :, None] * p[:, None, :]) / examples
    gauss_newton = torch.einsum("mia,mij,mjb->ab", jacobian, loss_hessian, jacobian)

    print()
    print("sizes", classes, context, embedding, *hidden)
    print("inputs", *inputs.flatten().tolist())
    print("targets", *targets.tolist())
    for value in values:
        print("values", *value.flatten().tolist())
    for name, matrix in [("hessian", hessian), ("gauss_newton", gauss_newton)]:
        print(name, *torch.linalg.eigvalsh(matrix).tolist())


print(f"# PyTorch {torch.__version__}, by make.py")
case(5, 2, 2, [4], 12, 1.0)
case(6, 3, 2, [5, 4], 20, 5 / 3)
case(4, 1, 3, [5], 9, 5.0)

"""Records steps of torch.optim.Adam of an installed PyTorch: `python make_adam.py > adam.txt`.

Each paragraph is one run in one precision: `adam DTYPE rate beta1 beta2 eps`, the values of two parameters before the first
step, then per step the gradients of both, drawn beforehand, and the values of both after it. A gradient `none` is one that
the parameter does not have in that step. Numbers are exact: gradients and first values are multiples of 1/1024, and the
others are printed with all their digits.
"""

import torch

torch.set_num_threads(1)
generator = torch.Generator().manual_seed(1)
SHAPES = [(2, 3), (4,)]


def drawn(shape, scale, dtype):
    return (torch.round(1024 * scale * torch.randn(shape, generator=generator)) / 1024).to(dtype)


def line(name, values):
    print(name, *["none"] if values is None else [repr(x) for x in values.double().flatten().tolist()])


print(f"# PyTorch {torch.__version__}, by make_adam.py")
for dtype in [torch.float32, torch.float64]:
    for rate, betas, eps in [(0.01, (0.9, 0.999), 1e-8), (0.5, (0.5, 0.75), 1e-2), (1e-3, (0.0, 0.9), 1e-8)]:
        parameters = [torch.nn.Parameter(drawn(shape, 1.0, dtype)) for shape in SHAPES]
        optimiser = torch.optim.Adam(parameters, lr=rate, betas=betas, eps=eps, foreach=False)
        print()
        print("adam", str(dtype).removeprefix("torch."), rate, *betas, eps)
        for parameter in parameters:
            line("value", parameter.data)
        for step in range(8):
            for at, parameter in enumerate(parameters):
                absent = at == 1 and step in (0, 4)
                parameter.grad = None if absent else drawn(parameter.shape, [1.0, 1e-2, 30.0][step % 3], dtype)
                line("gradient", parameter.grad)
            optimiser.step()
            for parameter in parameters:
                line("value", parameter.data)

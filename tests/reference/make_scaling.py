"""Records how networks of several widths change in an installed PyTorch: `python make_scaling.py > scaling.txt`.

A network of 16-n-n-10 units with ReLU and without biases is drawn by `torch.manual_seed`: 32 inputs, then each weight as
[inputs, outputs]. Targets are three of the ten classes. It takes two steps, by torch.optim.SGD or torch.optim.Adam with a learning rate for
each weight. One line per network and step: parametrisation, optimiser, width, seed, step, the root mean squares of both hidden layers and of
the logits, and those of their changes since step 0 (Yang et al. 2022 plot these). Numbers are printed with all their digits.
"""

import torch

torch.set_num_threads(1)
BASE, EXAMPLES, INPUTS, CLASSES, STEPS = 64, 32, 16, 10, 2
RATES = {"sgd": 0.02, "adam": 0.001}


def rms(x):
    return x.double().square().mean().sqrt().item()


def factors(mup, adam, m):
    if not mup:
        return [1, 1, 1]
    return [1, 1 / m, 1 / m] if adam else [m, 1, 1 / m]


def network(mup, optimizer, width, seed):
    torch.manual_seed(seed)
    m = width / BASE
    x = torch.empty(EXAMPLES, INPUTS).normal_(0, 1)
    stds = [(2 / INPUTS) ** 0.5, (2 / width) ** 0.5, ((1 / m if mup else 1) / width) ** 0.5]
    shapes = [(INPUTS, width), (width, width), (width, CLASSES)]
    weights = [torch.empty(shape).normal_(0, std).requires_grad_() for shape, std in zip(shapes, stds)]
    targets = torch.arange(EXAMPLES) % 3
    groups = [
        {"params": [weight], "lr": RATES[optimizer] * factor}
        for weight, factor in zip(weights, factors(mup, optimizer == "adam", m))
    ]
    steps = torch.optim.SGD(groups) if optimizer == "sgd" else torch.optim.Adam(groups, foreach=False)
    first = None
    for step in range(STEPS + 1):
        one = (x @ weights[0]).relu()
        two = (one @ weights[1]).relu()
        logits = two @ weights[2]
        now = [value.detach() for value in (one, two, logits)]
        first = first or now
        name = "mup" if mup else "standard"
        numbers = [rms(value) for value in now] + [rms(value - old) for value, old in zip(now, first)]
        print(name, optimizer, width, seed, step, *[repr(number) for number in numbers])
        steps.zero_grad()
        torch.nn.functional.cross_entropy(logits, targets).backward()
        steps.step()


print(f"# PyTorch {torch.__version__}, by make_scaling.py")
for mup in [False, True]:
    for optimizer in ["sgd", "adam"]:
        for width in [32, 64, 128, 256, 512]:
            for seed in range(6):
                network(mup, optimizer, width, seed)

"""Prints the exponents in depth of residual networks in an installed PyTorch: `python make_scaling_depth.py`.

The networks of residual_depth.rs, drawn by `torch.manual_seed`: 16 inputs, blocks h + factor·W2·relu(W1·rms_norm(h)) of 64 units, 10
logits, Adam. One line per scaling: the exponents of the last layer's root mean square before the first step, and of its change after five
steps, over depths from 4 to 64 and six seeds.
"""

import numpy as np
import torch

torch.set_num_threads(1)
DEPTHS, SEEDS, WIDTH, INPUTS, CLASSES, EXAMPLES, RATE = [4, 8, 16, 32, 64], 6, 64, 16, 10, 32, 0.001


def sizes(depth, seed, factor, rate):
    torch.manual_seed(seed)
    normal = lambda rows, columns, std: torch.empty(rows, columns).normal_(0, std).requires_grad_()
    x = normal(EXAMPLES, INPUTS, 1.0).detach()
    first = normal(INPUTS, WIDTH, (1 / INPUTS) ** 0.5)
    blocks = [normal(WIDTH, WIDTH, ((1 if at % 2 == 0 else 2) / WIDTH) ** 0.5) for at in range(2 * depth)]
    head = normal(WIDTH, CLASSES, (1 / WIDTH) ** 0.5)
    adam = torch.optim.Adam([{"params": [first, head], "lr": RATE}, {"params": blocks, "lr": RATE * rate}], foreach=False)
    norm = lambda h: torch.nn.functional.rms_norm(h, (WIDTH,), eps=1e-5)
    streams = []
    for _ in range(6):
        h = x @ first
        for one, two in zip(blocks[::2], blocks[1::2]):
            h = h + (norm(h) @ one).relu() @ two * factor
        streams.append(h.detach())
        adam.zero_grad()
        torch.nn.functional.cross_entropy(norm(h) @ head, torch.arange(EXAMPLES) % 3).backward()
        adam.step()
    rms = lambda value: value.double().square().mean().sqrt().item()
    return rms(streams[0]), rms(streams[5] - streams[0])


print(f"# PyTorch {torch.__version__}, by make_scaling_depth.py")
for name, factor, rate in [
    ("unscaled", 0, 0),
    ("1/√L, one rate", -0.5, 0),
    ("CompleteP, α = ½", -0.5, -0.5),
    ("CompleteP, α = 1", -1, 0),
]:
    logs = np.log([[sizes(depth, seed, depth**factor, depth**rate) for depth in DEPTHS] for seed in range(SEEDS)])
    slopes = [np.polyfit(np.log(DEPTHS), logs[:, :, at].mean(0), 1)[0] for at in range(2)]
    print(name, *[f"{slope:.4f}" for slope in slopes], sep="; ")

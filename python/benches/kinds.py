"""Sites by kind beside what the model's own modules say, for every model of the zoo.

    python python/benches/kinds.py > docs/out/python-zoo.md

A layer that is called once is one site. So the number of linear sites must be that of the linear modules, and likewise for
convolutions, norms, embeddings and activations, as PyTorch's hooks count their calls; what the functional interface does on top is
beside it. `unchanged`: parameters, buffers, gradients, modes and the random state are the same bits afterwards.
"""

import collections
import os
import pathlib
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "zoo"))

import models
import torch
from torch import nn

import step_zero as sz

LINEAR = (nn.Linear,)
CONVOLUTION = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
KINDS = ("linear", "convolution", "transposed_convolution", "norm", "embedding")


def kind_of(module):
    """The kind of site that a leaf module makes, by its class."""
    name = type(module).__name__
    if isinstance(module, LINEAR) or name == "Conv1D":
        return "linear"
    if isinstance(module, CONVOLUTION):
        return "convolution"
    if isinstance(module, TRANSPOSED):
        return "transposed_convolution"
    if "Norm" in name and not list(module.children()):
        return "norm"
    return "embedding" if isinstance(module, nn.Embedding) else None


def counted(model, inputs):
    """The calls of modules of each kind in a plain pass."""
    calls = collections.Counter()
    hooks = [
        module.register_forward_hook(lambda *_, kind=kind: calls.update([kind]))
        for module in model.modules()
        if (kind := kind_of(module))
    ]
    with torch.random.fork_rng(), torch.no_grad():
        model(**inputs) if isinstance(inputs, dict) else model(*inputs)
    for hook in hooks:
        hook.remove()
    return calls


def state(model):
    gradients = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
    flags = [p.requires_grad for p in model.parameters()] + [m.training for m in model.modules()]
    return {n: t.clone() for n, t in model.state_dict().items()}, gradients, flags, torch.get_rng_state()


def same(a, b):
    tensors = all(torch.equal(a[0][n], b[0][n]) or a[0][n].isnan().any() for n in a[0])
    return tensors and a[1] == b[1] and a[2] == b[2] and torch.equal(a[3], b[3])


def main():
    torch.set_num_threads(1)
    heads = [kind.replace("_", " ") for kind in KINDS]
    print(f"| model | sites | {' | '.join(heads)} | residual sums | attention | out of sight | unchanged | findings |")
    print("|---" * (len(KINDS) + 7) + "|")
    for name, build in models.MODELS.items():
        torch.manual_seed(0)
        model, inputs, loss = build()
        copied = {n: b.clone() for n, b in model.named_buffers()}
        calls = counted(model, inputs)
        for n, buffer in model.named_buffers():
            buffer.data.copy_(copied[n])
        before = state(model)
        report = sz.observe(model, inputs, loss, name=name)
        sites = collections.Counter(site["kind"] for site in report.sites)
        cells = [f"{sites[kind]}" if sites[kind] == calls[kind] else f"{sites[kind]} ({calls[kind]})" for kind in KINDS]
        row = [name, len(report.sites), *cells, sites["residual_sum"], sites["softmax"], len(report.out_of_sight)]
        row += ["yes" if same(before, state(model)) else "NO", len(report.findings)]
        print(f"| {' | '.join(map(str, row))} |", flush=True)


if __name__ == "__main__":
    main()

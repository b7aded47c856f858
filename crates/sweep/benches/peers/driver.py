"""PyTorch's side of the comparison: the same cells by torch.func.vmap, and one model at a time.

It reads one line of JSON with the values of the cells, then a line per turn, and answers each with a line of JSON.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch.func import grad_and_value, vmap

torch.set_num_threads(1)
setup = json.loads(sys.stdin.readline())
inputs, targets = torch.tensor(setup["inputs"]), torch.tensor(setup["targets"])
rates, steps = torch.tensor(setup["rates"]), setup["steps"]
one_hot = [F.one_hot(symbols, setup["classes"]).float() for symbols in (inputs, targets)]
first = [torch.tensor(p["values"]).view(p["shape"]) for p in setup["parameters"]]


def loss(parameters):
    table, w1, b1, w2, b2 = parameters
    hidden = torch.tanh(F.linear(F.embedding(inputs, table), w1.T, b1))
    return F.cross_entropy(F.linear(hidden, w2.T, b2), targets)


def batched_loss(parameters):
    """The same with products in place of lookups, which are faster under vmap."""
    table, w1, b1, w2, b2 = parameters
    hidden = torch.tanh(torch.addmm(b1, one_hot[0] @ table, w1))
    log_p = torch.log_softmax(torch.addmm(b2, hidden, w2), -1)
    return -(log_p * one_hot[1]).sum() / len(targets)


one_step = vmap(grad_and_value(batched_loss))


def together(count):
    """Trains the first `count` cells at once; returns their losses after the last step."""
    parameters = [p.expand(count, *p.shape).clone() for p in first]
    factors = [rates[:count].view(-1, *[1] * p.dim()) for p in first]
    for _ in range(steps):
        gradients, _ = one_step(parameters)
        for p, g, rate in zip(parameters, gradients, factors):
            p.addcmul_(rate, g, value=-1)
    return vmap(batched_loss)(parameters).tolist()


def alone(cell):
    """Trains one cell as a loop over models would; returns its loss after the last step."""
    parameters = [p.clone().requires_grad_() for p in first]
    optimizer = torch.optim.SGD(parameters, rates[cell].item())
    for _ in range(steps):
        optimizer.zero_grad()
        loss(parameters).backward()
        optimizer.step()
    with torch.no_grad():
        return [loss(parameters).item()]


def timed(work, count):
    began = time.process_time()
    losses = work()
    return {"seconds": (time.process_time() - began) / count, "losses": losses}


print(json.dumps({"torch": torch.__version__}), flush=True)
for line in sys.stdin:
    count = int(line)
    # A count of 0 is one model at a time.
    answer = timed(lambda: together(count), count) if count else timed(lambda: alone(0), 1)
    print(json.dumps(answer), flush=True)

# %% [markdown]
# # A network that does not train
#
# Run it as a script, or cell by cell in a notebook, where a report shows its figures.

# %%
import torch
import torch.nn.functional as F
from torch import nn

import step_zero as sz

torch.manual_seed(0)

# %% [markdown]
# Twenty ReLU layers with PyTorch's default initialisation. The loss is that of guessing, and it stays there.

# %%
layers = [nn.Linear(32, 64), nn.ReLU()]
for _ in range(19):
    layers += [nn.Linear(64, 64), nn.ReLU()]
model = nn.Sequential(*layers, nn.Linear(64, 10))

x, y = torch.randn(64, 32), torch.randint(0, 10, (64,))
loss = lambda out: F.cross_entropy(out, y)

# %%
report = sz.observe(model, x, loss)
report

# %%
print(report)

# %% [markdown]
# Follow the advice on a copy, and look again.

# %%
fixed = report.fix(model)
print(fixed)

# %% [markdown]
# And what does training say? A hundred steps of each.


# %%
def trained(network, steps=100):
    optimiser = torch.optim.SGD(network.parameters(), lr=0.02)
    for _ in range(steps):
        optimiser.zero_grad()
        value = loss(network(x))
        value.backward()
        optimiser.step()
    return value.item()


before, after = trained(model), trained(fixed.model)
print(f"loss after 100 steps: {before:.3f} as it was, {after:.3f} with the advice")

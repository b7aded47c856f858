"""Weights before and after training, and of an LSTM: what `identify` must tell apart, and whose seeds it must find.

Usage: make_identify.py; writes the folder `identify` beside this script. Needs torch, safetensors, scikit-learn.
"""
import pathlib

import torch
from safetensors.torch import save_file
from sklearn.datasets import load_digits

out = pathlib.Path(__file__).parent / "identify"
out.mkdir(exist_ok=True)
torch.set_num_threads(1)


def save(name, module):
    save_file({key: value.clone() for key, value in module.state_dict().items()}, out / f"{name}.safetensors")


torch.manual_seed(1234)
net = torch.nn.Sequential(
    torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10)
)
save("digits-init", net)

images, digits = load_digits(return_X_y=True)
images, digits = torch.tensor(images, dtype=torch.float32) / 8 - 1, torch.tensor(digits)
adam = torch.optim.Adam(net.parameters(), lr=3e-3)
for _ in range(50):
    for batch in torch.randperm(len(images)).split(64):
        loss = torch.nn.functional.cross_entropy(net(images[batch]), digits[batch])
        adam.zero_grad()
        loss.backward()
        adam.step()
save("digits-trained", net)

# Fine-tuned: a head for another task, new beside trained layers.
torch.manual_seed(5)
net[4] = torch.nn.Linear(32, 40)
save("digits-new-head", net)

torch.manual_seed(77)
save("lstm", torch.nn.LSTM(16, 24, 2))

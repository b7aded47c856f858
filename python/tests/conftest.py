"""Models that the tests share."""

import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)


@pytest.fixture
def mlp():
    """A healthy ReLU network, its batch and its loss, at seed 0."""
    return build_mlp(0)


def build_mlp(seed, gain=2**0.5):
    from torch import nn

    torch.manual_seed(seed)
    layers = [nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10)]
    model = nn.Sequential(*layers)
    for layer in layers[::2]:
        nn.init.normal_(layer.weight, std=(gain if layer is not layers[-1] else 1) * layer.in_features**-0.5)
        nn.init.zeros_(layer.bias)
    labels = torch.randint(0, 10, (32,))
    return model, torch.randn(32, 64), lambda out: nn.functional.cross_entropy(out, labels)

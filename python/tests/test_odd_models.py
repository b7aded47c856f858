"""Models out of the ordinary are observed, or say what could not be seen; a model that fails is left as it was."""

import threading

import pytest

import step_zero as sz

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.utils import checkpoint  # noqa: E402


class Model(nn.Module):
    """Layers, and a function that calls them."""

    def __init__(self, call, *layers):
        super().__init__()
        self.call, self.layers = call, nn.ModuleList(layers)

    def forward(self, *inputs):
        return self.call(self.layers, *inputs)


X = torch.linspace(-1, 1, 128).reshape(8, 16)
SQUARE = lambda out: out.square().mean()


@pytest.mark.parametrize("reentrant", [True, False])
def test_checkpointed_layers_have_gradients(reentrant):
    call = lambda layers, x: layers[1](checkpoint.checkpoint(layers[0], x, use_reentrant=reentrant))
    model = Model(call, nn.Sequential(nn.Linear(16, 16), nn.ReLU()), nn.Linear(16, 4))
    report = sz.observe(model, X.clone().requires_grad_(), SQUARE)
    assert report.out_of_sight == []
    assert all("gradient_rms" in parameter["statistics"] for parameter in report.parameters)


def test_sparse_gradients():
    call = lambda layers, tokens: layers[1](layers[0](tokens).mean(1))
    model = Model(call, nn.Embedding(50, 16, sparse=True), nn.Linear(16, 4))
    report = sz.observe(model, torch.arange(40).reshape(8, 5), SQUARE)
    assert "gradient_rms" in report.parameters[0]["statistics"]


def test_what_runs_out_of_sight_is_listed():
    call = lambda layers, x: torch.vmap(layers[0])(x)
    report = sz.observe(Model(call, nn.Linear(16, 4)), X, SQUARE)
    assert report.out_of_sight == ["layers.0.bias", "layers.0.weight"]


@pytest.mark.parametrize(
    "model, inputs",
    [
        (nn.GRU(16, 8, 2, batch_first=True), torch.randn(4, 5, 16)),
        (nn.TransformerDecoderLayer(16, 4, batch_first=True), (torch.randn(4, 6, 16), torch.randn(4, 6, 16))),
        (nn.utils.parametrizations.spectral_norm(nn.Linear(16, 4)), X),
        (nn.ReLU(), X),
        (nn.Linear(16, 4), X[:1]),
        (nn.Linear(16, 4), X[:0]),
        (nn.Linear(16, 4).requires_grad_(False), X),
    ],
    ids=["gru", "decoder", "spectral norm", "no parameters", "one example", "no example", "frozen"],
)
def test_without_a_loss(model, inputs):
    assert sz.observe(model, inputs).sites


def test_a_model_that_fails_is_left_as_it_was():
    def fails(layers, x):
        layers[0](x)
        raise RuntimeError("mine")

    model = Model(fails, nn.Linear(16, 4))
    layer = model.layers[0]
    layer.weight.grad = torch.ones(4, 16)
    layer.bias.requires_grad_(False)
    with pytest.raises(RuntimeError, match="mine"):
        sz.observe(model, X)
    assert torch.equal(layer.weight.grad, torch.ones(4, 16)) and not layer.bias.requires_grad
    sz.observe(nn.Linear(16, 4), X)
    assert threading.active_count() == 1

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


MLP = lambda: nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 4))
BYTES = torch.arange(64 * 16).remainder(251).to(torch.uint8).reshape(64, 16)
kinds = lambda report: [(site["name"], site["kind"]) for site in report.sites]


@pytest.mark.parametrize(
    "convert",
    [
        lambda x: x / 255,
        lambda x: x.float() / 255,
        lambda x: (x - 127.5) / 127.5,
        lambda x: nn.functional.one_hot(x[:, 0].long() % 16, 16).to(torch.float32),
        lambda x: (x[:, :1] == torch.arange(0, 256, 16)).float(),
        lambda x: torch.zeros(64, 16).scatter_(1, x[:, :1].long() // 16, 1.0),
        lambda x: (x[:, :1] * torch.arange(1, 17)).sin(),
    ],
    ids=["/", "float", "minus", "one_hot", "==", "scatter", "sin"],
)
def test_integers_of_the_batch_become_an_input(convert):
    torch.manual_seed(0)
    model = Model(lambda layers, x: layers[0](convert(x)), MLP())
    report = sz.observe(model, BYTES, SQUARE)
    layers = [("layers.0.0", "linear"), ("layers.0.1", "activation"), ("layers.0.2", "linear")]
    assert kinds(report)[:4] == [("input", "input"), *layers]
    assert report.out_of_sight == [] and "unnormalised-input" not in [verdict.rule for verdict in report.verdicts]
    nn.init.constant_(model.layers[0][0].bias, -1e4)
    assert "dead-units" in [verdict.rule for verdict in sz.observe(model, BYTES, SQUARE).findings]


def test_bytes_that_a_layer_reads_as_they_are_have_a_finding():
    report = sz.observe(Model(lambda layers, x: layers[0](x.float()), MLP()), BYTES, SQUARE)
    assert "unnormalised-input" in [verdict.rule for verdict in report.findings]


@pytest.mark.parametrize("make", [lambda x: torch.randn(8, 16), torch.randn_like], ids=["randn", "randn_like"])
def test_noise_made_inside_is_a_signal_but_no_input(make):
    report = sz.observe(Model(lambda layers, x: layers[0](make(x)), MLP()), X, SQUARE)
    assert kinds(report)[1:3] == [("layers.0.0 (data)", "other"), ("layers.0.0", "linear")] and report.out_of_sight == []


def test_a_branch_from_integers_is_seen_beside_another():
    one_hot = lambda c: nn.functional.one_hot(c, 16).float()
    call = lambda layers, c, x: layers[2](torch.cat([layers[0](one_hot(c)).relu(), layers[1](x).relu()], 1))
    model = Model(call, nn.Linear(16, 8), nn.Linear(16, 8), nn.Linear(16, 4))
    report = sz.observe(model, (BYTES[:, 0].long() % 16, torch.randn(64, 16)), SQUARE)
    assert dict(kinds(report))["layers.0"] == "linear" and report.out_of_sight == []


def test_masks_positions_and_indices_have_no_site():
    def call(layers, x, tokens, mask):
        x = layers[0](x) * mask.float() + torch.arange(4).float().sin()
        return x + layers[1](tokens)

    model = Model(call, nn.Linear(16, 4), nn.Embedding(10, 4))
    report = sz.observe(model, (X, torch.arange(8), torch.arange(8)[:, None] % 2))
    assert [kind for _, kind in kinds(report)] == ["input", "linear", "scale", "scale", "embedding", "sum"]


def test_a_network_of_which_nothing_is_seen_is_not_clean():
    report = sz.observe(Model(lambda layers, x: torch.vmap(layers[0])(x), MLP()), X, SQUARE)
    assert "out of sight" in str(report)
    with pytest.raises(AssertionError, match="nothing was judged: all 4 parameters of Model are out of sight") as caught:
        report.assert_clean()
    assert "\n" not in str(caught.value)
    sz.observe(nn.ReLU(), X).assert_clean()

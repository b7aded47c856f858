"""Models out of the ordinary are observed, or say what could not be seen; a model that fails is left as it was."""

import copy
import threading
import warnings

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
kinds = lambda report: [(site["name"], site["kind"]) for site in report.sites]


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


def test_gradients_inside_a_forward_pass_are_not_those_of_the_loss():
    def slope(layers, x):
        x = x.requires_grad_()
        return torch.autograd.grad(layers[0](x).sum(), x, create_graph=True)[0]

    model = Model(slope, nn.Sequential(nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 1, bias=False)))
    report = sz.observe(model, X, SQUARE)
    SQUARE(model(X.clone())).backward()
    weight = next(p for p in report.parameters if p["name"] == "layers.0.0.weight")["statistics"]
    expected = model.layers[0][0].weight.grad.square().mean().sqrt().item()
    assert weight["gradient_rms"][0] == pytest.approx(expected, rel=1e-5)
    assert report.out_of_sight == []


def test_gradients_inside_a_loss():
    x, model = X.clone().requires_grad_(), nn.Sequential(nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 1, bias=False))
    report = sz.observe(model, x, lambda out: SQUARE(torch.autograd.grad(out.sum(), x, create_graph=True)[0]))
    assert report.loss > 0 and x.grad is None


def test_layers_made_in_a_forward_pass():
    assert sz.observe(Model(lambda layers, x: nn.Linear(16, 4)(x)), X, SQUARE).sites


def test_einsum_with_the_parameter_first():
    class Heads(nn.Module):
        def __init__(self, equation, *shape):
            super().__init__()
            self.equation, self.weight = equation, nn.Parameter(torch.randn(shape))

        def forward(self, x):
            return torch.einsum(self.equation, self.weight, x)

    for equation, shape, units, positions in [
        ("dhk,btd->bthk", (16, 4, 8), 8, 40),
        ("hd,btd->bth", (4, 16), 4, 10),
        ("hd,btd->bht", (4, 16), 4, 10),
    ]:
        site = sz.observe(Heads(equation, *shape), torch.randn(8, 10, 16)).sites[-1]
        counts = [site["statistics"][name][0] for name in ("examples", "units", "positions")]
        assert (site["kind"], counts) == ("linear", [8, units, positions])
    assert sz.observe(Heads("dhk,...d->...hk", 16, 4, 8), torch.randn(8, 10, 16)).sites[-1]["kind"] == "linear"


@pytest.mark.parametrize("layout", ["to_sparse", "to_sparse_csr"])
@pytest.mark.filterwarnings("ignore:Sparse CSR")
def test_sparse_inputs_have_no_site(layout):
    adjacency = getattr((torch.rand(8, 8) > 0.5).float(), layout)()
    call = lambda layers, a, x: layers[1](torch.sparse.mm(a, layers[0](x).relu()))
    report = sz.observe(Model(call, nn.Linear(16, 8), nn.Linear(8, 4)), (adjacency, X), SQUARE)
    assert [kind for _, kind in kinds(report)].count("input") == 1 and report.out_of_sight == []


@pytest.mark.parametrize("layout", [torch.jagged, torch.strided])
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_nested_tensors_are_out_of_sight(layout):
    inputs = torch.nested.nested_tensor([torch.randn(3, 16), torch.randn(5, 16)], layout=layout)
    report = sz.observe(nn.Linear(16, 4), inputs, lambda out: torch.cat(out.unbind()).square().mean())
    assert report.out_of_sight == ["bias", "weight"]


def test_an_input_without_values_is_not_measured():
    call = lambda layers, x, empty: layers[0](torch.cat([x, empty], 1))
    report = sz.observe(Model(call, nn.Linear(16, 4)), (X, torch.zeros(8, 0)), SQUARE)
    assert "rms" not in report.sites[1]["statistics"] and "rms" in report.sites[2]["statistics"]


def test_models_without_values_are_one_clear_line():
    for model, inputs, text in [
        (nn.LazyLinear(4), X, "weight has no shape yet: run the model once"),
        (nn.Linear(16, 4, device="meta"), X, "weight is on the meta device"),
        (nn.ReLU(), X.to("meta"), "the batch is on the meta device"),
    ]:
        with pytest.raises(ValueError, match=text) as caught:
            sz.observe(model, inputs)
        assert "\n" not in str(caught.value)


def test_parameters_frozen_in_a_forward_pass():
    def call(layers, x):
        layers[0].requires_grad_(False)
        return layers[1](layers[0](x))

    model = Model(call, nn.Linear(16, 8), nn.Linear(8, 4))
    report = warned("not depend on 2 of 4 trainable parameters that ran: layers.0.weight, layers.0.bias", model, SQUARE)
    assert ["gradient_rms" in p["statistics"] for p in report.parameters] == [False, False, True, True]
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_modules_of_other_threads_are_not_recorded():
    entered, release = threading.Event(), threading.Event()

    class Slow(nn.Module):
        def forward(self, x):
            entered.set()
            release.wait()
            return x

    class Layer(nn.Linear):
        def forward(self, x):
            release.set()
            other.join()
            return super().forward(x)

    def call(layers, x):
        other.start()
        entered.wait()
        return layers[0](x)

    other = threading.Thread(target=lambda: Slow()(X))
    assert kinds(sz.observe(Model(call, Layer(16, 4)), X)) == [("input", "input"), ("layers.0", "linear")]


def test_passes_of_one_model_in_several_threads():
    model, reports = MLP(), []
    model[0].weight.requires_grad_(False)
    observe = lambda: reports.extend(sz.observe(model, X, SQUARE) for _ in range(5))
    threads = [threading.Thread(target=observe) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(reports) == 20
    assert all([p["trainable"] for p in report.parameters] == [False, True, True, True] for report in reports)


class Moving(nn.Module):
    """A model whose forward pass changes everything that it holds."""

    def __init__(self, fails):
        super().__init__()
        self.fails, self.layer, self.norm = fails, nn.Linear(16, 4), nn.BatchNorm1d(4)
        self.codes, self.kept = nn.Parameter(torch.randn(8, 4)), nn.Parameter(torch.randn(4, 4))
        self.table = nn.Embedding(5, 4, max_norm=0.1)
        self.noise = nn.Parameter(torch.zeros(4))
        for name, shape in [("cache", (2, 16)), ("grown", (0,)), ("sum", (4,))]:
            self.register_buffer(name, torch.zeros(shape))

    def forward(self, x):
        with torch.no_grad():
            self.codes.index_add_(0, torch.arange(4), torch.ones(4, 4))
            self.kept.data = torch.renorm(self.kept.data, 2, 0, 0.3)
            torch._foreach_add_([self.layer.weight, self.layer.bias], 1.0)
            torch.add(self.noise, 1.0, out=self.noise)
        self.cache, self.sum = torch.cat([self.cache, x]), self.sum + 1
        self.grown.resize_(3).fill_(1.0)
        self.eval()
        self.norm.train()
        out = self.norm(self.layer(x)) @ self.kept + self.codes.sum(0) + self.table(torch.arange(8) % 5) + self.noise
        if self.fails:
            raise RuntimeError("mine")
        return out


@pytest.mark.parametrize("fails", [False, True])
def test_what_a_forward_pass_changes_comes_back(fails):
    model = Moving(fails)
    before, memory = copy.deepcopy(model.state_dict()), [p.data_ptr() for p in model.parameters()]
    names = [name for name, _ in model.named_buffers()]
    if fails:
        with pytest.raises(RuntimeError, match="mine"):
            sz.observe(model, X, SQUARE)
    else:
        sz.observe(model, X, SQUARE)
    after = model.state_dict()
    assert list(after) == list(before) and [name for name, _ in model.named_buffers()] == names
    assert [name for name in before if not torch.equal(after[name], before[name])] == []
    assert [p.data_ptr() for p in model.parameters()] == memory
    assert all(module.training for module in model.modules())


def test_a_change_of_a_parameter_that_nobody_sees_is_said():
    def call(layers, x):
        with torch._C.DisableTorchFunction(), torch.no_grad():
            layers[0].weight.mul_(2)
        return layers[0](x)

    with pytest.warns(UserWarning, match="the model changed layers.0.weight out of sight"):
        sz.observe(Model(call, nn.Linear(16, 4)), X)


def test_gradients_of_tensors_outside_the_model_stay_as_they_were():
    leaf, encoder, head = X.clone().requires_grad_(), nn.Linear(16, 16), nn.Linear(4, 1)
    leaf.grad = torch.ones(8, 16)
    computed = encoder(X)
    model = Model(lambda layers, a, b: layers[0](a + b), nn.Linear(16, 4))
    report = sz.observe(model, (leaf, computed), lambda out: head(out).mean())
    assert torch.equal(leaf.grad, torch.ones(8, 16))
    assert encoder.weight.grad is None and head.weight.grad is None
    assert "gradient_rms" in report.sites[0]["statistics"]
    computed.sum().backward()


@pytest.mark.parametrize(
    "model, inputs",
    [
        (nn.GRU(16, 8, 2, batch_first=True), torch.randn(4, 5, 16)),
        (nn.TransformerDecoderLayer(16, 4, batch_first=True), (torch.randn(4, 6, 16), torch.randn(4, 6, 16))),
        (nn.utils.parametrizations.spectral_norm(nn.Linear(16, 4)), X),
        (nn.ReLU(), X),
        (nn.Linear(16, 4), X[:1]),
        (nn.Linear(16, 4).requires_grad_(False), X),
    ],
    ids=["gru", "decoder", "spectral norm", "no parameters", "one example", "frozen"],
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


def test_a_branch_from_constants_is_out_of_sight_beside_another():
    call = lambda layers, x: layers[1](x) + layers[0](torch.ones(8, 16)).relu()
    report = sz.observe(Model(call, nn.Linear(16, 4), nn.Linear(16, 4)), X, SQUARE)
    assert report.out_of_sight == ["layers.0.bias", "layers.0.weight"]


def test_masks_positions_and_indices_have_no_site():
    def call(layers, x, tokens, mask):
        x = layers[0](x) * mask.float() + torch.arange(4).float().sin()
        return x + layers[1](tokens)

    model = Model(call, nn.Linear(16, 4), nn.Embedding(10, 4))
    report = sz.observe(model, (X, torch.arange(8), torch.arange(8)[:, None] % 2))
    assert [kind for _, kind in kinds(report)] == ["input", "linear", "scale", "scale", "embedding", "sum"]


@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning")
def test_a_network_of_which_nothing_is_seen_is_not_clean():
    vmapped = Model(lambda layers, x: torch.vmap(layers[0])(x), MLP())
    vmapped.layers[0][1].inplace = True
    slope = lambda layers, x: torch.func.grad(lambda z: layers[0](z).sum())(x)
    for model in (vmapped, Model(slope, MLP()), torch.jit.trace(MLP(), X), torch.jit.script(MLP())):
        report = sz.observe(model, X, SQUARE)
        assert "out of sight" in str(report)
        with pytest.raises(AssertionError, match="nothing was judged: all 4 parameters of .* are out of sight") as caught:
            report.assert_clean()
        assert "\n" not in str(caught.value)
    sz.observe(nn.ReLU(), X).assert_clean()


def test_a_loss_that_depends_on_no_parameter_is_said():
    report = warned("the loss depends on no trainable parameter", MLP(), lambda out: (out.argmax(1) == 0).float().mean())
    assert len(report.without_gradient) == 4


def test_parameters_that_the_loss_does_not_reach_are_named():
    call = lambda layers, x: layers[1](layers[0](x).detach())
    model = Model(call, nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 16)), nn.Linear(16, 4))
    text = "not depend on 4 of 6 trainable parameters that ran: layers.0.0.weight, layers.0.0.bias, layers.0.2.weight and 1 more"
    report = warned(text, model, SQUARE)
    assert report.without_gradient[-1] == "layers.0.2.bias"
    model.layers[0].requires_grad_(False)
    silent(model, SQUARE)


def test_nothing_is_said_of_gradients_without_a_loss_or_of_layers_that_did_not_run():
    model = Model(lambda layers, x: layers[0](x), nn.Linear(16, 4), nn.Linear(16, 4))
    silent(model, SQUARE)
    silent(Model(lambda layers, x: layers[0](x).detach(), nn.Linear(16, 4)), None)


def warned(text, model, loss):
    with pytest.warns(UserWarning, match=text):
        return sz.observe(model, X, loss)


def silent(model, loss):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sz.observe(model, X, loss).without_gradient == []

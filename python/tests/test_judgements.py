"""What is said about models of a few lines, as people write them: faults by name, and nothing about their look-alikes."""

import copy

import pytest

import step_zero as sz

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402


class Written(nn.Module):
    """A model whose forward pass is a function of itself and its inputs."""

    def __init__(self, function, **modules):
        super().__init__()
        self.function = function
        for name, module in modules.items():
            setattr(self, name, module)

    def forward(self, *inputs):
        return self.function(self, *inputs)


def mlp(outputs=10):
    return nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, outputs))


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.fixture
def x():
    return torch.randn(64, 32)


@pytest.fixture
def y():
    return torch.randint(0, 10, (64,))


def rules(report):
    return [verdict.rule for verdict in report.findings]


def test_a_softmax_before_a_loss_that_has_one(x, y):
    model = nn.Sequential(*mlp(), nn.Softmax(1))
    verdict = sz.observe(model, x, lambda out: F.cross_entropy(out, y)).verdicts[0]
    assert (verdict.rule, verdict.location) == ("squashed-logits", "3 (softmax)") and "cannot fall below 1.46" in verdict.finding
    target = torch.randint(0, 2, (64, 1)).float()
    model = nn.Sequential(*mlp(1), nn.Sigmoid())
    report = sz.observe(model, x, lambda out: F.binary_cross_entropy_with_logits(out, target))
    assert rules(report) == ["squashed-logits"]


def test_losses_of_probabilities_are_healthy(x, y):
    target = torch.randint(0, 2, (64, 1)).float()
    for last, loss in [
        (nn.LogSoftmax(1), lambda out: F.nll_loss(out, y)),
        (nn.Softmax(1), lambda out: F.nll_loss(out.log(), y)),
        (nn.Identity(), lambda out: F.nll_loss(F.log_softmax(out, 1), y)),
        (nn.Identity(), lambda out: F.cross_entropy(30 * torch.tanh(out / 30), y)),
    ]:
        assert sz.observe(nn.Sequential(*mlp(), last), x, loss).findings == []
    report = sz.observe(nn.Sequential(*mlp(1), nn.Sigmoid()), x, lambda out: F.binary_cross_entropy(out, target))
    assert report.findings == []


def test_inputs_are_judged_where_a_weight_reads_them(y):
    pixels = torch.randint(0, 256, (64, 32)).float()
    loss = lambda out: F.cross_entropy(out, y)
    for inside in (lambda x: x / 255, lambda x: (x - 127.5) / 74, lambda x: torch.log1p(x) / 7):
        model = Written(lambda self, x, inside=inside: self.body(inside(x)), body=mlp())
        assert sz.observe(model, pixels, loss).findings == []
    report = sz.observe(mlp(), pixels, loss)
    assert "unnormalised-input" in rules(report)


def test_targets_in_the_batch_are_no_inputs(x):
    model = Written(lambda self, x, target: F.l1_loss(self.body(x), target / 100), body=nn.Linear(32, 4))
    report = sz.observe(model, (x, 100 * torch.rand(64, 4)), lambda out: out)
    assert report.findings == []


def test_one_large_feature_is_no_reason_to_divide_all(x, y):
    table = torch.cat([x[:, :31], 1e6 * torch.rand(64, 1)], 1)
    report = sz.observe(mlp(), table, lambda out: F.cross_entropy(out, y))
    verdict = report.verdicts[0]
    assert verdict.rule == "unnormalised-input" and "each feature on its own" in verdict.text and not verdict.fixes


def test_a_dead_stem_is_named_before_branches_that_start_at_zero(x, y):
    def forward(self, x):
        stem = F.relu(self.norm(self.stem(x)))
        return self.head(stem + self.last(F.relu(self.first(stem))))

    layers = dict(stem=nn.Linear(32, 64), norm=nn.BatchNorm1d(64), first=nn.Linear(64, 64), last=nn.Linear(64, 64))
    model = Written(forward, **layers, head=nn.Linear(64, 10))
    nn.init.zeros_(model.last.weight)
    nn.init.zeros_(model.last.bias)
    loss = lambda out: F.cross_entropy(out, y)
    assert sz.observe(model, x, loss).findings == []
    nn.init.constant_(model.norm.bias, -10.0)
    report = sz.observe(model, x, loss)
    assert report.verdicts[0].rule == "dead-units"
    fixed = report.fix(model)
    assert fixed.after.findings == [] and not fixed.model.norm.bias.any() and not fixed.model.last.weight.any()


def test_a_target_network_is_a_copy_by_design(x):
    def forward(self, a, b):
        with torch.no_grad():
            target = self.target(b).max(1).values
        return self.online(a).max(1).values, target

    online = mlp()
    model = Written(forward, online=online, target=copy.deepcopy(online))
    report = sz.observe(model, (x, x.flip(0)), lambda out: F.mse_loss(*out))
    assert report.findings == []


def test_one_bias_of_the_logits_is_set_to_zero(x, y):
    model = mlp()
    model[2].bias.data[3] = 100.0
    report = sz.observe(model, x, lambda out: F.cross_entropy(out, y))
    fixed = report.fix(model)
    assert fixed.after.findings == [] and torch.equal(fixed.model[2].weight, model[2].weight)

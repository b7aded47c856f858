"""How real PyTorch models grow with their width: μP passes, everything else is found."""

import math

import pytest

import step_zero as sz

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

WIDTHS = [32, 64, 128, 256]
BASE = 32


class Net(nn.Module):
    """A network without biases, its hidden weights N(0, 2/fan_in), its output's 1/fan_in, or 1/fan_in² with μP."""

    def __init__(self, width, mup, outputs=10, inputs=16):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(inputs, width, bias=False), nn.ReLU(), nn.Linear(width, width, bias=False), nn.ReLU(), nn.Dropout(0.1)
        )
        self.head = nn.Linear(width, outputs, bias=False)
        for layer in (self.body[0], self.body[2]):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.normal_(self.head.weight, std=math.sqrt((BASE / width if mup else 1) / width))

    def forward(self, x):
        return self.head(self.body(x))


def adam(mup, output_rate=None):
    def make(model, width):
        factor = BASE / width if mup else 1
        groups = [(model.body[0], 1), (model.body[2], factor), (model.head, output_rate or factor)]
        return torch.optim.Adam([{"params": layer.parameters(), "lr": 1e-3 * scale} for layer, scale in groups])

    return make


def check(mup, optimizer, **options):
    torch.manual_seed(0)
    x, labels = torch.randn(32, 16), torch.arange(32) % 3
    loss = lambda out: nn.functional.cross_entropy(out, labels)
    state = torch.get_rng_state()
    found = sz.scaling_check(lambda width: Net(width, mup), x, loss, optimizer, widths=WIDTHS, **options)
    assert torch.equal(torch.get_rng_state(), state)
    return found


def row(check, quantity, step):
    return next(row for row in check.rows if (row.quantity, row.step) == (quantity, step))


def test_mup_passes_its_table():
    found = check(True, adam(True), expect="mup")
    found.assert_passed()
    for name, role in [("body.0", "input"), ("body.2", "hidden"), ("head", "logits")]:
        assert {m.role for m in found.measurements if m.name == name} == {role}
    change = row(found, "change of head", 1)
    assert change.outcome == "pass" and change.interval[0] < change.exponent < change.interval[1]
    assert abs(change.exponent) < 0.2 and change.expected == "0"


def test_the_standard_parametrisation_fails_it_and_passes_its_own():
    found = check(False, adam(False), expect="mup")
    assert not found.passed
    assert row(found, "change of head", 1).outcome == "fail"
    assert "FAIL: change of body.2 after step 1 ∝ width^+" in str(found)
    assert "Divide the learning rate of the output by the width." in str(found)
    with pytest.raises(AssertionError, match="95% interval"):
        found.assert_passed()
    own = check(False, adam(False), expect="standard", steps=1)
    assert all(row.outcome != "fail" for row in own.rows), str(own)
    assert row(own, "change of body.2", 1).outcome == "pass", str(own)


def test_a_planted_rate_of_the_output_is_found():
    found = check(True, adam(True, output_rate=1.0))
    failed = {row.quantity for row in found.rows if row.outcome == "fail"}
    assert "change of head" in failed and failed <= {"change of head", "head"}, str(found)


def test_numbers_that_are_not_finite_fail():
    def make(model, width):
        return torch.optim.SGD(model.parameters(), lr=math.inf if width > 100 else 1e-3)

    found = check(True, make)
    assert not found.passed and "is not finite in 8 of 16 networks, from width 128 on" in str(found)


def test_a_tied_head_is_the_output():
    class Tied(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.embedding = nn.Embedding(20, width)

        def forward(self, tokens):
            return self.embedding(tokens) @ self.embedding.weight.T / self.embedding.weight.shape[1]

    found = sz.scaling_check(
        Tied,
        {"tokens": torch.arange(20)},
        lambda out: nn.functional.cross_entropy(out, torch.arange(20)),
        lambda model: torch.optim.SGD(model.parameters(), lr=0.1),
        widths=WIDTHS,
        expect="not-growing-in-width",
    )
    assert {(m.name, m.role) for m in found.measurements} == {("embedding", "input"), ("output", "logits")}


def test_mistakes_are_one_line():
    with pytest.raises(ValueError, match="at least 3 different widths, and those given are \\[8, 16, 8\\]"):
        check_of = lambda widths: sz.scaling_check(Net, None, None, None, widths=widths)
        check_of([8, 16, 8])
    for options, text in [
        ({"seeds": 0}, "seeds is 0; it must be at least 1"),
        ({"steps": 0}, "steps is 0; it must be at least 1"),
        ({"margin": -1}, "margin is -1.0; it must be 0 or more"),
        ({"margin": math.nan}, "margin is nan"),
    ]:
        with pytest.raises(ValueError, match=text):
            check(True, adam(True), **options)
    with pytest.raises(ValueError, match=r"no weight matrix of build\(32\) is of another shape in build\(256\)"):
        sz.scaling_check(lambda width: Net(16, True), None, None, None, widths=WIDTHS)
    with pytest.raises(ValueError, match="choose one of standard-sgd"):
        check(True, adam(True), expect="nothing")
    with pytest.raises(ValueError, match="say expect='mup-sgd' or 'mup-adam'"):
        check(True, lambda model: torch.optim.RMSprop(model.parameters(), lr=1e-3))


def test_measurements_of_any_framework_in_depth():
    def of(exponent):
        return [
            sz.ScalingMeasurement(depth, seed, 1, "hidden", "stream", True, depth**exponent * (1 + 0.01 * seed))
            for depth in (4, 8, 16, 32)
            for seed in range(2)
        ]

    assert sz.ScalingCheck.of(of(0.0), "complete-p").passed
    growing = sz.ScalingCheck.of(of(0.5), "complete-p")
    assert not growing.passed and "∝ depth^+0.50" in growing.text
    assert sz.ScalingCheck.of(of(0.5), "complete-p", margin=0.6).passed
    with pytest.raises(ValueError, match="measured twice"):
        sz.ScalingCheck.of(of(0.0) * 2, "complete-p")

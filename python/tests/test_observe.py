"""`observe`: what it sees, what it says, and that it leaves everything as it was."""

import copy
import gc
import json
import math
import pathlib

import numpy
import pytest

import step_zero as sz

torch = pytest.importorskip("torch")
from conftest import build_mlp  # noqa: E402
from torch import nn  # noqa: E402


def test_a_healthy_network_has_no_findings(mlp):
    report = sz.observe(*mlp)
    assert not report.has_findings and report.findings == []
    assert [site["kind"] for site in report.sites] == ["input", "linear", "activation", "linear", "activation", "linear"]
    assert "nothing found" in str(report) or "found:" in str(report)
    report.assert_clean()


def test_a_fault_is_the_first_verdict_and_fix_mends_it(mlp):
    model, batch, loss = mlp
    with torch.no_grad():
        model[2].weight.mul_(30)
    before = copy.deepcopy(model.state_dict())
    report = sz.observe(model, batch, loss)
    verdict = report.verdicts[0]
    assert (verdict.rule, verdict.location) == ("wrong-gain", "2")
    assert verdict.is_finding and verdict.fixes[0].kind == "scale" and verdict.advice
    assert str(verdict) in str(report)
    fixed = report.fix(model)
    assert fixed.after.findings == [] and fixed.after.loss < report.loss / 10
    assert fixed.applied and not fixed.refused
    assert "no findings are left" in str(fixed) and "before" in str(fixed)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_drawing_again_leaves_torchs_random_state_alone(mlp):
    model, batch, loss = mlp
    nn.init.zeros_(model[2].weight)
    report, random = sz.observe(model, batch, loss), torch.get_rng_state()
    fixed = report.fix(model)
    assert any(fix.kind == "redraw" for verdict in fixed.applied for fix in verdict.fixes)
    assert torch.equal(random, torch.get_rng_state())


@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
def test_a_model_that_cannot_be_copied_is_one_clear_line(mlp):
    _, batch, loss = mlp
    model = nn.Sequential(nn.utils.weight_norm(nn.Linear(64, 32)), nn.ReLU(), nn.Linear(32, 10))
    report = sz.observe(model, batch, loss)
    with pytest.raises(RuntimeError, match="cannot copy the model; the usual cause is torch.nn.utils.weight_norm") as caught:
        report.fix(model)
    assert "\n" not in str(caught.value)


def test_a_cause_is_named(mlp):
    model, batch, loss = mlp
    nn.init.normal_(model[2].weight)
    verdict = sz.observe(model, batch, loss).verdicts[0]
    assert "fan_in" in verdict.cause and verdict.evidence


def test_advice_that_does_not_help_is_undone(mlp, monkeypatch):
    """A fix that is turned into its opposite makes the loss worse; it must not be kept."""
    from step_zero import fixes

    model, batch, loss = mlp
    with torch.no_grad():
        model[2].weight.mul_(30)
    report = sz.observe(model, batch, loss)

    def opposite(model, batch, advice):
        turned = [{**fix, "factor": 1 / fix["factor"]} if "factor" in fix else fix for fix in advice]
        return fixes_apply(model, batch, turned)

    fixes_apply = fixes.apply
    monkeypatch.setattr(fixes, "apply", opposite)
    fixed = report.fix(model)
    assert fixed.applied == [] and fixed.refused
    assert fixed.after is report and "undone" in str(fixed)
    assert all(torch.equal(a, b) for a, b in zip(fixed.model.parameters(), model.parameters()))


def test_a_change_that_brings_another_finding_in_place_of_the_first_is_undone(mlp, monkeypatch):
    """The logits are small enough then, because the layer before lets hardly anything through."""
    from step_zero import fixes

    model, batch, loss = mlp
    with torch.no_grad():
        model[2].weight.mul_(10)
    report = sz.observe(model, batch, loss)
    assert [verdict.rule for verdict in report.findings] == ["overconfident-logits"]
    original, tiny = fixes.apply, {"kind": "scale", "parameters": ["2.weight"], "factor": 1e-5}
    monkeypatch.setattr(fixes, "apply", lambda model, batch, advice: original(model, batch, [tiny]))
    fixed = report.fix(model)
    assert fixed.applied == [] and len(fixed.refused) == 1 and fixed.after is report


def test_a_change_that_raises_the_loss_is_undone():
    """Limits of the loss: 1 above uniform guessing for a classifier, 3 after an error, twice as much for any other."""
    from types import SimpleNamespace

    from step_zero.observing import _is_no_worse

    def pair(before, after, guessing):
        loss = None if before is None else {"uniform_guessing": guessing}
        report = SimpleNamespace(loss=math.nan if before is None else before, data={"recordings": [{"loss": loss}]})
        return report, SimpleNamespace(loss=after)

    accepted = [(19.3, 3.2, 2.3), (2.3, 3.2, 2.3), (1.0, 1.9, None), (-1.0, -0.1, None), (math.inf, 2.4, 2.3), (None, math.nan, 0)]
    refused = [(2.3, 3.4, 2.3), (1.0, 2.1, None), (-1.0, 0.1, None), (2.3, math.nan, 2.3), (2.3, math.inf, None)]
    assert [_is_no_worse(*pair(*each), 1.0) for each in accepted] == [True] * len(accepted)
    assert [_is_no_worse(*pair(*each), 1.0) for each in refused] == [False] * len(refused)
    assert _is_no_worse(*pair(2.3, 3.4, 2.3), 3.0) and not _is_no_worse(*pair(2.3, 5.4, 2.3), 3.0)


def test_a_dead_network_may_come_back_with_a_larger_loss():
    """A dead one guesses uniformly, which is less than what some healthy draws begin with."""
    for seed in range(20):
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
        for layer in model[::2]:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.constant_(model[2].bias, -30.0)
        x, y = torch.randn(64, 32), torch.randint(0, 10, (64,))
        report = sz.observe(model, x, lambda out: nn.functional.cross_entropy(out, y))
        assert report.verdicts[0].rule == "dead-units"
        assert not report.fix(model).model[2].bias.any(), seed


def test_everything_is_left_as_it_was():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Flatten())
    model.append(nn.Linear(8 * 36, 10))
    model[0].weight.requires_grad_(False)
    model[5].bias.grad = torch.ones(10)
    state, batch = copy.deepcopy(model.state_dict()), torch.randn(4, 3, 8, 8)
    kept, random = batch.clone(), torch.get_rng_state()
    sz.observe(model, batch, lambda out: out.square().mean())
    assert torch.equal(random, torch.get_rng_state()) and torch.equal(batch, kept)
    assert all(torch.equal(tensor, state[name]) for name, tensor in model.state_dict().items())
    assert [p.grad is None for p in model.parameters()] == [True] * 5 + [False]
    assert torch.equal(model[5].bias.grad, torch.ones(10))
    assert [p.requires_grad for p in model.parameters()] == [False] + [True] * 5
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    assert not any(p._post_accumulate_grad_hooks for p in model.parameters())


def test_the_garbage_collector_is_left_as_it_was(mlp):
    sz.observe(*mlp)
    assert gc.get_freeze_count() == 0
    gc.freeze()
    frozen = gc.get_freeze_count()
    try:
        sz.observe(*mlp)
        assert gc.get_freeze_count() == frozen > 0
    finally:
        gc.unfreeze()


def test_importing_and_drawing_leave_torchs_random_state_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    sz.scheme("orthogonal(tanh)").fill_(torch.empty(8, 8), sz.TorchGenerator(1))
    assert torch.equal(before, torch.get_rng_state())


def test_statistics_are_pytorchs(mlp):
    """Mean, std and gradient of a site and of a parameter, computed by PyTorch in double precision."""
    model, batch, loss = mlp
    report = sz.observe(model, batch, loss)
    hidden = model[1](model[0](batch))
    hidden.retain_grad()
    loss(model[4](model[3](model[2](hidden)))).backward()
    site = next(site for site in report.sites if site["name"] == "1")["statistics"]
    values, gradient = hidden.detach().double(), hidden.grad.double()
    assert site["mean"][0] == pytest.approx(values.mean().item(), rel=1e-6)
    assert site["std"][0] == pytest.approx(values.std().item(), rel=1e-6)
    assert site["gradient_rms"][0] == pytest.approx(gradient.square().mean().sqrt().item(), rel=1e-5)
    weight = next(p for p in report.parameters if p["name"] == "2.weight")["statistics"]
    assert weight["std"][0] == pytest.approx(model[2].weight.double().std().item(), rel=1e-6)
    expected = model[2].weight.grad.double().square().mean().sqrt().item()
    assert weight["gradient_rms"][0] == pytest.approx(expected, rel=1e-5)


def test_values_are_those_before_a_write_in_place():
    """In-place calls are known by the function's name, by a keyword and by a position."""
    forms = [
        lambda x: x.relu_(),
        lambda x: nn.functional.relu(x, inplace=True),
        lambda x: nn.functional.relu(x, True),
        lambda x: x.clamp_(min=0),
        lambda x: x.__imul__(0.0),
    ]
    for form in forms:

        class Written(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Linear(8, 8)

            def forward(self, x):
                return form(self.layer(x))

        torch.manual_seed(1)
        model, batch = Written(), torch.randn(16, 8)
        report = sz.observe(model, batch, lambda out: out.sum())
        linear = next(site for site in report.sites if site["name"] == "layer")["statistics"]
        expected = model.layer(batch).std().item()
        assert linear["std"][0] == pytest.approx(expected, rel=1e-5)


def test_a_write_waits_for_the_measuring():
    """Of so many values that another thread measures them."""
    torch.manual_seed(1)
    model, batch = nn.Sequential(nn.Linear(64, 2048), nn.ReLU(inplace=True)), torch.randn(1024, 64)
    report = sz.observe(model, batch, lambda out: out.sum())
    linear = next(site for site in report.sites if site["name"] == "0")["statistics"]
    assert linear["std"][0] == pytest.approx(model[0](batch).std().item(), rel=1e-5)


def test_a_write_that_nobody_sees_is_not_measured_as_something_else():
    class Hidden(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(8, 8)

        def forward(self, x):
            hidden = self.layer(x)
            with torch._C.DisableTorchFunction(), torch.no_grad():
                hidden.mul_(100)
            return hidden

    report = sz.observe(Hidden(), torch.randn(4, 8), lambda out: out.sum())
    linear = next(site for site in report.sites if site["name"] == "layer")["statistics"]
    assert "std" not in linear


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_other_precisions(mlp, dtype):
    model, batch, loss = mlp
    report = sz.observe(model.to(dtype), batch.to(dtype), lambda out: loss(out.float()))
    names = {torch.bfloat16: "bf16", torch.float16: "f16", torch.float64: "f64"}
    assert {site["dtype"] for site in report.sites if site["kind"] == "linear"} == {names[dtype]}
    assert report.findings == []


def test_mixed_precision(mlp):
    model, batch, loss = mlp
    with torch.autocast("cpu", torch.bfloat16):
        report = sz.observe(model, batch, lambda out: loss(out.float()))
    assert {site["dtype"] for site in report.sites if site["kind"] == "linear"} == {"bf16"}
    assert {p["dtype"] for p in report.parameters} == {"f32"}


def test_layouts_in_memory_do_not_matter():
    torch.manual_seed(0)
    model, batch = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), torch.randn(4, 3, 8, 8)
    plain = sz.observe(model, batch, lambda out: out.square().mean())
    last = sz.observe(
        model.to(memory_format=torch.channels_last),
        batch.to(memory_format=torch.channels_last),
        lambda out: out.square().mean(),
    )
    for a, b in zip(plain.sites, last.sites):
        assert a["statistics"]["units"] == b["statistics"]["units"]
        for name in ("std", "unit_mean_rms", "offset", "dead_units", "mean_cosine"):
            assert a["statistics"][name][0] == pytest.approx(b["statistics"][name][0], rel=1e-4, abs=1e-6), name


def test_no_loss_is_a_random_direction():
    torch.manual_seed(0)
    report = sz.observe(nn.Sequential(nn.Linear(8, 8), nn.Tanh()), torch.randn(16, 8))
    assert math.isnan(report.loss)
    assert all("gradient_rms" in site["statistics"] for site in report.sites if site["kind"] == "linear")


def test_a_shared_module_and_a_frozen_parameter():
    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.idle = nn.Linear(8, 8), nn.Linear(8, 8)

        def forward(self, x):
            return self.layer(self.layer(x))

    model = Shared()
    model.layer.bias.requires_grad_(False)
    report = sz.observe(model, torch.randn(4, 8), lambda out: out.square().mean())
    assert [site["name"] for site in report.sites if site["kind"] == "linear"] == ["layer", "layer@2"]
    assert report.out_of_sight == ["idle.bias", "idle.weight"]
    bias = next(p for p in report.parameters if p["name"] == "layer.bias")
    assert not bias["trainable"] and "gradient_rms" not in bias["statistics"]


def test_several_passes_are_one_report():
    reports = [sz.observe(*build_mlp(seed), seed=seed) for seed in range(3)]
    joined = sz.join(*reports)
    assert [each["seed"] for each in joined.data["recordings"]] == [0, 1, 2]
    assert joined.loss == pytest.approx(sum(report.loss for report in reports) / 3)
    other = sz.observe(nn.Linear(4, 4), torch.randn(2, 4), lambda out: out.sum())
    with pytest.raises(ValueError, match="recordings 1 and 2 differ"):
        sz.join(reports[0], other)


def test_files(mlp, tmp_path):
    report = sz.observe(*mlp)
    report.save(tmp_path / "mlp.safetensors")
    again = sz.load(tmp_path / "mlp.safetensors")
    assert str(again) == str(report) and again.to_json() == report.to_json()
    page = report.to_html(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text() == page and page.startswith("<!doctype html>")
    assert json.loads(report.to_json(tmp_path / "report.json")) == report.data
    assert report.to_markdown().startswith("|") or "|" in report.to_markdown()
    assert report.to_csv().count("\n") > 5
    assert "<iframe" in report._repr_html_() and "srcdoc" in report._repr_html_()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mlp.safetensors", "report.html", "report.json"]


def test_a_configuration_allows_a_finding(mlp, tmp_path):
    model, batch, loss = mlp
    with torch.no_grad():
        model[2].weight.mul_(30)
    path = tmp_path / "mine.toml"
    path.write_text('[[allow]]\nrule = "wrong-gain"\nlocation = "2"\nreason = "on purpose"\n')
    rules = [verdict.rule for verdict in sz.observe(model, batch, loss, config=path).verdicts]
    assert "wrong-gain" not in rules
    path.write_text("[[allow]]\nrule = 3\n")
    with pytest.raises(ValueError, match=r"mine.toml:2"):
        sz.observe(model, batch, loss, config=path)


def test_the_largest_stable_rate(mlp):
    report = sz.observe(*mlp, learning_rate=1e4, curvature=True)
    assert "rate-too-large" in [verdict.rule for verdict in report.verdicts]


def test_bad_input_is_one_clear_line(mlp, tmp_path):
    model, batch, loss = mlp
    wrong = [
        (TypeError, "observe takes a torch.nn.Module, not dict", lambda: sz.observe({}, batch)),
        (ValueError, "the loss must be a tensor of one number, not of shape", lambda: sz.observe(model, batch, lambda o: o)),
        (ValueError, "curvature: it needs `loss`", lambda: sz.observe(model, batch, curvature=True)),
        (FileNotFoundError, "there is no such file", lambda: sz.load(tmp_path / "nothing.safetensors")),
        (IsADirectoryError, "this is a directory", lambda: sz.load(tmp_path)),
        (IsADirectoryError, "this is a directory", lambda: sz.observe(*mlp).save(tmp_path)),
        (IsADirectoryError, "this is a directory", lambda: sz.observe(*mlp).to_html(tmp_path)),
        (FileNotFoundError, "mine.toml: there is no such file$", lambda: sz.observe(*mlp, config=tmp_path / "mine.toml")),
        (TypeError, "not the class Linear: make one of it first", lambda: sz.observe(nn.Linear, batch)),
        (ValueError, "seed is -1; it must be at least 0", lambda: sz.observe(*mlp, seed=-1)),
        (ValueError, "it must be less than 2\\^64", lambda: sz.observe(*mlp, seed=1 << 64)),
        (TypeError, "seed must be a whole number, not 'a'", lambda: sz.observe(*mlp, seed="a")),
        (TypeError, "name must be a text", lambda: sz.observe(*mlp, name=3)),
        (TypeError, "learning_rate must be a number, not 'a'", lambda: sz.observe(*mlp, learning_rate="a")),
        (ValueError, "learning_rate is nan; it must be above 0", lambda: sz.observe(*mlp, learning_rate=math.nan)),
        (ValueError, "learning_rate is -1.0; it must be above 0", lambda: sz.observe(*mlp, learning_rate=-1)),
        (ValueError, "the batch is empty", lambda: sz.observe(model, batch[:0])),
        (ValueError, "the batch is empty", lambda: sz.observe(model, {"input": batch[:0]}, loss)),
        (TypeError, "join takes reports, not list", lambda: sz.join([sz.observe(*mlp)])),
        (TypeError, "join takes reports, not str", lambda: sz.join("a")),
        (TypeError, "fix takes a torch.nn.Module, not NoneType", lambda: sz.observe(*mlp).fix(None)),
        (FileNotFoundError, "there is no directory", lambda: sz.observe(*mlp).save(tmp_path / "a" / "b.safetensors")),
        (ValueError, "knows how to observe", lambda: sz.join(sz.observe(*mlp)).fix(model)),
    ]
    for kind, text, call in wrong:
        with pytest.raises(kind, match=text) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_numbers_of_numpy_are_numbers(mlp):
    report = sz.observe(*mlp, seed=numpy.int64(3), learning_rate=numpy.float32(0.5))
    assert report.data["recordings"][0]["seed"] == 3 and "intended learning rate: 0.5" in str(report)


def test_not_finite_is_data(mlp):
    model, batch, loss = mlp
    nn.init.constant_(model[0].bias, float("nan"))
    report = sz.observe(model, batch, loss)
    assert report.verdicts[0].rule == "not-finite" and math.isnan(report.loss)
    assert pathlib.Path(sz.__file__).with_name("py.typed").exists()

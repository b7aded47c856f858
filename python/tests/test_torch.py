"""Schemes and random numbers beside PyTorch's own; rules beside PyTorch's layers; a baseline of a model."""

import numpy as np
import pytest

import step_zero as sz

torch = pytest.importorskip("torch")
from conftest import build_mlp  # noqa: E402
from torch import nn  # noqa: E402


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("shape", [(3,), (16,), (7, 5), (64, 32)])
def test_numbers_have_pytorchs_bits(dtype, shape):
    for ours, theirs in [
        ("normal(0.5, 2)", lambda t: nn.init.normal_(t, 0.5, 2)),
        ("uniform(-1, 3)", lambda t: nn.init.uniform_(t, -1, 3)),
        ("truncated_normal(0, 1, -2, 2)", lambda t: nn.init.trunc_normal_(t)),
    ]:
        torch.manual_seed(7)
        expected = theirs(torch.empty(shape, dtype=dtype))
        drawn = sz.scheme(ours).fill_(torch.empty(shape, dtype=dtype), sz.TorchGenerator(7))
        if dtype == torch.float64:  # what stands in the last bits is the platform's logarithm
            torch.testing.assert_close(drawn, expected, rtol=1e-14, atol=1e-14, msg=ours)
        else:
            assert torch.equal(drawn, expected), ours


def test_without_a_generator_pytorchs_own_goes_on():
    torch.manual_seed(3)
    expected = [nn.init.kaiming_normal_(torch.empty(8, 5)), torch.randn(3), nn.init.xavier_uniform_(torch.empty(6, 6))]
    after = torch.get_rng_state()
    torch.manual_seed(3)
    drawn = [sz.scheme("kaiming_normal(fan_in, relu)").fill_(torch.empty(8, 5)), torch.randn(3)]
    drawn.append(sz.scheme("xavier_uniform").fill_(torch.empty(6, 6)))
    assert all(torch.equal(a, b) for a, b in zip(drawn, expected))
    assert torch.equal(torch.get_rng_state(), after)


def test_a_state_goes_both_ways():
    torch.manual_seed(11)
    torch.randn(5)
    ours = sz.TorchGenerator()
    ours.set_state(torch.get_rng_state())
    np.testing.assert_array_equal(ours.normal_(np.empty(3, np.float32)), torch.randn(3).numpy())
    torch.set_rng_state(torch.from_numpy(ours.get_state().copy()))
    np.testing.assert_array_equal(ours.uniform_(np.empty(3, np.float32)), torch.rand(3).numpy())
    assert torch.equal(torch.randperm(9), torch.from_numpy(ours.permutation(9)))


def test_a_tensor_with_gaps_gets_the_values_of_a_contiguous_one():
    expected = sz.scheme("normal(0, 0.02)").fill_(torch.empty(8, 16), sz.TorchGenerator(7))
    for tensor in (torch.empty(16, 8).t(), torch.empty(8, 32)[:, ::2]):
        torch.manual_seed(7)
        assert torch.equal(sz.scheme("normal(0, 0.02)").fill_(tensor), expected)


def test_parameters_and_strided_tensors_are_filled():
    layer = nn.Linear(6, 4)
    assert sz.scheme("ones").fill_(layer.weight) is layer.weight
    assert (layer.weight == 1).all() and layer.weight.requires_grad
    strided = torch.zeros(4, 6)[:, ::2]
    sz.scheme("ones").fill_(strided, sz.TorchGenerator())
    assert (strided == 1).all()


RULES = """
version = 1
[[rule]]
match = "{i}.weight"
scheme = "torch.linear"
[[rule]]
match = "{i}.bias"
scheme = "torch.linear"
"""


def test_layers_are_held_to_rules(tmp_path):
    rules = tmp_path / "linear.toml"
    rules.write_text(RULES)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(128, 256), nn.ReLU(), nn.Linear(256, 256))
    check = sz.check(model, rules)
    check.assert_clean()
    assert "Sequential: 4 tensors" in str(check)
    nn.init.normal_(model[2].weight, std=0.1)
    assert sz.check(model, rules).findings[0].tensors == ("2.weight",)
    assert sz.check(model.state_dict(), rules).findings[0].tensors == ("2.weight",)
    assert sz.check(model.bfloat16(), rules).findings[0].tensors == ("2.weight",)


def test_a_model_is_guarded(tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    path = tmp_path / "mlp.json"
    report = lambda gain: lambda seed: sz.observe(*build_mlp(seed, gain), seed=seed)
    sz.guard(path, report(2**0.5), seeds=16, accept=True)
    sz.guard(path, report(2**0.5), seeds=16)
    with pytest.raises(sz.BaselineMoved, match="2.weight"):
        sz.guard(path, report(1.3), seeds=16)

"""Everything that works without PyTorch: recordings from arrays, schemes, random numbers, rules and baselines."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import step_zero as sz


def told(scale=1.0, seed=0):
    """A network of two ReLU layers in NumPy."""
    rng = np.random.default_rng(seed)
    recording = sz.Recording("numpy network", framework=f"numpy {np.__version__}", seed=seed)
    x = rng.standard_normal((64, 32)).astype(np.float32)
    recording.site("input", "input", x)
    before = "input"
    for layer in range(3):
        gain = 2**0.5 if layer < 2 else 1.0
        weight = (scale if layer == 1 else 1.0) * gain * rng.standard_normal((32, 32)).astype(np.float32) / 32**0.5
        x = x @ weight
        recording.parameter(f"dense{layer}.kernel", weight.astype(np.float32), axes=["in", "out"])
        recording.site(f"dense{layer}", "linear", x, [before], weight=f"dense{layer}.kernel")
        if layer < 2:
            x = np.maximum(x, 0)
            recording.site(f"relu{layer}", "activation", x, [f"dense{layer}"], function="relu")
        before = f"relu{layer}"
    return recording


def test_arrays_are_judged():
    assert told().report().findings == []
    verdict = told(scale=50.0).report().verdicts[0]
    assert (verdict.rule, verdict.location) == ("wrong-gain", "dense1")


def test_bfloat16_and_whole_numbers():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    values = np.linspace(-2, 2, 64).reshape(8, 8)
    recording = sz.Recording().site("a", "other", values.astype(ml_dtypes.bfloat16))
    site = recording.report().sites[0]
    assert site["dtype"] == "bf16" and site["statistics"]["min"] == [-2.0]
    site = sz.Recording().site("a", "input", np.arange(12, dtype=np.uint8).reshape(3, 4)).report().sites[0]
    assert site["statistics"]["mean"] == [5.5]


def test_unknown_words_and_shapes_are_one_clear_line():
    x = np.zeros((2, 3), np.float32)
    wrong = [
        ("site a: unknown kind of site `dense`", lambda r: r.site("a", "dense", x)),
        ("site a: unknown axis of values `batch`", lambda r: r.site("a", "other", x, axes=["batch", "unit"])),
        ("site a: 1 names of axes for values of 2 axes", lambda r: r.site("a", "other", x, axes=["unit"])),
        ("site a: its gradient has the shape", lambda r: r.site("a", "other", x, gradient=np.zeros((2, 2)))),
        ("two sites are named a", lambda r: r.site("a", "other", x).site("a", "other", x)),
        ("parameter w: unknown role `matrix`", lambda r: r.parameter("w", x, role="matrix")),
        ("site a: it reads b, which is no earlier site", lambda r: r.site("a", "other", x, ["b"]).report()),
        ("axes: unknown word 'a': it must be one of out, in", lambda r: r.parameter("w", x, axes=["a", "b"])),
        ("loss: kind: unknown word 'foo'", lambda r: r.loss(1.0, kind="foo")),
        ("loss: reduction: unknown word 'max'", lambda r: r.loss(1.0, reduction="max")),
        ("loss: classes is 0; it must be at least 1", lambda r: r.loss(1.0, kind="cross_entropy", classes=0)),
        ("the recording is empty", lambda r: r.report()),
        ("site a: there is no parameter w", lambda r: r.site("a", "other", x, weight="w").report()),
    ]
    for text, call in wrong:
        with pytest.raises(ValueError) as caught:
            call(sz.Recording())
        assert text in str(caught.value) and "\n" not in str(caught.value)
    mistaken = [
        ("no real numbers", lambda r: r.site("a", "other", np.zeros(3, complex))),
        ("site a: weight must be the name of a parameter, not of type ndarray", lambda r: r.site("a", "linear", x, weight=x)),
        ("site a: function must be a name of docs", lambda r: r.site("a", "activation", x, function=np.tanh)),
        (r"site b: inputs must be a list of names: \['a'\]", lambda r: r.site("b", "other", x, "a")),
        ("the name of a site must be a text, not of type int", lambda r: r.site(3, "other", x)),
        ("Recording: model must be a text", lambda r: sz.Recording(3)),
    ]
    for text, call in mistaken:
        with pytest.raises(TypeError, match=text):
            call(sz.Recording())
    with pytest.raises(ValueError, match="Recording: seed is -1"):
        sz.Recording(seed=-1)


def test_sites_without_values_say_nothing():
    for shape in ((8, 0), (0, 8), (0,), (4, 0, 3)):
        recording = sz.Recording().site("a", "other", np.zeros(shape, np.float32)).site("b", "other", np.ones((2, 2)), ["a"])
        assert recording.report().findings == []


def test_random_numbers_are_pytorchs():
    """`torch.manual_seed(42); torch.empty(4).normal_()` in PyTorch 2.15; test_torch.py compares bits."""
    generator = sz.TorchGenerator(42)
    normal = generator.normal_(np.empty(4, np.float32))
    np.testing.assert_allclose(normal, [0.3367, 0.1288, 0.2345, 0.2303], atol=5e-5)  # as PyTorch prints them
    assert generator.initial_seed == 42 and sorted(generator.permutation(5)) == [0, 1, 2, 3, 4]
    state = generator.get_state()
    first = generator.uniform_(np.empty(3))
    generator.set_state(state)
    np.testing.assert_array_equal(generator.uniform_(np.empty(3)), first)


def test_schemes():
    scheme = sz.scheme("kaiming_normal(fan_out, relu)")
    assert str(scheme) == "kaiming_normal(fan_out, relu)"
    assert scheme.moments((64, 32)).std == pytest.approx((2 / 64) ** 0.5)
    assert scheme.moments((32, 64), layout="in_out").std == pytest.approx((2 / 64) ** 0.5)
    weight = sz.scheme("orthogonal(critical(tanh))").fill_(np.empty((8, 8)), sz.TorchGenerator(1))
    np.testing.assert_allclose(weight @ weight.T, np.eye(8) * (weight @ weight.T)[0, 0], atol=1e-12)
    strided = np.zeros((4, 6))[:, ::2]
    sz.scheme("ones").fill_(strided, sz.TorchGenerator(1))
    assert (strided == 1).all()
    for text, call in [
        ("kaiming", lambda: sz.scheme("kaimin_normal")),
        ("needs a generator", lambda: scheme.fill_(np.empty((2, 2)))),
        ("has no fans", lambda: scheme.fill_(np.empty(2), sz.TorchGenerator())),
        ("unknown layout", lambda: scheme.moments((2, 2), layout="oi")),
    ]:
        with pytest.raises(ValueError, match=text):
            call()
    with pytest.raises(TypeError, match="float32 or float64, not int64"):
        scheme.fill_(np.empty((2, 2), np.int64), sz.TorchGenerator())


RULES = """
version = 1
[[rule]]
match = "fc.weight"
scheme = "kaiming_normal(fan_in, relu)"
[[rule]]
match = "fc.bias"
scheme = "zeros"
"""


def test_weights_are_held_to_rules(tmp_path):
    rules = tmp_path / "mine.toml"
    rules.write_text(RULES)
    generator = sz.TorchGenerator(0)
    weight = sz.scheme("kaiming_normal(fan_in, relu)").fill_(np.empty((256, 128), np.float32), generator)
    state = {"fc.weight": weight, "fc.bias": np.zeros(256, np.float32)}
    check = sz.check(state, rules)
    check.assert_clean()
    assert check.is_clean and "state dict: 2 tensors" in str(check)
    check = sz.check({**state, "fc.weight": weight * np.float32(0.5**0.5)}, rules)
    assert not check.is_clean and check.findings[0].tensors == ("fc.weight",)
    assert json.loads(check.to_json()) == check.data and check.to_html().startswith("<!doctype html>")
    with pytest.raises(AssertionError, match="differ from their rules"):
        check.assert_clean()
    half = {name: values.astype(np.float16) for name, values in state.items()}
    assert sz.check(half, rules).is_clean
    with pytest.raises(ValueError, match="there are no rules `hf/gpt`"):
        sz.check(state, "hf/gpt")
    rules.write_text("version = 1\n[[rule]]\nmatch = 3\n")
    with pytest.raises(ValueError, match="mine.toml:3:9: "):
        sz.check(state, rules)
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        sz.check(state, tmp_path / "nothing.toml")


def test_a_baseline_is_recorded_and_compared(tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    path = tmp_path / "baselines" / "net.json"
    healthy = lambda seed: told(seed=seed).report()
    with pytest.raises(FileNotFoundError, match="there is no baseline"):
        sz.guard(path, healthy, seeds=16)
    with pytest.warns(UserWarning, match="recorded anew; there was no baseline"):
        sz.guard(path, healthy, seeds=16, accept=True)
    sz.guard(path, healthy, seeds=16)
    more = lambda seed: told(seed=seed).site("extra", "other", np.ones((2, 2)), ["dense2"]).report()
    with pytest.warns(UserWarning, match="not in the baseline: extra"):
        sz.guard(path, more, seeds=16)
    with pytest.raises(sz.BaselineMoved, match="dense1.kernel") as caught:
        sz.guard(path, lambda seed: told(scale=1.3, seed=seed).report(), seeds=16)
    assert "If this change is intended" in str(caught.value)
    before = path.read_bytes()
    sz.guard(path, healthy, seeds=16, accept=True)
    assert path.read_bytes() == before
    monkeypatch.setenv("CI", "true")
    with pytest.raises(ValueError, match="CI is set"):
        sz.guard(path, healthy, seeds=16, accept=True)
    monkeypatch.setenv("STEP_ZERO_BASELINE", "acept")
    with pytest.raises(ValueError, match="'acept'"):
        sz.guard(path, healthy, seeds=16)
    path.write_text("{")
    monkeypatch.delenv("STEP_ZERO_BASELINE")
    with pytest.raises(ValueError, match="damaged"):
        sz.guard(path, healthy, seeds=16)


def test_a_guard_that_could_not_fail_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    path, healthy = tmp_path / "net.json", lambda seed: told(seed=seed).report()
    with pytest.raises(ValueError, match="make_report gives the same statistics at every seed"):
        sz.guard(path, lambda seed: told(seed=0).report(), seeds=8, accept=True)
    assert not path.exists()
    with pytest.warns(UserWarning, match="recorded anew"):
        sz.guard(path, healthy, seeds=8, accept=True)
    for options, text in [({"checked": 0}, "checked is 0; it must be at least 8$"), ({"alpha": 2}, "alpha is 2; .* 0 and 1$")]:
        with pytest.raises(ValueError, match=text):
            sz.guard(path, healthy, **options)
    path.write_text(json.dumps({**json.loads(path.read_text()), "statistics": []}))
    with pytest.raises(ValueError, match="the baseline has no statistics"):
        sz.guard(path, healthy, seeds=8)


def test_pytorch_is_not_imported(tmp_path):
    program = "import sys, step_zero, numpy; step_zero.Recording().site('a', 'other', numpy.zeros((2, 3))).report()"
    # Elsewhere than the source folder, which has no compiled part.
    done = subprocess.run([sys.executable, "-c", f"{program}; print('torch' in sys.modules)"], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr


def test_the_source_folder_says_what_is_missing():
    source = pathlib.Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", "import step_zero"], cwd=source, capture_output=True, text=True)
    assert done.returncode == 1 and "install it by `pip install ./python`" in done.stderr.splitlines()[-1]


def test_a_fixture_for_pytest(tmp_path):
    (tmp_path / "test_mine.py").write_text(
        "import numpy as np, step_zero as sz\n"
        "def test_start(step_zero_guard):\n"
        "    def make(seed):\n"
        "        values = np.random.default_rng(seed).standard_normal((8, 8))\n"
        "        return sz.Recording().site('a', 'other', values).report()\n"
        "    step_zero_guard('baselines/net.json', make, seeds=8)\n"
    )
    environment = {"PATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    run = lambda *options: subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        cwd=tmp_path, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    missing = run()
    assert missing.returncode == 1 and "there is no baseline" in missing.stdout
    accepted = run("--step-zero-accept")
    assert accepted.returncode == 0, accepted.stdout
    assert (tmp_path / "baselines" / "net.json").exists()
    assert run().returncode == 0

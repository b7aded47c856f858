"""The examples of the documents, and the notebook, run."""

import pathlib
import re
import runpy
import sys

import numpy
import pytest

import step_zero as sz

torch = pytest.importorskip("torch")
PYTHON = pathlib.Path(__file__).parent.parent


def blocks(path):
    """The Python code of a document."""
    return re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_page_for_pytorch_users_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    namespace = {}
    code = blocks(PYTHON.parent / "docs" / "pytorch.md")
    assert len(code) >= 5
    for block in code:
        exec(compile(block, "pytorch.md", "exec"), namespace)
    namespace["test_nothing_is_wrong"]()
    assert "no findings are left" in capsys.readouterr().out


def test_the_page_for_jax_and_keras_users_runs(capsys, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    pytest.importorskip("jax")
    pytest.importorskip("keras")
    namespace = {}
    code = blocks(PYTHON.parent / "docs" / "arrays.md")
    assert len(code) == 4
    for block in code:
        exec(compile(block, "arrays.md", "exec"), namespace)
    printed = capsys.readouterr().out
    assert "warning[wrong-gain] dense" in printed and "error[symmetric-units]" in printed


def test_the_readme_runs(tmp_path, monkeypatch):
    from test_scaling import Net, adam
    from torch import nn

    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    layer, x = nn.Linear(8, 8), numpy.random.default_rng(0).standard_normal((16, 8))
    kernel = numpy.random.default_rng(1).standard_normal((8, 8)) / 8**0.5
    namespace = dict(
        model=model, batch=torch.randn(32, 64), labels=torch.randint(0, 10, (32,)), layer=layer, numpy=numpy, x=x,
        kernel=kernel, kernel_gradient=kernel, hidden=x @ kernel, hidden_gradient=x, activations=numpy.maximum(x @ kernel, 0),
        build=lambda width: Net(width, True, inputs=64), optimizer=adam(True),
        loss=lambda out: nn.functional.cross_entropy(out, torch.arange(32) % 3),
    )  # fmt: skip
    code = blocks(PYTHON / "README.md")
    assert len(code) >= 5
    for block in code:
        if "hf/gpt2" not in block:  # another model
            exec(compile(block, "README.md", "exec"), namespace)


def test_the_notebook_runs(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["diagnose.py"])
    names = runpy.run_path(str(PYTHON / "examples" / "diagnose.py"))
    assert names["report"].findings and names["fixed"].after.findings == []
    assert names["after"] < names["before"]
    assert "wrong-gain" in capsys.readouterr().out
    assert sz.Report is type(names["report"])

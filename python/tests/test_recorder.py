"""The parts of the recorder that a report does not show: the thread that measures, the table of tensors, what is loaded."""

import subprocess
import sys
import threading

import pytest

import step_zero as sz

torch = pytest.importorskip("torch")
import torch.nn.functional as F  # noqa: E402
from step_zero.recorder.attention import scaled_dot_product  # noqa: E402
from step_zero.recorder.table import TensorTable  # noqa: E402
from step_zero.recorder.worker import Worker  # noqa: E402
from torch import nn  # noqa: E402


def measuring_threads():
    return [thread for thread in threading.enumerate() if thread.name == "step_zero"]


def test_what_is_urgent_comes_first_and_in_order():
    worker, gate, done = Worker(), threading.Event(), []
    worker.submit(gate.wait, urgent=True)
    for name, urgent in [("later 1", False), ("first", True), ("later 2", False), ("second", True)]:
        worker.submit(lambda name=name: done.append(name), urgent)
    gate.set()
    worker.close()
    assert done == ["first", "second", "later 1", "later 2"]


def test_a_task_that_fails_fails_alone():
    worker = Worker()
    failing, other = worker.submit(lambda: 1 / 0, urgent=True), worker.submit(lambda: 7, urgent=False)
    worker.close()
    assert other.result() == 7
    with pytest.raises(ZeroDivisionError):
        failing.result()


def test_no_thread_is_left_after_a_pass_that_fails():
    class Failing(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(512, 512)

        def forward(self, x):
            for _ in range(40):
                x = self.layer(x).tanh()
            raise RuntimeError("stop")

    started = []
    submit = Worker.submit
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Worker, "submit", lambda *a, **k: (submit(*a, **k), started.append(1))[0])
        with pytest.raises(RuntimeError, match="stop"):
            sz.observe(Failing(), torch.randn(64, 512), lambda out: out.square().mean())
    assert started and not measuring_threads()


def test_a_table_knows_tensors_by_identity_and_keeps_none_alive():
    table, x = TensorTable(), torch.ones(3)
    table[x] = "x"
    assert (table.get(x), table.get(torch.ones(3)), x in table) == ("x", None, True)
    table[x] = None
    assert x in table and table.get(x, 5) is None
    seen = set()
    for _ in range(100):  # a new tensor in the place of a dead one is unknown
        y = torch.ones(3)
        assert y not in table
        table[y] = "y"
        seen.add(id(y))
        del y
    assert len(seen) < 100


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("mask", ["none", "hole", "added"])
@pytest.mark.parametrize("scale", [None, 0.3])
def test_opened_attention_is_pytorchs(causal, mask, scale):
    if causal and mask != "none":
        pytest.skip("PyTorch takes one or the other")
    query, key, value = (torch.randn(2, 4, 5, 8, requires_grad=True) for _ in range(3))
    given = {"none": None, "hole": torch.rand(5, 5) > 0.5, "added": torch.randn(5, 5)}[mask]
    if mask == "hole":
        given[1] = False  # a row without a key
    arguments = dict(attn_mask=given, is_causal=causal, scale=scale)
    ours, theirs = (f(query, key, value, **arguments) for f in (scaled_dot_product, F.scaled_dot_product_attention))
    torch.testing.assert_close(ours, theirs)
    gradients = [torch.autograd.grad(out.square().sum(), [query, key, value]) for out in (ours, theirs)]
    torch.testing.assert_close(*gradients)


def test_the_compiler_is_not_loaded_for_a_model_that_is_not_compiled():
    code = """
import sys, torch, step_zero
model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
print(step_zero.observe(model, torch.randn(8, 4), lambda out: out.square().mean()).findings)
sys.exit(int("torch._dynamo" in sys.modules))
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_the_larger_of_two_tensors_is_no_reduction():
    class Larger(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(8, 16), nn.Linear(16, 4)

        def forward(self, x):
            return self.last(torch.max(self.first(x), torch.tensor(0.0)))

    x, target = torch.randn(32, 8), torch.zeros(32, dtype=torch.long)
    report = sz.observe(Larger(), x, loss=lambda out: F.cross_entropy(out, target))
    assert not [v for v in report.verdicts if v.level != "note"], str(report)


def test_a_loss_may_read_what_is_not_shown():
    """Volume rendering: the loss reads a sum of exponentials times constants."""
    constants, target = torch.rand(32, 8), torch.zeros(32)

    def loss(out):
        return F.mse_loss((torch.exp(-out) * constants).sum(1), target)

    report = sz.observe(nn.Linear(16, 8), torch.randn(32, 16), loss=loss)
    assert report.loss is not None and "loss (mse)" in str(report)


def test_an_expression_of_many_operations_is_no_loop():
    class Radial(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("centres", torch.linspace(-2, 2, 8))
            self.last = nn.Linear(64 * 8, 10)

        def forward(self, x):
            return self.last(torch.exp(-(((x[..., None] - self.centres) * 2) ** 2)).flatten(1))

    target = torch.zeros(32, dtype=torch.long)
    report = sz.observe(Radial(), torch.randn(32, 64), loss=lambda out: F.cross_entropy(out, target))
    assert "(exp)" in [site["name"] for site in report.sites], str(report)
    assert not [v for v in report.verdicts if v.level != "note"], str(report)

"""What a deep network looks like before its first training step, and what keeps it from learning.

    import step_zero as sz

    report = sz.observe(model, batch, loss=lambda out: F.cross_entropy(out, labels))
    print(report)
    report.fix(model)

`observe` watches a PyTorch model without changing it, `check` holds its weights to rules, `guard` compares it with a baseline in
a test, `scaling_check` judges how a model grows with its width. `Recording` takes arrays of any other framework. PyTorch is imported by what needs it.
"""

try:
    from . import _native  # noqa: F401
except ImportError as error:
    raise ImportError(
        f"step_zero: the compiled part cannot be loaded from {__path__[0]} ({error}); if that is the source folder, "
        "install it by `pip install ./python` and start Python elsewhere"
    ) from None

from .checking import Check, Finding, check
from .guarding import BaselineMoved, guard
from .observing import Fixed, join, load, observe
from .recording import Recording
from .report import Fix, Report, Verdict
from .scaling import ScalingCheck, ScalingMeasurement, ScalingRow, scaling_check
from .schemes import Moments, Scheme, TorchGenerator, scheme

__all__ = [
    "BaselineMoved",
    "Check",
    "Finding",
    "Fix",
    "Fixed",
    "Moments",
    "Recording",
    "Report",
    "ScalingCheck",
    "ScalingMeasurement",
    "ScalingRow",
    "Scheme",
    "TorchGenerator",
    "Verdict",
    "check",
    "guard",
    "join",
    "load",
    "observe",
    "scaling_check",
    "scheme",
]

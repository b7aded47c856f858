"""The loss of a recording, and the logits that it reads."""

import dataclasses

import torch

from .functions import LOSSES, argument
from .sites import Site


@dataclasses.dataclass
class Loss:
    """A call of a loss function."""

    kind: str
    reduction: str
    classes: int | None
    logits: Site | None

    @classmethod
    def of(cls, call, sites):
        """Reads a call. The logits of a binary cross entropy behind a sigmoid are what the sigmoid reads."""
        numbers = [n for n in call.sources[0] if isinstance(n, int)]
        logits = sites[max(numbers)] if numbers else None
        if call.name == "binary_cross_entropy" and logits is not None and logits.function == "sigmoid":
            logits = sites[max(logits.reads)]
        kind, shape = LOSSES.get(call.name, "other"), call.operands[0].shape
        classes = shape[1 if len(shape) > 1 else 0] if kind == "cross_entropy" else None
        return cls(kind, argument((), call.kwargs, 0, "reduction", "mean"), classes, logits)


def loss_entry(loss, value, shown):
    """The manifest's entry. The value is None where it is not finite, as JSON has no word for that.

    A loss that is written out has the kind other, and the last linear site or convolution as logits.
    """
    if loss is None:
        last = next((site for site in reversed(shown) if site.kind in ("linear", "convolution")), None)
        loss = Loss("other", "mean", None, last)
    # What no other site reads or is read by, such as a function of constants, is not shown.
    logits = loss.logits if any(site is loss.logits for site in shown) else None
    entry = {
        "value": value.item() if torch.isfinite(value) else None,
        "kind": loss.kind,
        "reduction": loss.reduction,
        "classes": loss.classes,
        "logits": logits and logits.id,
    }
    return {key: word for key, word in entry.items() if word is not None or key == "value"}

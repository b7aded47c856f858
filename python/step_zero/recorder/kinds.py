"""The kind of site that a call makes."""

import functools

import torch

from .functions import KINDS, VIEWS, activation_by_values, argument, writes_in_place
from .trees import PLAIN, is_plain, tensors_in

OPAQUE_NAMES = {"iadd": "add", "isub": "sub", "radd": "add", "rsub": "sub", "imul": "mul", "rmul": "mul"}


class Call:
    """A call of a function with the sources of its tensors, as they were before it ran."""

    def __init__(self, function, raw, args, kwargs, recorder):
        self.in_place = writes_in_place(function, raw, args, kwargs)
        name = raw.strip("_")
        self.name = OPAQUE_NAMES.get(name, name)
        self.args, self.kwargs = args, kwargs
        self.operands = tensors_in((args, kwargs))
        for tensor in self.operands:
            recorder.add_if_out_of_sight(tensor)
        self._recorder = recorder
        self.look_up()

    def look_up(self):
        """Notes the sources of the operands as they are now."""
        self.sources = [self._recorder.sources.of(t) for t in self.operands]

    @functools.cached_property
    def all_sources(self):
        return frozenset().union(*self.sources)

    @functools.cached_property
    def signals(self):
        """The sources of the operands that were computed from sites."""
        return [s for s in self.sources if any(isinstance(x, int) for x in s)]

    @functools.cached_property
    def signal_operands(self):
        return [t for t, s in zip(self.operands, self.sources) if any(isinstance(x, int) for x in s)]

    def is_parameter(self, tensor):
        """True if a tensor is a parameter, or computed from parameters alone."""
        sources = self._of(tensor)
        return bool(sources) and all(isinstance(x, str) for x in sources)

    def parameter(self, tensor):
        """The name of the parameter that a tensor is, or of the largest that it was computed from; None without one."""
        names = [x for x in self._of(tensor) if isinstance(x, str)] if tensor is not None else []
        return max(names, key=lambda n: (self._recorder._parameters[n].numel(), n), default=None)

    def original(self, tensor):
        return self._recorder._parameters[self.parameter(tensor)]

    def _of(self, tensor):
        found = (s for t, s in zip(self.operands, self.sources) if t is tensor)
        return next(found, frozenset())


def kind_of(call, result, recorder):
    """The kind of site that a call makes; `view` if it makes none, `loss` if it ends the network."""
    kind = KINDS.get(call.name)
    if kind == "loss":
        return "loss"
    if call.name in VIEWS or result.dim() == 0 or (not call.signals and kind != "embedding"):
        return "view"
    refine = {
        "sum": _sum,
        "product": _product,
        "matmul": _matmul,
        "linear": _linear,
        "dropout": _dropout,
        "concat": _concat,
    }
    if kind in refine:
        return refine[kind](call, result, recorder)
    return kind or _unknown(call, result, recorder)


def _sum(call, result, recorder):
    if len(call.signals) < 2:
        others = [t for t, s in zip(call.operands, call.sources) if s not in call.signals]
        return "view" if any(is_mask(t) for t in others) else "scale"
    if any(is_mask(t) for t in call.signal_operands[1:]) and not is_mask(call.signal_operands[0]):
        return "view"
    same = call.name != "sub" and all(t.shape == result.shape for t in call.signal_operands)
    return "residual_sum" if same and stream_operand(call.signals, recorder) is not None else "sum"


def is_mask(tensor):
    """True of a tensor that a sum uses to rule values out: it holds −∞ or about the most negative number."""
    if not is_plain(tensor) or not tensor.is_floating_point() or tensor.numel() == 0:
        return False
    return bool(tensor.detach().min() <= torch.finfo(tensor.dtype).min / 2)


def stream_operand(signals, recorder):
    """Which of two operands is the stream of a residual sum, or None if there is none.

    It is the one from which the other was computed. Where neither is, but both come from one earlier site, it is the
    one that reaches back with at most one weight and no non-linear function (a projected shortcut), while the other
    has more of either.
    """
    if len(signals) != 2:
        return None
    reach = [recorder.ancestors(s) for s in signals]
    ends = [sum(1 << x for x in s if isinstance(x, int)) for s in signals]
    for stream, branch in ((0, 1), (1, 0)):
        if ends[stream] & reach[branch] == ends[stream]:
            return stream
    if not reach[0] & reach[1]:
        return None
    layers = [_layers(reach[i] & ~reach[1 - i], recorder) for i in (0, 1)]
    shorter = 0 if sum(layers[0]) < sum(layers[1]) else 1
    weights, functions = layers[shorter]
    return shorter if weights == 1 and functions == 0 and sum(layers[1 - shorter]) > 1 else None


def _layers(bits, recorder):
    """The numbers of sites with a weight, and of sites with a non-linear function, in a set."""
    kinds = [site.kind for site in recorder.sites if bits >> site.number & 1]
    weights = sum(kind in ("linear", "convolution", "transposed_convolution") for kind in kinds)
    return weights, sum(kind in ("activation", "softmax", "gate", "recurrent", "mix") for kind in kinds)


def _product(call, result, recorder):
    return "gate" if len(call.signals) > 1 else "scale"


def _matmul(call, result, recorder):
    if len(call.signals) < 2:
        return "linear" if any(call.is_parameter(t) for t in call.operands) else "scale"
    return "mix" if any(_is_probability(s, recorder) for s in call.signals) else "other"


def _is_probability(sources, recorder):
    sites = [recorder.sites[x] for x in sources if isinstance(x, int)]
    through = lambda site: site.kind == "dropout" and _is_probability(site.reads, recorder)
    return any(site.kind == "softmax" or through(site) for site in sites)


def _linear(call, result, recorder):
    weight = argument(call.args, call.kwargs, 2 if call.name == "addmm" else 1, "weight")
    return "linear" if call.is_parameter(weight) else "other"


def _dropout(call, result, recorder):
    probability = argument(call.args, call.kwargs, 1, "p", 0.5)
    training = argument(call.args, call.kwargs, 2, "training", True)
    return "dropout" if probability and training else "view"


def _concat(call, result, recorder):
    return "view" if result.numel() == max(t.numel() for t in call.operands) else "concat"


def _unknown(call, result, recorder):
    """An activation, if the values tell which; a function that is called in the same way again is looked at once."""
    single = call.operands[0]
    if len(call.operands) > 1 or single.shape != result.shape or call.in_place or not is_plain(single):
        return "other"
    others = (*call.args[1:], *call.kwargs.items())
    function = (call.name, repr(others)) if all(isinstance(x, (*PLAIN, tuple)) for x in others) else None
    if function in recorder.no_activations:
        return "other"
    if activation_by_values(single, result):
        return "activation"
    if function is not None and single.numel() >= 16:
        recorder.no_activations.add(function)
    return "other"

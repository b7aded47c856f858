"""One recorded pass: `run` calls a model and its loss, and a `TorchFunctionMode` sees every operation that Python calls.

Hooks on the modules give the names, and a hook on each result takes its gradient. What becomes of the values is up to a
keeper, such as `Measurements`. The model, its buffers and gradients, and the random state come back as they were.
"""

import contextlib
import gc
import math
import sys
import threading
from collections.abc import Mapping

import torch
from torch.nn.modules import module as global_hooks
from torch.overrides import TorchFunctionMode

from . import axes as words
from .attention import OPENED
from .curvature import largest_eigenvalue
from .data import LAYERS, MADE, Data
from .functions import COMPARISONS, IGNORED, KINDS, NORMS, activation_by_name, activation_by_values, written_by
from .inputs import arguments, batch_size, check_not_empty, check_values
from .kinds import Call, kind_of
from .losses import Loss, loss_entry
from .names import Names, calling_place, clean
from .parameters import Uses, note_uses, type_name
from .scores import note_scores
from .sites import Site, fold_leaf, fold_loops, residual_stream
from .sources import Sources
from .trees import is_plain, tensors_in
from .unchanged import gradients_kept, leaf_tensors, random_state_kept, unchanged

_ONE_AT_A_TIME = threading.RLock()
"""Held by the pass that runs: hooks on modules and random state are those of the whole process."""


def run(model, inputs, loss, keeper, *, name=None, seed=None, learning_rate=None, curvature=False):
    """Runs a model once, forwards and backwards; returns the recording's manifest and its sites.

    `inputs` is a tensor, a tuple or list of arguments or a mapping of keyword arguments; `loss` maps the model's output to
    a scalar, and defaults to the output's `loss`. Without either, a random direction takes the place of the loss's gradient.
    The model is recorded in the mode, train or eval, in which it is. `learning_rate` is the rate that is intended; with
    `curvature` the largest eigenvalue by which it is judged is measured too, in up to a hundred passes.
    """
    if curvature and loss is None:
        raise ValueError("curvature: it needs `loss`, a function of the model's output")
    check_values(model, inputs)
    check_not_empty(inputs)
    with _ONE_AT_A_TIME:
        return _run(model, inputs, loss, keeper, name or type(model).__name__, seed, learning_rate, curvature)


def _run(model, inputs, loss, keeper, name, seed, learning_rate, curvature):
    named = [(clean(n), p) for n, p in model.named_parameters()]
    trainable, parameters = {n for n, p in named if p.requires_grad}, dict(named)
    with (
        unchanged(model, named) as originals,
        _old_objects_left_alone(),
        random_state_kept(model),
        torch.inference_mode(False),
        torch.enable_grad(),
    ):
        args, kwargs = arguments(inputs)
        recorder = Recorder(model, named, trainable, batch_size(args, kwargs), keeper, originals)
        try:
            output, value = _forward(recorder, model, args, kwargs, loss)
            entries = recorder.uses.manifest()
            keeper.parameters(model, parameters, entries, trainable)
            _backward(recorder, output, value)
        finally:
            keeper.close()
        largest = _curvature(model, inputs, loss) if curvature else None
    manifest = {
        "version": 1,
        "model": name,
        "framework": f"torch {torch.__version__.split('+')[0]}",
        "mode": "train" if model.training else "eval",
        "seed": seed,
        "batch": recorder.batch,
        "loss": None if value is None else loss_entry(recorder.loss, value, recorder.shown),
        "learning_rate": learning_rate,
        "curvature": largest,
        "out_of_sight": recorder.out_of_sight(parameters),
        "sites": recorder.site_entries(),
        "parameters": entries,
    }
    return manifest, recorder.shown


def _forward(recorder, model, args, kwargs, loss):
    """The model's output and its loss, recorded."""
    with _nothing_compiled(), _hooks(recorder):
        recorder.add_inputs((args, kwargs))
        with recorder:
            output = model(*args, **kwargs)
            value = _loss(output, loss)
    recorder.finish()
    return output, value


def _backward(recorder, output, value):
    """Goes back from the loss or, without one, from a random direction of the output."""
    target = _random_direction(output) if value is None else value
    if target is not None and target.requires_grad:
        recorder.goes_backward = True
        with gradients_kept(leaf_tensors(target)):
            target.backward()


def _nothing_compiled():
    """What was compiled runs as it was written. The compiler is not loaded for that: it takes seconds, and memory."""
    return torch.compiler.set_stance("force_eager") if "torch._dynamo" in sys.modules else contextlib.nullcontext()


@contextlib.contextmanager
def _old_objects_left_alone():
    """Python's cyclic garbage collector passes over objects that are there already.

    Recording makes so many new ones that it would visit all those of torch and the model many times; garbage among the new
    ones is collected as usual.
    """
    if gc.get_freeze_count() > 0:  # the caller's doing: `unfreeze` would undo it
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class Recorder(TorchFunctionMode):
    """The mode that turns calls into sites."""

    def __init__(self, model, named, trainable, batch, keeper, originals):
        super().__init__()
        self._keeper, self._originals, self._thread = keeper, originals, threading.get_ident()
        self.goes_backward = False
        self.sites, self.batch, self.loss, self.no_activations = [], batch, None, set()
        self.sources = Sources(named)
        self.data = Data()
        self.names = Names(model)
        self.uses = Uses(named, trainable)
        self._parameters = dict(named)
        self._read = set()
        self._rounds = {}

    # ---- operations ----

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        raw = getattr(function, "__name__", "").split(".")[0]
        if torch._C._current_graph_task_id() != -1:
            return function(*args, **kwargs)
        for tensor in written_by(function, raw, args, kwargs) if raw != "requires_grad_" else []:
            self._keeper.before_write(tensor)
            self._originals.before_write(tensor)
        if raw.strip("_") in IGNORED or raw in IGNORED:
            result = function(*args, **kwargs)
            if raw.strip("_") in MADE:
                self.data.follow(raw.strip("_"), [], tensors_in(result))
            return result
        if raw.strip("_") in COMPARISONS:
            result = function(*args, **kwargs)
            self.data.follow(raw, tensors_in((args, kwargs)), tensors_in(result))
            return result
        if function in OPENED:
            with self:
                return OPENED[function](*args, **kwargs)
        call = Call(function, raw, args, kwargs, self)
        result = function(*args, **kwargs)
        call.in_place = call.in_place or any(result is t for t in call.operands)
        self._observe(call, result)
        return result

    def _observe(self, call, result):
        found = tensors_in(call.args[0] if call.name == "setitem" else result)
        results = [t for t in found if is_float(t)]
        if results:
            self._start_signals(call)
        if not all(is_plain(t) for t in results):
            for tensor in results:
                self.sources.put(tensor, call.all_sources)
            return
        if not any(call.sources):
            self.data.follow(call.name, call.operands, found)
            return
        for tensor in (t for t in found if not is_float(t)):
            self.data.add(tensor, False)
        if not results:
            return
        kind = kind_of(call, results[0], self)
        if kind == "loss":
            self.loss = Loss.of(call, self.sites)
            self.sources.put(results[0], frozenset())
        elif kind == "view" and _is_layer_of_constants(call):
            for tensor in results:
                self.sources.put(tensor, frozenset())
        elif kind == "view":
            for tensor in results:
                put = self.sources.put_written if call.in_place else self.sources.put
                put(tensor, call.all_sources, words.of_view(call, tensor, self))
                self._unflatten(call, tensor)
        else:
            self._add(call, kind, results)

    def add_if_out_of_sight(self, tensor):
        """Makes a site, of kind other, of a result of operations that no mode sees, such as scripted ones."""
        sources = self.sources.from_out_of_sight(tensor)
        if sources is None or not is_float(tensor) or not is_plain(tensor) or tensor.dim() == 0:
            return
        site = Site(len(self.sites), "other", "unknown", [sources])
        site.id = self.names.name("other", "unknown", None, [])
        site.ancestors = self.ancestors(sources)
        self._keep(site, tensor, words.default(tensor.shape))
        self.sources.put(tensor, {site.number}, site.axes)

    def _start_signals(self, call):
        """Makes sites of the data that meet a parameter in this call."""
        for tensor in self.data.started_by(call):
            axes = words.of_data(tensor, call, self.batch)
            if self.data.is_of_batch(tensor) and KINDS.get(call.name) in LAYERS:
                self._add_input(tensor, axes)
            else:
                self._add_root("other", self.names.name("other", "data", None, []), tensor, axes)
            call.look_up()

    def _add(self, call, kind, results):
        value = results[0]
        operands = [s for s in call.sources if s]
        site = Site(len(self.sites), kind, call.name, operands)
        site.weight, site.bias = note_uses(self.uses, call, kind)
        site.norm = NORMS.get(call.name) if kind == "norm" else None
        if kind == "activation":
            site.function = activation_by_name(call.name, call.args, call.kwargs)
            if site.function is None and call.operands[0].shape == value.shape and not call.in_place:
                site.function = activation_by_values(call.operands[0], value)
        site.id = self._name(call, site)
        site.ancestors = self.ancestors(call.all_sources)
        if kind == "residual_sum":
            site.stream = residual_stream(call.sources, self)
        if kind == "softmax":
            note_scores(site, self)
        self._keep(site, value, words.of_result(call, kind, value, self), call.in_place)
        self._note_loop(site)
        self._read |= {s for s in call.all_sources if isinstance(s, str)}
        for tensor in results:
            put = self.sources.put_written if call.in_place else self.sources.put
            put(tensor, {site.number}, site.axes if tensor is value else None)

    def _unflatten(self, call, tensor):
        """Gives a site that worked on [examples · positions, units] the shape that its result gets afterwards."""
        numbers = [x for x in call.all_sources if isinstance(x, int)]
        axes, site = self.sources.axes(tensor), self.sites[numbers[0]] if len(numbers) == 1 else None
        if call.name not in ("view", "reshape") or site is None or axes is None or len(site.shape) != 2:
            return
        same = math.prod(site.shape) == tensor.numel() and site.shape[-1] == tensor.shape[-1]
        if same and tensor.dim() == 3 and self.batch in tensor.shape[:2] and axes[-1] == "unit":
            site.shape, site.axes = list(tensor.shape), axes

    def _keep(self, site, value, axes, in_place=False):
        """Adds a site, hands its values to the keeper, and asks for its gradient."""
        axes = axes if len(axes) == value.dim() else words.default(value.shape)
        if "example" not in axes and value.dim() and value.shape[0] == self.batch:
            axes = ["example"] + axes[1:]
        site.axes, site.dtype = axes, type_name(value.dtype)
        self._keeper.keep(site, value, axes)
        self.sites.append(site)
        site.frozen = not value.requires_grad
        hooked = value._base if in_place and value._base is not None else value
        if hooked.requires_grad:
            hooked.register_hook(lambda gradient: self._take(site, gradient))

    def _take(self, site, gradient):
        """Hands a gradient to the keeper, unless the model itself asked for it in its forward pass."""
        if self.goes_backward:
            self._keeper.gradient(site, gradient)

    def _name(self, call, site):
        label = site.kind.replace("_", " ")
        if site.kind in ("activation", "norm", "other"):
            label = call.name
        parameters = [self._parameters.get(s) for s in call.all_sources if isinstance(s, str)]
        return self.names.name(site.kind, label, site.weight, parameters)

    def _note_loop(self, site):
        """Counts the rounds of a loop in Python: the same instructions again, with no module or new parameter between."""
        place = (self.names.call, self.names.entered, len(self._read))
        self._rounds.setdefault(place, {}).setdefault(calling_place(), []).append(site)

    # ---- what the graph says ----

    def ancestors(self, sources):
        """The numbers of all sites before these sources, themselves included, as the bits of an integer."""
        bits = 0
        for number in (s for s in sources if not isinstance(s, str)):
            bits |= 1 << number | self.sites[number].ancestors
        return bits

    # ---- modules ----

    def enter(self, module, args):
        if threading.get_ident() == self._thread:
            self.names.enter(module, len(self.sites))

    def leave(self, module, args, result):
        if threading.get_ident() != self._thread:
            return
        with torch._C.DisableTorchFunction():
            module, path, first = self.names.leave()
            results = [t for t in tensors_in(result) if is_float(t)]
            inside = [site for site in self.sites[first:] if site.operands and not site.hidden]
            if len(results) == 1 and inside and inside[-1].number in self.sources.of(results[0]):
                inputs = [t for t in tensors_in(args) if is_float(t)]
                if fold_leaf(module, inside, inputs, results[0], self.uses):
                    inside[-1].id = path

    # ---- results ----

    def add_inputs(self, inputs):
        for tensor in tensors_in(inputs):
            if not is_plain(tensor):
                continue
            if is_float(tensor):
                self._add_input(tensor, words.default(tensor.shape) if tensor.dim() < 4 else words.image(tensor.shape))
            else:
                self.data.add(tensor, True)

    def _add_input(self, tensor, axes):
        self._add_root("input", self.names.unused("input"), tensor, axes)

    def _add_root(self, kind, name, tensor, axes):
        """Adds a site that reads no other."""
        site = Site(len(self.sites), kind, kind, [])
        site.id = name
        self._keep(site, tensor, axes)
        self.sources.put(tensor, {site.number}, site.axes)

    def finish(self):
        """Folds loops, and forgets the autograd graph, before the backward pass."""
        fold_loops(self._rounds.values(), self.sites)
        self._keeper.settle()
        self.sources.close()
        self._inputs = {site.number: site.manifest_inputs(self.sites) for site in self.shown}

    @property
    def shown(self):
        return [site for site in self.sites if not site.hidden]

    def site_entries(self):
        return [site.entry(self._inputs[site.number]) for site in self.shown]

    def out_of_sight(self, parameters):
        """Parameters that no site reads, or that were only found by walking through unknown operations."""
        seen = self._read - self.sources.walked
        return sorted(name for name in parameters if name not in seen)


def _loss(output, loss):
    """The loss, a scalar; None if there is none."""
    value = loss(output) if loss is not None else getattr(output, "loss", None)
    if loss is None and value is None:
        return None
    if not isinstance(value, torch.Tensor) or value.numel() != 1:
        shape = f"of shape {list(value.shape)}" if isinstance(value, torch.Tensor) else f"of type {type(value).__name__}"
        raise ValueError(f"the loss must be a tensor of one number, not {shape}: take its mean, for example")
    return value.reshape(())


def _random_direction(output):
    """The product of the outputs with normal numbers, divided by the root of their number: the loss of a model without one."""
    outputs = [t for t in tensors_in(_plain(output)) if is_float(t) and t.requires_grad]
    generator = torch.Generator().manual_seed(0)
    noise = [torch.randn(t.shape, generator=generator).to(t) for t in outputs]
    count = sum(t.numel() for t in outputs)
    return sum((t * n).sum() for t, n in zip(outputs, noise)) / math.sqrt(count) if outputs else None


def _plain(output):
    """Outputs of transformers are mappings that a tree may not know."""
    return list(output.values()) if isinstance(output, Mapping) else output


def _is_layer_of_constants(call):
    """True of a layer that reads neither a signal nor data, as of a buffer: its parameters are out of sight."""
    of_unknown = any(is_float(tensor) and not sources for tensor, sources in zip(call.operands, call.sources))
    return KINDS.get(call.name) in LAYERS and not call.signals and of_unknown


def is_float(tensor):
    return isinstance(tensor, torch.Tensor) and tensor.is_floating_point()


def _curvature(model, inputs, loss):
    """The largest eigenvalue of the Gauss–Newton matrix of the trainable parameters; None if it is not finite."""
    args, kwargs = arguments(inputs)
    parameters = [p for p in model.parameters() if p.requires_grad]
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        value = largest_eigenvalue(lambda: model(*args, **kwargs), loss, parameters)
    return value if math.isfinite(value) else None


@contextlib.contextmanager
def _hooks(recorder):
    hooks = [
        global_hooks.register_module_forward_pre_hook(recorder.enter),
        global_hooks.register_module_forward_hook(recorder.leave, always_call=True),
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()

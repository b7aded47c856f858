"""Statistics of values and gradients, measured while a model runs: no value is kept for longer than a few operations."""

import json
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from torch.nn.utils import parametrize

from .. import _native
from ..handover import of_tensor
from .names import clean
from .trees import is_plain

MOST_WAITING, MOST_BYTES = 16, 16 << 20
"""Values wait until so many others do, or so many bytes: what follows may tell their kind, axes or function."""

FEW = 1 << 16
"""So many values are measured at once: to hand them to another thread takes longer."""


class Measurements:
    """Measures each site once, before anything writes over its values, while the model goes on.

    A site's values are measured a few operations after they were computed, because only then its kind is certain: a
    norm that is written out in five operations is one site, and the other four need no measurement. One thread measures,
    in order; a model that leaves a core idle hardly waits for it.
    """

    def __init__(self):
        self._waiting, self._running, self._hooks = deque(), deque(), []
        self._bytes, self._held = 0, 0  # of what waits, and of what runs
        self._sites, self._parameters = {}, {}
        self.reached = set()
        """The names of the trainable parameters that have a gradient."""
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="step_zero")

    def keep(self, site, value, axes):
        """Takes the values of a new site."""
        value = value.detach()
        site.shape = list(value.shape)
        self._waiting.append((site, value, value._version))
        self._bytes += _size(value)
        while len(self._waiting) > MOST_WAITING or len(self._waiting) > 1 and self._bytes > MOST_BYTES:
            self._start_first()

    def before_write(self, tensor):
        """Measures what an operation is about to write over, and waits until that is done."""
        if not is_plain(tensor):
            return
        storage = tensor.untyped_storage().data_ptr()
        is_written = lambda value: value.untyped_storage().data_ptr() == storage
        if any(is_written(value) for _, value, _ in self._waiting):
            self.settle()
        for task, value, _ in self._running:
            if is_written(value):
                task.result()

    def settle(self):
        """Starts to measure everything that waits."""
        while self._waiting:
            self._start_first()

    def gradient(self, site, gradient):
        """Takes the gradient of the loss at a site's values."""
        if not site.hidden:
            self._submit(self._add_gradient, gradient.detach(), self._sites, site.number)

    def parameters(self, model, parameters, entries, trainable):
        """Measures parameters, and asks for their gradients, each of which is measured and freed at once.

        Of a parameter from which a parametrisation computes a weight of the same shape, the weight is measured: that is
        what a layer multiplies by.
        """
        computed = computed_weights(model)
        for entry in entries:
            name, parameter = entry["name"], parameters[entry["name"]]
            used = computed.get(name)
            used = parameter if used is None or (used.shape, used.dtype) != (parameter.shape, parameter.dtype) else used
            self._submit(self._measure_parameter, used.detach(), entry, held=False)
            if name in trainable and parameter.requires_grad:
                self._hooks.append(parameter.register_post_accumulate_grad_hook(self._taker(name)))

    def close(self):
        """Removes what was attached to the model, and ends the measuring."""
        for hook in self._hooks:
            hook.remove()
        self._worker.shutdown(wait=True)

    def recording(self, manifest, sites):
        """Puts the recording together, after `close`."""
        while self._running:
            self._finish_first()
        for entry in manifest["parameters"]:
            entry["hash"] = self._parameters[entry["name"]].hash
        text = json.dumps(manifest, allow_nan=False)
        parameters = [self._parameters[entry["name"]] for entry in manifest["parameters"]]
        return _native.Recording(text, [self._sites[site.number] for site in sites], parameters)

    def _taker(self, name):
        def take(parameter):
            self.reached.add(name)
            gradient, parameter.grad = parameter.grad, None
            self._submit(self._add_gradient, gradient, self._parameters, name, held=False)

        return take

    def _finish_first(self):
        """Waits for the first measurement that runs, and lets go of its values."""
        task, _, size = self._running.popleft()
        self._held -= size
        task.result()

    def _submit(self, measure, values, *arguments, held=True):
        """Starts a measurement; waits for earlier ones while they hold too much memory.

        Parameters and their gradients are not `held`: they are there without the measuring too.
        """
        if values.numel() <= FEW:
            measure(values, *arguments)
            return
        size = _size(values) if held else 0
        self._running.append((self._worker.submit(measure, values, *arguments), values, size))
        self._held += size
        while self._running and (self._held > MOST_BYTES or self._running[0][0].done()):
            self._finish_first()

    def _start_first(self):
        site, value, version = self._waiting.popleft()
        self._bytes -= _size(value)
        if not site.hidden:
            self._submit(self._measure_site, value, site, version)

    # ---- on the thread that measures ----

    def _measure_site(self, value, site, version):
        if value.numel() == 0:
            self._sites[site.number] = _native.Site.unknown()
            return
        values, dtype, order = of_tensor(value.reshape(site.shape))
        axes = [site.axes[axis] for axis in order]
        function = site.function if site.kind == "activation" else None
        measured = _native.measure_site(values, dtype, values.shape, axes, site.kind, function)
        # Unless something that no mode sees has written over them.
        self._sites[site.number] = measured if value._version == version else _native.Site.unknown()

    def _measure_parameter(self, values, entry):
        self._parameters[entry["name"]] = _measured_parameter(values.contiguous(), entry)

    def _add_gradient(self, gradient, measured, key):
        values, dtype, _ = of_tensor(gradient)
        measured[key].add_gradient(values, dtype)


def _size(tensor):
    """The bytes of a tensor's values."""
    return tensor.numel() * tensor.element_size()


def _measured_parameter(values, entry):
    axes = entry["axes"]
    outputs = next((axes.index(word) for word in ("out", "row") if word in axes), 0)
    values, dtype, _ = of_tensor(values)
    return _native.measure_parameter(values, dtype, values.shape, outputs, entry["blocks"])


def computed_weights(model):
    """The weights that parametrisations, such as weight norm, compute, by the parameters' names without them."""
    modules = ((path, m) for path, m in model.named_modules() if parametrize.is_parametrized(m))
    return {clean(f"{path}.{name}"): getattr(m, name) for path, m in modules for name in m.parametrizations}

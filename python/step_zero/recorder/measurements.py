"""Statistics of values and gradients, measured while a model runs: no value is kept for longer than a few operations."""

import json
from collections import deque
from functools import partial

from torch.nn.utils import parametrize

from .. import _native
from ..handover import of_tensor
from .names import clean
from .trees import is_plain
from .worker import Worker

MOST_WAITING, MOST_BYTES = 16, 16 << 20
"""Values wait until so many others do, or so many bytes: what follows may tell their kind, axes or function."""

BATCH = 1 << 16
"""Values are handed to the thread that measures when there are so many: for fewer, the handing over takes longer."""


class Measurements:
    """Measures each site once, before anything writes over its values, while the model goes on.

    A site's values are measured a few operations after they were computed, because only then its kind is certain: a
    norm that is written out in five operations is one site, and the other four need no measurement. One thread measures,
    sites and their gradients in order, and parameters when it has nothing else to do; a model that leaves a core idle hardly
    waits for it.
    """

    def __init__(self):
        self._waiting, self._running, self._hooks = deque(), deque(), []
        self._bytes, self._held = 0, 0  # of what waits, and of what runs
        self._sites_batch, self._parameters_batch = _Batch(), _Batch()
        self._sites, self._parameters = {}, {}
        self.reached = set()
        """The names of the trainable parameters that have a gradient."""
        self._worker, self._later = Worker(), []

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
        if any(is_written(value) for _, value, _ in self._waiting) or any(map(is_written, self._sites_batch.values)):
            self.settle()
            self._start_sites()
        for task, values, _ in self._running:
            if any(map(is_written, values)):
                task.result()

    def settle(self):
        """Takes everything that waits as it is now."""
        while self._waiting:
            self._start_first()

    def gradient(self, site, gradient):
        """Takes the gradient of the loss at a site's values."""
        if not site.hidden:
            self._add(self._add_gradient, gradient.detach(), self._sites, site.number)

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
            self._add_later(self._measure_parameter, used.detach(), entry)
            if name in trainable and parameter.requires_grad:
                self._hooks.append(parameter.register_post_accumulate_grad_hook(self._taker(name)))

    def close(self):
        """Removes what was attached to the model, and ends the measuring."""
        for hook in self._hooks:
            hook.remove()
        self._worker.close()

    def recording(self, manifest, sites):
        """Puts the recording together, after `close`."""
        for task in [task for task, _, _ in self._running] + self._later:
            task.result()
        self._sites_batch.measure()
        self._parameters_batch.measure()
        for entry in manifest["parameters"]:
            entry["hash"] = self._parameters[entry["name"]].hash
        text = json.dumps(manifest, allow_nan=False)
        parameters = [self._parameters[entry["name"]] for entry in manifest["parameters"]]
        return _native.Recording(text, [self._sites[site.number] for site in sites], parameters)

    def _taker(self, name):
        def take(parameter):
            self.reached.add(name)
            gradient, parameter.grad = parameter.grad, None
            self._add_later(self._add_gradient, gradient, self._parameters, name)

        return take

    def _start_first(self):
        site, value, version = self._waiting.popleft()
        self._bytes -= _size(value)
        if not site.hidden:
            self._add(self._measure_site, value, site, version)

    def _add(self, measure, values, *arguments):
        """Takes a measurement of a site, and starts it once there are enough values."""
        if self._sites_batch.add(measure, values, *arguments):
            self._start_sites()

    def _add_later(self, measure, values, *arguments):
        """The same for a parameter. It is there without the measuring too, and so is its gradient: nothing waits for them."""
        if self._parameters_batch.add(measure, values, *arguments):
            batch, self._parameters_batch = self._parameters_batch, _Batch()
            self._later.append(self._worker.submit(batch.measure, urgent=False))

    def _start_sites(self):
        """Starts the measurements of a batch; waits for earlier ones while they hold too much memory."""
        batch, self._sites_batch = self._sites_batch, _Batch()
        if not batch.values:
            return
        size = sum(map(_size, batch.values))
        self._running.append((self._worker.submit(batch.measure, urgent=True), batch.values, size))
        self._held += size
        while self._running and (self._held > MOST_BYTES or self._running[0][0].done()):
            task, _, size = self._running.popleft()
            self._held -= size
            task.result()

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


class _Batch:
    """Measurements that are handed to the thread together."""

    def __init__(self):
        self.values, self._tasks, self._count = [], [], 0

    def add(self, measure, values, *arguments):
        """True once there are enough values."""
        self.values.append(values)
        self._tasks.append(partial(measure, values, *arguments))
        self._count += values.numel()
        return self._count > BATCH

    def measure(self):
        while self._tasks:
            self._tasks.pop(0)()


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

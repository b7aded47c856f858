"""Whatever a pass may change comes back as it was, also after a pass that fails."""

import contextlib
import warnings

import torch

from .trees import is_plain


@contextlib.contextmanager
def unchanged(model, named):
    """Turns every parameter's gradient on. Puts values, gradients, flags, buffers and modes back afterwards.

    `named` holds the parameters with their names. Yields their `Originals`, which are to be told before something writes over
    one.
    """
    parameters = [(p, p.grad, p.requires_grad) for _, p in named]
    originals = Originals(named)
    with contextlib.ExitStack() as stack:  # a step that fails does not keep the others from running
        stack.callback(originals.put_back)
        for buffer in model.buffers():
            stack.callback(_put_back, buffer, buffer.detach(), buffer.detach().clone())
        for module in model.modules():
            stack.callback(_put_members_back, module, module.training, _members(module))
        for parameter, gradient, flag in parameters:
            stack.callback(_put_gradient_back, parameter, gradient, flag)
            parameter.grad = None
            if parameter.is_floating_point():
                parameter.requires_grad_(True)
        yield originals


class Originals:
    """The values of parameters, copied at the moment at which something is about to write over them."""

    def __init__(self, named):
        self._parameters = [(name, p, p.detach(), _version(p)) for name, p in named]
        self._copies, self._at = {}, {}
        for each in self._parameters:
            if is_plain(each[1]):
                self._at.setdefault(_address(each[1]), []).append(each)

    def before_write(self, tensor):
        """Copies the parameters whose memory a tensor shares."""
        for name, _, values, _ in self._at.pop(_address(tensor), []) if is_plain(tensor) else []:
            self._copies[name] = values.clone()

    def put_back(self):
        unknown = [n for n, p, _, version in self._parameters if n not in self._copies and _version(p) != version]
        for name, parameter, values, _ in self._parameters:
            _put_back(parameter, values, self._copies.get(name))
        if unknown:
            changed = f"{', '.join(unknown[:3])}{' and others' if len(unknown) > 3 else ''}"
            warnings.warn(f"observe: the model changed {changed} out of sight, and keeps the change", stacklevel=2)


def random_state_kept(model):
    """PyTorch's random state comes back: the processor's, and that of each device on which the model has parameters."""
    devices = {p.device.index or 0 for p in model.parameters() if p.device.type not in ("cpu", "meta")}
    return torch.random.fork_rng(devices)


def leaf_tensors(value):
    """The tensors whose `.grad` a backward pass from a value fills."""
    found, seen, open = [value] if value.is_leaf else [], set(), [value.grad_fn]
    while open:
        node = open.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if (variable := getattr(node, "variable", None)) is not None:
            found.append(variable)
        open += [following for following, _ in node.next_functions]
    return found


@contextlib.contextmanager
def gradients_kept(tensors):
    """Takes the gradients of tensors away, and puts them back afterwards."""
    before = [(tensor, tensor.grad) for tensor in tensors]
    for tensor in tensors:
        tensor.grad = None
    try:
        yield
    finally:
        for tensor, gradient in before:
            tensor.grad = gradient


def _members(module):
    """The tables of what a module holds, each with a copy of it; a scripted module has none that can change."""
    tables = module._parameters, module._buffers, module._modules
    return [(table, dict(table)) for table in tables if isinstance(table, dict)]


def _put_members_back(module, training, members):
    """What was assigned to a name of the module is gone again; names that are new stay."""
    if module.training != training:
        module.training = training
    for table, before in members:
        table.update(before)


def _put_gradient_back(parameter, gradient, flag):
    parameter.grad = gradient
    parameter.requires_grad_(flag)


def _put_back(tensor, memory, copy):
    """Gives a tensor its former memory, with the values of a copy if there is one."""
    with torch.no_grad():
        if copy is not None:
            memory.copy_(copy)
        if _layout(tensor) != _layout(memory):
            tensor.data = memory


def _layout(tensor):
    return tensor.shape, tensor.dtype, (_address(tensor), tensor.storage_offset(), tensor.stride()) if is_plain(tensor) else None


def _address(tensor):
    return tensor.untyped_storage().data_ptr()


def _version(tensor):
    return None if tensor.is_inference() else tensor._version

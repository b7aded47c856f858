"""Names of sites: the module's path, the parameter's name, or the path and a label."""

import re
import sys


class Names:
    """Follows the modules that are being called, and names what happens inside them."""

    def __init__(self, model):
        self._paths = {module: clean(path) for path, module in model.named_modules()}
        self._calls, self._used, self._stack, self.entered = {}, {}, [], 0

    def enter(self, module, first_site):
        self._calls[module] = call = self._calls.get(module, 0) + 1
        self.entered += 1
        around = self._stack[-1][1] if self._stack else ""
        path = self._paths.get(module) if module in self._paths else f"{around}.{type(module).__name__}".strip(".")
        self._stack.append((module, path, call, first_site))

    def leave(self):
        """The module that returns, its path with the number of the call, and the first site made inside."""
        module, path, call, first_site = self._stack.pop()
        return module, _numbered(path, call), first_site

    @property
    def module(self):
        return self._stack[-1][0] if self._stack else None

    @property
    def call(self):
        """A value that differs between any two calls of modules."""
        return (id(self.module), self._stack[-1][2]) if self._stack else None

    def name(self, kind, label, weight, parameters):
        """An unused name for a site.

        A leaf module's own operation has the module's path; an operation with a weight has the weight's name; any
        other has the path of the module that is running, and a label: `layer1.0 (residual sum)`.
        """
        module, path, call, _ = self._stack[-1] if self._stack else (None, "", 1, 0)
        if path and _is_own(module, kind, parameters):
            return self.unused(_numbered(path, call))
        if weight is not None:
            return self.unused(_numbered(re.sub(r"[._]weight$", "", weight), call))
        return self.unused(_numbered(path, call), label)

    def unused(self, path, label=None):
        """The name, or the name with the first number that makes it unlike the earlier ones."""
        key = (path, label)
        self._used[key] = count = self._used.get(key, 0) + 1
        number = f" {count}" if count > 1 else ""
        return f"{path} ({label}{number})".strip() if label else f"{path} ({count})" if count > 1 else path


def clean(name):
    """A name without what `torch.compile` and parametrisations add to it."""
    name = re.sub(r"(^|\.)_orig_mod(?=\.|$)", "", name).strip(".")
    return re.sub(r"parametrizations\.(\w+)\.original\d*$", r"\1", name)


def is_leaf(module):
    return module is not None and next(module.children(), None) is None


def _is_own(module, kind, parameters):
    """True if an operation is what a leaf module is for: it reads one of the module's parameters, or there are none."""
    if not is_leaf(module) or kind in ("residual_sum", "sum", "gate", "scores", "softmax", "mix"):
        return False
    own = list(module.parameters(recurse=False))
    return not own or any(parameter is p for parameter in parameters for p in own)


def _numbered(path, call):
    return f"{path}@{call}" if call > 1 else path


def calling_place():
    """The instructions of Python between the module that is running and the operation: equal in a loop's every round.

    Instructions and not lines: `exp(-((x - centres) * 2) ** 2)` is five operations on one line and no loop.
    """
    frame, places = sys._getframe(1), []
    while frame is not None and frame.f_code.co_name not in ("_call_impl", "_wrapped_call_impl"):
        places.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return tuple(places)

"""What is known of tensors, by identity."""

import weakref


class TensorTable:
    """A value per tensor; the table keeps no tensor alive.

    PyTorch's `WeakTensorKeyDictionary` does the same, and makes a key of every tensor that is looked up. Here an entry of a tensor
    that died stays until another gets its place in memory, or the table goes.
    """

    def __init__(self):
        self._entries = {}

    def __setitem__(self, tensor, value):
        self._entries[id(tensor)] = weakref.ref(tensor), value

    def __contains__(self, tensor):
        return self.get(tensor, self) is not self

    def get(self, tensor, default=None):
        reference, value = self._entries.get(id(tensor), (None, None))
        return value if reference is not None and reference() is tensor else default

"""Which sites and parameters a tensor was computed from."""

from .table import TensorTable


_UNKNOWN = frozenset(), None
"""The sources of a tensor that has no entry, and its version."""


class Sources:
    """A table of tensors. Sites are numbers, parameters are names; a source is either.

    An entry holds for one version of a tensor: after a write in place that nobody reported, the tensor's autograd
    graph is walked back to nodes that are known. A parameter that is found by such a walk was used by operations that
    the recorder did not see: it is in `walked`.
    """

    def __init__(self, parameters):
        self.walked = set()
        self._names = TensorTable()
        self._known = TensorTable()
        self._axes = TensorTable()
        self._nodes = {}
        for name, parameter in parameters:
            self._names[parameter] = frozenset([name])

    def of(self, tensor):
        """The sources of a tensor, as a frozen set."""
        if (own := self._names.get(tensor)) is not None:
            return own
        sources, version = self._known.get(tensor, _UNKNOWN)
        return sources if version == tensor._version else sources | self._walk(tensor.grad_fn)

    def from_out_of_sight(self, tensor):
        """The sources of a tensor that operations out of sight computed from parameters; None for any other tensor."""
        if tensor in self._names or tensor in self._known or tensor.grad_fn is None:
            return None
        before, self.walked = self.walked, set()
        sources = frozenset(self._walk(tensor.grad_fn))
        found, self.walked = self.walked, before | self.walked
        return sources if found else None

    def axes(self, tensor):
        """The words of a tensor's axes, or None if they are not known."""
        return self._axes.get(tensor)

    def put(self, tensor, sources, axes=None):
        """Notes where a tensor comes from. A tensor written through a view gives its sources to its base."""
        if tensor in self._names:
            return
        self._known[tensor] = (frozenset(sources), tensor._version)
        if axes is not None:
            self._axes[tensor] = axes
        if tensor.grad_fn is not None:
            self._nodes[tensor.grad_fn] = frozenset(sources)

    def put_written(self, tensor, sources, axes=None):
        """As `put`, for a tensor that was written in place."""
        self.put(tensor, sources, axes)
        if (base := tensor._base) is not None:
            self.put(base, frozenset(sources) | self._known.get(base, _UNKNOWN)[0])

    def close(self):
        """Lets go of the graph."""
        self._nodes.clear()

    def _walk(self, node):
        found, seen, open = set(), set(), [node]
        while open:
            node = open.pop()
            if node is None or node in seen:
                continue
            seen.add(node)
            if node in self._nodes:
                found |= self._nodes[node]
            elif (variable := getattr(node, "variable", None)) is not None:
                if (own := self._names.get(variable)) is not None:
                    found |= own
                    self.walked |= own
            else:
                open += [following for following, _ in node.next_functions]
        return found

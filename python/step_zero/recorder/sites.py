"""A site of a recording, and the folding of several sites into one."""

import dataclasses
import re

from .functions import activation_by_values
from .kinds import stream_operand
from .names import is_leaf
from .parameters import NORM_ROLES

WEIGHTED = set("linear convolution transposed_convolution embedding softmax scores mix recurrent input".split())
ROUNDS_OF_A_LOOP = 4


@dataclasses.dataclass(eq=False)
class Site:
    """A place where values were observed. `operands` holds the sources of each operand."""

    number: int
    kind: str
    op: str
    operands: list
    id: str = ""
    function: str | None = None
    norm: str | None = None
    weight: str | None = None
    bias: str | None = None
    stream: frozenset | None = None
    ancestors: int = 0
    shape: list | None = None
    axes: list | None = None
    dtype: str = ""
    frozen: bool = False
    hidden: bool = False

    @property
    def reads(self):
        """The numbers of the sites that it reads, in the order of its operands."""
        return list(dict.fromkeys(x for s in self.operands for x in sorted(y for y in s if isinstance(y, int))))

    def manifest_inputs(self, sites):
        """The visible sites that it reads, with their role at a residual sum."""
        if self.stream is None:
            return [{"site": sites[n].id} for n in visible_reads(self, sites)]
        roles = {}
        for sources in self.operands:
            role = "stream" if sources is self.stream else "branch"
            for number in _visible((x for x in sorted(y for y in sources if isinstance(y, int))), sites):
                roles.setdefault(number, role)
        return [{"site": sites[n].id, "role": role} for n, role in roles.items()]

    def entry(self, inputs):
        entry = {"id": self.id, "kind": self.kind}
        if self.kind == "activation":
            entry["function"] = self.function
        if self.kind == "norm":
            entry["norm"] = self.norm
        return entry | {
            "inputs": inputs,
            "axes": list(self.axes),
            "shape": list(self.shape),
            "dtype": self.dtype,
            "weight": self.weight,
            "bias": self.bias,
            "frozen": self.frozen,
        }


def residual_stream(sources, recorder):
    """The sources of the operand that is the stream."""
    signals = [s for s in sources if any(isinstance(x, int) for x in s)]
    return signals[stream_operand(signals, recorder)]


def visible_reads(site, sites):
    """The sites that a site reads; a hidden one stands for those that it reads itself."""
    return _visible(site.reads, sites)


def _visible(numbers, sites):
    found = {}
    for number in numbers:
        site = sites[number]
        found |= dict.fromkeys(visible_reads(site, sites) if site.hidden else [number])
    return list(found)


def fold_leaf(module, inside, inputs, output, uses):
    """Makes one site of a leaf module's small operations, if they are a norm or an activation. True if it did."""
    if len(inside) < 2 or not is_leaf(module) or any(site.kind in WEIGHTED for site in inside):
        return False
    last, ops = inside[-1], " ".join(site.op for site in inside)
    if re.search("rsqrt|sqrt|var|std|norm", ops):
        last.kind = "norm"
        last.norm = "layer" if re.search("sub|var|layer_norm", ops) else "rms"
        _norm_parameters(last, inside, uses)
    else:
        same = [t for t in inputs if t.shape == output.shape]
        function = activation_by_values(same[0], output) if same and next(module.parameters(), None) is None else None
        if function is None:
            return False
        last.kind, last.function = "activation", function
    _absorb(last, inside[:-1])
    return True


def _norm_parameters(last, inside, uses):
    last.weight = next((site.weight for site in inside if site.kind in ("scale", "norm") and site.weight), None)
    last.bias = next((site.bias for site in inside if site.kind in ("scale", "norm") and site.bias), None)
    for name, role in zip((last.weight, last.bias), NORM_ROLES):
        if name is not None:
            uses.note(name, role, replaces=True)


def _absorb(last, others):
    """Hides the others; the last one reads what they read from outside."""
    numbers = {site.number for site in others}
    outside = {x for site in [*others, last] for s in site.operands for x in s if x not in numbers}
    last.operands, last.stream = [frozenset(outside)], None
    for site in others:
        site.hidden = True


def fold_loops(rounds, sites):
    """Hides the sites of loops in Python that carry a state; what joins their results is a recurrent site.

    `rounds` holds, for each place in the program, the sites that each instruction made.
    """
    looped = set()
    for lines in rounds:
        repeated = [line for line in lines.values() if len(line) >= ROUNDS_OF_A_LOOP]
        if any(line[1].ancestors >> line[0].number & 1 for line in repeated):
            looped |= {site.number for line in repeated for site in line}
    for site in sites:
        if site.kind == "concat" and looped & set(site.reads):
            site.kind = "recurrent"
    for number in looped:
        sites[number].hidden = True

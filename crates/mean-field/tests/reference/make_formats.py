"""Writes formats.txt: the ends of PyTorch's number formats of low precision.

    python make_formats.py > formats.txt

Recorded with PyTorch 2.15 on a CPU. Lines:
    FORMAT  the largest single that becomes 0  the smallest that becomes infinite or NaN, or - if none does

Found by bisection over the bits of positive singles, whose order is that of the numbers.
"""

import struct

import torch

LARGEST = 0x7F7FFFFF


def single(bits):
    return struct.unpack("f", struct.pack("I", bits))[0]


def first(is_beyond):
    """The smallest positive single for which it is true, if it is true from there on."""
    low, high = 0, LARGEST + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_beyond(single(middle)) else (middle, high)
    return low, high


for name, dtype in [
    ("FP16", torch.float16),
    ("BF16", torch.bfloat16),
    ("E4M3", torch.float8_e4m3fn),
    ("E5M2", torch.float8_e5m2),
]:
    cast = lambda x: torch.tensor([x], dtype=torch.float32).to(dtype).to(torch.float32).item()
    zero, _ = first(lambda x: cast(x) != 0)
    _, over = first(lambda x: not abs(cast(x)) < float("inf"))
    print(name, repr(single(zero)), repr(single(over)) if over <= LARGEST else "-")

"""Writes conv.txt: PyTorch's convolutions of ones with a kernel of ones, along one axis.

    python make_conv.py > conv.txt

Recorded with PyTorch 2.15. Lines:
    conv SIZE KERNEL STRIDE PADDING DILATION  OUTPUTS SUM
    transposed SIZE KERNEL STRIDE PADDING  OUTPUTS SUM
"""

import torch
from torch.nn.functional import conv1d, conv_transpose1d


def ones(size):
    return torch.ones(1, 1, size, dtype=torch.double)


for size, kernel, stride, padding, dilation in [
    (8, 3, 1, 1, 1),
    (224, 7, 2, 3, 1),
    (9, 5, 2, 2, 1),
    (16, 3, 1, 2, 2),
    (7, 3, 3, 1, 3),
    (5, 1, 2, 0, 1),
    (10, 4, 3, 5, 1),
]:
    y = conv1d(ones(size), ones(kernel), stride=stride, padding=padding, dilation=dilation)
    print("conv", size, kernel, stride, padding, dilation, y.numel(), int(y.sum()))
for size, kernel, stride, padding in [(8, 4, 2, 1), (8, 2, 2, 0), (5, 3, 2, 1), (6, 3, 1, 0)]:
    y = conv_transpose1d(ones(size), ones(kernel), stride=stride, padding=padding)
    print("transposed", size, kernel, stride, padding, y.numel(), int(y.sum()))

"""The functions that a PyTorch program calls, sorted by the kind of site that they make.

A name is the one that `__torch_function__` reports, without underscores: `relu_` and `torch.relu` are both `relu`.
"""

import functools
import inspect

import torch
import torch.nn.functional as F

from .trees import tensors_in


def _kinds(**names):
    return {name: kind for kind, row in names.items() for name in row.split()}


KINDS = _kinds(
    linear="linear addmm bilinear",
    convolution="conv1d conv2d conv3d",
    transposed_convolution="conv_transpose1d conv_transpose2d conv_transpose3d",
    embedding="embedding embedding_bag",
    norm="layer_norm batch_norm group_norm rms_norm instance_norm",
    activation="relu relu6 elu celu selu gelu silu mish leaky_relu prelu rrelu tanh sigmoid hardtanh hardswish "
    "hardsigmoid softplus softsign logsigmoid tanhshrink softshrink hardshrink threshold sin erf",
    softmax="softmax safe_softmax softmin",
    sum="add sub rsub iadd isub radd",
    product="neg mul div true_divide truediv imul rmul itruediv multiply divide",
    matmul="matmul bmm baddbmm mm mv dot einsum tensordot rmatmul scaled_matmul",
    gate="glu",
    pooling="max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d "
    "adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d lp_pool2d mean amax max sum "
    "logsumexp",
    concat="cat concat concatenate stack hstack vstack",
    dropout="dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout",
    recurrent="lstm gru rnn_tanh rnn_relu lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell",
    loss="cross_entropy nll_loss mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy "
    "binary_cross_entropy_with_logits kl_div gaussian_nll_loss",
)

REDUCTIONS = set("mean amax max sum logsumexp var std norm".split())

# These hand values on without computing: the result has the sources of its operands, and no site.
VIEWS = set(
    "view view_as reshape reshape_as flatten unflatten transpose permute t T mT swapaxes movedim squeeze unsqueeze "
    "expand expand_as repeat repeat_interleave tile contiguous clone to type type_as float half bfloat16 double detach "
    "chunk split tensor_split split_with_sizes unbind narrow select index_select gather take roll flip pad unfold fold "
    "getitem get masked_fill where tril triu slice alias cpu as_strided diagonal nan_to_num log_softmax setitem "
    "broadcast_to narrow_copy".split()
)

# These say something about a tensor and compute nothing from it.
IGNORED = set(
    "size dim ndim numel stride shape dtype device is_floating_point is_contiguous register_hook backward "
    "requires_grad_ set data_ptr storage_offset element_size new_zeros new_ones new_empty new_full new_tensor "
    "zeros_like ones_like empty_like full_like rand_like randn_like bernoulli bernoulli_".split()
)

COMPARISONS = set("eq ne lt gt le ge".split())

LOSSES = dict(
    cross_entropy="cross_entropy",
    nll_loss="cross_entropy",
    mse_loss="mse",
    binary_cross_entropy="binary_cross_entropy",
    binary_cross_entropy_with_logits="binary_cross_entropy",
)

NORMS = dict(layer_norm="layer", batch_norm="batch", group_norm="group", rms_norm="rms", instance_norm="instance")

BLOCKS = dict(lstm=4, lstm_cell=4, gru=3, gru_cell=3)

# Step Zero's name of an activation, and the function.
ACTIVATIONS = {
    "identity": lambda x: x,
    "relu": F.relu,
    "relu6": F.relu6,
    "relu_squared": lambda x: F.relu(x).square(),
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "mish": F.mish,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "erf": torch.erf,
    "softsign": F.softsign,
    "softplus(1)": F.softplus,
    "log_sigmoid": F.logsigmoid,
    "elu(1)": F.elu,
    "selu": F.selu,
    "celu(1)": F.celu,
    "hard_tanh": F.hardtanh,
    "hard_swish": F.hardswish,
    "hard_sigmoid": F.hardsigmoid,
    "leaky_relu(0.01)": F.leaky_relu,
    "leaky_relu(0.1)": lambda x: F.leaky_relu(x, 0.1),
    "leaky_relu(0.2)": lambda x: F.leaky_relu(x, 0.2),
    "sine(1)": torch.sin,
    "sine(30)": lambda x: torch.sin(30 * x),
}

_SAME_NAME = set("relu relu6 silu mish tanh sigmoid erf softsign selu".split())
_RENAMED = dict(hardswish="hard_swish", hardsigmoid="hard_sigmoid", logsigmoid="log_sigmoid", sin="sine(1)")
_ONE_PARAMETER = dict(
    leaky_relu=("negative_slope", 0.01), elu=("alpha", 1.0), celu=("alpha", 1.0), softplus=("beta", 1.0)
)


def activation_by_name(name, args, kwargs):
    """Step Zero's name of the activation that a call computes, or None if the call alone does not tell."""
    if name in _SAME_NAME:
        return name
    if name in _RENAMED:
        return _RENAMED[name]
    if name == "gelu":
        return "gelu_tanh" if argument(args, kwargs, 1, "approximate", "none") == "tanh" else "gelu"
    if name == "hardtanh":
        ends = argument(args, kwargs, 1, "min_val", -1.0), argument(args, kwargs, 2, "max_val", 1.0)
        return {(-1.0, 1.0): "hard_tanh", (0.0, 6.0): "relu6"}.get(tuple(map(float, ends)))
    if name in _ONE_PARAMETER:
        keyword, default = _ONE_PARAMETER[name]
        return f"{name}({argument(args, kwargs, 1, keyword, default):g})"
    return None


def activation_by_values(x, y):
    """Step Zero's name of a function of one number that maps x to y in up to 1,024 places, or None.

    One or two values, as of a std that rounding makes 1 everywhere, tell no function.
    """
    rounding = 8 * torch.finfo(y.dtype).eps
    x, y = (t.detach().reshape(-1)[:1024].float() for t in (x, y))
    if x.shape != y.shape or not bool(torch.isfinite(x).all() & torch.isfinite(y).all()) or y.unique().numel() < 3:
        return None
    results = torch.stack([function(x) for function in ACTIVATIONS.values()])
    errors = ((results - y).abs() / (y.abs() + y.abs().max())).amax(1).tolist()
    error, name = min(zip(errors, ACTIVATIONS), key=lambda pair: pair[0])
    return name if error <= rounding else None


@functools.cache
def _place_of_inplace(function):
    """The position of a function's argument `inplace`; None without one."""
    try:
        return list(inspect.signature(function).parameters).index("inplace")
    except (TypeError, ValueError):
        return None


def writes_in_place(function, name, args, kwargs):
    """True if a call writes over its first operand: by its name, or because an argument asks for it."""
    if (name.endswith("_") and not name.endswith("__")) or name.startswith("__i") or name == "__setitem__":
        return True
    place = _place_of_inplace(function)
    return bool(kwargs.get("inplace")) or place is not None and place < len(args) and args[place] is True


def written_by(function, name, args, kwargs):
    """The tensors that a call writes over, as far as its name and its arguments say."""
    written = [kwargs["out"]] if "out" in kwargs else []
    if writes_in_place(function, name, args, kwargs):
        written += [*args, *kwargs.values()][:1]
    if KINDS.get(name) == "embedding" and argument(args, kwargs, 3, "max_norm") is not None:
        written += [*args, *kwargs.values()][1:2]
    return tensors_in(written) if written else []


def argument(args, kwargs, position, keyword, default=None):
    """The argument of a call at a position or of a keyword; the default if it has neither."""
    return kwargs[keyword] if keyword in kwargs else args[position] if position < len(args) else default

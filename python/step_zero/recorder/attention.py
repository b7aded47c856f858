"""Fused attention, opened: the same arithmetic in operations that a recorder sees one by one."""

import types

import torch
import torch.nn.functional as F
from torch.overrides import handle_torch_function, has_torch_function


def scaled_dot_product(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    """`F.scaled_dot_product_attention` as a scaled product, a mask, a softmax, dropout and a product."""
    if enable_gqa:
        repeats = query.shape[-3] // key.shape[-3]
        key, value = key.repeat_interleave(repeats, -3), value.repeat_interleave(repeats, -3)
    scores = scaled_matmul(query, key.transpose(-2, -1), query.shape[-1] ** -0.5 if scale is None else scale)
    if is_causal:
        scores = _masked(scores, torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril())
    if attn_mask is not None:
        scores = _masked(scores, attn_mask)
    # A given mask may leave a row without a key; the safe softmax then takes 0 in place of 0/0, and four passes in place of one.
    softmax = torch.softmax if attn_mask is None else torch._safe_softmax
    probabilities = softmax(scores, -1)
    if dropout_p > 0:
        probabilities = torch.dropout(probabilities, dropout_p, True)
    return probabilities @ value


def scaled_matmul(query, key, scale):
    """The scores, seen as one operation: to scale the queries takes less than to scale the scores."""
    if has_torch_function((query, key)):
        return handle_torch_function(scaled_matmul, (query, key), query, key, scale)
    return (query * scale) @ key


def _masked(scores, mask):
    return scores.masked_fill(~mask, -torch.inf) if mask.dtype == torch.bool else scores + mask


def _visible(function):
    """A copy of a function of `torch.nn.functional` that does not hand itself over to a mode as a whole."""
    scope = {**function.__globals__, "has_torch_function": lambda *_: False}
    return types.FunctionType(function.__code__, scope, function.__name__, function.__defaults__, function.__closure__)


OPENED = {
    F.scaled_dot_product_attention: scaled_dot_product,
    F.multi_head_attention_forward: _visible(F.multi_head_attention_forward),
}

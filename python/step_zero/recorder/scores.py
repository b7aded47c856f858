"""Finds attention scores: what a softmax reads, after scale and cap and before anything is added."""

import re

from . import axes as words
from .functions import KINDS
from .sites import visible_reads


def note_scores(softmax, recorder):
    """Makes what a softmax reads a site of kind scores, and blocks of the weight that makes queries and keys."""
    for number in softmax.reads:
        scores = _behind(recorder.sites[number], recorder.sites)
        if scores is not None:
            scores.kind, scores.axes = "scores", words.last_is_unit(scores.axes)
            scores.id = recorder.names.unused(re.sub(r" \([^()]*\)$", "", scores.id), "scores")
            _note_packed(scores, recorder)


def _behind(site, sites):
    """The product of queries and keys behind a site, or the last scale behind that product, or None.

    What is between is hidden: the product before the scale, the sum with a bias.
    """
    if site.kind == "other" and KINDS.get(site.op) == "matmul":
        return site
    capped = site.function == "tanh"
    if site.kind not in ("scale", "sum") and not capped:
        return None
    inner = next(filter(None, (_behind(sites[n], sites) for n in site.reads)), None)
    if inner is None:
        return None
    scaled = KINDS.get(site.op) == "product" or capped
    (inner if scaled else site).hidden = True
    return site if scaled else inner


def _note_packed(scores, recorder):
    """If queries and keys come from one projection, its weight holds three blocks: queries, keys, values."""
    origins = {site.weight for site in _projections(visible_reads(scores, recorder.sites), recorder.sites)}
    if len(origins) == 1 and None not in origins:
        recorder.uses.split(origins.pop(), 3)


def _projections(numbers, sites):
    for site in (sites[n] for n in numbers):
        if site.kind == "linear":
            yield site
        elif site.kind in ("scale", "sum", "norm", "dropout"):
            yield from _projections(site.reads, sites)

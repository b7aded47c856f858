"""PyTorch's own statistics of a recording's raw values, for the tests of those that the program measures."""

import torch

RECORDINGS = ("vgg16-bn", "gpt2-4-bf16", "dead-relus")
"""Convolutions, attention in half precision, and dead units."""

COMPARED = 4096
"""The largest number of values per example of which all are compared; above it the program takes a sample."""

COLUMNS = ("file", "of", "name", "statistic", "value")

QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}


def rows(recording):
    """Rows (site or parameter, its name, the statistic, its value)."""
    manifest, tensors = recording.manifest, recording.tensors
    for site in manifest["sites"]:
        values = tensors[f"values/{site['id']}"].double()
        statistics = _summary(values) | _quantiles(values) | _of_units(values, site["axes"])
        if site["kind"] == "softmax":
            statistics |= _of_rows(values)
        if site["axes"][0] == "example" and len(values) > 1 and values[0].numel() <= COMPARED:
            statistics |= _of_examples(values)
        statistics |= _gradient(tensors.get(f"gradient/{site['id']}"), mean_abs=True)
        yield from (("site", site["id"], name, _number(value)) for name, value in statistics.items())
    for parameter in manifest["parameters"]:
        values = tensors[f"parameter/{parameter['name']}"].double()
        statistics = _summary(values) | _gradient(tensors.get(f"parameter_gradient/{parameter['name']}"))
        yield from (("parameter", parameter["name"], name, _number(value)) for name, value in statistics.items())


def _number(value):
    return repr(float(value))


def _summary(values):
    finite = values[values.isfinite()]
    mean, std = finite.mean(), finite.std()
    centred = finite - mean
    return {
        "count": finite.numel(),
        "non_finite": values.numel() - finite.numel(),
        "zeros": (finite == 0).sum(),
        "mean": mean,
        "std": std,
        "rms": finite.square().mean().sqrt(),
        "min": finite.min(),
        "max": finite.max(),
        "skew": (centred**3).mean() / centred.square().mean() ** 1.5,
        "kurtosis": (centred**4).mean() / centred.square().mean() ** 2,
    }


def _quantiles(values):
    ordered = values.flatten().sort().values
    return {name: ordered[int(q * (len(ordered) - 1))] for name, q in QUANTILES.items()}


def _of_units(values, axes):
    if "unit" not in axes:
        return {}
    units = values.movedim(axes.index("unit"), 0).flatten(1)
    return {
        "examples": values.shape[axes.index("example")] if "example" in axes else 1,
        "units": len(units),
        "positions": units.shape[1] // (values.shape[axes.index("example")] if "example" in axes else 1),
        "unit_mean_rms": units.mean(1).square().mean().sqrt(),
        "dead_units": (units == 0).all(1).double().mean(),
        "constant_units": (units == units[:, :1]).all(1).double().mean(),
        "offset": units.mean(0).square().mean().sqrt() / values.square().mean().sqrt(),
    }


def _of_rows(probabilities):
    largest, keys = probabilities.amax(-1), (probabilities > 0).sum(-1)
    return {
        "entropy": torch.special.entr(probabilities).sum(-1).mean(),
        "keys": keys.double().mean(),
        "largest": largest.mean(),
        "one_hot": (largest[keys > 1] > 0.99).double().mean(),
    }


def _of_examples(values):
    examples = torch.nn.functional.normalize(values.flatten(1), dim=1, eps=0.0)
    cosines = examples @ examples.T
    pairs = torch.triu_indices(len(cosines), len(cosines), 1)
    return {"mean_cosine": cosines[pairs[0], pairs[1]].mean()}


def _gradient(gradient, mean_abs=False):
    if gradient is None:
        return {}
    gradient = gradient.double()
    finite = gradient[gradient.isfinite()]
    found = {
        "gradient_count": finite.numel(),
        "gradient_non_finite": gradient.numel() - finite.numel(),
        "gradient_zeros": (finite == 0).sum(),
        "gradient_rms": finite.square().mean().sqrt(),
    }
    return found | ({"gradient_mean_abs": finite.abs().mean()} if mean_abs else {})

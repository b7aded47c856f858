"""PyTorch's own statistics of a recording's raw values, for the tests of those that the program measures."""

import csv

import torch

OF_SITES = ("vgg16-bn", "gpt2-4-bf16", "dead-relus", "tanh-five-times-too-large", "one-layer-of-equal-rows")
"""Convolutions, attention in half precision, units that are dead, saturated and equal."""

OF_PARAMETERS = OF_SITES[1:] + ("half-of-the-rows-zero", "subnormal-garbage", "one-head-repeated", "rank-one-layer")
"""Weights packed in half precision, and those whose rows are equal, zero, subnormal, repeated and parallel."""

RECORDINGS = set(OF_SITES + OF_PARAMETERS)
"""The recordings of which there are rows."""

COMPARED = 4096
"""The largest number of values per example of which all are compared; above it the program takes a sample."""

COMPARED_ROWS, COMPARED_COLUMNS = 256, 1024
"""The largest matrix of which all rows are compared; above it the program takes a sample."""

ENDS = {"tanh": (-1, 1), "sigmoid": (0, 1), "hard_tanh": (-1, 1), "softsign": (-1, 1)}
"""The ends of the range of bounded functions."""

QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}


def rows(name, recording):
    """Rows of the recording of that name: site or parameter, its name, and its statistics, as a dictionary."""
    manifest, tensors = recording.manifest, recording.tensors
    found = []
    if name in OF_SITES:
        found += [{"of": "site", "name": site["id"], **_of_site(site, tensors)} for site in manifest["sites"]]
    if name in OF_PARAMETERS:
        found += [{"of": "parameter", "name": p["name"], **_of_parameter(p, tensors)} for p in manifest["parameters"]]
    return [{"file": f"{name}.safetensors"} | row for row in found]


def write(file, found):
    """Writes rows, with a column for every statistic of any of them; what a row does not have is left blank."""
    table = csv.DictWriter(file, list(dict.fromkeys(key for row in found for key in row)), lineterminator="\n")
    table.writeheader()
    table.writerows({key: _text(value) for key, value in row.items()} for row in found)


def _of_site(site, tensors):
    values = tensors[f"values/{site['id']}"].double()
    statistics = _summary(values) | _quantiles(values) | _of_units(values, site["axes"])
    if site.get("function") in ENDS and "unit" in site["axes"]:
        statistics |= _saturation(values, site["axes"].index("unit"), *ENDS[site["function"]])
    if site["kind"] == "softmax":
        statistics |= _of_rows(values)
    if site["axes"][0] == "example" and len(values) > 1 and values[0].numel() <= COMPARED:
        statistics |= _of_examples(values)
    return statistics | _gradient(tensors.get(f"gradient/{site['id']}"), mean_abs=True)


def _of_parameter(parameter, tensors):
    values = tensors[f"parameter/{parameter['name']}"].double()
    gradient = tensors.get(f"parameter_gradient/{parameter['name']}")
    return _summary(values) | _gradient(gradient) | _of_parameter_rows(values, parameter)


def _text(value):
    """Names as they are, and numbers with all their digits."""
    return value if isinstance(value, str) else repr(float(value)).removesuffix(".0")


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
        "equal_units": _repeated_share(units[(units != units[:, :1]).any(1)]),
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
    spread = values.flatten(1) - values.flatten(1).mean(0)
    variances = torch.linalg.svdvals(spread).square()
    return {
        "mean_cosine": cosines[pairs[0], pairs[1]].mean(),
        "effective_rank": variances.sum().square() / variances.square().sum(),
    }


def _saturation(values, axis, low, high):
    near = (values - (low + high) / 2).abs() > 0.99 * (high - low) / 2
    return {
        "saturated": near.double().mean(),
        "always_saturated": near.movedim(axis, 0).flatten(1).all(1).double().mean(),
    }


def _of_parameter_rows(values, parameter):
    """How the weights of one output compare with those of another."""
    axis = next((parameter["axes"].index(word) for word in ("out", "row") if word in parameter["axes"]), 0)
    rows = values.movedim(axis, 0).reshape(values.shape[axis], -1) if values.dim() else values.reshape(1, 1)
    found = {"subnormal": ((values != 0) & (values.abs() < torch.finfo(torch.float32).tiny)).sum()}
    found |= {"rows": rows.shape[0], "columns": rows.shape[1]}
    if min(rows.shape) < 2:
        return found
    drawn = rows.any(1)
    zero = (~drawn).nonzero().flatten()
    found |= {"zero_rows": len(zero), "equal_rows": _repeated_share(rows[drawn]), "repeats": _repeats(rows)}
    if len(zero):
        found |= {"first_zero_row": zero[0], "last_zero_row": zero[-1]}
    if parameter["blocks"] > 1:
        sizes = torch.stack([block.square().mean().sqrt() for block in rows.chunk(parameter["blocks"])])
        found["block_ratio"] = sizes.max() / sizes.min()
    kept = rows[drawn]
    if 1 < len(kept) <= COMPARED_ROWS and rows.shape[1] <= COMPARED_COLUMNS:
        cosines = torch.nn.functional.normalize(kept, dim=1, eps=0.0)
        cosines = (cosines @ cosines.T).abs().fill_diagonal_(0)
        variances = torch.linalg.svdvals(kept).square()
        found |= {"compared_rows": len(kept), "compared_columns": rows.shape[1]}
        found |= {"row_cosine": cosines.max(), "top_share": variances[0] / variances.sum()}
    return found


def _repeated_share(rows):
    """The share of rows that equal another one."""
    if len(rows) < 2:
        return 0.0
    _, counts = torch.unique(rows, dim=0, return_counts=True)
    return counts[counts > 1].sum() / len(rows)


def _repeats(rows):
    """The number of times that the first rows repeat to the end; 1 if they do not, or if all are 0."""
    count = len(rows)
    periods = (p for p in range(1, count // 2 + 1) if count % p == 0 and torch.equal(rows[p:], rows[:-p]))
    return count // next(periods, count) if rows.any() else 1


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

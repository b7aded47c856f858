"""Checks a recording against the format."""

KINDS = set(
    "input embedding linear convolution transposed_convolution activation norm scores softmax mix sum residual_sum "
    "gate scale pooling dropout concat recurrent logits other".split()
)
NORMS = {"batch", "layer", "rms", "group", "instance"}
ROLES = {"weight", "embedding", "bias", "norm_scale", "norm_shift", "other"}
SITE_AXES, PARAMETER_AXES = {"example", "unit", "position"}, {"out", "in", "kernel", "row", "unit"}
DTYPES = {"torch.float32": "f32", "torch.float64": "f64", "torch.float16": "f16", "torch.bfloat16": "bf16"}
LOSSES = {"cross_entropy", "mse", "binary_cross_entropy", "other"}


def problems(recording):
    """Every way in which a recording breaks the format, as sentences."""
    manifest, tensors = recording.manifest, recording.tensors
    parameters = {p["name"]: p for p in manifest["parameters"]}
    found = list(_head(manifest))
    earlier = set()
    for site in manifest["sites"]:
        found += [f"site {site['id']}: {problem}" for problem in _site(site, earlier, parameters)]
        found += _tensors(site, tensors, [f"values/{site['id']}", f"gradient/{site['id']}"])
        if f"values/{site['id']}" not in tensors:
            found.append(f"site {site['id']}: no values")
        earlier.add(site["id"])
    for name, parameter in parameters.items():
        found += [f"parameter {name}: {problem}" for problem in _parameter(parameter)]
        found += _tensors(parameter, tensors, [f"parameter/{name}", f"parameter_gradient/{name}"])
    owners = {f"{kind}/{id}" for kind in ("values", "gradient") for id in earlier}
    owners |= {f"{kind}/{name}" for kind in ("parameter", "parameter_gradient") for name in parameters}
    found += [f"tensor {name} belongs to no site or parameter" for name in tensors if name not in owners]
    found += [f"out_of_sight: no parameter {name}" for name in manifest["out_of_sight"] if name not in parameters]
    return found


def _head(manifest):
    if manifest["version"] != 1:
        yield f"version {manifest['version']}"
    if manifest["mode"] not in ("train", "eval"):
        yield f"mode {manifest['mode']}"
    loss = manifest["loss"]
    if loss is not None:
        if loss["kind"] not in LOSSES:
            yield f"loss of kind {loss['kind']}"
        if loss.get("logits") is not None and loss["logits"] not in {s["id"] for s in manifest["sites"]}:
            yield f"loss reads {loss['logits']}, which is no site"


def _site(site, earlier, parameters):
    if site["id"] in earlier:
        yield "the name is used twice"
    if site["kind"] not in KINDS:
        yield f"unknown kind {site['kind']}"
    if (site["kind"] == "norm") != ("norm" in site) or site.get("norm", "batch") not in NORMS:
        yield f"norm is {site.get('norm')}"
    if (site["kind"] == "activation") != ("function" in site):
        yield "a function belongs to an activation, and to nothing else"
    for read in site["inputs"]:
        if read["site"] not in earlier:
            yield f"reads {read['site']}, which is no earlier site"
        if ("role" in read) != (site["kind"] == "residual_sum"):
            yield f"role of {read['site']} is {read.get('role')}"
    if site["kind"] == "residual_sum" and {"stream", "branch"} != {read.get("role") for read in site["inputs"]}:
        yield "a residual sum has a stream and a branch"
    if len(site["axes"]) != len(site["shape"]) or not set(site["axes"]) <= SITE_AXES:
        yield f"axes {site['axes']} of shape {site['shape']}"
    if site["axes"].count("unit") > 1 or site["axes"].count("example") > 1:
        yield f"axes {site['axes']} name units or examples twice"
    for name in (site["weight"], site["bias"]):
        if name is not None and name not in parameters:
            yield f"reads parameter {name}, which does not exist"


def _parameter(parameter):
    if parameter["role"] not in ROLES:
        yield f"unknown role {parameter['role']}"
    if len(parameter["axes"]) != len(parameter["shape"]) or not set(parameter["axes"]) <= PARAMETER_AXES:
        yield f"axes {parameter['axes']} of shape {parameter['shape']}"
    if len(parameter["stride"]) not in (0, parameter["axes"].count("kernel")):
        yield f"stride {parameter['stride']} of axes {parameter['axes']}"
    outputs = dict(zip(parameter["axes"], parameter["shape"])).get("out")
    if outputs is not None and outputs % parameter["blocks"]:
        yield f"{parameter['blocks']} blocks of {outputs} outputs"


def _tensors(entry, tensors, names):
    for name in (n for n in names if n in tensors):
        tensor = tensors[name]
        if list(tensor.shape) != entry["shape"] or DTYPES.get(str(tensor.dtype)) != entry["dtype"]:
            yield f"{name} is {tensor.dtype} {list(tensor.shape)}, not {entry['dtype']} {entry['shape']}"

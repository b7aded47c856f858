"""Planted faults, and healthy look-alikes: what is done to which model, and what must be found where.

`FAULTS` lists them. A location is a pattern over names of sites and parameters, in which `*` stands for any text. Where
several rules or patterns may name the fault, they are joined by `|`. A look-alike expects nothing but notes.
"""

import dataclasses
import math
from collections.abc import Callable

import torch
from torch import nn

import data
import models
import networks
from models import MODELS


@dataclasses.dataclass
class Fault:
    """A model with something done to it, and the findings that it must cause: (rule, location, cause)."""

    name: str
    model: str
    plant: Callable
    expected: list

    def build(self):
        """The model with the fault, its inputs and its loss."""
        built = MODELS[self.model]() if self.model in MODELS else EXTRA[self.model]()
        with torch.no_grad():
            changed = self.plant(built[0])
        return built if changed is None else (built[0], *changed)


FAULTS = []


def fault(name, model, rule, location, cause=""):
    """Adds a fault; the decorated function plants it in a model, and may return other (inputs, loss)."""

    def add(plant):
        FAULTS.append(Fault(name, model, plant, [(rule, location, cause)]))
        return plant

    return add


def look_alike(name, model):
    """Adds a healthy model that looks like a fault."""

    def add(plant):
        FAULTS.append(Fault(name, model, plant, []))
        return plant

    return add


def also(rule, location, cause=""):
    """Adds a finding to the fault that was added last."""

    def add(plant):
        FAULTS[-1].expected.append((rule, location, cause))
        return plant

    return add


# ---- models that only faults use ----


def _deep(layers, activation, width=128):
    """A deep MLP with PyTorch's default initialisation."""
    return models.on_digits(networks.Mlp([64] + [width] * layers + [10], activation))


def _deep_batch_norm(layers=60, width=128):
    """A deep chain of linear, batch norm and ReLU: the norm itself makes gradients grow (Yang et al. 2019)."""
    network = nn.Sequential()
    for inputs in [64] + [width] * (layers - 1):
        network.extend([nn.Linear(inputs, width, bias=False), nn.BatchNorm1d(width), nn.ReLU()])
    network.append(nn.Linear(width, 10))
    return models.on_digits(networks.kaiming_(_with_biases(network)), examples=16)


def _with_biases(network):
    for layer in network:
        if isinstance(layer, nn.Linear) and layer.bias is None:
            layer.bias = nn.Parameter(torch.zeros(layer.out_features))
    return network


EXTRA = {
    "transformer-encoder-of-copies": models.transformer_encoder_of_copies,
    "deep-gelu": lambda: _deep(20, nn.GELU),
    "deep-sigmoid": lambda: _deep(8, nn.Sigmoid),
    "deep-batch-norm": _deep_batch_norm,
    "residual-mlp-unscaled": lambda: models.on_digits(networks.residual_mlp(scale=1.0)),
    "residual-mlp-he": lambda: models.on_digits(networks.residual_mlp(scale=1.0, blocks=10)),
}


def untouched(network):
    """For models that are the fault as they are."""


# ---- values that are none, and memory that nobody wrote ----


@fault("nan-in-a-convolution", "resnet18", "not-finite", "layer2.0.conv1*")
def _(m):
    m.layer2[0].conv1.weight[3, 5, 1, 1] = math.nan


@fault("infinite-embedding-row", "gpt2-4", "not-finite", "transformer.wte*")
def _(m):
    m.transformer.wte.weight[2] = math.inf


@also("saturated", "layers.1*|activations.1*")
@fault("nan-among-other-faults", "mlp-tanh", "not-finite", "layers.4*")
def _(m):
    m.layers[4].weight[7, 7] = math.nan
    m.layers[1].weight.mul_(8)


@fault("huge-garbage", "mlp-relu", "uninitialised-memory", "layers.3.weight", "redraw")
def _(m):
    m.layers[3].weight.view(-1)[::97] = 3e38


@fault("subnormal-garbage", "unet", "uninitialised-memory", "middle.3.weight", "redraw")
def _(m):
    m.middle[3].weight.copy_(torch.randn_like(m.middle[3].weight) * 1e-41)


@fault("garbage-in-a-norm", "bert", "uninitialised-memory|norm-weight", "bert.encoder.layer.5.output.LayerNorm.weight")
def _(m):
    m.bert.encoder.layer[5].output.LayerNorm.weight.fill_(1e-41)


# ---- equal units, equal tensors ----


@fault("constant-weights", "mlp-relu", "symmetric-units", "layers.*", "constant")
def _(m):
    for layer in m.layers:
        layer.weight.fill_(0.1)


@fault("one-layer-of-equal-rows", "mlp-tanh", "symmetric-units", "layers.2*")
def _(m):
    m.layers[2].weight.copy_(m.layers[2].weight[:1].expand_as(m.layers[2].weight))


@fault("equal-filters", "vgg16-bn", "symmetric-units", "features.10*")
def _(m):
    m.features[10].weight.copy_(m.features[10].weight[:1].expand_as(m.features[10].weight))


@fault("constant-lstm", "lstm", "symmetric-units", "rnn*", "constant")
def _(m):
    for name, parameter in m.rnn.named_parameters():
        parameter.fill_(0.05 if "weight" in name else 0.0)


@fault("lstm-from-unit-normal", "lstm", "saturated-gates", "rnn*")
def _(m):
    for name, parameter in m.rnn.named_parameters():
        if "weight" in name:
            parameter.normal_()


@fault("equal-hidden-units-in-a-block", "gpt2-6", "symmetric-units", "transformer.h.3.mlp.c_fc*")
def _(m):
    weight = m.transformer.h[3].mlp.c_fc.weight
    weight.copy_(weight[:, :1].expand_as(weight))


@fault("two-layers-alike", "mlp-relu", "duplicate-tensors", "layers.2*|layers.4*")
def _(m):
    m.layers[4].weight.copy_(m.layers[2].weight)


@fault("blocks-copied", "llama", "duplicate-tensors", "model.layers.*.mlp.*")
def _(m):
    for layer in m.model.layers[1:]:
        layer.mlp.load_state_dict(m.model.layers[0].mlp.state_dict())


@fault("encoder-layers-are-copies", "transformer-encoder-of-copies", "duplicate-tensors", "1.layers.*")
def _(m):
    untouched(m)


@fault("one-head-repeated", "vit-tiny", "duplicate-tensors|symmetric-units", "blocks.4.attn.qkv*")
def _(m):
    weight = m.blocks[4].attn.qkv.weight.view(3, 3, 64, 192)
    weight.copy_(weight[:, :1].expand_as(weight))


@fault("queries-are-keys", "transformer-encoder", "duplicate-tensors|symmetric-units", "1.layers.2.self_attn.in_proj*")
def _(m):
    weight = m[1].layers[2].self_attn.in_proj_weight
    weight[64:128] = weight[:64]


@fault("rank-one-layer", "mlp-relu", "rank-one", "layers.3*")
def _(m):
    weight = m.layers[3].weight
    weight.copy_(torch.outer(torch.randn(128), torch.randn(128)) * weight.std())


@fault("rank-one-projection", "gpt2-4", "rank-one", "transformer.h.1.mlp.c_proj*")
def _(m):
    weight = m.transformer.h[1].mlp.c_proj.weight
    weight.copy_(torch.outer(torch.randn(512), torch.randn(128)) * weight.std())


# ---- means that are not zero ----


@fault("uniform-from-0-to-1", "mlp-relu", "offset", "layers.*", "centre")
def _(m):
    for layer in m.layers:
        layer.weight.uniform_(0, 1)


@fault("one-layer-with-a-mean", "mlp-tanh", "offset", "layers.3*", "centre")
def _(m):
    m.layers[3].weight.add_(2 * m.layers[3].weight.std())


@fault("convolutions-with-a-mean", "vgg16", "offset", "features.*", "centre")
def _(m):
    for layer in m.features:
        if isinstance(layer, nn.Conv2d):
            layer.weight.add_(layer.weight.std())


@fault("large-biases", "mlp-tanh", "biased", "layers.2*")
def _(m):
    m.layers[2].bias.normal_(0, 3)


@fault("constant-bias", "mlp-gelu", "biased", "layers.1*")
def _(m):
    m.layers[1].bias.fill_(5.0)


# ---- zeros ----


@fault("zeros-in-series", "resnet18", "zero-gradient|norm-weight", "layer3.1*")
def _(m):
    """Both norms of a block are at zero: the branch cannot start."""
    m.layer3[1].bn1.weight.zero_()
    m.layer3[1].bn2.weight.zero_()


@fault("zero-layer-without-a-shortcut", "mlp-tanh", "zero-gradient|constant-output", "layers.3*")
def _(m):
    m.layers[3].weight.zero_()


@fault("lora-both-zero", "lora", "zero-gradient", "transformer.h.*.attn.c_attn.lora_*")
def _(m):
    for block in m.transformer.h:
        block.attn.c_attn.lora_A.weight.zero_()


@fault("rezero-with-a-zero-branch", "rezero", "zero-gradient", "blocks.5*")
def _(m):
    m.blocks[5].fc.weight.zero_()


@fault("zero-embedding", "lstm", "zero-gradient|constant-output|embedding-scale", "emb*")
def _(m):
    m.emb.weight.zero_()


@fault("final-norm-at-zero", "gpt2-6", "norm-weight|constant-output", "transformer.ln_f*|lm_head*")
def _(m):
    m.transformer.ln_f.weight.zero_()


@fault("final-norm-at-zero-vit", "vit-transformers", "norm-weight|constant-output", "vit.layernorm*|classifier*")
def _(m):
    m.vit.layernorm.weight.zero_()


@fault("norm-weight-0-bias-1", "bert", "norm-weight", "bert.encoder.layer.3.attention.output.LayerNorm.weight")
def _(m):
    norm = m.bert.encoder.layer[3].attention.output.LayerNorm
    norm.weight.zero_()
    norm.bias.fill_(1.0)


@fault("norm-weight-in-a-vision-transformer", "vit-tiny", "norm-weight", "blocks.6.norm1*")
def _(m):
    m.blocks[6].norm1.weight.normal_(0, 0.02)


@fault("half-of-the-rows-zero", "mlp-relu", "dead-units", "layers.2*|activations.2*", "rows 64…127 are zero")
def _(m):
    m.layers[2].weight[64:] = 0


@fault(
    "half-of-the-filters-zero",
    "vgg16-bn",
    "dead-units",
    "features.14*|features.15*|features.16*",
    "rows 32…63 are zero",
)
def _(m):
    m.features[14].weight[32:] = 0


@fault("dead-relus", "mlp-relu", "dead-units", "layers.3*|activations.3*")
def _(m):
    m.layers[3].bias.fill_(-10.0)


@fault("dead-channels", "vgg16", "dead-units|biased", "features.7*|features.8*")
def _(m):
    m.features[7].bias[:20] = -1e3


@fault("dead-feed-forward", "t5", "dead-units", "encoder.block.2.layer.1.DenseReluDense.*")
def _(m):
    wi = m.encoder.block[2].layer[1].DenseReluDense.wi.weight
    wi[: wi.shape[0] // 2] = 0


# ---- bounded functions at their ends ----


@fault("tanh-five-times-too-large", "mlp-tanh", "saturated", "layers.*|activations.*")
def _(m):
    for layer in m.layers[:-1]:
        layer.weight.mul_(5)


@fault("one-saturated-layer", "mlp-tanh", "saturated", "layers.2*|activations.2*")
def _(m):
    m.layers[2].weight.mul_(10)


@fault("saturated-output", "dcgan-generator", "saturated", "12*|13*")
def _(m):
    m[12].weight.mul_(40)


@fault(
    "saturated-behind-a-zero-branch",
    "rezero",
    "saturated",
    "blocks.7*",
    "everything behind a zero branch is judged too",
)
def _(m):
    m.blocks[7].fc.weight.mul_(1e3)


@fault("one-hot-attention", "gpt2-6", "saturated-softmax", "transformer.h.2.attn*")
def _(m):
    m.transformer.h[2].attn.c_attn.weight[:, :256].mul_(30)


@fault("one-hot-attention-vit", "vit-transformers", "saturated-softmax", "vit.*")
def _(m):
    for name, parameter in m.named_parameters():
        if name.endswith(("q_proj.weight", "k_proj.weight", "query.weight", "key.weight")):
            parameter.mul_(30)


@fault("one-hot-attention-encoder", "transformer-encoder", "saturated-softmax", "1.layers.1.self_attn*")
def _(m):
    m[1].layers[1].self_attn.in_proj_weight[:128].mul_(8)


# ---- scale ----


@fault("one-layer-too-large", "mlp-relu", "wrong-gain", "layers.3*", "factor 4")
def _(m):
    m.layers[3].weight.mul_(4)


@fault("one-layer-too-small", "mlp-relu", "wrong-gain", "layers.2*", "factor 1/10")
def _(m):
    m.layers[2].weight.mul_(0.1)


@fault("one-convolution-too-large", "vgg16", "wrong-gain", "features.12*", "factor 6")
def _(m):
    m.features[12].weight.mul_(6)


@fault("one-transposed-convolution-too-small", "transposed-chain", "wrong-gain", "4*", "factor 1/8")
def _(m):
    m[4].weight.mul_(0.125)


@also("vanishing-activations|vanishing-gradients", "*")
@fault("default-gelu-20-layers", "deep-gelu", "wrong-gain", "layers.*", "one verdict, 20 places")
def _(m):
    untouched(m)


@also("vanishing-activations", "*")
@fault("normal-0.01", "mlp-relu", "wrong-gain", "layers.*")
def _(m):
    for layer in m.layers:
        layer.weight.normal_(0, 0.01)


@also("vanishing-activations", "*")
@fault("vgg-normal-0.01", "vgg16", "wrong-gain", "features.*")
def _(m):
    for layer in m.features:
        if isinstance(layer, nn.Conv2d):
            layer.weight.normal_(0, 0.01)


@also("exploding-activations", "*")
@fault("normal-1", "mlp-relu", "wrong-gain", "layers.*")
def _(m):
    for layer in m.layers:
        layer.weight.normal_(0, 1)


@also("exploding-activations", "*")
@fault("autoencoder-normal-1", "autoencoder", "wrong-gain", "layers.*")
def _(m):
    for layer in m.layers:
        layer.weight.normal_(0, 1)


@fault("transposed-convolutions-too-large", "transposed-chain", "wrong-gain", "*", "stride is not in the fan")
def _(m):
    for layer in m:
        if isinstance(layer, nn.ConvTranspose2d):
            layer.weight.mul_(4)


@fault("sigmoid-by-default", "deep-sigmoid", "vanishing-gradients", "*")
def _(m):
    untouched(m)


@fault("siren-by-default", "siren", "exploding-gradients|wrong-gain", "layers.*|network")
def _(m):
    """PyTorch's default under sin(30·): weights are 30/√6 times too large."""
    for layer in m.layers:
        layer.reset_parameters()


@fault("batch-norm-60-layers", "deep-batch-norm", "exploding-gradients", "*")
def _(m):
    untouched(m)


@fault("siren-not-divided-by-omega", "siren", "exploding-gradients|wrong-gain", "layers.*|network", "30 too large")
def _(m):
    for layer in m.layers[1:-1]:
        layer.weight.mul_(30)


# ---- residual streams ----


@fault("residual-mlp-without-scaling", "residual-mlp-unscaled", "branch-unscaled", "blocks.*", "√2 per block")
def _(m):
    untouched(m)


@fault("residual-mlp-he-on-both", "residual-mlp-he", "branch-unscaled", "blocks.*", "√3 per block")
def _(m):
    for block in m.blocks:
        block.fc2.weight.mul_(math.sqrt(2))


@fault("one-loud-branch", "residual-mlp", "stream-growth|wrong-gain|branch-unscaled", "blocks.8*")
def _(m):
    m.blocks[8].fc2.weight.mul_(60)


@fault("one-loud-branch-in-gpt2", "gpt2-12", "branch-unscaled|stream-growth|wrong-gain", "transformer.h.5*")
def _(m):
    m.transformer.h[5].mlp.c_proj.weight.mul_(100)


# ---- both ends of a network ----


@fault("pixels-0-to-255", "vgg16", "unnormalised-input", "input")
def _(m):
    images, labels = data.raw_photos(8, 64)
    return (images,), models.classification(labels)


@fault("digits-0-to-255", "mlp-tanh", "unnormalised-input", "input")
def _(m):
    pixels, labels = data.raw_digits(32)
    return (pixels,), models.classification(labels)


@fault("pixels-0-to-255-resnet", "resnet18", "unnormalised-input", "input")
def _(m):
    images, labels = data.raw_photos(8, 64)
    return (images,), models.classification(labels)


@fault("loud-head", "mlp-relu", "overconfident-logits", "layers.6*")
def _(m):
    m.layers[6].weight.mul_(30)


@fault("loud-head-resnet", "resnet18", "overconfident-logits", "fc*")
def _(m):
    m.fc.weight.mul_(60)


@fault("loud-head-llama", "llama", "overconfident-logits", "lm_head*")
def _(m):
    m.lm_head.weight.mul_(50)


@fault("softmax-before-cross-entropy", "resnet18", "squashed-logits", "fc.1*")
def _(m):
    m.fc = nn.Sequential(m.fc, nn.Softmax(1))


@fault("tied-embedding-normal-1", "gpt2-4", "embedding-scale|overconfident-logits", "transformer.wte*|lm_head*")
def _(m):
    m.transformer.wte.weight.normal_(0, 1)


@fault("embedding-normal-100", "lstm", "embedding-scale|saturated|wrong-gain", "emb*")
def _(m):
    m.emb.weight.normal_(0, 100)


@fault("position-embedding-drowns-tokens", "bert", "embedding-scale", "bert.embeddings.*")
def _(m):
    m.bert.embeddings.position_embeddings.weight.normal_(0, 20)


# ---- half precision ----


@fault("float16-overflow", "mlp-relu", "half-precision-range|not-finite", "layers.*")
def _(m):
    for layer in m.layers[:4]:
        layer.weight.mul_(24)
    m.half()
    pixels, labels = data.digits(32)
    return (pixels.half(),), models.classification(labels)


@also("half-precision-range", "*", "values of 3e5")
@fault("bfloat16-beyond-float16", "residual-mlp", "wrong-gain|overconfident-logits", "inp*|out*")
def _(m):
    m.inp.weight.mul_(3e5)
    m.bfloat16()
    pixels, labels = data.digits(32)
    return (pixels.bfloat16(),), models.classification(labels)


@fault(
    "float16-gradients-underflow", "autoencoder", "half-precision-range|vanishing-gradients|zero-gradient", "layers.*"
)
def _(m):
    m.layers[3].weight.mul_(1e-4)
    m.half()
    pixels, _ = data.digits(32)
    return (pixels.half(),), lambda output: models.regression(pixels)(output) * 1e-3


# ---- healthy look-alikes ----


@look_alike("healthy-zero-output-projections", "gpt2-6")
def _(m):
    for block in m.transformer.h:
        block.attn.c_proj.weight.zero_()
        block.mlp.c_proj.weight.zero_()


@look_alike("healthy-embedding-normal-1-before-a-norm", "embedding-norm")
def _(m):
    m.emb.weight.normal_(0, 1)


@look_alike("healthy-separate-queries-keys-values", "transformer-encoder")
def _(m):
    for layer in m[1].layers:
        for block in layer.self_attn.in_proj_weight.chunk(3):
            nn.init.xavier_uniform_(block)


@look_alike("healthy-batch-of-one", "mlp-relu")
def _(m):
    """One example cannot show that a unit is dead."""
    pixels, labels = data.digits(1)
    return (pixels,), models.classification(labels)


@look_alike("healthy-zero-head", "resnet18")
def _(m):
    """A head that starts at zero, as for fine-tuning: its own gradient is not zero."""
    m.fc.weight.zero_()
    m.fc.bias.zero_()


@look_alike("healthy-lstm-forget-bias", "lstm")
def _(m):
    for layer in ("bias_ih_l0", "bias_ih_l1"):
        getattr(m.rnn, layer)[128:256] = 1.0


@look_alike("healthy-prior-in-the-last-bias", "dcgan-discriminator")
def _(m):
    m[-2].bias = nn.Parameter(torch.full((1,), -1.0))


@look_alike("gpt2-branches-without-scaling", "gpt2-12")
def _(m):
    """A norm behind the stream forgets its growth: nothing that values show is wrong with it."""
    for block in m.transformer.h:
        block.attn.c_proj.weight.mul_(math.sqrt(24))
        block.mlp.c_proj.weight.mul_(math.sqrt(24))

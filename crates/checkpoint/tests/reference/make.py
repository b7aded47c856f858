"""Models at their random initialisation, built by the libraries themselves, that the shipped rules are held to.

    python make.py files                    # the small files beside this script, seed 0
    python make.py files OUT FIRST COUNT    # the same models with other seeds, a folder for each seed
    python make.py large OUT FIRST COUNT    # models of up to 130 million weights, which show smaller differences
    python make.py wrong OUT                # small models with one fault each

A file's metadata has the rules that the model follows, the constants that are set, and the versions of the libraries; for
transformers' models also the part of the configuration that the rules may read, and for a fault its tensor and its kind.
"""

import json
import math
import sys
import tempfile
from pathlib import Path

import safetensors.torch
import timm
import torch
import torchvision
import transformers
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from torchvision.models.vgg import VGG, make_layers

HERE = Path(__file__).parent


class NarrowResNet(ResNet):
    """A ResNet with blocks of a thirty-second of the width: everything is built and drawn by the library."""

    def _make_layer(self, block, planes, *args, **kwargs):
        return super()._make_layer(block, planes // 32, *args, **kwargs)


class NanoAttention(nn.Module):
    def __init__(self, width, bias):
        super().__init__()
        self.c_attn = nn.Linear(width, 3 * width, bias=bias)
        self.c_proj = nn.Linear(width, width, bias=bias)


class NanoMlp(nn.Module):
    def __init__(self, width, bias):
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width, bias=bias)
        self.c_proj = nn.Linear(4 * width, width, bias=bias)


class NanoBlock(nn.Module):
    def __init__(self, width, bias):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width, bias=bias)
        self.attn = NanoAttention(width, bias)
        self.ln_2 = nn.LayerNorm(width, bias=bias)
        self.mlp = NanoMlp(width, bias)


class NanoGpt(nn.Module):
    """The parameters of a GPT in the manner of nanoGPT, with its names and its distributions."""

    def __init__(self, layers, width, vocab, context, bias=True):
        super().__init__()
        self.transformer = nn.ModuleDict({
            "wte": nn.Embedding(vocab, width),
            "wpe": nn.Embedding(context, width),
            "h": nn.ModuleList(NanoBlock(width, bias) for _ in range(layers)),
            "ln_f": nn.LayerNorm(width, bias=bias),
        })
        self.lm_head = nn.Linear(width, vocab, bias=False)
        self.transformer.wte.weight = self.lm_head.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, 0.0, 0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)
        for name, parameter in self.named_parameters():
            if name.endswith("c_proj.weight"):
                nn.init.normal_(parameter, 0.0, 0.02 / math.sqrt(2 * layers))


def gpt2(head=transformers.GPT2LMHeadModel, layers=3, width=24, vocab=50, **more):
    return head(transformers.GPT2Config(
        n_layer=layers, n_embd=width, n_head=width // 8, vocab_size=vocab, n_positions=32,
        bos_token_id=0, eos_token_id=0, pad_token_id=0, **more))


def bert(head=transformers.BertForPreTraining, layers=2, width=24, vocab=60, **more):
    return head(transformers.BertConfig(
        num_hidden_layers=layers, hidden_size=width, num_attention_heads=width // 8, intermediate_size=4 * width,
        vocab_size=vocab, max_position_embeddings=32, **more))


def llama(head=transformers.LlamaForCausalLM, layers=2, width=24, vocab=60, **more):
    return head(transformers.LlamaConfig(
        num_hidden_layers=layers, hidden_size=width, num_attention_heads=4, num_key_value_heads=2,
        intermediate_size=width * 5 // 2, vocab_size=vocab, bos_token_id=1, eos_token_id=2, **more))


def t5(head=transformers.T5ForConditionalGeneration, layers=1, width=16, vocab=60, **more):
    return head(transformers.T5Config(
        num_layers=layers, d_model=width, d_kv=6, num_heads=4, d_ff=3 * width, vocab_size=vocab, **more))


def vit(head=transformers.ViTForImageClassification, layers=2, width=24, **more):
    options = dict(num_labels=7) if head is transformers.ViTForImageClassification else {}
    return head(transformers.ViTConfig(
        num_hidden_layers=layers, hidden_size=width, num_attention_heads=width // 8, intermediate_size=4 * width,
        image_size=16, patch_size=4, **options, **more))


class Saved(nn.Module):
    """A model as transformers writes it: tied tensors once, under the names of earlier releases."""

    def __init__(self, model):
        super().__init__()
        self.config = model.config
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            self.tensors = {}
            for file in sorted(Path(folder).glob("*.safetensors")):
                self.tensors |= safetensors.torch.load_file(file)

    def state_dict(self):
        return self.tensors


def timm_vit(depth=2, width=24, classes=7, **more):
    return timm.models.VisionTransformer(
        img_size=16, patch_size=4, embed_dim=width, depth=depth, num_heads=width // 8, num_classes=classes, **more)


def convnext(depths=(1, 1, 1, 1), dims=(8, 8, 12, 16), **more):
    return timm.models.ConvNeXt(depths=depths, dims=dims, num_classes=7, **more)


def vgg(batch_norm, channels=(8, "M", 12, "M", 16)):
    """A VGG whose classifier, which the library makes of a hundred million weights, is cut to some rows and columns."""
    model = VGG(make_layers(list(channels), batch_norm), num_classes=10)
    for layer in model.classifier:
        if isinstance(layer, nn.Linear):
            layer.weight = nn.Parameter(layer.weight[:24, :100].clone())
            layer.bias = nn.Parameter(layer.bias[:24].clone())
    return model


# Name, rules, constants that are set, and the model.
SMALL = [
    ("gpt2", "hf/gpt2", {}, lambda: gpt2()),
    ("gpt2-cross-attention", "hf/gpt2", {},
     lambda: gpt2(transformers.GPT2Model, layers=1, width=16, add_cross_attention=True)),
    ("gpt2-scores", "hf/gpt2", {},
     lambda: gpt2(transformers.GPT2ForSequenceClassification, layers=1, width=8)),
    ("gpt2-tokens", "hf/gpt2", {}, lambda: gpt2(transformers.GPT2ForTokenClassification, layers=1, width=8)),
    ("gpt2-answers", "hf/gpt2", {}, lambda: gpt2(transformers.GPT2ForQuestionAnswering, layers=1, width=8)),
    ("gpt2-choices", "hf/gpt2", {}, lambda: gpt2(transformers.GPT2DoubleHeadsModel, layers=2, width=8)),
    ("gpt2-untied", "hf/gpt2", {}, lambda: gpt2(layers=1, width=8, tie_word_embeddings=False)),
    ("bert", "hf/bert", {}, lambda: bert()),
    ("bert-answers", "hf/bert", {}, lambda: bert(transformers.BertForQuestionAnswering, layers=1, width=8)),
    ("bert-untied", "hf/bert", {},
     lambda: bert(transformers.BertForMaskedLM, layers=1, width=8, tie_word_embeddings=False)),
    ("bert-classifier", "hf/bert", {},
     lambda: bert(transformers.BertForSequenceClassification, 1, 16, initializer_range=0.05, pad_token_id=3)),
    ("llama", "hf/llama", {}, lambda: llama(pad_token_id=0)),
    ("llama-biases", "hf/llama", {}, lambda: llama(layers=1, width=16, attention_bias=True, mlp_bias=True)),
    ("llama-scores", "hf/llama", {},
     lambda: llama(transformers.LlamaForSequenceClassification, layers=1, width=8, pad_token_id=0)),
    ("llama-answers", "hf/llama", {},
     lambda: llama(transformers.LlamaForQuestionAnswering, layers=1, width=8)),
    ("llama-tied", "hf/llama", {}, lambda: llama(layers=1, width=8, tie_word_embeddings=True)),
    ("t5", "hf/t5", {}, lambda: t5()),
    ("t5-tokens", "hf/t5", {}, lambda: t5(transformers.T5ForTokenClassification, width=12)),
    ("t5-answers", "hf/t5", {}, lambda: t5(transformers.T5ForQuestionAnswering, width=12)),
    ("t5-encoder", "hf/t5", {}, lambda: t5(transformers.T5EncoderModel, width=12)),
    ("t5-gated", "hf/t5", {},
     lambda: t5(transformers.T5ForSequenceClassification, width=16, initializer_factor=0.5,
                feed_forward_proj="gated-gelu")),
    ("vit", "hf/vit", {}, lambda: vit()),
    ("vit-masked", "hf/vit", {}, lambda: vit(transformers.ViTForMaskedImageModeling, layers=1, width=16)),
    ("t5-saved", "hf/t5", {}, lambda: Saved(t5(width=12))),
    ("vit-pooled", "hf/vit", {}, lambda: vit(transformers.ViTModel, layers=1, width=8)),
    ("vit-saved", "hf/vit", {}, lambda: Saved(vit(layers=1, width=16))),
    ("resnet", "torchvision/resnet", {"zero_init_residual": 1},
     lambda: NarrowResNet(BasicBlock, [1, 1, 1, 1], num_classes=4, zero_init_residual=True)),
    ("resnet-bottleneck", "torchvision/resnet", {"zero_init_residual": 1},
     lambda: NarrowResNet(Bottleneck, [1, 1, 1, 1], num_classes=4, zero_init_residual=True)),
    ("resnext", "torchvision/resnet", {},
     lambda: NarrowResNet(Bottleneck, [1, 1, 1, 1], num_classes=4, groups=2, width_per_group=32)),
    ("vgg", "torchvision/vgg", {}, lambda: vgg(False)),
    ("vgg-batch-norm", "torchvision/vgg", {}, lambda: vgg(True)),
    ("timm-vit", "timm/vit", {"init_values": 1e-4}, lambda: timm_vit(init_values=1e-4)),
    ("timm-vit-jax", "timm/vit", {"jax": 1},
     lambda: timm_vit(depth=1, weight_init="jax", reg_tokens=2, qk_norm=True)),
    ("timm-vit-norms", "timm/vit", {},
     lambda: timm_vit(depth=1, width=8, pre_norm=True, global_pool="avg", class_token=False, fc_norm=True,
                      scale_mlp_norm=True, scale_attn_norm=True)),
    ("convnext", "timm/convnext", {}, lambda: convnext()),
    ("convnext-wide-head", "timm/convnext", {"head_init_scale": 0.5, "ls_init_value": 1e-3},
     lambda: convnext(head_hidden_size=16, stem_type="overlap_tiered", head_init_scale=0.5, ls_init_value=1e-3)),
    ("convnext-v2", "timm/convnext", {"head_init_scale": 0.1},
     lambda: convnext(use_grn=True, ls_init_value=None, head_init_scale=0.1, conv_mlp=True)),
    ("nanogpt", "nanogpt/gpt", {}, lambda: NanoGpt(3, 16, 50, 32)),
    ("nanogpt-no-bias", "nanogpt/gpt", {}, lambda: NanoGpt(1, 16, 40, 16, bias=False)),
]

LARGE = [
    ("gpt2", "hf/gpt2", {}, lambda: Saved(gpt2(layers=12, width=384, vocab=20000))),
    ("bert", "hf/bert", {}, lambda: Saved(bert(layers=4, width=512, vocab=20000))),
    ("llama", "hf/llama", {}, lambda: Saved(llama(layers=4, width=512, vocab=20000, pad_token_id=0))),
    ("t5", "hf/t5", {}, lambda: Saved(t5(layers=3, width=512, vocab=20000))),
    ("vit", "hf/vit", {}, lambda: Saved(vit(layers=4, width=512))),
    ("resnet18", "torchvision/resnet", {}, lambda: torchvision.models.resnet18()),
    ("resnet50", "torchvision/resnet", {}, lambda: torchvision.models.resnet50()),
    ("resnext50", "torchvision/resnet", {}, lambda: torchvision.models.resnext50_32x4d()),
    ("vgg11", "torchvision/vgg", {}, lambda: torchvision.models.vgg11_bn()),
    ("timm-vit", "timm/vit", {}, lambda: timm.create_model("vit_tiny_patch16_224")),
    ("timm-vit-jax", "timm/vit", {"jax": 1},
     lambda: timm.create_model("vit_tiny_patch16_224", weight_init="jax")),
    ("convnext", "timm/convnext", {}, lambda: timm.create_model("convnext_tiny")),
    ("convnext-v2", "timm/convnext", {"head_init_scale": 0.001},
     lambda: timm.create_model("convnextv2_atto", head_init_scale=0.001)),
    ("nanogpt", "nanogpt/gpt", {}, lambda: NanoGpt(6, 512, 20000, 128)),
]


def save(path, model, rules, settings, **more):
    versions = {"torch": torch, "transformers": transformers, "torchvision": torchvision, "timm": timm}
    metadata = {"rules": rules, "set": json.dumps(settings), **more}
    metadata["versions"] = ", ".join(f"{name} {module.__version__}" for name, module in versions.items())
    if hasattr(model, "config"):
        # The keys that the rules may read; the rest is no part of an initialisation.
        keys = ("initializer_range", "initializer_factor", "pad_token_id", "tie_word_embeddings", "model_type")
        config = model.config.to_dict()
        metadata["config"] = json.dumps({key: config[key] for key in keys if key in config})
    tensors = {name: tensor.detach().clone().contiguous() for name, tensor in model.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    safetensors.torch.save_file(tensors, path, metadata)


def draw(models, folder, seed):
    for name, rules, settings, build in models:
        torch.manual_seed(seed)
        save(folder / f"{name}.safetensors", build(), rules, settings)


# ---- Faults ----

def changed(build, name, change):
    """A model in which one tensor is not what the rules promise."""
    def faulty():
        model = build()
        with torch.no_grad():
            change(dict(model.named_parameters())[name])
        return model
    return faulty


def wider_gpt2():
    return gpt2(width=64)


def narrow_resnet():
    return NarrowResNet(BasicBlock, [1, 1, 1, 1], num_classes=10)


def kaiming_fan_in(weight):
    nn.init.kaiming_normal_(weight, mode="fan_in", nonlinearity="relu")


def default_linear(weight):
    # Of a weight [in, out], as Conv1D has it: the default of nn.Linear of the same layer.
    nn.init.kaiming_uniform_(weight.T, a=math.sqrt(5))


WRONG = [
    ("residual-scale-missing", "hf/gpt2", "transformer.h.1.mlp.c_proj.weight", "N(0, 0.02²): 1/√(2·layers) is missing",
     wider_gpt2, lambda w: nn.init.normal_(w, 0.0, 0.02)),
    ("residual-scale-twice", "hf/gpt2", "transformer.h.1.mlp.c_proj.weight", "divided by √(2·layers) twice",
     wider_gpt2, lambda w: w.div_(math.sqrt(6))),
    ("default-in-place-of-normal", "hf/gpt2", "transformer.h.0.mlp.c_fc.weight", "PyTorch's default of a linear layer",
     wider_gpt2, default_linear),
    ("uniform-of-equal-std", "hf/gpt2", "transformer.h.0.mlp.c_fc.weight", "uniform with the std of the normal",
     wider_gpt2, lambda w: nn.init.uniform_(w, -0.02 * math.sqrt(3), 0.02 * math.sqrt(3))),
    ("variance-for-std", "hf/gpt2", "transformer.h.0.mlp.c_fc.weight", "std √0.02: the std was taken for a variance",
     wider_gpt2, lambda w: nn.init.normal_(w, 0.0, math.sqrt(0.02))),
    ("values-left-at-zero", "hf/gpt2", "transformer.h.2.attn.c_attn.weight", "the values' third of the columns is 0",
     wider_gpt2, lambda w: w[:, 128:].zero_()),
    ("norm-weight-zero", "hf/gpt2", "transformer.h.2.ln_1.weight", "0 in place of 1", wider_gpt2, nn.init.zeros_),
    ("fan-in-for-fan-out", "torchvision/resnet", "layer4.0.conv1.weight", "fan-in in place of fan-out",
     narrow_resnet, kaiming_fan_in),
    ("relu-gain-missing", "torchvision/resnet", "layer1.0.conv1.weight", "gain 1 in place of √2",
     narrow_resnet, lambda w: w.div_(math.sqrt(2))),
    ("padding-row-drawn", "hf/bert", "bert.embeddings.word_embeddings.weight", "row 0 is drawn like the others",
     bert, lambda w: nn.init.normal_(w, 0.0, 0.02)),
    ("truncated-at-two-sigma", "timm/vit", "blocks.0.mlp.fc1.weight", "truncated at two standard deviations",
     lambda: timm_vit(width=64), lambda w: nn.init.trunc_normal_(w, std=0.02, a=-0.04, b=0.04)),
    ("query-scale-missing", "hf/t5", "encoder.block.0.layer.0.SelfAttention.q.weight", "1/√head_size is missing",
     lambda: t5(width=64), lambda w: nn.init.normal_(w, 0.0, 64 ** -0.5)),
    ("layers-repeat", "hf/gpt2", "transformer.h.1.mlp.c_fc.weight", "the values of transformer.h.0.mlp.c_fc.weight", wider_gpt2, None),
]


def draw_wrong(folder):
    for name, rules, tensor, fault, build, change in WRONG:
        torch.manual_seed(1)
        if change is None:
            model = build()
            with torch.no_grad():
                parameters = dict(model.named_parameters())
                parameters[tensor].copy_(parameters[tensor.replace("h.1", "h.0")])
        else:
            model = changed(build, tensor, change)()
        save(folder / f"{name}.safetensors", model, rules, {}, tensor=tensor, fault=fault)


if __name__ == "__main__":
    torch.set_num_threads(1)
    what, *rest = sys.argv[1:]
    if what == "wrong":
        draw_wrong(Path(rest[0]))
    elif rest:
        first, count = int(rest[1]), int(rest[2])
        for seed in range(first, first + count):
            draw(LARGE if what == "large" else SMALL, Path(rest[0]) / str(seed), seed)
    else:
        draw(SMALL, HERE, 0)

"""Healthy models: small but real configurations, as their packages initialise them.

`MODELS` maps a name to a function that returns (model, inputs, loss). Inputs and initial values depend on PyTorch's
random state, which the caller seeds.
"""

import timm
import torch
import torch.nn.functional as F
import torchvision
import transformers
from timm.models.mlp_mixer import MlpMixer
from torch import nn
from torch.utils._pytree import tree_map

import data
import networks

MODELS = {}

DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16}


def model(name):
    """Adds a builder to the registry."""

    def add(build):
        MODELS[name] = build
        return build

    return add


def prepared(build, mode="train", dtype="f32"):
    """A model in the mode and precision that were asked for."""
    model, inputs, loss = build()
    model = model.to(DTYPES[dtype]).train(mode == "train")
    cast = lambda t: t.to(DTYPES[dtype]) if isinstance(t, torch.Tensor) and t.is_floating_point() else t
    return model, tree_map(cast, inputs), loss


# ---- losses ----


def classification(labels):
    return lambda output: F.cross_entropy(output.float(), labels)


def regression(target):
    return lambda output: F.mse_loss(output.float(), target)


def binary(target):
    return lambda output: F.binary_cross_entropy_with_logits(output.float(), target)


def next_token(tokens):
    """Cross entropy of each token given those before it."""
    return lambda output: F.cross_entropy(output[:, :-1].float().flatten(0, 1), tokens[:, 1:].flatten())


# ---- images ----


def on_photos(network, examples=8, size=64):
    images, labels = data.photos(examples, size)
    return network, (images,), classification(labels)


def on_digits(network, examples=32):
    pixels, labels = data.digits(examples)
    return network, (pixels,), classification(labels)


@model("resnet18")
def resnet18():
    return on_photos(torchvision.models.resnet18(num_classes=10))


@model("resnet18-zero-init")
def resnet18_zero_init():
    return on_photos(torchvision.models.resnet18(num_classes=10, zero_init_residual=True))


@model("vgg16")
def vgg16():
    return on_photos(networks.vgg16(batch_norm=False))


@model("vgg16-bn")
def vgg16_bn():
    return on_photos(networks.vgg16(batch_norm=True))


@model("mobilenet-v2")
def mobilenet_v2():
    return on_photos(torchvision.models.mobilenet_v2(num_classes=10), size=96)


@model("efficientnet-b0")
def efficientnet_b0():
    return on_photos(torchvision.models.efficientnet_b0(num_classes=10), size=96)


@model("densenet121")
def densenet121():
    return on_photos(torchvision.models.densenet121(num_classes=10))


@model("convnext-atto")
def convnext_atto():
    return on_photos(timm.create_model("convnext_atto", num_classes=10), size=96)


@model("vit-tiny")
def vit_tiny():
    return on_photos(timm.create_model("vit_tiny_patch16_224", img_size=96, num_classes=10), size=96)


@model("swin-tiny")
def swin_tiny():
    shape = dict(img_size=128, window_size=4, embed_dim=48, num_heads=(3, 6, 12, 24), num_classes=10)
    return on_photos(timm.create_model("swin_tiny_patch4_window7_224", **shape), examples=4, size=128)


@model("mixer")
def mixer():
    return on_photos(MlpMixer(num_classes=10, img_size=96, patch_size=16, num_blocks=8, embed_dim=256), size=96)


@model("vit-transformers")
def vit_transformers():
    config = transformers.ViTConfig(
        hidden_size=128,
        num_hidden_layers=6,
        num_attention_heads=4,
        intermediate_size=512,
        image_size=64,
        num_labels=10,
    )
    images, labels = data.photos(8, 64)
    return (
        transformers.ViTForImageClassification(config),
        {"pixel_values": images},
        lambda o: classification(labels)(o.logits),
    )


@model("unet")
def unet():
    images, _ = data.digit_images(8, 32)
    return networks.unet(), (images,), binary((images > 0).float())


@model("dcgan-generator")
def dcgan_generator():
    images, _ = data.photos(16, 64)
    return networks.dcgan_generator(), (torch.randn(16, 100, 1, 1),), regression(images.clamp(-1, 1))


@model("dcgan-discriminator")
def dcgan_discriminator():
    images, labels = data.photos(16, 64)
    return networks.dcgan_discriminator(), (images.clamp(-1, 1),), binary((labels < 5).float())


@model("transposed-chain")
def transposed_chain():
    return networks.transposed_chain(), (torch.randn(4, 64, 4, 4),), regression(torch.randn(4, 3, 64, 64))


@model("siren")
def siren():
    places, colours = data.pixels_of_a_photo(256)
    return networks.siren(), (places,), regression(colours)


@model("new-head")
def new_head():
    """A frozen body with a trained head, as for fine-tuning."""
    network = torchvision.models.resnet18().requires_grad_(False)
    network.fc = nn.Linear(512, 10)
    return on_photos(network)


# ---- text ----

WORDS = 1000
QUIET = dict(bos_token_id=None, eos_token_id=None, pad_token_id=0)


def on_words(network, examples=8, length=32):
    """A Hugging Face language model on a vocabulary of 1,000 words."""
    tokens = data.word_text(examples, length, WORDS)
    return network, {"input_ids": tokens}, lambda output: next_token(tokens)(output.logits)


def gpt2_network(layers, width=128):
    config = transformers.GPT2Config(
        vocab_size=WORDS, n_positions=64, n_embd=width, n_layer=layers, n_head=4, use_cache=False, **QUIET
    )
    return transformers.GPT2LMHeadModel(config)


@model("gpt2-4")
def gpt2_4():
    return on_words(gpt2_network(4))


@model("gpt2-6")
def gpt2_6():
    return on_words(gpt2_network(6))


@model("gpt2-12")
def gpt2_12():
    return on_words(gpt2_network(12))


@model("gpt2-24")
def gpt2_24():
    return on_words(gpt2_network(24))


@model("bert")
def bert():
    config = transformers.BertConfig(
        vocab_size=WORDS, hidden_size=128, num_hidden_layers=6, num_attention_heads=4, intermediate_size=512,
        max_position_embeddings=64,
    )  # fmt: skip
    tokens = data.word_text(8, 32, WORDS)
    hidden = torch.rand(tokens.shape) < 0.15
    labels = tokens.masked_fill(~hidden, -100)
    loss = lambda o: F.cross_entropy(o.logits.float().flatten(0, 1), labels.flatten())
    return transformers.BertForMaskedLM(config), {"input_ids": tokens.masked_fill(hidden, 1)}, loss


@model("llama")
def llama():
    config = transformers.LlamaConfig(
        vocab_size=WORDS, hidden_size=128, num_hidden_layers=8, num_attention_heads=8, num_key_value_heads=4,
        intermediate_size=344, max_position_embeddings=64, use_cache=False, **QUIET,
    )  # fmt: skip
    return on_words(transformers.LlamaForCausalLM(config))


@model("t5")
def t5():
    config = transformers.T5Config(
        vocab_size=WORDS, d_model=128, d_kv=32, d_ff=512, num_layers=6, num_heads=4, use_cache=False,
        decoder_start_token_id=0, pad_token_id=0, eos_token_id=1,
    )  # fmt: skip
    source, target = data.word_text(8, 32, WORDS), data.word_text(8, 24, WORDS)
    inputs = {"input_ids": source, "decoder_input_ids": target}
    return transformers.T5ForConditionalGeneration(config), inputs, lambda output: next_token(target)(output.logits)


@model("mamba")
def mamba():
    config = transformers.MambaConfig(
        vocab_size=256, hidden_size=128, num_hidden_layers=8, state_size=16, use_cache=False, **QUIET
    )
    tokens = data.byte_text(8, 24)
    return (
        transformers.MambaForCausalLM(config),
        {"input_ids": tokens},
        lambda output: next_token(tokens)(output.logits),
    )


@model("transformer-encoder")
def transformer_encoder():
    """PyTorch's own post-norm encoder over patches of digits, each layer drawn on its own."""
    built = transformer_encoder_of_copies()
    built[0][1].layers = nn.ModuleList(_encoder_layer() for _ in range(6))
    return built


def transformer_encoder_of_copies():
    """As `nn.TransformerEncoder` makes it: the layers are copies of one, which PyTorch's documentation warns about."""
    encoder = nn.TransformerEncoder(_encoder_layer(), 6)
    network = nn.Sequential(nn.Linear(8, 64), encoder, nn.Flatten(), nn.Linear(8 * 64, 10))
    pixels, labels = data.digits(32)
    return network, (pixels.reshape(-1, 8, 8),), classification(labels)


def _encoder_layer():
    return nn.TransformerEncoderLayer(64, 4, 256, batch_first=True)


@model("lstm")
def lstm():
    tokens = data.byte_text(16, 32)
    return networks.LstmLanguageModel(), (tokens,), next_token(tokens)


@model("lora")
def lora():
    """GPT-2 with a low-rank sum on the attention's projections; everything else frozen."""
    network = gpt2_network(4).requires_grad_(False)
    for block in network.transformer.h:
        block.attn.c_attn = networks.Lora(block.attn.c_attn, 128, 384)
    return on_words(network)


@model("embedding-norm")
def embedding_norm():
    tokens = data.word_text(8, 32, WORDS)
    return networks.EmbeddingThenNorm(), (tokens,), next_token(tokens)


# ---- digits ----


@model("mlp-tanh")
def mlp_tanh():
    return on_digits(networks.xavier_(networks.Mlp([64] + [128] * 5 + [10], nn.Tanh)))


@model("mlp-relu")
def mlp_relu():
    return on_digits(networks.kaiming_(networks.Mlp([64] + [128] * 6 + [10], nn.ReLU)))


@model("mlp-gelu")
def mlp_gelu():
    return on_digits(networks.kaiming_(networks.Mlp([64] + [128] * 4 + [10], nn.GELU)))


@model("mlp-fan-out")
def mlp_fan_out():
    """Widths that change, drawn by fan-out: every layer's gain is its own, and the gradient's is 1."""
    return on_digits(networks.kaiming_(networks.Mlp([64, 128, 256, 128, 64, 10], nn.ReLU), mode="fan_out"))


@model("residual-mlp")
def residual_mlp():
    """Twenty blocks without a norm, branches divided by √(2·20)."""
    return on_digits(networks.residual_mlp(scale=40**-0.5))


@model("rezero")
def rezero():
    return on_digits(networks.xavier_(networks.ReZero(64, 128, 12, 10)))


@model("autoencoder")
def autoencoder():
    network = networks.kaiming_(networks.Mlp([64, 128, 32, 128, 64], nn.ReLU))
    pixels, _ = data.digits(32)
    return network, (pixels,), regression(pixels)

"""Small networks that no package ships, with the initialisation that their authors use."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class Mlp(nn.Module):
    """A plain chain of linear layers and one activation."""

    def __init__(self, sizes, activation):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.activations = nn.ModuleList(activation() for _ in sizes[2:])

    def forward(self, x):
        for layer, activation in zip(self.layers, self.activations):
            x = activation(layer(x))
        return self.layers[-1](x)


def xavier_(model, gain=1.0):
    """Xavier's normal distribution for every linear layer, biases zero."""
    for layer in _linear_layers(model):
        nn.init.xavier_normal_(layer.weight, gain)
        nn.init.zeros_(layer.bias)
    return model


def kaiming_(model, mode="fan_in"):
    """Kaiming's normal distribution for ReLU, biases zero; the last layer without ReLU's gain, and small."""
    *hidden, last = _linear_layers(model)
    for layer in hidden:
        nn.init.kaiming_normal_(layer.weight, mode=mode, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    nn.init.normal_(last.weight, std=last.in_features**-0.5)
    nn.init.zeros_(last.bias)
    return model


def _linear_layers(model):
    return [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d))]


class ResidualMlp(nn.Module):
    """Blocks h + scale · W₂ relu(W₁ h) without a norm."""

    def __init__(self, inputs, width, blocks, classes, scale=1.0):
        super().__init__()
        self.inp = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList(ResidualBlock(width, scale) for _ in range(blocks))
        self.out = nn.Linear(width, classes)

    def forward(self, x):
        x = self.inp(x)
        for block in self.blocks:
            x = block(x)
        return self.out(x)


class ResidualBlock(nn.Module):
    def __init__(self, width, scale):
        super().__init__()
        self.fc1, self.act, self.fc2 = nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width)
        self.scale = scale

    def forward(self, x):
        branch = self.fc2(self.act(self.fc1(x)))
        return x + (branch if self.scale == 1 else branch * self.scale)


def residual_mlp(inputs=64, width=128, blocks=20, classes=10, scale=1.0):
    """A residual MLP with Kaiming's scheme on the first weight of a block and E F² = E h² on the second."""
    model = ResidualMlp(inputs, width, blocks, classes, scale)
    for layer in _linear_layers(model):
        nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
        nn.init.zeros_(layer.bias)
    for block in model.blocks:
        nn.init.normal_(block.fc1.weight, std=math.sqrt(2 / block.fc1.in_features))
    return model


class ReZero(nn.Module):
    """Residual blocks whose branches are multiplied by a learned number that starts at 0 (Bachlechner et al. 2020)."""

    def __init__(self, inputs, width, blocks, classes):
        super().__init__()
        self.inp = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList(ReZeroBlock(width) for _ in range(blocks))
        self.out = nn.Linear(width, classes)

    def forward(self, x):
        x = self.inp(x)
        for block in self.blocks:
            x = block(x)
        return self.out(x)


class ReZeroBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc, self.act, self.alpha = nn.Linear(width, width), nn.Tanh(), nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x + self.alpha * self.act(self.fc(x))


class Lora(nn.Module):
    """A frozen layer with a trained low-rank sum: A as `nn.Linear`, B zero (Hu et al. 2021)."""

    def __init__(self, layer, inputs, outputs, rank=4):
        super().__init__()
        self.base = layer.requires_grad_(False)
        self.lora_A, self.lora_B = nn.Linear(inputs, rank, bias=False), nn.Linear(rank, outputs, bias=False)
        nn.init.zeros_(self.lora_B.weight)

    def forward(self, x):
        return self.base(x) + self.lora_B(self.lora_A(x))


class UNet(nn.Module):
    """Two steps down, two steps up through transposed convolutions, with skip connections (Ronneberger et al. 2015)."""

    def __init__(self, channels=1, width=16):
        super().__init__()
        self.down1, self.down2 = DoubleConv(channels, width), DoubleConv(width, 2 * width)
        self.middle = DoubleConv(2 * width, 4 * width)
        self.up2, self.join2 = nn.ConvTranspose2d(4 * width, 2 * width, 2, 2), DoubleConv(4 * width, 2 * width)
        self.up1, self.join1 = nn.ConvTranspose2d(2 * width, width, 2, 2), DoubleConv(2 * width, width)
        self.pool, self.out = nn.MaxPool2d(2), nn.Conv2d(width, 1, 1)

    def forward(self, x):
        first = self.down1(x)
        second = self.down2(self.pool(first))
        x = self.up2(self.middle(self.pool(second)))
        x = self.up1(self.join2(torch.cat([second, x], 1)))
        return self.out(self.join1(torch.cat([first, x], 1)))


class DoubleConv(nn.Sequential):
    def __init__(self, inputs, outputs):
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


def unet(width=16):
    """A U-Net with N(0, 2/fan-in), where a transposed convolution's fan-in is in·k²/stride²."""
    model = UNet(width=width)
    for layer in _linear_layers(model):
        fan_in = layer.in_channels * math.prod(layer.kernel_size)
        if isinstance(layer, nn.ConvTranspose2d):
            fan_in //= math.prod(layer.stride)
        nn.init.normal_(layer.weight, std=math.sqrt(2 / fan_in))
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    return model


def transposed_chain(channels=64, layers=4):
    """Transposed convolutions with ReLU that keep the second moment: N(0, 2/(in·k²/stride²))."""
    model = nn.Sequential()
    for _ in range(layers):
        layer = nn.ConvTranspose2d(channels, channels, 4, stride=2, padding=1)
        nn.init.normal_(layer.weight, std=math.sqrt(2 / (channels * 4)))
        nn.init.zeros_(layer.bias)
        model.extend([layer, nn.ReLU()])
    model.append(nn.Conv2d(channels, 3, 1))
    return model


def dcgan_generator(noise=100, width=32):
    """DCGAN's generator for 64 × 64 images (Radford et al. 2016), with its N(0, 0.02)."""
    widths = [8 * width, 4 * width, 2 * width, width]
    model = nn.Sequential(
        nn.ConvTranspose2d(noise, widths[0], 4, 1, 0, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU(True)
    )
    for a, b in zip(widths, widths[1:]):
        model.extend([nn.ConvTranspose2d(a, b, 4, 2, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU(True)])
    model.extend([nn.ConvTranspose2d(width, 3, 4, 2, 1, bias=False), nn.Tanh()])
    return _dcgan_init(model)


def dcgan_discriminator(width=32):
    """DCGAN's discriminator for 64 × 64 images; its last layer gives logits."""
    widths = [width, 2 * width, 4 * width, 8 * width]
    model = nn.Sequential(nn.Conv2d(3, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True))
    for a, b in zip(widths, widths[1:]):
        model.extend([nn.Conv2d(a, b, 4, 2, 1, bias=False), nn.BatchNorm2d(b), nn.LeakyReLU(0.2, inplace=True)])
    model.extend([nn.Conv2d(widths[-1], 1, 4, 1, 0, bias=False), nn.Flatten(0)])
    return _dcgan_init(model)


def _dcgan_init(model):
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(module.weight, 0.0, 0.02)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
    return model


class LstmLanguageModel(nn.Module):
    """An embedding, two LSTM layers and a linear head, with PyTorch's defaults."""

    def __init__(self, vocabulary=256, embedding=64, hidden=128):
        super().__init__()
        self.emb = nn.Embedding(vocabulary, embedding)
        self.rnn = nn.LSTM(embedding, hidden, 2, batch_first=True)
        self.out = nn.Linear(hidden, vocabulary)

    def forward(self, x):
        return self.out(self.rnn(self.emb(x))[0])


class Sine(nn.Module):
    def __init__(self, omega=30.0):
        super().__init__()
        self.omega = omega

    def forward(self, x):
        return torch.sin(self.omega * x)


def siren(width=128, hidden=4, omega=30.0):
    """SIREN (Sitzmann et al. 2020): uniform, 1/in for the first layer and √(6/in)/ω for the others."""
    model = Mlp([2] + [width] * (hidden + 1) + [3], lambda: Sine(omega))
    for i, layer in enumerate(model.layers):
        bound = 1 / layer.in_features if i == 0 else math.sqrt(6 / layer.in_features) / omega
        nn.init.uniform_(layer.weight, -bound, bound)
    return model


class EmbeddingThenNorm(nn.Module):
    """Tokens from N(0, 1), as `nn.Embedding` draws them, through a layer norm into an MLP: healthy."""

    def __init__(self, vocabulary=1000, width=128, std=1.0):
        super().__init__()
        self.emb, self.norm = nn.Embedding(vocabulary, width), nn.LayerNorm(width)
        self.fc, self.out = nn.Linear(width, width), nn.Linear(width, vocabulary)
        nn.init.normal_(self.emb.weight, std=std)
        nn.init.kaiming_normal_(self.fc.weight, nonlinearity="relu")

    def forward(self, x):
        return self.out(F.relu(self.fc(self.norm(self.emb(x)))))


def vgg16(batch_norm, width=16, hidden=1024, classes=10):
    """VGG-16 at a quarter of its width; the classifier's std grows with the narrowing, so that its gain stays VGG's."""
    from torchvision.models.vgg import VGG, make_layers

    plan = [1, 1, "M", 2, 2, "M", 4, 4, 4, "M", 8, 8, 8, "M", 8, 8, 8, "M"]
    model = VGG(
        make_layers([c if c == "M" else c * width for c in plan], batch_norm), num_classes=classes, init_weights=False
    )
    model.avgpool = nn.AdaptiveAvgPool2d(2)
    sizes = [8 * width * 4, hidden, hidden, classes]
    for i, (layer, inputs, real) in enumerate(zip((0, 3, 6), sizes, (25088, 4096, 4096))):
        model.classifier[layer] = nn.Linear(inputs, sizes[i + 1])
        nn.init.normal_(model.classifier[layer].weight, 0, 0.01 * math.sqrt(real / inputs))
        nn.init.zeros_(model.classifier[layer].bias)
    for module in model.features:
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            nn.init.zeros_(module.bias)
    return model

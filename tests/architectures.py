"""Published architectures written by hand in plain torch, to hold the drawn ones against.

Their modules are made in the order in which the drawings run, so that weights can be copied one by one.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional


def conv_norm(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, **norm: float
) -> list:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(outputs, **norm)]


class Bottleneck(nn.Module):
    def __init__(self, inputs: int, width: int, stride: int, projected: bool) -> None:
        super().__init__()
        first, second = conv_norm(inputs, width, 1), conv_norm(width, width, 3, stride)
        third = conv_norm(width, 4 * width, 1)
        self.branch = nn.Sequential(*first, nn.ReLU(), *second, nn.ReLU(), *third)
        self.skip = nn.Sequential(*(conv_norm(inputs, 4 * width, 1, stride) if projected else []))

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.branch(x) + self.skip(x))


def resnet50() -> nn.Module:
    layers: list[nn.Module] = [*conv_norm(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for width, depth, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for turn in range(depth):
            layers.append(Bottleneck(channels, width, stride if turn == 0 else 1, turn == 0))
            channels = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000))


def double_conv(inputs: int, outputs: int) -> nn.Module:
    first, second = conv_norm(inputs, outputs, 3), conv_norm(outputs, outputs, 3)
    return nn.Sequential(*first, nn.ReLU(), *second, nn.ReLU())


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        widths = (64, 128, 256, 512, 1024)
        self.down = nn.ModuleList([double_conv(a, b) for a, b in zip((3, *widths), widths, strict=False)])
        self.up = nn.ModuleList()
        for width in widths[-2::-1]:
            self.up.append(nn.ConvTranspose2d(2 * width, width, 2, 2))
            self.up.append(double_conv(2 * width, width))
        self.scores = nn.Conv2d(64, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        kept: list[Tensor] = []
        for at, level in enumerate(self.down):
            x = level(functional.max_pool2d(x, 2) if at else x)
            kept.append(x)
        for up, convs in zip(self.up[::2], self.up[1::2], strict=True):
            x = convs(torch.cat([kept[len(kept) - 2], up(x)], 1))
            kept.pop()
        return self.scores(x)


class Attention(nn.Module):
    """Self-attention with its three projections in one matrix, softmax written out."""

    def __init__(self, causal: bool) -> None:
        super().__init__()
        self.qkv, self.out, self.causal = nn.Linear(768, 2304), nn.Linear(768, 768), causal

    def forward(self, x: Tensor) -> Tensor:
        batch, length, _ = x.shape
        parts = [one.view(batch, length, 12, 64).transpose(1, 2) for one in self.qkv(x).split(768, 2)]
        query, key, value = parts
        scores = query @ key.transpose(2, 3) / 8
        if self.causal:
            scores = scores.masked_fill(torch.ones(length, length, dtype=torch.bool).triu(1), -torch.inf)
        return self.out((scores.softmax(3) @ value).transpose(1, 2).reshape(batch, length, 768))


class EncoderLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention, self.norm1 = Attention(causal=False), nn.LayerNorm(768, 1e-12)
        self.widen, self.narrow = nn.Linear(768, 3072), nn.Linear(3072, 768)
        self.norm2 = nn.LayerNorm(768, 1e-12)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm1(x + self.attention(x))
        return self.norm2(x + self.narrow(functional.gelu(self.widen(x))))


class Places(nn.Module):
    def __init__(self, count: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(count, 768))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.weight[: x.shape[1]]


class Bert(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.segments = nn.Embedding(30522, 768), nn.Embedding(2, 768)
        self.places, self.norm = Places(512), nn.LayerNorm(768, 1e-12)
        self.layers = nn.Sequential(*[EncoderLayer() for _ in range(12)])
        self.pooler = nn.Linear(768, 768)

    def forward(self, segments: Tensor, tokens: Tensor) -> Tensor:
        x = self.norm(self.places(self.words(tokens) + self.segments(segments)))
        return self.pooler(self.layers(x)[:, 0]).tanh()


class DecoderLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(768), Attention(causal=True)
        self.norm2 = nn.LayerNorm(768)
        self.widen, self.narrow = nn.Linear(768, 3072), nn.Linear(3072, 768)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.narrow(functional.gelu(self.widen(self.norm2(x)), approximate="tanh"))


class Gpt2(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(50257, 768), Places(1024)
        self.layers = nn.Sequential(*[DecoderLayer() for _ in range(12)])
        self.norm = nn.LayerNorm(768)

    def forward(self, tokens: Tensor) -> Tensor:
        states = self.norm(self.layers(self.places(self.words(tokens))))
        return (states @ self.words.weight.T).transpose(1, 2)


class SqueezeExcite(nn.Module):
    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.squeeze, self.excite = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        share = self.excite(functional.relu(self.squeeze(x.mean((2, 3), keepdim=True))))
        return x * functional.hardsigmoid(share)


class Inverted(nn.Module):
    """MobileNetV3's block; without `expanded` channels it has no first convolution."""

    def __init__(
        self, inputs: int, kernel: int, expanded: int, out: int, squeezed: int, act: str, stride: int
    ):
        super().__init__()
        activation = nn.ReLU if act == "RE" else nn.Hardswish
        first = [*mobile(inputs, expanded, 1), activation()] if expanded != inputs else []
        middle = [*mobile(expanded, expanded, kernel, stride, expanded), activation()]
        squeeze = [SqueezeExcite(expanded, squeezed)] if squeezed else []
        self.branch = nn.Sequential(*first, *middle, *squeeze, *mobile(expanded, out, 1))
        self.skips = stride == 1 and inputs == out

    def forward(self, x: Tensor) -> Tensor:
        return self.branch(x) + x if self.skips else self.branch(x)


def mobile(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> list:
    return conv_norm(inputs, outputs, kernel, stride, groups, eps=0.001, momentum=0.01)


MOBILE = (
    *((3, 16, 16, 0, "RE", 1), (3, 64, 24, 0, "RE", 2), (3, 72, 24, 0, "RE", 1), (5, 72, 40, 24, "RE", 2)),
    *((5, 120, 40, 32, "RE", 1), (5, 120, 40, 32, "RE", 1), (3, 240, 80, 0, "HS", 2)),
    *((3, 200, 80, 0, "HS", 1), (3, 184, 80, 0, "HS", 1), (3, 184, 80, 0, "HS", 1)),
    *((3, 480, 112, 120, "HS", 1), (3, 672, 112, 168, "HS", 1), (5, 672, 160, 168, "HS", 2)),
    *((5, 960, 160, 240, "HS", 1), (5, 960, 160, 240, "HS", 1)),
)
"""Kernel, channels in the middle, after it and in the squeeze, activation and stride: the paper's table 1."""


def mobilenet_v3() -> nn.Module:
    layers: list[nn.Module] = [*mobile(3, 16, 3, 2), nn.Hardswish()]
    channels = 16
    for row in MOBILE:
        layers.append(Inverted(channels, *row))
        channels = row[2]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(960, 1280), nn.Hardswish(), nn.Dropout(0.2)]
    return nn.Sequential(*layers, *mobile(160, 960, 1), nn.Hardswish(), *head, nn.Linear(1280, 1000))


class OverChannels(nn.LayerNorm):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Scaled(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((dim,), 1e-6))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma


class ConvNeXtBlock(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(dim, dim, 7, padding=3, groups=dim)
        self.norm, self.widen = nn.LayerNorm(dim, 1e-6), nn.Linear(dim, 4 * dim)
        self.narrow, self.scaled = nn.Linear(4 * dim, dim), Scaled(dim)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        return x + self.scaled(self.narrow(functional.gelu(self.widen(y)))).permute(0, 3, 1, 2)


def convnext() -> nn.Module:
    layers: list[nn.Module] = [nn.Conv2d(3, 96, 4, 4), OverChannels(96, 1e-6)]
    for width, depth in ((96, 3), (192, 3), (384, 9), (768, 3)):
        if width > 96:
            layers += [OverChannels(width // 2, 1e-6), nn.Conv2d(width // 2, width, 2, 2)]
        layers += [ConvNeXtBlock(width) for _ in range(depth)]
    head = [nn.AdaptiveAvgPool2d(1), OverChannels(768, 1e-6), nn.Flatten(), nn.Linear(768, 1000)]
    return nn.Sequential(*layers, *head)


PUBLISHED: dict[str, tuple[int, Callable[[], nn.Module]]] = {
    "resnet50": (25_557_032, resnet50),
    "unet": (31_037_698, UNet),
    "transformer_encoder": (109_482_240, Bert),
    "transformer_decoder": (124_439_808, Gpt2),
    "mobilenet_v3": (5_483_032, mobilenet_v3),
    "convnext": (28_589_128, convnext),
}
"""The sample of each architecture, its published number of parameters, and the same by hand.

ResNet-50, MobileNetV3-Large and ConvNeXt-Tiny: torchvision's table of weights. U-Net: milesial's
Pytorch-UNet, 3 channels, 2 classes, transposed convolutions. BERT-base with its pooler and GPT-2 small:
Hugging Face's BertModel and GPT2Model, which has no head beside its table of words.
"""

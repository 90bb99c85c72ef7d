"""The shipped blocks written by hand in plain torch, or taken from torch itself, to hold the drawn ones
against. Their modules have the names that the nodes have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

Shape = tuple[int, ...]


class Residual(nn.Module):
    """He et al. 2015, figure 2 and equation 1."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.norm1(self.conv1(x)))
        return functional.relu(self.norm2(self.conv2(y)) + x)


class ResidualDown(nn.Module):
    """He et al. 2015, equation 2 with option B of section 3.3."""

    def __init__(self, inputs: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.skip = nn.Conv2d(inputs, channels, 1, stride, bias=False)
        self.skip_norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.norm1(self.conv1(x)))
        return functional.relu(self.norm2(self.conv2(y)) + self.skip_norm(self.skip(x)))


class Bottleneck(nn.Module):
    """He et al. 2015, figure 5 at the right, with the stride at the 3 × 3 convolution."""

    def __init__(self, inputs: int, width: int, stride: int, expansion: int, projected: bool) -> None:
        super().__init__()
        outputs = expansion * width
        self.conv1, self.norm1 = nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.conv3, self.norm3 = nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
        if projected:
            self.skip = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.skip_norm = nn.BatchNorm2d(outputs)
        self.projected = projected

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.norm1(self.conv1(x)))
        y = functional.relu(self.norm2(self.conv2(y)))
        skip = self.skip_norm(self.skip(x)) if self.projected else x
        return functional.relu(self.norm3(self.conv3(y)) + skip)


class InvertedResidual(nn.Module):
    """Sandler et al. 2018, figure 4d at stride 1."""

    def __init__(self, channels: int, expansion: int, kernel: int) -> None:
        super().__init__()
        inner = expansion * channels
        self.expand, self.norm1 = nn.Conv2d(channels, inner, 1, bias=False), nn.BatchNorm2d(inner)
        self.depthwise = nn.Conv2d(inner, inner, kernel, padding=kernel // 2, groups=inner, bias=False)
        self.norm2 = nn.BatchNorm2d(inner)
        self.project, self.norm3 = nn.Conv2d(inner, channels, 1, bias=False), nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu6(self.norm1(self.expand(x)))
        y = functional.relu6(self.norm2(self.depthwise(y)))
        return x + self.norm3(self.project(y))


class SqueezeExcite(nn.Module):
    """Hu et al. 2017, equations 2 to 4."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        inner = max(1, channels // reduction)
        self.squeeze, self.excite = nn.Conv2d(channels, inner, 1), nn.Conv2d(inner, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        means = x.mean((2, 3), keepdim=True)
        return x * torch.sigmoid(self.excite(functional.relu(self.squeeze(means))))


class Causal(nn.TransformerEncoderLayer):
    """torch's own layer where no token looks ahead."""

    def forward(self, src: Tensor) -> Tensor:  # type: ignore[override]
        mask = torch.ones(src.shape[1], src.shape[1], dtype=torch.bool).triu(1)
        return super().forward(src, src_mask=mask)


class Decoder(nn.TransformerDecoderLayer):
    """torch's own layer where no token looks ahead."""

    def forward(self, tgt: Tensor, memory: Tensor) -> Tensor:  # type: ignore[override]
        mask = torch.ones(tgt.shape[1], tgt.shape[1], dtype=torch.bool).triu(1)
        return super().forward(tgt, memory, tgt_mask=mask)


class DoubleConv(nn.Module):
    """Ronneberger et al. 2015 with padding and normalization, as it is built since."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(inputs, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.norm2 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.norm2(self.conv2(functional.relu(self.norm1(self.conv1(x))))))


class Down(nn.Module):
    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.convs = DoubleConv(inputs, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.convs(functional.max_pool2d(x, 2))


class Up(nn.Module):
    def __init__(self, inputs: int, kept: int, width: int) -> None:
        super().__init__()
        self.up, self.convs = nn.ConvTranspose2d(inputs, width, 2, 2), DoubleConv(kept + width, width)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.convs(torch.cat([skip, self.up(x)], 1))


@dataclass(frozen=True)
class Shipped:
    """A shipped block as it is tried: what each of its inputs gets (without the batch), what is set on it,
    and the same by hand for so many channels or features at its first input.

    `keys` are the beginnings of the names of weights that are called otherwise by hand. `repeats`: whether
    what comes out can go in again.
    """

    inputs: Mapping[str, Shape]
    params: Mapping[str, float]
    by_hand: Callable[[int], nn.Module]
    keys: Mapping[str, str] = field(default_factory=dict)
    repeats: bool = True


PICTURE = (8, 12, 12)
SEQUENCE = (7, 32)
NETWORK = {"network.widen": "linear1", "network.narrow": "linear2"}
SIZES = {"nhead": 4, "dim_feedforward": 48, "dropout": 0.2, "activation": "gelu", "batch_first": True}
TOKENS = {"dim": 32, "heads": 4, "hidden": 48, "dropout": 0.2}
BLOCKS: dict[str, Shipped] = {
    "Residual": Shipped({"x": PICTURE}, {"channels": 8}, Residual),
    "ResidualDown": Shipped(
        {"x": PICTURE}, {"channels": 12, "stride": 2}, lambda inputs: ResidualDown(inputs, 12, 2)
    ),
    "Bottleneck": Shipped(
        {"x": PICTURE}, {"width": 4, "expansion": 2}, lambda inputs: Bottleneck(inputs, 4, 1, 2, False)
    ),
    "BottleneckDown": Shipped(
        {"x": PICTURE}, {"width": 4, "stride": 2}, lambda inputs: Bottleneck(inputs, 4, 2, 4, True)
    ),
    "InvertedResidual": Shipped(
        {"x": PICTURE},
        {"channels": 8, "expansion": 3, "kernel": 5},
        lambda inputs: InvertedResidual(inputs, 3, 5),
    ),
    "SqueezeExcite": Shipped(
        {"x": PICTURE}, {"channels": 8, "reduction": 4}, lambda inputs: SqueezeExcite(inputs, 4)
    ),
    "EncoderBlock": Shipped(
        {"x": SEQUENCE},
        TOKENS,
        lambda dim: nn.TransformerEncoderLayer(dim, **SIZES),
        {"attention": "self_attn", **NETWORK},
    ),
    "DecoderBlock": Shipped(
        {"x": SEQUENCE, "memory": (5, 32)},
        TOKENS,
        lambda dim: Decoder(dim, **SIZES),
        {"look_back": "self_attn", "look_across": "multihead_attn", **NETWORK},
    ),
    "GPTBlock": Shipped(
        {"x": SEQUENCE},
        TOKENS,
        lambda dim: Causal(dim, norm_first=True, **SIZES),
        {"attention": "self_attn", **NETWORK},
    ),
    "UNetDown": Shipped({"x": PICTURE}, {"width": 12}, lambda inputs: Down(inputs, 12)),
    "UNetUp": Shipped(
        {"x": PICTURE, "skip": (6, 24, 24)}, {"width": 5}, lambda inputs: Up(inputs, 6, 5), repeats=False
    ),
}

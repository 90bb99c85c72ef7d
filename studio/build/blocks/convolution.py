"""Convolutions that torch lacks."""

from __future__ import annotations

from torch import Tensor, nn


class SeparableConv1d(nn.Module):
    """Filters every channel of N×C×L by itself, then mixes the channels at every place."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int | str = 0,
        dilation: int = 1,
        depth_multiplier: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        inner = in_channels * depth_multiplier
        self.depthwise = nn.Conv1d(
            in_channels,
            inner,
            kernel_size,
            stride,
            padding,
            dilation,
            in_channels,
            bias=False,
        )
        self.pointwise = nn.Conv1d(inner, out_channels, 1, bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        """N×C×L to N×out_channels×L′."""
        return self.pointwise(self.depthwise(input))


class SeparableConv2d(nn.Module):
    """Filters every channel of N×C×H×W by itself, then mixes the channels at every place."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str = 0,
        dilation: int | tuple[int, int] = 1,
        depth_multiplier: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        inner = in_channels * depth_multiplier
        self.depthwise = nn.Conv2d(
            in_channels,
            inner,
            kernel_size,
            stride,
            padding,
            dilation,
            in_channels,
            bias=False,
        )
        self.pointwise = nn.Conv2d(inner, out_channels, 1, bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        """N×C×H×W to N×out_channels×H′×W′."""
        return self.pointwise(self.depthwise(input))

"""Images as rows of patches, and values over all places."""

from __future__ import annotations

from torch import Tensor, nn


def global_avg_pool(input: Tensor, keepdim: bool = False) -> Tensor:
    """The mean of each channel over all places: N×C×… to N×C, or to N×C×1×… with keepdim."""
    return input.mean(tuple(range(2, input.dim())), keepdim)


def global_max_pool(input: Tensor, keepdim: bool = False) -> Tensor:
    """The largest value of each channel over all places: N×C×… to N×C, or to N×C×1×… with keepdim."""
    return input.amax(tuple(range(2, input.dim())), keepdim)


class PatchEmbedding(nn.Module):
    """Cut an image into patches and turn each into a vector, as the vision Transformer does.

    Dosovitskiy et al. 2020, https://arxiv.org/abs/2010.11929.
    """

    def __init__(
        self,
        in_channels: int,
        embed_dim: int,
        patch_size: int | tuple[int, int],
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.projection = nn.Conv2d(
            in_channels, embed_dim, patch_size, patch_size, bias=bias
        )

    def forward(self, input: Tensor) -> Tensor:
        """N×C×H×W to N×patches×embed_dim, row by row; what does not fill a patch is left out."""
        return self.projection(input).flatten(2).transpose(1, 2)

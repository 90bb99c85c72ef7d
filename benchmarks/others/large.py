"""A Transformer of 3300 calls: how long it takes until it is drawn, folded and laid out.

Run by imports.py as a process of its own; prints one JSON line. Loading torch's own compiler, which the first
import of a process does, is not counted.
"""

from __future__ import annotations

import json
import time

import torch
from torch import Tensor, nn

from studio.interchange.folding.folding import folded
from studio.interchange.laid_out import laid_out
from studio.interchange.modules.importing import import_module

LAYERS, WIDTH, HEADS = 150, 16, 2


class Attention(nn.Module):
    """Attention written out, as many do."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """What each place takes from the others."""
        batch, length, _ = x.shape
        parts = self.qkv(x).reshape(batch, length, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind(0)
        shares = (query @ key.transpose(-2, -1) * 0.35).softmax(-1)
        return self.drop(self.out((shares @ value).transpose(1, 2).reshape(batch, length, WIDTH)))


class Layer(nn.Module):
    """Attention and a feed-forward part whose width differs from layer to layer."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention, self.scale = Attention(), nn.Parameter(torch.ones(WIDTH))
        self.feed = nn.Sequential(nn.Linear(WIDTH, wide), nn.GELU(), nn.Linear(wide, WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        """The next layer's input."""
        x = x + self.attention(self.norm1(x)) * self.scale
        return x + self.feed(self.norm2(x))


def tower(layers: int) -> nn.Module:
    """Layers of three widths in turn, so that no two neighbours are alike."""
    return nn.Sequential(*[Layer(WIDTH * (1 + at % 3)) for at in range(layers)])


def seconds(layers: int) -> tuple[int, float]:
    """How many nodes were drawn, and the CPU time until they are folded and laid out."""
    begun = time.process_time()
    flat = import_module(tower(layers), (torch.randn(2, 6, WIDTH),))
    whole = folded(flat)
    laid_out(whole.project)
    assert whole.largest_difference == 0.0
    return len(flat.project.graph.nodes), time.process_time() - begun


if __name__ == "__main__":
    torch.set_num_threads(1)
    seconds(2)
    nodes, taken = seconds(LAYERS)
    print(json.dumps({"nodes": nodes, "seconds": taken}))

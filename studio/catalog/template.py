"""The layer that a new PythonLayer starts with."""

from __future__ import annotations

TEMPLATE = '''"""A layer of your own: __init__ becomes the form, forward the ports."""

import torch
from torch import Tensor, nn


class Scale(nn.Module):
    """Multiplies each feature by a learned number."""

    def __init__(self, in_features: int, start: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((in_features,), start))

    def forward(self, input: Tensor) -> Tensor:
        return input * self.weight
'''

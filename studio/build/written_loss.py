"""The loss that is written as a formula."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from studio.build.formulas import compiled
from studio.catalog.formula import read_formula
from studio.catalog.layers.loss.written import port_order


class FormulaLoss(nn.Module):
    """A formula of tensors that comes to one number; they come in the order of the loss's ports."""

    def __init__(self, formula: str) -> None:
        super().__init__()
        names = read_formula(formula).names
        self._places = tuple(port_order(names).index(name) for name in names)
        self._computed = compiled(formula)

    def forward(self, *inputs: Tensor) -> Tensor:
        """What the formula comes to."""
        return torch.as_tensor(self._computed(*(inputs[at] for at in self._places)))

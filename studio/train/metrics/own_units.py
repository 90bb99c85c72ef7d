"""Metrics of numbers in the units of the data: what steps made of a target is undone before they compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.build.plan import Plan
from studio.data.row_ways import Back, back_of, unit_of
from studio.data.ways import Way
from studio.train.balance import target_field

ON_HOST = frozenset({"Quantile"})
"""Steps that are undone by NumPy only."""


@dataclass(frozen=True, slots=True)
class OwnUnits:
    """`back` undoes what can be; `unit` names the units that this leads to, "" for the data's own."""

    back: Back | None = None
    unit: str = ""

    def __call__(self, values: Tensor) -> Tensor:
        """Numbers in these units, in double precision."""
        if self.back is None:
            return values
        if values.device.type == "cpu" or any(step.type in ON_HOST for step in self.back.chain):
            return torch.from_numpy(self.back(values.cpu().numpy())).to(values.device)
        return self.back.undone(values.double())

    def named(self, metric: str) -> str:
        """A metric's name, with the units that it is told in where they are not the data's own."""
        return f"{metric} ({self.unit})" if self.unit and metric in IN_UNITS else metric


IN_UNITS = frozenset({"mae", "mse", "rmse"})
PLAIN = OwnUnits()


def own_units(plan: Plan, ways: Mapping[str, Way]) -> dict[str, OwnUnits]:
    """How what each loss node compares is told, where that differs from what it compares."""
    found: dict[str, OwnUnits] = {}
    for loss in plan.losses:
        way = ways.get(target_field(plan, loss) or "")
        back, unit = back_of(way), unit_of(way)
        if loss.layer.compares == "numbers" and (back is not None or unit):
            found[loss.name] = OwnUnits(back, unit)
    return found

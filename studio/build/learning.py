"""Whether anything that leads to a loss learns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from studio.build.ordering import upstream
from studio.build.plan import Cost
from studio.project.graph import Graph


def all_frozen(graph: Graph, losses: Iterable[str], costs: Mapping[str, Cost]) -> tuple[str, ...]:
    """The frozen nodes that lead to the losses, where no other one there has weights; else none."""
    reached = upstream(graph, losses)
    found = {name: cost for name, cost in costs.items() if name in reached and cost.parameters}
    return () if any(cost.parameters > cost.frozen for cost in found.values()) else tuple(found)

"""Candidate repairs that need a view of the whole drawing: its order, and what is before the mistake.

They are worked out for the problems that are shown, after the check, and tried like all others.
"""

from __future__ import annotations

from collections.abc import Iterator

from studio.build import rewiring
from studio.build.plan import Checked
from studio.errors import Fix, Problem
from studio.project.block import graph_of, within
from studio.project.graph import Edge, Graph


def proposals(checked: Checked, problem: Problem) -> Iterator[Fix]:
    """Repairs for one problem, in any order; each has its rank."""
    graph, name = graph_of(checked.project, problem.block), problem.node
    if name is None or name not in graph.nodes:
        return
    for fix in _at_node(graph, problem, name):
        yield _lifted(fix, problem.block)


def _lifted(fix: Fix, block: str | None) -> Fix:
    if block is None:
        return fix
    return Fix(fix.label, lambda project: within(project, block, fix.edit), fix.rank)


def _at_node(graph: Graph, problem: Problem, name: str) -> Iterator[Fix]:
    if problem.severity == "error" and problem.trace:
        arriving: list[Edge] = [edge for edge in graph.incoming(name) if edge.target.port == problem.field]
        for edge in arriving[:2]:
            yield rewiring.swap(edge.source.node, name, rank=-1)

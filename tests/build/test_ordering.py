"""The order of a drawing follows its wires and nothing else."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from studio.build.ordering import structure_of, upstream
from studio.project.graph import Edge, Endpoint, Graph, Node, natural
from tests.build.drawings import residual, wire


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Node], list[Edge]]:
    """A drawing without circles."""
    count = draw(st.integers(1, 12))
    names = [f"n{i}" for i in range(count)]
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda p: p[0] < p[1])
    chosen = draw(st.lists(pairs, max_size=20)) if count > 1 else []
    edges = [
        Edge(Endpoint(names[a], "output"), Endpoint(names[b], "inputs", k)) for k, (a, b) in enumerate(chosen)
    ]
    return [Node(name, "Add") for name in names], edges


@given(graphs(), st.randoms(use_true_random=False))
def test_sources_come_first_whatever_the_order_and_place_of_nodes(
    parts: tuple[list[Node], list[Edge]], dice: random.Random
) -> None:
    nodes, edges = parts
    structure = structure_of(Graph({one.name: one for one in nodes}, tuple(edges)))
    assert sorted(structure.order) == sorted(one.name for one in nodes)
    assert all(structure.order.index(e.source.node) < structure.order.index(e.target.node) for e in edges)
    assert structure.circles == ()
    dice.shuffle(nodes)
    dice.shuffle(edges)
    moved = {one.name: Node(one.name, one.type, {}, (dice.random(), dice.random())) for one in nodes}
    assert structure_of(Graph(moved, tuple(edges))) == structure


def test_a_branch_stays_together() -> None:
    order = structure_of(residual().graph).order
    assert order[:8] == ("image", "stem", "act", "conv1", "norm", "relu", "skip", "rest")
    assert order.index("lstm") == order.index("rows") + 1


def test_every_circle_is_found_and_its_last_wire_leads_back_to_where_data_enters() -> None:
    nodes = {name: Node(name, "Add") for name in "abcdef"}
    wires = ("a > b.inputs", "b > c.inputs", "c > b.inputs.1", "d > e.inputs", "e > d.inputs", "f > f.inputs")
    structure = structure_of(Graph(nodes, tuple(map(wire, wires))))
    assert [[edge.target.node for edge in circle] for circle in structure.circles] == [
        ["c", "b"],
        ["e", "d"],
        ["f"],
    ]


def test_what_a_node_needs() -> None:
    graph = residual().graph
    assert upstream(graph, ["relu"]) == {"relu", "norm", "conv1", "act", "stem", "image"}


def test_numbers_in_names_count() -> None:
    assert sorted(["conv10", "conv2", "a"], key=natural) == ["a", "conv2", "conv10"]

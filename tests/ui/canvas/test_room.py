"""A node that is put into a wire finds room there."""

from __future__ import annotations

from itertools import combinations

from studio.catalog.registry import registry
from studio.project import edits
from studio.ui.canvas.room import with_room
from tests.ui.canvas.conftest import Hands, small_network


def overlapping(hands: Hands) -> list[tuple[str, str]]:
    items = hands.canvas.scene.nodes.items()
    return [(a, b) for (a, first), (b, other) in combinations(items, 2) if first.body.intersects(other.body)]


def test_what_is_in_the_way_moves_to_the_right(hands: Hands) -> None:
    before = {name: node.position for name, node in hands.project.graph.nodes.items()}
    hands.drag(
        hands.at("relu"), (hands.place("merge", "out", "output") + hands.place("flat", "in", "input")) / 2
    )
    assert {"merge -> relu.input0", "relu -> flat.input0"} <= set(hands.wires)
    assert overlapping(hands) == []
    after = {name: node.position for name, node in hands.project.graph.nodes.items()}
    assert after["relu"][1] == after["merge"][1]
    assert {name for name in after if after[name] != before[name]} == {"relu", "flat"}
    hands.undo()
    assert {name: node.position for name, node in hands.project.graph.nodes.items()} == before


def test_the_pushed_push_in_turn(hands: Hands) -> None:
    hands.drag(
        hands.at("relu"), (hands.place("conv1", "out", "output") + hands.place("merge", "in", "inputs")) / 2
    )
    for type in ("GELU", "SiLU", "Tanh"):
        edge = next(edge for edge in hands.project.graph.edges if edge.source.node == "conv1")
        hands.canvas.editor.place(type, (400.0, 0.0), into=edge)
        assert overlapping(hands) == []
    assert hands.project.graph.nodes["conv2"].position == (240.0, 160.0)


def test_a_long_wire_has_room_enough() -> None:
    project = edits.move(small_network(), {"flat": (1400.0, 0.0)})
    (edge,) = project.graph.incoming("flat")
    project, name = edits.add_node(project, "ReLU", (900.0, 8.0))
    project = with_room(edits.insert_on_edge(project, edge, name, "input", "output"), (name,), registry())
    assert project.graph.nodes["flat"].position == (1400.0, 0.0)
    assert 640 < project.graph.nodes[name].position[0] < 1200


def test_a_wire_back_to_another_row_is_left_alone() -> None:
    project = edits.move(small_network(), {"flat": (0.0, 400.0)})
    (edge,) = project.graph.incoming("flat")
    project, name = edits.add_node(project, "ReLU", (300.0, 320.0))
    wired = edits.insert_on_edge(project, edge, name, "input", "output")
    assert with_room(wired, (name,), registry()) == wired

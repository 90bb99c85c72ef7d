"""Replace a node's type: name, wires and what the types share stay; for one node and for many."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.project import edits
from studio.project.graph import Endpoint
from studio.ui.canvas.search import SearchBox
from tests.ui.canvas.conftest import Hands, enter

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


def box(hands: Hands) -> SearchBox:
    found = hands.canvas.findChild(SearchBox)
    assert found is not None
    return found


def replace(hands: Hands, type: str, *names: str) -> list[str]:
    """Select by clicks, press R, type and press Enter; says what is told."""
    told: list[str] = []
    hands.canvas.status.connect(told.append)
    for place, name in enumerate(names):
        hands.click(hands.at(name), SHIFT if place else Qt.KeyboardModifier.NoModifier)
    hands.key(Key.Key_R)
    assert box(hands).field.hasFocus()
    QTest.keyClicks(box(hands).field, type)
    QTest.keyClick(box(hands).field, Key.Key_Return)
    hands.canvas.status.disconnect(told.append)
    return told


def test_wires_and_shared_parameters_stay_and_what_had_to_go_is_told(hands: Hands) -> None:
    before = hands.project
    wires = {
        (e.source.node, e.target.port)
        for e in before.graph.edges
        if "conv1" in (e.source.node, e.target.node)
    }
    (told,) = replace(hands, "ConvTranspose2d", "conv1")
    node = hands.project.graph.nodes["conv_transpose"]
    assert (node.type, dict(node.params)) == ("ConvTranspose2d", {"out_channels": 8})
    assert node.position == before.graph.nodes["conv1"].position
    edges = [e for e in hands.project.graph.edges if node.name in (e.source.node, e.target.node)]
    assert len(edges) == len(wires) == 2
    assert hands.last_step == "Replace conv1 by ConvTranspose2d"
    assert told == "Replaced conv_transpose. kept: out_channels; dropped: padding."
    assert hands.canvas.selection == ("conv_transpose",)
    hands.undo()
    assert hands.project == before


def test_a_name_that_someone_gave_stays(hands: Hands) -> None:
    hands.session.new(edits.rename(hands.project, "conv1", "stem"))
    replace(hands, "ConvTranspose2d", "stem")
    assert hands.project.graph.nodes["stem"].type == "ConvTranspose2d"


def test_many_at_once_are_one_step(hands: Hands) -> None:
    replace(hands, "DepthwiseConv2d", "conv1", "conv2")
    nodes = hands.project.graph.nodes
    assert [nodes[name].type for name in ("depthwise_conv", "depthwise_conv1")] == ["DepthwiseConv2d"] * 2
    assert hands.last_step == "Replace 2 nodes by DepthwiseConv2d"
    assert [e.source.node for e in hands.project.graph.incoming("merge")] == [
        "depthwise_conv",
        "depthwise_conv1",
    ]


def test_wires_go_to_the_ports_that_there_are_and_those_without_are_told(hands: Hands) -> None:
    replace(hands, "Subtract", "merge")
    into = hands.project.graph.incoming("merge")
    assert {(e.source.node, e.target.port) for e in into} == {("conv1", "input"), ("conv2", "other")}
    (told,) = replace(hands, "GELU", "merge")
    assert told == "Replaced merge. no port for the wire conv2 → merge."
    assert [e.source.node for e in hands.project.graph.incoming("merge")] == ["conv1"]
    assert [e.target.node for e in hands.project.graph.outgoing("merge")] == ["flat"]


def test_values_that_were_left_at_their_defaults_stay_what_they_were(hands: Hands) -> None:
    project, name = edits.add_node(hands.project, "MaxPool2d", (960, 0), {"ceil_mode": True})
    project = edits.connect(project, Endpoint("merge", "output"), Endpoint(name, "input"))
    hands.session.new(project)
    replace(hands, "AvgPool2d", "max_pool")
    assert hands.project.graph.nodes["avg_pool"].params["ceil_mode"] is True


def test_likely_types_are_offered_first_and_not_the_one_it_has(hands: Hands) -> None:
    hands.click(hands.at("relu"))
    hands.key(Key.Key_R)
    rows = [box(hands).list.item(row).text() for row in range(box(hands).list.count())]
    assert "ReLU" not in rows
    assert {"GELU", "SiLU", "LeakyReLU", "Tanh"} <= set(rows[:20])
    assert box(hands).field.placeholderText() == "Replace relu by…"
    QTest.keyClick(box(hands).field, Key.Key_Escape)
    assert hands.project.graph.nodes["relu"].type == "ReLU"
    assert hands.canvas.view.hasFocus()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_menu_offers_it_too(hands: Hands) -> None:
    hands.click(hands.at("relu"))
    hands.key(Key.Key_Menu)
    menu = QApplication.activePopupWidget()
    next(one for one in menu.actions() if one.text() == "Rep&lace by…").trigger()
    menu.close()
    assert box(hands).isVisible()


def test_a_block_is_replaced_and_a_port_of_a_block_is_not(drawn: Hands) -> None:
    project = drawn.project
    uses = [name for name, node in project.graph.nodes.items() if node.type.startswith("block:")]
    drawn.canvas.fit()
    replace(drawn, "Identity", uses[0])
    assert drawn.project.graph.nodes[uses[0]].type == "Identity"
    assert len(drawn.project.graph.edges) == len(project.graph.edges)
    drawn.undo()
    assert drawn.project == project
    enter(drawn, uses[0])
    drawn.canvas.fit()
    inputs = [name for name, node in drawn.session.drawing.graph.nodes.items() if node.type == "Input"]
    told: list[str] = []
    drawn.canvas.status.connect(told.append)
    drawn.click(drawn.at(inputs[0]))
    drawn.key(Key.Key_R)
    assert told == [f"{inputs[0]} is a port of the block: its type has to stay."]
    assert not box(drawn).isVisible()


def test_inside_a_block_all_its_uses_follow(drawn: Hands) -> None:
    uses = [name for name, node in drawn.project.graph.nodes.items() if node.type.startswith("block:")]
    enter(drawn, uses[0])
    drawn.canvas.fit()
    replace(drawn, "InstanceNorm2d", "norm")
    assert drawn.project.blocks["ConvBlock"].graph.nodes["norm"].type == "InstanceNorm2d"

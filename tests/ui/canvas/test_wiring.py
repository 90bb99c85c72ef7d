"""Dragging wires: what fits lights up, what would come of it is told, ends and all wires of a port move."""

from __future__ import annotations

from time import thread_time

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.build.plan import Checked, Dim, TensorType
from studio.project import edits
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Project
from studio.ui.canvas.search import REFUSAL, SearchBox
from studio.ui.canvas.wire_label import WireLabel
from tests.ui.canvas.conftest import LEFT, Hands, enter, small_network, wired
from tests.ui.nested import nested

CTRL = Qt.KeyboardModifier.ControlModifier


def more(project: Project, *nodes: tuple[str, str, tuple[float, float], dict[str, object]]) -> Project:
    """The project with further nodes."""
    for name, type, at, params in nodes:
        project, _ = edits.add_node(project, type, at, params, name)
    return project


@pytest.fixture
def checked(hands: Hands) -> Hands:
    """The small network and some layers without wires, checked."""
    project = more(
        small_network(),
        ("line", "Conv1d", (480, 340), {}),
        ("pool", "MaxPool2d", (720, 340), {}),
        ("both", "Concat", (960, 340), {}),
        ("row", "Flatten", (960, 0), {}),
    )
    project = wired(project, "conv1 -> row")
    hands.session.new(project)
    hands.canvas.setFocus()
    hands.check()
    return hands


def told(hands: Hands) -> str:
    """What is said beside the pointer; empty where nothing is."""
    found = [one for one in hands.canvas.findChildren(WireLabel) if one.isVisible()]
    return found[0].text if found else ""


def lit(hands: Hands, name: str, side: str, port: str, index: int = 0) -> bool:
    """Whether a port glows in the accent's colour rather than being grey."""
    image = hands.canvas.grab().toImage()
    return image.pixelColor(hands.place(name, side, port, index) + QPoint(-5, 0)).blue() > 200


def out_of(hands: Hands, name: str) -> QPoint:
    return hands.place(name, "out", "output")


@pytest.mark.parametrize("name", ["pool", "relu"])
def test_dragging_a_wire_tells_the_shape_that_would_come_out(checked: Hands, qtbot: QtBot, name: str) -> None:
    """Drag from port to port: the tentative result's shape is shown at the pointer."""
    checked.drag(out_of(checked, "conv2"), checked.place(name, "in", "input"), release=False)
    wanted = {"pool": "→ 4×14×14", "relu": "→ 4×28×28"}[name]
    qtbot.waitUntil(lambda: told(checked) == wanted)
    QTest.mouseRelease(checked.port, LEFT, pos=checked.place(name, "in", "input"))
    assert f"conv2 -> {name}.input0" in checked.wires
    assert told(checked) == ""


def test_what_would_come_of_a_wire_is_told_beside_the_minimap(checked: Hands, qtbot: QtBot) -> None:
    """Drag from port to port: what is said is not hidden by what lies over the drawing."""
    checked.drag(out_of(checked, "conv2"), checked.place("pool", "in", "input"), release=False)
    qtbot.waitUntil(lambda: told(checked) != "")
    label = checked.canvas.findChild(WireLabel)
    hidden = label.geometry()
    checked.canvas.view.covered = lambda: hidden
    checked.drag_on(checked.place("pool", "in", "input") + QPoint(1, 0))
    assert label.isVisible()
    assert not label.geometry().intersects(hidden)
    assert checked.canvas.view.rect().contains(label.geometry())


def test_ports_that_would_not_fit_are_grey_and_say_why_and_catch_nothing_from_afar(
    checked: Hands, qtbot: QtBot
) -> None:
    """Drag from port to port: by the shape, not only by cycles; the reason in the checker's words."""
    before = checked.project
    near = checked.place("line", "in", "input") + QPoint(-15, 2)
    checked.drag(out_of(checked, "conv2"), near, release=False)
    qtbot.waitUntil(lambda: not lit(checked, "line", "in", "input"))
    assert lit(checked, "pool", "in", "input")
    assert told(checked) == ""
    checked.drag_on(checked.at("line"))
    assert told(checked) == "✕ line: Conv1d takes N×C×L; it gets N×4×28×28"
    QTest.mouseRelease(checked.port, LEFT, pos=checked.at("line"))
    assert checked.project is before


def test_a_wire_dropped_exactly_on_a_port_that_does_not_fit_is_connected(
    checked: Hands, qtbot: QtBot
) -> None:
    """Drag from port to port: what does not fit yet may still be meant."""
    port = checked.place("merge", "in", "inputs", 2)
    checked.drag(out_of(checked, "images"), port, release=False)
    qtbot.waitUntil(lambda: "Add needs equal shapes; 8×28×28 and 4×28×28" in told(checked))
    QTest.mouseRelease(checked.port, LEFT, pos=port)
    assert "images -> merge.inputs2" in checked.wires


def test_a_cycle_is_never_connected_even_when_the_port_is_hit(checked: Hands) -> None:
    """Drag from port to port: a wire back into what feeds it."""
    before = checked.project
    checked.drag(out_of(checked, "flat"), checked.place("conv1", "in", "input"), release=False)
    assert told(checked) == "conv1 is connected the other way already: this would close a cycle"
    QTest.mouseRelease(checked.port, LEFT, pos=checked.place("conv1", "in", "input"))
    assert checked.project is before


def test_a_wire_drawn_from_an_input_lights_the_outputs_that_fit_it(checked: Hands, qtbot: QtBot) -> None:
    """Drag from port to port, either direction."""
    checked.drag(checked.place("pool", "in", "input"), checked.empty(), release=False)
    qtbot.waitUntil(lambda: not lit(checked, "row", "out", "output"))
    assert lit(checked, "conv1", "out", "output")
    checked.drag_on(out_of(checked, "conv1") + QPoint(12, 6))
    assert told(checked) == "→ 8×14×14"
    QTest.mouseRelease(checked.port, LEFT, pos=out_of(checked, "conv1") + QPoint(12, 6))
    assert "conv1 -> pool.input0" in checked.wires


def test_before_the_first_check_only_cycles_keep_a_wire_out(hands: Hands) -> None:
    """Drag from port to port while torch has not loaded: nothing is known of shapes, wires connect."""
    hands.drag(out_of(hands, "merge"), hands.place("relu", "in", "input"), release=False)
    assert told(hands) == ""
    assert lit(hands, "relu", "in", "input")
    QTest.mouseRelease(hands.port, LEFT, pos=hands.place("relu", "in", "input"))
    assert "merge -> relu.input0" in hands.wires


def test_a_check_that_arrives_while_a_wire_is_dragged_is_heeded(hands: Hands, qtbot: QtBot) -> None:
    """Drag from port to port: what fits becomes known in the middle of it."""
    hands.drag(out_of(hands, "conv2"), hands.place("relu", "in", "input"), release=False)
    assert told(hands) == ""
    hands.check()
    qtbot.waitUntil(lambda: told(hands) == "→ 4×28×28")
    hands.key(Qt.Key.Key_Escape)


def test_escape_gives_a_dragged_wire_up_and_leaves_all_as_it_was(checked: Hands) -> None:
    """Drag a connected input end away: Escape puts it back exactly."""
    before = checked.project
    picture = checked.port.grab().toImage()
    checked.drag(checked.place("flat", "in", "input"), checked.empty(), release=False)
    checked.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(checked.port, LEFT, pos=checked.empty())
    assert checked.project is before
    assert told(checked) == ""
    QTest.mouseMove(checked.port, checked.empty() + QPoint(0, 30))
    assert checked.port.grab().toImage() == picture


def test_ctrl_drag_moves_all_wires_of_an_output_to_another(checked: Hands, qtbot: QtBot) -> None:
    """Ctrl+drag moves all wires of a port."""
    end = out_of(checked, "relu")
    checked.drag(out_of(checked, "images"), end, modifiers=CTRL)
    assert {"relu -> conv1.input0", "relu -> conv2.input0"} <= set(checked.wires)
    assert not any(wire.startswith("images") for wire in checked.wires)
    assert checked.last_step == "Move 2 wires to relu"
    checked.undo()
    assert {"images -> conv1.input0", "images -> conv2.input0"} <= set(checked.wires)


def test_ctrl_drag_moves_all_wires_of_an_input_that_takes_several(checked: Hands) -> None:
    """Ctrl+drag moves all wires of a port: inputs in their order, only to one that takes several."""
    before = checked.project
    checked.drag(
        checked.place("merge", "in", "inputs", 0), checked.place("relu", "in", "input"), modifiers=CTRL
    )
    assert checked.project is before
    checked.drag(
        checked.place("merge", "in", "inputs", 0), checked.place("both", "in", "inputs", 0), modifiers=CTRL
    )
    assert {"conv1 -> both.inputs0", "conv2 -> both.inputs1"} <= set(checked.wires)
    assert not any("merge.inputs" in wire for wire in checked.wires)
    assert checked.last_step == "Move 2 wires to both"


def test_ctrl_drag_dropped_on_nothing_or_given_up_leaves_the_wires(checked: Hands) -> None:
    """Ctrl+drag moves all wires of a port, or none."""
    before = checked.project
    checked.drag(out_of(checked, "images"), checked.empty(), modifiers=CTRL)
    assert checked.project is before
    checked.drag(out_of(checked, "images"), out_of(checked, "relu"), modifiers=CTRL, release=False)
    checked.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(checked.port, LEFT, CTRL, out_of(checked, "relu"))
    assert checked.project is before


def search(hands: Hands) -> SearchBox:
    box = hands.canvas.findChild(SearchBox)
    assert box is not None
    return box


def rows(hands: Hands) -> list[tuple[str, str]]:
    """What the search box offers, with the reasons of what would not work."""
    list = search(hands).list
    return [(list.item(row).text(), str(list.item(row).data(REFUSAL) or "")) for row in range(list.count())]


def refused(hands: Hands) -> dict[str, str]:
    return {name: reason for name, reason in rows(hands) if reason}


def test_a_wire_dropped_on_nothing_offers_first_what_would_really_work(checked: Hands, qtbot: QtBot) -> None:
    """Drop a wire on empty canvas: only layers that fit come first, those that raise an error are last."""
    checked.drag(out_of(checked, "conv2"), checked.empty())
    assert refused(checked) == {}
    qtbot.waitUntil(lambda: len(refused(checked)) > 20)
    qtbot.waitUntil(lambda: "CrossEntropy" in refused(checked))
    offered = rows(checked)
    first = next(at for at, (_, reason) in enumerate(offered) if reason)
    assert all(reason for _, reason in offered[first:])
    assert {"Conv2d", "MaxPool2d", "Concat"} <= {name for name, _ in offered[:first]}
    assert refused(checked)["Conv1d"] == "Conv1d takes N×C×L; it gets N×4×28×28"
    assert "Input" not in {name for name, _ in offered}
    QTest.keyClicks(search(checked).field, "maxpool")
    assert search(checked).list.item(0).text() == "MaxPool2d"
    QTest.keyClick(search(checked).field, Qt.Key.Key_Return)
    assert any(wire.startswith("conv2 -> max_pool") for wire in checked.wires)


def test_what_fits_is_remembered_by_shape(checked: Hands, qtbot: QtBot) -> None:
    """Drop a wire on empty canvas: the second time the answer is there at once."""
    checked.drag(out_of(checked, "conv2"), checked.empty())
    qtbot.waitUntil(lambda: "CrossEntropy" in refused(checked))
    known = refused(checked)
    checked.key(Qt.Key.Key_Escape)
    checked.drag(out_of(checked, "conv2"), checked.empty())
    assert refused(checked) == known


def test_a_layer_that_does_not_fit_yet_can_be_chosen_all_the_same(checked: Hands, qtbot: QtBot) -> None:
    """Drop a wire on empty canvas: the reason is told, and the layer still wired when placed."""
    checked.drag(out_of(checked, "conv2"), checked.empty())
    qtbot.waitUntil(lambda: "Conv1d" in refused(checked))
    QTest.keyClicks(search(checked).field, "conv1d")
    item = search(checked).list.item(0)
    assert item.text() == "Conv1d"
    assert item.toolTip() == "Conv1d takes N×C×L; it gets N×4×28×28"
    QTest.keyClick(search(checked).field, Qt.Key.Key_Return)
    assert "conv2 -> conv.input0" in checked.wires


def test_backwards_only_layers_whose_shape_can_be_told_are_refused(checked: Hands, qtbot: QtBot) -> None:
    """Drop a wire on empty canvas, from an input: by ports, and a constant by its shape too."""
    checked.drag(checked.place("pool", "in", "input"), checked.empty())
    qtbot.waitUntil(lambda: "Parameter" in refused(checked))
    assert "Conv2d" not in refused(checked)
    assert "CrossEntropy" not in {name for name, _ in rows(checked)}


def test_inside_a_block_what_fits_is_told_with_its_arguments(drawn: Hands, qtbot: QtBot) -> None:
    """Drag from port to port inside a block: formulas count with the values of the use that was entered."""
    enter(drawn, "layer1")
    qtbot.waitUntil(lambda: "join" in drawn.canvas.scene.nodes)
    drawn.canvas.zoom_to(0.9)
    port = drawn.place("join", "in", "inputs", 2)
    start = drawn.place("first", "out", "y")
    drawn.drag(start, port, release=False)
    wanted = "✕ join: Add needs equal shapes; 8×28×28 and 16×28×28 differ in C: 8 and 16"
    qtbot.waitUntil(lambda: told(drawn) == wanted)
    drawn.key(Qt.Key.Key_Escape)


def test_a_wire_into_a_block_tells_what_would_be_wrong_inside_of_it(drawn: Hands, qtbot: QtBot) -> None:
    """Drag from port to port, onto a block: it is looked into."""
    drawn.session.new(wired(more(nested(), ("row", "Flatten", (0, 160), {})), "images -> row"))
    drawn.check()
    port = drawn.place("layer1", "in", "x")
    drawn.drag(out_of(drawn, "row"), port, release=False)
    qtbot.waitUntil(
        lambda: told(drawn).startswith("✕ layer1: inside of it, conv: Conv2d takes N×C×H×W; it gets N×784")
    )
    drawn.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(drawn.port, LEFT, pos=port)
    drawn.drag(out_of(drawn, "images"), drawn.place("stem", "in", "x"), release=False)
    qtbot.waitUntil(lambda: told(drawn) == "→ 8×28×28")
    drawn.key(Qt.Key.Key_Escape)


def test_dragging_a_wire_across_a_thousand_nodes_keeps_up(hands: Hands) -> None:
    """Drag from port to port among a thousand nodes: each move within four milliseconds of the UI thread."""
    nodes = {f"n{at}": Node(f"n{at}", "ReLU", {}, (at % 32 * 180.0, at // 32 * 90.0)) for at in range(1000)}
    nodes["first"] = Node("first", "ReLU", {}, (-300.0, 0.0))
    wires = (
        Edge(Endpoint(f"n{at}", "output"), Endpoint(f"n{at + 1}", "input")) for at in range(0, 1000 - 1, 2)
    )
    hands.session.new(Project(name="many", graph=Graph(nodes, tuple(wires))))
    types = {Endpoint(name, "output"): TensorType((Dim(), 8, 28, 28)) for name in nodes}
    hands.session.take_check(Checked(hands.project, types=types))
    hands.canvas.zoom_to(0.55)
    hands.canvas.view.center_at(hands.canvas.scene.nodes["n200"].body.center())
    start = out_of(hands, "n200")
    hands.drag(start, start + QPoint(20, 20), release=False)
    times = []
    for step in range(60):
        began = thread_time()
        hands.drag_on(start + QPoint(20 + 9 * (step % 40), 20 + 5 * (step % 30)))
        times.append(thread_time() - began)
    assert sorted(times)[len(times) // 2] < 0.004
    hands.key(Qt.Key.Key_Escape)


def test_near_the_edge_the_view_stays_while_a_port_holds_the_wire(checked: Hands, qtbot: QtBot) -> None:
    view = checked.canvas.view
    view.zoom_to(1.0)
    port = checked.canvas.scene.nodes["pool"].place_of("in", "input", 0)
    view.center_at(port + view.seen().center() - view.seen().topRight() + QPointF(12, -300))
    at = checked.place("pool", "in", "input")
    assert 0 < view.viewport().width() - at.x() < 20
    checked.drag(checked.place("relu", "out", "output"), at, release=False)
    seen = view.seen()
    qtbot.wait(120)
    assert view.seen() == seen
    checked.drag_on(at - QPoint(0, 120))
    qtbot.waitUntil(lambda: view.seen().left() > seen.left() + 20)
    QTest.mouseRelease(checked.port, LEFT, pos=at - QPoint(0, 120))

"""Mouse: selecting, moving, wiring, panning and zooming."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from studio.ui.canvas.search import SearchBox
from tests.ui.canvas.conftest import LEFT, MIDDLE, Hands

TOOLTIPS = pytest.mark.qt_log_ignore("This plugin does not support raise")  # offscreen, of every tooltip
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def test_a_click_selects_shift_adds_and_ctrl_toggles(hands: Hands) -> None:
    told: list[tuple[str, ...]] = []
    hands.canvas.selection_changed.connect(told.append)
    hands.click(hands.at("conv1"))
    hands.click(hands.at("merge"), SHIFT)
    hands.click(hands.at("conv1"), CTRL)
    hands.click(hands.empty())
    assert told == [("conv1",), ("conv1", "merge"), ("merge",), ()]


def test_a_dragged_node_lies_on_the_grid_as_one_undo_step(hands: Hands) -> None:
    before = hands.project
    start = hands.at("conv1")
    hands.drag(start, start + QPoint(53, 38))
    assert hands.project.graph.nodes["conv1"].position == (292.0, 40.0)
    assert hands.last_step == "Move conv1"
    assert hands.canvas.selection == ("conv1",)
    hands.undo()
    assert hands.project == before
    assert hands.canvas.scene.nodes["conv1"].body.x() == 240


def test_selected_nodes_move_together(hands: Hands) -> None:
    hands.canvas.select(["conv1", "conv2"])
    start = hands.at("conv2")
    hands.drag(start, start + QPoint(0, 60))
    nodes = hands.project.graph.nodes
    assert (nodes["conv1"].position, nodes["conv2"].position) == ((240.0, 60.0), (240.0, 220.0))
    assert hands.last_step == "Move 2 nodes"


def test_escape_while_dragging_puts_the_node_back(hands: Hands) -> None:
    before = hands.project
    start = hands.at("conv1")
    hands.drag(start, start + QPoint(80, 80), release=False)
    assert hands.canvas.scene.nodes["conv1"].body.x() == 320
    hands.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(hands.port, LEFT, pos=start)
    assert hands.project is before
    assert hands.canvas.scene.nodes["conv1"].body.x() == 240


def test_wires_follow_a_node_that_was_deleted_and_brought_back_since_its_last_drag(hands: Hands) -> None:
    start = hands.at("conv1")
    hands.drag(start, start + QPoint(80, 80), release=False)
    hands.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(hands.port, LEFT, pos=start)
    hands.key(Qt.Key.Key_Delete)
    hands.undo()
    hands.drag(start, start + QPoint(80, 80), release=False)
    scene = hands.canvas.scene
    ends = {edge: item.lines() for edge, item in scene.edges.items()}
    for edge in hands.project.graph.incoming("conv1"):
        target = scene.nodes["conv1"].place_of("in", "input", 0)
        assert ends[edge][-1].p2() == target
    for edge in hands.project.graph.outgoing("conv1"):
        assert ends[edge][0].p1() == scene.nodes["conv1"].place_of("out", "output", 0)
    QTest.mouseRelease(hands.port, LEFT, pos=start)


def test_a_rubber_band_selects_what_it_touches(hands: Hands) -> None:
    corner = hands.pixel(QPointF(220, -30))
    hands.drag(corner, hands.pixel(QPointF(300, 250)))
    assert set(hands.canvas.selection) == {"conv1", "conv2"}
    hands.drag(hands.pixel(QPointF(470, -30)), hands.pixel(QPointF(500, 20)), modifiers=SHIFT)
    assert set(hands.canvas.selection) == {"conv1", "conv2", "merge"}
    hands.drag(corner, hands.pixel(QPointF(300, 30)), modifiers=CTRL)
    assert set(hands.canvas.selection) == {"conv2", "merge"}


def test_a_wire_is_drawn_from_output_to_input(hands: Hands) -> None:
    hands.drag(hands.place("merge", "out", "output"), hands.place("relu", "in", "input"))
    assert "merge -> relu.input0" in hands.wires
    assert hands.last_step == "Connect merge → relu"


def test_a_wire_is_drawn_from_input_to_output_and_snaps_to_the_nearest_port(hands: Hands) -> None:
    near = hands.place("conv1", "out", "output") + QPoint(14, 9)
    hands.drag(hands.place("relu", "in", "input"), near)
    assert "conv1 -> relu.input0" in hands.wires


def test_a_wire_dropped_anywhere_on_a_node_takes_its_nearest_free_place(hands: Hands) -> None:
    hands.drag(hands.place("relu", "out", "output"), hands.at("merge"))
    assert "relu -> merge.inputs2" in hands.wires


def test_a_wire_replaces_the_one_that_an_input_had(hands: Hands) -> None:
    hands.drag(hands.place("conv1", "out", "output"), hands.place("flat", "in", "input"))
    assert "conv1 -> flat.input0" in hands.wires
    assert "merge -> flat.input0" not in hands.wires


@TOOLTIPS
def test_a_wire_that_would_close_a_cycle_does_not_catch(hands: Hands) -> None:
    before = hands.project
    hands.drag(hands.place("flat", "out", "output"), hands.place("conv1", "in", "input"))
    assert hands.project is before


@TOOLTIPS
def test_while_a_wire_is_dragged_fitting_ports_are_lit_and_the_others_grey(hands: Hands) -> None:
    hands.drag(hands.place("flat", "out", "output"), hands.empty(), release=False)
    image = hands.canvas.grab().toImage()
    accent, fits = image.pixelColor(hands.place("relu", "in", "input") + QPoint(-5, 0)), "relu"
    grey = image.pixelColor(hands.place("conv1", "in", "input") + QPoint(-5, 0))
    assert accent.blue() > 200, fits
    assert grey.blue() < 100
    hands.key(Qt.Key.Key_Escape)


def test_an_input_end_dragged_to_another_input_rewires(hands: Hands) -> None:
    hands.drag(hands.place("flat", "in", "input"), hands.place("relu", "in", "input"))
    assert "merge -> relu.input0" in hands.wires
    assert "merge -> flat.input0" not in hands.wires
    hands.undo()
    assert "merge -> flat.input0" in hands.wires


def test_an_input_end_dropped_on_nothing_disconnects_and_closes_the_gap(hands: Hands) -> None:
    hands.drag(hands.place("merge", "in", "inputs", 0), hands.empty())
    assert [wire for wire in hands.wires if "merge.inputs" in wire] == ["conv2 -> merge.inputs0"]
    assert hands.last_step == "Disconnect conv1 → merge"
    assert not _search(hands).isVisible()


def test_an_input_end_put_back_changes_nothing(hands: Hands) -> None:
    before = hands.project
    place = hands.place("merge", "in", "inputs", 0)
    hands.drag(place, place + QPoint(3, 3))
    assert hands.project is before


def test_a_wire_dropped_on_empty_canvas_offers_layers_and_wires_the_chosen_one(hands: Hands) -> None:
    hands.drag(hands.place("conv2", "out", "output"), hands.empty())
    field = _search(hands).findChild(QLineEdit)
    assert field is not None
    assert field.hasFocus()
    QTest.keyClicks(field, "gelu")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert "conv2 -> gelu.input0" in hands.wires
    assert hands.last_step == "Add gelu"
    assert hands.canvas.selection == ("gelu",)
    hands.undo()
    assert "gelu" not in hands.project.graph.nodes


def test_a_wire_drawn_backwards_offers_only_layers_that_give_something(hands: Hands) -> None:
    hands.drag(hands.place("relu", "in", "input"), hands.empty())
    search = _search(hands)
    offered = {search.list.item(row).text() for row in range(search.list.count())}
    assert "Linear" in offered
    assert "CrossEntropy" not in offered
    QTest.keyClick(search.field, Qt.Key.Key_Escape)
    assert not search.isVisible()
    assert hands.canvas.view.hasFocus()


def test_a_lone_node_dropped_on_a_wire_is_put_into_it(hands: Hands) -> None:
    wire = (hands.place("conv1", "out", "output") + hands.place("merge", "in", "inputs", 0)) / 2
    hands.drag(hands.at("relu"), wire)
    assert {"conv1 -> relu.input0", "relu -> merge.inputs0"} <= set(hands.wires)
    assert hands.last_step == "Insert relu"


def test_a_wire_is_selected_by_a_click_and_removed_by_delete(hands: Hands) -> None:
    middle = (hands.place("flat", "in", "input") + hands.place("merge", "out", "output")) / 2
    hands.click(middle)
    hands.key(Qt.Key.Key_Delete)
    assert "merge -> flat.input0" not in hands.wires
    assert hands.last_step == "Disconnect merge → flat"


@pytest.mark.parametrize("space", [False, True])
def test_the_canvas_is_dragged_with_the_middle_button_or_with_space(hands: Hands, space: bool) -> None:
    before = hands.at("conv1")
    if space:
        QTest.keyPress(hands.canvas.view, Qt.Key.Key_Space)
    hands.drag(hands.empty(), hands.empty() + QPoint(70, -40), button=LEFT if space else MIDDLE)
    if space:
        QTest.keyRelease(hands.canvas.view, Qt.Key.Key_Space)
    assert hands.at("conv1") == before + QPoint(70, -40)
    assert not _search(hands).isVisible()


def test_the_wheel_pans_and_with_ctrl_zooms_at_the_pointer(hands: Hands) -> None:
    told: list[float] = []
    hands.canvas.zoom_changed.connect(told.append)
    before = hands.at("merge")
    _turn(hands.port, before, 120, Qt.KeyboardModifier.NoModifier)
    assert hands.at("merge") == before + QPoint(0, 60)
    at = hands.at("merge")
    _turn(hands.port, at, -240, CTRL)
    assert hands.canvas.zoom == pytest.approx(1 / 1.44)
    assert told == [hands.canvas.zoom]
    assert (hands.at("merge") - at).manhattanLength() <= 2


def test_from_afar_nodes_are_still_selected_and_moved(hands: Hands) -> None:
    hands.canvas.zoom_to(0.3)
    hands.drag(hands.at("relu"), hands.at("relu") + QPoint(30, 0))
    assert hands.project.graph.nodes["relu"].position == (580.0, 240.0)
    hands.drag(hands.pixel(QPointF(-40, -60)), hands.pixel(QPointF(320, 300)))
    assert set(hands.canvas.selection) == {"images", "conv1", "conv2"}


def test_a_press_on_the_minimap_goes_there(hands: Hands, qtbot: QtBot) -> None:
    minimap = next(one for one in hands.canvas.findChildren(QWidget) if one.accessibleName() == "Minimap")
    hands.canvas.zoom_to(3.0)
    qtbot.waitUntil(minimap.isVisible)
    qtbot.wait(100)
    before = hands.canvas.view.seen().center()
    QTest.mouseClick(minimap, LEFT, pos=QPoint(20, 40))
    assert hands.canvas.view.seen().center().x() < before.x() - 100


def test_a_double_click_on_empty_canvas_opens_the_search_there(hands: Hands) -> None:
    QTest.mouseDClick(hands.port, LEFT, pos=hands.empty())
    field = _search(hands).field
    QTest.keyClicks(field, "maxpool2d")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert "max_pool" in hands.project.graph.nodes
    assert hands.canvas.scene.nodes["max_pool"].body.contains(hands.canvas.view.mapToScene(hands.empty()))


def _turn(port: QWidget, at: QPoint, delta: int, modifiers: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        QPointF(at), port.mapToGlobal(QPointF(at)), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton,
        modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, event)


def _search(hands: Hands) -> SearchBox:
    box = hands.canvas.findChild(SearchBox)
    assert box is not None
    return box


def test_the_minimap_steps_aside_where_it_would_cover_a_drawing_that_is_seen_whole(
    hands: Hands, qtbot: QtBot
) -> None:
    minimap = next(one for one in hands.canvas.findChildren(QWidget) if one.accessibleName() == "Minimap")
    qtbot.waitUntil(minimap.isVisible)
    start = hands.at("loss")
    hands.drag(start, minimap.geometry().center())
    qtbot.waitUntil(minimap.isHidden)
    hands.canvas.zoom_to(3.0)
    assert minimap.isVisible()

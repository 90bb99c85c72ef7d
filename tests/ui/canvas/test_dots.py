"""Dots that wires are led through: added, moved, removed, carried along; and what a wire says of itself."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from studio.project.graph import Edge
from studio.ui.canvas.sheet import Sheet
from tests.ui.canvas.conftest import LEFT, Hands
from tests.ui.windows import LONG

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
TOOLTIPS = pytest.mark.qt_log_ignore("This plugin does not support raise")  # offscreen, of every tooltip


def wire(hands: Hands, source: str = "merge", target: str = "flat") -> Edge:
    found = [one for one in hands.project.graph.incoming(target) if one.source.node == source]
    assert len(found) == 1
    return found[0]


def middle(hands: Hands) -> QPoint:
    """The middle of the wire from merge to flat while it is straight."""
    return (hands.place("flat", "in", "input") + hands.place("merge", "out", "output")) / 2


def dot(hands: Hands, at: int = 0) -> QPoint:
    return hands.pixel(QPointF(*wire(hands).bends[at]))


@pytest.fixture
def bent(hands: Hands) -> Hands:
    """The small network; the wire from merge to flat has a dot, dragged down."""
    QTest.mouseDClick(hands.port, LEFT, pos=middle(hands))
    hands.drag(dot(hands), dot(hands) + QPoint(0, 80))
    return hands


def test_a_double_click_on_a_wire_adds_a_dot_and_another_removes_it(hands: Hands) -> None:
    """Reroute dots on a wire by double-click."""
    QTest.mouseDClick(hands.port, LEFT, pos=middle(hands))
    assert len(wire(hands).bends) == 1
    assert hands.last_step == "Add a dot to merge → flat"
    QTest.mouseDClick(hands.port, LEFT, pos=dot(hands))
    assert wire(hands).bends == ()
    assert hands.last_step == "Remove a dot of merge → flat"


def test_a_dot_is_dragged_on_the_grid_as_one_step_and_the_wire_goes_through_it(hands: Hands) -> None:
    """Reroute dots are dragged; the wire is hit where it is drawn then."""
    QTest.mouseDClick(hands.port, LEFT, pos=middle(hands))
    before, old = hands.project, dot(hands)
    hands.drag(old, old + QPoint(3, 79))
    (x, y) = wire(hands).bends[0]
    assert (x % 4, y % 4) == (0, 0)
    assert hands.last_step == "Move a dot of merge → flat"
    item = hands.canvas.scene.edges[wire(hands)]
    assert item.distance(QPointF(x, y)) < 1
    assert item.distance(hands.canvas.view.mapToScene(old)) > 20
    assert item.path.boundingRect().contains(QPointF(x, y - 1))
    hands.undo()
    assert hands.project == before


def test_escape_leaves_a_dragged_dot_where_it_was(bent: Hands) -> None:
    """Reroute dots are dragged, or not."""
    before, at = bent.project, dot(bent)
    item = bent.canvas.scene.edges[wire(bent)]
    path = item.path
    bent.drag(at, at + QPoint(40, 40), release=False)
    assert item.path != path
    bent.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(bent.port, LEFT, pos=at)
    assert bent.project is before
    assert item.path == path


def test_a_clicked_dot_is_removed_by_delete_and_the_wire_stays(bent: Hands) -> None:
    """Reroute dots are selected, and deleted by Delete."""
    bent.click(bent.empty())
    bent.click(dot(bent))
    bent.key(Qt.Key.Key_Delete)
    assert wire(bent).bends == ()
    assert bent.last_step == "Remove a dot of merge → flat"
    bent.key(Qt.Key.Key_Delete)
    assert "merge -> flat.input0" not in bent.wires


def test_dots_are_added_chosen_nudged_and_removed_by_keys_alone(hands: Hands) -> None:
    """Reroute dots without a mouse: W selects a wire, D adds a dot, arrows move it, J goes on, Delete."""
    hands.canvas.select(["flat"])
    hands.key(Qt.Key.Key_W)
    hands.key(Qt.Key.Key_D)
    (x, y) = wire(hands).bends[0]
    hands.key(Qt.Key.Key_Down)
    hands.key(Qt.Key.Key_Down, CTRL | SHIFT)
    assert wire(hands).bends == ((x, y + 36),)
    assert hands.last_step == "Move a dot of merge → flat"
    hands.undo()
    assert wire(hands).bends == ((x, y),)
    hands.key(Qt.Key.Key_D)
    assert len(wire(hands).bends) == 2
    hands.key(Qt.Key.Key_J)
    hands.key(Qt.Key.Key_J)
    hands.key(Qt.Key.Key_Up)
    assert sorted(at for _, at in wire(hands).bends) == [y - 4, y]
    hands.key(Qt.Key.Key_Delete)
    assert len(wire(hands).bends) == 1


def test_dots_go_along_with_both_nodes_of_their_wire(bent: Hands) -> None:
    """Reroute dots: moving both ends moves them along, while dragging already; one end alone does not."""
    ((x, y),) = wire(bent).bends
    bent.canvas.select(["merge", "flat"])
    start = bent.at("merge")
    bent.drag(start, start + QPoint(200, 200), release=False)
    offset = bent.canvas.scene.nodes["merge"].body.topLeft() - QPointF(480, 0)
    item = bent.canvas.scene.edges[wire(bent)]
    assert item.distance(QPointF(x, y) + offset) < 1
    QTest.mouseRelease(bent.port, LEFT, pos=start + QPoint(200, 200))
    assert wire(bent).bends == ((x + offset.x(), y + offset.y()),)
    bent.undo()
    bent.click(bent.empty())
    bent.drag(bent.at("flat"), bent.at("flat") + QPoint(120, 200))
    assert wire(bent).bends == ((x, y),)


def test_a_node_put_into_a_bent_wire_keeps_the_dots_of_both_halves(bent: Hands) -> None:
    """Reroute dots: a layer dropped on the wire parts them."""
    first = wire(bent).bends[0]
    before = bent.place("merge", "out", "output")
    QTest.mouseDClick(bent.port, LEFT, pos=(before + dot(bent)) / 2 + QPoint(0, 0))
    if len(wire(bent).bends) == 1:  # the curve runs beside the straight line: take a point on it
        item = bent.canvas.scene.edges[wire(bent)]
        QTest.mouseDClick(bent.port, LEFT, pos=bent.pixel(item.path.pointAtPercent(0.25)))
    assert len(wire(bent).bends) == 2
    item = bent.canvas.scene.edges[wire(bent)]
    on = bent.pixel(item.path.pointAtPercent(0.9))
    bent.drag(bent.at("relu"), on)
    assert {"merge -> relu.input0", "relu -> flat.input0"} <= set(bent.wires)
    assert first in (*wire(bent, "merge", "relu").bends, *wire(bent, "relu", "flat").bends)


def test_arranging_leads_wires_straight_and_says_so(bent: Hands, qtbot: QtBot) -> None:
    """Reroute dots: automatic layout drops those between the nodes that it arranges."""
    bent.key(Qt.Key.Key_L, CTRL | SHIFT)
    qtbot.waitUntil(lambda: wire(bent).bends == (), timeout=LONG)
    assert bent.last_step == "Arrange 7 nodes, their wires straight"
    bent.undo()
    assert len(wire(bent).bends) == 1


@pytest.mark.parametrize("zoom", [1.0, 0.6, 0.3])
def test_a_bent_wire_is_drawn_through_its_dot_at_every_distance(bent: Hands, zoom: float) -> None:
    """Reroute dots: near, halfway and as a plate's hairline; and in an exported picture."""
    bent.click(bent.empty())
    bent.canvas.zoom_to(zoom)
    point = QPointF(*wire(bent).bends[0])
    bent.canvas.view.center_at(point)
    here = bent.port.grab().toImage()
    bent.undo()
    QApplication.processEvents()
    gone = bent.port.grab().toImage()
    at = bent.pixel(point)
    around = [at + QPoint(x, y) for x in range(-2, 3) for y in range(-2, 3)]
    assert any(here.pixelColor(one) != gone.pixelColor(one) for one in around)
    bent.session.undo_stack.redo()
    assert Sheet(bent.canvas.scene).bounds.contains(point)


def test_a_box_selects_a_bent_wire_where_it_goes(bent: Hands) -> None:
    """Reroute dots: the rubber band meets the wire at its dot."""
    bent.click(bent.empty())
    bent.drag(dot(bent) - QPoint(30, 25), dot(bent) + QPoint(30, 25))
    assert bent.canvas.scene.chosen_edges == (wire(bent),)


@TOOLTIPS
def test_hovering_a_wire_tells_shape_kind_size_and_both_ends(hands: Hands) -> None:
    """Hover a wire: shape, dtype, size in MB, where it comes from and goes to."""
    hands.check()
    at = (hands.place("conv1", "in", "input") + hands.place("images", "out", "output")) / 2
    reason = QHelpEvent.Type.ToolTip
    QApplication.sendEvent(hands.port, QHelpEvent(reason, at, hands.port.mapToGlobal(at)))
    told = QToolTip.text().splitlines()
    assert told == [
        "images → conv1",
        "N × C=1 × H=28 × W=28 float32",
        "0.00314 MB for one sample, 0.201 MB for a batch of 64",
    ]
    QToolTip.hideText()


def test_the_wire_under_the_pointer_lights_up_and_only_its_place_is_painted(hands: Hands) -> None:
    """Hover a wire: it is highlighted, without painting everything anew."""
    QTest.mouseMove(hands.port, hands.empty())
    before = hands.port.grab().toImage()
    QTest.mouseMove(hands.port, middle(hands))
    after = hands.port.grab().toImage()
    probe = hands.place("merge", "out", "output") + QPoint(10, 0)
    assert before.pixelColor(probe) != after.pixelColor(probe)
    QTest.mouseMove(hands.port, hands.empty())
    assert hands.port.grab().toImage() == before

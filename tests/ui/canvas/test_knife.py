"""Cutting wires with a line drawn by hand, and by selecting them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from tests.ui.canvas.conftest import RIGHT, Hands

ALT, NONE = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier


def across(hands: Hands) -> list[QPoint]:
    """Down through both wires into merge."""
    return [hands.pixel(QPointF(*point)) for point in ((450, -40), (440, 60), (452, 130), (440, 190))]


def draw(hands: Hands, points: list[QPoint]) -> None:
    """Draw the knife's line, the button still held."""
    QTest.mouseMove(hands.port, points[0])
    QTest.mousePress(hands.port, RIGHT, ALT, points[0])
    for one, other in pairwise(points):
        for part in (0.25, 0.5, 0.75, 1.0):
            QTest.mouseMove(hands.port, one + (other - one) * part)


def let_go(hands: Hands, at: QPoint) -> None:
    """Let go of the button, and get the context menu event that some systems send then."""
    QTest.mouseRelease(hands.port, RIGHT, ALT, at)
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(hands.port, QContextMenuEvent(reason, at, hands.port.mapToGlobal(at), NONE))


def test_alt_and_a_right_drag_cut_the_wires_that_the_line_goes_through(hands: Hands) -> None:
    """Cut wires: the knife; one undo step, and no menu after it."""
    points = across(hands)
    draw(hands, points)
    let_go(hands, points[-1])
    assert not [wire for wire in hands.wires if "merge.inputs" in wire]
    assert "images -> conv1.input0" in hands.wires
    assert hands.last_step == "Cut 2 wires"
    assert not hands.canvas.findChildren(QMenu)
    hands.undo()
    assert {"conv1 -> merge.inputs0", "conv2 -> merge.inputs1"} <= set(hands.wires)


def test_wires_light_up_while_the_knife_goes_through_them(hands: Hands) -> None:
    """Cut wires: seen before they are cut."""
    points = across(hands)
    before = hands.port.grab().toImage()
    probe = hands.pixel(hands.canvas.scene.nodes["merge"].place_of("in", "inputs", 0) - QPointF(9, 0))
    draw(hands, points)
    lit = hands.port.grab().toImage().pixelColor(probe)
    assert lit != before.pixelColor(probe)
    assert lit.blue() > 200
    hands.key(Qt.Key.Key_Escape)


@pytest.mark.parametrize("zoom", [1.0, 0.3])
def test_escape_leaves_every_wire_whole(hands: Hands, zoom: float) -> None:
    """Cut wires: Escape puts the knife away."""
    hands.canvas.zoom_to(zoom)
    before, points = hands.project, across(hands)
    picture = hands.port.grab().toImage()
    draw(hands, points)
    assert hands.port.grab().toImage() != picture
    hands.key(Qt.Key.Key_Escape)
    let_go(hands, points[-1])
    assert hands.project is before
    QTest.mouseMove(hands.port, points[0])
    assert hands.port.grab().toImage() == picture


@pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen, of every menu
def test_a_knife_that_meets_nothing_does_nothing_and_the_menu_opens_again_afterwards(
    hands: Hands, qtbot: QtBot
) -> None:
    """Cut wires: no step where none was met; a plain right click still opens the menu."""
    before = hands.project
    points = [hands.empty(), hands.empty() + QPoint(40, 30)]
    draw(hands, points)
    let_go(hands, points[-1])
    assert hands.project is before
    assert not hands.canvas.findChildren(QMenu)
    QTest.mouseClick(hands.port, RIGHT, NONE, hands.empty())
    let_go(hands, hands.empty())
    menu = hands.canvas.findChild(QMenu)
    assert menu is not None
    qtbot.waitUntil(menu.isVisible)
    menu.close()


def test_the_knife_cuts_from_afar_too(hands: Hands) -> None:
    """Cut wires: where only plates are drawn."""
    hands.canvas.zoom_to(0.3)
    points = across(hands)
    draw(hands, points)
    let_go(hands, points[-1])
    assert hands.last_step == "Cut 2 wires"


def test_a_wire_is_cut_by_keys_alone(hands: Hands) -> None:
    """Cut wires: select one by key, and Delete."""
    hands.click(hands.at("flat"))
    hands.key(Qt.Key.Key_W)
    hands.key(Qt.Key.Key_Delete)
    assert "merge -> flat.input0" not in hands.wires
    assert hands.last_step == "Disconnect merge → flat"

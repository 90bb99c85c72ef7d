"""The minimap by mouse, wheel, key and menu; what it shows; and that it keeps up with a large drawing."""

from pathlib import Path
from time import thread_time

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from benchmarks.drawings import tower
from studio.project import edits
from studio.ui.canvas.minimap import Minimap
from studio.ui.canvas_switches import remember_switches
from studio.ui.preferences import Preferences
from tests.ui.canvas.conftest import LEFT, Hands

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def minimap(hands: Hands, qtbot: QtBot) -> Minimap:
    """Of a drawing that is looked at from near, so that not all of it is seen."""
    found = hands.canvas.findChild(Minimap)
    assert found is not None
    hands.canvas.zoom_to(3.0)
    qtbot.waitUntil(found.isVisible)
    settled(found, qtbot)
    return found


def settled(minimap: Minimap, qtbot: QtBot) -> None:
    """What changed is on the map."""
    qtbot.wait(120)
    minimap.grab()


def on_map(hands: Hands, minimap: Minimap, point: QPointF) -> QPoint:
    """A place of the canvas on the map: it shows the whole drawing in its middle, as large as it can."""
    whole = hands.canvas.scene.bounds()
    scale = min((minimap.width() - 16) / whole.width(), (minimap.height() - 16) / whole.height(), 0.2)
    middle = QPointF(minimap.width() / 2, minimap.height() / 2)
    return (middle + (point - whole.center()) * scale).toPoint()


def colours(minimap: Minimap, at: QPoint) -> QColor:
    return minimap.grab().toImage().pixelColor(at)


def test_it_has_a_name_and_says_what_it_does(minimap: Minimap) -> None:
    assert minimap.accessibleName() == "Minimap"
    assert "frame" in minimap.toolTip()


def test_the_frame_is_dragged_from_where_it_was_caught(hands: Hands, minimap: Minimap) -> None:
    view = hands.canvas.view
    view.center_at(QPointF(300, 100))
    at = on_map(hands, minimap, QPointF(340, 120))
    before = view.seen().center()
    QTest.mousePress(minimap, LEFT, pos=at)
    assert (view.seen().center() - before).manhattanLength() < 1
    assert minimap.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    QTest.mouseMove(minimap, at + QPoint(10, 4))
    QTest.mouseRelease(minimap, LEFT, pos=at + QPoint(10, 4))
    there = hands.canvas.scene.bounds()
    scale = min((minimap.width() - 16) / there.width(), (minimap.height() - 16) / there.height(), 0.2)
    moved = view.seen().center() - before
    assert moved.x() == pytest.approx(10 / scale, abs=2)
    assert moved.y() == pytest.approx(4 / scale, abs=2)


def test_a_press_beside_the_frame_goes_there_and_drags_on(hands: Hands, minimap: Minimap) -> None:
    view = hands.canvas.view
    view.center_at(QPointF(0, 0))
    flat = hands.canvas.scene.nodes["flat"].body.center()
    at = on_map(hands, minimap, flat)
    QTest.mouseMove(minimap, at)
    assert minimap.cursor().shape() == Qt.CursorShape.PointingHandCursor
    QTest.mousePress(minimap, LEFT, pos=at)
    assert (view.seen().center() - flat).manhattanLength() < 20
    QTest.mouseMove(minimap, at - QPoint(12, 0))
    QTest.mouseRelease(minimap, LEFT, pos=at - QPoint(12, 0))
    assert view.seen().center().x() < flat.x() - 40
    assert hands.canvas.selection == ()


def test_the_wheel_over_it_zooms(hands: Hands, minimap: Minimap) -> None:
    at, before = QPointF(20, 20), hands.canvas.view.seen().center()
    event = QWheelEvent(
        at, minimap.mapToGlobal(at), QPoint(), QPoint(0, -240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(minimap, event)
    assert hands.canvas.zoom == pytest.approx(3.0 / 1.44)
    assert (hands.canvas.view.seen().center() - before).manhattanLength() < 3


def test_it_shows_the_selection_what_was_found_and_problems(
    hands: Hands, minimap: Minimap, qtbot: QtBot
) -> None:
    hands.canvas.view.center_at(QPointF(-3000, 0))
    ink = hands.canvas.scene.look.ink
    relu = on_map(hands, minimap, hands.canvas.scene.nodes["relu"].body.center())
    plain = colours(minimap, relu)
    hands.canvas.select(["relu"])
    assert colours(minimap, relu) == ink.accent != plain
    hands.canvas.select([])
    hands.canvas.scene.light_up(["relu"])
    qtbot.waitUntil(lambda: colours(minimap, relu) not in (plain, ink.accent), timeout=5000)
    hands.canvas.scene.light_up([])
    merge = on_map(hands, minimap, hands.canvas.scene.nodes["merge"].body.center())
    hands.check()
    settled(minimap, qtbot)
    assert colours(minimap, merge) == ink.error


def test_a_key_puts_it_away_and_the_choice_is_remembered(
    hands: Hands, minimap: Minimap, tmp_path: Path
) -> None:
    kept = Preferences(tmp_path / "preferences.json")
    remember_switches(hands.canvas.deeds.actions, kept)
    hands.key(Qt.Key.Key_M, SHIFT)
    assert minimap.isHidden()
    assert not hands.canvas.deeds.actions["canvas.minimap"].isChecked()
    assert Preferences(kept.path).text("canvas.minimap", "") == "off"
    hands.key(Qt.Key.Key_M, SHIFT)
    assert minimap.isVisible()
    assert Preferences(kept.path).text("canvas.minimap", "") == "on"


def test_put_away_once_it_is_away_at_the_next_start(hands: Hands, minimap: Minimap, tmp_path: Path) -> None:
    kept = Preferences(tmp_path / "preferences.json")
    kept.set("canvas.minimap", "off")
    remember_switches(hands.canvas.deeds.actions, kept)
    assert minimap.isHidden()


def test_it_is_as_large_as_suits_the_canvas(hands: Hands, minimap: Minimap, qtbot: QtBot) -> None:
    sizes: list[int] = []
    for width, height in ((600, 500), (1000, 700), (1900, 1000)):
        hands.canvas.resize(width, height)
        qtbot.waitUntil(lambda wide=width: hands.canvas.view.width() == wide)
        sizes.append(minimap.width())
        assert hands.canvas.rect().contains(minimap.geometry())
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]
    hands.canvas.resize(380, 500)
    hands.canvas.zoom_to(2.5)
    assert minimap.isHidden()


def test_it_covers_no_note_while_all_is_seen(hands: Hands, minimap: Minimap, qtbot: QtBot) -> None:
    hands.canvas.resize(700, 360)
    hands.canvas.fit()
    hands.click(hands.pixel(QPointF(860, 300)))
    hands.key(Qt.Key.Key_N)
    hands.key(Qt.Key.Key_Escape)
    assert hands.project.graph.notes
    hands.canvas.fit()
    settled(minimap, qtbot)
    assert minimap.isHidden()
    hands.canvas.zoom_to(3.0)
    assert minimap.isVisible()


def test_it_keeps_up_with_five_thousand_nodes(hands: Hands, minimap: Minimap, qtbot: QtBot) -> None:
    hands.session.new(tower(5000))
    hands.canvas.zoom_to(1.0)
    qtbot.wait(800)
    hands.canvas.select(list(hands.project.graph.nodes)[:1000])
    took: list[float] = []
    for step in range(9):
        hands.session.commit(edits.move(hands.project, {"conv3a": (40.0 * step, 9.0)}), f"Move {step}")
        began = thread_time()
        minimap.repaint()
        took.append(thread_time() - began)
    assert sorted(took)[4] < 0.02


@pytest.mark.parametrize("zoom", [1.0, 1.6])
def test_a_node_that_is_brought_into_sight_does_not_lie_under_it(
    hands: Hands, minimap: Minimap, qtbot: QtBot, zoom: float
) -> None:
    view, body = hands.canvas.view, hands.canvas.scene.nodes["loss"].body
    hands.canvas.zoom_to(zoom)
    view.center_at(body.center() - (view.seen().bottomRight() - view.seen().center()) * 0.86)
    settled(minimap, qtbot)
    assert minimap.isVisible()
    assert minimap.geometry().intersects(view.mapFromScene(body).boundingRect())
    hands.canvas.reveal("loss")
    place = view.mapFromScene(body).boundingRect()
    assert not minimap.geometry().intersects(place)
    assert view.rect().contains(place)


def test_a_layer_placed_after_another_does_not_lie_under_it(
    hands: Hands, minimap: Minimap, qtbot: QtBot
) -> None:
    view, body = hands.canvas.view, hands.canvas.scene.nodes["flat"].body
    hands.canvas.zoom_to(1.6)
    view.center_at(body.center() - (view.seen().bottomRight() - view.seen().center()) * 0.6)
    hands.canvas.select(["flat"])
    hands.canvas.place("ReLU")
    settled(minimap, qtbot)
    assert minimap.isVisible()
    (name,) = hands.canvas.selection
    place = view.mapFromScene(hands.canvas.scene.nodes[name].body).boundingRect()
    assert name != "flat"
    assert not minimap.geometry().intersects(place)
    assert view.rect().contains(place)

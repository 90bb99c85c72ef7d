"""What is dragged snaps to its neighbours and to the grid; guides and equal gaps are shown; pins hold."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsLineItem
from pytestqt.qtbot import QtBot

from studio.project import edits
from studio.project.graph import Position
from studio.project.project import Project
from studio.ui.canvas.snapping import GapMark
from tests.ui.canvas.conftest import LEFT, Hands, wired
from tests.ui.windows import LONG

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
Key = Qt.Key


def scattered(**places: Position) -> Project:
    project = Project(name="scattered")
    for name, at in places.items():
        type = "Add" if name.startswith("sum") else "ReLU"
        project, _ = edits.add_node(project, type, at, {}, name)
    return project


def opened(hands: Hands, project: Project) -> None:
    hands.session.new(project)
    hands.canvas.zoom_to(1.0)
    hands.canvas.view.center_at(QPointF(400, 200))
    hands.canvas.setFocus()


def body(hands: Hands, name: str) -> tuple[float, float, float, float]:
    rect = hands.canvas.scene.nodes[name].body
    return rect.left(), rect.top(), rect.right(), rect.bottom()


def guides(hands: Hands) -> list[tuple[float, float, float, float]]:
    """The lines that are shown."""
    lines = [one.line() for one in hands.canvas.scene.items() if isinstance(one, QGraphicsLineItem)]
    return sorted((one.x1(), one.y1(), one.x2(), one.y2()) for one in lines)


def gaps(hands: Hands) -> int:
    return sum(isinstance(one, GapMark) for one in hands.canvas.scene.items())


def drag(hands: Hands, name: str, x: float, y: float) -> QPoint:
    """Hold a node so that its corner would lie at a place."""
    left, top, *_ = body(hands, name)
    start = hands.at(name)
    end = start + QPoint(round(x - left), round(y - top))
    hands.drag(start, end, release=False)
    return end


def let_go(hands: Hands, at: QPoint) -> None:
    QTest.mouseRelease(hands.port, LEFT, pos=at)


@pytest.mark.parametrize("off", [-5, 3, 6])
def test_a_node_snaps_below_another_and_a_line_joins_their_left_edges(hands: Hands, off: int) -> None:
    opened(hands, scattered(first=(100, 0), lone=(500, 300)))
    end = drag(hands, "lone", 100 + off, 301)
    left, _, right, bottom = body(hands, "lone")
    assert left == 100
    assert guides(hands) == [(100, 0, 100, bottom), (right, 0, right, bottom)]
    let_go(hands, end)
    assert hands.project.graph.nodes["lone"].position[0] == 100
    assert hands.last_step == "Move lone"
    assert guides(hands) == []


def test_further_away_it_lies_on_the_grid(hands: Hands) -> None:
    opened(hands, scattered(first=(100, 0), lone=(500, 300)))
    end = drag(hands, "lone", 109, 331)
    assert body(hands, "lone")[:2] == (108, 332)
    assert guides(hands) == []
    let_go(hands, end)


def test_centres_line_up_where_nodes_differ_in_width(hands: Hands) -> None:
    opened(hands, scattered(a_node_with_quite_a_long_name=(100, 0), lone=(500, 300)))
    left, _, right, _ = body(hands, "a_node_with_quite_a_long_name")
    width = body(hands, "lone")[2] - body(hands, "lone")[0]
    end = drag(hands, "lone", (left + right - width) / 2 + 4, 331)
    found = body(hands, "lone")
    assert found[0] + found[2] == left + right
    assert [line[0] for line in guides(hands)] == [(left + right) / 2]
    let_go(hands, end)


def test_a_wire_is_brought_to_be_straight_before_anything_else(hands: Hands) -> None:
    """The second input of the sum lies lower than its first: the node before it goes there, not level."""
    project = wired(scattered(first=(0, 0), second=(0, 200), sum=(400, 60)), "first -> sum", "second -> sum")
    opened(hands, project)
    port = hands.canvas.scene.nodes["sum"].place_of("in", "inputs", 1).y()
    out = hands.canvas.scene.nodes["second"].place_of("out", "output", 0).y() - 200
    end = drag(hands, "second", 0, port - out + 5)
    assert hands.canvas.scene.nodes["second"].place_of("out", "output", 0).y() == port
    assert any(line[1] == line[3] == port for line in guides(hands))
    let_go(hands, end)
    assert hands.project.graph.nodes["second"].position == (0, port - out)


def test_equal_gaps_are_found_and_marked(hands: Hands) -> None:
    opened(hands, scattered(a=(0, 0), b=(200, 0), lone=(600, 300)))
    width = body(hands, "a")[2]
    end = drag(hands, "lone", 400 + 4, 1)
    assert body(hands, "lone")[:2] == (400, 0)
    assert gaps(hands) == 2
    let_go(hands, end)
    assert gaps(hands) == 0
    first, second, third = (body(hands, name) for name in ("a", "b", "lone"))
    assert second[0] - first[2] == third[0] - second[2] == 200 - width


def test_ctrl_held_lets_it_lie_anywhere(hands: Hands) -> None:
    opened(hands, scattered(first=(100, 0), lone=(500, 300)))
    end = drag(hands, "lone", 100, 300)
    assert body(hands, "lone")[0] == 100
    at = QPointF(end + QPoint(3, 5))
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, hands.port.mapToGlobal(at), Qt.MouseButton.NoButton, LEFT, CTRL
    )
    QApplication.sendEvent(hands.port, event)
    assert body(hands, "lone")[:2] == (103, 305)
    assert guides(hands) == []
    let_go(hands, end + QPoint(3, 5))
    assert hands.project.graph.nodes["lone"].position == (103, 305)


def test_only_what_is_seen_counts(hands: Hands) -> None:
    opened(hands, scattered(hidden=(100, -3000), lone=(500, 300)))
    end = drag(hands, "lone", 102, 321)
    assert body(hands, "lone")[0] == 104
    let_go(hands, end)


def test_dragged_sideways_a_node_stays_in_its_row(hands: Hands) -> None:
    opened(hands, scattered(first=(0, 5), lone=(500, 0)))
    end = drag(hands, "lone", 413, 0)
    assert body(hands, "lone")[:2] == (412, 0)
    let_go(hands, end)


def test_escape_takes_the_guides_away(hands: Hands) -> None:
    opened(hands, scattered(first=(100, 0), lone=(500, 300)))
    end = drag(hands, "lone", 102, 300)
    assert guides(hands)
    hands.key(Key.Key_Escape)
    assert guides(hands) == []
    assert body(hands, "lone")[:2] == (500, 300)
    let_go(hands, end)


def test_the_switch_turns_snapping_to_neighbours_off(hands: Hands) -> None:
    opened(hands, scattered(first=(100, 0), lone=(500, 300)))
    hands.key(Key.Key_G, SHIFT)
    assert not hands.canvas.deeds.actions["canvas.guides"].isChecked()
    end = drag(hands, "lone", 102, 301)
    assert body(hands, "lone")[:2] == (104, 300)
    let_go(hands, end)
    hands.key(Key.Key_G, SHIFT)
    assert hands.canvas.deeds.actions["canvas.guides"].isChecked()


def test_several_nodes_keep_their_places_among_each_other(hands: Hands) -> None:
    opened(hands, scattered(first=(100, 0), one=(403, 301), two=(577, 333)))
    hands.click(hands.at("one"))
    hands.click(hands.at("two"), SHIFT)
    end = drag(hands, "one", 102, 250)
    one, two = body(hands, "one"), body(hands, "two")
    assert one[0] == 100
    assert (two[0] - one[0], two[1] - one[1]) == (174, 32)
    let_go(hands, end)
    assert hands.last_step == "Move 2 nodes"


def test_from_afar_guides_are_drawn_too(hands: Hands) -> None:
    opened(hands, scattered(first=(100, 0), lone=(500, 300)))
    hands.canvas.zoom_to(0.3)
    start = hands.at("lone")
    hands.drag(start, start + QPoint(round(-397 * 0.3), 12), release=False)
    assert body(hands, "lone")[0] == 100
    assert hands.canvas.view.hand.trace() is not None
    let_go(hands, start)


def test_p_pins_a_node_and_arranging_leaves_it_where_it_is(hands: Hands, qtbot: QtBot) -> None:
    hands.click(hands.at("merge"))
    hands.key(Key.Key_P)
    assert hands.project.graph.nodes["merge"].pinned
    assert hands.last_step == "Pin merge"
    assert hands.canvas.scene.nodes["merge"].face.pinned
    at = hands.project.graph.nodes["merge"].position
    hands.key(Key.Key_Escape)
    hands.key(Key.Key_L, CTRL | SHIFT)
    qtbot.waitUntil(lambda: hands.last_step.startswith("Arrange"), timeout=LONG)
    assert hands.project.graph.nodes["merge"].position == at
    assert hands.project.graph.nodes["flat"].position[1] == at[1]
    hands.undo()
    hands.click(hands.at("merge"))
    hands.key(Key.Key_P)
    assert not hands.project.graph.nodes["merge"].pinned
    assert hands.last_step == "Unpin merge"

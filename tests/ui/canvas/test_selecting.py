"""Box and lasso; what feeds the selection, what it feeds, the path between, all of a type."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from studio.project import edits
from tests.ui.canvas.conftest import LEFT, Hands

ALT, SHIFT, CTRL = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
Key = Qt.Key


def lasso(
    hands: Hands, *corners: tuple[float, float], held: Qt.KeyboardModifier = ALT, release: bool = True
) -> None:
    """Draw around places of the canvas with Alt held."""
    points = [hands.pixel(QPointF(*corner)) for corner in corners]
    QTest.mouseMove(hands.port, points[0])
    QTest.mousePress(hands.port, LEFT, held, points[0])
    for start, end in pairwise(points):
        for part in (0.25, 0.5, 0.75, 1.0):
            QTest.mouseMove(hands.port, start + (end - start) * part)
    if release:
        QTest.mouseRelease(hands.port, LEFT, held, points[-1])


def around(hands: Hands, name: str, room: float = 20) -> list[tuple[float, float]]:
    """A loop around a node."""
    body = hands.canvas.scene.nodes[name].body.adjusted(-room, -room, room, room)
    return [
        (point.x(), point.y())
        for point in (body.topLeft(), body.topRight(), body.bottomRight(), body.bottomLeft(), body.topLeft())
    ]


def test_a_lasso_selects_the_nodes_whose_middle_it_goes_around(hands: Hands) -> None:
    lasso(hands, (220, -30), (420, -30), (420, 230), (700, 230), (700, 420), (220, 420), (220, -30))
    assert set(hands.canvas.selection) == {"conv1", "conv2", "relu"}


def test_a_lasso_shows_what_it_holds_before_the_button_is_let_go(hands: Hands) -> None:
    lasso(hands, *around(hands, "conv2"), release=False)
    assert hands.canvas.selection == ("conv2",)
    hands.key(Key.Key_Escape)
    assert hands.canvas.selection == ()
    QTest.mouseRelease(hands.port, LEFT, ALT, hands.empty())


def test_with_shift_a_lasso_adds_and_with_ctrl_it_toggles(hands: Hands) -> None:
    hands.click(hands.at("merge"))
    lasso(hands, *around(hands, "conv1"), held=ALT | SHIFT)
    assert set(hands.canvas.selection) == {"merge", "conv1"}
    lasso(hands, *around(hands, "conv1"), held=ALT | CTRL)
    assert set(hands.canvas.selection) == {"merge"}


def test_a_lasso_around_no_node_selects_the_wires_that_pass(hands: Hands) -> None:
    ends = [hands.canvas.scene.nodes[name].body for name in ("merge", "flat")]
    left, right = ends[0].right() + 20, ends[1].left() - 20
    lasso(hands, (left, -20), (right, -20), (right, 60), (left, 60), (left, -20))
    assert hands.canvas.selection == ()
    assert [edge.source.node for edge in hands.canvas.scene.chosen_edges] == ["merge"]


def test_a_rubber_band_may_begin_on_a_wire(hands: Hands) -> None:
    """A press there selects the wire as ever; whoever goes on dragging wants what the band goes over."""
    ends = [hands.canvas.scene.nodes[name].body for name in ("merge", "flat")]
    (wire,) = (edge for edge in hands.project.graph.edges if edge.target.node == "flat")
    on_wire = hands.pixel(
        QPointF((ends[0].right() + ends[1].left()) / 2, hands.canvas.scene.edges[wire].bounds.center().y())
    )
    hands.click(on_wire)
    assert hands.canvas.scene.chosen_edges == (wire,)
    hands.drag(on_wire, hands.at("flat") + QPoint(0, 60))
    assert hands.canvas.selection == ("flat",)
    assert hands.canvas.scene.chosen_edges == ()
    hands.drag(on_wire, hands.at("merge") + QPoint(0, 60), modifiers=SHIFT)
    assert set(hands.canvas.selection) == {"merge", "flat"}
    hands.drag(on_wire, hands.at("merge") + QPoint(0, 60), release=False)
    assert hands.canvas.selection == ("merge",)
    hands.key(Key.Key_Escape)
    assert hands.canvas.scene.chosen_edges == (wire,)
    assert not hands.session.undo_stack.count()


def test_a_rubber_band_that_touches_no_node_selects_wires(hands: Hands) -> None:
    ends = [hands.canvas.scene.nodes[name].body for name in ("merge", "flat")]
    start, end = QPointF(ends[0].right() + 20, -30), QPointF(ends[1].left() - 20, 60)
    hands.drag(hands.pixel(start), hands.pixel(end))
    assert [edge.target.node for edge in hands.canvas.scene.chosen_edges] == ["flat"]


@pytest.mark.parametrize(
    ("keys", "held", "first", "expected", "told"),
    [
        ("[", None, ["merge"], {"images", "conv1", "conv2", "merge"}, "4 nodes are selected."),
        ("]", None, ["conv2"], {"conv2", "merge", "flat", "loss"}, "4 nodes are selected."),
        (
            Key.Key_P,
            SHIFT,
            ["images", "merge"],
            {"images", "conv1", "conv2", "merge"},
            "4 nodes are selected.",
        ),
        (Key.Key_A, CTRL | SHIFT, ["conv1"], {"conv1", "conv2"}, "2 nodes are selected."),
        (
            Key.Key_L,
            None,
            ["flat"],
            {"images", "conv1", "conv2", "merge", "flat", "loss"},
            "6 nodes are selected.",
        ),
        (
            Key.Key_I,
            CTRL,
            ["relu"],
            {"images", "conv1", "conv2", "merge", "flat", "loss"},
            "6 nodes are selected.",
        ),
        ("]", None, ["relu"], {"relu"}, "1 node is selected."),
    ],
    ids=["upstream", "downstream", "path between", "type", "connected", "inverted", "nothing behind"],
)
def test_selecting_by_keys_what_hangs_together(
    hands: Hands,
    qtbot: QtBot,
    keys: Key | str,
    held: Qt.KeyboardModifier | None,
    first: list[str],
    expected: set[str],
    told: str,
) -> None:
    hands.click(hands.at(first[0]))
    for name in first[1:]:
        hands.click(hands.at(name), SHIFT)
    with qtbot.waitSignal(hands.canvas.status) as said:
        if isinstance(keys, str):
            QTest.keyClick(hands.canvas.view, keys)
        else:
            hands.key(keys, held or Qt.KeyboardModifier.NoModifier)
    assert set(hands.canvas.selection) == expected
    assert said.args == [told]
    assert hands.session.undo_stack.count() == 0


def test_the_path_between_needs_two_nodes_and_says_so(hands: Hands, qtbot: QtBot) -> None:
    hands.click(hands.at("conv1"))
    with qtbot.waitSignal(hands.canvas.status) as said:
        hands.key(Key.Key_P, SHIFT)
    assert said.args == ["Select 2 nodes or more first."]


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_menu_of_a_node_selects_what_feeds_it(hands: Hands) -> None:
    hands.click(hands.at("merge"))
    hands.key(Key.Key_F10, SHIFT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    inner = next(one.menu() for one in menu.actions() if one.text() == "Select")
    assert isinstance(inner, QMenu)
    entries = {one.text().replace("&", ""): one for one in inner.actions() if isinstance(one, QAction)}
    assert list(entries)[:2] == ["Select all", "Invert the selection"]
    assert not entries["The path between"].isEnabled()
    menu.close()
    entries["What feeds it"].trigger()
    assert set(hands.canvas.selection) == {"images", "conv1", "conv2", "merge"}


def test_all_are_selected_and_counted(hands: Hands, qtbot: QtBot) -> None:
    with qtbot.waitSignal(hands.canvas.status) as said:
        hands.key(Key.Key_A, CTRL)
    assert len(hands.canvas.selection) == 7
    assert said.args == ["7 nodes are selected."]


def test_from_afar_a_lasso_is_drawn_too(hands: Hands) -> None:
    hands.canvas.zoom_to(0.3)
    lasso(hands, *around(hands, "conv1", 40), release=False)
    trace = hands.canvas.view.hand.trace()
    assert trace is not None
    assert trace.contains(hands.canvas.scene.nodes["conv1"].body.center())
    QTest.mouseRelease(hands.port, LEFT, ALT, hands.empty() + QPoint(0, 0))
    assert hands.canvas.selection == ("conv1",)


def test_muted_and_pinned_nodes_are_selected_like_others(hands: Hands) -> None:
    changed = edits.set_pinned(edits.set_muted(hands.project, ["conv1"], True), ["conv2"], True)
    hands.session.commit(changed, "Change")
    hands.click(hands.at("merge"))
    QTest.keyClick(hands.canvas.view, "[")
    assert {"conv1", "conv2"} <= set(hands.canvas.selection)

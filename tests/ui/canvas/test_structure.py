"""How nodes hang together, by mouse and keys. Each test names the interaction it is about: dropping a node on
a wire, pulling one out, joining selected nodes, duplicating with wires, deleting and joining.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.project import edits
from studio.project.graph import Endpoint
from studio.project.project import Project
from studio.ui.session import Session
from tests.ui.canvas.conftest import LEFT, Hands, connected, wired

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key


def row(*free: str) -> Project:
    """images → a → b → c → loss, and layers without wires below."""
    project = Project(name="row")
    names = ("images", "a", "b", "c", "loss")
    for place, name in enumerate(names):
        type = {"images": "Input", "loss": "MSE"}.get(name, "ReLU")
        project, _ = edits.add_node(project, type, (place * 240, 0), {}, name)
    project = wired(project, *(f"{one} -> {other}" for one, other in pairwise(names)))
    for place, type in enumerate(free):
        project, _ = edits.add_node(project, type, (place * 240, 240))
    return project


@pytest.fixture
def hands_of(hands: Hands):
    def show(project: Project) -> Hands:
        hands.session.new(project)
        hands.canvas.setFocus()
        return hands

    return show


def wires(hands: Hands) -> list[str]:
    """All wires as "a>b"."""
    return sorted(f"{e.source.node}>{e.target.node}" for e in hands.project.graph.edges)


def on_wire(hands: Hands, source: str, target: str) -> QPoint:
    ends = hands.place(source, "out", "output"), hands.place(target, "in", "input")
    return (ends[0] + ends[1]) / 2


def shake(hands: Hands, name: str, *, turns: int = 4) -> QPoint:
    """Hold a node and go back and forth; says where the pointer is then, the button still down."""
    at = hands.at(name)
    QTest.mouseMove(hands.port, at)
    QTest.mousePress(hands.port, LEFT, Qt.KeyboardModifier.NoModifier, at)
    for turn in range(turns):
        at = at + QPoint(40 if turn % 2 == 0 else -40, 6)
        QTest.mouseMove(hands.port, at)
    return at


def select(hands: Hands, *names: str) -> None:
    """By clicks, in this order."""
    for place, name in enumerate(names):
        hands.click(hands.at(name), SHIFT if place else Qt.KeyboardModifier.NoModifier)


# Drop a node on a wire


def test_dropped_on_a_wire_a_row_of_nodes_goes_into_it_and_gets_room(hands_of) -> None:
    hands = hands_of(row("GELU", "Dropout"))
    hands.drag(hands.place("gelu", "out", "output"), hands.place("dropout", "in", "input"))
    select(hands, "gelu", "dropout")
    start = hands.at("gelu")
    hands.drag(start, on_wire(hands, "a", "b"))
    assert wires(hands) == ["a>gelu", "b>c", "c>loss", "dropout>b", "gelu>dropout", "images>a"]
    assert hands.last_step == "Insert 2 nodes"
    bodies = [hands.canvas.scene.nodes[name].body for name in ("a", "gelu", "dropout", "b", "c")]
    assert all(one.right() < other.left() for one, other in pairwise(bodies))
    hands.undo()
    assert wires(hands) == ["a>b", "b>c", "c>loss", "gelu>dropout", "images>a"]


def test_dropped_on_a_wire_a_node_with_wires_of_its_own_only_moves(hands_of) -> None:
    hands = hands_of(row())
    before = wires(hands)
    hands.drag(hands.at("a"), on_wire(hands, "b", "c"))
    assert wires(hands) == before
    assert hands.last_step == "Move a"


def test_dropped_on_a_wire_that_the_node_feeds_it_would_close_a_cycle(hands_of) -> None:
    project, name = edits.add_node(row(), "LSTM", (240, 240), {}, "lstm")
    project = edits.connect(project, Endpoint("b", "output"), Endpoint(name, "hidden"))
    hands = hands_of(project)
    hands.drag(hands.at("lstm"), on_wire(hands, "images", "a"))
    assert "images>lstm" not in wires(hands)
    hands.drag(hands.at("lstm"), on_wire(hands, "b", "c"))
    assert {"b>lstm", "lstm>c"} <= set(wires(hands))


def test_by_keys_a_node_goes_into_the_selected_wire(hands_of) -> None:
    hands = hands_of(row("GELU"))
    select(hands, "gelu")
    hands.click(on_wire(hands, "b", "c"), SHIFT)
    hands.key(Key.Key_F)
    assert {"b>gelu", "gelu>c"} <= set(wires(hands))
    assert hands.last_step == "Insert gelu"


# Shake or Alt-drag a node out


def test_shaken_a_node_comes_out_of_its_wires_and_its_neighbours_are_joined(hands_of) -> None:
    hands = hands_of(row())
    before = hands.project
    at = shake(hands, "b")
    assert hands.project is before, "nothing is done before the button is let go"
    QTest.mouseMove(hands.port, at + QPoint(0, 180))
    QTest.mouseRelease(hands.port, LEFT, pos=at + QPoint(0, 180))
    assert wires(hands) == ["a>c", "c>loss", "images>a"]
    assert hands.last_step == "Pull out b"
    hands.undo()
    assert hands.project == before


def test_moved_to_and_fro_slowly_or_only_twice_a_node_keeps_its_wires(hands_of) -> None:
    hands = hands_of(row())
    before = wires(hands)
    at = shake(hands, "b", turns=3)
    QTest.mouseRelease(hands.port, LEFT, pos=at)
    assert wires(hands) == before
    at = hands.at("c")
    QTest.mousePress(hands.port, LEFT, pos=at)
    for turn in range(4):
        at = at + QPoint(40 if turn % 2 == 0 else -40, 0)
        QTest.mouseMove(hands.port, at)
        QTest.qWait(330)
    QTest.mouseRelease(hands.port, LEFT, pos=at)
    assert wires(hands) == before


def test_while_a_node_is_out_the_joined_wires_show_and_escape_brings_the_old_ones_back(hands_of) -> None:
    hands = hands_of(row())
    before, edges = hands.project, dict(hands.canvas.scene.edges)
    at = shake(hands, "b")
    QTest.mouseMove(hands.port, at + QPoint(0, 200))
    hidden = sorted(f"{e.source.node}>{e.target.node}" for e, item in edges.items() if item.detached)
    assert hidden == ["a>b", "b>c"]
    middle = (hands.place("a", "out", "output") + hands.place("c", "in", "input")) / 2
    colour = hands.canvas.grab().toImage().pixelColor(middle)
    assert colour.blue() > 200, "the new wire from a to c is in the accent's colour"
    hands.key(Key.Key_Escape)
    QTest.mouseRelease(hands.port, LEFT, pos=at)
    assert hands.project is before
    assert not any(item.detached for item in edges.values())
    assert hands.canvas.scene.nodes["b"].body.x() == 480


def test_dragged_with_alt_several_nodes_of_a_row_come_out_together(hands_of) -> None:
    hands = hands_of(row())
    select(hands, "a", "b")
    start = hands.at("b")
    hands.drag(start, start + QPoint(0, 200), modifiers=ALT)
    assert wires(hands) == ["a>b", "c>loss", "images>c"]
    assert hands.last_step == "Pull out 2 nodes"


def test_pulled_out_and_dropped_on_another_wire_it_goes_there_in_one_step(hands_of) -> None:
    hands = hands_of(row())
    before = hands.project
    hands.drag(hands.at("a"), on_wire(hands, "b", "c"), modifiers=ALT)
    assert wires(hands) == ["a>c", "b>a", "c>loss", "images>b"]
    assert hands.last_step == "Move a into another wire"
    hands.undo()
    assert hands.project == before


def test_pulled_out_by_a_key_a_node_is_put_aside(hands_of) -> None:
    hands = hands_of(row("Tanh"))
    select(hands, "b")
    hands.key(Key.Key_X, CTRL | SHIFT)
    assert wires(hands) == ["a>c", "c>loss", "images>a"]
    body = hands.canvas.scene.nodes["b"].body
    assert body.top() > 32
    assert hands.canvas.scene.nodes_in(body) == ["b"]
    assert hands.last_step == "Pull out b"
    said: list[str] = []
    hands.canvas.status.connect(said.append)
    hands.key(Key.Key_X, CTRL | SHIFT)
    assert said == ["No wire leads to the selected nodes from outside."]


# Joining selected nodes


def test_f_joins_two_nodes_in_the_order_in_which_they_were_selected(hands_of) -> None:
    hands = hands_of(row("GELU", "Tanh"))
    select(hands, "tanh", "gelu")
    hands.key(Key.Key_F)
    assert "tanh>gelu" in wires(hands)
    assert hands.last_step == "Join tanh → gelu"


def test_f_chains_several_from_left_to_right_and_what_is_there_stays(hands_of) -> None:
    hands = hands_of(row("GELU", "Tanh", "Dropout"))
    select(hands, "dropout", "gelu", "tanh")
    hands.key(Key.Key_F)
    assert {"gelu>tanh", "tanh>dropout"} <= set(wires(hands))
    assert hands.last_step == "Chain gelu … dropout"
    before, said = hands.project, list[str]()
    hands.canvas.status.connect(said.append)
    hands.key(Key.Key_F)
    assert hands.project is before
    assert said == ["They are joined already."]


def test_f_takes_the_first_input_that_is_free(hands_of) -> None:
    project = row("Input", "Concat", "GELU")
    hands = hands_of(project)
    for source in ("input", "c"):
        target = "loss" if source == "input" else "concat"
        select(hands, source, target)
        hands.key(Key.Key_F)
    select(hands, "gelu", "concat")
    hands.key(Key.Key_F)
    ends = {f"{e.source.node}>{e.target.port}{e.target.index}" for e in hands.project.graph.edges}
    assert {"c>inputs0", "gelu>inputs1", "input>target0"} <= ends


def test_f_refuses_a_cycle_and_says_so(hands_of) -> None:
    hands = hands_of(row())
    before, said = hands.project, list[str]()
    hands.canvas.status.connect(said.append)
    select(hands, "c", "a")
    hands.key(Key.Key_F)
    assert hands.project is before
    assert said == ["a leads to c already: a wire back would close a cycle."]
    select(hands, "a", "c")
    hands.key(Key.Key_F)
    assert said[1:] == ["c has no free input."]
    hands.click(hands.at("a"))
    hands.key(Key.Key_F)
    assert said[2:] == ["Select 2 nodes or more first."]


# Duplicate with and without incoming wires


def test_duplicates_take_in_what_the_nodes_take_in_only_with_shift(hands_of) -> None:
    hands = hands_of(row())
    select(hands, "b", "c")
    hands.key(Key.Key_D, CTRL)
    assert set(wires(hands)) - {"images>a", "a>b", "b>c", "c>loss"} == {"b1>c1"}
    hands.undo()
    select(hands, "b", "c")
    hands.key(Key.Key_D, CTRL | SHIFT)
    assert set(wires(hands)) - {"images>a", "a>b", "b>c", "c>loss"} == {"a>b1", "b1>c1"}
    assert hands.last_step == "Duplicate 2 nodes with wires"
    assert set(hands.canvas.selection) == {"b1", "c1"}


# Delete and join


def test_cut_out_of_a_row_the_neighbours_are_joined_and_paste_brings_the_nodes(hands_of) -> None:
    hands = hands_of(row())
    select(hands, "a", "b")
    hands.key(Key.Key_X, CTRL)
    assert wires(hands) == ["c>loss", "images>c"]
    assert hands.last_step == "Cut 2 nodes"
    hands.key(Key.Key_V, CTRL)
    assert wires(hands) == ["a>b", "c>loss", "images>c"]


def test_cut_nodes_that_form_no_row_leave_no_wires_behind(hands_of) -> None:
    hands = hands_of(row())
    select(hands, "a", "c")
    hands.key(Key.Key_X, CTRL)
    assert wires(hands) == []


def test_ctrl_delete_joins_the_neighbours_and_delete_alone_does_not(hands_of) -> None:
    hands = hands_of(row())
    select(hands, "b")
    hands.key(Key.Key_Delete)
    assert wires(hands) == ["c>loss", "images>a"]
    hands.undo()
    select(hands, "b")
    hands.key(Key.Key_Delete, CTRL)
    assert wires(hands) == ["a>c", "c>loss", "images>a"]
    assert hands.last_step == "Delete b and join"


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_menu_of_a_node_offers_all_of_it(hands_of) -> None:
    hands = hands_of(row())
    select(hands, "b")
    hands.key(Key.Key_Menu)
    menu = QApplication.activePopupWidget()
    inner = next(one for one in menu.actions() if one.text() == "Wires").menu()
    pull = next(one for one in inner.actions() if "Pull" in one.text())
    pull.trigger()
    menu.close()
    assert wires(hands) == ["a>c", "c>loss", "images>a"]


# Copy and paste between projects


def test_what_is_copied_in_one_project_is_pasted_into_another(hands: Hands, qtbot: QtBot) -> None:
    select(hands, "conv1", "merge")
    hands.key(Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text().startswith("{")
    session = Session()
    canvas = connected(session)
    qtbot.addWidget(canvas)
    canvas.resize(900, 600)
    with qtbot.waitExposed(canvas):
        canvas.show()
    session.new(row())
    canvas.setFocus()
    other = Hands(canvas, session)
    other.key(Key.Key_V, CTRL)
    assert "conv1>merge" in wires(other)
    assert other.project.graph.nodes["conv1"].params == hands.project.graph.nodes["conv1"].params
    canvas.close()


def test_the_pointer_says_where_pasted_nodes_go(hands: Hands) -> None:
    hands.click(hands.at("relu"))
    hands.key(Key.Key_C, CTRL)
    QTest.mouseMove(hands.port, hands.pixel(QPointF(60, 320)))
    hands.key(Key.Key_V, CTRL)
    assert hands.project.graph.nodes["relu1"].position == (60.0, 320.0)


def test_two_nodes_that_a_band_selected_are_joined_from_left_to_right(hands_of) -> None:
    """Joining two selected nodes: a band tells no order."""
    hands = hands_of(edits.move(row("GELU", "Tanh"), {"gelu": (480, 240), "tanh": (240, 260)}))
    hands.drag(hands.pixel(QPointF(220, 200)), hands.pixel(QPointF(560, 360)))
    assert set(hands.canvas.selection) == {"gelu", "tanh"}
    hands.key(Key.Key_F)
    assert hands.last_step == "Join tanh → gelu"

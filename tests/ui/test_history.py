"""The History panel and undo by real events: every step listed, any state reached, bursts that are one step,
and the view where the change happened.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTreeView, QWidget
from pytestqt.qtbot import QtBot

from studio.project import edits
from studio.project.block import within
from studio.project.graph import Edge, Endpoint, Frame, Graph, Node
from studio.project.project import Project
from studio.ui import steps as undo_steps
from studio.ui.history_rows import STATE
from studio.ui.window import MainWindow
from tests.ui.nested import nested
from tests.ui.windows import OpenWindow, find, sample

CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
LEFT = Qt.MouseButton.LeftButton


def steps(window: MainWindow) -> list[str]:
    """The names of all undo steps."""
    stack = window.session.undo_stack
    return [stack.text(at) for at in range(stack.count())]


def listed(window: MainWindow) -> list[str]:
    """What the panel lists."""
    model = window.panels.history.view.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def row(window: MainWindow, text: str) -> QModelIndex:
    model = window.panels.history.view.model()
    found = [model.index(at, 0) for at in range(model.rowCount())]
    return next(one for one in found if one.data() == text)


def states(window: MainWindow) -> list[str]:
    model = window.panels.history.view.model()
    return [model.index(at, 0).data(STATE) for at in range(model.rowCount())]


def open_history(window: MainWindow, qtbot: QtBot) -> QTreeView:
    """By its keys, as a person does."""
    QTest.keyClick(window, Qt.Key.Key_H, CTRL | ALT)
    view = window.panels.history.view
    qtbot.waitUntil(lambda: view.isVisible() and view.hasFocus())
    return view


def click(view: QTreeView, index: QModelIndex) -> None:
    view.scrollTo(index)
    QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(index).center())


def node_at(window: MainWindow, name: str) -> QPoint:
    """The middle of a node's header in the view."""
    canvas = window.panels.canvas
    body = canvas.scene.nodes[name].body
    return canvas.view.mapFromScene(QPointF(body.center().x(), body.y() + 16))


def drag(window: MainWindow, name: str, by: QPoint) -> None:
    port, start = window.panels.canvas.view.viewport(), node_at(window, name)
    QTest.mousePress(port, LEFT, pos=start)
    for part in (0.3, 0.7, 1.0):
        QTest.mouseMove(port, start + by * part)
    QTest.mouseRelease(port, LEFT, pos=start + by)


def field(window: MainWindow, name: str) -> QLineEdit:
    """The line of the inspector's page about a node that edits a parameter."""
    found = [
        one
        for one in window.panels.inspector.findChildren(QLineEdit)
        if one.accessibleName() == name and one.isVisible()
    ]
    assert len(found) == 1
    return found[0]


@pytest.fixture
def drawn(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window with a sample and three steps made by hand: a layer added, moved, and muted."""
    window.files.open_sample(sample("cnn_digits"))
    window.panels.canvas.setFocus()
    QTest.mouseClick(window.panels.canvas.view.viewport(), LEFT, pos=node_at(window, "conv1"))
    drag(window, "conv1", QPoint(0, 48))
    QTest.keyClick(window.panels.canvas.view, Qt.Key.Key_M)
    QTest.keyClick(window.panels.canvas.view, Qt.Key.Key_D, CTRL)
    assert steps(window) == ["Move conv1", "Mute conv1", "Duplicate conv1"]
    return window


# ---- the panel (row: everything undoable, with a history panel)


def test_every_step_is_listed_and_the_present_one_is_marked(drawn: MainWindow, qtbot: QtBot) -> None:
    """Undone steps stay below, marked as such, in what is drawn and in what a screen reader hears."""
    view = open_history(drawn, qtbot)
    assert listed(drawn) == ["The beginning", "Move conv1", "Mute conv1", "Duplicate conv1"]
    assert states(drawn) == ["done", "done", "done", "now"]
    QTest.keyClick(drawn, Qt.Key.Key_Z, CTRL)
    assert states(drawn) == ["done", "done", "now", "undone"]
    qtbot.waitUntil(lambda: view.currentIndex().data() == "Mute conv1")
    heard = [
        index.data(Qt.ItemDataRole.AccessibleTextRole)
        for index in (view.currentIndex(), row(drawn, "Duplicate conv1"))
    ]
    assert "as it is now" in heard[0]
    assert "Drawing" in heard[0]
    assert "undone" in heard[1]


def test_before_the_first_step_the_search_has_the_keyboard_and_the_step_takes_it_from_nobody(
    window: MainWindow, qtbot: QtBot
) -> None:
    """The list is hidden until there is a step; the panel is opened before."""
    window.files.open_sample(sample("cnn_digits"))
    QTest.keyClick(window, Qt.Key.Key_H, CTRL | ALT)
    history = window.panels.history
    qtbot.waitUntil(lambda: history.isVisible() and history.hasFocus())
    assert window.focusWidget().accessibleName() == "Search the history"
    view = window.panels.canvas.view
    QTest.mouseClick(view.viewport(), LEFT, pos=node_at(window, "conv1"))
    QTest.keyClick(view, Qt.Key.Key_M)
    qtbot.waitUntil(history.view.isVisible)
    assert view.hasFocus()
    QTest.keyClick(window, Qt.Key.Key_H, CTRL | ALT)
    assert history.view.hasFocus()


def test_a_click_goes_to_a_state_and_the_views_follow_once(drawn: MainWindow, qtbot: QtBot) -> None:
    view = open_history(drawn, qtbot)
    told: list[object] = []
    drawn.session.changed.connect(told.append)
    latest = drawn.session.project
    click(view, row(drawn, "The beginning"))
    assert drawn.session.project.graph == _sample().graph
    assert len(told) == 1
    click(view, row(drawn, "Duplicate conv1"))
    assert drawn.session.project == latest
    assert len(told) == 2
    assert sorted(drawn.panels.canvas.scene.nodes) == sorted(latest.graph.nodes)


def test_arrow_keys_and_enter_go_to_a_state(drawn: MainWindow, qtbot: QtBot) -> None:
    view = open_history(drawn, qtbot)
    qtbot.waitUntil(lambda: view.currentIndex().data() == "Duplicate conv1")
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert drawn.session.undo_stack.index() == 3
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert drawn.session.undo_stack.index() == 1
    assert not drawn.session.project.graph.nodes["conv1"].muted
    QTest.keyClick(view, Qt.Key.Key_End)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert drawn.session.project.graph.nodes["conv1"].muted


def test_the_search_line_filters_and_enter_goes_there(drawn: MainWindow, qtbot: QtBot) -> None:
    view = open_history(drawn, qtbot)
    search = find(drawn.panels.history, QLineEdit, "Search the history")
    QTest.mouseClick(search, LEFT)
    QTest.keyClicks(search, "mute")
    assert listed(drawn) == ["Mute conv1"]
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert drawn.session.undo_stack.index() == 2
    QTest.keyClicks(search, "xyz")
    assert listed(drawn) == []
    assert not view.isVisible()
    QTest.keyClick(search, Qt.Key.Key_Escape)
    assert len(listed(drawn)) == 4
    assert states(drawn) == ["done", "done", "now", "undone"]


def test_the_saved_state_is_marked(drawn: MainWindow, qtbot: QtBot, tmp_path) -> None:
    drawn.session.save(tmp_path / "mine.loom")
    QTest.keyClick(drawn, Qt.Key.Key_Z, CTRL)
    heard = [row(drawn, name).data(Qt.ItemDataRole.AccessibleTextRole) for name in steps(drawn)]
    assert ["saved" in one for one in heard] == [False, False, True]
    open_history(drawn, qtbot)
    click(drawn.panels.history.view, row(drawn, "Duplicate conv1"))
    assert not drawn.session.dirty


def test_a_new_edit_takes_the_place_of_what_was_undone(drawn: MainWindow, qtbot: QtBot) -> None:
    view = open_history(drawn, qtbot)
    click(view, row(drawn, "Move conv1"))
    drag(drawn, "conv2", QPoint(0, 40))
    assert listed(drawn) == ["The beginning", "Move conv1", "Move conv2"]
    assert states(drawn) == ["done", "done", "now"]


def test_an_empty_history_says_what_will_be_there(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_H, CTRL | ALT)
    qtbot.waitUntil(window.panels.history.isVisible)
    words = [one.text() for one in window.panels.history.findChildren(QWidget) if hasattr(one, "text")]
    assert "No steps yet" in words


def _sample() -> Project:
    from studio.project.storage import load

    return load(sample("cnn_digits"))


# ---- bursts (row: bursts merge)


def test_a_drag_is_one_step_and_another_drag_another(drawn: MainWindow) -> None:
    before = len(steps(drawn))
    drag(drawn, "conv2", QPoint(0, 40))
    drag(drawn, "conv2", QPoint(0, 40))
    assert steps(drawn)[before:] == ["Move conv2", "Move conv2"]


def test_nudges_are_one_step_until_a_pause(drawn: MainWindow, qtbot: QtBot) -> None:
    view = drawn.panels.canvas.view
    QTest.mouseClick(view.viewport(), LEFT, pos=node_at(drawn, "conv2"))
    before = len(steps(drawn))
    for _ in range(4):
        QTest.keyClick(view, Qt.Key.Key_Down, CTRL)
    assert steps(drawn)[before:] == ["Move conv2"]
    qtbot.wait(1000)
    QTest.keyClick(view, Qt.Key.Key_Down, CTRL)
    assert steps(drawn)[before:] == ["Move conv2", "Move conv2"]


def test_typing_and_spinning_in_a_field_are_one_step_a_visit(drawn: MainWindow) -> None:
    view = drawn.panels.canvas.view
    QTest.mouseClick(view.viewport(), LEFT, pos=node_at(drawn, "conv2"))
    before = len(steps(drawn))
    line = field(drawn, "out_channels")
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "128")
    for _ in range(3):
        QTest.keyClick(line, Qt.Key.Key_Up)
    at = QPointF(line.rect().center())
    for _ in range(3):
        wheel = QWheelEvent(
            at, line.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(line, wheel)
    assert drawn.session.project.graph.nodes["conv2"].params["out_channels"] == 134
    assert steps(drawn)[before:] == ["Set out_channels of conv2"]
    QTest.keyClick(line, Qt.Key.Key_Return)
    QTest.keyClick(line, Qt.Key.Key_Up)
    assert steps(drawn)[before:] == ["Set out_channels of conv2"] * 2
    QTest.keyClick(view, Qt.Key.Key_Z, CTRL)
    assert drawn.session.project.graph.nodes["conv2"].params["out_channels"] == 134


def test_a_note_is_one_step_until_a_pause(drawn: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    QTest.mouseClick(drawn.panels.canvas.view.viewport(), LEFT, pos=node_at(drawn, "conv2"))
    note = find(drawn.panels.inspector, QPlainTextEdit, "Note")
    note.setFocus()
    before = len(steps(drawn))
    QTest.keyClicks(note, "why")
    assert steps(drawn)[before:] == ["Note on conv2"]
    monkeypatch.setattr(undo_steps, "PAUSE_S", 0.05)
    time.sleep(0.1)
    QTest.keyClick(note, Qt.Key.Key_X)
    assert steps(drawn)[before:] == ["Note on conv2"] * 2
    assert drawn.session.project.graph.nodes["conv2"].note == "whyx"


def test_an_undo_ends_a_burst(drawn: MainWindow) -> None:
    """What is typed on after an undo is no part of what was typed before it."""
    QTest.mouseClick(drawn.panels.canvas.view.viewport(), LEFT, pos=node_at(drawn, "conv2"))
    line = field(drawn, "out_channels")
    line.setFocus()
    line.selectAll()
    before = len(steps(drawn))
    QTest.keyClicks(line, "12")
    drawn.session.commit(edits.set_training(drawn.session.project, epochs=3), "Set epochs")
    drawn.actions_by_name["edit.undo"].trigger()
    QTest.keyClicks(line, "8")
    assert steps(drawn)[before:] == ["Set out_channels of conv2"] * 2


# ---- the view goes where the change happened


def far_off(window: MainWindow) -> None:
    """Look where nothing is, with nothing selected."""
    window.panels.canvas.select(())
    window.panels.canvas.view.center_at(QPointF(9000, 9000))


def sees(window: MainWindow, name: str) -> bool:
    canvas = window.panels.canvas
    return canvas.view.seen().intersects(canvas.scene.nodes[name].body)


def undo(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)


EDITS: dict[str, Callable[[Project], Project]] = {
    "a node moved": lambda project: edits.move(project, {"conv1": (0.0, 900.0)}),
    "a value set": lambda project: edits.set_params(project, "conv1", {"out_channels": 3}),
    "a node gone": lambda project: edits.delete(project, ["conv1"]),
    "a wire gone": lambda project: edits.disconnect(project, project.graph.incoming("conv1")[0]),
    "muted": lambda project: edits.set_muted(project, ["conv1"], True),
}


@pytest.mark.parametrize("edit", EDITS)
def test_undo_looks_at_the_node(window: MainWindow, edit: str) -> None:
    window.files.open_sample(sample("cnn_digits"))
    window.session.commit_drawing(EDITS[edit](window.session.drawing), edit)
    far_off(window)
    undo(window)
    assert sees(window, "conv1")
    if edit in ("a value set", "a node gone", "muted"):
        assert window.panels.canvas.selection == ("conv1",)


def test_undo_looks_where_a_node_came_from_nothing(window: MainWindow) -> None:
    """A node that was added is gone again: the view goes to where it was."""
    window.files.open_sample(sample("cnn_digits"))
    project, _ = edits.add_node(window.session.drawing, "ReLU", (0.0, 3000.0), {}, "far")
    window.session.commit_drawing(project, "Add far")
    far_off(window)
    undo(window)
    assert window.panels.canvas.view.seen().contains(QPointF(10.0, 3010.0))


def test_undo_looks_at_a_frame(window: MainWindow) -> None:
    window.files.open_sample(sample("cnn_digits"))
    graph = window.session.drawing.graph.with_marks(Frame("f", "Encoder", position=(0.0, 3000.0)))
    window.session.commit_drawing(window.session.drawing.with_graph(graph), "Frame")
    far_off(window)
    undo(window)
    assert window.panels.canvas.view.seen().contains(QPointF(10.0, 3010.0))


def test_undo_brings_the_panel_of_a_setting_to_the_front(window: MainWindow, qtbot: QtBot) -> None:
    window.files.open_sample(sample("cnn_digits"))
    session, docks = window.session, window.docks
    session.commit(edits.set_data(session.project, validation=0.3), "Set validation")
    session.commit(edits.set_training(session.project, epochs=3), "Set epochs")
    session.commit(edits.set_params(session.project, "conv1", {"out_channels": 3}), "Set out_channels")
    docks["help"].raise_()
    qtbot.waitUntil(lambda: window.panels.help.isVisible())
    for panel in ("node", "training", "data"):
        undo(window)
        qtbot.waitUntil(lambda panel=panel: docks[panel].widget().isVisible())


def test_undo_of_the_project_s_own_shows_its_page(window: MainWindow, qtbot: QtBot) -> None:
    """Name, notes and constants are shown where no node is chosen, in the main drawing."""
    window.session.new(nested())
    title = find(window.panels.inspector, QLineEdit, "Project name")
    title.setFocus()
    title.selectAll()
    QTest.keyClicks(title, "other")
    QTest.keyClick(title, Qt.Key.Key_Return)
    block = next(node.name for node in nested().graph.nodes.values() if node.type.startswith("block:"))
    window.session.look((block,))
    window.docks["help"].raise_()
    undo(window)
    assert window.session.focus == ()
    qtbot.waitUntil(title.isVisible)
    assert title.text() == nested().name


def test_undo_enters_the_block_and_looks_at_the_node(window: MainWindow) -> None:
    window.session.new(nested())
    name, type = next((n.name, n.type) for n in nested().graph.nodes.values() if n.type.startswith("block:"))
    block = type.removeprefix("block:")
    inner = next(iter(nested().blocks[block].graph.nodes))
    window.session.look((name,))
    drawing = within(window.session.project, block, lambda seen: edits.move(seen, {inner: (5000.0, 5000.0)}))
    window.session.commit(drawing, "Move")
    window.session.look(())
    undo(window)
    assert window.session.block == block
    assert sees(window, inner)
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
    assert sees(window, inner)


# ---- without limit


def test_a_thousand_steps_back_at_a_thousand_nodes(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window()
    window.session.new(_large(1000))
    for at in range(1000):
        name = f"n{at}"
        x, y = window.session.project.graph.nodes[name].position
        window.session.commit_drawing(edits.move(window.session.drawing, {name: (x + 4, y)}), f"Move {name}")
    view = open_history(window, qtbot)
    assert len(listed(window)) == 1001
    click(view, row(window, "The beginning"))
    assert window.session.project == _large(1000)
    click(view, row(window, "Move n999"))
    assert window.session.project != _large(1000)


def _large(count: int) -> Project:
    nodes = {
        f"n{at}": Node(f"n{at}", "Linear", {"out_features": 8}, (240.0 * (at % 40), 120.0 * (at // 40)))
        for at in range(count)
    }
    wires = (Edge(Endpoint(f"n{at}", "output"), Endpoint(f"n{at + 1}", "input")) for at in range(count - 1))
    return Project(name="large", graph=Graph(nodes, tuple(wires)))

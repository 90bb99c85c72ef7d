"""What a screen reader gets: the accessibility tree of the whole window, walked as screen readers walk it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTreeWidget, QWidget
from pytestqt.qtbot import QtBot

from studio.project import edits
from studio.ui.canvas import accessible
from studio.ui.preferences_dialog import PreferencesDialog
from studio.ui.window import MainWindow
from tests.ui.walk_spoken import ACTED_ON, Role, Spoken, Text, spoken, told
from tests.ui.windows import LONG, OpenWindow, sample

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


@pytest.fixture
def digits(open_window: OpenWindow, qtbot: QtBot) -> MainWindow:
    """The sample cnn_digits, checked."""
    window = open_window(sample("cnn_digits"))
    qtbot.waitUntil(lambda: window.session.checked is not None, timeout=LONG)
    return window


@pytest.fixture
def listening() -> Iterator[None]:
    """As while a screen reader runs."""
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


def unnamed(things: list[Spoken]) -> list[Spoken]:
    """What people can act on now and no one can name."""
    return [one for one in things if one.shown and one.role in ACTED_ON and not one.name.strip()]


def nodes_of(window: MainWindow) -> dict[str, QAccessibleInterface]:
    """The interfaces of the drawing's nodes, by their names."""
    drawing = QAccessible.queryAccessibleInterface(window.panels.canvas.view)
    found = [drawing.child(at) for at in range(drawing.childCount())]
    return {one.text(Text.Name).partition(",")[0]: one for one in found}


def current(window: MainWindow) -> str:
    """What the drawing says has the keyboard."""
    child = QAccessible.queryAccessibleInterface(window.panels.canvas.view).focusChild()
    return child.text(Text.Name) if child else ""


def test_everything_that_people_act_on_has_a_name(digits: MainWindow) -> None:
    digits.panels.canvas.select(["conv1"])
    for dock in digits.docks.all():
        digits.docks.reveal(dock.objectName())
        QApplication.processEvents()
        things = spoken(digits)
        assert len(things) > 200
        assert unnamed(things) == [], dock.objectName()


def test_preferences_have_names_too(digits: MainWindow) -> None:
    QTest.keyClick(digits, Key.Key_Comma, CTRL)
    dialog = digits.findChild(PreferencesDialog)
    for page in range(dialog.pages.count()):
        dialog.pages.setCurrentIndex(page)
        cells = (Role.Cell, Role.TreeItem)
        assert [one for one in unnamed(spoken(dialog)) if one.role not in cells] == []


def test_what_labels_say_is_heard(digits: MainWindow) -> None:
    """A label's name must not hide its text."""
    digits.panels.canvas.select(["conv1"])
    QApplication.processEvents()
    for label in digits.findChildren(QLabel):
        text = " ".join(re.sub("<[^>]*>|&nbsp;", " ", label.text()).replace("&", "").split())
        if label.isVisible() and text and not text.startswith(("●", "○")):
            interface = QAccessible.queryAccessibleInterface(label)
            said = interface.text(Text.Name) + interface.text(Text.Description)
            assert text in " ".join(said.replace("&", "").split()), label


def test_every_node_is_found_with_its_type_shape_and_values(digits: MainWindow) -> None:
    """A screen reader hears name, type, shapes, problems."""
    found = nodes_of(digits)
    graph = digits.session.project.graph
    assert list(found) == ["image", "conv1", "norm1", "relu1", "conv2", "norm2", "relu2", "pool", "flatten",
                           "dropout", "scores", "loss"]  # fmt: skip
    assert set(found) == set(graph.nodes)
    for name, node in found.items():
        assert node.role() == Role.ListItem
        assert f", {graph.nodes[name].type}" in node.text(Text.Name)
    conv = told(found["conv1"])
    assert conv.name == "conv1, Conv2d, output 32×8×8"
    assert "input ← image, 1×8×8" in conv.description
    assert "out_channels 32" in conv.description
    inner = [told(found["conv1"].child(at)) for at in range(found["conv1"].childCount())]
    assert ("Wire image → conv1, 1×8×8", Role.Link) in {(one.name, one.role) for one in inner}
    assert {one.name: one.value for one in inner}["out_channels 32"] == "32"


def test_problems_are_heard_where_they_are(digits: MainWindow, qtbot: QtBot) -> None:
    session = digits.session
    session.commit(
        edits.set_params(session.project, "conv1", {"kernel_size": 99, "padding": 0}), "Set kernel_size"
    )
    qtbot.waitUntil(lambda: session.checked is not None and bool(session.checked.errors), timeout=LONG)
    problem = session.checked.errors[0]
    name = told(nodes_of(digits)[problem.node]).name
    assert problem.message in name
    assert "problem" in name


def test_values_of_fields_reach_the_tree(digits: MainWindow, qtbot: QtBot) -> None:
    digits.panels.canvas.select(["conv1"])
    fields = digits.panels.inspector.findChildren(QWidget)
    takes = Qt.FocusPolicy.TabFocus
    (field,) = (one for one in fields if one.accessibleName() == "out_channels" and one.focusPolicy() & takes)
    interface = QAccessible.queryAccessibleInterface(field)
    assert told(interface).value == "32"
    field.setFocus()
    QTest.keyClick(field, Key.Key_A, CTRL)
    QTest.keyClicks(field, "48")
    QTest.keyClick(field, Key.Key_Return)
    assert told(interface).value == "48"
    assert "out_channels 48" in told(nodes_of(digits)["conv1"]).description
    values = {one.name: one.value for one in spoken(digits.panels.inspector)}
    assert values["kernel_size"] == "3"


def test_walking_by_keys_is_heard(digits: MainWindow) -> None:
    """Keyboard only: what is walked to has the focus in the tree, and its shape is said."""
    digits.panels.canvas.setFocus()
    heard = []
    for key in (Key.Key_Right, Key.Key_Right, Key.Key_W):
        QTest.keyClick(digits.panels.canvas.view, key)
        heard.append(current(digits))
    assert heard == [
        "image, Input, output 1×8×8",
        "conv1, Conv2d, output 32×8×8",
        "Wire image → conv1, 1×8×8",
    ]
    digits.panels.canvas.select(["conv1"])
    state = nodes_of(digits)["conv1"].state()
    assert state.focused
    assert state.selected
    other = nodes_of(digits)["pool"].state()
    assert not other.focused
    assert not other.selected
    digits.panels.palette.focus_search()
    assert not nodes_of(digits)["conv1"].state().focused
    assert current(digits) == ""


def test_screen_readers_are_told_of_focus_new_names_and_what_went(
    digits: MainWindow, listening: None, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    heard: list[tuple[str, str]] = []

    def made(of: QAccessibleInterface, event: QAccessible.Event) -> QAccessibleEvent:
        heard.append((event.name, of.text(Text.Name).partition(",")[0]))
        return QAccessibleEvent(of, event)

    monkeypatch.setattr(accessible, "QAccessibleEvent", made)
    canvas, session = digits.panels.canvas, digits.session
    canvas.setFocus()
    canvas.select(["pool"])
    qtbot.waitUntil(lambda: ("Focus", "pool") in heard, timeout=LONG)
    session.commit(edits.set_params(session.project, "pool", {"kernel_size": 4}), "Set kernel_size")
    qtbot.waitUntil(lambda: ("NameChanged", "pool") in heard, timeout=LONG)
    QTest.keyClick(canvas.view, Key.Key_Delete)
    assert heard[-1][0] == "ObjectDestroyed"
    session.undo_stack.undo()
    assert ("ObjectCreated", "pool") in heard


def test_a_node_that_is_gone_says_so_and_nothing_breaks(digits: MainWindow) -> None:
    """A screen reader may hold on to what it asked for."""
    kept = nodes_of(digits)["norm1"]
    child = kept.child(0)
    other = nodes_of(digits)["relu1"]
    digits.panels.canvas.editor.rename("relu1", "act")
    assert not other.isValid() or other.text(Text.Name) == ""
    assert set(nodes_of(digits)) >= {"act", "norm1"}
    assert kept.isValid()
    assert child.text(Text.Name).startswith("Wire conv1")
    digits.session.undo_stack.undo()
    assert "relu1" in nodes_of(digits)


def test_pressing_a_node_selects_it(digits: MainWindow) -> None:
    pool = nodes_of(digits)["pool"]
    action = pool.actionInterface()
    assert action.actionNames() == ["Press"]
    action.doAction("Press")
    assert digits.panels.canvas.selection == ("pool",)
    wire = pool.child(0)
    wire.actionInterface().doAction("Press")
    assert [edge.target.node for edge in digits.panels.canvas.scene.chosen_edges] == ["pool"]
    assert pool.valueInterface() is None
    assert pool.tableCellInterface() is None


def test_what_lies_at_a_point_is_found(digits: MainWindow) -> None:
    drawing = QAccessible.queryAccessibleInterface(digits.panels.canvas.view)
    for name, node in nodes_of(digits).items():
        middle = node.rect().center()
        found = drawing.childAt(middle.x(), middle.y())
        assert found.text(Text.Name).startswith(name)


def test_frames_and_notes_are_read(digits: MainWindow) -> None:
    canvas = digits.panels.canvas
    canvas.setFocus()
    canvas.select(["conv1", "norm1"])
    QTest.keyClick(canvas.view, Key.Key_F, SHIFT)
    drawing = QAccessible.queryAccessibleInterface(canvas.view)
    last = drawing.child(drawing.childCount() - 1)
    assert last.role() == Role.Grouping
    assert last.text(Text.Name).startswith("Frame")
    assert not last.rect().isEmpty()


def test_tab_goes_through_every_part_and_each_stop_has_a_name(digits: MainWindow) -> None:
    """Keyboard only: no dead end; the canvas alone keeps Tab, and F6 and Shift+Tab leave it."""
    digits.panels.palette.focus_search()
    stops: list[QWidget] = []
    for _ in range(80):
        widget = QApplication.focusWidget()
        assert widget is not None
        if widget is digits.panels.canvas.view or widget in stops:
            break
        stops.append(widget)
        QTest.keyClick(widget, Key.Key_Tab)
    assert QApplication.focusWidget() in (digits.panels.canvas.view, stops[0])
    kinds = {type(one).__name__ for one in stops}
    assert {"_Search", "PaletteTree"} <= kinds
    assert len(stops) > 10
    for stop in stops:
        assert stop.isVisible()
        interface = QAccessible.queryAccessibleInterface(stop)
        assert interface.text(Text.Name) or interface.text(Text.Description), stop


def test_tab_goes_through_the_fields_in_the_order_that_is_seen(digits: MainWindow) -> None:
    """Keyboard only: Tab goes through the fields, also of a form that was made just now."""
    for name in ("pool", "conv1"):
        digits.panels.canvas.select([name])
        QApplication.processEvents()
    digits.docks.reveal("node")
    (title,) = (one for one in digits.panels.inspector.findChildren(QLineEdit) if one.isVisible() and
                one.accessibleName() == "Name")  # fmt: skip
    title.setFocus()
    walked = []
    while digits.panels.inspector.isAncestorOf(QApplication.focusWidget()) and len(walked) < 40:
        walked.append(QApplication.focusWidget().accessibleName())
        QTest.keyClick(QApplication.focusWidget(), Key.Key_Tab)
    places = [
        walked.index(one) for one in ("Name", "out_channels", "kernel_size", "stride", "padding", "Note")
    ]
    assert places == sorted(places)
    QTest.keyClick(QApplication.focusWidget(), Key.Key_Backtab, SHIFT)
    assert QApplication.focusWidget().accessibleName() == walked[-1]


def test_shift_tab_leaves_the_canvas(digits: MainWindow) -> None:
    digits.panels.canvas.setFocus()
    for _ in range(4):  # past the way to the block that is looked at
        QTest.keyClick(QApplication.focusWidget(), Key.Key_Backtab, SHIFT)
    assert not digits.panels.canvas.isAncestorOf(QApplication.focusWidget())


def test_the_layers_are_reached_and_placed_by_keys_alone(digits: MainWindow) -> None:
    digits.panels.canvas.setFocus()
    QTest.keyClick(QApplication.focusWidget(), Key.Key_F6)
    search = QApplication.focusWidget()
    assert isinstance(search, QLineEdit)
    QTest.keyClicks(search, "gelu")
    QTest.keyClick(search, Key.Key_Return)
    assert "gelu" in digits.session.project.graph.nodes
    assert digits.findChild(QTreeWidget) is not None

"""The keys of every command: listed, searched, changed, kept, and refused where they cannot be taken."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QTabBar,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from studio.ui.canvas.gesture_table import fixed_keys, mouse_table
from studio.ui.preferences import Preferences
from studio.ui.preferences_dialog import PreferencesDialog
from studio.ui.window import MainWindow
from tests.ui.windows import OpenWindow, find, sample

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
Key = Qt.Key


class Page:
    """The page of the keys, used by mouse and keyboard."""

    def __init__(self, window: MainWindow) -> None:
        QTest.keyClick(window, Key.Key_Comma, CTRL)
        self.dialog = window.findChild(PreferencesDialog)
        assert self.dialog is not None
        bar = self.dialog.pages.tabBar()
        last = bar.tabRect(bar.count() - 1).center()
        QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=last)
        self.tree = find(self.dialog, QTreeWidget, "Commands and their keys")
        self.search = find(self.dialog, QLineEdit, "Search commands by name")
        self.pressed = find(self.dialog, QKeySequenceEdit, "Search by pressing keys")
        self.keys = find(self.dialog, QKeySequenceEdit, "New keys")
        self.told = self.dialog.findChild(QLabel, "verdict")

    def rows(self) -> list[QTreeWidgetItem]:
        """The commands on show."""
        heads = [self.tree.topLevelItem(at) for at in range(self.tree.topLevelItemCount())]
        rows = [head.child(at) for head in heads for at in range(head.childCount())]
        return [row for row in rows if not row.isHidden() and not row.parent().isHidden()]

    def choose(self, text: str) -> QTreeWidgetItem:
        row = next(row for row in self.rows() if row.text(0) == text)
        self.tree.scrollToItem(row)
        at = self.tree.visualItemRect(row).center()
        QTest.mouseClick(self.tree.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, at.y()))
        assert self.tree.currentItem() is row
        return row

    def press(self, field: QWidget, key: Key, modifiers: Qt.KeyboardModifier = CTRL) -> None:
        inner = field.findChild(QLineEdit)
        QTest.mouseClick(inner, Qt.MouseButton.LeftButton)
        QTest.keyClick(field, key, modifiers)

    def button(self, tip: str) -> QPushButton:
        return next(one for one in self.dialog.findChildren(QPushButton) if one.toolTip().startswith(tip))

    def click(self, tip: str) -> None:
        QTest.mouseClick(self.button(tip), Qt.MouseButton.LeftButton)


SET, ADD, CLEAR = "Give these keys to the command, alone", "Give these keys to the command, too", "Leave"
RESET, RESET_ALL = "Give the first keys back", "Give every command"


@pytest.fixture
def page(window: MainWindow) -> Page:
    return Page(window)


def keys_of(window: MainWindow, name: str) -> list[str]:
    return [one.toString() for one in window.actions_by_name[name].shortcuts()]


def test_every_command_is_listed_with_its_keys_and_the_mouse_too(page: Page, window: MainWindow) -> None:
    shown = {(row.text(0), row.text(1)) for row in page.rows()}
    assert ("Duplicate", "Ctrl+D") in shown
    assert len([row for row in page.rows() if row.data(0, Qt.ItemDataRole.UserRole)]) == len(
        window.actions_by_name.all()
    )
    for how, what in (*fixed_keys(), *mouse_table()):
        assert (what, how) in shown


def test_commands_are_found_by_name_and_by_pressing_their_keys(page: Page) -> None:
    QTest.keyClicks(page.search, "duplic")
    assert {row.text(0) for row in page.rows()} >= {"Duplicate"}
    assert all("uplic" in row.text(0) for row in page.rows())
    page.search.clear()
    page.press(page.pressed, Key.Key_G)
    assert [row.text(0) for row in page.rows()] == ["Block › Make a block"]


def test_new_keys_work_at_once_everywhere_and_after_a_restart(
    page: Page, window: MainWindow, open_window: OpenWindow
) -> None:
    """Shortcuts can be changed in Preferences."""
    action = window.actions_by_name["edit.duplicate"]
    row = page.choose("Duplicate")
    page.press(page.keys, Key.Key_J, CTRL | SHIFT)
    assert "is free" in page.told.text()
    page.click(ADD)
    page.press(page.keys, Key.Key_J, CTRL | ALT)
    page.click(ADD)
    assert keys_of(window, "edit.duplicate") == ["Ctrl+D", "Ctrl+Shift+J", "Ctrl+Alt+J"]
    page.press(page.keys, Key.Key_J, CTRL)
    page.click(SET)
    assert keys_of(window, "edit.duplicate") == ["Ctrl+J"]
    assert (row.text(1), row.text(2)) == ("Ctrl+J", "Ctrl+D")
    page.dialog.close()
    canvas = window.panels.canvas
    canvas.place("ReLU")
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    canvas.setFocus()
    assert action.toolTip().endswith("(Ctrl+J)")
    QTest.keyClick(canvas.view, Key.Key_J, CTRL)
    assert len(window.session.project.graph.nodes) == 2
    assert json.loads(Preferences().path.read_text())["shortcuts"] == {"edit.duplicate": ["Ctrl+J"]}
    assert keys_of(open_window(), "edit.duplicate") == ["Ctrl+J"]


def test_the_command_palette_and_help_say_the_new_keys(page: Page, window: MainWindow) -> None:
    page.choose("Duplicate")
    page.press(page.keys, Key.Key_J)
    page.click(SET)
    page.dialog.close()
    window.actions_by_name["help.keys"].trigger()
    text = find(window, QTextBrowser, "Keyboard shortcuts").toPlainText()
    assert "Ctrl+J" in text
    assert "Ctrl+D\n" not in text
    assert "Cut wires with a knife" in text


def test_keys_in_use_are_told_with_both_names_and_can_be_taken_over(page: Page, window: MainWindow) -> None:
    page.choose("Duplicate")
    page.press(page.keys, Key.Key_S)
    assert "“Save”" in page.told.text()
    assert "“Duplicate”" in page.told.text()
    assert "Take over" in page.button(SET).text()
    page.click(SET)
    assert keys_of(window, "edit.duplicate") == ["Ctrl+S"]
    assert keys_of(window, "file.save") == []
    page.choose("Save")
    page.click(RESET)
    assert "Duplicate" in page.told.text()
    assert keys_of(window, "file.save") == ["Ctrl+S"]
    assert keys_of(window, "edit.duplicate") == []


def test_keys_are_cleared_and_all_come_back(page: Page, window: MainWindow) -> None:
    page.choose("Duplicate")
    page.click(CLEAR)
    assert keys_of(window, "edit.duplicate") == []
    assert json.loads(Preferences().path.read_text())["shortcuts"] == {"edit.duplicate": []}
    page.click(RESET_ALL)
    assert keys_of(window, "edit.duplicate") == ["Ctrl+D"]
    assert json.loads(Preferences().path.read_text())["shortcuts"] == {}


@pytest.mark.parametrize("key", [Key.Key_Left, Key.Key_Escape, Key.Key_Space])
def test_fixed_keys_are_refused_with_the_reason(page: Page, window: MainWindow, key: Key) -> None:
    page.choose("Duplicate")
    page.press(page.keys, key, Qt.KeyboardModifier.NoModifier)
    assert "stays as it is" in page.told.text()
    assert not page.button(SET).isEnabled()
    assert page.dialog.isVisible()


def test_what_stays_as_it_is_cannot_be_changed(page: Page) -> None:
    QTest.keyClicks(page.search, "knife")
    page.choose("Cut wires with a knife")
    assert "stays as it is" in page.told.text()
    assert not any(page.button(tip).isEnabled() for tip in (SET, ADD, CLEAR, RESET))


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ({"edit.duplicate": ["Strg+J"]}, "no key"),
        ({"edit.duplicate": "Ctrl+J"}, "list"),
        ({"edit.duplicate": [3]}, "text"),
        ({"edit.duplicate": ["Ctrl+J"] * 99}, "list"),
        ({"edit.duplicate": ["Escape"]}, "stays as it is"),
        ({"edit.gone": ["Ctrl+J"]}, "no such command"),
        ({"edit.copy": ["Ctrl+J"], "edit.duplicate": ["Ctrl+J"]}, "edit.copy"),
    ],
)
def test_bad_stored_keys_are_told_once_and_the_first_ones_stay(
    open_window: OpenWindow, stored: object, said: str
) -> None:
    Preferences().set("shortcuts", stored)  # type: ignore[arg-type]
    first = open_window()
    assert keys_of(first, "edit.duplicate") == ["Ctrl+D"]
    assert any(said in text for text in told_in(first))
    assert told_in(open_window()) == []


@pytest.mark.parametrize("stored", [7, ["Ctrl+J"], "x", None])
def test_what_is_no_table_of_keys_counts_as_none(open_window: OpenWindow, stored: object) -> None:
    Preferences().set("shortcuts", stored)  # type: ignore[arg-type]
    window = open_window()
    assert keys_of(window, "edit.duplicate") == ["Ctrl+D"]


def test_own_keys_go_before_the_first_ones_of_others(open_window: OpenWindow) -> None:
    Preferences().set("shortcuts", {"edit.duplicate": ["Ctrl+S"]})
    window = open_window()
    assert keys_of(window, "edit.duplicate") == ["Ctrl+S"]
    assert keys_of(window, "file.save") == []
    assert told_in(window) == []


def test_no_two_commands_share_keys_and_none_hides_a_menu(window: MainWindow) -> None:
    """Shortcuts follow the platform: Alt and a letter opens a menu."""
    shortcuts, actions = window.commands.shortcuts, window.actions_by_name
    for name in actions.named():
        assert shortcuts.clashes(name, shortcuts.keys(name)) == [], name
    for action in actions.all():
        for keys in action.shortcuts():
            for at in range(keys.count()):
                held, key = keys[at].keyboardModifiers(), keys[at].key()
                assert not (held == ALT and Key.Key_A <= key <= Key.Key_Z), action.text()


def test_letters_in_a_menu_are_told_apart(window: MainWindow) -> None:
    clashing = {}
    for title, entries in menus(window).items():
        letters = defaultdict(list)
        for text in entries:
            mnemonic = QKeySequence.mnemonic(text).toString()
            if mnemonic:
                letters[mnemonic].append(text)
        clashing |= {(title, key): texts for key, texts in letters.items() if len(texts) > 1}
    assert clashing == {}


def test_standard_keys_are_those_of_the_platform(window: MainWindow) -> None:
    for name, standard in (
        ("file.open", QKeySequence.StandardKey.Open),
        ("edit.copy", QKeySequence.StandardKey.Copy),
        ("edit.undo", QKeySequence.StandardKey.Undo),
        ("edit.find", QKeySequence.StandardKey.Find),
    ):
        assert window.actions_by_name[name].shortcut() in QKeySequence.keyBindings(standard)
    roles = {name: window.actions_by_name[name].menuRole() for name in ("edit.preferences", "file.quit")}
    assert list(roles.values()) == [QAction.MenuRole.PreferencesRole, QAction.MenuRole.QuitRole]


def test_the_theme_is_chosen_in_the_preferences(window: MainWindow) -> None:
    from PySide6.QtWidgets import QComboBox

    QTest.keyClick(window, Key.Key_Comma, CTRL)
    box = find(window.findChild(PreferencesDialog), QComboBox, "Theme")
    box.setFocus()
    QTest.keyClick(box, Key.Key_Down)
    assert window.appearance.choice == "light"
    assert window.actions_by_name["view.theme.light"].isChecked()


def test_f6_walks_from_the_canvas_to_every_part_and_back(open_window: OpenWindow) -> None:
    """Keyboard only: panels."""
    window = open_window(sample("cnn_digits"))
    window.panels.canvas.setFocus()
    names, back = [], []
    for _ in range(8):
        QTest.keyClick(QApplication.focusWidget(), Key.Key_F6)
        names.append(part_of(window))
    count = names.index("Canvas") + 1
    assert {"Canvas", "Layers", "Node", "Curves", "Toolbar"} <= set(names[:count])
    for _ in range(count):
        QTest.keyClick(QApplication.focusWidget(), Key.Key_F6, SHIFT)
        back.append(part_of(window))
    assert window.panels.canvas.view.hasFocus() or back[0] != names[0]


def test_the_keyboard_comes_back_to_where_it_was_in_a_part(open_window: OpenWindow) -> None:
    window = open_window(sample("cnn_digits"))
    search = window.panels.palette.findChild(QLineEdit)
    window.panels.palette.findChild(QTreeWidget).setFocus()
    window.panels.canvas.setFocus()
    QTest.keyClick(QApplication.focusWidget(), Key.Key_F6)
    assert window.panels.palette.findChild(QTreeWidget).hasFocus()
    assert not search.hasFocus()


def part_of(window: MainWindow) -> str:
    widget = QApplication.focusWidget()
    assert widget is not None
    if window.panels.canvas.isAncestorOf(widget):
        return "Canvas"
    if window.toolbar.isAncestorOf(widget):
        return "Toolbar"
    if isinstance(widget, QTabBar):
        return widget.tabText(widget.currentIndex())
    return next(dock.plain_title for dock in window.docks.all() if dock.isAncestorOf(widget))


def menus(window: MainWindow) -> dict[str, list[str]]:
    """The texts in each menu, and the titles of the menus themselves."""
    found = {"menus": [action.text() for action in window.menuBar().actions()]}
    waiting = [action.menu() for action in window.menuBar().actions()]
    while waiting:
        menu = waiting.pop()
        assert isinstance(menu, QMenu)
        entries = [action for action in menu.actions() if not action.isSeparator()]
        found[menu.title()] = [action.text() for action in entries]
        waiting += [action.menu() for action in entries if action.menu() is not None]
    return found


def told_in(window: MainWindow) -> list[str]:
    """What the window said about keys."""
    labels = [label.text() for label in window.messages.findChildren(QLabel)]
    return [text for text in labels if "keys" in text or "command" in text or "key" in text]

"""The window as a person uses it: every command works, panels come and go, messages, themes, pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from studio.errors import StudioError
from studio.ui.commands import CommandPalette
from studio.ui.layout import Layout
from studio.ui.preferences import Preferences
from studio.ui.window import MainWindow
from tests.ui.windows import LONG, OpenWindow, find, sample


def menu_actions(window: MainWindow) -> list[QAction]:
    """Every entry of every menu."""
    found: list[QAction] = []
    menus = [action.menu() for action in window.menuBar().actions()]
    while menus:
        menu = menus.pop()
        assert isinstance(menu, QMenu)
        for action in menu.actions():
            inner = action.menu()
            if inner is not None:
                menus.append(inner)
            elif not action.isSeparator():
                found.append(action)
    return found


def close_dialogs() -> None:
    """Close whatever waits for an answer."""
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            widget.reject()


def test_menus_are_as_promised(window: MainWindow) -> None:
    titles = [action.text().replace("&", "") for action in window.menuBar().actions()]
    assert titles == ["File", "Edit", "View", "Model", "Data", "Train", "Tools", "Help"]


@pytest.mark.qt_log_ignore("This plugin does not support raise")  # offscreen, of a window that comes forward
def test_every_entry_works(loaded: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each entry is triggered in a window with a sample; none raises, dialogues are closed."""
    opened: list[str] = []
    monkeypatch.setattr(
        "PySide6.QtGui.QDesktopServices.openUrl", lambda url: opened.append(url.toString()) or True
    )
    window = loaded
    closer = QTimer(interval=30)
    closer.timeout.connect(close_dialogs)
    closer.start()
    skipped = {"file.quit"}
    for action in menu_actions(window):
        if action.objectName() in skipped or not action.isEnabled():
            continue
        assert action.statusTip() or action.text(), action.objectName()
        action.trigger()
        QApplication.processEvents()
        window.training.stop()
        qtbot.waitUntil(lambda: not window.training.active, timeout=LONG)
    closer.stop()
    close_dialogs()
    assert window.isVisible()


def test_every_action_says_what_it_does(window: MainWindow) -> None:
    for action in window.actions_by_name.all():
        assert action.text().strip("&. "), action.objectName()
        assert action.toolTip(), action.objectName()


def test_no_two_actions_share_their_keys(window: MainWindow) -> None:
    used: dict[str, str] = {}
    for action in window.actions_by_name.all():
        for keys in action.shortcuts():
            text = keys.toString()
            assert text not in used, (text, used.get(text), action.objectName())
            used[text] = action.objectName()


def test_every_control_has_a_name_and_a_tip(window: MainWindow) -> None:
    """Buttons and fields of the window's own parts; panels are tested where they are made."""
    parts = [window.toolbar, window.messages, window.status_bar]
    for part in parts:
        for kind in (QAbstractButton, QLineEdit, QComboBox):
            for control in part.findChildren(kind):
                if control.objectName().startswith("qt_"):
                    continue
                name = control.accessibleName() or control.text()
                assert name, control
                assert control.toolTip(), name


def test_panels_close_and_are_found_again(window: MainWindow, qtbot: QtBot) -> None:
    for dock in window.docks.all():
        dock.close()
        assert not dock.isVisible()
        dock.toggleViewAction().trigger()
        assert not dock.isHidden(), dock.objectName()


def test_the_layout_comes_back(open_window: OpenWindow, qtbot: QtBot) -> None:
    first = open_window()
    first.docks["layers"].close()
    first.close()
    second = open_window()
    assert second.docks["layers"].isHidden()
    second.actions_by_name["view.reset"].trigger()
    assert not second.docks["layers"].isHidden()


def test_a_damaged_layout_is_told_and_left(open_window: OpenWindow) -> None:
    first = open_window()
    first.docks["layers"].close()
    first.close()
    file = next(Path(Preferences().path.parent).glob("layout.json"))
    file.write_text(file.read_text().replace("a", "b"))
    second = open_window()
    assert not second.docks["layers"].isHidden()
    assert any("could not be read" in text for text in second.messages.texts())
    assert Layout().restore(second) is False


def test_themes_change_at_once_and_are_kept(window: MainWindow, open_window: OpenWindow) -> None:
    for choice in ("light", "dark"):
        window.actions_by_name[f"view.theme.{choice}"].trigger()
        assert window.appearance.tokens.scheme == choice
        colour = QApplication.palette().window().color().name()
        assert colour == window.appearance.tokens.panel
    window.actions_by_name["view.theme.light"].trigger()
    assert Preferences().text("theme", "") == "light"


def test_the_command_palette_finds_and_runs(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.findChild(CommandPalette)
    assert palette is not None
    assert len(palette.names()) > 40
    search = find(palette, QLineEdit, "Search commands")
    qtbot.keyClicks(search, "theme light")
    assert palette.names()[0] == "View › Theme › Light"
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert window.appearance.tokens.scheme == "light"


def test_the_command_palette_says_that_it_finds_nothing(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.findChild(CommandPalette)
    assert palette is not None
    search = find(palette, QLineEdit, "Search commands")
    qtbot.keyClicks(search, "qqzz")
    assert palette.names() == []
    told = [one.text() for one in palette.findChildren(QLabel) if one.isVisible()]
    assert told == ["Nothing that can be done now is called “qqzz”. Try another word, or fewer letters."]
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_the_command_palette_by_arrow_keys(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_name["view.theme.dark"].trigger()
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.findChild(CommandPalette)
    assert palette is not None
    search = find(palette, QLineEdit, "Search commands")
    qtbot.keyClicks(search, "theme")
    steps = palette.names().index("View › Theme › Light")
    for _ in range(steps):
        qtbot.keyClick(search, Qt.Key.Key_Down)
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert window.appearance.tokens.scheme == "light"


def test_messages_are_shown_once_and_closed(window: MainWindow, qtbot: QtBot) -> None:
    error = StudioError("that went wrong", "do this")
    window.messages.show_error(error)
    window.messages.show_error(error)
    assert window.messages.texts() == ["that went wrong"]
    assert window.messages.isVisible()
    close = find(window.messages, QToolButton, "Close this message")
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert window.messages.texts() == []
    assert not window.messages.isVisible()


def test_at_most_three_messages(window: MainWindow) -> None:
    for number in range(5):
        window.messages.show_message("error", f"message {number}")
    assert window.messages.texts() == ["message 2", "message 3", "message 4"]


def test_a_message_offers_choices(window: MainWindow, qtbot: QtBot) -> None:
    done: list[str] = []
    window.messages.show_message("info", "well?", choices=[("Do it", lambda: done.append("it"))])
    button = next(one for one in window.messages.findChildren(QAbstractButton) if one.text() == "Do it")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert done == ["it"]
    assert window.messages.texts() == []


def test_pills_and_status_follow_the_check(loaded: MainWindow, qtbot: QtBot) -> None:
    assert loaded.files.open_sample(sample("cnn_digits"))
    qtbot.waitUntil(lambda: loaded.session.checked is not None, timeout=LONG)
    checked = loaded.session.checked
    assert checked is not None
    assert checked.errors == ()
    assert loaded.toolbar.problems.text() == "No problems"
    assert loaded.toolbar.parameters.text() == "29.2 k parameters"
    texts = [label.text() for label in loaded.status_bar.findChildren(type(loaded._mark))]
    assert "digits · 1,257 train · 270 validation · 270 test" in texts


def test_the_device_is_an_undoable_setting(window: MainWindow, qtbot: QtBot) -> None:
    window.device_menu.chosen.emit("cpu")
    assert window.session.project.training.options["device"] == "cpu"
    assert find(window.toolbar, QToolButton, "Device").text() == "CPU"
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert "device" not in window.session.project.training.options
    assert find(window.toolbar, QToolButton, "Device").text() == "Automatic"


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_picture(
    open_window: OpenWindow, qtbot: QtBot, pictures: Path | None, theme: str, size: tuple[int, int]
) -> None:
    window = open_window(sample("residual_digits"), theme)
    window.resize(*size)
    qtbot.waitUntil(lambda: window.session.checked is not None, timeout=LONG)
    window.panels.canvas.fit()
    qtbot.wait(50)
    picture = window.grab()
    assert (picture.width(), picture.height()) == size
    colours = {picture.toImage().pixelColor(x, 5).name() for x in range(400, size[0], 50)}
    assert colours == {window.appearance.tokens.panel}
    if pictures:
        picture.save(str(pictures / f"window_{theme}_{size[0]}.png"))


def test_the_keyboard_walks_through_what_is_seen_only(window: MainWindow) -> None:
    window.docks.reveal("curves")
    QApplication.processEvents()
    behind = ("data", "training", "samples", "confusion", "predict", "runs", "log")
    assert [name for name in behind if window.docks[name].widget().isVisible()] == []
    window.docks.reveal("log")
    assert window.docks["log"].widget().isVisible()
    assert not window.docks["curves"].widget().isVisible()
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Backtab)
        focus = QApplication.focusWidget()
        place = QRect(focus.mapTo(window, QPoint()), focus.size()) if focus else QRect()
        assert window.rect().intersects(place), focus

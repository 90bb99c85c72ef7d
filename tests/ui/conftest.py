"""A whole window of the program, as a person has it, for each test that asks for one."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox
from pytestqt.qtbot import QtBot

from studio.ui.app import start
from studio.ui.appearance import Appearance
from studio.ui.preferences import Preferences
from studio.ui.session import Session
from studio.ui.window import MainWindow
from tests.ui.windows import LONG, OpenWindow, when_modal


@pytest.fixture(autouse=True)
def _garbage() -> Iterator[None]:
    """Let Python collect garbage between tests only, as the program does between events.

    In the middle of one, forgotten widgets would vanish while Qt walks over them, or in another thread.
    """
    gc.disable()
    yield
    # What is to be deleted later waits for an event loop; the next test would style it half dead.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication) -> Iterator[OpenWindow]:
    """Opens a window (with a project where a path is given); all are closed afterwards."""
    opened: list[MainWindow] = []
    before = qapp.font(), QPalette(qapp.palette()), qapp.styleSheet(), qapp.style().name()
    qapp.setStyle("Fusion")

    def open_(path: Path | None = None, theme: str = "dark") -> MainWindow:
        preferences = Preferences()
        preferences.set("theme", theme)
        window = MainWindow(Session(), preferences, Appearance(preferences))
        opened.append(window)
        with qtbot.waitSignal(window.painted, timeout=LONG):
            window.show()
        start(window, path, train=False)
        return window

    yield open_
    for window in opened:
        window.close_unasked()
        shiboken6.delete(window)
    # What Python laid there must not outlive Python: Qt would take it down after the interpreter's end.
    qapp.clipboard().clear()
    font, palette, sheet, style = before
    qapp.setStyle(style)
    qapp.setFont(font)
    qapp.setPalette(palette)
    qapp.setStyleSheet(sheet)
    assert [thread for thread in threading.enumerate() if thread.name in ("training", "loading")] == []
    assert sys.excepthook is not None


@pytest.fixture
def window(open_window: OpenWindow) -> MainWindow:
    """An empty window."""
    return open_window()


@pytest.fixture
def loaded(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window in which torch is loaded."""
    qtbot.waitUntil(lambda: window.loading.is_ready, timeout=LONG)
    return window


@pytest.fixture
def answer() -> Callable[[QMessageBox.StandardButton], list[str]]:
    """Presses a button of the next question; the list it returns then holds what was asked."""

    def prepare(button: QMessageBox.StandardButton) -> list[str]:
        asked: list[str] = []

        def act(dialog: QDialog) -> None:
            assert isinstance(dialog, QMessageBox)
            asked.append(dialog.text())
            dialog.button(button).click()

        when_modal(act)
        return asked

    return prepare

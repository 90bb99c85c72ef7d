"""Redoing by the keys of other programs, and what the status bar says while edits go on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.ui.window import MainWindow
from tests.ui.windows import OpenWindow, sample

Key, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def digits(open_window: OpenWindow) -> MainWindow:
    """A window with a network, one of whose nodes is selected."""
    window = open_window(sample("cnn_digits"))
    window.activateWindow()
    window.panels.canvas.reveal("conv1")
    window.panels.canvas.setFocus()
    return window


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    QTest.keyClick(window.panels.canvas.view, key, modifiers)


def test_ctrl_y_redoes(digits: MainWindow) -> None:
    before = digits.session.project
    press(digits, Key.Key_D, CTRL)
    after = digits.session.project
    press(digits, Key.Key_Z, CTRL)
    assert digits.session.project == before
    press(digits, Key.Key_Y, CTRL)
    assert digits.session.project == after
    keys = digits.actions_by_name["edit.redo"].shortcuts()
    assert {"Ctrl+Y", "Ctrl+Shift+Z"} <= {
        one.toString(QKeySequence.SequenceFormat.PortableText) for one in keys
    }


def test_a_refusal_is_forgotten_with_the_next_edit(digits: MainWindow, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("just words")
    press(digits, Key.Key_V, CTRL)
    assert "neither nodes nor" in digits.status_bar.currentMessage()
    qtbot.wait(20)
    assert "neither nodes nor" in digits.status_bar.currentMessage()
    press(digits, Key.Key_D, CTRL)
    assert digits.status_bar.currentMessage() == ""


def test_what_is_told_along_with_an_edit_stays(digits: MainWindow, qtbot: QtBot) -> None:
    digits.tell("Before it")
    press(digits, Key.Key_D, CTRL)
    assert digits.status_bar.currentMessage() == "Before it"
    qtbot.wait(20)
    digits.session.changed.connect(lambda _: digits.tell("After it"))
    press(digits, Key.Key_D, CTRL)
    qtbot.wait(20)
    assert digits.status_bar.currentMessage() == "After it"

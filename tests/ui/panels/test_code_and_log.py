"""The code panel on real checks, its colours, and the log."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.build.check import Checker
from studio.data.describe import describe
from studio.interchange.keras.source import to_keras
from studio.interchange.pytorch.source import to_pytorch
from studio.project import edits
from studio.project.project import Project
from studio.project.storage import load
from studio.ui.background import Background
from studio.ui.code import CodePanel
from studio.ui.code_texts import Choice
from studio.ui.log import LogPanel
from studio.ui.theme import DARK, LIGHT
from tests.ui.panels.drawing import checked, digits
from tests.ui.windows import LONG, sample


@pytest.fixture
def code(qtbot: QtBot):
    made = CodePanel()
    qtbot.addWidget(made)
    made.resize(800, 280)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.findChild(Background).close()


@pytest.fixture
def log(qtbot: QtBot) -> LogPanel:
    made = LogPanel()
    qtbot.addWidget(made)
    made.resize(800, 200)
    made.show()
    qtbot.waitExposed(made)
    return made


def text(panel: QWidget) -> str:
    return panel.findChild(QPlainTextEdit).toPlainText()


def says(panel: QWidget) -> str:
    return panel.findChild(QLabel).text()


def button(panel: QWidget, name: str) -> QPushButton:
    return next(one for one in panel.findChildren(QPushButton) if one.text() == name)


def test_shows_the_source_of_the_drawing(code: CodePanel, qtbot: QtBot) -> None:
    answer = checked(digits(wrong=False))
    code.show_checked(answer)
    qtbot.waitUntil(lambda: text(code) != "", timeout=LONG)
    assert text(code) == to_pytorch(answer.project, answer.plan)
    qtbot.mouseClick(button(code, "Copy"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == text(code)
    with qtbot.waitSignal(code.export_requested):
        qtbot.mouseClick(button(code, "Export…"), Qt.MouseButton.LeftButton)


def test_the_switches_choose_framework_and_extent(qtbot: QtBot, tmp_path: Path, photograph) -> None:
    panel = CodePanel(lambda: tmp_path)
    qtbot.addWidget(panel)
    panel.resize(900, 320)
    panel.show()
    answer = checked(digits(wrong=False))
    panel.show_checked(answer)
    qtbot.waitUntil(lambda: "nn.Module" in text(panel), timeout=LONG)
    program = button(panel, "Whole program")
    qtbot.mouseClick(button(panel, "Keras"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "import keras" in text(panel), timeout=LONG)
    assert text(panel) == to_keras(answer.project, answer.plan)
    qtbot.mouseClick(button(panel, "Copy"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == text(panel)
    with qtbot.waitSignal(panel.export_requested) as asked:
        qtbot.mouseClick(button(panel, "Export…"), Qt.MouseButton.LeftButton)
    assert asked.args == [Choice("keras")]
    photograph(panel, "code_keras")
    qtbot.mouseClick(button(panel, "PyTorch"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: text(panel) == to_pytorch(answer.project, answer.plan), timeout=LONG)
    qtbot.mouseClick(program, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "argparse" in text(panel), timeout=LONG)
    assert "run it to get the same curve" in says(panel)
    qtbot.mouseClick(button(panel, "Keras"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "compile(" in text(panel), timeout=LONG)
    assert "import torch" not in text(panel)
    panel.findChild(Background).close()


def test_what_has_no_twin_is_named_above_the_code(code: CodePanel, qtbot: QtBot) -> None:
    project = edits.set_params(digits(wrong=False), "conv1", {"norm": "spectral_norm"})
    code.show_checked(checked(project))
    qtbot.waitUntil(lambda: text(code) != "", timeout=LONG)
    told = code.findChildren(QLabel)[1]
    assert not told.isVisible()
    qtbot.mouseClick(button(code, "Keras"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(told.isVisible, timeout=LONG)
    assert told.text().startswith("• conv1 (Conv2d): ")
    code.show_checked(checked(digits(wrong=False)))
    qtbot.waitUntil(lambda: not told.isVisible(), timeout=LONG)
    code.show_checked(checked(digits()))
    assert text(code) == ""
    assert "Add needs equal shapes" in says(code)


def test_data_that_cannot_be_read_leave_no_program(qtbot: QtBot, tmp_path: Path) -> None:
    panel = CodePanel(lambda: tmp_path)
    qtbot.addWidget(panel)
    panel.show()
    path = sample("linear_regression")
    project = load(path)
    fields = describe(project.data, path.parent).fields
    panel.show_checked(Checker().check(project, fields))
    qtbot.waitUntil(lambda: text(panel) != "", timeout=LONG)
    qtbot.mouseClick(button(panel, "Whole program"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "four_points.csv" in says(panel), timeout=LONG)
    assert text(panel) == ""
    assert not button(panel, "Copy").isEnabled()
    panel.findChild(Background).close()


def test_an_edit_keeps_the_place(code: CodePanel, qtbot: QtBot) -> None:
    project = digits(wrong=False)
    code.show_checked(checked(project))
    qtbot.waitUntil(lambda: text(code) != "", timeout=LONG)
    view = code.findChild(QPlainTextEdit)
    code.resize(800, 120)
    view.verticalScrollBar().setValue(8)
    code.show_checked(checked(edits.set_params(project, "conv1", {"out_channels": 77})))
    qtbot.waitUntil(lambda: "77" in text(code), timeout=LONG)
    assert view.verticalScrollBar().value() == 8


def test_a_drawing_with_errors_has_no_code_and_says_why(code: CodePanel, qtbot: QtBot) -> None:
    code.show_checked(checked(digits(wrong=False)))
    qtbot.waitUntil(lambda: text(code) != "", timeout=LONG)
    code.show_checked(checked(digits()))
    assert text(code) == ""
    assert "Add needs equal shapes" in says(code)
    assert not button(code, "Copy").isEnabled()


def test_an_empty_drawing_says_what_to_do(code: CodePanel) -> None:
    code.show_checked(checked(Project()))
    assert "Draw a layer" in says(code)


def test_nothing_is_written_while_nobody_looks(qtbot: QtBot) -> None:
    hidden = CodePanel()
    qtbot.addWidget(hidden)
    hidden.show_checked(checked(digits(wrong=False)))
    qtbot.wait(100)
    assert text(hidden) == ""
    hidden.show()
    qtbot.waitUntil(lambda: text(hidden) != "", timeout=LONG)
    hidden.findChild(Background).close()


def colours_of(panel: CodePanel, word: str) -> set[str]:
    document = panel.findChild(QPlainTextEdit).document()
    found: set[str] = set()
    block = document.begin()
    while block.isValid():
        for part in block.layout().formats():
            if block.text()[part.start : part.start + part.length] == word:
                found.add(part.format.foreground().color().name())
        block = block.next()
    return found


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.scheme)
def test_words_are_coloured(code: CodePanel, qtbot: QtBot, tokens) -> None:
    code.set_tokens(tokens)
    code.show_checked(checked(digits(wrong=False)))
    qtbot.waitUntil(lambda: text(code) != "", timeout=LONG)
    keywords = colours_of(code, "import")
    assert len(keywords) == 1
    assert keywords != colours_of(code, '"same"')
    assert colours_of(code, "Digits") != keywords


def test_the_log_keeps_copies_and_clears(log: LogPanel, qtbot: QtBot) -> None:
    log.add("info", "Opened digits.loom")
    log.add("error", "The file cannot be read")
    assert text(log).splitlines()[1].endswith("Error\tThe file cannot be read")
    qtbot.mouseClick(button(log, "Copy"), Qt.MouseButton.LeftButton)
    assert "Opened digits.loom" in QGuiApplication.clipboard().text()
    log.set_tokens(LIGHT)
    assert len(text(log).splitlines()) == 2
    qtbot.mouseClick(button(log, "Clear"), Qt.MouseButton.LeftButton)
    assert text(log) == ""
    assert not button(log, "Copy").isEnabled()


def test_pictures(code: CodePanel, log: LogPanel, qtbot: QtBot, photograph) -> None:
    code.show_checked(checked(digits(wrong=False)))
    qtbot.waitUntil(lambda: text(code) != "", timeout=LONG)
    photograph(code, "code")
    for level in ("info", "ok", "warning", "error"):
        log.add(level, f"This is what a message of level {level} looks like.")
    photograph(log, "log")

"""A network is imported from the menu: its code runs in another process, then its project opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from studio.project.storage import load
from studio.ui.import_module_window import ImportModuleWindow
from studio.ui.window import MainWindow
from tests.ui.windows import LONG, find

CODE = """import torch
from torch import nn

class Layer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.act = nn.ReLU()

    def forward(self, x):
        return x + self.act(self.linear(x))

class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.layers = nn.Sequential(*[Layer(width) for _ in range(3)])

    def forward(self, x):
        if x.sum().item() > 1e9:
            return x
        return self.layers(x)
"""
SLOW = """import time
from torch import nn

class Net(nn.Module):
    def __init__(self):
        time.sleep(600)
"""


@pytest.fixture
def asked(loaded: MainWindow, qtbot: QtBot, tmp_path: Path) -> Iterator[ImportModuleWindow]:
    """The window that asks, its project to be saved in a folder of the test."""
    loaded.actions_by_name["file.import_module"].trigger()
    made = loaded.findChildren(ImportModuleWindow)[0]
    qtbot.waitExposed(made)
    typed(made, qtbot, "Save as", str(tmp_path / "mine.loom"))
    yield made
    made.close()


def typed(window: ImportModuleWindow, qtbot: QtBot, field: str, text: str) -> None:
    line = find(window, QLineEdit, field)
    assert isinstance(line, QLineEdit)
    line.selectAll()
    qtbot.keyClicks(line, text)


def chosen(window: ImportModuleWindow, kind: str) -> None:
    box = find(window, QComboBox, "What")
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findText(kind))


def pasted(window: ImportModuleWindow, code: str) -> None:
    chosen(window, "Pasted code")
    editor = find(window, QPlainTextEdit, "Code")
    assert isinstance(editor, QPlainTextEdit)
    editor.setPlainText(code)


def said(window: ImportModuleWindow) -> str:
    return " ".join(one.text() for one in window.findChildren(QLabel) if one.isVisible())


def click(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_pasted_code_becomes_the_open_project_with_a_report(
    loaded: MainWindow, asked: ImportModuleWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    assert not asked.run_button.isEnabled()
    pasted(asked, CODE)
    assert "runs that Python code on this computer" in said(asked)
    assert asked.run_button.text() == "Run it and import"
    typed(asked, qtbot, "Class or function", "Net")
    typed(asked, qtbot, "Arguments", "width=8")
    typed(asked, qtbot, "Inputs", "2x8")
    before = loaded.session.project
    click(qtbot, asked.run_button)
    assert find(asked, QProgressBar, "The import runs").isVisible()
    assert loaded.session.project == before
    qtbot.waitUntil(lambda: loaded.session.path == tmp_path / "mine.loom", timeout=LONG)
    assert loaded.session.project == load(tmp_path / "mine.loom")
    assert loaded.session.project.graph.nodes["layers"].params["repeat"] == 3
    assert (tmp_path / "mine.safetensors").exists()
    assert "Net is imported" in said(asked)
    assert "gives what the original gives (largest difference 0)" in said(asked)
    assert "reads a value off a tensor" in said(asked)
    click(qtbot, asked.cancel_button)
    assert not asked.isVisible()


def test_what_is_wrong_is_told_and_can_be_mended(
    loaded: MainWindow, asked: ImportModuleWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_text("def build(:\n")
    chosen(asked, "A Python file")
    typed(asked, qtbot, "Which", str(tmp_path / "broken.py"))
    typed(asked, qtbot, "Class or function", "build")
    typed(asked, qtbot, "Arguments", "8")
    click(qtbot, asked.run_button)
    assert "write arguments as name=value" in said(asked)
    typed(asked, qtbot, "Arguments", "width=8")
    typed(asked, qtbot, "Inputs", "2x8")
    click(qtbot, asked.run_button)
    qtbot.waitUntil(lambda: "Nothing was imported" in said(asked), timeout=LONG)
    assert "broken.py, line 1" in said(asked)
    assert not list(tmp_path.glob("mine.*"))
    click(qtbot, asked.cancel_button)
    assert asked.run_button.isVisible()
    assert loaded.session.path is None


def test_cancel_ends_what_runs(asked: ImportModuleWindow, qtbot: QtBot, tmp_path: Path) -> None:
    pasted(asked, SLOW)
    typed(asked, qtbot, "Inputs", "2x8")
    click(qtbot, asked.run_button)
    qtbot.waitUntil(lambda: "Running the code" in said(asked), timeout=LONG)
    click(qtbot, asked.cancel_button)
    assert asked.run_button.isEnabled()
    assert not find(asked, QProgressBar, "The import runs").isVisible()
    assert not list(tmp_path.glob("mine.*"))
    click(qtbot, asked.cancel_button)
    assert not asked.isVisible()


def test_an_onnx_file_runs_no_code(loaded: MainWindow, qtbot: QtBot) -> None:
    loaded.actions_by_name["file.import_onnx"].trigger()
    made = loaded.findChildren(ImportModuleWindow)[0]
    assert "nothing in it is run" in said(made)
    assert made.run_button.text() == "Import"
    assert not [
        one for one in made.findChildren(QLineEdit) if one.isVisible() and one.accessibleName() == "Inputs"
    ]
    made.close()

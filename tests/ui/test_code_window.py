"""The Code tab in the window: what is exported is what is chosen."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from studio.ui.window import MainWindow
from tests.ui.windows import LONG, find, sample


def test_the_export_follows_the_choice(
    loaded: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert loaded.files.open_sample(sample("linear_regression"))
    loaded.docks.reveal("code")
    panel = loaded.panels.code
    source = panel.findChild(QPlainTextEdit)
    qtbot.waitUntil(lambda: "nn.Module" in source.toPlainText(), timeout=LONG)
    offered: list[str] = []

    def chosen(_window: object, title: str, at: str, _kinds: str) -> tuple[str, str]:
        offered.append(f"{title}: {Path(at).name}")
        return str(tmp_path / Path(at).name), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", chosen)
    export = find(panel, QPushButton, "Save the code as a Python file")
    cases = (
        ("Framework: Keras", "keras.Model", "linear_regression_keras.py"),
        ("Extent: Whole program", ".fit(", "linear_regression_keras_program.py"),
        ("Framework: PyTorch", "argparse", "linear_regression_program.py"),
        ("Extent: Network", "class LinearRegression(nn.Module)", "linear_regression.py"),
    )
    for pressed, wanted, name in cases:
        qtbot.mouseClick(find(panel, QPushButton, pressed), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda wanted=wanted: wanted in source.toPlainText(), timeout=LONG)
        qtbot.mouseClick(export, Qt.MouseButton.LeftButton)
        path = tmp_path / name
        qtbot.waitUntil(path.exists, timeout=LONG)
        text = path.read_text("utf-8")
        assert wanted in text
        ast.parse(text)
        qtbot.waitUntil(
            lambda path=path: any(str(path) in one for one in loaded.messages.texts()), timeout=LONG
        )
    assert offered[0] == "Export Keras code: linear_regression_keras.py"
    assert offered[-1] == "Export PyTorch code: linear_regression.py"

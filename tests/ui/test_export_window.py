"""The network leaves by the window: chosen, written by a process of its own, compared, or stopped."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from studio.interchange import forms
from studio.interchange.forms import Form
from studio.project import edits
from studio.project.storage import load, save
from studio.train.control import Control
from studio.train.job import Job
from studio.train.launch import run_guarded
from studio.train.runs import create_run
from studio.ui.export_window import ExportWindow
from studio.ui.import_module_window import ImportModuleWindow
from studio.ui.window import MainWindow
from tests.interchange.onnx.small_graphs import node, numbers, write_graph
from tests.ui.test_files import drop
from tests.ui.windows import LONG, find, sample


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A project of its own with one short run beside it."""
    path = tmp_path / "digits.loom"
    project = edits.set_training(load(sample("mlp_digits")), max_steps=3)
    save(project, path)
    run = create_run(project, tmp_path, tmp_path / "runs")
    assert run_guarded(Job(project, tmp_path, run), lambda _: None, Control()).finished
    return path


def opened(window: MainWindow, qtbot: QtBot, path: Path) -> ExportWindow:
    """The window of a project, opened by its key."""
    assert window.files.open(path)
    session = window.session
    qtbot.waitUntil(
        lambda: session.checked is not None and session.checked.project is session.project, timeout=LONG
    )
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=LONG)
    qtbot.keyClick(
        window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    qtbot.waitUntil(lambda: bool(window.findChildren(ExportWindow)), timeout=LONG)
    return window.findChildren(ExportWindow)[0]


def choose(dialog: ExportWindow, qtbot: QtBot, title: str) -> None:
    """Click a form in the list."""
    view = find(dialog, QListWidget, "Form")
    assert isinstance(view, QListWidget)
    item = next(view.item(at) for at in range(view.count()) if view.item(at).text().strip() == title)
    view.scrollToItem(item)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualItemRect(item).center())


def click(dialog: ExportWindow, qtbot: QtBot, name: str) -> None:
    qtbot.mouseClick(find(dialog, QPushButton, name), Qt.MouseButton.LeftButton)


def place(dialog: ExportWindow) -> Path:
    field = find(dialog, QLineEdit, "File")
    assert isinstance(field, QLineEdit)
    return Path(field.text())


def left_over(folder: Path) -> list[Path]:
    return list(folder.glob(".neuroloom-*"))


def test_a_trained_network_leaves_as_onnx_with_its_card(
    loaded: MainWindow, qtbot: QtBot, trained: Path
) -> None:
    dialog = opened(loaded, qtbot, trained)
    weights = find(dialog, QComboBox, "Weights")
    assert isinstance(weights, QComboBox)
    qtbot.waitUntil(lambda: weights.count() == 2, timeout=LONG)
    assert weights.currentText().startswith("mlp_digits-001: best weights")  # the run of this drawing
    choose(dialog, qtbot, "ONNX")
    assert place(dialog) == trained.with_name("mlp_digits.onnx")
    card = find(dialog, QCheckBox, "A model card beside it")
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(8, card.height() // 2))
    click(dialog, qtbot, "Export")
    qtbot.waitUntil(lambda: not dialog.busy, timeout=LONG)
    assert dialog.written is not None, dialog.page.told.text()
    assert dialog.page.told.text().startswith(
        "mlp_digits.onnx, mlp_digits.md, mlp_digits.svg written; largest"
    )
    assert dialog.written.largest_difference is not None
    assert dialog.written.largest_difference < 1e-5
    text = trained.with_name("mlp_digits.md").read_text()
    assert "![The network, drawn](mlp_digits.svg)" in text
    assert "| hidden | Linear | N×128 | 8,320 |" in text
    assert "Run mlp\\_digits-001 of" in text
    assert not left_over(trained.parent)
    dialog.reject()


def test_cancel_leaves_nothing_and_the_window_stays(loaded: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    shutil.copy(sample("mlp_digits"), tmp_path / "line.loom")
    dialog = opened(loaded, qtbot, tmp_path / "line.loom")
    choose(dialog, qtbot, "PyTorch program file (.pt2)")
    click(dialog, qtbot, "Export")
    assert dialog.busy
    assert not find(dialog, QPushButton, "Export").isEnabled()
    qtbot.waitUntil(lambda: bool(left_over(tmp_path)), timeout=LONG)
    click(dialog, qtbot, "Cancel")
    qtbot.waitUntil(lambda: not dialog.busy, timeout=LONG)
    assert dialog.page.told.text() == "Cancelled; nothing was written."
    assert dialog.isVisible()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["line.loom"]
    dialog.reject()


def test_what_is_missing_is_told_before(
    loaded: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = Form("onnx", ".onnx", "", "onnx", ("a_module_that_is_not_there",))
    monkeypatch.setitem(forms.FORMS, "onnx", absent)
    shutil.copy(sample("mlp_digits"), tmp_path / "line.loom")
    dialog = opened(loaded, qtbot, tmp_path / "line.loom")
    choose(dialog, qtbot, "ONNX")
    assert not find(dialog, QPushButton, "Export").isEnabled()
    assert any(
        'pip install "neuroloom[onnx]"' in one.text()
        for one in dialog.page.findChildren(type(dialog.page.told))
    )
    choose(dialog, qtbot, "Drawing as SVG")
    click(dialog, qtbot, "Export")
    assert (tmp_path / "mlp_digits.svg").is_file()
    assert dialog.page.told.text() == "mlp_digits.svg written."
    click(dialog, qtbot, "Export")  # asks before it writes over: nothing runs until that is answered
    assert not dialog.busy
    dialog.reject()


def test_an_onnx_file_that_is_dropped_is_imported(loaded: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    write_graph(
        tmp_path / "small.onnx",
        [node("MatMul", "x fc.weight", "a"), node("Relu", "a")],
        {"x": ("N", 6)},
        {"fc.weight": numbers(6, 5)},
    )
    assert drop(loaded.panels.canvas.view.viewport(), tmp_path / "small.onnx")
    qtbot.waitUntil(lambda: bool(loaded.findChildren(ImportModuleWindow)), timeout=LONG)
    (asked,) = loaded.findChildren(ImportModuleWindow)
    place = find(asked, QLineEdit, "Save as")
    assert isinstance(place, QLineEdit)
    place.setText(str(tmp_path / "small.loom"))
    qtbot.mouseClick(asked.run_button, Qt.MouseButton.LeftButton)
    session = loaded.session
    qtbot.waitUntil(lambda: session.path == tmp_path / "small.loom", timeout=LONG)
    assert session.project.graph.nodes["fc"].type == "Linear"
    assert session.project.training.options["weights"] == "small.safetensors"
    assert (tmp_path / "small.safetensors").is_file()
    asked.reject()


def test_a_pt2_that_is_dropped_is_refused_with_the_reason(
    loaded: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "a.pt2").write_bytes(b"PK")
    assert drop(loaded.panels.canvas.view.viewport(), tmp_path / "a.pt2")
    qtbot.waitUntil(
        lambda: any("reading one runs code" in one.text() for one in loaded.messages.findChildren(QLabel)),
        timeout=LONG,
    )
    assert not loaded.findChildren(ImportModuleWindow)

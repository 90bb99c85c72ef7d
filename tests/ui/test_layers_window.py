"""Statistics of layers in the whole window: switched on, seen live as heat and numbers, and found again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from studio.project import storage
from studio.project.edits import set_training
from studio.train.events import LayersMeasured
from studio.train.history import read_events
from studio.ui.window import MainWindow
from tests.train.drawings import digits
from tests.train.test_blocks import with_blocks
from tests.ui.windows import LONG, OpenWindow, find, sample

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


def front(window: MainWindow) -> None:
    """Bring the panel to the front, as a click on its tab does."""
    window.docks.reveal("statistics")


def trained(window: MainWindow, qtbot: QtBot) -> Path:
    """Press Train, and wait for the end."""
    qtbot.waitUntil(lambda: window.session.checked is not None, timeout=LONG)
    qtbot.mouseClick(find(window.toolbar, QToolButton, "Train"), LEFT)
    qtbot.waitUntil(lambda: window.training.active, timeout=LONG)
    qtbot.waitUntil(lambda: not window.training.active, timeout=LONG)
    assert window.training.run_dir is not None
    return window.training.run_dir


def test_off_it_is_at_first_and_one_button_switches_it_on(loaded: MainWindow, qtbot: QtBot) -> None:
    assert loaded.files.open_sample(sample("mlp_digits"))
    loaded.session.commit(set_training(loaded.session.project, epochs=2), "Set")
    run_dir = trained(loaded, qtbot)
    assert not any(isinstance(one, LayersMeasured) for one in read_events(run_dir))
    front(loaded)
    panel = loaded.panels.layers
    button = find(panel, QPushButton, "Measure layers")
    qtbot.mouseClick(button, LEFT)
    assert loaded.session.project.training.options["layer_statistics"] is True
    assert loaded.session.undo_stack.undoText() == "Measure layers"
    assert not button.isVisible()
    loaded.session.undo_stack.undo()
    assert button.isVisible()
    loaded.session.undo_stack.redo()
    run_dir = trained(loaded, qtbot)
    told = [one for one in read_events(run_dir) if isinstance(one, LayersMeasured)]
    assert told
    qtbot.waitUntil(lambda: panel.table.paths == list(told[-1].layers), timeout=LONG)


@pytest.mark.parametrize("host", ["thread", "process"])
def test_heat_is_live_and_follows_the_choice(
    host: str, loaded: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "blocks.loom"
    storage.save(with_blocks(layer_statistics=True, host=host, epochs=200), path)
    loaded.files.open(path)
    heat, panel = loaded.panels.heat, loaded.panels.layers
    QTest.keyClick(loaded.panels.canvas.view, Qt.Key.Key_H, CTRL | SHIFT)
    assert heat.on
    assert loaded.actions_by_name["view.heat"].isChecked()
    assert not heat.layer.shown
    live: list[int] = []
    panel.measured.connect(lambda one: live.append(one.step) if one and loaded.training.active else None)
    run_dir = trained(loaded, qtbot)
    assert live
    names = {"image", "flatten", "units", "same", "scores"}
    qtbot.waitUntil(lambda: set(heat.layer.shown) == names, timeout=LONG)
    loaded.actions_by_name["view.heat.gradient"].trigger()
    assert set(heat.layer.shown) == {"units", "same", "scores"}
    assert heat.legend.key == "gradient"
    choice = find(heat.legend, QComboBox, "What the heat shows")
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Up)
    assert loaded.actions_by_name["view.heat.zeros"].isChecked()
    front(loaded)
    panel.table.select(["units/1/fc"])
    assert loaded.session.focus == ("units",)
    assert loaded.panels.canvas.selection == ("fc",)
    assert panel.table.selected == ["units/1/fc"]
    assert set(heat.layer.shown) == {"x", "fc", "norm", "relu", "drop"}
    loaded.session.look(())
    loaded.panels.canvas.select(["scores"])
    assert panel.table.selected == ["scores"]
    assert run_dir.name in {run.id for run in loaded.panels.runs.shown} or run_dir.exists()


def test_an_earlier_run_and_one_of_another_program_heat_too(
    loaded: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    """Also one whose file was written by a later program, which tells more."""
    path = tmp_path / "mine.loom"
    storage.save(digits(layer_statistics=True), path)
    loaded.files.open(path)
    loaded.panels.heat.switch(True)
    first = trained(loaded, qtbot)
    loaded.session.commit(set_training(loaded.session.project, layer_statistics=False), "Off")
    trained(loaded, qtbot)
    panel, heat = loaded.panels.layers, loaded.panels.heat
    qtbot.waitUntil(lambda: not heat.layer.shown, timeout=LONG)
    odd = {"event": "LayersMeasured", "time": 99.0, "epoch": 3, "step": 60}
    strange = {"scores": {"std": 2.0, "unheard_of": 1.0, "mean": None}, "gone": {"std": 1.0}, "odd": 3}
    with (first / "events.jsonl").open("a") as file:
        file.write('{"event": "LayersMeasured", "layers": 3}\n{"event": "FromLater", "x": 1}\n')
        file.write(json.dumps({**odd, "layers": strange, "inputs": 3}) + "\n")
        file.write(json.dumps({**odd, "layers": 3}) + "\n")
    loaded.run_views.open(first)
    qtbot.waitUntil(lambda: panel.table.paths == ["scores", "gone"], timeout=LONG)
    assert set(heat.layer.shown) == {"scores"}
    assert heat.layer.shown["scores"].text == "2"


def test_what_is_shown_is_remembered(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window(sample("mlp_digits"))
    window.actions_by_name["view.heat"].trigger()
    window.actions_by_name["view.heat.update"].trigger()
    window.close_unasked()
    again = open_window(sample("mlp_digits"))
    assert again.panels.heat.on
    assert again.panels.heat.key == "update"
    assert again.actions_by_name["view.heat"].isChecked()
    assert again.actions_by_name["view.heat.update"].isChecked()
    again.actions_by_name["view.heat"].trigger()
    assert not again.panels.heat.on


def test_everything_has_a_name_and_a_tip(open_window: OpenWindow) -> None:
    window = open_window(sample("mlp_digits"))
    window.panels.heat.switch(True)
    front(window)
    controls = [
        *window.panels.layers.findChildren(QComboBox),
        *window.panels.layers.findChildren(QPushButton),
        *window.panels.heat.legend.findChildren(QComboBox),
    ]
    assert len(controls) == 3
    for one in controls:
        assert isinstance(one, QWidget)
        assert one.accessibleName()
        assert one.toolTip()
    entries = [window.actions_by_name[name] for name in ("view.heat", "view.heat.zeros")]
    assert all(one.toolTip() and one.text() for one in entries)

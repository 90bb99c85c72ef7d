"""The settings' panels with real keys, on a real session and real data."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.catalog.registry import registry
from studio.data.pipeline import read_data
from studio.project import edits
from studio.project.project import Data, Setting
from studio.ui.checker import BackgroundChecker
from studio.ui.monitor.wording import number
from studio.ui.schedule_plot import SchedulePlot
from studio.ui.session import Session
from studio.ui.settings import DataSettings, TrainingSettings
from studio.ui.theme import LIGHT
from tests.ui.panels.drawing import digits
from tests.ui.windows import LONG


class Desk:
    """A session, its settings panels and a checker, wired as the window wires them."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self._qtbot = qtbot
        self.session = Session()
        self.session.new(digits(wrong=False), folder)
        self.data = DataSettings(self.session, registry())
        self.training = TrainingSettings(self.session, registry())
        self.checker = BackgroundChecker()
        self.checker.arrived.connect(self.session.take_check)
        self.checker.described.connect(self.data.show_described)
        self.checker.described.connect(lambda one: self.training.show_samples(one.parts.get("train", 0)))
        for panel in (self.data, self.training):
            qtbot.addWidget(panel)
            self.session.changed.connect(panel.show_changes)
            self.session.check_arrived.connect(panel.show_checked)
            panel.resize(300, 760)
            panel.show()
            qtbot.waitExposed(panel)
            panel.activateWindow()

    def check(self) -> None:
        """Wait for the answer, and for the fixes that mend."""
        with self._qtbot.waitSignal(self.session.check_arrived, timeout=LONG):
            self.checker.request(self.session.project, self.session.folder)
        self._qtbot.waitUntil(lambda: not self.checker.busy, timeout=LONG)


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path):
    made = Desk(qtbot, tmp_path)
    yield made
    made.checker.close()


def named(panel: QWidget, name: str) -> QWidget:
    found = [one for one in panel.findChildren(QWidget) if one.accessibleName() == name and one.isVisible()]
    return next(one for one in found if isinstance(one, QLineEdit | QComboBox))


def texts(panel: QWidget) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def choose(qtbot: QtBot, box: QComboBox, text: str) -> None:
    box.setFocus()
    qtbot.wait(QApplication.keyboardInputInterval() + 20)  # or the letters add to those of the box before
    qtbot.keyClicks(box, text)
    assert box.currentText() == text


def retype(qtbot: QtBot, line: QLineEdit, text: str) -> None:
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_tells_what_the_data_holds(desk: Desk) -> None:
    desk.check()
    shown = texts(desk.data)
    for expected in ("1×8×8 picture", "10 classes: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9", "1,797", "1,257"):
        assert expected in shown


def test_choosing_another_source_and_coming_back(desk: Desk, qtbot: QtBot) -> None:
    choose(qtbot, named(desk.data, "dataset"), "iris")
    assert desk.session.project.data.source == Setting("ScikitLearn", {"dataset": "iris"})
    choose(qtbot, named(desk.data, "source"), "CSV")
    assert desk.session.project.data.source == Setting("CSV")
    choose(qtbot, named(desk.data, "source"), "ScikitLearn")
    assert desk.session.project.data.source == Setting("ScikitLearn", {"dataset": "iris"})
    assert desk.session.undo_stack.text(0) == "Set dataset of ScikitLearn"


def test_a_missing_file_is_told_at_its_field(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    desk.session.commit(edits.set_source(desk.session.project, Setting("CSV")), "Choose CSV")
    retype(qtbot, named(desk.data, "path"), "houses.csv")
    desk.check()
    assert named(desk.data, "path").property("invalid") is True
    assert any("There is no" in text and "houses.csv" in text for text in texts(desk.data))
    (tmp_path / "houses.csv").write_text("rooms,price\n" + "1,2\n3,4\n5,6\n" * 10)
    desk.check()
    assert named(desk.data, "path").property("invalid") is False
    assert "price" in texts(desk.data)


def test_options_of_the_data(desk: Desk, qtbot: QtBot) -> None:
    retype(qtbot, named(desk.data, "validation"), "0.3")
    assert desk.session.project.data.options["validation"] == 0.3
    choose(qtbot, named(desk.data, "normalize"), "range")
    assert desk.session.project.data.options == {"validation": 0.3, "normalize": "range"}
    desk.session.undo_stack.undo()
    desk.session.undo_stack.undo()
    assert named(desk.data, "validation").text() == "0.15"


def test_each_part_gets_its_share_of_each_class_by_one_click(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    rows = [f"{at},{'rare' if at % 20 == 7 else 'often'}" for at in range(400)]
    (tmp_path / "rows.csv").write_text("\n".join(["a,kind", *rows]))
    data = Data(Setting("CSV", {"path": "rows.csv"}), {"stratify": False, "validation": 0.25, "test": 0.25})
    desk.session.commit(replace(desk.session.project, data=data), "other data")

    def rare() -> list[int]:
        ready = read_data(desk.session.project.data, tmp_path)
        kinds = ready.raw.arrays["kind"]
        (place,) = [at for at, name in enumerate(ready.raw.fields["kind"].classes or ()) if name == "rare"]
        return [int((kinds[ready.rows[part]] == place).sum()) for part in ("train", "validation", "test")]

    assert rare() != [10, 5, 5]
    (switch,) = [
        one
        for one in desk.data.findChildren(QAbstractButton)
        if one.accessibleName() == "stratify" and one.isVisible()
    ]
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton, pos=QPoint(8, switch.height() // 2))
    assert desk.session.project.data.options["stratify"] is True
    assert rare() == [10, 5, 5]
    choose(qtbot, named(desk.data, "split"), "time")  # which leaves no choice of classes
    assert not switch.isVisible()


def test_training_options_and_components(desk: Desk, qtbot: QtBot) -> None:
    retype(qtbot, named(desk.training, "epochs"), "40")
    choose(qtbot, named(desk.training, "optimizer"), "SGD")
    retype(qtbot, named(desk.training, "momentum"), "0.9")
    choose(qtbot, named(desk.training, "schedule"), "Cosine")
    training = desk.session.project.training
    assert training.options["epochs"] == 40
    assert training.optimizer == Setting("SGD", {"momentum": 0.9})
    assert training.schedule.type == "Cosine"
    labels = [desk.session.undo_stack.text(index) for index in range(desk.session.undo_stack.count())]
    assert labels == ["Set epochs", "Choose SGD", "Set momentum of SGD", "Choose Cosine"]


def test_what_needs_more_is_in_sections_of_its_own(desk: Desk, qtbot: QtBot) -> None:
    shown, before = texts(desk.training), dict(desk.session.project.training.options)
    for title in ("Run", "Optimizer", "Schedule", "Steps", "Validation", "Averaged weights"):
        assert title in shown
    desk.check()
    judged = named(desk.training, "best_by")
    assert [judged.itemText(row) for row in range(judged.count())] == ["loss", "accuracy"]
    judged.setFocus()
    qtbot.keyClick(judged, Qt.Key.Key_Down)
    choose(qtbot, named(desk.training, "precision"), "bfloat16")
    retype(qtbot, named(desk.training, "accumulate"), "4")
    assert not any(
        one.isVisible() for one in desk.training.findChildren(QWidget) if one.accessibleName() == "ema_decay"
    )
    choose(qtbot, named(desk.training, "average"), "ema")
    retype(qtbot, named(desk.training, "ema_decay"), "0.99")
    assert desk.session.project.training.options == {
        **before,
        "best_by": "accuracy",
        "precision": "bfloat16",
        "accumulate": 4,
        "average": "ema",
        "ema_decay": 0.99,
    }
    with qtbot.waitSignal(desk.training.rate_wanted):
        button = next(one for one in desk.training.findChildren(QPushButton) if "rate" in one.text())
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def repair(desk: Desk, qtbot: QtBot) -> None:
    """Press the first repair that the training panel offers."""
    button = next(one for one in desk.training.findChildren(QPushButton) if one.isVisible())
    with qtbot.waitSignal(desk.training.fix_requested) as asked:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.session.commit(asked.args[0].edit(desk.session.project), "Repair")
    desk.check()


def test_a_warning_of_the_training_is_told_and_can_be_repaired_but_marks_no_setting(
    desk: Desk, qtbot: QtBot
) -> None:
    retype(qtbot, named(desk.training, "batch_size"), "5000")
    desk.check()
    assert any("a batch of 5000 is larger" in text for text in texts(desk.training))
    assert named(desk.training, "batch_size").property("invalid") is False
    repair(desk, qtbot)
    assert named(desk.training, "batch_size").text() != "5000"
    assert not any("a batch of" in text for text in texts(desk.training))


def test_errors_of_the_training_are_marked_and_can_be_repaired(desk: Desk, qtbot: QtBot) -> None:
    wrong = edits.set_optimizer(desk.session.project, Setting("Adam", {"lr": -1.0}))
    desk.session.commit(wrong, "Wrong")
    desk.check()
    assert named(desk.training, "lr").property("invalid") is True
    repair(desk, qtbot)
    assert named(desk.training, "lr").property("invalid") is False


def test_a_wrong_value_in_the_file_is_shown_as_it_is(desk: Desk) -> None:
    wrong = edits.set_optimizer(desk.session.project, Setting("Adam", {"lr": -1.0}))
    desk.session.commit(wrong, "Wrong")
    desk.check()
    assert named(desk.training, "lr").text() == "-1"
    assert named(desk.training, "lr").property("invalid") is True


def test_an_unknown_optimizer_is_kept_and_told(desk: Desk) -> None:
    desk.session.commit(edits.set_optimizer(desk.session.project, Setting("Zadam", {"x": 1})), "Unknown")
    desk.check()
    assert named(desk.training, "optimizer").placeholderText() == "Zadam"
    assert any("no optimizer called Zadam" in text for text in texts(desk.training))


def test_without_data_only_the_choice_is_shown(desk: Desk, photograph) -> None:
    desk.session.commit(edits.set_source(desk.session.project, Setting("None")), "No data")
    desk.check()
    assert not [one for one in desk.data.findChildren(QLineEdit) if one.isVisible()]
    photograph(desk.data, "data_none")


def test_the_schedule_is_drawn_and_told(desk: Desk, qtbot: QtBot, photograph) -> None:
    (plot,) = desk.training.findChildren(SchedulePlot)
    desk.check()
    desk.session.commit(edits.set_training(desk.session.project, epochs=20), "Epochs")
    desk.session.commit(edits.set_optimizer(desk.session.project, Setting("SGD", {"lr": 0.5})), "Optimizer")
    flat = plot.grab().toImage()
    assert "starts at 0.5, is highest with 0.5 in epoch 1 and ends at 0.5" in plot.accessibleDescription()
    choose(qtbot, named(desk.training, "schedule"), "OneCycle")
    assert desk.session.project.training.schedule.type == "OneCycle"
    told = plot.accessibleDescription()
    assert "starts at 0.02, is highest with 0.5 in epoch 6 and ends at 2e-6 after 20 epochs" in told
    assert plot.grab().toImage() != flat
    retype(qtbot, named(desk.training, "warmup"), "10")
    qtbot.keyClick(named(desk.training, "warmup"), Qt.Key.Key_Return)
    assert "in epoch 11" not in told
    assert "highest with 0.5 in epoch 13" in plot.accessibleDescription()
    dark = plot.grab().toImage()
    photograph(desk.training, "training_schedule")
    plot.set_tokens(LIGHT)
    assert plot.grab().toImage() != dark
    choose(qtbot, named(desk.training, "schedule"), "Plateau")
    assert "as if the loss no longer fell" in plot.accessibleDescription()
    desk.session.commit(edits.set_schedule(desk.session.project, Setting("Sawtooth")), "Schedule")
    assert not plot.isVisible()


def test_the_schedule_ends_with_the_rate_of_the_last_step(desk: Desk, qtbot: QtBot) -> None:
    (plot,) = desk.training.findChildren(SchedulePlot)
    project = edits.set_training(desk.session.project, epochs=30, batch_size=64)
    project = edits.set_optimizer(project, Setting("AdamW", {"lr": 0.003}))
    desk.session.commit(edits.set_schedule(project, Setting("Cosine")), "Schedule")
    assert "ends after 30 epochs. Its last value depends" in plot.accessibleDescription()
    desk.check()
    steps = 30 * 20  # of 1257 samples
    last = 0.003 * (1 + math.cos(math.pi * (steps - 1) / steps)) / 2
    assert f"ends at {number(last, 3)} after 30 epochs" in plot.accessibleDescription()
    desk.session.commit(edits.set_training(desk.session.project, max_steps=10), "Steps")
    last = 0.003 * (1 + math.cos(math.pi * 9 / 10)) / 2
    assert f"ends at {number(last, 3)} after 10 steps" in plot.accessibleDescription()


def test_picture(desk: Desk, photograph) -> None:
    desk.check()
    photograph(desk.data, "data_settings")
    photograph(desk.training, "training_settings")

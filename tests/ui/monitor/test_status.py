"""The Status panel, driven by events of real runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QScrollArea
from pytestqt.qtbot import QtBot

from studio.train.events import (
    EpochEnded,
    Event,
    Failed,
    Finished,
    Limit,
    Paused,
    Progress,
    Resumed,
    Started,
    Validated,
)
from studio.ui.monitor.runs_model import status_text
from studio.ui.monitor.status import Status
from studio.ui.monitor.wording import clock, duration, metric_text, number
from studio.ui.theme import DARK, LIGHT, Tokens

Run = tuple[Path, list[Event]]


@pytest.fixture
def status(qtbot: QtBot) -> Status:
    panel = Status()
    qtbot.addWidget(panel)
    panel.resize(300, 260)
    panel.show()
    return panel


def texts(status: Status) -> str:
    return "\n".join(label.text() for label in status.findChildren(QLabel) if label.isVisible())


def test_it_says_what_will_appear(status: Status) -> None:
    assert "Press Train" in texts(status)


def test_the_last_validation_stays_where_epochs_end_without_one(status: Status, within: Run) -> None:
    events = within[1]
    at = next(i for i, event in enumerate(events) if isinstance(event, Started))
    end = next(i for i, event in enumerate(events) if isinstance(event, EpochEnded))
    status.begin("Run 5", events[at])
    status.add(events[at + 1 : end + 1])
    last = [event for event in events[:end] if isinstance(event, Validated)][-1]
    assert events[end].validation == {}
    assert status.facts["accuracy (val)"] == metric_text("accuracy", last.validation["accuracy"])
    status.add(events[end + 1 :])
    assert status.state == "Ended by max_steps"
    bar = status.findChild(QProgressBar)
    assert bar.value() == bar.maximum()


def test_a_run_from_start_to_end(status: Status, digits: Run) -> None:
    events = digits[1]
    at = next(i for i, event in enumerate(events) if isinstance(event, Started))
    status.prepare("Run 4")
    assert status.state == "Preparing"
    status.begin("Run 4", events[at])
    assert status.state == "Training"
    assert "epoch 1 of 8" in texts(status)
    first = next(i for i, event in enumerate(events) if isinstance(event, EpochEnded))
    status.add(events[at + 1 : first])
    assert "loss (train)" in status.facts
    status.add(events[first:-1])
    ended = [event for event in events if isinstance(event, EpochEnded)][-1]
    assert status.facts["loss (val)"] == metric_text("loss", ended.validation["loss"])
    assert status.facts["accuracy (val)"] == metric_text("accuracy", ended.validation["accuracy"])
    assert status.facts["best"] == f"epoch {ended.best_epoch}"
    assert status.facts["speed"].endswith(" /s")
    status.add(events[-1:])
    assert status.state == "Finished"
    assert "epoch 8 of 8" in texts(status)
    bar = status.findChild(QProgressBar)
    assert bar.value() == bar.maximum()


def test_pause_resume_and_stop(status: Status, digits: Run) -> None:
    events = digits[1]
    status.begin("Run", next(event for event in events if isinstance(event, Started)))
    status.add([next(event for event in events if isinstance(event, Progress))])
    assert status.facts["left"] != "–"
    status.add([Paused(1.0, 1, 5)])
    assert (status.state, status.facts["left"]) == ("Paused", "–")
    status.add([Resumed(1.0, 1, 5)])
    assert status.state == "Training"
    status.add([Finished(2.0, "stopped", 3, 60, 2)])
    assert status.state == "Stopped"
    assert "epoch 3 of 8" in texts(status)


def test_a_failure_is_told_with_what_to_do(status: Status, digits: Run) -> None:
    status.prepare("Run")
    status.add([Failed(0.0, "data.csv: there is no such file", "Choose the file in the data settings.")])
    assert "Failed" in status.state
    assert "data.csv: there is no such file" in texts(status)
    assert "Choose the file" in texts(status)
    status.begin("Run 2", next(event for event in digits[1] if isinstance(event, Started)))
    assert "data.csv" not in texts(status)


def test_a_regression_shows_its_own_metric(status: Status, diabetes: Run) -> None:
    status.add(diabetes[1])
    assert "mean absolute error (val)" in status.facts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1382, "0.1382"),
        (3.1e-4, "3.1e-4"),
        (41200.4, "41,200"),
        (0.0, "0"),
        (float("nan"), "–"),
        (1e9, "1e9"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_times() -> None:
    assert [clock(43), clock(3723), clock(float("inf"))] == ["0:00:43", "1:02:03", "–"]
    assert [duration(0.42), duration(12.3), duration(75)] == ["0.4 s", "12 s", "0:01:15"]


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.scheme)
def test_it_looks_like_the_window(
    qtbot: QtBot, digits: Run, dressed: Callable[[Tokens], None], pictures: Path | None, tokens: Tokens
) -> None:
    dressed(tokens)
    panel = Status()
    qtbot.addWidget(panel)
    panel.resize(300, 260)
    events = digits[1]
    epochs = next(event.epochs for event in events if isinstance(event, Started))
    ends = [at for at, event in enumerate(events) if isinstance(event, EpochEnded) and event.epoch < epochs]
    panel.add(events[: ends[-1] + 1])
    panel.show()
    picture = panel.grab().toImage()
    assert picture.pixelColor(1, 1).name() == tokens.panel
    bar = panel.findChild(QProgressBar)
    early = bar.mapTo(panel, QPoint(bar.width() // 4, bar.height() // 2))
    assert picture.pixelColor(early).name() == tokens.accent
    if pictures:
        picture.save(str(pictures / f"status_{tokens.scheme}.png"))


def test_an_epoch_that_ended_is_not_taken_back_by_what_was_reported_before(qtbot: QtBot, digits: Run) -> None:
    panel = Status()
    qtbot.addWidget(panel)
    started = next(event for event in digits[1] if isinstance(event, Started))
    ended = [event for event in digits[1] if isinstance(event, EpochEnded)]
    early = Progress(
        step=1,
        epoch=1,
        samples_per_second=100.0,
        learning_rate=0.1,
        left=9.0,
        losses=(1.0,),
        metrics={},
        time=0.0,
    )
    panel.add([started, early, ended[0], ended[1]])
    panel.show()
    bar = panel.findChild(QProgressBar)
    assert bar.value() / bar.maximum() == pytest.approx(2 / started.epochs, abs=0.01)


def test_a_long_failure_is_read_to_its_end(status: Status, qtbot: QtBot) -> None:
    status.resize(272, 150)
    status.prepare("cnn_digits-002")
    message = "The run's process is gone.\nTraining went on from the last checkpoint (step 2840, epoch 85)."
    status.add([Failed(0.0, message, "Free memory, or choose smaller batches, and press Resume.")])
    area = status.findChild(QScrollArea)
    assert area is not None
    label = next(one for one in status.findChildren(QLabel) if "2840" in one.text())
    assert label.height() >= label.heightForWidth(label.width())
    assert label.width() <= area.viewport().width()
    bar = area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    for _ in range(20):
        qtbot.keyClick(area, Qt.Key.Key_Down)
    assert bar.value() == bar.maximum()


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_name_of_a_run_is_read_beside_its_state(
    status: Status, theme: Tokens, dressed: Callable[[Tokens], None]
) -> None:
    dressed(theme)
    status.resize(300, 212)
    status.begin("fashion_cnn-002", Started(0.0, "r", "cpu", 120, 10, 8, {}, 5, member=2, members=3))
    name = next(one for one in status.findChildren(QLabel) if one.text() == "fashion_cnn-002")
    status.add([Finished(2.0, "early", 85, 850, 2)])
    QApplication.processEvents()
    assert name.width() >= name.fontMetrics().horizontalAdvance(name.text())
    for label in status.findChildren(QLabel):
        assert not label.isVisible() or label.height() >= label.fontMetrics().height()


def test_several_seeds_end_with_their_mean(status: Status) -> None:
    losses = (0.1, 0.2, 0.3)
    events: list[Event] = []
    for member, loss in enumerate(losses):
        events.append(Started(0.0, "r", "cpu", 1, 10, 8, {}, 5, member=member, members=3))
        values = {"loss": loss, "accuracy": 0.9 + loss / 10}
        events.append(EpochEnded(1.0, 1, 10, values, values, 0.1, True, 1))
    status.prepare("Run")
    status.add(events)
    assert "seed 3/3" in texts(status)
    assert status.facts["loss (val)"] == "0.3"
    test, deviation = {"loss": 0.25, "accuracy": 0.915}, {"loss": 0.05, "accuracy": 0.0051}
    status.add([Finished(3.0, "completed", 1, 10, 1, test, deviation)])
    assert "mean of 3 seeds" in texts(status)
    assert status.facts["loss (val)"] == "0.20 ± 0.10"
    assert status.facts["accuracy (val)"] == "92.00 ± 1.00 %"
    assert status.facts["loss (test)"] == "0.250 ± 0.050"
    assert status.facts["accuracy (test)"] == "91.50 ± 0.51 %"


def test_seeds_that_were_over_before_a_resume_count(status: Status) -> None:
    def seed(member: int, loss: float) -> list[Event]:
        started = Started(0.0, "r", "cpu", 1, 10, 8, {}, 5, member=member, members=2)
        return [started, EpochEnded(1.0, 1, 10, {"loss": loss}, {"loss": loss}, 0.1, True, 1)]

    status.prepare("Run")
    status.add([*seed(0, 0.1), Finished(3.0, "stopped", 1, 10, 1)])
    assert status.facts["loss (val)"] == "0.1"
    status.prepare("Run")
    status.add([*seed(1, 0.3), Finished(3.0, "completed", 1, 10, 1)])
    assert status.facts["loss (val)"] == "0.20 ± 0.14"
    status.prepare("Another")
    status.add([*seed(1, 0.3), Finished(3.0, "completed", 1, 10, 1)])
    assert status.facts["loss (val)"] == "0.3"
    assert "seed 2/2" in texts(status)


def test_the_test_of_a_run_is_shown_when_it_is_over(status: Status, digits: Run) -> None:
    status.show_run("Run", digits[1])
    last = digits[1][-1]
    assert isinstance(last, Finished)
    assert status.facts["accuracy (test)"] == metric_text("accuracy", last.test["accuracy"])
    status.show_run("Run", digits[1][:-1])
    assert "accuracy (test)" not in status.facts


@pytest.mark.parametrize(
    ("limit", "word"),
    [("minutes", "Ended by max_minutes"), ("steps", "Ended by max_steps"), ("", "Finished")],
)
def test_a_limit_that_ended_a_run_is_named(status: Status, digits: Run, limit: Limit, word: str) -> None:
    status.show_run("one", [*digits[1][:-1], Finished(9.0, "completed", 3, 60, 2, limit=limit)])
    assert status.state == word
    assert status_text(limit or "completed") == f"✓ {word[0].lower()}{word[1:]}"

"""What a run tells beside its numbers is in the log of the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QPlainTextEdit

from studio.train.control import Control
from studio.train.events import EpochEnded, Event, Finished, Unmeasured, Warned
from studio.train.runs import read_run
from studio.ui.monitor.run_record import record_text
from studio.ui.window import MainWindow
from tests.cli.test_progress_lines import MEASURED
from tests.train.drawings import digits, train
from tests.ui.windows import find


def test_warnings_and_what_was_measured_are_in_the_log(window: MainWindow) -> None:
    few = Unmeasured(0.0, {"compile": "not compiled: 60 steps are too few to gain what compiling takes"})
    window.run_views.add([few, Warned(1.0, "No room.", "Make some."), MEASURED])
    text = find(window.panels.log, QPlainTextEdit, "Log").toPlainText()
    assert "No room. Make some." in text
    assert few.kept["compile"] in text
    assert "goes on with 2 threads, channels_last" in text


def test_what_the_test_part_came_to_is_in_the_log(window: MainWindow) -> None:
    test, deviation = {"loss": 0.0955, "accuracy": 0.9741}, {"loss": 0.0061, "accuracy": 0.003}
    window.run_views.add([Finished(9.0, "completed", 30, 600, 20, test, deviation)])
    text = find(window.panels.log, QPlainTextEdit, "Log").toPlainText()
    assert "finished all 30 epochs · test: loss 0.0955 ± 0.0061, accuracy 97.41 ± 0.30 %" in text


def test_what_auto_took_and_why_is_in_the_record(tmp_path: Path) -> None:
    run = train(digits(epochs=1, compile="auto"), tmp_path).result.run_dir
    assert "not compiled: 20 steps are too few to gain what compiling takes" in record_text(read_run(run))


def test_a_seed_that_is_not_over_tells_in_the_record_how_far_it_has_come(tmp_path: Path) -> None:
    heard: list[EpochEnded] = []

    def stop_in_the_second(event: Event, control: Control) -> None:
        if isinstance(event, EpochEnded):
            heard.append(event)
            if len(heard) == 3:
                control.stop()

    run = train(digits(epochs=2, seeds=2, seed=5), tmp_path, steer=stop_in_the_second).result.run_dir
    told = record_text(read_run(run))
    assert "seed 5: loss " in told
    assert "seed 6: nothing measured, 1 of 2 epochs done" in told

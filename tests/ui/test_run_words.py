"""What a run tells beside its numbers is in the log of the window."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit

from studio.train.events import Finished, Warned
from studio.ui.window import MainWindow
from tests.cli.test_progress_lines import MEASURED
from tests.ui.windows import find


def test_warnings_and_what_was_measured_are_in_the_log(window: MainWindow) -> None:
    window.run_views.add([Warned(1.0, "No room.", "Make some."), MEASURED])
    text = find(window.panels.log, QPlainTextEdit, "Log").toPlainText()
    assert "No room. Make some." in text
    assert "goes on with 2 threads, channels_last" in text


def test_what_the_test_part_came_to_is_in_the_log(window: MainWindow) -> None:
    test, deviation = {"loss": 0.0955, "accuracy": 0.9741}, {"loss": 0.0061, "accuracy": 0.003}
    window.run_views.add([Finished(9.0, "completed", 30, 600, 20, test, deviation)])
    text = find(window.panels.log, QPlainTextEdit, "Log").toPlainText()
    assert "finished all 30 epochs · test: loss 0.0955 ± 0.0061, accuracy 97.41 ± 0.30 %" in text

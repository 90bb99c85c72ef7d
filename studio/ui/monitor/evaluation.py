"""Evaluates a run off the UI thread, for the panels that show what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from studio.errors import StudioError
from studio.ui.background import Background
from studio.ui.monitor.wording import grouped, metric_label, metric_text

if TYPE_CHECKING:
    from studio.analysis.evaluate import Evaluation, PartName


class Evaluator(QObject):
    """One evaluation at a time; of several that are asked for meanwhile the latest wins."""

    started = Signal(Path)
    arrived = Signal(object)
    """An Evaluation."""
    failed = Signal(str, str)
    """What went wrong, and what to do."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._background.done.connect(self.arrived)
        self._background.failed.connect(self._fail)

    def request(self, run: Path, part: PartName = "test") -> None:
        """Evaluate a run's best weights on a part of its data."""
        self.started.emit(run)
        self._background.request(lambda: _evaluate(run, part))

    def close(self) -> None:
        """Let the current evaluation end, and take no more."""
        self._background.close()

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, StudioError):
            self.failed.emit(self.tr("The run could not be evaluated."), str(error))
            raise error
        self.failed.emit(error.message, error.hint)


def summary(evaluation: Evaluation) -> str:
    """test: accuracy 97.41 %, loss 0.0912 of 270 samples"""
    parts: Mapping[str, str] = {
        "test": QCoreApplication.translate("Evaluation", "Test part"),
        "validation": QCoreApplication.translate("Evaluation", "Validation part"),
        "train": QCoreApplication.translate("Evaluation", "Training part"),
    }
    shown = sorted(evaluation.metrics.items(), key=lambda pair: pair[0] == "loss")
    values = [f"{metric_label(name)} {metric_text(name, value)}" for name, value in shown]
    text = QCoreApplication.translate("Evaluation", "{part} · {count} samples")
    head = text.format(part=parts.get(evaluation.part, evaluation.part), count=grouped(evaluation.count))
    return " · ".join((head, *values))


def _evaluate(run: Path, part: PartName) -> Evaluation:
    from studio.analysis.evaluate import evaluate

    return evaluate(run, part)

"""The Confusion panel: which classes a run takes for which, and its metrics on the test part."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.ui.monitor.elided import Elided
from studio.ui.monitor.empty import OrEmpty
from studio.ui.monitor.evaluation import summary
from studio.ui.monitor.matrix import Matrix
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.analysis.evaluate import Evaluation


class Confusion(QWidget):
    """The confusion matrix of an evaluation, of one loss node at a time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._evaluation: Evaluation | None = None
        self._summary, self._detail = Elided(), Elided()
        self._losses = QComboBox()
        self._matrix = Matrix()
        self._pages = OrEmpty()
        self._arrange()
        self.clear()
        self._matrix.chosen.connect(self._detail.setText)
        self._losses.currentTextChanged.connect(self._show_loss)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._matrix.set_tokens(tokens)

    def clear(self) -> None:
        """Say what appears here."""
        self._pages.say(
            self.tr("No evaluation yet"),
            self.tr(
                "Which classes are taken for which appears here once a classifier is trained. Press Train."
            ),
        )

    def expect(self, run: Path) -> None:
        """Say that this run is being evaluated."""
        self._pages.say(self.tr("Evaluating {run} …").format(run=run.name), "")

    def show_failure(self, message: str, hint: str) -> None:
        """Say why there is no evaluation."""
        self._pages.say(message, hint)

    def show_evaluation(self, evaluation: Evaluation) -> None:
        """Show an evaluation; one without classes says so, with its metrics."""
        self._evaluation = evaluation
        self._summary.setText(summary(evaluation))
        names = list(evaluation.confusions)
        if not names:
            self._pages.say(self.tr("This network predicts numbers, no classes"), summary(evaluation))
            return
        self._losses.blockSignals(True)
        self._losses.clear()
        self._losses.addItems(names)
        self._losses.blockSignals(False)
        self._losses.setVisible(len(names) > 1)
        self._show_loss(names[0])
        self._pages.show_body()

    def _show_loss(self, name: str) -> None:
        if self._evaluation and name in self._evaluation.confusions:
            self._matrix.show_confusion(self._evaluation.confusions[name])
            self._detail.setText("")

    def _arrange(self) -> None:
        self._summary.setProperty("role", "secondary")
        self._losses.setAccessibleName(self.tr("Loss node"))
        self._losses.setToolTip(self.tr("Which loss node's classes to show"))
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self._losses)
        row.addWidget(self._summary, 3)
        row.addWidget(self._detail, 2)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(self._matrix)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(area, 1)
        self._pages.fill(self, body)

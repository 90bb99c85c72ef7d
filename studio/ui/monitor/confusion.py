"""The Confusion panel: which classes a run takes for which, and its metrics on the test part."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.ui.monitor.elided import Elided
from studio.ui.monitor.empty import Empty
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
        self._stack = QStackedWidget()
        self._empty = Empty("", "")
        self._arrange()
        self.clear()
        self._matrix.chosen.connect(self._detail.setText)
        self._losses.currentTextChanged.connect(self._show_loss)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._matrix.set_tokens(tokens)

    def clear(self) -> None:
        """Say what appears here."""
        self._say(
            self.tr("No evaluation yet"),
            self.tr(
                "Which classes are taken for which appears here once a classifier is trained. Press Train."
            ),
        )

    def expect(self, run: Path) -> None:
        """Say that this run is being evaluated."""
        self._say(self.tr("Evaluating {run} …").format(run=run.name), "")

    def show_failure(self, message: str, hint: str) -> None:
        """Say why there is no evaluation."""
        self._say(message, hint)

    def show_evaluation(self, evaluation: Evaluation) -> None:
        """Show an evaluation; one without classes says so, with its metrics."""
        self._evaluation = evaluation
        self._summary.setText(summary(evaluation))
        names = list(evaluation.confusions)
        if not names:
            self._say(self.tr("This network predicts numbers, no classes"), summary(evaluation))
            return
        self._losses.blockSignals(True)
        self._losses.clear()
        self._losses.addItems(names)
        self._losses.blockSignals(False)
        self._losses.setVisible(len(names) > 1)
        self._show_loss(names[0])
        self._stack.setCurrentIndex(1)

    @property
    def matrix(self) -> Matrix:
        """The matrix itself."""
        return self._matrix

    def _show_loss(self, name: str) -> None:
        if self._evaluation and name in self._evaluation.confusions:
            self._matrix.show_confusion(self._evaluation.confusions[name])
            self._detail.setText("")

    def _say(self, heading: str, text: str) -> None:
        self._empty.say(heading, text)
        self._stack.setCurrentIndex(0)

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
        self._stack.addWidget(self._empty)
        self._stack.addWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 8, 12, 4)
        outer.addWidget(self._stack)

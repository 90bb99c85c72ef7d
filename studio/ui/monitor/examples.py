"""The Examples panel: what a run says of single samples of the test part, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.ui.monitor.elided import Elided
from studio.ui.monitor.empty import OrEmpty
from studio.ui.monitor.evaluation import summary
from studio.ui.monitor.gallery import Card, SamplesModel
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.analysis.evaluate import Evaluation
    from studio.analysis.examples import Sample

PAGE = 24


class Examples(QWidget):
    """A gallery of predictions, page by page; all, or the wrong ones only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: Sequence[Sample] = ()
        self._first = 0
        self._summary, self._place = Elided(), QLabel()
        self._filter = QComboBox()
        self._back, self._next = QPushButton("‹"), QPushButton("›")
        self._model, self._card = SamplesModel(), Card()
        self._view = QListView()
        self._pages = OrEmpty()
        self._set_up()
        self._arrange()
        self.clear()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._card.set_tokens(tokens)
        self._view.viewport().update()

    def clear(self) -> None:
        """Say what appears here."""
        text = self.tr("Predictions appear here once a network is trained, the worst first. Press Train.")
        self._pages.say(self.tr("No examples yet"), text)

    def expect(self, run: Path) -> None:
        """Say that this run is being evaluated."""
        self._pages.say(self.tr("Evaluating {run} …").format(run=run.name), "")

    def show_failure(self, message: str, hint: str) -> None:
        """Say why there are no examples."""
        self._pages.say(message, hint)

    def show_evaluation(self, evaluation: Evaluation) -> None:
        """Show an evaluation's samples."""
        self._samples, self._first = evaluation.samples, 0
        self._summary.setText(summary(evaluation))
        classes = any(sample.confidence is not None for sample in evaluation.samples)
        self._filter.setVisible(classes)
        if not classes:
            self._filter.setCurrentIndex(0)
        self._show_page()
        self._pages.show_body()

    @property
    def shown(self) -> Sequence[Sample]:
        """The samples of this page."""
        return self._chosen()[self._first : self._first + PAGE]

    def _chosen(self) -> Sequence[Sample]:
        if self._filter.currentData() == "wrong":
            return [sample for sample in self._samples if sample.wrong]
        return self._samples

    def _show_page(self) -> None:
        count = len(self._chosen())
        self._card.fit(self.shown, self._view.font())
        self._model.show_samples(self.shown)
        self._back.setEnabled(self._first > 0)
        self._next.setEnabled(self._first + PAGE < count)
        text = self.tr("{first}–{last} of {count}")
        last = min(self._first + PAGE, count)
        none = self.tr("none: every one of these is right")
        self._place.setText(text.format(first=self._first + 1, last=last, count=count) if count else none)

    def _turn(self, by: int) -> None:
        self._first = max(0, self._first + by * PAGE)
        self._view.scrollToTop()
        self._show_page()

    def _refilter(self) -> None:
        self._first = 0
        self._show_page()

    def _set_up(self) -> None:
        self._filter.addItem(self.tr("All, worst first"), "all")
        self._filter.addItem(self.tr("Wrong only"), "wrong")
        self._filter.setAccessibleName(self.tr("Which examples"))
        self._filter.setToolTip(self.tr("Show all examples, or those whose class was mistaken"))
        for button, text in ((self._back, self.tr("Page before")), (self._next, self.tr("Next page"))):
            button.setToolTip(text)
            button.setAccessibleName(text)
        view = self._view
        view.setModel(self._model)
        view.setItemDelegate(self._card)
        view.setViewMode(QListView.ViewMode.IconMode)
        view.setResizeMode(QListView.ResizeMode.Adjust)
        view.setMovement(QListView.Movement.Static)
        view.setSpacing(4)
        view.setAccessibleName(self.tr("Examples"))
        view.setToolTip(self.tr("Samples of the test part, the one with the largest loss first"))
        self._filter.currentIndexChanged.connect(self._refilter)
        self._back.clicked.connect(lambda: self._turn(-1))
        self._next.clicked.connect(lambda: self._turn(1))

    def _arrange(self) -> None:
        self._summary.setProperty("role", "secondary")
        self._place.setProperty("role", "secondary")
        for button in (self._back, self._next):
            button.setFixedSize(QSize(32, 28))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._filter)
        row.addWidget(self._summary, 1)
        for widget in (self._place, self._back, self._next):
            row.addWidget(widget)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self._view, 1)
        self._pages.fill(self, body)

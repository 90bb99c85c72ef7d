"""The table of a comparison of frameworks: last losses, speed and memory of each, and how it was measured."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.interchange.beside.figures import Figures, in_training
from studio.interchange.beside.told import FRAMEWORKS, TITLES, Framework
from studio.ui.card import label
from studio.ui.monitor.legend import number_font

MB = 1e6
NONE = "–"


class BesideTable(QWidget):
    """A row for each of the two, and one for how far they are apart."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = QTableWidget(len(FRAMEWORKS) + 1, 5)
        self._measured = label("", "secondary", wrapped=True)
        self._arrange()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.cells)
        column.addWidget(self._measured)
        self.show_figures(Figures())

    def show_figures(self, figures: Figures) -> None:
        """Show the last epoch that both have, and what both need."""
        for row, name in enumerate(FRAMEWORKS):
            self._fill(row, self._row(figures, name))
        last = figures.rows[-1] if figures.rows else None
        apart = last.validation_difference if last else None
        shares = [f"{last.difference:.1e}" if last else NONE, NONE if apart is None else f"{apart:.1e}"]
        self._fill(len(FRAMEWORKS), [*shares, "", "", ""])
        self._measured.setText(self._told(figures))

    def _row(self, figures: Figures, name: Framework) -> list[str]:
        rows = figures.rows
        last = (rows[-1].pytorch if name == "pytorch" else rows[-1].tensorflow) if rows else None
        speed, memory = figures.speed(name), figures.memory(name)
        return [
            f"{last.train:.6g}" if last else NONE,
            NONE if last is None or last.validation is None else f"{last.validation:.6g}",
            NONE if speed is None else f"{speed:,.0f}",
            megabytes(in_training(memory)),
            megabytes(memory.peak),
        ]

    def _fill(self, row: int, texts: list[str]) -> None:
        for column, text in enumerate(texts):
            item = self.cells.item(row, column)
            if item is None:
                item = QTableWidgetItem()
                item.setFont(number_font())
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.cells.setItem(row, column, item)
            item.setText(text)

    def _told(self, figures: Figures) -> str:
        begun = figures.begun
        if begun is None:
            return self.tr("The table fills as soon as both have trained an epoch.")
        versions = ", ".join(f"{name} {version}" for name, version in begun.versions.items())
        how = (
            self.tr("Speed: the training steps of all epochs but the first")
            if len(figures.rows) > 1
            else self.tr("Speed: the first epoch, the start of each framework included")
        )
        threads = (
            self.tr("one thread each")
            if begun.threads == 1
            else self.tr("{count} threads each").format(count=begun.threads)
        )
        text = self.tr("{how}; {threads}. Memory of training: beyond libraries, data and network. {versions}")
        return text.format(how=how, threads=threads, versions=versions)

    def _arrange(self) -> None:
        cells = self.cells
        titles = (
            self.tr("Training loss"),
            self.tr("Validation loss"),
            self.tr("Samples per second"),
            self.tr("Memory of training"),
            self.tr("Memory of the process"),
        )
        cells.setHorizontalHeaderLabels(list(titles))
        cells.setVerticalHeaderLabels([*(TITLES[one] for one in FRAMEWORKS), self.tr("Difference")])
        cells.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        cells.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        cells.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        cells.setTabKeyNavigation(False)
        cells.setAccessibleName(self.tr("Losses, speed and memory of each"))
        cells.setToolTip(self.tr("The last epoch that both have trained, and what they needed"))
        cells.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        cells.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        height = cells.horizontalHeader().sizeHint().height()
        cells.setFixedHeight(
            height + sum(map(cells.rowHeight, range(cells.rowCount()))) + 2 * cells.frameWidth()
        )


def megabytes(count: int | None) -> str:
    """Bytes as people read them."""
    if count is None:
        return NONE
    return f"{count / MB:,.0f} MB" if count >= 1e7 else f"{count / MB:.1f} MB"

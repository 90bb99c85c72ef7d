"""The row above the samples: filter, order, how many there are, and what can be done with those chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QMenu, QWidget

from studio.ui.card import small_button
from studio.ui.monitor.wording import grouped

WAIT_MS = 250
"""A filter is applied when typing rests."""


class Bar(QWidget):
    """What is asked of the list, by hand."""

    asked = Signal()
    """Filter or order are others now."""
    random_wanted = Signal()

    def __init__(self, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._among: tuple[int, ...] | None = None
        self._filter = QLineEdit()
        self._filter.setPlaceholderText(
            self.tr("Filter: label = 3, age > 60, part = test, excluded, any word")
        )
        self._filter.setAccessibleName(self.tr("Filter of the samples"))
        self._filter.setToolTip(
            self.tr(
                "Columns with =, !=, <, >, ~ (contains); part, row and key; excluded, changed, relabelled, "
                "weighted, problem; any other word is looked for in texts and names. Join terms with “and”."
            )
        )
        self._only = small_button("", self.tr("Show all samples again"))
        self._only.clicked.connect(self._forget)
        self._only.hide()
        self._sort = QComboBox()
        self._sort.setAccessibleName(self.tr("Order of the samples"))
        self._sort.setToolTip(self.tr("The column by which the samples are ordered"))
        self._sort.setMinimumContentsLength(10)
        self._sort.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._down = small_button("↑", self.tr("Smallest first; press for largest first"))
        self._down.setCheckable(True)
        self._random = small_button(self.tr("Random"), self.tr("Go to a sample drawn at random"))
        self._chosen = small_button(
            self.tr("Selected"), self.tr("What can be done with the selected samples")
        )
        self._chosen.setMenu(menu)
        self._count = QLabel()
        self._count.setProperty("role", "small")
        self._arrange()
        self._later = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._later.timeout.connect(self.asked)
        self._filter.textChanged.connect(lambda _: self._later.start())
        self._filter.returnPressed.connect(self._now)
        self._sort.currentIndexChanged.connect(lambda _: self.asked.emit())
        self._down.toggled.connect(self._turn)
        self._random.clicked.connect(self.random_wanted)

    @property
    def text(self) -> str:
        """The filter."""
        return self._filter.text()

    @property
    def among(self) -> tuple[int, ...] | None:
        """The rows that the filter is taken from; None for all."""
        return self._among

    @property
    def order(self) -> tuple[str, bool]:
        """The column, "" for the source's own order, and whether the largest come first."""
        return str(self._sort.currentData() or ""), self._down.isChecked()

    def show_columns(self, names: tuple[str, ...]) -> None:
        """Offer these columns to order by; the one chosen stays."""
        chosen = self._sort.currentData()
        self._sort.blockSignals(True)
        self._sort.clear()
        self._sort.addItem(self.tr("in order"), "")
        for name in names:
            self._sort.addItem(name, name)
        self._sort.setCurrentIndex(max(0, self._sort.findData(chosen)))
        self._sort.blockSignals(False)

    def order_by(self, name: str) -> None:
        """Order by a column; again, the other way round."""
        at = self._sort.findData(name)
        if at == self._sort.currentIndex():
            self._down.toggle()
        elif at >= 0:
            self._sort.setCurrentIndex(at)

    def show_only(self, rows: tuple[int, ...], what: str) -> None:
        """Take only these rows, and say what they are."""
        self._among = rows
        text = self.fontMetrics().elidedText(what, Qt.TextElideMode.ElideRight, 150)
        self._only.setText(f"✕ {text}")
        self._only.setToolTip(self.tr("Only {what}; press for all samples").format(what=what))
        self._only.setAccessibleName(self._only.toolTip())
        self._only.show()
        self._filter.blockSignals(True)
        self._filter.clear()
        self._filter.blockSignals(False)
        self.asked.emit()

    def filter_by(self, text: str) -> None:
        """Take a filter."""
        self._among = None
        self._only.hide()
        self._filter.setText(text)
        self._now()

    def reset(self) -> None:
        """No filter and no order, for other data."""
        self._among = None
        self._only.hide()
        for one in (self._filter, self._sort):
            one.blockSignals(True)
        self._filter.clear()
        self._sort.setCurrentIndex(0)
        for one in (self._filter, self._sort):
            one.blockSignals(False)

    def show_count(self, shown: int, of: int, chosen: int) -> None:
        """How many samples are listed and selected."""
        text = (
            grouped(of)
            if shown == of
            else self.tr("{shown} of {all}").format(shown=grouped(shown), all=grouped(of))
        )
        if chosen > 1:
            text = self.tr("{count} selected, {text}").format(count=grouped(chosen), text=text)
        self._count.setText(text)
        self._chosen.setEnabled(chosen > 0)

    def show_wrong(self, message: str) -> None:
        """Mark a filter that cannot be; "" for one that can."""
        self._filter.setProperty("invalid", bool(message))
        self._filter.style().unpolish(self._filter)
        self._filter.style().polish(self._filter)
        if message:
            self._count.setText(message)

    def show_tools(self, shown: bool) -> None:
        """Whether there are samples to jump among."""
        self._random.setEnabled(shown)

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 4)
        row.setSpacing(6)
        row.addWidget(self._only)
        row.addWidget(self._filter, 1)
        for widget in (self._sort, self._down, self._random, self._chosen, self._count):
            row.addWidget(widget)

    def _turn(self, down: bool) -> None:
        self._down.setText("↓" if down else "↑")
        tip = (
            self.tr("Largest first; press for smallest first")
            if down
            else self.tr("Smallest first; press for largest first")
        )
        self._down.setToolTip(tip)
        self._down.setAccessibleName(tip)
        self.asked.emit()

    def _forget(self) -> None:
        self._among = None
        self._only.hide()
        self.asked.emit()

    def _now(self) -> None:
        self._later.stop()
        self.asked.emit()

"""One sample in detail: its picture or sound, every value before and after its steps, and where it lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.errors import StudioError
from studio.ui.background import Background
from studio.ui.card import small_button
from studio.ui.pictures import draw_picture
from studio.ui.samples.deeds import show_in_folder
from studio.ui.samples.sheet import draw_wave, image_of
from studio.ui.samples.wording import row_text
from studio.ui.theme import DARK, Tokens

if TYPE_CHECKING:
    from studio.data.browsing.detail import Detail
    from studio.data.browsing.opened import Opened
    from studio.data.browsing.pages import Row

SIZE = QSize(1000, 560)
WIDEST = 280
"""Pixels that a column of values may take; what is longer goes on in the next line."""


class Drawing(QWidget):
    """The picture or sound of a sample, as large as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self._row: Row | None = None
        self._tokens = DARK
        self.setMinimumSize(240, 240)

    def show_row(self, row: Row | None) -> None:
        """Draw this sample."""
        self._row = row
        self.setAccessibleName(row_text(row) if row else "")
        self.setVisible(
            row is not None and (row.picture is not None or row.mask is not None or row.wave is not None)
        )
        self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        place = QRect(0, 0, self.width(), self.height())
        if self._row is None:
            return
        image = image_of(self._row)
        if image is not None:
            draw_picture(painter, image, place)
        elif self._row.wave is not None:
            draw_wave(painter, self._row.wave, place, QColor(self._tokens.accent))
        painter.end()


class DetailWindow(QDialog):
    """Follows the list: arrows and buttons go to the samples before and after."""

    step_wanted = Signal(int)
    """Go on by so many samples."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Sample"))
        self.setObjectName("sampleDetail")
        self.resize(SIZE)
        self._path: Path | None = None
        self._drawing = Drawing()
        self._title, self._place = QLabel(), QLabel()
        self._title.setProperty("role", "heading")
        self._place.setProperty("role", "secondary")
        for label in (self._title, self._place):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._values = self._make_table()
        self._before = small_button(self.tr("‹ Previous"), self.tr("The sample before (Left)"))
        self._after = small_button(self.tr("Next ›"), self.tr("The next sample (Right)"))
        self._folder = small_button(
            self.tr("Show in the file manager"), self.tr("Open the folder of this sample's file")
        )
        self._before.clicked.connect(lambda: self.step_wanted.emit(-1))
        self._after.clicked.connect(lambda: self.step_wanted.emit(1))
        self._folder.clicked.connect(lambda: show_in_folder(self._path))
        self._arrange()
        self._listen()
        self._reader = Background(self)
        self._reader.done.connect(self._show)
        self._reader.failed.connect(self._fail)

    def read(self, opened: Opened, row: int, first: bool, last: bool) -> None:
        """Show a sample; whether it is the first or the last of the list."""
        self._before.setEnabled(not first)
        self._after.setEnabled(not last)
        self._reader.request(lambda: _detail(opened, row))

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._drawing.set_tokens(tokens)

    def _listen(self) -> None:
        """Keys of the window, so that they go on wherever the keyboard is in it."""
        for button, keys in ((self._before, ("Left", "PgUp")), (self._after, ("Right", "PgDown"))):
            for key in keys:
                shortcut = QShortcut(QKeySequence(key), self)
                shortcut.activated.connect(button.click)

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, 4)
        heads = (self.tr("field"), self.tr("kind"), self.tr("in the data"), self.tr("for the network"))
        table.setHorizontalHeaderLabels(list(heads))
        table.setAccessibleName(self.tr("Values of the sample"))
        table.setToolTip(self.tr("What the source says, and what is made of it before it is normalised"))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setMaximumSectionSize(WIDEST)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        return table

    def _arrange(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(8)
        for widget in (self._title, self._place):
            right.addWidget(widget)
        right.addWidget(self._values, 1)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self._drawing, 3)
        body.addLayout(right, 5)
        below = QHBoxLayout()
        close = QPushButton(self.tr("Close"))
        close.setAutoDefault(False)
        close.setToolTip(self.tr("Close this window"))
        close.clicked.connect(self.close)
        for button in (self._before, self._after, self._folder):
            button.setAutoDefault(False)
            below.addWidget(button)
        below.addStretch(1)
        below.addWidget(close)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 14, 16, 12)
        outer.addLayout(body, 1)
        outer.addLayout(below)

    def _show(self, detail: Detail) -> None:
        self._path = detail.path
        self._folder.setVisible(detail.path is not None)
        self._drawing.show_row(detail.row)
        self._title.setText(row_text(detail.row))
        self._place.setText(str(detail.path or ""))
        self._place.setVisible(detail.path is not None)
        self._values.setRowCount(len(detail.values))
        for at, one in enumerate(detail.values):
            role = "" if one.role == "input" else f" · {one.role}"
            for column, text in enumerate((one.name, f"{one.kind}{role}", one.before, one.after)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self._values.setItem(at, column, item)
        self._values.resizeRowsToContents()

    def _fail(self, error: Exception) -> None:
        self._drawing.show_row(None)
        self._title.setText(error.message if isinstance(error, StudioError) else str(error))
        self._values.setRowCount(0)


def _detail(opened: Opened, row: int) -> Detail:
    from studio.data.browsing.detail import detail

    return detail(opened, row)

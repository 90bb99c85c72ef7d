"""The runs that wait for their turn, to be put into another order, taken out, and started."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.train.runs import RunInfo


class QueueList(QWidget):
    """A list that is put into order by dragging, by buttons, and by Alt with the arrow keys."""

    ordered = Signal(list)
    """The folders of the runs in their new order."""
    removed = Signal(Path)
    started = Signal(bool)
    """Train them one after the other, or hold after the one that trains."""
    added = Signal()
    """The project as it is now is to wait too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = QListWidget()
        self._words = QLabel(wordWrap=True)
        self._going = False
        self._add = self._button(self.tr("Add"), self.tr("Let the project as it is now wait for its turn"))
        self._up = self._button("↑", self.tr("Earlier (Alt and up)"))
        self._down = self._button("↓", self.tr("Later (Alt and down)"))
        self._out = self._button(self.tr("Remove"), self.tr("Take it out of the queue (Delete)"))
        self._start = self._button(self.tr("Start"), "")
        self._arrange()
        self._connect()
        self.show_queue([], going=False)

    def show_queue(self, runs: list[RunInfo], going: bool) -> None:
        """Show these runs, and whether they are trained one after the other."""
        chosen = self._paths[self._list.currentRow()] if self._list.currentRow() >= 0 else None
        self._going = going
        if [run.path for run in runs] != self._paths:
            self._list.clear()
            for run in runs:
                item = QListWidgetItem(run.name)
                item.setToolTip(str(run.path))
                item.setData(Qt.ItemDataRole.UserRole, run.path)
                self._list.addItem(item)
            if chosen in self._paths:
                self._list.setCurrentRow(self._paths.index(chosen))
        self._start.setText(self.tr("Hold") if going else self.tr("Start"))
        self._start.setAccessibleName(self._start.text())
        self._start.setToolTip(
            self.tr("Start no other after the run that trains")
            if going
            else self.tr("Train these runs one after the other")
        )
        empty = self.tr("Nothing waits. Add puts the project as it is now here, while another run trains.")
        self._words.setText(empty)
        self._words.setVisible(not runs)
        self._list.setVisible(bool(runs))
        self._enable()

    @property
    def view(self) -> QListWidget:
        """The list, for keyboard and mouse."""
        return self._list

    @property
    def _paths(self) -> list[Path]:
        items = (self._list.item(row) for row in range(self._list.count()))
        return [item.data(Qt.ItemDataRole.UserRole) for item in items]

    def _move(self, by: int) -> None:
        row = self._list.currentRow()
        if row >= 0 and 0 <= row + by < self._list.count():
            item = self._list.takeItem(row)
            self._list.insertItem(row + by, item)
            self._list.setCurrentRow(row + by)
            self.ordered.emit(self._paths)

    def _remove(self) -> None:
        row = self._list.currentRow()
        if row >= 0:
            self.removed.emit(self._paths[row])

    def _enable(self) -> None:
        row, count = self._list.currentRow(), self._list.count()
        self._up.setEnabled(row > 0)
        self._down.setEnabled(0 <= row < count - 1)
        self._out.setEnabled(row >= 0)
        self._start.setEnabled(bool(count) or self._going)

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        button.setAccessibleName(tip or text)
        return button

    def _arrange(self) -> None:
        self._words.setProperty("role", "secondary")
        self._list.setStyleSheet("QListView::item { padding: 3px 4px; }")
        self._list.setAccessibleName(self.tr("Queue of runs"))
        self._list.setToolTip(self.tr("The first is trained next; drag to put them into another order"))
        self._list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self._add, self._up, self._down, self._out):
            row.addWidget(button)
        for arrow in (self._up, self._down):
            arrow.setFixedWidth(32)
        row.addStretch(1)
        row.addWidget(self._start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._words)
        column.addWidget(self._list, 1)
        column.addStretch(0)
        column.addLayout(row)

    def _connect(self) -> None:
        self._list.currentRowChanged.connect(lambda _: self._enable())
        self._list.model().rowsMoved.connect(lambda *_: self.ordered.emit(self._paths))
        self._add.clicked.connect(self.added)
        self._up.clicked.connect(lambda: self._move(-1))
        self._down.clicked.connect(lambda: self._move(1))
        self._out.clicked.connect(self._remove)
        self._start.clicked.connect(lambda: self.started.emit(not self._going))
        for keys, act in (("Alt+Up", lambda: self._move(-1)), ("Alt+Down", lambda: self._move(1))):
            self._key(QKeySequence(keys), act)
        self._key(QKeySequence(Qt.Key.Key_Delete), self._remove)

    def _key(self, keys: QKeySequence, act: object) -> None:
        shortcut = QShortcut(keys, self._list, context=Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(act)

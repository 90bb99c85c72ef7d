"""The search box on the canvas: type a few letters, choose with the arrow keys, Enter places the layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.catalog.registry import Layer
from studio.ui.canvas.ink import Ink, fonts
from studio.ui.fuzzy import best
from studio.ui.palette_delegate import FAMILY, TYPE, Index, PaletteDelegate
from studio.ui.words import declared, type_title

WIDTH, HEIGHT = 280, 304
RECENT = 6
STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
Fits = Callable[[Layer], bool]


def ranked(query: str, layers: Iterable[Layer], recent: Iterable[str] = ()) -> list[Layer]:
    """The layers that fit a few typed letters, best first; among equals those used lately come first."""
    lately = {type: -place for place, type in enumerate(recent)}
    wanted = query.casefold().replace(" ", "")
    found = [
        (wanted not in type_title(layer.type).casefold(), -points, -lately.get(layer.type, -RECENT), layer)
        for layer in layers
        if (points := best(query, type_title(layer.type), (*layer.keywords, layer.category))) is not None
    ]
    return [layer for *_, layer in sorted(found, key=lambda one: one[:3])]


class SearchBox(QFrame):
    """A field over a list of layers, shown where a layer is wanted."""

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, layers: Callable[[], Iterable[Layer]], ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self._layers = layers
        self._offered: tuple[Layer, ...] = ()
        self._recent: list[str] = []
        self.setFixedSize(WIDTH, HEIGHT)
        self.setAccessibleName(self.tr("Add a layer"))
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Add a layer: type its name"))
        self.field.setAccessibleName(self.tr("Search for a layer to add"))
        self.field.setToolTip(self.tr("Type a few letters; arrow keys choose, Enter places, Escape closes"))
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Layers that fit"))
        self.list.setToolTip(self.tr("Enter or a click places the layer"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._nothing = QLabel(self.tr("No layer is called that here."), self.list.viewport())
        self._nothing.move(8, 8)
        self._delegate = _Delegate(ink.tokens, self.list)
        self.list.setItemDelegate(self._delegate)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.field.textChanged.connect(self._filter)
        self.list.itemClicked.connect(self._choose)
        self.field.installEventFilter(self)
        self.set_ink(ink)
        self.hide()

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        tokens = ink.tokens
        self._delegate.tokens = tokens
        self.setStyleSheet(
            f"SearchBox {{ background: {tokens.panel}; border: 1px solid {tokens.line}; border-radius: 8px }}"
            f"QListWidget {{ background: {tokens.panel}; outline: 0; }}"
            f"QLabel {{ color: {tokens.secondary}; background: transparent; }}"
            f"QLineEdit {{ background: {tokens.field}; border: 1px solid {tokens.accent}; border-radius: 6px;"
            f" color: {tokens.text}; padding: 4px 8px; }}"
        )

    def open(self, at: QPoint, fits: Fits | None = None) -> None:
        """Show the box with its corner near a point of the parent, offering the layers that fit."""
        self._offered = tuple(layer for layer in self._layers() if fits is None or fits(layer))
        room = self.parentWidget().size()
        x = max(4, min(at.x(), room.width() - WIDTH - 4))
        y = max(4, min(at.y(), room.height() - HEIGHT - 4))
        self.move(x, y)
        self.field.clear()
        self._filter("")
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def used(self, type: str) -> None:
        """Offer a layer earlier next time: it was placed just now."""
        self._recent = [type, *(one for one in self._recent if one != type)][:RECENT]

    def close_box(self) -> None:
        """Put the box away without choosing."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and not self.isAncestorOf(self.window().focusWidget()):
            self.close_box()
        return isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._key(event)

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in STEPS:
            row = self.list.currentRow() + STEPS[key]
            self.list.setCurrentRow(max(0, min(row, self.list.count() - 1)))
        elif key == Qt.Key.Key_Escape or (key == Qt.Key.Key_Tab and not self.field.text().strip()):
            # Tab opened the box: who presses it on and on is looking for the way out.
            self.close_box()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._choose(self.list.currentItem())
        else:
            return False
        return True

    def _filter(self, text: str) -> None:
        self.list.clear()
        for layer in ranked(text.strip(), self._offered, self._recent):
            row = QListWidgetItem(type_title(layer.type), self.list)
            row.setData(TYPE, layer.type)
            row.setData(FAMILY, layer.category)
            row.setToolTip(declared(layer.doc))
        self.list.setCurrentRow(0)
        self._nothing.setVisible(self.list.count() == 0)
        self._nothing.adjustSize()

    def _choose(self, row: QListWidgetItem | None) -> None:
        if row is None:
            return
        type = str(row.data(TYPE))
        self.hide()
        self.used(type)
        self.chosen.emit(type)


class _Delegate(PaletteDelegate):
    """The palette's rows, with the family at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, 26)

    def _layer(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super()._layer(painter, option, index)
        painter.setFont(fonts().label)
        painter.setPen(QColor(self.tokens.secondary))
        place = QRectF(option.rect).adjusted(0, 0, -8, 0)
        painter.drawText(
            place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, str(index.data(FAMILY))
        )

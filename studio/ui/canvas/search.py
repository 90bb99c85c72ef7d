"""The search box on the canvas: type a few letters, choose with the arrow keys, Enter takes the layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QCheckBox,
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
from studio.ui.canvas.keyboard_focus import has_keyboard
from studio.ui.canvas.lately import Lately
from studio.ui.canvas.ranking import NO_LIKING, Likings, ranked
from studio.ui.palette_delegate import FAMILY, TYPE, Index, PaletteDelegate
from studio.ui.theme import SECONDARY_PX
from studio.ui.words import declared, type_title

WIDTH, HEIGHT = 340, 344
STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
REFUSAL = Qt.ItemDataRole.UserRole + 4
"""Why a layer would not work here."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the box is opened for.

    `fits` says which layers are offered at all, and `likings` which of them are the likelier ones. A new
    layer will be wired `after` a node, unless the person says otherwise. `title` stands in the empty field.
    """

    fits: Callable[[Layer], bool] = lambda layer: True
    likings: Likings = NO_LIKING
    after: str = ""
    title: str = ""


ANYTHING = Offer()


class SearchBox(QFrame):
    """A field over a list of layers, shown where a layer is wanted."""

    closed = Signal()
    chosen = Signal(str)
    """A layer's type."""

    def __init__(self, layers: Callable[[], Iterable[Layer]], ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self._layers = layers
        self._offer = ANYTHING
        self._then: Callable[[str], object] = lambda type: None
        self._refused: Mapping[str, str] = {}
        self.offered: tuple[Layer, ...] = ()
        """The layers that can be found now."""
        self.lately = Lately()
        self.setFixedSize(WIDTH, HEIGHT)
        self.setAccessibleName(self.tr("Add a layer"))
        self.field = QLineEdit()
        self.field.setAccessibleName(self.tr("Search for a layer to add"))
        self.field.setToolTip(self.tr("Type a few letters; arrow keys choose, Enter places, Escape closes"))
        self.wiring = QCheckBox()
        self.wiring.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.wiring.setToolTip(self.tr("Whether the new layer is wired to the node (Ctrl+Enter: it is not)"))
        self.list = QListWidget()
        self._set_up_list()
        self._nothing = QLabel(self.tr("No layer is called that here."), self.list.viewport())
        self._nothing.move(8, 8)
        self.about = QLabel(objectName="about")
        self.about.setAccessibleName(self.tr("What the layer does"))
        self.about.setMinimumWidth(1)
        self._delegate = _Delegate(ink.tokens, self.list)
        self.list.setItemDelegate(self._delegate)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        for part in (self.field, self.wiring, self.list, self.about):
            column.addWidget(part)
        self.field.textChanged.connect(self._filter)
        self.list.itemClicked.connect(self._choose)
        self.list.currentItemChanged.connect(self._tell)
        self.field.installEventFilter(self)
        self.set_ink(ink)
        self.hide()

    def _set_up_list(self) -> None:
        self.list.setAccessibleName(self.tr("Layers that fit"))
        self.list.setToolTip(self.tr("Enter or a click places the layer"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        tokens = ink.tokens
        self._delegate.tokens = tokens
        self.setStyleSheet(
            f"SearchBox {{ background: {tokens.panel}; border: 1px solid {tokens.line}; border-radius: 8px }}"
            f"QListWidget {{ background: {tokens.panel}; outline: 0; }}"
            f"QLabel {{ color: {tokens.secondary}; background: transparent; }}"
            f"QLabel#about {{ font-size: {SECONDARY_PX}px; }}"
            f"QCheckBox {{ color: {tokens.text}; }}"
            f"QLineEdit {{ background: {tokens.field}; border: 1px solid {tokens.accent}; border-radius: 6px;"
            f" color: {tokens.text}; padding: 4px 8px; }}"
        )

    @property
    def wires(self) -> bool:
        """Whether what is taken is to be wired to the node that the box was opened for."""
        return bool(self._offer.after) and self.wiring.isChecked()

    def open(self, at: QPoint, then: Callable[[str], object], offer: Offer = ANYTHING) -> None:
        """Show the box with its corner near a point of the parent; `then` gets the type that is chosen."""
        self._then, self._offer, self._refused = then, offer, {}
        self.offered = tuple(layer for layer in self._layers() if offer.fits(layer))
        self.field.setPlaceholderText(offer.title or self.tr("Add a layer: type its name"))
        self.wiring.setVisible(bool(offer.after))
        self.wiring.setText(self.tr("Wired after {node}").format(node=offer.after))
        self.wiring.setChecked(True)
        room = self.parentWidget().size()
        x = max(4, min(at.x(), room.width() - WIDTH - 4))
        y = max(4, min(at.y(), room.height() - HEIGHT - 4))
        self.move(x, y)
        self.field.clear()
        self._filter("")
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def refuse(self, refused: Mapping[str, str]) -> None:
        """These types would not work here, for these reasons."""
        if self.isVisible() and refused != self._refused:
            row = self.list.currentRow()
            chosen = self._current() if row > 0 else ""
            self._refused = dict(refused)
            self._filter(self.field.text(), chosen)

    def close_box(self) -> None:
        """Put the box away without choosing; the canvas has the keyboard again, if the box had it."""
        if self.isVisible():
            had = has_keyboard(self)
            self.hide()
            if had:
                self.parentWidget().setFocus()
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
        elif key in (*ENTER, Qt.Key.Key_Tab):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.wiring.setChecked(False)
            self._choose(self.list.currentItem())
        else:
            return False
        return True

    def _current(self) -> str:
        row = self.list.currentItem()
        return str(row.data(TYPE)) if row is not None else ""

    def _filter(self, text: str, chosen: str = "") -> None:
        """List what fits the letters, what would not work last; the row of the type `chosen` stays chosen."""
        found = ranked(text.strip(), self.offered, self.lately.types, self._offer.likings, self._refused)
        self.list.setUpdatesEnabled(False)
        self.list.clear()
        for layer in found:
            self._add_row(layer, self._refused.get(layer.type, ""))
        types = [layer.type for layer in found]
        self.list.setCurrentRow(types.index(chosen) if chosen in types else 0)
        self.list.setUpdatesEnabled(True)
        self._nothing.setVisible(not found)
        self._nothing.adjustSize()

    def _add_row(self, layer: Layer, refusal: str) -> None:
        row = QListWidgetItem(type_title(layer.type), self.list)
        row.setData(TYPE, layer.type)
        row.setData(FAMILY, layer.category)
        if refusal:
            row.setData(REFUSAL, refusal)
            told = self.tr("{layer}, does not fit: {reason}").format(layer=row.text(), reason=refusal)
            row.setData(Qt.ItemDataRole.AccessibleTextRole, told)

    def _tell(self) -> None:
        """Say in one line what the highlighted layer does, or why it would not work here."""
        type = self._current()
        layer = next((one for one in self.offered if one.type == type), None)
        text = self._refused.get(type) or (declared(layer.doc) if layer else "")
        row = self.list.currentItem()
        if row is not None:
            row.setToolTip(text)
            row.setData(Qt.ItemDataRole.AccessibleDescriptionRole, text)
        room = WIDTH - 20
        self.about.setText(self.about.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room))
        self.about.setToolTip(text)

    def _choose(self, row: QListWidgetItem | None) -> None:
        if row is None:
            return
        type = str(row.data(TYPE))
        self.hide()
        self.chosen.emit(type)
        self._then(type)


class _Delegate(PaletteDelegate):
    """The palette's rows, with the family at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, 26)

    def _layer(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        refused = bool(index.data(REFUSAL))
        painter.setOpacity(0.62 if refused else 1.0)
        super()._layer(painter, option, index)
        painter.setOpacity(1.0)
        painter.setFont(fonts().label)
        painter.setPen(QColor(self.tokens.secondary))
        place = QRectF(option.rect).adjusted(0, 0, -8, 0)
        told = QCoreApplication.translate("SearchBox", "does not fit") if refused else str(index.data(FAMILY))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, told)

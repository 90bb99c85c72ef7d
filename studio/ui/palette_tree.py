"""The palette's list: blocks of the project, of the user's library and shipped ones, then every family."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QMimeData, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDrag, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem

from studio.catalog.registry import Layer, Registry
from studio.ui.fuzzy import best
from studio.ui.palette_delegate import FAMILY, HINT, TYPE, WRONG, PaletteDelegate
from studio.ui.theme import DARK, FAMILIES, family_colour
from studio.ui.words import declared, type_title

BLOCK = "Block"
"""The family of blocks."""
MIME = "application/x-neuroloom-layer"
SECTIONS = ("project", "mine", "shipped")
"""What is listed above the families, in this order."""
FOLDED = ("shipped",)
"""Those that are folded until someone opens them."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A row: what it places, its title and what is told of it. `wrong`: why it cannot be placed."""

    type: str
    title: str
    family: str
    doc: str
    keywords: tuple[str, ...] = ()
    wrong: str = ""


def leaf_of(layer: Layer) -> Leaf:
    """The row of a layer."""
    words = (*layer.keywords, layer.category)
    return Leaf(layer.type, type_title(layer.type), layer.category, declared(layer.doc), words)


class PaletteTree(QTreeWidget):
    """Sections and their rows; drags carry a layer's type."""

    rename_wanted = Signal(str)
    delete_wanted = Signal(str)
    """Keys that ask for it on a row, with its type."""
    left = Signal()
    """Escape: the keyboard belongs elsewhere."""

    def __init__(self, registry: Registry) -> None:
        super().__init__()
        self._set_up()
        self.delegate = PaletteDelegate(DARK, self)
        self.setItemDelegate(self.delegate)
        self._leaves: dict[str, Leaf] = {}
        self._items: dict[str, list[QTreeWidgetItem]] = {}
        self._heads: dict[str, QTreeWidgetItem] = {}
        self._folded = set(FOLDED)
        families = registry.families()
        for family in sorted(families, key=list(FAMILIES).index):
            self._add(family, family, map(leaf_of, families[family]), self.topLevelItemCount())
        self.itemClicked.connect(self._toggle)

    def _set_up(self) -> None:
        self.setObjectName("layers")
        self.setAccessibleName(self.tr("Layers"))
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setMouseTracking(True)
        self.setUniformRowHeights(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setExpandsOnDoubleClick(False)

    def show_section(self, key: str, title: str, leaves: Sequence[Leaf], hint: str = "") -> None:
        """List these rows above the families, in place of those before; `hint` stands where there are none.

        Without rows and hint there is no such section.
        """
        chosen = self.currentItem().data(0, TYPE) if self.currentItem() is not None else None
        self._take(key)
        if leaves or hint:
            place = sum(one in self._heads for one in SECTIONS[: SECTIONS.index(key)])
            self._add(key, title, leaves, place, hint if not leaves else "")
        again = next(
            (one for one in self._items.get(key, ()) if chosen and one.data(0, TYPE) == chosen), None
        )
        if again is not None:
            self.setCurrentItem(again)

    def filter(self, text: str) -> bool:
        """Show the rows that fit, the best of them chosen; False where none does."""
        points: dict[str, tuple[float, QTreeWidgetItem]] = {}
        for key, items in self._items.items():
            for item in items:
                fit = self._fit(text, item)
                item.setHidden(fit is None)
                if fit is not None and item.data(0, TYPE) and not item.data(0, WRONG):
                    points[item.data(0, TYPE)] = (fit, item)
            self._heads[key].setHidden(all(item.isHidden() for item in items))
            self._heads[key].setExpanded(bool(text) or key not in self._folded)
        top = max(points.values(), key=lambda one: one[0], default=(0.0, None))[1]
        self.setCurrentItem(top if text else None)
        if text and top is not None:
            self.scrollToItem(top)
        return bool(points)

    def step(self, by: int) -> None:
        """Move the choice among the layers that are shown."""
        shown = [
            item
            for head in self._in_order()
            if head.isExpanded()
            for item in (head.child(row) for row in range(head.childCount()))
            if not item.isHidden() and item.data(0, TYPE)
        ]
        if shown:
            current = self.currentItem()
            at = shown.index(current) + by if current in shown else 0
            self.setCurrentItem(shown[max(0, min(at, len(shown) - 1))])

    def startDrag(self, supportedActions: Qt.DropAction) -> None:  # noqa: N803
        item = self.currentItem()
        if item is None or not item.data(0, TYPE) or item.data(0, WRONG):
            return
        drag = QDrag(self)
        drag.setMimeData(self.mimeData([item]))
        drag.setPixmap(self._drag_picture(item))
        drag.setHotSpot(QPoint(16, 16))
        drag.exec(Qt.DropAction.CopyAction)

    def mimeData(self, items: list[QTreeWidgetItem]) -> QMimeData:
        data = QMimeData()
        data.setData(MIME, str(items[0].data(0, TYPE) or "").encode())
        return data

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        type_ = item.data(0, TYPE) if item is not None else None
        opens = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        asking = {Qt.Key.Key_F2: self.rename_wanted, Qt.Key.Key_Delete: self.delete_wanted}
        if type_ and event.key() in asking:
            asking[Qt.Key(event.key())].emit(type_)
        elif opens and item is not None:
            if type_:
                self.itemActivated.emit(item, 0)
            else:
                self._toggle(item)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _fit(self, text: str, item: QTreeWidgetItem) -> float | None:
        leaf = self._leaves.get(item.data(0, TYPE) or "")
        if leaf is None:
            return None if text else 0.0
        return best(text, leaf.title, leaf.keywords)

    def _in_order(self) -> list[QTreeWidgetItem]:
        return [self.topLevelItem(row) for row in range(self.topLevelItemCount())]

    def _take(self, key: str) -> None:
        """Remove a section."""
        head = self._heads.pop(key, None)
        if head is not None:
            for item in self._items.pop(key):
                self._leaves.pop(item.data(0, TYPE) or "", None)
            self.takeTopLevelItem(self.indexOfTopLevelItem(head))

    def _add(self, key: str, title: str, leaves: Iterable[Leaf], place: int, hint: str = "") -> None:
        head = QTreeWidgetItem([title])
        self.insertTopLevelItem(place, head)
        head.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        head.setData(0, FAMILY, key)
        self._heads[key] = head
        self._items[key] = [self._row(head, leaf) for leaf in leaves]
        if hint:
            item = QTreeWidgetItem(head, [hint])
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            item.setData(0, HINT, True)
            item.setToolTip(0, hint)
            self._items[key].append(item)
        head.setExpanded(key not in self._folded)

    def _row(self, head: QTreeWidgetItem, leaf: Leaf) -> QTreeWidgetItem:
        item = QTreeWidgetItem(head, [leaf.title])
        item.setData(0, TYPE, leaf.type)
        item.setData(0, FAMILY, leaf.family)
        item.setData(0, WRONG, leaf.wrong)
        told = leaf.wrong or leaf.doc
        item.setToolTip(0, f"<p><b>{escape(leaf.title)}</b></p><p>{escape(told)}</p>")
        item.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, told)
        self._leaves[leaf.type] = leaf
        return item

    def _toggle(self, item: QTreeWidgetItem) -> None:
        if item.childCount():
            item.setExpanded(not item.isExpanded())
            (self._folded.discard if item.isExpanded() else self._folded.add)(item.data(0, FAMILY))

    def _drag_picture(self, item: QTreeWidgetItem) -> QPixmap:
        tokens, scale = self.delegate.tokens, self.devicePixelRatioF()
        size = QSize(self.fontMetrics().horizontalAdvance(item.text(0)) + 44, 32)
        picture = QPixmap(size * scale)
        picture.setDevicePixelRatio(scale)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        painter.setPen(QColor(tokens.line))
        painter.setBrush(QColor(tokens.node))
        painter.drawRoundedRect(QRect(QPoint(), size).adjusted(0, 0, -1, -1), 8, 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(family_colour(item.data(0, FAMILY))))
        painter.drawRoundedRect(6, 6, 4, 20, 2, 2)
        painter.setPen(QColor(tokens.text))
        painter.drawText(QRect(18, 0, size.width(), 32), Qt.AlignmentFlag.AlignVCenter, item.text(0))
        painter.end()
        return picture

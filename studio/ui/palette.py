"""The palette: every layer by family, found by typing, placed by dragging, double-click or Enter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from PySide6.QtCore import QMimeData, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDrag, QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.catalog.blocks import catalog_of
from studio.catalog.registry import Layer, Registry
from studio.project.block import block_name
from studio.project.project import Project
from studio.ui.fuzzy import best
from studio.ui.palette_delegate import FAMILY, TYPE, PaletteDelegate
from studio.ui.theme import DARK, FAMILIES, Tokens, family_colour
from studio.ui.words import declared, type_title

BLOCK = "Block"
"""The family of the project's own blocks."""
MIME = "application/x-neuroloom-layer"
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Palette(QWidget):
    """A search field over a tree of layers."""

    place_requested = Signal(str)
    """A layer's type, to be placed where the canvas thinks best."""
    rename_requested = Signal(str)
    """A block of the project that is to be called otherwise."""
    delete_requested = Signal(str)
    """A block of the project that is to go."""
    chosen = Signal(str)
    """The type of the layer that is the current one in the list."""

    def __init__(self, registry: Registry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self._known = registry
        self._blocks: Mapping[str, str] = {}
        self._search = _Search(self)
        self._tree = _Tree(registry)
        self._nothing = QLabel(alignment=Qt.AlignmentFlag.AlignTop)
        self._nothing.setWordWrap(True)
        self._nothing.setProperty("role", "secondary")
        self._nothing.setContentsMargins(2, 8, 2, 0)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._tree)
        self._pages.addWidget(self._nothing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 0)
        layout.setSpacing(6)
        layout.addWidget(self._search)
        layout.addWidget(self._pages, 1)
        self._search.textChanged.connect(self._filter)
        self._search.moved.connect(self._tree.step)
        self._search.returnPressed.connect(self._place_current)
        self._tree.itemActivated.connect(self._place)
        self._tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._tree.customContextMenuRequested.connect(self._offer)
        self._tree.currentItemChanged.connect(self._choose)
        self.setFocusProxy(self._search)

    def focus_search(self) -> None:
        """Put the keyboard into the search field, ready for new words."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def show_project(self, project: Project) -> None:
        """Offer the project's blocks too."""
        told = {name: block.doc for name, block in project.blocks.items()}
        if told != self._blocks:
            self._blocks = told
            layers = catalog_of(project, self._known).layers.values()
            self._tree.show_blocks(layer for layer in layers if layer.category == BLOCK)
            self._filter(self._search.text())

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tree.delegate.tokens = tokens
        self._tree.viewport().update()

    def _filter(self, text: str) -> None:
        found = self._tree.filter(text.strip())
        self._pages.setCurrentIndex(0 if found else 1)
        self._nothing.setText(
            self.tr("No layer is called “{text}”. Try another word, such as conv, norm or loss.").format(
                text=text.strip()
            )
        )

    def _offer(self, at: QPoint) -> None:
        """What can be done with a layer, and with a block of the project."""
        item = self._tree.itemAt(at)
        type_ = item.data(0, TYPE) if item is not None else None
        if not type_:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Place it"), lambda: self.place_requested.emit(type_))
        block = block_name(type_)
        if block is not None:
            menu.addAction(self.tr("Rename the block…"), lambda: self.rename_requested.emit(block))
            menu.addAction(self.tr("Delete the block…"), lambda: self.delete_requested.emit(block))
        menu.popup(self._tree.viewport().mapToGlobal(at))

    def _place_current(self) -> None:
        item = self._tree.currentItem()
        if item is not None and self._pages.currentIndex() == 0:
            self._place(item)

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        type_ = item.data(0, TYPE) if item is not None else None
        if type_:
            self.chosen.emit(type_)

    def _place(self, item: QTreeWidgetItem) -> None:
        type_ = item.data(0, TYPE)
        if type_:
            self.place_requested.emit(type_)


class _Search(QLineEdit):
    """The search field: arrow keys move in the list, Escape empties it."""

    moved = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("search")
        self.setPlaceholderText(self.tr("Search layers"))
        self.setAccessibleName(self.tr("Search layers"))
        self.setToolTip(self.tr("Type a few letters of a layer's name (/); Enter places the chosen one"))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.text():
            painter = QPainter(self)
            painter.setPen(self.palette().placeholderText().color())
            painter.drawText(self.rect().adjusted(0, 0, -10, 0), _RIGHT, "/")
            painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
        if event.key() in steps:
            self.moved.emit(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class _Tree(QTreeWidget):
    """Families and their layers; drags carry a layer's type."""

    def __init__(self, registry: Registry) -> None:
        super().__init__()
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
        self.delegate = PaletteDelegate(DARK, self)
        self.setItemDelegate(self.delegate)
        self._layers: dict[str, Layer] = dict(registry.layers)
        self._leaves: list[QTreeWidgetItem] = []
        families = registry.families()
        for family in sorted(families, key=list(FAMILIES).index):
            self._add_family(family, families[family])
        self.expandAll()
        self.itemClicked.connect(self._toggle)

    def show_blocks(self, layers: Iterable[Layer]) -> None:
        """List these blocks, above everything else, in place of those before."""
        old = next((head for head in self._families() if head.data(0, FAMILY) == BLOCK), None)
        opened = old is None or old.isExpanded()
        if old is not None:
            self.takeTopLevelItem(self.indexOfTopLevelItem(old))
            self._leaves = [leaf for leaf in self._leaves if leaf.data(0, FAMILY) != BLOCK]
        blocks = list(layers)
        if blocks:
            self._add_family(BLOCK, blocks)
            head = self.takeTopLevelItem(self.topLevelItemCount() - 1)
            self.insertTopLevelItem(0, head)
            head.setExpanded(opened)
        self._layers = {type: one for type, one in self._layers.items() if one.category != BLOCK}
        self._layers |= {layer.type: layer for layer in blocks}

    def filter(self, text: str) -> bool:
        """Show the layers that fit, the best of them chosen; False where none does."""
        points = {}
        for leaf in self._leaves:
            layer = self._layers[leaf.data(0, TYPE)]
            fit = best(text, type_title(layer.type), (*layer.keywords, layer.category))
            leaf.setHidden(fit is None)
            if fit is not None:
                points[leaf.data(0, TYPE)] = (fit, leaf)
        for family in self._families():
            hidden = all(family.child(row).isHidden() for row in range(family.childCount()))
            family.setHidden(hidden)
            if text:
                family.setExpanded(True)
        top = max(points.values(), key=lambda one: one[0], default=(0.0, None))[1]
        self.setCurrentItem(top if text else None)
        if text and top is not None:
            self.scrollToItem(top)
        return bool(points)

    def step(self, by: int) -> None:
        """Move the choice among the layers that are shown."""
        shown = [leaf for leaf in self._leaves if not leaf.isHidden() and leaf.parent().isExpanded()]
        if shown:
            current = self.currentItem()
            at = shown.index(current) + by if current in shown else 0
            self.setCurrentItem(shown[max(0, min(at, len(shown) - 1))])

    def startDrag(self, supportedActions: Qt.DropAction) -> None:  # noqa: N803
        item = self.currentItem()
        if item is None or not item.data(0, TYPE):
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
        opens = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if opens and item is not None:
            if item.data(0, TYPE):
                self.itemActivated.emit(item, 0)
            else:
                self._toggle(item)
        else:
            super().keyPressEvent(event)

    def _families(self) -> list[QTreeWidgetItem]:
        return [self.topLevelItem(row) for row in range(self.topLevelItemCount())]

    def _add_family(self, family: str, layers: list[Layer]) -> None:
        head = QTreeWidgetItem(self, [self.tr("Blocks") if family == BLOCK else family])
        head.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        head.setData(0, FAMILY, family)
        for layer in layers:
            title = type_title(layer.type)
            leaf = QTreeWidgetItem(head, [title])
            leaf.setData(0, TYPE, layer.type)
            leaf.setData(0, FAMILY, family)
            leaf.setToolTip(0, f"<p><b>{escape(title)}</b></p><p>{escape(declared(layer.doc))}</p>")
            leaf.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, declared(layer.doc))
            self._leaves.append(leaf)

    def _toggle(self, item: QTreeWidgetItem) -> None:
        if item.childCount():
            item.setExpanded(not item.isExpanded())

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

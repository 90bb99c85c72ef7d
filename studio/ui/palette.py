"""The palette: blocks and every layer by family, found by typing, placed by drag, double-click or Enter."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QStackedWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from studio.catalog.blocks import catalog_of
from studio.catalog.registry import Registry
from studio.catalog.shelves import Entry
from studio.project.block import block_name
from studio.project.project import Project
from studio.ui.palette_delegate import TYPE, WRONG
from studio.ui.palette_menu import EntryDeed, is_mine, palette_menu
from studio.ui.palette_tree import BLOCK, Leaf, PaletteTree, leaf_of
from studio.ui.theme import Tokens

Keys = QKeySequence.StandardKey
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Palette(QWidget):
    """A search field over a tree of layers."""

    place_requested = Signal(str)
    """A layer's type, to be placed where the canvas thinks best."""
    rename_requested = Signal(str)
    """A block of the project that is to be called otherwise."""
    delete_requested = Signal(str)
    """A block of the project that is to go."""
    save_requested = Signal(str)
    """A block of the project that is to be put into the user's library."""
    entry_deed = Signal(str, str)
    """What is to be done with an entry of the user's library, and its key."""
    told = Signal(str)
    """Why something cannot be placed."""
    left = Signal()
    """Escape in the list or in the empty search field: back to the canvas."""
    chosen = Signal(str)
    """The type of the layer that is the current one in the list."""

    def __init__(self, registry: Registry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self._known = registry
        self._blocks: list[Leaf] = []
        self._search = _Search(self)
        self._tree = PaletteTree(registry)
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
        self._search.left.connect(self.left)
        self._search.returnPressed.connect(self._place_current)
        self._tree.left.connect(self.left)
        self._tree.itemActivated.connect(self._place)
        self._tree.rename_wanted.connect(partial(self._ask_about, "rename"))
        self._tree.delete_wanted.connect(partial(self._ask_about, "delete"))
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
        layers = catalog_of(project, self._known).layers.values() if project.blocks else ()
        blocks = [leaf_of(layer) for layer in layers if layer.category == BLOCK]
        if blocks != self._blocks:
            self._blocks = blocks
            self._tree.show_section("project", self.tr("This project's blocks"), blocks)
            self._filter(self._search.text())

    def show_library(self, mine: Iterable[Entry], shipped: Iterable[Entry]) -> None:
        """Offer the blocks of the user's library, and the shipped ones."""
        hint = self.tr("Save a block of a project here: it is in its node's menu")
        self._tree.show_section("mine", self.tr("My library"), list(map(_leaf, mine)), hint)
        self._tree.show_section("shipped", self.tr("Shipped blocks"), list(map(_leaf, shipped)))
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
        """What can be done with a layer, and with a block."""
        item = self._tree.itemAt(at)
        if item is not None and item.data(0, TYPE):
            menu = palette_menu(self, item.data(0, TYPE), broken=bool(item.data(0, WRONG)))
            menu.popup(self._tree.viewport().mapToGlobal(at))

    def _ask_about(self, deed: EntryDeed, type: str) -> None:
        """What F2 and Delete ask for: of the project's blocks and the user's own; other rows stay."""
        block, asked = block_name(type), {"rename": self.rename_requested, "delete": self.delete_requested}
        if block is not None:
            asked[deed].emit(block)
        elif is_mine(type):
            self.entry_deed.emit(deed, type)

    def _place_current(self) -> None:
        item = self._tree.currentItem()
        if item is not None and self._pages.currentIndex() == 0:
            self._place(item)

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        type_ = item.data(0, TYPE) if item is not None else None
        if type_ and not item.data(0, WRONG):
            self.chosen.emit(type_)

    def _place(self, item: QTreeWidgetItem) -> None:
        if item.data(0, WRONG):
            self.told.emit(item.data(0, WRONG))
        elif item.data(0, TYPE):
            self._search.forget_typed()
            self.place_requested.emit(item.data(0, TYPE))


class _Search(QLineEdit):
    """The search field: arrow keys move in the list, Escape empties it, and leaves it when it is empty."""

    moved = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("search")
        self.setPlaceholderText(self.tr("Search layers"))
        self.setAccessibleName(self.tr("Search layers"))
        self.setToolTip(self.tr("Type a few letters of a layer's name (/); Enter places the chosen one"))
        self._typed = False
        self.textEdited.connect(self._remember_typed)

    def forget_typed(self) -> None:
        """Until something is typed again, undo and redo are not meant for the text."""
        self._typed = False

    def _remember_typed(self) -> None:
        self._typed = True

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            steps = event.matches(Keys.Undo) or event.matches(Keys.Redo)
            if steps and not self._typed:
                event.ignore()  # the project's, as on the canvas
                return False
        return super().event(event)

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
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _leaf(entry: Entry) -> Leaf:
    if entry.layer is None:
        return Leaf(entry.key, entry.path.name, BLOCK, "", wrong=entry.wrong)
    return leaf_of(entry.layer)

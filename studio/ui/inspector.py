"""The inspector: all about the chosen nodes, or about the project while none is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from studio.catalog.registry import Registry
from studio.project.changes import Changes
from studio.ui.block_card import BlockCard
from studio.ui.card import Column, label
from studio.ui.node_card import NodeCard
from studio.ui.project_card import ProjectCard
from studio.ui.session import Session
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.build.plan import Checked
    from studio.data.describe import Description


class Inspector(QWidget):
    """Four pages: the project, the block looked at, nodes of one type, a word about a mixed choice."""

    node_chosen = Signal(str)
    """A node that was renamed here and should be selected again."""
    fix_requested = Signal(object)
    fix_aimed = Signal(object)
    """The Fix that may be chosen next; None: no longer."""
    problem_chosen = Signal(object)
    """A Problem inside of a block that should be shown where it is."""
    dragging = Signal(bool)
    """A parameter is dragged, or no longer."""
    save_requested = Signal(str)
    """A block that is to be put into the user's library."""
    trusted = Signal()
    """Python that was not to run may run now."""

    def __init__(self, session: Session, registry: Registry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector")
        self._session = session
        self._names: tuple[str, ...] = ()
        self._project = ProjectCard(session)
        self._block = BlockCard(session)
        self._nodes = NodeCard(session, registry)
        self._mixed = Column()
        self._mixed_says = label("", "secondary", wrapped=True)
        self._mixed.add(self._mixed_says)
        self._pages = QStackedLayout(self)
        for page in (self._project, self._block, self._nodes, self._mixed):
            self._pages.addWidget(page)
        self._block.save_requested.connect(self.save_requested)
        self._nodes.dragging.connect(self.dragging)
        self._nodes.renaming.connect(self._keep)
        self._nodes.renamed.connect(self.node_chosen)
        self._nodes.fix_requested.connect(self.fix_requested)
        self._nodes.fix_aimed.connect(self.fix_aimed)
        self._nodes.problem_chosen.connect(self.problem_chosen)
        self._nodes.trust.trusted.connect(self.trusted)

    def show_nodes(self, names: Iterable[str]) -> None:
        """Show these nodes; those that are not there are left out."""
        nodes = self._session.drawing.graph.nodes
        kept = tuple(name for name in names if name in nodes)
        if kept != self._names or not kept:
            self._names = kept
            self._turn()

    def show_changes(self, changes: Changes) -> None:
        """Follow an edit."""
        self._project.refresh()
        self._block.refresh()
        if changes.removed & set(self._names):
            self.show_nodes(self._names)
        elif (changes.modified | changes.added) & set(self._names) or changes.blocks:
            self._nodes.refresh()

    def show_focus(self, changes: Changes) -> None:
        """Follow the session into another graph."""
        self._names = ()
        self._turn()
        self._nodes.show_checked(self._session.checked)

    def show_replaced(self) -> None:
        """Another project was opened, of which nothing is known yet."""
        self.show_nodes(())
        self._nodes.show_checked(self._session.checked)

    def show_checked(self, checked: Checked) -> None:
        """Show what a check says."""
        self._project.refresh()
        self._block.refresh()
        self._nodes.show_checked(checked)

    def show_described(self, description: Description) -> None:
        """Offer the fields of the data."""
        self._nodes.show_fields(description.fields)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._nodes.set_tokens(tokens)

    def edit(self, param: str) -> None:
        """Put the keyboard into a parameter's field, where it is shown."""
        if self._pages.currentWidget() is self._nodes:
            self._nodes.edit(param)

    def rename(self) -> None:
        """Put the keyboard into the name of the node shown."""
        if self._pages.currentWidget() is self._nodes:
            self._nodes.edit_name()

    def event(self, event: QEvent) -> bool:
        # The window has an action on F2 too; in here the key belongs to the inspector.
        mine = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_F2
        if mine and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self.rename()
        else:
            super().keyPressEvent(event)

    def _turn(self) -> None:
        nodes = self._session.drawing.graph.nodes
        types = {nodes[name].type for name in self._names}
        self._nodes.show_nodes(self._names if len(types) == 1 else ())
        if len(types) == 1:
            self._pages.setCurrentWidget(self._nodes)
        elif types:
            count = len(self._names)
            text = self.tr(
                "{count} nodes of {types} types are chosen. Choose nodes of one type to edit them at once."
            )
            self._mixed_says.setText(text.format(count=count, types=len(types)))
            self._pages.setCurrentWidget(self._mixed)
        else:
            page = self._project if self._session.block is None else self._block
            page.refresh()
            self._pages.setCurrentWidget(page)

    def _keep(self, name: str) -> None:
        self._names = (name,)

"""What is done with blocks on the canvas: made of nodes, unpacked, begun, renamed, deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.project import edits
from studio.project.block import PREFIX, Block, block_name, within
from studio.project.block_edits import make_block, unpack
from studio.project.graph import Graph, Node, free_name
from studio.project.placements import block_name_error, delete_block, rename_block, uses_of
from studio.project.project import Project
from studio.ui.ask_name import AskName
from studio.ui.canvas.argument_deeds import ArgumentDeeds, below
from studio.ui.canvas.entrance import Entrance
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.view import GraphView
from studio.ui.canvas.walking import free_place
from studio.ui.session import Session

EMPTY = Block(
    Graph({"x": Node("x", "Input", {}, (0.0, 0.0)), "y": Node("y", "Output", {}, (480.0, 0.0))}),
)
"""A new block: a way in and a way out."""


class BlockDeeds(QObject):
    """Works on what is selected, or else on the block that is looked at."""

    refused = Signal(str)
    """Why something could not be done."""
    save_requested = Signal(str)
    """A block that is to be put into the user's library."""

    def __init__(
        self, session: Session, scene: GraphScene, view: GraphView, entrance: Entrance, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._scene, self._view, self._entrance = session, scene, view, entrance
        self.asking = AskName(parent)
        self.arguments = ArgumentDeeds(session, scene, view, self.asking)
        self.arguments.refused.connect(self.refused)

    @property
    def block(self) -> str | None:
        """The block that is meant: of the node selected alone, else the one that is looked at."""
        chosen = self._scene.chosen
        node = self._scene.project.graph.nodes.get(chosen[0]) if len(chosen) == 1 else None
        block = block_name(node.type) if node else None
        return block if block in self._session.project.blocks else self._session.block

    @property
    def selected(self) -> bool:
        """Whether a node that places a block is among the selected ones."""
        nodes = self._scene.project.graph.nodes
        return any(block_name(nodes[name].type) is not None for name in self._scene.chosen)

    def make(self) -> None:
        """Make a block of the selected nodes, under a name that is asked for."""
        names = self._scene.chosen
        project, inside = self._session.project, self._session.block
        proposed = free_name(self._proposed(), project.blocks)
        try:
            make_block(project, names, proposed, inside, self._scene.chosen_marks)
        except ValueError as error:
            self.refused.emit(_sentence(error))
            return
        at = below(self._view, self._scene, names)
        title = self.tr("Make a block of the selected nodes")
        self._ask(at, title, proposed, lambda name: self._made(names, name))

    def unpack_selected(self) -> None:
        """Put what the selected blocks hold in their place."""
        session = self._session
        nodes = session.drawing.graph.nodes
        names = [name for name in self._scene.chosen if block_name(nodes[name].type) is not None]
        project, found = session.project, list[str]()
        try:
            for name in names:
                project, new = unpack(project, name, session.block)
                found.extend(new)
        except ValueError as error:
            self.refused.emit(_sentence(error))
            return
        if names:
            label = names[0] if len(names) == 1 else self.tr("{count} blocks").format(count=len(names))
            session.commit(project, self.tr("Unpack {nodes}").format(nodes=label))
            self._scene.choose(found)
        else:
            self.refused.emit(self.tr("Select a block first."))

    def begin(self) -> None:
        """Place a new, empty block, under a name that is asked for, and enter it."""
        proposed = free_name("Block", self._session.project.blocks)
        at = self._view.rect().center() - QPoint(130, 60)
        self._ask(at, self.tr("Name of the new block"), proposed, self._begun)

    def rename(self, block: str | None = None) -> None:
        """Give a block another name, in all its uses."""
        old = block or self.block
        if old is None:
            self.refused.emit(self.tr("Select or enter a block first."))
            return
        at = self._view.rect().center() - QPoint(130, 60)
        title = self.tr("New name of the block {block}").format(block=old)
        self._ask(at, title, old, lambda new: self.rename_to(old, new), but=old)

    def rename_to(self, old: str, new: str) -> None:
        """Give a block another name. Raises ValueError that says what is wrong with it."""
        if new != old:
            label = self.tr("Rename the block {old} to {new}").format(old=old, new=new)
            self._session.commit(rename_block(self._session.project, old, new), label)

    def save(self) -> None:
        """Put the block into the user's library."""
        if self.block is not None:
            self.save_requested.emit(self.block)

    # What keeps these from being done

    def lacks_selected(self) -> str:
        """A node that places a block."""
        return "" if self.selected else self.tr("Select a block first.")

    def lacks_block(self) -> str:
        """A block that is meant."""
        return "" if self.block is not None else self.tr("Select or enter a block first.")

    def lacks_inside(self) -> str:
        """Being inside of one."""
        return "" if self._session.focus else self.tr("This is not inside a block.")

    def delete(self, block: str | None = None) -> None:
        """Delete a block; its uses too, if the person says so."""
        block = block or self.block
        if block is None:
            self.refused.emit(self.tr("Select or enter a block first."))
            return
        uses = len(uses_of(self._session.project, block))
        if not uses:
            self._delete(block)
            return
        text = self.tr("Delete the block {block} and the {count} nodes that place it?")
        one = self.tr("Delete the block {block} and the node that places it?")
        box = QMessageBox(self._view.window())
        box.setIcon(QMessageBox.Icon.Question)
        box.setText((one if uses == 1 else text).format(block=block, count=uses))
        box.setInformativeText(self.tr("Undo brings all of them back."))
        confirm = box.addButton(self.tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        confirm.clicked.connect(partial(self._delete, block))
        box.open()

    def _delete(self, block: str) -> None:
        label = self.tr("Delete the block {block}").format(block=block)
        self._session.commit(delete_block(self._session.project, block), label)

    def _made(self, names: tuple[str, ...], block: str) -> None:
        session = self._session
        try:
            marks = self._scene.chosen_marks
            project, use = make_block(session.project, names, block, session.block, marks)
        except ValueError as error:
            self.refused.emit(_sentence(error))
            return
        session.commit(project, self.tr("Make the block {block}").format(block=block))
        self._scene.choose([use])

    def _begun(self, block: str) -> None:
        session = self._session
        place = free_place(self._scene, self._view.seen().center())
        project = replace(session.project, blocks={**session.project.blocks, block: EMPTY})

        def put(seen: Project) -> Project:
            return edits.add_node(seen, PREFIX + block, place, name=edits.name_for(block))[0]

        before = session.drawing.graph.nodes.keys()
        label = self.tr("New block {block}").format(block=block)
        session.commit(within(project, session.block, put), label)
        for name in session.drawing.graph.nodes.keys() - before:
            self._entrance.enter(name)

    def _ask(
        self, at: QPoint, title: str, proposed: str, done: Callable[[str], object], but: str = ""
    ) -> None:
        def check(name: str) -> str | None:
            return None if name == but and name else block_name_error(self._session.project, name)

        self.asking.ask(at, title, proposed, check, done)

    def _proposed(self) -> str:
        """ConvBlock for nodes that begin with a convolution."""
        nodes = self._scene.project.graph.nodes
        types = [nodes[name].type for name in self._scene.chosen]
        own = [type for type in types if block_name(type) is None and type not in ("Input", "Output")]
        return (edits.name_for(own[0]).rpartition("_")[2].capitalize() if own else "") + "Block"


def _sentence(error: ValueError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."

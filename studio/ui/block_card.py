"""The inspector's page about a block: what is shown while one looks into it and no node is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from studio.project.arguments import (
    add_argument,
    argument_name_error,
    remove_argument,
    rename_argument,
    set_argument,
)
from studio.project.block import Argument, Block, ports
from studio.project.graph import Endpoint
from studio.project.params import Value
from studio.project.placements import block_name_error, rename_block, uses_of
from studio.project.project import Project
from studio.ui.card import Column, Facts, Section, label, small_button
from studio.ui.named_rows import NamedRows, Words, unused
from studio.ui.node_facts import UNKNOWN, shape_text
from studio.ui.note_edit import NoteEdit
from studio.ui.numbers import short
from studio.ui.session import Session

if TYPE_CHECKING:
    from studio.build.plan import Checked, TensorType


class BlockCard(Column):
    """Name, description, arguments, ports and costs of the block that is looked at."""

    save_requested = Signal(str)
    """The block is to be put into the user's library."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._burst = 0
        self._name = QLineEdit()
        self._name.setProperty("title", True)
        self._name.setAccessibleName(self.tr("Name of the block"))
        self._name.setToolTip(self.tr("The block's name, and its class's in the code"))
        self._name.editingFinished.connect(self._rename)
        self._wrong = label("", "error", wrapped=True)
        self._wrong.hide()
        self._kind = label("", "secondary", wrapped=True)
        self._doc = NoteEdit(
            self.tr("What the block is for"), self.tr("What it is for"), self.tr("Shown where it is placed")
        )
        self._doc.edited.connect(self._set_doc)
        self._make_arguments()
        self._ports, self._facts = Facts(), Facts()
        shapes = Section(self.tr("Ports of this use"))
        shapes.add(self._ports)
        shapes.add(self._facts)
        keep = small_button(
            self.tr("Save to my library"), self.tr("Keep this block, to be placed in any project")
        )
        keep.clicked.connect(self._save)
        for widget in (self._name, self._wrong, self._kind, self._doc, self._arguments, shapes, keep):
            self.add(widget)

    def refresh(self) -> None:
        """Bring everything up to date with the project and the last check."""
        name = self._session.block
        if name is None:
            return
        project = self._session.project
        block = project.blocks[name]
        if not self._name.hasFocus():
            self._name.setText(name)
            self._name.setCursorPosition(0)
            self._say_wrong("")
        self._kind.setText(self._told(len(uses_of(project, name))))
        self._doc.show_text(block.doc)
        values = {one.name: one.default for one in block.arguments}
        self._rows.show_rows(values, {one.name: one.doc for one in block.arguments})
        self._show_facts(block)

    def _told(self, uses: int) -> str:
        if uses == 1:
            return self.tr("Block · placed once")
        return self.tr("Block · placed {count} times; an edit changes all of them").format(count=uses)

    def _make_arguments(self) -> None:
        self._arguments = Section(self.tr("Arguments"))
        hint = label(
            self.tr("Each use sets them; formulas inside read them: = 4 * width"), "small", wrapped=True
        )
        words = Words(
            self.tr("Name of the argument"),
            self.tr("Default value"),
            self.tr("Add an argument"),
            self.tr("Remove the argument {name}"),
            self.tr("What it is for"),
        )
        self._rows = NamedRows(words, self._argument_error)
        self._arguments.add(hint)
        self._arguments.add(self._rows)
        self._rows.added.connect(lambda _: self._add())
        self._rows.renamed.connect(self._rename_argument)
        self._rows.valued.connect(self._revalue)
        self._rows.described.connect(self._describe)
        self._rows.removed.connect(self._remove)
        self._rows.finished.connect(self._end_burst)

    def _show_facts(self, block: Block) -> None:
        session, whole = self._session, self._session.checked
        checked = session.here(whole) if whole else None
        rows: dict[str, str] = {}
        for node in (*ports(block, "Input"), *ports(block, "Output")):
            rows[node.name] = shape_text(_port_type(node.name, node.type, block, checked))
        self._ports.show_rows(rows)
        known = checked is not None and bool(checked.costs)
        self._facts.show_rows(
            {
                self.tr("nodes"): str(len(block.graph.nodes)),
                self.tr("parameters"): short(checked.total.parameters) if checked and known else UNKNOWN,
                self.tr("multiply-adds"): short(checked.total.multiply_adds)
                if checked and known
                else UNKNOWN,
            }
        )

    def _save(self) -> None:
        if self._session.block is not None:
            self.save_requested.emit(self._session.block)

    # ---- edits

    def _edit(self, edit: Callable[[Project, str], Project], text: str, key: str | None = None) -> None:
        block = self._session.block
        if block is not None:
            self._session.commit(edit(self._session.project, block), text.format(block=block), key)

    def _add(self) -> None:
        block = self._session.block
        if block is not None:
            taken = [one.name for one in self._session.project.blocks[block].arguments]
            name = unused("width", taken)
            self._rows.expect(name)
            new = Argument(name, 1)
            self._edit(
                lambda project, at: add_argument(project, at, new), self.tr("Add an argument to {block}")
            )

    def _rename_argument(self, old: str, new: str) -> None:
        self._edit(
            lambda project, at: rename_argument(project, at, old, new),
            self.tr("Rename an argument of {block}"),
        )

    def _revalue(self, name: str, value: Value) -> None:
        self._edit(
            lambda project, at: set_argument(project, at, name, value),
            self.tr("Set an argument of {block}"),
            f"argument:{name}:{self._burst}",
        )

    def _describe(self, name: str, doc: str) -> None:
        block = self._session.project.blocks[self._session.block or ""]
        default = next(one.default for one in block.arguments if one.name == name)
        self._edit(
            lambda project, at: set_argument(project, at, name, default, doc),
            self.tr("Describe an argument of {block}"),
            f"argument.doc:{name}:{self._burst}",
        )

    def _remove(self, name: str) -> None:
        self._edit(
            lambda project, at: remove_argument(project, at, name),
            self.tr("Remove an argument of {block}"),
        )

    def _set_doc(self, text: str) -> None:
        def described(project: Project, at: str) -> Project:
            return replace(project, blocks={**project.blocks, at: replace(project.blocks[at], doc=text)})

        self._edit(described, self.tr("Describe the block {block}"), f"block.doc:{self._doc.burst}")

    def _argument_error(self, name: str) -> str | None:
        return argument_name_error(self._session.project.blocks[self._session.block or ""], name)

    def _rename(self) -> None:
        old, new = self._session.block, self._name.text().strip()
        if old is None or new == old:
            self._say_wrong("")
            return
        wrong = block_name_error(self._session.project, new)
        self._say_wrong(wrong or "")
        if wrong is None:
            label_ = self.tr("Rename the block {old} to {new}").format(old=old, new=new)
            self._session.commit(rename_block(self._session.project, old, new), label_)

    def _say_wrong(self, text: str) -> None:
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))

    def _end_burst(self) -> None:
        self._burst += 1


def _port_type(name: str, kind: str, block: Block, checked: Checked | None) -> TensorType | None:
    """The type at a port in the use that is looked at."""
    if checked is None:
        return None
    if kind == "Input":
        return checked.types.get(Endpoint(name, "output"))
    wire = next(iter(block.graph.incoming(name)), None)
    return checked.types.get(wire.source) if wire else None

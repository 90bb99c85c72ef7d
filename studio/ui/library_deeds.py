"""What is done with the user's library of blocks: saving one, renaming, describing, deleting, showing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.catalog.shelves import Entry, folder_of
from studio.errors import StudioError
from studio.project.graph import name_error
from studio.project.library import Piece, described, free_path, piece_of, renamed, write_piece
from studio.ui.ask_name import AskName
from studio.ui.library import Library
from studio.ui.session import Session

AT = QPoint(8, 44)
"""Where in the palette names are asked for: below its search field."""


class LibraryDeeds(QObject):
    """Works on files, so undo does not reach here: what would lose something is asked before."""

    told = Signal(str)
    """What was done, or why it could not be."""

    def __init__(self, session: Session, library: Library, palette: QWidget) -> None:
        super().__init__(palette)
        self._session, self._library, self._palette = session, library, palette
        self.asking = AskName(palette)

    def save(self, block: str) -> None:
        """Put a block of the project into the library; one of the same name is replaced if that is meant."""
        if block not in self._session.project.blocks:
            self.told.emit(self.tr("Select or enter a block first."))
            return
        piece = piece_of(self._session.project.blocks, block)
        namesakes = [one for one in self._library.on("mine") if one.title.casefold() == block.casefold()]
        if any(one.piece == piece for one in namesakes):
            self.told.emit(self.tr("{block} is in your library already.").format(block=block))
        elif namesakes:
            self._ask_which(piece, namesakes[0].path)
        else:
            self._write(piece)

    def do(self, deed: str, key: str) -> None:
        """Do what the palette's menu offers with an entry: "rename", "describe", "delete" or "show"."""
        entry = self._library.entry(key)
        deeds: dict[str, Callable[[Entry], None]] = {
            "rename": self._ask_name,
            "describe": self._ask_doc,
            "delete": self._ask_delete,
            "show": self._show,
        }
        if entry is not None:
            deeds[deed](entry)

    def _write(self, piece: Piece, instead_of: Path | None = None) -> None:
        try:
            write_piece(piece, folder_of("mine"), instead_of)
        except StudioError as error:
            self.told.emit(f"{error.message}. {error.hint}")
            return
        self.told.emit(self.tr("{block} is in your library now.").format(block=piece.name))
        self._library.read()

    def _ask_which(self, piece: Piece, path: Path) -> None:
        text = self.tr("Your library has another block {block} already.").format(block=piece.name)
        box = self._question(text, self.tr("A block that is replaced there cannot be brought back."))
        replaced = box.addButton(self.tr("Replace"), QMessageBox.ButtonRole.DestructiveRole)
        both = box.addButton(self.tr("Keep both"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        replaced.clicked.connect(lambda: self._write(piece, path))
        both.clicked.connect(lambda: self._write(self._beside(piece)))
        box.open()

    def _beside(self, piece: Piece) -> Piece:
        """The block under a name that the library does not have yet."""
        return renamed(piece, free_path(folder_of("mine"), piece.name).stem)

    def _ask_name(self, entry: Entry) -> None:
        piece = entry.piece
        if piece is None:
            return
        taken = {one.title.casefold() for one in self._library.on("mine") if one is not entry}

        def check(name: str) -> str | None:
            there = self.tr("your library has a block {name} already").format(name=name)
            inner = self.tr("it places another block {name}").format(name=name)
            held = name != piece.name and name in piece.project.blocks
            return name_error(name) or (there if name.casefold() in taken else inner if held else None)

        title = self.tr("New name of {block} in your library").format(block=piece.name)
        self.asking.ask(AT, title, piece.name, check, partial(self._rename, entry, piece))

    def _rename(self, entry: Entry, piece: Piece, name: str) -> None:
        if name == piece.name:
            return
        try:
            path = write_piece(renamed(piece, name), folder_of("mine"))
        except StudioError as error:
            self.told.emit(f"{error.message}. {error.hint}")
            return
        if path != entry.path:
            self._remove(entry)
        self._library.read()

    def _ask_doc(self, entry: Entry) -> None:
        if entry.piece is not None:
            title = self.tr("What {block} is for").format(block=entry.title)
            doc = entry.piece.block.doc
            self.asking.ask(AT, title, doc, lambda _: None, partial(self._describe, entry, entry.piece))

    def _describe(self, entry: Entry, piece: Piece, doc: str) -> None:
        if doc != piece.block.doc:
            self._write(described(piece, doc), entry.path)

    def _ask_delete(self, entry: Entry) -> None:
        text = self.tr("Delete {block} from your library?").format(block=entry.title)
        box = self._question(
            text, self.tr("Projects that have it keep it. Undo does not bring back the file.")
        )
        confirm = box.addButton(self.tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        confirm.clicked.connect(lambda: self._remove(entry))
        box.open()

    def _remove(self, entry: Entry) -> None:
        try:
            entry.path.unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            text = self.tr("{file} cannot be deleted: {reason}").format(file=entry.path, reason=reason)
            self.told.emit(text)
        self._library.read()

    def _show(self, entry: Entry) -> None:
        folder = entry.path.parent
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.told.emit(str(entry.path))

    def _question(self, text: str, more: str) -> QMessageBox:
        box = QMessageBox(self._palette.window())
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(text)
        box.setInformativeText(more)
        return box

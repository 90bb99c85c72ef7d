"""Shelves of blocks that can be placed in any project: the user's library, and those that are shipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from studio.catalog.blocks import layer_of
from studio.catalog.registry import Layer, Registry
from studio.errors import StudioError
from studio.places import shipped, user_folder
from studio.project.graph import natural
from studio.project.library import SUFFIX, Piece, read_piece

KEPT = "kept:"
"""A block on a shelf has a type such as "kept:mine/Residual.loom/Residual": shelf, file and its name."""
Shelf = Literal["mine", "shipped"]
Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file on a shelf: the block that it holds as a layer, or what is wrong with it."""

    shelf: Shelf
    path: Path
    stamp: Stamp
    piece: Piece | None = None
    layer: Layer | None = None
    wrong: str = ""

    @property
    def key(self) -> str:
        """What the block is placed by, as if it were a type of layer."""
        return f"{KEPT}{self.shelf}/{self.path.name}/{self.title}"

    @property
    def title(self) -> str:
        """The block's name, or the file's where it cannot be read."""
        return self.piece.name if self.piece else self.path.stem


def folder_of(shelf: Shelf) -> Path:
    """Where the files of a shelf lie."""
    return user_folder() / "blocks" if shelf == "mine" else shipped("resources") / "blocks"


def read_shelf(shelf: Shelf, known: Registry, before: Iterable[Entry] = ()) -> tuple[Entry, ...]:
    """What is on a shelf, by name; files that are as they were `before` are not read again."""
    kept: Mapping[tuple[Path, Stamp], Entry] = {(one.path, one.stamp): one for one in before}
    found: list[Entry] = []
    for path in _files(folder_of(shelf)):
        try:
            state = path.stat()
        except OSError:  # gone since, or a link that leads nowhere
            continue
        stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
        found.append(kept.get((path, stamp)) or _read(Entry(shelf, path, stamp), known))
    return tuple(sorted(found, key=lambda one: (natural(one.title.casefold()), one.path.name)))


def _files(folder: Path) -> list[Path]:
    try:
        return [one for one in folder.iterdir() if one.suffix == SUFFIX and not one.name.startswith(".")]
    except OSError:  # not made yet
        return []


def _read(entry: Entry, known: Registry) -> Entry:
    try:
        piece = read_piece(entry.path)
    except StudioError as error:
        return replace(entry, wrong=f"{error.message}. {error.hint}".replace("..", ".").strip())
    made = replace(entry, piece=piece)
    layer = layer_of(piece.name, piece.block, piece.project.blocks, known)
    doc = piece.block.doc or layer.doc
    return replace(made, layer=replace(layer, type=made.key, doc=doc, keywords=_keywords(piece)))


def _keywords(piece: Piece) -> tuple[str, ...]:
    """Further words to find it by: the names in its description, such as ResNet."""
    words = (word.strip(".,:;()") for word in piece.block.doc.split()[1:])
    return ("block", *(word for word in words if len(word) > 2 and word != word.lower()))

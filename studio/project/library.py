"""Blocks as files of a library: each is a project that places its block once, so it opens like any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from studio.errors import StudioError
from studio.project import carried, edits
from studio.project.block import PREFIX, Block, block_name
from studio.project.graph import Graph, Node, free_name, name_error
from studio.project.placements import rename_block
from studio.project.project import Project
from studio.project.storage import load, save

SUFFIX = ".loom"


@dataclass(frozen=True, slots=True)
class Piece:
    """A block with the blocks that it places: a project whose drawing is the one node that places it."""

    name: str
    project: Project

    @property
    def block(self) -> Block:
        """The block itself."""
        return self.project.blocks[self.name]


def piece_of(blocks: Mapping[str, Block], name: str) -> Piece:
    """A block of a project as a library keeps it."""
    node = Node(edits.name_for(PREFIX + name), PREFIX + name)
    kept = carried.needed(blocks, (node,))
    return Piece(name, Project(name=name, graph=Graph({node.name: node}), blocks=kept))


def read_piece(path: Path) -> Piece:
    """The block that a file holds. Raises StudioError that says what is wrong with the file."""
    project = load(path)
    name = _held(project)
    if name is None:
        got = ", ".join(sorted(project.blocks)) or "none"
        raise StudioError(
            f"{path.name}: expected one block that nothing else in the file places, got {got}",
            "Open the file, leave one block and the blocks that it places, and save it.",
        )
    wrong = name_error(name)
    if wrong:
        raise StudioError(f"{path.name}: a block cannot be called so: {wrong}", "Rename it in the file.")
    return piece_of(project.blocks, name)


def write_piece(piece: Piece, folder: Path, instead_of: Path | None = None) -> Path:
    """Save a block as a file of a folder, under a free name or in another one's place; says where.

    Raises StudioError, and then nothing has changed.
    """
    path = instead_of or free_path(folder, piece.name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "Check the folder's rights, or that no file lies in its place."
        raise StudioError(f"{folder}: cannot be made: {error.strerror or error}", hint) from error
    save(piece.project, path)
    return path


def free_path(folder: Path, name: str) -> Path:
    """The file for a block of this name that is not there yet. Case does not tell files apart everywhere."""
    taken = {one.stem.casefold(): one.stem for one in folder.glob(f"*{SUFFIX}")} if folder.is_dir() else {}
    while name.casefold() in taken:
        name = free_name(name, {*taken.values(), name})
    return folder / f"{name}{SUFFIX}"


def renamed(piece: Piece, name: str) -> Piece:
    """The block under another name. Raises ValueError where it cannot have that."""
    return piece_of(rename_block(piece.project, piece.name, name).blocks, name)


def described(piece: Piece, doc: str) -> Piece:
    """The block with another description."""
    blocks = {**piece.project.blocks, piece.name: replace(piece.block, doc=doc)}
    return replace(piece, project=replace(piece.project, blocks=blocks))


def brought(project: Project, piece: Piece) -> tuple[Project, str]:
    """A project that has the block, and the type that places it there.

    A block that the project has already is shared; one that differs from its namesake takes a free name.
    """
    found, graph = carried.received(project, piece.project)
    (node,) = graph.nodes.values()
    return found, node.type


def _held(project: Project) -> str | None:
    """The block that a project is about: the one that its drawing places, or that no other block places."""
    drawn = _placed(project.graph) & project.blocks.keys()
    inner = {name for block in project.blocks.values() for name in _placed(block.graph)}
    found = drawn or project.blocks.keys() - inner
    return next(iter(found)) if len(found) == 1 else None


def _placed(graph: Graph) -> set[str]:
    return {name for node in graph.nodes.values() if (name := block_name(node.type)) is not None}

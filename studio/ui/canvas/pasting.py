"""What the clipboard holds as a piece of a project: one that was copied, or PyTorch code, which is read."""

from __future__ import annotations

from collections.abc import Collection

from studio.catalog.registry import Registry
from studio.errors import StudioError
from studio.interchange.pasted.text import looks_like_code
from studio.project import edits
from studio.project.graph import Position
from studio.project.project import Project
from studio.project.storage import dumps
from studio.ui.canvas.room import laid_out


def pasted(
    project: Project,
    text: str,
    at: Position,
    block: str | None,
    catalog: Registry,
    names: Collection[str] = (),
) -> tuple[Project, tuple[str, ...]]:
    """The project with what a text holds, and the new nodes' names; `names` can be read by formulas.

    Raises StudioError where the text is neither nodes nor code that can be read.
    """
    if text.lstrip()[:1] == "{":
        return edits.paste(project, text, at, block)
    if not looks_like_code(text):
        raise StudioError(
            "What was copied is neither nodes nor PyTorch code.",
            "Copy some nodes first, or code such as nn.Sequential(…).",
        )
    from studio.interchange.pasted.pieces import read_code

    piece = dumps(Project(graph=read_code(text, catalog, names)))
    project, made = edits.paste(project, piece, at, block)
    nodes = project.graph.nodes
    row = sorted(made, key=lambda name: nodes[name].position)
    return laid_out(project, row, catalog), tuple(row)

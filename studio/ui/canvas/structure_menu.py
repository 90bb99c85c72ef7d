"""What changes how nodes hang together, and their types, for keys and menus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from studio.ui.canvas.deed import Deed, chosen

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas

_translate = QCoreApplication.translate
STRUCTURE = ("structure.join", "structure.pull_out", "structure.delete_joined", "edit.duplicate_wired")
"""The menu, by name."""


def structure_deeds(canvas: Canvas) -> Iterator[Deed]:
    """Everything that joins, takes out and replaces nodes."""
    scene, structure = canvas.scene, canvas.structure
    one, two = chosen(scene), chosen(scene, 2)

    def joinable() -> str:
        return "" if scene.chosen and len(scene.chosen_edges) == 1 else two()

    text = _translate("Canvas", "&Join")
    tip = _translate(
        "Canvas", "Wire the selected nodes one after another, or insert them in the selected wire"
    )
    yield Deed("structure.join", text, tip, ("F",), structure.join, joinable)
    text = _translate("Canvas", "Pull &out of the wires")
    tip = _translate("Canvas", "Put the selected nodes aside and join their neighbours, as Alt+drag does")
    yield Deed("structure.pull_out", text, tip, ("Ctrl+Shift+X",), structure.pull_out, one)
    text = _translate("Canvas", "Rep&lace by…")
    tip = _translate("Canvas", "Give the selected nodes another type; name, wires and what fits stay")
    yield Deed("structure.replace", text, tip, ("R",), canvas.replacing.ask, one)
    text = _translate("Canvas", "Delete and joi&n")
    tip = _translate("Canvas", "Delete the selected nodes and join their neighbours")
    keys = ("Ctrl+Delete", "Ctrl+Backspace")
    yield Deed("structure.delete_joined", text, tip, keys, structure.delete_joined, one)
    text = _translate("Canvas", "Duplicate w&ith wires")
    tip = _translate("Canvas", "Double the selected nodes; the copies take in what these take in")
    keys = ("Ctrl+Shift+D",)
    yield Deed("edit.duplicate_wired", text, tip, keys, canvas.nodes.duplicate_with_wires, one)

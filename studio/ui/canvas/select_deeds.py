"""Selecting by what hangs together: what feeds the selected nodes, what lies between them, all of a type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from studio.project.graph import Graph
from studio.project.reach import between, connected, downstream, upstream
from studio.ui.canvas.deed import Deed, chosen, some

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas

_translate = QCoreApplication.translate
SELECTING = (
    "edit.all",
    "select.inverted",
    "",
    "select.upstream",
    "select.downstream",
    "select.connected",
    "select.between",
    "",
    "select.type",
)
"""The menu, by name; an empty name is a line."""
Reach = Callable[[Graph, Iterable[str]], set[str]]


def select_deeds(canvas: Canvas) -> Iterator[Deed]:
    """Everything that selects by what is selected."""
    one, two = chosen(canvas.scene), chosen(canvas.scene, 2)
    text = _translate("Canvas", "&Invert the selection")
    tip = _translate("Canvas", "Select the nodes that are not selected, instead of those that are")
    yield Deed("select.inverted", text, tip, ("Ctrl+I",), partial(_invert, canvas), some(canvas.scene))
    text = _translate("Canvas", "What &feeds it")
    tip = _translate("Canvas", "Add everything to the selection that feeds the selected nodes")
    yield Deed("select.upstream", text, tip, ("[",), partial(_extend, canvas, upstream), one)
    text = _translate("Canvas", "What it f&eeds")
    tip = _translate("Canvas", "Add everything to the selection that the selected nodes feed")
    yield Deed("select.downstream", text, tip, ("]",), partial(_extend, canvas, downstream), one)
    text = _translate("Canvas", "What is &wired to it")
    tip = _translate("Canvas", "Add everything to the selection that wires join with the selected nodes")
    yield Deed("select.connected", text, tip, ("L",), partial(_extend, canvas, connected), one)
    text = _translate("Canvas", "The &path between")
    tip = _translate("Canvas", "Add all nodes on the ways from one selected node to another")
    yield Deed("select.between", text, tip, ("Shift+P",), partial(_extend, canvas, between), two)
    text = _translate("Canvas", "All of the same &type")
    tip = _translate("Canvas", "Select all nodes of the types that are selected")
    yield Deed("select.type", text, tip, ("Ctrl+Shift+A",), partial(_of_type, canvas), one)


def select_all(canvas: Canvas) -> None:
    """Select everything that is there."""
    canvas.select_all()
    _tell(canvas)


def _invert(canvas: Canvas) -> None:
    before = set(canvas.selection)
    _select(canvas, {name for name in canvas.scene.nodes if name not in before})


def _extend(canvas: Canvas, reach: Reach) -> None:
    _select(canvas, reach(canvas.scene.project.graph, canvas.selection))


def _of_type(canvas: Canvas) -> None:
    nodes = canvas.scene.project.graph.nodes
    types = {nodes[name].type for name in canvas.selection}
    _select(canvas, {name for name, node in nodes.items() if node.type in types})


def _select(canvas: Canvas, names: set[str]) -> None:
    """Those selected before stay in front, in their order."""
    before = set(canvas.selection)
    kept = [name for name in canvas.selection if name in names]
    canvas.select((*kept, *(name for name in canvas.scene.nodes if name in names and name not in before)))
    _tell(canvas)


def _tell(canvas: Canvas) -> None:
    count = len(canvas.selection)
    several = _translate("Canvas", "{count} nodes are selected.").format(count=count)
    canvas.status.emit(_translate("Canvas", "1 node is selected.") if count == 1 else several)

"""What changes only what is seen of the drawing, for keys and menus."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from studio.ui.canvas.deed import Deed, some
from studio.ui.canvas.mark_menu import anything_there

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas

ZOOM_STEP = 1.2
_translate = QCoreApplication.translate


def look_deeds(canvas: Canvas) -> Iterator[Deed]:
    """Everything that only looks elsewhere."""
    scene, travel = canvas.scene, canvas.view.travel
    text, tip = _translate("Canvas", "&Fit the drawing"), _translate("Canvas", "Show the whole drawing")
    there = anything_there(scene)
    yield Deed("canvas.fit", text, tip, ("Home",), lambda: travel.fit(scene.bounds()), there)
    text = _translate("Canvas", "Fit the &selection")
    tip = _translate("Canvas", "Show all of what is selected")
    yield Deed("canvas.fit_selection", text, tip, (".",), canvas.fit_selection, there)
    text, tip = _translate("Canvas", "&Actual size"), _translate("Canvas", "Zoom to 100 %")
    yield Deed("canvas.actual", text, tip, ("1",), partial(travel.zoom_to, 1.0))
    text, tip = _translate("Canvas", "Zoom &in"), _translate("Canvas", "Show larger")
    yield Deed("canvas.in", text, tip, ("+",), lambda: canvas.zoom_to(canvas.zoom * ZOOM_STEP))
    text, tip = _translate("Canvas", "Zoom &out"), _translate("Canvas", "Show more")
    yield Deed("canvas.out", text, tip, ("-",), lambda: canvas.zoom_to(canvas.zoom / ZOOM_STEP))
    yield from _switches(canvas)
    text = _translate("Canvas", "Export s&election…")
    tip = _translate("Canvas", "Write the selected nodes as SVG, PDF or PNG, with the project inside")
    yield Deed("canvas.export", text, tip, (), canvas.export_wanted.emit, some(scene))
    text, tip = _translate("Canvas", "&Menu"), _translate("Canvas", "Open the menu for what is selected")
    yield Deed("canvas.menu", text, tip, ("Menu", "Shift+F10"), canvas.open_menu)


def _switches(canvas: Canvas) -> Iterator[Deed]:
    look = canvas.scene.look

    def minimap() -> None:
        look.minimap = not look.minimap
        canvas.view.moved.emit()

    def guides() -> None:
        look.guides = not look.guides

    text = _translate("Canvas", "&Minimap")
    tip = _translate("Canvas", "Show the whole drawing small in the canvas's corner")
    yield Deed("canvas.minimap", text, tip, ("Shift+M",), minimap, checked=lambda: look.minimap)
    text = _translate("Canvas", "Snap to &neighbours")
    tip = _translate("Canvas", "Let dragged nodes snap into line with others; Ctrl held does not")
    yield Deed("canvas.guides", text, tip, ("Shift+G",), guides, checked=lambda: look.guides)

"""What brings nodes into order, for keys and menus."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from studio.ui.canvas.deed import Deed, chosen

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas

_translate = QCoreApplication.translate
ARRANGING = (
    "arrange.across",
    "arrange.down",
    "arrange.pin",
    "",
    "arrange.left",
    "arrange.centre",
    "arrange.right",
    "arrange.top",
    "arrange.middle",
    "arrange.bottom",
    "",
    "arrange.distribute_across",
    "arrange.distribute_down",
)
"""The menu, by name; an empty name is a line."""


def arrange_deeds(canvas: Canvas) -> Iterator[Deed]:
    """Everything that brings nodes into order."""
    arranger, lacking = canvas.arranger, canvas.arranger.lacking
    text = _translate("Canvas", "&Arrange")
    tip = _translate("Canvas", "Lay out the selected nodes, or all, in columns from left to right")
    yield Deed("arrange.across", text, tip, ("Ctrl+Shift+L",), arranger.arrange, partial(lacking, "arrange"))
    text = _translate("Canvas", "Arrange top &down")
    tip = _translate("Canvas", "Lay out the selected nodes, or all, in rows from the top down")
    yield Deed(
        "arrange.down",
        text,
        tip,
        ("Ctrl+Alt+L",),
        partial(arranger.arrange, downwards=True),
        partial(lacking, "arrange"),
    )
    text = _translate("Canvas", "&Pin or unpin")
    tip = _translate("Canvas", "Let the selected nodes stay where they are when the drawing is arranged")
    yield Deed("arrange.pin", text, tip, ("P",), arranger.toggle_pinned, chosen(canvas.scene))
    yield from _aligning(canvas)
    text = _translate("Canvas", "Distribute &horizontally")
    tip = _translate("Canvas", "Give the selected nodes the same gaps from left to right")
    yield Deed(
        "arrange.distribute_across",
        text,
        tip,
        ("Shift+H",),
        partial(arranger.distribute, "across"),
        partial(lacking, "distribute"),
    )
    text = _translate("Canvas", "Distribute &vertically")
    tip = _translate("Canvas", "Give the selected nodes the same gaps from top to bottom")
    yield Deed(
        "arrange.distribute_down",
        text,
        tip,
        ("Shift+V",),
        partial(arranger.distribute, "down"),
        partial(lacking, "distribute"),
    )


def _aligning(canvas: Canvas) -> Iterator[Deed]:
    align, lacking = canvas.arranger.align, canvas.arranger.lacking
    text = _translate("Canvas", "Align &left")
    tip = _translate("Canvas", "Bring the left edges of the selected nodes into line")
    yield Deed("arrange.left", text, tip, ("Shift+A",), partial(align, "left"), partial(lacking, "align"))
    text = _translate("Canvas", "Align &centres")
    tip = _translate("Canvas", "Bring the centres of the selected nodes below each other")
    yield Deed(
        "arrange.centre", text, tip, ("Alt+Shift+S",), partial(align, "centre"), partial(lacking, "align")
    )
    text = _translate("Canvas", "Align &right")
    tip = _translate("Canvas", "Bring the right edges of the selected nodes into line")
    yield Deed("arrange.right", text, tip, ("Shift+D",), partial(align, "right"), partial(lacking, "align"))
    text = _translate("Canvas", "Align &top")
    tip = _translate("Canvas", "Bring the upper edges of the selected nodes into line")
    yield Deed("arrange.top", text, tip, ("Shift+W",), partial(align, "top"), partial(lacking, "align"))
    text = _translate("Canvas", "Align &middles")
    tip = _translate("Canvas", "Bring the centres of the selected nodes beside each other")
    yield Deed(
        "arrange.middle", text, tip, ("Alt+Shift+W",), partial(align, "middle"), partial(lacking, "align")
    )
    text = _translate("Canvas", "Align &bottom")
    tip = _translate("Canvas", "Bring the lower edges of the selected nodes into line")
    yield Deed("arrange.bottom", text, tip, ("Shift+S",), partial(align, "bottom"), partial(lacking, "align"))

"""What is done with blocks, for keys and menus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from studio.ui.canvas.deed import Deed, chosen

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas

_translate = QCoreApplication.translate
BLOCKS = (
    "block.make",
    "block.unpack",
    "block.new",
    "",
    "block.enter",
    "block.leave",
    "block.promote",
    "",
    "block.rename",
    "block.save",
    "block.delete",
)
"""The menu, by name; an empty name is a line."""


def block_deeds(canvas: Canvas) -> Iterator[Deed]:
    """Everything that is done with blocks."""
    yield from _making(canvas)
    yield from _inside(canvas)
    yield from _about(canvas)


def _making(canvas: Canvas) -> Iterator[Deed]:
    blocks = canvas.blocks
    text = _translate("Canvas", "&Make a block…")
    tip = _translate("Canvas", "Make a block of the selected nodes, to be placed again and again")
    yield Deed("block.make", text, tip, ("Ctrl+G",), blocks.make, chosen(canvas.scene))
    text = _translate("Canvas", "&Unpack")
    tip = _translate("Canvas", "Put what the selected blocks hold in their place")
    yield Deed("block.unpack", text, tip, ("Ctrl+Shift+G",), blocks.unpack_selected, blocks.lacks_selected)
    text, tip = _translate("Canvas", "&New block…"), _translate("Canvas", "Begin an empty block and enter it")
    yield Deed("block.new", text, tip, (), blocks.begin)


def _inside(canvas: Canvas) -> Iterator[Deed]:
    blocks, entrance = canvas.blocks, canvas.entrance
    text, tip = _translate("Canvas", "&Enter the block"), _translate("Canvas", "Look into the selected block")
    keys = ("Alt+Down", "Ctrl+Return")
    yield Deed("block.enter", text, tip, keys, entrance.enter_selected, blocks.lacks_selected)
    text = _translate("Canvas", "&Leave the block")
    tip = _translate("Canvas", "Go back to where the block is placed")
    yield Deed("block.leave", text, tip, ("Alt+Up",), entrance.leave, blocks.lacks_inside)
    text = _translate("Canvas", "Make an &argument…")
    tip = _translate("Canvas", "Let each use of the block set a parameter of the selected node itself")
    yield Deed("block.promote", text, tip, ("A",), blocks.arguments.ask_param, blocks.arguments.lacks_param)


def _about(canvas: Canvas) -> Iterator[Deed]:
    blocks = canvas.blocks
    text = _translate("Canvas", "&Rename the block…")
    tip = _translate("Canvas", "Give the block another name, in all its uses")
    yield Deed("block.rename", text, tip, (), lambda: blocks.rename(), blocks.lacks_block)
    text = _translate("Canvas", "&Save to my library")
    tip = _translate("Canvas", "Keep the block, to be placed in any project")
    yield Deed("block.save", text, tip, (), blocks.save, blocks.lacks_block)
    text = _translate("Canvas", "&Delete the block…")
    tip = _translate("Canvas", "Delete the block, and the nodes that place it")
    yield Deed("block.delete", text, tip, (), lambda: blocks.delete(), blocks.lacks_block)

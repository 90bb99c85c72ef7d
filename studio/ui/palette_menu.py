"""The palette's context menu: what can be done with a layer, a block of the project, a library's entry."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMenu

from studio.catalog.shelves import KEPT
from studio.project.block import block_name

if TYPE_CHECKING:
    from studio.ui.palette import Palette

EntryDeed = Literal["rename", "describe", "delete", "show"]
_translate = QCoreApplication.translate


def palette_menu(palette: Palette, type: str, *, broken: bool) -> QMenu:
    """The menu on one row; `broken` ones cannot be placed."""
    menu = QMenu(palette)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setAccessibleName(_translate("Palette", "Palette menu"))
    if not broken:
        menu.addAction(_translate("Palette", "Place it"), partial(palette.place_requested.emit, type))
    block = block_name(type)
    if block is not None:
        _block(menu, palette, block)
    elif type.startswith(KEPT):
        _entry(menu, palette, type, broken=broken)
    return menu


def is_mine(type: str) -> bool:
    """Whether a row is of the user's own library."""
    return type.startswith(f"{KEPT}mine/")


def _block(menu: QMenu, palette: Palette, block: str) -> None:
    save = _translate("Palette", "Save to my library")
    menu.addAction(save, partial(palette.save_requested.emit, block))
    menu.addSeparator()
    rename = _translate("Palette", "Rename the block…")
    menu.addAction(f"{rename}\tF2", partial(palette.rename_requested.emit, block))
    delete = _translate("Palette", "Delete the block…")
    menu.addAction(f"{delete}\tDel", partial(palette.delete_requested.emit, block))


def _entry(menu: QMenu, palette: Palette, key: str, *, broken: bool) -> None:
    """Shipped blocks stay as they are."""
    mine = is_mine(key)
    deeds: list[tuple[EntryDeed, str]] = []
    if mine and not broken:
        deeds.append(("rename", _translate("Palette", "Rename in my library…") + "\tF2"))
        deeds.append(("describe", _translate("Palette", "Describe…")))
    if mine:
        deeds.append(("delete", _translate("Palette", "Delete from my library…") + "\tDel"))
    deeds.append(("show", _translate("Palette", "Show the file's folder")))
    for deed, text in deeds:
        menu.addAction(text, partial(palette.entry_deed.emit, deed, key))

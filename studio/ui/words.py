"""Declared texts (what a layer or a parameter does) in the user's language; the catalog knows no Qt."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from studio.catalog.shelves import KEPT
from studio.project.block import PREFIX


def declared(text: str) -> str:
    """The translation of a text of the catalog, under the context "Catalog"."""
    return QCoreApplication.translate("Catalog", text) if text else ""


def type_title(type: str) -> str:
    """A layer's type as it is written: of a block its name."""
    return type.rpartition("/")[2] if type.startswith(KEPT) else type.removeprefix(PREFIX)

"""Icons: SVG drawings in one colour, tinted by the theme."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from studio.places import shipped
from studio.ui.theme import Tokens

SIZE = 16
SMALL, GAP = 12, 4
"""The size beside text, and the gap between."""
SCALE = 2
"""Drawn at twice the size, so that they are sharp on dense screens too."""


@lru_cache(maxsize=256)
def picture(name: str, colour: str, size: int = SIZE, gap: int = 0) -> QPixmap:
    """An icon's drawing in a colour, with an empty gap after it where text follows."""
    text = (shipped("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(text.replace("currentColor", colour).encode()))
    pixmap = QPixmap((size + gap) * SCALE, size * SCALE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size * SCALE, size * SCALE))
    painter.end()
    pixmap.setDevicePixelRatio(SCALE)
    return pixmap


def icon(name: str, colour: str, disabled: str, size: int = SIZE, gap: int = 0) -> QIcon:
    """An icon in a colour, and in another while disabled."""
    made = QIcon(picture(name, colour, size, gap))
    made.addPixmap(picture(name, disabled, size, gap), QIcon.Mode.Disabled)
    return made


def tinted(name: str, tokens: Tokens) -> QIcon:
    """An icon in the theme's text colour."""
    return icon(name, tokens.text, tokens.faint)


def on_accent(tokens: Tokens) -> str:
    """The colour of text and icons on the accent, readable in both themes."""
    return "#0b1220" if tokens.scheme == "dark" else "#ffffff"


def program_icon() -> QIcon:
    """The program's own icon."""
    return QIcon(str(shipped("resources") / "icons" / "neuroloom.svg"))

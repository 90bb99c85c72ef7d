"""The colours that people give nodes, frames and notes, in the shades of a theme, and their names."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor

from studio.ui.contrast import mixed, readable
from studio.ui.theme import HUES, Tokens

LINE = 3.0
"""The least contrast of a line that means something."""
_translate = QCoreApplication.translate


@lru_cache(maxsize=256)
def line(tokens: Tokens, colour: str) -> QColor:
    """The colour as a line that stands out from the canvas and from nodes; unknown ones are grey."""
    hue = HUES.get(colour, HUES["grey"])
    return QColor(readable(readable(hue, tokens.canvas, tokens.text, LINE), tokens.node, tokens.text, LINE))


@lru_cache(maxsize=64)
def frame_ground(tokens: Tokens, colour: str) -> QColor:
    """What a frame lies on; nothing shows through: that would be mixed anew for each repaint."""
    share = 0.09 if tokens.scheme == "dark" else 0.12
    return QColor(mixed(tokens.canvas, HUES.get(colour, HUES["grey"]), share))


@lru_cache(maxsize=64)
def title_ground(tokens: Tokens, colour: str) -> QColor:
    """What a frame's title is written on."""
    share = 0.26 if tokens.scheme == "dark" else 0.3
    return QColor(mixed(tokens.canvas, HUES.get(colour, HUES["grey"]), share))


@lru_cache(maxsize=64)
def note_ground(tokens: Tokens, colour: str) -> QColor:
    """What a note is written on."""
    share = 0.2 if tokens.scheme == "dark" else 0.24
    return QColor(mixed(tokens.node, HUES.get(colour, HUES["grey"]), share))


@lru_cache(maxsize=64)
def text_on(ground: str, tokens: Tokens, colour: str = "") -> QColor:
    """A colour of text, the theme's own by default, moved until it can be read on a ground."""
    return QColor(readable(colour or tokens.text, ground, tokens.text))


def hue_name(colour: str) -> str:
    """What a colour is called."""
    names = {
        "red": _translate("Canvas", "Red"),
        "orange": _translate("Canvas", "Orange"),
        "yellow": _translate("Canvas", "Yellow"),
        "green": _translate("Canvas", "Green"),
        "teal": _translate("Canvas", "Teal"),
        "blue": _translate("Canvas", "Blue"),
        "purple": _translate("Canvas", "Purple"),
        "grey": _translate("Canvas", "Grey"),
    }
    return names.get(colour, colour)

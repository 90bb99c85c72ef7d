"""Colours, fonts and text widths of the canvas, made once from the theme's tokens."""

from __future__ import annotations

from functools import cached_property, lru_cache

from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QPen

from studio.ui.contrast import mixed, readable
from studio.ui.style import mono_family
from studio.ui.theme import Tokens, family_colour

LINE = 3.0
"""The least contrast of a line that means something."""
UNKNOWN = "#7a8291"
"""Layers that the catalog does not know."""


class Ink:
    """What the canvas paints with in one theme."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.dark = tokens.scheme == "dark"
        self.canvas, self.node, self.panel = (QColor(c) for c in (tokens.canvas, tokens.node, tokens.panel))
        self.line, self.text, self.secondary = (
            QColor(c) for c in (tokens.line, tokens.text, tokens.secondary)
        )
        self.accent, self.warn, self.error = (QColor(c) for c in (tokens.accent, tokens.warn, tokens.error))
        self.found = QColor(self.accent)
        self.found.setAlpha(130)
        self.faint, self.ok = QColor(tokens.faint), QColor(tokens.ok)
        self.wire = QColor(mixed(tokens.secondary, tokens.canvas, 0.15))
        self.dots = QColor(mixed(tokens.line, tokens.secondary, 0.0 if self.dark else 0.25))
        self.border = QColor(mixed(tokens.line, tokens.text, 0.06 if self.dark else 0.0))
        self.card_edge = QColor(mixed(tokens.line, family_colour("Block"), 0.35 if self.dark else 0.6))
        self.card = QColor(mixed(tokens.node, family_colour("Block"), 0.06))
        self.pill = QColor(tokens.panel if self.dark else mixed(tokens.canvas, tokens.node, 0.6))
        self.on_badge = QColor("#ffffff" if not self.dark else "#15171c")
        self._families: dict[str, QColor] = {}
        self._types: dict[str, QColor] = {}
        self._ports: dict[str, QColor] = {}

    @cached_property
    def wire_pen(self) -> QPen:
        """Wires seen near."""
        return QPen(self.wire, 1.8)

    @cached_property
    def thin_pen(self) -> QPen:
        """Wires seen from afar: one pixel, whatever the zoom."""
        return hairline(self.wire)

    @cached_property
    def type_accent(self) -> QColor:
        """The accent as text on a node, readable there."""
        return QColor(readable(self.tokens.accent, self.tokens.node, self.tokens.text))

    def wrong(self, severity: str) -> QColor:
        """Text about an error or a warning on a node, readable there."""
        if severity not in self._types:
            colour = self.tokens.error if severity == "error" else self.tokens.warn
            self._types[severity] = QColor(readable(colour, self.tokens.node, self.tokens.text))
        return self._types[severity]

    def family(self, name: str | None) -> QColor:
        """The colour of a family of layers; of unknown layers where None."""
        key = name or ""
        if key not in self._families:
            self._families[key] = QColor(family_colour(name) if name else UNKNOWN)
        return self._families[key]

    def port(self, name: str | None) -> QColor:
        """The family's colour as a ring or dot, moved until it stands out from canvas and node."""
        key = name or ""
        if key not in self._ports:
            tokens = self.tokens
            colour = readable(self.family(name).name(), tokens.canvas, tokens.text, LINE)
            self._ports[key] = QColor(readable(colour, tokens.node, tokens.text, LINE))
        return self._ports[key]

    def type(self, name: str | None) -> QColor:
        """The family's colour as text on a node, moved until it can be read there."""
        key = name or ""
        if key not in self._types:
            colour = self.family(name).name()
            self._types[key] = QColor(readable(colour, self.tokens.node, self.tokens.text))
        return self._types[key]


def hairline(colour: QColor, width: float = 1.0) -> QPen:
    """A pen as wide on the screen at every zoom; one pixel wide it is stroked many times faster."""
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen


class Fonts:
    """The fonts of the canvas and the widths of texts in them, remembered."""

    def __init__(self) -> None:
        self.name = _font(13, bold=True)
        self.type = _font(11)
        self.label = _font(11)
        self.value = _font(11, family=mono_family())
        self.pill = _font(10, family=mono_family())
        self.large = _font(19, bold=True)
        self.medium = _font(15)
        self.badge = _font(10, bold=True)
        self._metrics = {id(font): QFontMetricsF(font) for font in vars(self).values()}
        self._widths: dict[tuple[int, str], float] = {}

    def width(self, font: QFont, text: str) -> float:
        """The width of a text in pixels at 100 %; `font` is one of this object's own."""
        key = (id(font), text)
        if key not in self._widths:
            if len(self._widths) > 50_000:
                self._widths.clear()
            self._widths[key] = self._metrics[key[0]].horizontalAdvance(text)
        return self._widths[key]

    def elided(self, font: QFont, text: str, width: float) -> str:
        """The text, shortened with … so that it fits."""
        if self.width(font, text) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (
                (middle, high) if self.width(font, text[:middle] + "…") <= width else (low, middle - 1)
            )
        return text[:low].rstrip() + "…"


@lru_cache(maxsize=1)
def fonts() -> Fonts:
    """The canvas's fonts, made when the first canvas is."""
    return Fonts()


def _font(pixels: int, *, bold: bool = False, family: str = "") -> QFont:
    font = QFont(family) if family else QFont(QGuiApplication.font())
    font.setPixelSize(pixels)
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    # Without hinting a text keeps its width at every zoom.
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font

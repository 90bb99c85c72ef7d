"""Tokens -> Qt: the palette and the one stylesheet of all widgets, on top of the Fusion style."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette

from studio.places import shipped
from studio.ui.icons import on_accent
from studio.ui.theme import FIELD_RADIUS, HEADING_PX, SECONDARY_PX, TEXT_PX, Tokens

MONOSPACED = ("JetBrains Mono", "Cascadia Mono", "SF Mono", "Menlo", "Consolas", "DejaVu Sans Mono")


def points(pixels: float) -> float:
    """A size in pixels at 96 dots per inch as points, so that text follows the screen's own scale."""
    screen = QGuiApplication.primaryScreen()
    return pixels * 72 / (screen.logicalDotsPerInchY() if screen else 96)


def text_font() -> QFont:
    """The font of the program's texts: the system's own, in our size."""
    font = QFont(QGuiApplication.font())
    font.setPointSizeF(points(TEXT_PX))
    return font


def mono_family() -> str:
    """The monospaced family for numbers, shapes and code."""
    known = set(QFontDatabase.families())
    fallback = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    return next((family for family in MONOSPACED if family in known), fallback)


def palette(t: Tokens) -> QPalette:
    """Every role of Qt's palette from the tokens."""
    made = QPalette()
    role = QPalette.ColorRole
    plain = {
        role.Window: t.panel, role.WindowText: t.text, role.Base: t.field, role.AlternateBase: t.panel,
        role.Text: t.text, role.Button: t.field, role.ButtonText: t.text, role.BrightText: t.error,
        role.ToolTipBase: t.node, role.ToolTipText: t.text, role.PlaceholderText: t.secondary,
        role.Highlight: t.accent, role.HighlightedText: on_accent(t), role.Accent: t.accent,
        role.Link: t.accent, role.LinkVisited: t.accent, role.Light: t.field, role.Midlight: t.field,
        role.Mid: t.line, role.Dark: t.line, role.Shadow: t.canvas,
    }  # fmt: skip
    for one, colour in plain.items():
        made.setColor(one, QColor(colour))
    for one in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, one, QColor(t.faint))
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(t.line))
    return made


def stylesheet(t: Tokens) -> str:
    """The stylesheet of all widgets."""
    icons = (shipped("resources") / "icons").as_posix()
    sizes = {
        "secondary_pt": points(SECONDARY_PX), "heading_pt": points(HEADING_PX), "radius": FIELD_RADIUS,
        "mono": mono_family(), "icons": icons, "on_accent": on_accent(t),
    }  # fmt: skip
    values = {name: getattr(t, name) for name in t.__slots__} | sizes
    # The sheet is full of braces of its own, hence @name@ and not str.format.
    sheet = (shipped("resources") / "style.qss").read_text(encoding="utf-8")
    for name, value in values.items():
        sheet = sheet.replace(f"@{name}@", str(value))
    return sheet

"""Panels in the look of the program: both themes, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QWidget

from studio.ui.style import palette, stylesheet, text_font
from studio.ui.theme import DARK, LIGHT

Photograph = Callable[[QWidget, str], None]


@pytest.fixture
def photograph(qapp: QApplication, pictures: Path | None) -> Iterator[Photograph]:
    """Draws a panel in both themes, and keeps the pictures where they are wanted."""
    font, sheet, colours = qapp.font(), qapp.styleSheet(), QPalette(qapp.palette())
    style = qapp.style().name()

    def take(panel: QWidget, name: str) -> None:
        qapp.setStyle("Fusion")
        qapp.setFont(text_font())
        qapp.processEvents()
        for tokens in (DARK, LIGHT):
            qapp.setPalette(palette(tokens))
            qapp.setStyleSheet(stylesheet(tokens))
            if hasattr(panel, "set_tokens"):
                panel.set_tokens(tokens)
            qapp.processEvents()
            shot = panel.grab()
            assert not shot.isNull()
            if pictures:
                shot.save(str(pictures / f"{name}_{tokens.scheme}.png"))

    yield take
    qapp.setStyleSheet(sheet)
    qapp.setPalette(colours)
    qapp.setFont(font)
    qapp.setStyle(style)

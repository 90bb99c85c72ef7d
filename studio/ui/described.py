"""What the data holds: its fields, and how many samples each part has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.project.fields import Field
from studio.ui.card import Facts
from studio.ui.monitor.wording import grouped
from studio.ui.theme import DARK, Tokens

if TYPE_CHECKING:
    from studio.data.describe import Description

LONGEST = 36


class Described(QWidget):
    """Fields with shape, type and classes; a bar of the parts; their numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.holds = False
        self._fields, self._parts, self._bar = Facts(), Facts(), PartsBar()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(9)
        for widget in (self._fields, self._bar, self._parts):
            column.addWidget(widget)

    def show_description(self, description: Description) -> None:
        """Show what a source holds."""
        self.holds = bool(description.fields)
        self._fields.show_rows({name: field_text(field) for name, field in description.fields.items()})
        self._bar.show_parts(description.parts)
        rows = {self.tr("samples"): grouped(description.samples)}
        for part, count in description.parts.items():
            rows[part_title(part)] = grouped(count)
        self._parts.show_rows(rows)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._bar.set_tokens(tokens)


class PartsBar(QWidget):
    """The shares of training, validation and test, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: Mapping[str, int] = {}
        self._tokens = DARK
        self.setFixedHeight(6)

    def show_parts(self, parts: Mapping[str, int]) -> None:
        """Show these numbers of samples."""
        self._parts = parts
        told = ", ".join(f"{part_title(part)} {grouped(count)}" for part, count in parts.items())
        self.setToolTip(told)
        self.setAccessibleName(told)
        self.setVisible(bool(sum(parts.values())))
        self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = max(1, sum(self._parts.values()))
        colours = (self._tokens.accent, self._tokens.warn, self._tokens.ok)
        left = 0.0
        for count, colour in zip(self._parts.values(), colours, strict=False):
            width = self.width() * count / whole
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(left, 0, max(0.0, width - 2), 6), 2, 2)
            left += width
        painter.end()


def field_text(field: Field) -> str:
    """A field in a few words: 1×8×8 picture; 10 classes: 0, 1, 2 …"""
    if field.classes is not None:
        text = QCoreApplication.translate("Data", "{count} classes: {names}")
        return text.format(count=len(field.classes), names=_short(field.classes))
    if field.shape in ((), (1,)):
        return QCoreApplication.translate("Data", "one number")
    words = ["×".join(map(str, field.shape))]
    if field.dtype == "int64":
        words.append(QCoreApplication.translate("Data", "whole numbers"))
    elif field.dtype != "float32":
        words.append(field.dtype)
    if field.picture:
        words.append(QCoreApplication.translate("Data", "picture"))
    return " ".join(words)


def part_title(part: str) -> str:
    """A part of the data as it is written."""
    titles = {
        "train": QCoreApplication.translate("Data", "training"),
        "validation": QCoreApplication.translate("Data", "validation"),
        "test": QCoreApplication.translate("Data", "test"),
    }
    return titles.get(part, part)


def _short(names: tuple[str, ...]) -> str:
    text = ", ".join(names)
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST].rpartition(",")[0] + " …" if "," in text[:LONGEST] else text[:LONGEST] + "…"

"""Curves as files: a PNG or SVG picture of what is shown, and a CSV table of every value behind it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QPoint, QSize
from PySide6.QtGui import QColor, QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QWidget

from studio.errors import StudioError
from studio.project.files import write_atomic
from studio.ui.monitor.series import History
from studio.ui.theme import Tokens

SCALE = 2
COLUMNS = ("run", "metric", "part", "step", "epoch", "seconds", "value")


def save_picture(widget: QWidget, path: Path, tokens: Tokens) -> None:
    """Write what a widget shows: SVG if the name ends so, else PNG of twice its size. Raises StudioError."""
    data = _svg(widget, tokens) if path.suffix.lower() == ".svg" else _png(widget, tokens)
    write(path, data)


def save_table(histories: Sequence[History], path: Path) -> None:
    """Write one row per value: raw, never smoothed or thinned. Raises StudioError."""
    write(path, table(histories).encode())


def table(histories: Sequence[History]) -> str:
    """All values of runs as CSV. `part` is steps (as it trains), train (whole epochs) or validation."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for history in histories:
        per_epoch = max(1, history.steps_per_epoch)
        for (metric, part), line in history.lines.items():
            steps, times = line.step.array.tolist(), line.time.array.tolist()
            for step, time, value in zip(steps, times, line.value.array.tolist(), strict=True):
                epoch = round(step / per_epoch, 6)
                rows.writerow((history.name, metric, part, int(step), epoch, round(time, 6), repr(value)))
    return text.getvalue()


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. Raises StudioError."""
    try:
        write_atomic(path, data)
    except OSError as error:
        text = QCoreApplication.translate("Export", "{path} cannot be written: {reason}")
        hint = QCoreApplication.translate("Export", "Choose another folder, or make room on the disk.")
        raise StudioError(text.format(path=path, reason=error.strerror or error), hint) from error


def _png(widget: QWidget, tokens: Tokens) -> bytes:
    picture = QPixmap(widget.size() * SCALE)
    picture.setDevicePixelRatio(SCALE)
    picture.fill(QColor(tokens.panel))
    widget.render(picture, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    return data.data()


def _svg(widget: QWidget, tokens: Tokens) -> bytes:
    from PySide6.QtSvg import QSvgGenerator

    data = QByteArray()
    buffer = QBuffer(data)
    made = QSvgGenerator()
    made.setOutputDevice(buffer)
    made.setResolution(widget.logicalDpiX())
    made.setSize(QSize(widget.width(), widget.height()))
    made.setViewBox(widget.rect())
    made.setTitle(QCoreApplication.translate("Export", "Curves"))
    painter = QPainter(made)
    painter.fillRect(widget.rect(), QColor(tokens.panel))
    widget.render(painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    painter.end()
    return data.data()

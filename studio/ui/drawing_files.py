"""A drawing as a file, its project inside: SVG and PDF as vectors, texts as text; PNG of twice its size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from studio.errors import StudioError
from studio.interchange.pictures import ATTACHED, SUFFIXES, with_project
from studio.project.files import write_atomic
from studio.project.project import Project
from studio.project.storage import dumps
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.sheet import Sheet
from studio.ui.theme import LIGHT

SCALE = 2.0
MOST_PIXELS, LONGEST_SIDE = 64e6, 32_000
"""The largest PNG; a larger drawing is written at a smaller scale."""
DPI = 96
POINT = 72 / DPI
PDF_DPI = 1200
LONGEST_PAGE = 14_400
"""Points: the longest side of a page that every PDF reader can show."""
_translate = QCoreApplication.translate
PAPER = replace(LIGHT, canvas="#ffffff")


def save_drawing(sheet: Sheet, ink: Ink, project: Project, path: Path) -> None:
    """Write a drawing as its file's suffix says, with the project inside. Raises StudioError.

    PDF, which is to be printed, is light on white; the others are drawn with `ink`.
    """
    if not sheet.nodes:
        hint = _translate("Drawing", "Place a layer first, or choose nodes that are there.")
        raise StudioError(_translate("Drawing", "There is nothing to draw."), hint)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        text = _translate("Drawing", "{path}: a drawing is written as SVG, PDF or PNG")
        raise StudioError(
            text.format(path=path), _translate("Drawing", "End the name with .svg, .pdf or .png.")
        )
    if suffix == ".pdf":
        data = _pdf(sheet, Ink(PAPER), project)
    else:
        picture = _svg(sheet, ink, project.name) if suffix == ".svg" else _png(sheet, ink)
        data = with_project(picture, suffix, project)
    try:
        write_atomic(path, data)
    except OSError as error:
        text = _translate("Drawing", "{path} cannot be written: {reason}").format(
            path=path, reason=error.strerror or error
        )
        raise StudioError(
            text, _translate("Drawing", "Choose another folder, or make room on the disk.")
        ) from error


def _svg(sheet: Sheet, ink: Ink, title: str) -> bytes:
    room, (data, buffer) = sheet.bounds, _buffer()
    made = QSvgGenerator()
    made.setOutputDevice(buffer)
    made.setResolution(DPI)
    made.setSize(room.size().toSize())
    made.setViewBox(QRectF(0, 0, room.width(), room.height()))
    made.setTitle(title)
    made.setDescription(_translate("Drawing", "A neural network, drawn with Neuroloom"))
    painter = QPainter(made)
    _paint(painter, sheet, ink, room)
    painter.end()
    return data.data()


def _png(sheet: Sheet, ink: Ink) -> bytes:
    room, (data, buffer) = sheet.bounds, _buffer()
    scale = min(
        SCALE,
        (MOST_PIXELS / (room.width() * room.height())) ** 0.5,
        LONGEST_SIDE / max(room.width(), room.height()),
    )
    size = QSize(max(1, round(room.width() * scale)), max(1, round(room.height() * scale)))
    image = QImage(size, QImage.Format.Format_RGB32)
    if image.isNull():
        raise StudioError(
            _translate("Drawing", "There is not enough memory for the picture."),
            _translate("Drawing", "Write SVG or PDF."),
        )
    painter = QPainter(image)
    painter.scale(scale, scale)
    _paint(painter, sheet, ink, room)
    painter.end()
    image.setDotsPerMeterX(round(DPI * scale / 0.0254))
    image.setDotsPerMeterY(round(DPI * scale / 0.0254))
    image.save(buffer, "PNG")
    return data.data()


def _pdf(sheet: Sheet, ink: Ink, project: Project) -> bytes:
    room, (data, buffer) = sheet.bounds, _buffer()
    scale = min(POINT, LONGEST_PAGE / max(room.width(), room.height()))
    writer = QPdfWriter(buffer)
    writer.setResolution(PDF_DPI)
    writer.setTitle(project.name)
    writer.setCreator("Neuroloom")
    size = QSizeF(room.width() * scale, room.height() * scale)
    writer.setPageSize(QPageSize(size, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF())
    writer.addFileAttachment(ATTACHED, QByteArray(dumps(project).encode()), "application/json")
    painter = QPainter(writer)
    painter.scale(scale * PDF_DPI / 72, scale * PDF_DPI / 72)
    _paint(painter, sheet, ink, room)
    painter.end()
    return data.data()


def _paint(painter: QPainter, sheet: Sheet, ink: Ink, room: QRectF) -> None:
    painter.fillRect(QRectF(0, 0, room.width(), room.height()), ink.canvas)
    painter.translate(-room.topLeft())
    sheet.paint(painter, ink)


def _buffer() -> tuple[QByteArray, QBuffer]:
    """Bytes that the buffer fills; they must live as long as it does."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return data, buffer

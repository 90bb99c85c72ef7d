"""Samples as pictures: bytes made an image, and an image drawn into a square of its own."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from studio.ui.theme import FAMILIES, HUES

SMOOTH = QPainter.RenderHint.SmoothPixmapTransform
MASK_ALPHA = 120


def picture_of(pixels: Any) -> QImage:  # noqa: ANN401
    """The image of contiguous bytes: height × width, or height × width × 1 or 3 channels."""
    height, width = pixels.shape[:2]
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    form = QImage.Format.Format_RGB888 if channels == 3 else QImage.Format.Format_Grayscale8
    return QImage(pixels.tobytes(), width, height, width * channels, form).copy()


def covered(pixels: Any, mask: Any) -> QImage | None:  # noqa: ANN401
    """A picture with its mask (height × width, classes) over it, or either alone; None for neither."""
    if mask is None:
        return None if pixels is None else picture_of(pixels)
    over = mask_image(mask)
    if pixels is None:
        return over
    image = picture_of(pixels).convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.drawImage(QRect(0, 0, image.width(), image.height()), over)
    painter.end()
    return image


def mask_image(mask: Any) -> QImage:  # noqa: ANN401
    """Classes as colours that what lies below shows through; the first class is clear."""
    import numpy as np

    colours = [QColor(colour) for colour in (*HUES.values(), *FAMILIES.values())]
    table = np.zeros((256, 4), np.uint8)
    for at in range(1, 256):
        colour = colours[(at - 1) % len(colours)]
        alpha = MASK_ALPHA
        table[at] = [c * alpha // 255 for c in (colour.blue(), colour.green(), colour.red())] + [alpha]
    pixels = np.ascontiguousarray(table[np.clip(mask, 0, 255).astype(np.uint8)])
    height, width = mask.shape
    form = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(pixels.tobytes(), width, height, 4 * width, form).copy()


def draw_picture(painter: QPainter, image: QImage, place: QRect) -> None:
    """Draw an image in the middle, as large as the shorter side; pixels stay seen where it is small."""
    side = min(place.width(), place.height())
    size = image.size().scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
    left = place.x() + (place.width() - size.width()) // 2
    top = place.y() + (place.height() - size.height()) // 2
    smooth = image.width() > side
    if smooth:
        painter.setRenderHint(SMOOTH)
    painter.drawImage(QRect(left, top, size.width(), size.height()), image)
    if smooth:
        painter.setRenderHint(SMOOTH, False)

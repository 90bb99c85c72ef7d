"""Samples as pictures: bytes made an image, and an image drawn into a square of its own."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter


def picture_of(pixels: Any) -> QImage:  # noqa: ANN401
    """The image of contiguous bytes: height × width, or height × width × 1 or 3 channels."""
    height, width = pixels.shape[:2]
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    form = QImage.Format.Format_RGB888 if channels == 3 else QImage.Format.Format_Grayscale8
    return QImage(pixels.tobytes(), width, height, width * channels, form).copy()


def draw_picture(painter: QPainter, image: QImage, place: QRect) -> None:
    """Draw an image in the middle, as large as the shorter side; pixels stay seen where it is small."""
    side = min(place.width(), place.height())
    size = image.size().scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
    left = place.x() + (place.width() - size.width()) // 2
    top = place.y() + (place.height() - size.height()) // 2
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, image.width() > side)
    painter.drawImage(QRect(left, top, size.width(), size.height()), image)

"""A box for a whole number with room before it, as other fields have it."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox, QWidget

ROOM = 6


class Spin(QSpinBox):
    """Stylesheets give the padding of a box to its arrows alone: its line has the room itself."""

    def __init__(self, parent: QWidget | None = None, *, minimum: int = 0, maximum: int = 99) -> None:
        super().__init__(parent)
        self.setRange(minimum, maximum)
        self.lineEdit().setTextMargins(ROOM, 0, 0, 0)

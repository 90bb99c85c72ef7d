"""Who has the keyboard when a field over the drawing is put away: the drawing, or who took it."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget


def has_keyboard(field: QWidget) -> bool:
    """Whether a field or a part of it has the keyboard, or none has while the window is in the background.

    To be asked before the field is hidden, for then Qt hands the keyboard to whatever comes next.
    """
    now = QApplication.focusWidget()
    return now is None or now is field or field.isAncestorOf(now)

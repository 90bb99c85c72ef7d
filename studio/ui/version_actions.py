"""What can be done with the version that is chosen: an action of the list for each, and its button below."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QPushButton


def made(parent: QObject, text: str, act: Callable[[], object], key: Qt.Key | None, tip: str) -> QAction:
    """An action that is off until a version is chosen; its key is for the list alone."""
    action = QAction(text, parent, enabled=False)
    action.triggered.connect(lambda _checked=False: act())
    if key is not None:
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        tip = f"{tip} ({QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)})"
    action.setToolTip(tip)
    return action


def button_of(action: QAction) -> QPushButton:
    """A button that does and says what an action does and says."""
    button = QPushButton(action.text(), autoDefault=False, enabled=False)
    button.setToolTip(action.toolTip())
    button.setAccessibleName(action.text().rstrip("…"))
    button.clicked.connect(lambda _checked=False: action.trigger())
    action.changed.connect(lambda: _follow(button, action))
    return button


def _follow(button: QPushButton, action: QAction) -> None:
    button.setEnabled(action.isEnabled())
    button.setText(action.text())
    button.setAccessibleName(action.text().rstrip("…"))

"""Remembers, between starts, which of the canvas's switches are on."""

from __future__ import annotations

from PySide6.QtGui import QAction

from studio.ui.actions import Actions
from studio.ui.preferences import Preferences


def remember_switches(actions: Actions, preferences: Preferences) -> None:
    """Put every switch as it was left, and write down each change from now on."""
    for action in actions.all():
        if action.isCheckable():
            _remember(action, preferences)


def _remember(action: QAction, preferences: Preferences) -> None:
    key = action.objectName()
    if preferences.text(key, _word(action.isChecked())) != _word(action.isChecked()):
        action.trigger()
    action.toggled.connect(lambda on: preferences.set(key, _word(on)))


def _word(on: bool) -> str:
    return "on" if on else "off"

"""All of the window's actions by name: menus, toolbar and command palette show the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from studio.ui.icons import GAP, SMALL, icon, on_accent
from studio.ui.theme import DARK, Tokens

Shortcut = QKeySequence | QKeySequence.StandardKey | str


def told_keys(action: QAction) -> str:
    """An action's keys as people read them, the first alone: "Ctrl+D"."""
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def with_keys(tip: str, action: QAction) -> str:
    """A tooltip that names the action's keys."""
    keys = told_keys(action)
    return f"{tip} ({keys})" if keys else tip


class Actions(QObject):
    """Makes actions and finds them again by name."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._made: dict[str, QAction] = {}
        self._icons: dict[str, str] = {}
        self._tips: dict[str, str] = {}
        self._only: dict[str, QWidget] = {}
        self._tokens = DARK

    def make(
        self,
        name: str,
        text: str,
        slot: Callable[[], object],
        *,
        tip: str,
        shortcut: Shortcut | tuple[Shortcut, ...] | None = None,
        icon: str = "",
        checkable: bool = False,
        only: QWidget | None = None,
    ) -> QAction:
        """An action that calls `slot`; `text` is already translated, with & before its letter.

        With `only`, its keys work while that widget or one inside it has the keyboard: text fields elsewhere
        have their own use for them.
        """
        action = QAction(text, self._window, checkable=checkable)
        action.setObjectName(name)
        action.setIconVisibleInMenu(False)
        action.setStatusTip(tip)
        if isinstance(shortcut, tuple):
            action.setShortcuts([QKeySequence(one) for one in shortcut])
        elif shortcut is not None:
            action.setShortcut(QKeySequence(shortcut))
        action.setToolTip(with_keys(tip, action))
        self._tips[name] = tip
        # The lambda drops QAction.triggered's argument: slots take none.
        action.triggered.connect(lambda _checked=False: slot())
        if icon:
            self._icons[name] = icon
        if only is not None:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return self.add(name, action, only)

    def add(self, name: str, action: QAction, only: QWidget | None = None) -> QAction:
        """Take in an action that Qt made (a dock's own, undo and redo)."""
        assert name not in self._made, name
        self._made[name] = action
        if only is not None:
            self._only[name] = only
        (only or self._window).addAction(action)
        return action

    def take(self, others: Actions) -> None:
        """Take in the actions of a part of the window; their keys work where they did."""
        for name, action in others._made.items():
            assert name not in self._made, name
            self._made[name] = action
        self._tips |= others._tips
        self._only |= others._only

    def named(self) -> Mapping[str, QAction]:
        """Every action by its name, in the order of making."""
        return self._made

    def place_of(self, name: str) -> QWidget | None:
        """The widget that must have the keyboard for an action's keys to work; None for the whole window."""
        return self._only.get(name)

    def set_keys(self, name: str, keys: Iterable[QKeySequence]) -> None:
        """Give an action other keys; its tooltip says them."""
        action = self._made[name]
        action.setShortcuts(list(keys))
        if name in self._tips:
            action.setToolTip(with_keys(self._tips[name], action))

    def set_icon(self, name: str, drawing: str) -> None:
        """Give an action an icon; it appears with the next `tint`."""
        self._icons[name] = drawing

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def all(self) -> list[QAction]:
        """Every action, in the order of making."""
        return list(self._made.values())

    def enable(self, enabled: bool, *names: str) -> None:
        """Switch some actions on or off."""
        for name in names:
            self._made[name].setEnabled(enabled)

    def show_paused(self, paused: bool) -> None:
        """Let the pause button say what it does next."""
        drawing = "train" if paused else "pause"
        if self._icons.get("train.pause") != drawing:
            self._icons["train.pause"] = drawing
            self.tint(self._tokens)

    def tint(self, tokens: Tokens) -> None:
        """Draw the icons in the theme's colours."""
        self._tokens = tokens
        for name, drawing in self._icons.items():
            if name == "train.start":
                self._made[name].setIcon(icon(drawing, on_accent(tokens), tokens.faint, SMALL, GAP))
            else:
                self._made[name].setIcon(icon(drawing, tokens.text, tokens.faint))

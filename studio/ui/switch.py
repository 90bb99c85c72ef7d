"""A switch of a few words side by side, one of which is chosen."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from studio.ui.card import small_button


class Switch(QWidget):
    """Words by key, each with a tip; the first is chosen at the beginning."""

    chosen = Signal(str)
    """The key of the word that the user has pressed."""

    def __init__(self, name: str, words: Mapping[str, tuple[str, str]]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._keys = list(words)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        for at, (text, tip) in enumerate(words.values()):
            button = small_button(text, tip)
            button.setCheckable(True)
            button.setProperty("part", True)
            button.setAccessibleName(f"{name}: {text}")
            self._group.addButton(button, at)
            row.addWidget(button)
        self._group.buttons()[0].setChecked(True)
        self._group.idClicked.connect(lambda at: self.chosen.emit(self._keys[at]))

    @property
    def key(self) -> str:
        """What is chosen."""
        return self._keys[self._group.checkedId()]

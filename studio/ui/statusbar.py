"""The status bar: whether all is saved, the data, threads, memory and zoom."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QLabel, QStatusBar

from studio.catalog.registry import registry
from studio.project.project import Setting
from studio.train.process_memory import resident
from studio.ui.numbers import memory
from studio.ui.reading import Reading
from studio.ui.theme import DARK, Tokens

EVERY_MS = 2000


class StatusBar(QStatusBar):
    """Facts at the lower edge; hints of menu entries pass over its left half."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self._tokens, self._dirty, self._new = DARK, False, True
        self._described: tuple[Setting, Mapping[str, int] | None] = (Setting("None"), None)
        self._saved = self._label(self.tr("Saved or not"), self.tr("Whether all changes are saved"))
        self._data = self._label(self.tr("Data"), self.tr("The data and its parts"))
        tip = self.tr("Threads that the processor offers; how many a run takes is in its record")
        self._threads = self._label(self.tr("Threads"), tip, right=True)
        tip = self.tr("Memory that this program holds")
        self._memory = self._label(self.tr("Memory"), tip, right=True)
        self._zoom = self._label(self.tr("Zoom"), self.tr("Zoom of the canvas"), right=True)
        self.show_threads(os.cpu_count() or 1)
        self.show_zoom(1.0)
        Reading(self).moved.connect(self._show_reading)
        self._told = ""
        self._told_now = QTimer(self, singleShot=True, interval=0)
        """Runs while what was told belongs to what is just being done."""
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._show_memory)
        self._timer.start()
        self._show_memory()

    def tell(self, text: str, milliseconds: int) -> None:
        """Show a message for a while; screen readers say it."""
        self._told = text
        self._told_now.start()
        self.showMessage(text, milliseconds)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def forget_told(self) -> None:
        """The project has changed: what was told before that is of no use any more."""
        if self._told and self._told == self.currentMessage() and not self._told_now.isActive():
            self.clearMessage()

    def show_saved(self, dirty: bool, new: bool) -> None:
        """Say whether something is unsaved; `new` is a project without a file."""
        self._dirty, self._new = dirty, new
        tokens = self._tokens
        text, colour, mark = self.tr("Saved"), tokens.ok, "●"
        if dirty:
            text, colour, mark = self.tr("Unsaved changes"), tokens.warn, "○"
        elif new:
            text, colour, mark = self.tr("New"), tokens.secondary, "○"
        self._saved.say(f'<span style="color:{colour}">{mark}</span>&nbsp;{text}', text)

    def show_data(self, source: Setting, parts: Mapping[str, int] | None) -> None:
        """Say what the data is and how many samples each part has; None while that is being read."""
        self._described = source, parts
        if source.type == "None":
            self._data.say(self.tr("No data chosen"))
            return
        name = _data_name(source)
        if parts is None:
            self._data.say(self.tr("{} · reading …").format(name))
            return
        texts = {
            "train": self.tr("{} train"),
            "validation": self.tr("{} validation"),
            "test": self.tr("{} test"),
        }
        counts = [texts[part].format(f"{parts[part]:,}") for part in texts if parts.get(part)]
        self._data.say(" · ".join([name, *counts]))

    def _show_reading(self, what: str, share: float) -> None:
        """Say how far data are made ready, where that takes long."""
        if what:
            self._data.say(self.tr("{what} · {share}").format(what=what, share=f"{share:.0%}"))
        else:
            self.show_data(*self._described)

    def show_threads(self, count: int) -> None:
        """Say how many threads an operation may use."""
        self._threads.say(self.tr("1 thread") if count == 1 else self.tr("{} threads").format(count))

    def show_zoom(self, factor: float) -> None:
        """Say the canvas's zoom."""
        self._zoom.say(f"{factor:.0%}".replace("%", " %"))

    def set_tokens(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        self._tokens = tokens
        self.show_saved(self._dirty, self._new)

    def _show_memory(self) -> None:
        size = resident()
        self._memory.say("" if size is None else memory(size))

    def _label(self, name: str, tip: str, right: bool = False) -> _Fact:
        label = _Fact(name, tip)
        (self.addPermanentWidget if right else self.addWidget)(label)
        return label


class _Fact(QLabel):
    """A fact, which screen readers hear with what it is about."""

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        self._name = name
        self.setAccessibleName(name)
        self.setToolTip(tip)

    def say(self, text: str, plain: str = "") -> None:
        """Show a text; `plain` is what it is without its markup."""
        self.setText(text)
        self.setAccessibleName(f"{self._name}: {plain or text}" if text else self._name)


def _data_name(source: Setting) -> str:
    """The file's or the set's name: the value of the source's first parameter."""
    declared = registry().component("source", source.type)
    first = declared.params[0] if declared and declared.params else None
    value = str(source.params.get(first.name, first.default)) if first else ""
    return Path(value).name or source.type

"""Every command with its keys, by menu, and what the mouse and the fixed keys do: one list for Help and
Preferences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence

from studio.ui.canvas.gesture_table import fixed_keys, mouse_table
from studio.ui.menus import menu_names

if TYPE_CHECKING:
    from studio.ui.window import MainWindow

_translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Entry:
    """A command by the action's name, or a gesture or fixed key, which has none."""

    text: str
    keys: str
    tip: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that stand together."""

    title: str
    entries: tuple[Entry, ...]


def key_groups(window: MainWindow) -> list[Group]:
    """All there is."""
    fixed = tuple(Entry(what, keys) for keys, what in fixed_keys())
    mouse = tuple(Entry(what, how) for how, what in mouse_table())
    return [
        *_commands(window),
        Group(_translate("Keys", "Keys on the canvas that stay as they are"), fixed),
        Group(_translate("Keys", "Mouse on the canvas"), mouse),
    ]


def told(keys: Iterable[QKeySequence]) -> str:
    """Keys as people read them: "Del, Backspace"."""
    return ", ".join(one.toString(QKeySequence.SequenceFormat.NativeText) for one in keys)


def as_page(groups: Iterable[Group]) -> str:
    """The list as a page, without the commands that have no keys."""
    return "".join(_table(group) for group in groups)


def _commands(window: MainWindow) -> Iterator[Group]:
    menus, on_canvas = menu_names(window), set(window.panels.canvas.deeds.actions.named())
    listed: dict[str, list[Entry]] = {}
    for action in window.menuBar().actions():
        listed[action.text().replace("&", "")] = []
    for name, action in window.actions_by_name.named().items():
        text = action.text().replace("&", "").rstrip("…")
        way = menus.get(action, "")
        menu, _, inner = way.partition(" › ")
        other = _translate("Keys", "Canvas") if name in on_canvas else _translate("Keys", "Others")
        entry = Entry(
            f"{inner} › {text}" if inner else text, told(action.shortcuts()), action.statusTip(), name
        )
        listed.setdefault(menu or other, []).append(entry)
    for title, entries in listed.items():
        if entries:
            yield Group(title, tuple(sorted(entries, key=lambda entry: " › " in entry.text)))


def _table(group: Group) -> str:
    style = "padding: 2px 24px 2px 0"
    rows = "".join(
        f"<tr><td style='{style}'>{escape(entry.text)}</td><td>{escape(entry.keys)}</td></tr>"
        for entry in group.entries
        if entry.keys
    )
    return f"<h3>{escape(group.title)}</h3><table>{rows}</table>" if rows else ""

"""The keys of every action: the ones it has at first, the user's own, and which of them clash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QKeySequence

from studio.ui.actions import Actions
from studio.ui.canvas.gesture_table import is_fixed
from studio.ui.preferences import Preferences

KEPT_AS = "shortcuts"
MOST_KEYS = 8
"""An action needs no more keys than this; a file may hold any number."""
Keys = tuple[QKeySequence, ...]
_TEXT = QKeySequence.SequenceFormat.PortableText
_NO_MATCH = QKeySequence.SequenceMatch.NoMatch


class Shortcuts(QObject):
    """Applies the user's keys to the actions, and remembers where they differ from the first ones."""

    changed = Signal()
    """Some action has other keys."""

    def __init__(self, actions: Actions, preferences: Preferences, parent: QObject) -> None:
        super().__init__(parent)
        self._actions, self._preferences = actions, preferences
        self._first = {name: tuple(action.shortcuts()) for name, action in actions.named().items()}
        self._own: dict[str, Keys] = {}
        self.refused = self._read()
        """What stood in the preferences and could not be taken, told with its reason."""

    def keys(self, name: str) -> Keys:
        """The keys that an action has."""
        return tuple(self._actions[name].shortcuts())

    def first(self, name: str) -> Keys:
        """The keys that an action has at first."""
        return self._first[name]

    def differs(self, name: str) -> bool:
        """Whether an action has the user's own keys."""
        return name in self._own

    def clashes(self, name: str, keys: Iterable[QKeySequence]) -> list[str]:
        """The other actions that have one of these keys where an action would need it too."""
        wanted = list(keys)
        others = (other for other in self._first if other != name and self._meet(name, other))
        return [other for other in others if _share(wanted, self.keys(other))]

    def set(self, name: str, keys: Iterable[QKeySequence]) -> None:
        """Give an action these keys; who had one of them loses it."""
        wanted = _unlike(keys)
        for other in self.clashes(name, wanted):
            self._keep(other, (one for one in self.keys(other) if not _share(wanted, [one])))
        self._keep(name, wanted)
        self._write()

    def reset(self, name: str) -> None:
        """Give an action the keys that it has at first; who has one of them loses it."""
        self.set(name, self._first[name])

    def reset_all(self) -> None:
        """Give every action the keys that it has at first."""
        self._own = {}
        for name, keys in self._first.items():
            self._actions.set_keys(name, keys)
        self._write()

    def _keep(self, name: str, keys: Iterable[QKeySequence]) -> None:
        wanted = tuple(keys)
        if wanted == self._first[name]:
            self._own.pop(name, None)
        else:
            self._own[name] = wanted
        self._actions.set_keys(name, wanted)

    def _meet(self, one: str, other: str) -> bool:
        """Whether the keys of both can work at the same time."""
        here, there = self._actions.place_of(one), self._actions.place_of(other)
        if here is None or there is None or here is there:
            return True
        return here.isAncestorOf(there) or there.isAncestorOf(here)

    def _write(self) -> None:
        stored = {name: [one.toString(_TEXT) for one in keys] for name, keys in self._own.items()}
        self._preferences.set(KEPT_AS, stored)
        self.changed.emit()

    def _read(self) -> tuple[str, ...]:
        """Take what is stored; what cannot be taken is said, and stored no longer."""
        refused: list[str] = []
        for name, stored in self._preferences.mapping(KEPT_AS).items():
            try:
                self._take(name, stored)
            except ValueError as error:
                refused.append(f"{name}: {error}")
        self._yield()
        if refused:
            self._write()
        return tuple(refused)

    def _take(self, name: str, stored: object) -> None:
        """Take one stored entry. Raises ValueError that says what is wrong with it."""
        if name not in self._first:
            raise ValueError(self.tr("there is no such command"))
        keys = _unlike(_parsed(stored))
        if taken := [other for other in self.clashes(name, keys) if other in self._own]:
            raise ValueError(self.tr("these are the keys of {other} too").format(other=taken[0]))
        self._keep(name, keys)

    def _yield(self) -> None:
        """The user's own keys go before the first ones of others; that is not worth storing."""
        for name, keys in self._own.items():
            for other in self.clashes(name, keys):
                left = tuple(one for one in self.keys(other) if not _share(keys, [one]))
                self._actions.set_keys(other, left)


def parsed(text: str) -> QKeySequence:
    """Keys from their portable text. Raises ValueError where it names none, or such as stay as they are."""
    keys = QKeySequence.fromString(text, _TEXT)
    if keys.isEmpty() or not keys.toString(_TEXT):
        told = QCoreApplication.translate("Shortcuts", "“{text}” is no key; expected such as Ctrl+D")
        raise ValueError(told.format(text=text[:40]))
    if is_fixed(keys):
        told = QCoreApplication.translate("Shortcuts", "{keys} stays as it is and can be no other command's")
        raise ValueError(told.format(keys=keys.toString(QKeySequence.SequenceFormat.NativeText)))
    return keys


def _parsed(stored: object) -> Iterator[QKeySequence]:
    if not isinstance(stored, list) or len(stored) > MOST_KEYS:
        told = QCoreApplication.translate("Shortcuts", "expected a list of up to {count} keys")
        raise ValueError(told.format(count=MOST_KEYS))
    for text in stored:
        if not isinstance(text, str):
            raise ValueError(QCoreApplication.translate("Shortcuts", "expected keys as text"))
        yield parsed(text)


def _unlike(keys: Iterable[QKeySequence]) -> Keys:
    """Each of the keys once."""
    found: list[QKeySequence] = []
    for one in keys:
        if not one.isEmpty() and one not in found:
            found.append(one)
    return tuple(found)


def _share(some: Iterable[QKeySequence], others: Iterable[QKeySequence]) -> bool:
    """Whether two lists hold the same keys, or keys that others begin with."""
    listed = list(others)
    return any(
        not one.isEmpty() and (one.matches(two) != _NO_MATCH or two.matches(one) != _NO_MATCH)
        for one in some
        for two in listed
    )

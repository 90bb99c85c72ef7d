"""What one edit changed in a value, both ways: enough to make what was there before from what is there after,
and the other way round, without keeping either. It makes undo without limit affordable.

Parts that both values share are told by identity and not kept. Any frozen dataclass, mapping and tuple is
gone into, so that a project's new parts need nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from types import MappingProxyType
from typing import Any, cast

from studio.project.graph import reindexed

SHORT = 4
"""A tuple of so many elements is kept whole."""
REMEMBERED = {"_index": ("edges", reindexed)}
"""A field that a value has computed from another one, and how it follows where that one is another."""


@dataclass(frozen=True, slots=True)
class Swap:
    """One value in the place of another."""

    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Splice:
    """A run of a tuple's elements, from the place `at` on, in the place of another run."""

    at: int
    before: tuple[Any, ...]
    after: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """Deltas of some fields of a dataclass."""

    changed: tuple[tuple[str, Delta], ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries that left a mapping and that came to it, each with its place; deltas of some that stayed."""

    gone: tuple[tuple[int, Any, Any], ...]
    come: tuple[tuple[int, Any, Any], ...]
    changed: tuple[tuple[Any, Delta], ...]


Delta = Swap | Splice | Fields | Entries


def delta(before: object, after: object) -> Delta | None:
    """What changed; None where nothing did."""
    if before is after:
        return None
    if type(before) is type(after):
        if is_dataclass(before):
            return _fields(before, after)
        if isinstance(before, MappingProxyType):
            return _entries(cast(Mapping[Any, Any], before), cast(Mapping[Any, Any], after))
        if isinstance(before, tuple) and len(cast(tuple[Any, ...], before)) > SHORT:
            return _splice(cast(tuple[Any, ...], before), cast(tuple[Any, ...], after))
    return Swap(before, after)


def redone(change: Delta | None, value: Any) -> Any:  # noqa: ANN401
    """The value after, from the one before."""
    return _applied(change, value, forward=True)


def undone(change: Delta | None, value: Any) -> Any:  # noqa: ANN401
    """The value before, from the one after."""
    return _applied(change, value, forward=False)


def _fields(before: object, after: object) -> Fields | None:
    parts = [
        (one.name, part)
        for one in fields(cast(Any, before))
        if one.init and (part := delta(getattr(before, one.name), getattr(after, one.name))) is not None
    ]
    return Fields(tuple(parts)) if parts else None


def _entries(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> Entries | Swap | None:
    if list(before) == list(after):
        changed = _changed((key, one, after[key]) for key, one in before.items() if one is not after[key])
        return Entries((), (), changed) if changed else None
    stay = before.keys() & after.keys()
    if [key for key in before if key in stay] != [key for key in after if key in stay]:
        return Swap(before, after)
    gone = tuple((at, key, value) for at, (key, value) in enumerate(before.items()) if key not in stay)
    come = tuple((at, key, value) for at, (key, value) in enumerate(after.items()) if key not in stay)
    changed = _changed((key, before[key], after[key]) for key in stay if before[key] is not after[key])
    return Entries(gone, come, changed)


def _changed(pairs: Iterable[tuple[Any, Any, Any]]) -> tuple[tuple[Any, Delta], ...]:
    parts = ((key, delta(before, after)) for key, before, after in pairs)
    return tuple((key, part) for key, part in parts if part is not None)


def _splice(before: tuple[Any, ...], after: tuple[Any, ...]) -> Splice | None:
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if before[at] is not after[at]), shorter)
    end = next(
        (at for at in range(shorter - start) if before[-1 - at] is not after[-1 - at]), shorter - start
    )
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    return Splice(start, old, new) if old or new else None


def _applied(change: Delta | None, value: Any, *, forward: bool) -> Any:  # noqa: ANN401
    match change:
        case None:
            return value
        case Swap(before, after):
            return after if forward else before
        case Splice(at, before, after):
            old, new = (before, after) if forward else (after, before)
            return (*value[:at], *new, *value[at + len(old) :])
        case Entries(gone, come, changed):
            entries = _mapped(gone, come, value) if forward else _mapped(come, gone, value)
            for key, part in changed:
                entries[key] = _applied(part, value[key], forward=forward)
            return MappingProxyType(entries)
        case Fields(changed):
            parts = {name: _applied(part, getattr(value, name), forward=forward) for name, part in changed}
            return _rebuilt(value, parts)


def _mapped(
    gone: tuple[tuple[int, Any, Any], ...], come: tuple[tuple[int, Any, Any], ...], value: Mapping[Any, Any]
) -> dict[Any, Any]:
    """The entries without some and with others, each at its place."""
    if not gone and not come:
        return dict(value)
    items = list(value.items())
    for at, _, _ in reversed(gone):
        del items[at]
    for at, key, one in come:
        items.insert(at, (key, one))
    return dict(items)


def _rebuilt(value: Any, parts: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """A frozen value with other parts, which were sealed and sorted when they were first made."""
    made = object.__new__(type(value))
    for one in fields(value):
        found = parts.get(one.name, getattr(value, one.name))
        if one.name in REMEMBERED and (source := REMEMBERED[one.name][0]) in parts:
            found = REMEMBERED[one.name][1](value, parts[source])
        object.__setattr__(made, one.name, found)
    return made

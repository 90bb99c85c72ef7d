"""Values out of parsed JSON, each of the type that is expected there or refused with what was found."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any, TypeVar, cast

from studio.project.params import Value, shown
from studio.project.project import Setting
from studio.project.strict_json import refuse, sealed, whole_text

T = TypeVar("T")


def object_of(value: object, where: str, place: str) -> Mapping[str, Any]:
    """An object of any keys."""
    return cast(Mapping[str, Any], kind_of(dict, "an object", value, where, place))


def list_of(value: object, where: str, place: str) -> list[Any]:
    """A list of anything."""
    return kind_of(list, "a list", value, where, place)


def kind_of(kind: type[T], words: str, value: object, where: str, place: str) -> T:
    """A value of this type; `words` says which."""
    if not isinstance(value, kind):
        refuse(where, place, words, shown(value))
    return value


def truth_of(value: object, where: str, place: str) -> bool:
    """True or false."""
    return kind_of(bool, "true or false", value, where, place)


def needed(table: Mapping[str, Any], key: str, where: str, place: str) -> object:
    """What an object must have."""
    if key not in table:
        keys = ", ".join(list(table)[:6]) or "none"
        refuse(where, place, f'the key "{key}"', f"only these: {keys}")
    return table[key]


def values_of(content: object, where: str, place: str) -> Mapping[str, Value]:
    """Parameters by name."""
    return cast(Mapping[str, Value], sealed(object_of(content, where, place), where, place, 1))


def rest_of(table: Mapping[str, Any], known: Set[str], where: str, place: str) -> dict[str, Value]:
    """What this version does not know, kept to be written back."""
    return {
        whole_text(key, where, place): sealed(value, where, f"{place}.{key}".strip("."), 2)
        for key, value in table.items()
        if key not in known
    }


def read_setting(content: object, where: str, place: str) -> Setting:
    """A component of the catalog, and what is set on it."""
    table = object_of(content, where, place)
    return Setting(
        type=whole_text(needed(table, "type", where, place), where, f"{place}.type"),
        params=values_of(table.get("params", {}), where, f"{place}.params"),
        extra=rest_of(table, {"type", "params"}, where, place),
    )

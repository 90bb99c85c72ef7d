"""Reading JSON strictly: no duplicate keys, finite numbers, whole characters, bounded depth.

Every JSON reader accepts more than that, and each of these would be lost or break something later.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NoReturn, cast

from studio.errors import StudioError
from studio.project.params import LARGEST, Value, shown

DEEPEST = 64


def refuse(where: str, place: str, expected: str, got: str, hint: str = "") -> NoReturn:
    """Raise the one clear error: in which file, at which place, what was expected and what is there."""
    at = ": ".join(part for part in (where, place if len(place) < 120 else place[:117] + "…") if part)
    raise StudioError(
        f"{at}: expected {expected}, got {got}" if at else f"expected {expected}, got {got}", hint
    )


def parse(text: str, where: str) -> object:
    """The values of a JSON text: objects as dicts, lists as lists. Raises StudioError."""
    try:
        return json.loads(
            text,
            object_pairs_hook=partial(_unique, where),
            parse_float=partial(_number, where),
            parse_int=partial(_integer, where),
            parse_constant=partial(_constant, where),
        )
    except json.JSONDecodeError as error:
        _broken(text, where, error)
    except RecursionError:
        refuse(where, "", f"values nested at most {DEEPEST} deep", "deeper ones")


def _number(where: str, literal: str) -> float:
    value = float(literal)
    if not math.isfinite(value):
        refuse(where, "", "finite numbers", literal[:40], "Write a number that is not larger than 1e308.")
    return value


def _integer(where: str, literal: str) -> int:
    if len(literal) > 17 or abs(int(literal)) > LARGEST:
        refuse(where, "", f"whole numbers up to {LARGEST}", literal[:40])
    return int(literal)


def _constant(where: str, literal: str) -> NoReturn:
    refuse(where, "", "finite numbers", literal, "Replace it by a number, or by null for no value.")


def _unique(where: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        name = (
            f" (the one with the name {shown(found['name'])})" if isinstance(found.get("name"), str) else ""
        )
        hint = "Keep one of the two (a merge of two versions may have left both)."
        refuse(where, "", "each key once in an object", f"{shown(twice)} twice{name}", hint)
    return found


def _broken(text: str, where: str, error: json.JSONDecodeError) -> NoReturn:
    line = text.split("\n")[error.lineno - 1].strip()
    near = f" near {shown(line)}" if line else ""
    hint = "Open the file in a text editor and repair that line, or take an earlier version of the file."
    if "\n<<<<<<< " in text or text.startswith("<<<<<<< "):
        hint = "The file holds the marks of an unfinished merge (<<<<<<<): finish the merge first."
    place = f"line {error.lineno}, column {error.colno}"
    got = f"something else{near}"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
        got, hint = "the end of the file", "The file is cut off: take an earlier version of it."
    if not text.strip():
        got, hint = "an empty file", "Take an earlier version of the file."
    refuse(where, place, f"valid JSON ({error.msg[0].lower()}{error.msg[1:]})", got, hint)


def sealed(value: object, where: str, place: str, depth: int = 0) -> Value:
    """A value with lists as tuples. Raises StudioError where it could not be written and read back equal."""
    if depth > DEEPEST:
        refuse(where, place, f"values nested at most {DEEPEST} deep", "deeper ones")
    if isinstance(value, str):
        return whole_text(value, where, place)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        if not math.isfinite(value) or (isinstance(value, int) and abs(value) > LARGEST):
            refuse(where, place, f"a finite number (whole ones up to {LARGEST})", shown(value))
        return value
    if isinstance(value, list | tuple):
        return tuple(sealed(one, where, f"{place}[{at}]", depth + 1) for at, one in enumerate(value))
    if isinstance(value, Mapping):
        return {
            whole_text(key, where, place): sealed(one, where, f"{place}.{key}", depth + 1)
            for key, one in value.items()
        }
    refuse(where, place, "a text, number, list or table", type(value).__name__)


def whole_text(value: object, where: str, place: str) -> str:
    """A text without half characters. Raises StudioError."""
    if not isinstance(value, str):
        refuse(where, place, "a text", shown(value))
    try:
        value.encode()
    except UnicodeEncodeError:
        got = (
            "half of a character (a lone surrogate) in "
            + value.encode("ascii", "backslashreplace")[:40].decode()
        )
        refuse(where, place, "whole characters", got, "Write the text anew.")
    return value


def finite(value: object, where: str, place: str) -> float:
    """A finite number as a float. Raises StudioError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        refuse(where, place, "a finite number", shown(value))
    return float(value)


def index(value: object, where: str, place: str) -> int:
    """A whole number from 0. Raises StudioError."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        refuse(where, place, "a whole number from 0", shown(value))
    return value


def line(value: object) -> str:
    """A value on one line, with the keys of tables sorted."""
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        table = cast(Mapping[str, object], value)
        return {key: _plain(table[key]) for key in sorted(table)}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in cast(Sequence[object], value)]
    return value

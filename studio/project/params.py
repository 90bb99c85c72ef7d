"""Parameters as data: their kind, bounds, default and documentation; forms, files and checks derive from
them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

Value = None | bool | int | float | str | tuple["Value", ...] | Mapping[str, "Value"]
LARGEST = 2**53
LONGEST = 64 * 1024
_BETWEEN = re.compile(r"[\s,;×]+|(?<=[0-9])x(?=[0-9])")
_SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,15}")


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter. `when` = (other parameter, values): this one only applies while the other has such a
    value.
    """

    name: str
    default: Value
    doc: str
    advanced: bool = False
    essential: bool = False
    when: tuple[str, tuple[Value, ...]] | None = None

    def check(self, value: Value) -> Value:
        """Return the value in its canonical form, or raise ValueError that says what is accepted."""
        raise NotImplementedError

    def applies(self, values: Mapping[str, Value]) -> bool:
        """Whether this parameter means anything beside the other values."""
        return self.when is None or values.get(self.when[0]) in self.when[1]


@dataclass(frozen=True, slots=True)
class Int(Param):
    """A whole number; None is accepted where `optional`."""

    low: int = -LARGEST
    high: int = LARGEST
    optional: bool = False

    def check(self, value: Value) -> Value:
        """Accept a whole number within the bounds (a float without a fraction counts)."""
        if value is None and self.optional:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            beyond = isinstance(value, int | float) and value > self.high
            raise ValueError(f"{self.name} takes {self.accepted(beyond)}, not {shown(value)}")
        return value

    def accepted(self, whole: bool = False) -> str:
        """What is accepted, in words; the largest number of all is told only where `whole`."""
        return _bounded("a whole number", self.low, self.high, self.optional, whole)


@dataclass(frozen=True, slots=True)
class Float(Param):
    """A finite number; None is accepted where `optional`."""

    low: float = -math.inf
    high: float = math.inf
    optional: bool = False

    def check(self, value: Value) -> Value:
        """Accept a finite number within the bounds and return it as a float."""
        if value is None and self.optional:
            return None
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if (
            not number
            or not math.isfinite(cast(float, value))
            or not self.low <= cast(float, value) <= self.high
        ):
            raise ValueError(f"{self.name} takes {self.accepted()}, not {shown(value)}")
        return float(cast(float, value))

    def accepted(self) -> str:
        """What is accepted, in words."""
        return _bounded("a number", self.low, self.high, self.optional)


@dataclass(frozen=True, slots=True)
class Bool(Param):
    """On or off."""

    def check(self, value: Value) -> Value:
        """Accept True and False only."""
        if not isinstance(value, bool):
            raise ValueError(f"{self.name} takes on or off, not {shown(value)}")
        return value


@dataclass(frozen=True, slots=True)
class Choice(Param):
    """One of a few texts."""

    options: tuple[str, ...] = ()

    def check(self, value: Value) -> Value:
        """Accept one of the options."""
        if value not in self.options:
            raise ValueError(f"{self.name} takes one of {', '.join(self.options)}, not {shown(value)}")
        return value


@dataclass(frozen=True, slots=True)
class Choices(Param):
    """Any number of a few texts, in the order given, without repeats."""

    options: tuple[str, ...] = ()

    def check(self, value: Value) -> Value:
        """Accept a sequence of options (or one alone)."""
        given = (value,) if isinstance(value, str) else value
        if not isinstance(given, Sequence) or any(one not in self.options for one in given):
            raise ValueError(f"{self.name} takes any of {', '.join(self.options)}, not {shown(value)}")
        return tuple(dict.fromkeys(given))


@dataclass(frozen=True, slots=True)
class Ints(Param):
    """A whole number, or several (`3` or `3, 5`): `lengths` says how many may be given; `words` are texts
    accepted too.
    """

    low: int = -LARGEST
    high: int = LARGEST
    lengths: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    optional: bool = False

    def check(self, value: Value) -> Value:
        """Accept one whole number, a sequence of them, or one of `words`."""
        if (value is None and self.optional) or (isinstance(value, str) and value in self.words):
            return value
        single = not isinstance(value, Sequence) or isinstance(value, str)
        items = (value,) if single else tuple(cast(Sequence[Value], value))
        fits = all(
            isinstance(one, int) and not isinstance(one, bool) and self.low <= one <= self.high
            for one in items
        )
        wanted = not self.lengths or len(items) in self.lengths
        if not fits or not items or not wanted:
            raise ValueError(f"{self.name} takes {self.accepted()}, not {shown(value)}")
        return items[0] if single else items

    def accepted(self) -> str:
        """What is accepted, in words."""
        count = f" ({' or '.join(map(str, self.lengths))} of them)" if self.lengths else ""
        words = "".join(f" or {word}" for word in self.words)
        return _bounded(f"whole numbers{count}", self.low, self.high, self.optional) + words


@dataclass(frozen=True, slots=True)
class Floats(Param):
    """A finite number, or several (`0.5` or `0.5, 1`); None is accepted where `optional`."""

    low: float = -math.inf
    high: float = math.inf
    optional: bool = False

    def check(self, value: Value) -> Value:
        """Accept one number or a sequence of them, and return floats."""
        if value is None and self.optional:
            return None
        single = not isinstance(value, Sequence) or isinstance(value, str)
        items = (value,) if single else tuple(cast(Sequence[Value], value))
        found = tuple(
            float(one)
            for one in items
            if isinstance(one, int | float) and not isinstance(one, bool) and self.low <= one <= self.high
        )
        if not found or len(found) != len(items) or not all(map(math.isfinite, found)):
            raise ValueError(f"{self.name} takes {self.accepted()}, not {shown(value)}")
        return found[0] if single else found

    def accepted(self) -> str:
        """What is accepted, in words."""
        return _bounded("numbers", self.low, self.high, self.optional)


@dataclass(frozen=True, slots=True)
class Sizes(Ints):
    """Sizes of a tensor, such as `3, 64, 64`; those left open are −1, or have a name: `3, H, W`."""

    def check(self, value: Value) -> Value:
        """Accept whole numbers and names, in a sequence or a text; nothing in a sequence counts as −1."""
        if value is None and self.optional:
            return None
        if isinstance(value, str):
            value = tuple(_size(part) for part in _BETWEEN.split(value.strip("()[] ")) if part)
        items = tuple(cast(Sequence[Value], value)) if isinstance(value, Sequence) else (value,)
        sizes = tuple(-1 if one is None else one for one in items)
        if not sizes or not all(map(self._is_size, sizes)):
            raise ValueError(f"{self.name} takes {self.accepted()}, not {shown(value)}")
        return sizes[0] if len(sizes) == 1 else sizes

    def accepted(self) -> str:
        """What is accepted, in words."""
        nothing = " or nothing" if self.optional else ""
        return (
            "whole numbers of at least 1, and −1 or a name such as H (but not N) for a size left open"
            + nothing
        )

    def _is_size(self, value: Value) -> bool:
        if isinstance(value, str):
            return _SYMBOL.fullmatch(value) is not None and value != "N"
        return (
            isinstance(value, int)
            and not isinstance(value, bool)
            and (value == -1 or 1 <= value <= self.high)
        )


def _size(text: str) -> Value:
    bare = text.replace("−", "-")
    return int(bare) if re.fullmatch(r"-?[0-9]{1,16}", bare) else bare


@dataclass(frozen=True, slots=True)
class Text(Param):
    """A line of text."""

    def check(self, value: Value) -> Value:
        """Accept any text of up to 64 KiB."""
        if not isinstance(value, str) or len(value) > LONGEST:
            raise ValueError(f"{self.name} takes a text, not {shown(value)}")
        return value


@dataclass(frozen=True, slots=True)
class FieldName(Text):
    """The name of a field of the data; forms offer those there are."""


@dataclass(frozen=True, slots=True)
class MetricName(Text):
    """The name of a metric that a run reports; forms offer those there are."""


@dataclass(frozen=True, slots=True)
class FilePath(Text):
    """A file or folder, relative to the project's folder or absolute; `patterns` are for the dialogue."""

    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Code(Text):
    """Python source, over several lines."""


@dataclass(frozen=True, slots=True)
class Table(Param):
    """Values by name."""

    def check(self, value: Value) -> Value:
        """Accept a table."""
        if not isinstance(value, Mapping):
            raise ValueError(f"{self.name} takes a table of values, not {shown(value)}")
        return value


def shown(value: object) -> str:
    """A value as it is written in a message, never long."""
    if isinstance(value, Mapping):
        return "a table of values"
    text = repr(list(value)) if isinstance(value, tuple) else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _bounded(kind: str, low: float, high: float, optional: bool, whole: bool = False) -> str:
    least = low if abs(low) < LARGEST else None
    most = high if whole or abs(high) < LARGEST else None
    if least is not None and most is not None:
        kind += f" from {least:.12g} to {most:.16g}"
    elif least is not None:
        kind += f" of at least {least:.12g}"
    elif most is not None:
        kind += f" of at most {most:.16g}"
    return kind + (" or nothing" if optional else "")

"""A mapping whose values are made when they are asked for, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class WhenAsked(Mapping[str, T]):
    """Values by name; `make` makes the one of a name."""

    def __init__(self, names: Iterable[str], make: Callable[[str], T]) -> None:
        self._names, self._make = dict.fromkeys(names), make
        self._made: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        """The value of a name."""
        if name not in self._made:
            if name not in self._names:
                raise KeyError(name)
            self._made[name] = self._make(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        """Whether there is a value of that name, made or not."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """All names."""
        return iter(self._names)

    def __len__(self) -> int:
        """How many values there are."""
        return len(self._names)

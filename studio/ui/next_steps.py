"""Which steps a column can have next, and where: as late as can be, and before what has to follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.project.project import Setting

if TYPE_CHECKING:
    from studio.data.column_facts import ColumnFacts

LAST = 1_000_000
"""A place behind all steps."""
NUMBERED = ("Classes", "Hash")
"""What makes numbers of classes: what works on their names comes before."""
FIRST = {"TrimSilence": "PadSound"}
"""What makes sizes differ comes before what makes them equal."""


@dataclass(frozen=True, slots=True)
class Place:
    """A step comes after so many of the steps, and in place of so many of those that follow."""

    at: int
    instead_of: int = 0


def transforms_for(kind: str, steps: Sequence[Setting]) -> dict[str, Place]:
    """The transforms that a column of a kind can have with these steps, and where each comes."""
    from studio.data.transforms import TRANSFORMS

    types = [one.type for one in steps]
    kinds = _kinds(kind, types)
    found: dict[str, Place] = {}
    for name, one in TRANSFORMS.items():
        end = types.index(FIRST[name]) if FIRST.get(name) in types else len(types)
        places = [at for at, before in enumerate(kinds[: end + 1]) if before in one.takes]
        if places:
            at = places[-1]
            after = one.gives or kinds[at]
            found[name] = Place(at, _in_the_way(after, types[at:]))
    return found


def _kinds(kind: str, types: Sequence[str]) -> list[str]:
    """The kind before the first step, after it, and so on."""
    from studio.data.transforms import TRANSFORMS

    kinds = [kind]
    for type_ in types:
        known = TRANSFORMS.get(type_)
        kinds.append("classes" if type_ in NUMBERED else (known.gives if known else "") or kinds[-1])
    return kinds


def _in_the_way(kind: str, later: Sequence[str]) -> int:
    """How many of the steps that follow have to go, so that each works on what the one before makes."""
    return next(count for count in range(len(later) + 1) if _works(kind, later[count:]))


def _works(kind: str, types: Sequence[str]) -> bool:
    from studio.data.transforms import TRANSFORMS

    kinds = _kinds(kind, types)
    return all(
        type_ in TRANSFORMS and at in TRANSFORMS[type_].takes for type_, at in zip(types, kinds, strict=False)
    )


def with_step(steps: tuple[Setting, ...], type_: str, place: Place) -> tuple[Setting, ...]:
    """The steps with another one at its place."""
    return (*steps[: place.at], Setting(type_), *steps[place.at + place.instead_of :])


def changes_for(facts: ColumnFacts) -> dict[str, Place]:
    """The random changes in training that there are for what its steps make of a column, all at the end."""
    from studio.data.augment.kinds import TAKES

    if facts.role != "input":
        return {}
    kind = facts.kinds[-1] if facts.kinds else facts.kind
    return {name: Place(LAST) for name, takes in TAKES.items() if kind in takes}

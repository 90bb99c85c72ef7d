"""Which steps a column can have next, and where: as late as can be, and before what has to follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.project.project import Setting

if TYPE_CHECKING:
    from studio.data.column_facts import ColumnFacts
    from studio.project.fields import Field
    from studio.project.params import Value

LAST = 1_000_000
"""A place behind all steps."""
USUAL = 64
"""Points across and down, if nothing else is said."""
NUMBERED = ("Classes", "Hash")
"""What makes numbers of classes: what works on their names comes before."""
FIRST = {"TrimSilence": "PadSound"}
"""What makes sizes differ comes before what makes them equal."""


@dataclass(frozen=True, slots=True)
class Place:
    """A step comes after so many of the steps, and in place of so many of those that follow; with parameters
    of its own where those of every step would not do.
    """

    at: int
    instead_of: int = 0
    params: tuple[tuple[str, Value], ...] = ()


def transforms_for(kind: str, steps: Sequence[Setting], field: Field | None = None) -> dict[str, Place]:
    """The transforms that a column of a kind can have with these steps, which make a `field` of it where that
    is known, and where each comes.
    """
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
            found[name] = Place(at, _in_the_way(after, types[at:]), _size_for(name, field))
    return found


def _size_for(type_: str, field: Field | None) -> tuple[tuple[str, Value], ...]:
    """The size at which a picture is cut or padded, where the usual one is too large or too small."""
    if field is None or type_ not in ("CenterCrop", "PadPicture"):
        return ()
    height, width = field.shape[-2:] if field.picture and len(field.shape) == 3 else (USUAL, USUAL)
    if type_ == "CenterCrop" and min(height, width) < USUAL:
        return ("width", max(width * 7 // 8, 1)), ("height", max(height * 7 // 8, 1))
    if type_ == "PadPicture" and max(height, width) > USUAL:
        return ("width", max(height, width)), ("height", max(height, width))
    return ()


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
    return (*steps[: place.at], Setting(type_, dict(place.params)), *steps[place.at + place.instead_of :])


def changes_for(facts: ColumnFacts) -> dict[str, Place]:
    """The random changes in training that there are for what its steps make of a column, all at the end."""
    from studio.data.augment.kinds import TAKES

    if facts.role != "input":
        return {}
    kind = facts.kinds[-1] if facts.kinds else facts.kind
    return {name: Place(LAST) for name, takes in TAKES.items() if kind in takes}

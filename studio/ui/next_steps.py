"""Which steps a column can have next: those that take what comes out of the steps before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.data.column_facts import ColumnFacts

LAST = 1_000_000
"""A place behind all steps."""


def transforms_for(facts: ColumnFacts) -> dict[str, int]:
    """The transforms that there can be, and after how many of the steps each comes as late as it can."""
    from studio.data.transforms import TRANSFORMS

    kinds = facts.kinds or (facts.kind,)
    found: dict[str, int] = {}
    for name, one in TRANSFORMS.items():
        places = [at for at, kind in enumerate(kinds) if kind in one.takes]
        if places:
            found[name] = places[-1]
    return found


def changes_for(facts: ColumnFacts) -> dict[str, int]:
    """The random changes in training that there are for what its steps make of a column, all at the end."""
    from studio.data.augment.kinds import TAKES

    if facts.role != "input":
        return {}
    kind = facts.kinds[-1] if facts.kinds else facts.kind
    return {name: LAST for name, takes in TAKES.items() if kind in takes}

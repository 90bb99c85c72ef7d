"""Samples that are there more than once, within a part and across parts, and equal ones that disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from studio.catalog.registry import values_of
from studio.catalog.settings import DATA
from studio.data.browsing.opened import NOWHERE
from studio.data.browsing.seen import Seen
from studio.data.checks.look import Flaw, Look, counted
from studio.data.parting import equal_samples
from studio.data.raw import Array, DataError
from studio.errors import Fix
from studio.project import sample_edits


def duplicates(look: Look) -> list[Flaw]:
    """Samples whose inputs and targets are those of an earlier one, and whether parts share them."""
    groups, rows = equal_groups(look)
    if not groups:
        return []
    later = np.sort(np.concatenate([group[1:] for group in groups]))
    first = groups[0]
    sentence = (
        f"{counted(len(later), 'samples')} {_is(later)} equal to an earlier one, "
        f"such as {look.named(first[:2].tolist())}{look.looked_at(rows)}."
    )
    found = [
        Flaw(
            "duplicates",
            "warning",
            sentence,
            "Equal samples count more than others; where they are in different parts, what is measured is "
            "too good.",
            len(later),
            shown(groups),
            fixes=(look.exclude(later.tolist(), "duplicates"),),
        )
    ]
    return found + _across(look, groups)


def conflicts(look: Look) -> list[Flaw]:
    """Equal inputs with different targets."""
    groups, _ = equal_groups(look)
    found: list[Flaw] = []
    for target in look.opened.targets:
        if target.kind == "category" or target.scalar:
            found += _conflicting(look, target, groups)
    return found


def equal_groups(look: Look) -> tuple[list[Array], Array]:
    """The rows of each group of samples with equal inputs, and the rows that were looked at."""
    if "equal" not in look.shared:
        look.shared["equal"] = _equal_groups(look)
    return look.shared["equal"]


def grouped_rows(rows: Array, values: Sequence[Any] | Array) -> list[Array]:
    """The rows of each value that several of them share."""
    groups: dict[Any, list[int]] = {}
    for row, value in zip(rows.tolist(), values, strict=True):
        if value is not None:
            groups.setdefault(value, []).append(row)
    return [np.array(group, np.int64) for group in groups.values() if len(group) > 1]


def across_parts(look: Look, groups: list[Array]) -> list[Array]:
    """The groups whose samples are in more than one part."""
    parts = look.opened.parts
    return [group for group in groups if len(set(parts[group].tolist()) - {NOWHERE}) > 1]


def shown(groups: list[Array]) -> tuple[int, ...]:
    """All rows of groups, group by group."""
    return tuple(int(row) for group in groups for row in group)


def all_but_one(look: Look, groups: list[Array]) -> list[int]:
    """What has to go so that no group is in two parts, however the rest is split anew then.

    Of each group a sample of the test part stays, else one of the validation part.
    """
    gone: list[int] = []
    for group in groups:
        parts = look.opened.parts[group].astype(np.int64)
        kept = int(np.argmax(np.where(parts == NOWHERE, -1, parts)))
        gone += np.delete(group, kept).tolist()
    return gone


def _equal_groups(look: Look) -> tuple[list[Array], Array]:
    rows = look.rows()
    look.go_on()
    try:
        values = equal_samples(look.opened.planned, rows)
    except DataError:
        return [], rows
    return grouped_rows(rows, values), rows


def _across(look: Look, groups: list[Array]) -> list[Flaw]:
    both = across_parts(look, groups)
    if not both:
        return []
    fixes = [look.exclude(all_but_one(look, groups), "duplicates")]
    if not values_of(DATA, look.opened.data.options)["duplicates_together"]:
        fixes.insert(0, Fix("Keep duplicates in one part", partial(_together)))
    where = look.named(both[0][:2].tolist())
    return [
        Flaw(
            "duplicates",
            "error",
            f"{counted(len(both), 'samples')} {_is(both)} in more than one part, such as {where}.",
            "What is measured on validation and test would be remembered, not learned.",
            len(both),
            shown(both),
            fixes=tuple(fixes),
        )
    ]


def _together(project: Any) -> Any:  # noqa: ANN401
    return sample_edits.with_option(project, "duplicates_together", True)


def _conflicting(look: Look, target: Seen, groups: list[Array]) -> list[Flaw]:
    told = {row: text for group in groups for row, text in _told(target, group)}
    both = [group for group in groups if len({told[int(row)] for row in group}) > 1]
    if not both:
        return []
    rows = shown(both)
    first = both[0]
    says = " and ".join(dict.fromkeys(told[int(row)] for row in first))
    fixes = [look.exclude(rows, "samples")]
    if target.kind == "category" and target.whole:
        fixes = [*_majority(look, target, both, told), *fixes]
    return [
        Flaw(
            "conflicts",
            "warning",
            f"{counted(len(rows), 'samples')} {_have(rows)} equal inputs and another {target.name}, such as "
            f"{look.named(first.tolist())}: {says}.",
            "No network can tell them apart. Correct the labels, or leave them out.",
            len(rows),
            rows,
            target.name,
            tuple(fixes),
        )
    ]


def _told(target: Seen, group: Array) -> list[tuple[int, str]]:
    return list(zip(group.tolist(), target.texts(group), strict=True))


def _majority(look: Look, target: Seen, groups: list[Array], told: dict[int, str]) -> list[Fix]:
    """The repair that gives each group the class that most of it has."""
    labels: dict[str, str] = {}
    for group in groups:
        ranked = Counter(told[int(row)] for row in group).most_common(2)
        if ranked[0][1] > ranked[1][1]:
            others = [int(row) for row in group if told[int(row)] != ranked[0][0]]
            labels |= {look.opened.key(row): ranked[0][0] for row in others}
    if not labels:
        return []
    return [Fix(f"Relabel {len(labels):,} as most of their equals", partial(_relabel, target.of, labels))]


def _relabel(column: str, labels: dict[str, str], project: Any) -> Any:  # noqa: ANN401
    return sample_edits.relabel(project, column, labels)


def _is(many: Sequence[Any] | Array) -> str:
    return "is" if len(many) == 1 else "are"


def _have(many: Sequence[Any]) -> str:
    return "has" if len(many) == 1 else "have"

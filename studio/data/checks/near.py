"""Samples that are almost equal: pictures that look alike, texts but for case, rows but for noise."""

from __future__ import annotations

import numpy as np

from studio.data.browsing.seen import Seen
from studio.data.checks.duplicates import across_parts, all_but_one, equal_groups, grouped_rows, shown
from studio.data.checks.look import Flaw, Look, counted
from studio.data.checks.pictures import Summary, pictures, summary
from studio.data.raw import Array

BITS = 4
"""Bits of 64 in which the hashes of pictures that look alike may differ."""
BANDS = BITS + 1
"""With one band more than bits that differ, at least one band is equal."""
STEP = 2.0
"""Grey levels that neighbours have to differ by: in a plain sky the smallest noise would turn bits."""
ALIKE, LEAST, SHARE = 2.0, 0.5, 0.1
"""Mean difference of small grey pictures (0 to 255) up to which they look alike, by their contrast."""
MOST_IN_BAND = 512
FINE, FINEST = 200.0, 1e5
"""Steps, least and most, from the first to the third quarter of the numbers to which they are rounded."""
MOST_DECIMALS = 12
MANY = 20
"""Different values from which a column of numbers counts as measured."""


def near_duplicates(look: Look) -> list[Flaw]:
    """Almost equal samples that are not equal ones."""
    found: list[Flaw] = []
    for column in pictures(look):
        found += _told(look, like_pictures(summary(look, column)), "pictures that look alike", column)
    for column in look.opened.inputs:
        if column.kind == "text":
            found += _told(
                look, _like_texts(look, column), "texts that are equal but for case and spaces", column
            )
    return found + _told(look, _like_rows(look), "rows that are equal but for the last digits", None)


def like_pictures(of: Summary) -> list[Array]:
    """The rows of each group of pictures that look alike."""
    if len(of.rows) < 2:
        return []
    hashes = hashed(of.small)
    parent = np.arange(len(hashes))
    for one, other in _pairs(hashes):
        limit = np.clip(SHARE * of.small[one].std(axis=(1, 2)), LEAST, ALIKE)
        alike = np.abs(of.small[one] - of.small[other]).mean(axis=(1, 2)) <= limit
        for a, b in zip(one[alike].tolist(), other[alike].tolist(), strict=True):
            parent[_root(parent, b)] = _root(parent, a)
    roots = [_root(parent, at) for at in range(len(parent))]
    return grouped_rows(of.rows, roots)


def hashed(small: Array) -> Array:
    """A 64-bit hash of each small picture (n, 8, 9): whether each place is lighter than the one before."""
    lighter = (small[:, :, 1:] > small[:, :, :-1] + STEP).reshape(len(small), 64)
    return np.packbits(lighter, axis=1).view(">u8")[:, 0].astype(np.uint64)


def _pairs(hashes: Array) -> list[tuple[Array, Array]]:
    """Pairs of places whose hashes differ in few bits: at least one band of theirs is equal."""
    found: list[tuple[Array, Array]] = []
    width = 64 // BANDS + 1
    for band in range(BANDS):
        key = (hashes >> np.uint64(band * width)) & np.uint64((1 << width) - 1)
        order = np.argsort(key, kind="stable")
        edges = np.flatnonzero(np.diff(key[order])) + 1
        for group in np.split(order, edges):
            if len(group) > 1:
                found += _close(hashes, group)
    return found


def _close(hashes: Array, group: Array) -> list[tuple[Array, Array]]:
    """The pairs within a group that are close; of very large groups each with those right after it."""
    found: list[tuple[Array, Array]] = []
    for step in range(1, min(len(group), MOST_IN_BAND)):
        one, other = group[:-step], group[step:]
        close = _bits(hashes[one] ^ hashes[other]) <= BITS
        if close.any():
            found.append((one[close], other[close]))
    return found


def _bits(words: Array) -> Array:
    return np.unpackbits(words[:, None].view(np.uint8), axis=1).sum(axis=1)


def _root(parent: Array, at: int) -> int:
    while parent[at] != at:
        parent[at] = parent[parent[at]]
        at = int(parent[at])
    return at


def _like_texts(look: Look, column: Seen) -> list[Array]:
    rows = look.rows()
    folded = [None if word is None else " ".join(word.casefold().split()) for word in column.words(rows)]
    return grouped_rows(rows, folded)


def _like_rows(look: Look) -> list[Array]:
    """Rows of numbers that are equal after rounding, in tables whose numbers are measured."""
    columns = [one for one in look.opened.inputs if one.scalar]
    others = [one for one in look.opened.inputs if not one.scalar]
    if others or len(columns) < 2:
        return []
    rows = look.rows()
    rounded: list[Array] = []
    measured = 0
    for at, column in enumerate(columns):
        look.go_on(at / len(columns))
        numbers = column.numbers(rows)
        measured += column.kind == "number" and len(np.unique(numbers)) >= MANY
        rounded.append(_rounded(numbers) if column.kind == "number" else numbers)
    if measured < 2:
        return []
    table = np.nan_to_num(np.stack(rounded, axis=1), nan=-1e18)
    return grouped_rows(rows, [row.tobytes() for row in np.ascontiguousarray(table)])


def _rounded(numbers: Array) -> Array:
    """Numbers without their last digits: those beyond what most of them are written with."""
    there = numbers[np.isfinite(numbers)]
    if not len(there):
        return numbers
    spread = _spread(there)
    step = min(spread / FINE, max(10.0 ** -_decimals(there), spread / FINEST))
    step = 10.0 ** np.floor(np.log10(step) + 1e-9)
    return np.round(numbers / step) + 0.0  # without -0.0, which is other bytes


def _spread(there: Array) -> float:
    """How far most numbers lie apart, whatever the outliers."""
    for tail in (0.25, 0.05, 0.0):
        low, high = np.quantile(there, [tail, 1 - tail])
        if high > low:
            return float(high - low)
    return 1.0


def _decimals(there: Array) -> int:
    """With how many digits behind the point at least half of some numbers are written."""
    for digits in range(MOST_DECIMALS):
        if np.isclose(np.round(there, digits), there, rtol=1e-12, atol=0.0).mean() >= 0.5:
            return digits
    return MOST_DECIMALS


def _told(look: Look, groups: list[Array], what: str, column: Seen | None) -> list[Flaw]:
    """The groups that are more than exact duplicates, as findings."""
    equal, _ = equal_groups(look)
    exact = {int(row): at for at, group in enumerate(equal) for row in group}
    groups = [group for group in groups if len({exact.get(int(row), -1 - int(row)) for row in group}) > 1]
    if not groups:
        return []
    later = [int(row) for group in groups for row in group[1:]]
    name = "" if column is None else column.name
    found = [
        Flaw(
            "near",
            "warning",
            f"{counted(len(groups), 'groups')} of {what}, such as {look.named(groups[0].tolist())}.",
            "Almost equal samples count more than others. Look at them before you leave any out.",
            len(later) + len(groups),
            shown(groups),
            name,
            (look.exclude(later, "near duplicates"),),
        )
    ]
    both = across_parts(look, groups)
    if not both:
        return found
    gone = all_but_one(look, groups)
    verb = "is" if len(both) == 1 else "are"
    sentence = f"{counted(len(both), 'groups')} of {what} {verb} in more than one part, "
    return [
        *found,
        Flaw(
            "near",
            "warning",
            sentence + f"such as {look.named(both[0].tolist())}.",
            "What is measured on validation and test is too good by these.",
            len(both),
            shown(both),
            name,
            (look.exclude(gone, "near duplicates"),),
        ),
    ]

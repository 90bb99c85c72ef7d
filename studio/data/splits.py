"""The seeded split into training, validation and test part: by shares, by a column, by time, or in folds.

Samples of one group (the same person, the same picture twice) never come into different parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from studio.data.raw import Array, DataError

Rows = Mapping[str, Array]
"""Row numbers (int64, ascending) of "train", "validation" and "test"."""
PARTS = ("train", "validation", "test")
NAMES = {
    "train": "train", "training": "train",
    "val": "validation", "valid": "validation", "validation": "validation", "dev": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip


def split(
    samples: int,
    validation: float,
    test: float,
    seed: int,
    labels: Array | None = None,
    fixed_test: Array | None = None,
    groups: Array | None = None,
) -> Rows:
    """Shares of all samples as row numbers; parts may be empty, but training keeps a row (of each class).

    `labels` asks for equal shares of each class. With `fixed_test`, those rows are the test part and
    `validation` is a share of the others. `groups` numbers the group of each sample; a group goes where its
    first sample goes, and each part that has a share gets one where there are enough. Raises DataError where
    nothing would be left for training.
    """
    if fixed_test is not None:
        test = 0.0
    _check(validation, test)
    if groups is None and labels is None and fixed_test is None:
        return _alone(samples, validation, test, seed)
    free = np.arange(samples) if fixed_test is None else np.setdiff1d(np.arange(samples), fixed_test)
    first, members, of = (free, None, None) if groups is None else _first_of(free, groups)
    order = np.random.default_rng(seed).permutation(first)
    classes = [order] if labels is None else _by_class(order, labels)
    weights = [None if members is None else members[np.searchsorted(first, one)] for one in classes]
    sizes = np.array(
        [len(one) if of is None else of.sum() for one, of in zip(classes, weights, strict=True)], np.int64
    )
    tests = _shares(sizes, test, np.maximum(sizes - 1, 0))
    validations = _shares(sizes, validation, np.maximum(sizes - 1 - tests, 0))
    part = np.zeros(samples, np.int8)
    for one, weight, of_test, of_validation in zip(classes, weights, tests, validations, strict=True):
        if weight is None:
            part[one[:of_test]], part[one[of_test : of_test + of_validation]] = 2, 1
        else:
            part[one] = _dealt(weight, int(of_test), int(of_validation))
    if members is not None:
        at, wanted = np.concatenate(classes), (int(validations.sum()), int(tests.sum()))
        told = np.zeros(len(at), np.int8) if labels is None else labels[at]
        part[at] = _filled(part[at], members[np.searchsorted(first, at)], told, wanted)
    dealt = part[free] if of is None else part[first[of]]
    rows = {name: free[dealt == number].astype(np.int64) for number, name in enumerate(PARTS)}
    return rows if fixed_test is None else {**rows, "test": np.sort(fixed_test).astype(np.int64)}


def _alone(samples: int, validation: float, test: float, seed: int) -> Rows:
    """Shares of samples that have nothing to do with each other, however many they are."""
    sizes = np.array([samples])
    (of_test,) = _shares(sizes, test, np.maximum(sizes - 1, 0))
    (of_validation,) = _shares(sizes, validation, np.maximum(sizes - 1 - of_test, 0))
    order = np.random.default_rng(seed).permutation(samples)
    train = np.ones(samples, bool)
    train[order[: of_test + of_validation]] = False
    held = np.sort(order[of_test : of_test + of_validation])
    last = np.sort(order[:of_test])
    del order
    return {"train": np.flatnonzero(train), "validation": held, "test": last}


def folds(rows: Rows, count: int, fold: int, seed: int, labels: Array | None, groups: Array | None) -> Rows:
    """Training and validation part dealt anew in `count` equal parts, of which one (from 1) validates."""
    both = np.sort(np.concatenate([rows["train"], rows["validation"]]))
    first, _, of = (both, None, slice(None)) if groups is None else _first_of(both, groups)
    if not 1 <= fold <= count:
        raise DataError(f"There is no fold {fold} of {count}.", f"Choose one from 1 to {count}.", "fold")
    if len(first) < count:
        raise DataError(f"{len(first)} samples make no {count} folds.", "Choose fewer folds.", "folds")
    order = np.random.default_rng(seed).permutation(first)
    dealt = np.concatenate([order] if labels is None else _by_class(order, labels))
    chosen = np.isin(first, dealt[fold - 1 :: count])[of]
    return {"train": both[~chosen], "validation": both[chosen], "test": rows["test"]}


def by_column(values: Sequence[Any] | Array, name: str, key: Callable[[int], str]) -> Rows:
    """The parts that a column says: train, validation (or val, dev) and test, in any case.

    `key` tells the name of the sample of a row.
    """
    words = {value: str(value).strip().lower() for value in set(values)}
    if not all(word in NAMES for word in words.values()):
        row = next(row for row, value in enumerate(values) if words[value] not in NAMES)
        raise DataError(
            f"{name} says {str(values[row]).strip() or 'nothing'} of {key(row)}, "
            "which is no part of the data.",
            "It takes train, validation and test.",
            "split_column",
        )
    numbers = {value: PARTS.index(NAMES[word]) for value, word in words.items()}
    of = np.fromiter((numbers[value] for value in values), np.int8, len(values))
    rows = {part: np.flatnonzero(of == number) for number, part in enumerate(PARTS)}
    if not len(rows["train"]):
        raise DataError(f"{name} says train of no sample.", "Choose another column.", "split_column")
    return rows


def by_time(values: Array, validation: float, test: float) -> Rows:
    """The latest samples test, those before them validate; samples of the same time stay together.

    `values` are numbers or times; those that are missing count as earliest.
    """
    _check(validation, test)
    order = np.argsort(values, kind="stable")
    if values.dtype.kind in "fM":
        empty = np.isnat(values) if values.dtype.kind == "M" else np.isnan(values)
        order = np.concatenate([order[empty[order]], order[~empty[order]]])
    count = len(order)
    begins = [_boundary(values, order, count - round(count * share)) for share in (validation + test, test)]
    train, held, last = np.split(order, begins)
    if not len(train):
        raise DataError("All samples are of the same time.", "Split in another way.", "split")
    return {"train": np.sort(train), "validation": np.sort(held), "test": np.sort(last)}


def by_span(spans: Array, validation: float, test: float) -> Rows:
    """As `by_time` for samples that cover the moments from `spans[:, 0]` to `spans[:, 1]`: those that cover
    moments of two parts come into none.
    """
    _check(validation, test)
    moments = np.unique(spans)
    count = len(moments)
    borders = [count - round(count * share) for share in (validation + test, test)]
    first, second = (moments[at] if at < count else np.inf for at in borders)
    begins, ends = spans[:, 0], spans[:, 1]
    rows = {
        "train": np.flatnonzero(ends < first),
        "validation": np.flatnonzero((begins >= first) & (ends < second)),
        "test": np.flatnonzero(begins >= second),
    }
    for (name, found), share in zip(rows.items(), (1.0, validation, test), strict=True):
        if share and not len(found):
            raise DataError(
                f"No window lies wholly in the {name} part.",
                "Make the windows shorter, or the part larger.",
                "history" if name == "train" else name,
            )
    return rows


def grouped(*columns: Sequence[Any] | Array) -> Array:
    """The number of each sample's group, which is its first row: samples that share a value in any of the
    columns are one group. Missing values are shared by none.
    """
    found = [_firsts(one) for one in columns]
    if len(found) == 1:
        return found[0]
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(found[0])
    rows = np.tile(np.arange(count), len(found))
    links = coo_array((np.ones(len(rows), bool), (rows, np.concatenate(found))), shape=(count, count))
    return _firsts(connected_components(links, directed=False)[1])


def _firsts(values: Sequence[Any] | Array) -> Array:
    """The first row that has the same value."""
    if isinstance(values, np.ndarray) and values.dtype != np.object_:
        _, first, of = np.unique(values, return_index=True, return_inverse=True, equal_nan=False)
        return first[of].astype(np.int64, copy=False)
    known: dict[Any, int] = {}
    found = (row if one is None else known.setdefault(one, row) for row, one in enumerate(values))
    return np.fromiter(found, np.int64, len(values))


def _check(validation: float, test: float) -> None:
    if validation + test >= 1.0:
        raise DataError(
            f"Validation ({validation:g}) and test ({test:g}) together leave nothing for training.",
            "Lower one of the two shares; together they must stay under 1.",
            "validation",
        )


def _first_of(rows: Array, groups: Array) -> tuple[Array, Array, Array]:
    """The first row of each group, ascending; how many rows it has, and each row's place there."""
    _, first, of, counts = np.unique(groups[rows], return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(first)
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return rows[first[order]], counts[order], places[of]


def _dealt(sizes: Array, of_test: int, of_validation: int) -> Array:
    """The part that each group comes into: the first that still fit the test, the next the validation."""
    to = np.zeros(len(sizes), np.int8)
    for part, left in ((2, of_test), (1, of_validation)):
        free = np.flatnonzero(to == 0)
        while left and len(free):
            free = free[sizes[free] <= left]
            fit = int(np.searchsorted(np.cumsum(sizes[free]), left, side="right"))
            to[free[:fit]] = part
            left -= int(sizes[free[:fit]].sum())
            free = free[fit + 1 :]
    return to


def _filled(to: Array, sizes: Array, classes: Array, wanted: tuple[int, int]) -> Array:
    """The same parts, but where large groups left less than half of what is wanted in the validation or the
    test part: those get one more, the smallest that can be spared.
    """
    for part, share in enumerate(wanted, 1):
        lacks = share - int(sizes[to == part].sum())
        empty = not (to == part).any()
        spare = _spare(to, classes, 3 - part if empty else None)
        if 2 * lacks <= share or not len(spare):
            continue
        least = spare[np.argmin(sizes[spare])]
        if empty or sizes[least] <= 2 * lacks:
            to[least] = part
    return to


def _spare(to: Array, classes: Array, other: int | None) -> Array:
    """Groups that training can spare, for it has others of their class; else those of a part with several."""
    train = np.flatnonzero(to == 0)
    _, of, counts = np.unique(classes[train], return_inverse=True, return_counts=True)
    several = train[counts[of] > 1]
    if len(several) or other is None:
        return several
    held = np.flatnonzero(to == other)
    return held if len(held) > 1 else held[:0]


def _boundary(values: Array, order: Array, at: int) -> int:
    """Where a part may begin: not between samples of the same time."""
    while 0 < at < len(order) and values[order[at]] == values[order[at - 1]]:
        at -= 1
    return at


def _by_class(rows: Array, labels: Array) -> list[Array]:
    """The rows of each class, in the order given."""
    if not len(rows):
        return [rows]
    of = labels[rows]
    arranged = rows[np.argsort(of, kind="stable")]
    return np.split(arranged, np.cumsum(np.unique(of, return_counts=True)[1])[:-1])


def _shares(sizes: Array, share: float, most: Array) -> Array:
    """How many rows each class gives, together the rounded share of all, none more than `most`.

    By the method of the largest remainders.
    """
    wanted = int(np.floor(sizes.sum() * share + 0.5))
    exact = sizes * share
    given = np.minimum(np.floor(exact).astype(np.int64), most)
    by_remainder = np.argsort(-(exact - given), kind="stable")
    for index in by_remainder:
        if given.sum() >= wanted:
            break
        if given[index] < most[index]:
            given[index] += 1
    return given

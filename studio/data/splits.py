"""The seeded split into training, validation and test part, equal in the share of each class where wanted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from studio.data.raw import Array, DataError

Rows = Mapping[str, Array]
"""Row numbers (int64, ascending) of "train", "validation" and "test"."""


def split(
    samples: int,
    validation: float,
    test: float,
    seed: int,
    labels: Array | None = None,
    fixed_test: Array | None = None,
) -> Rows:
    """Shares of all samples as row numbers; parts may be empty, but training keeps a row (of each class).

    `labels` asks for equal shares of each class. With `fixed_test`, those rows are the test part and
    `validation` is a share of the others. Raises DataError where nothing would be left for training.
    """
    free = np.arange(samples) if fixed_test is None else np.setdiff1d(np.arange(samples), fixed_test)
    if fixed_test is not None:
        test = 0.0
    if validation + test >= 1.0:
        raise DataError(
            f"Validation ({validation:g}) and test ({test:g}) together leave nothing for training.",
            "Lower one of the two shares; together they must stay under 1.",
            "validation",
        )
    free = np.random.default_rng(seed).permutation(free)
    groups = [free] if labels is None else _by_class(free, labels)
    sizes = np.array([len(group) for group in groups])
    tests = _shares(sizes, test, np.maximum(sizes - 1, 0))
    validations = _shares(sizes, validation, np.maximum(sizes - 1 - tests, 0))
    parts: dict[str, list[Array]] = {"train": [], "validation": [], "test": []}
    for group, of_test, of_validation in zip(groups, tests, validations, strict=True):
        parts["test"].append(group[:of_test])
        parts["validation"].append(group[of_test : of_test + of_validation])
        parts["train"].append(group[of_test + of_validation :])
    rows = {name: np.sort(np.concatenate(chunks)).astype(np.int64) for name, chunks in parts.items()}
    return rows if fixed_test is None else {**rows, "test": np.sort(fixed_test).astype(np.int64)}


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

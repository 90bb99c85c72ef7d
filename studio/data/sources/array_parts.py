"""Which arrays of a file belong together: x_train and x_test are one field; and which are to be predicted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np

from studio.data.raw import Array, DataError, target_names

TARGETS = frozenset({"y", "label", "labels", "target", "targets"})
Pieces = Mapping[str, tuple[str, ...]]
"""The names of the arrays that each field consists of, one after the other."""


class Sized(Protocol):
    """An array, or one in a file."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Samples first."""
        ...


def pieces(path: Path, stored: Mapping[str, Sized]) -> Pieces:
    """x_train and x_test (or train_x and test_x) as x, others by their own names.

    Raises DataError where arrays do not fit together.
    """
    found = _pairs(stored)
    if found is None:
        _check_lengths(path, stored)
        return {name: (name,) for name in stored}
    for at in range(2):
        _check_lengths(path, {names[at]: stored[names[at]] for names in found.values()})
    for train, test in found.values():
        one, other = stored[train].shape, stored[test].shape
        if one[1:] != other[1:]:
            raise DataError(
                f"{path.name}: {train} and {test} differ: {one} and {other}.",
                "Only the first dimension, the samples, may differ.",
            )
    return found


def test_rows(stored: Mapping[str, Sized], parts: Pieces) -> Array | None:
    """The rows of the test where fields have a piece for it."""
    names = next(iter(parts.values()))
    if len(names) < 2:
        return None
    first = stored[names[0]].shape[0]
    return np.arange(first, first + stored[names[1]].shape[0])


def targets_of(path: Path, names: Collection[str], setting: str) -> frozenset[str]:
    """What is to be predicted: what the setting names, else what is named as a target."""
    named = target_names(setting)
    for name in named:
        if name not in names:
            raise DataError(f"{path.name} holds no array {name}.", f"It holds {', '.join(names)}.", "target")
    return frozenset(named) or frozenset(name for name in names if name.lower() in TARGETS)


def _pairs(names: Collection[str]) -> dict[str, tuple[str, str]] | None:
    pairs: dict[str, dict[str, str]] = {}
    for name in names:
        stem, part = _stem(name)
        if not stem:
            return None
        pairs.setdefault(stem, {})[part] = name
    if not pairs or any(len(pair) != 2 for pair in pairs.values()):
        return None
    return {stem: (pair["train"], pair["test"]) for stem, pair in pairs.items()}


def _stem(name: str) -> tuple[str, str]:
    for part in ("train", "test"):
        for stem in (name.removesuffix(f"_{part}"), name.removeprefix(f"{part}_")):
            if stem and stem != name:
                return stem, part
    return "", ""


def _check_lengths(path: Path, stored: Mapping[str, Sized]) -> None:
    for name, array in stored.items():
        if not array.shape:
            raise DataError(
                f"{path.name}: {name} is a single value, not an array of samples.", "Leave it out."
            )
    lengths = {name: array.shape[0] for name, array in stored.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(
            f"{path.name}: the arrays differ in length: {told}.",
            "The first dimension is the sample; it has to be equal in all of them.",
        )
    if not all(lengths.values()):
        raise DataError(f"{path.name} holds no samples: its arrays are empty.", "Choose another file.")
    for name, array in stored.items():
        if 0 in array.shape:
            shape = "×".join(map(str, array.shape))
            raise DataError(
                f"{path.name}: {name} has the shape {shape}: its samples are empty.", "Leave it out."
            )

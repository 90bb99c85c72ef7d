"""From the data settings to fields: a source's columns, what each one is, the split, and what is learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from studio.catalog.registry import checked_values
from studio.catalog.settings import DATA
from studio.data.assembling import assembled
from studio.data.augmented import augmented, without_augment
from studio.data.columns import Planned, plan
from studio.data.completeness import check_finite, check_present
from studio.data.conforming import conformed
from studio.data.findings import Finding, find
from studio.data.listed_stamps import listed_stamps
from studio.data.making import make, missing, only_names
from studio.data.parting import parted
from studio.data.raw import Array, DataError, RawData
from studio.data.relabel import relabelled
from studio.data.sources import Key, Stamp, read_table, source_key
from studio.data.splits import Rows
from studio.data.table import Table
from studio.project.data_text import data_parts
from studio.project.project import Data, Setting

FEATURES = "features"
Learned = Mapping[str, tuple[Mapping[str, Any], ...]]
"""What the steps of each column learned from the training part."""
Files = tuple[Key, tuple[Stamp, ...]]
"""What tells the files of a source as they are now, and those that a table lists."""


@dataclass(frozen=True, slots=True)
class Ready:
    """All samples of the data as fields, split; before normalisation.

    `raw` holds fields and arrays, which may be Lazy; `rows` are those of each part, in `raw`'s own numbers;
    `source_rows` are the rows of the source that the samples come from; `named` gives the
    field that each column that is used became; those `stacked` make `features` together.
    """

    raw: RawData
    rows: Rows
    learned: Learned
    findings: Mapping[str, Finding]
    planned: Mapping[str, Planned]
    source_rows: Array
    table: Table
    named: Mapping[str, str]
    stacked: tuple[str, ...] = ()

    def key(self, sample: int) -> str:
        """The name of a sample, by which changes to it are kept."""
        return self.table.key(int(self.source_rows[sample]))


class Asked:
    """Settings and files as they are now: equal where both are. Raises DataError where there is no source."""

    def __init__(
        self, data: Data, folder: Path, options: Mapping[str, Any], files: Files | None = None
    ) -> None:
        """`options` are those of the data, all of them, checked; `files` tell of the files where known."""
        self.data, self.folder, self.options = data, folder, options
        if files is None:
            key = source_key(data.source, folder)
            files = key, listed_stamps(data, folder, key)
        self.files, self.source_key = files, files[0]
        self._key = (files, repr(data_parts(data)), tuple(options.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asked) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def before_training(self) -> Asked:
        """The same without what changes nothing but training."""
        return Asked(without_augment(self.data), self.folder, self.options, self.files)


def read_data(data: Data, folder: Path, learned: Learned | None = None) -> Ready:
    """All samples as the settings say, relative paths from `folder`. Raises DataError.

    `learned` is what an earlier run learned: nothing of that is learned anew. Remembers the last answers.
    """
    options, wrong = checked_values(DATA, data.options)
    for name, message in wrong.items():
        raise DataError(f"{message}.", "Correct it in the data settings.", name)
    asked = Asked(data, folder, options)
    return remembered(asked) if learned is None else augmented(_read(asked, learned), data.fields)


def read_source(setting: Setting, folder: Path) -> RawData:
    """All samples of a source, as its columns say."""
    return read_data(Data(setting), folder).raw


def remembered(asked: Asked) -> Ready:
    """The samples, read once for the same question; random changes and weights are no part of it."""
    return augmented(read_once(asked.before_training()), asked.data.fields)


@lru_cache(maxsize=2)
def read_once(asked: Asked) -> Ready:
    """The samples as they are before training."""
    return _read(asked, None)


def _read(asked: Asked, learned: Learned | None) -> Ready:
    data, options = without_augment(asked.data), asked.options
    table = read_table(data.source, asked.folder, asked.source_key)
    findings = find(table)
    usable = conformed(plan(table, findings, data.fields), table, _not_excluded(table, data))
    planned = relabelled(usable.planned, table, data.changes.labels)
    if not planned:
        raise DataError("No column is used.", "Make one an input in the data settings.", "fields")
    kept = _kept(planned, usable.rows)
    check_present(table, planned, kept)
    labels = _labels(planned, kept) if options["stratify"] else None
    test = None if table.test is None else np.flatnonzero(np.isin(kept, table.test))
    rows = parted(table, planned, kept, labels, options)
    train = kept[rows["train"]]
    made = {name: make(one, kept, train, (learned or {}).get(name)) for name, one in planned.items()}
    check_finite(table, planned, made, kept)
    raw, named, stacked = assembled(table, planned, made)
    raw = replace(raw, test=test, warnings=(*raw.warnings, *usable.warnings))
    states = {name: one.states for name, one in made.items()}
    return Ready(raw, rows, states, findings, planned, kept, table, named, stacked)


def _not_excluded(table: Table, data: Data) -> Array:
    rows = np.arange(table.samples)
    if not data.changes.excluded:
        return rows
    gone = frozenset(data.changes.excluded)
    return np.array([row for row in rows if table.key(int(row)) not in gone], np.int64)


def _kept(planned: Mapping[str, Planned], rows: Array) -> Array:
    """Of these rows those that are used: not those that lack a value and are to be skipped."""
    for one in planned.values():
        if one.missing == "skip" and not one.ready:
            rows = rows[~missing(one, rows)]
    if not len(rows):
        raise DataError(
            "No sample is left.", "Exclude fewer, or choose what stands in for missing values.", "fields"
        )
    return rows


def _labels(planned: Mapping[str, Planned], kept: Array) -> Array | None:
    """The class of each sample in the first target that has classes: all parts are to have their share."""
    for one in planned.values():
        if one.role == "target" and one.kind == "category" and (one.ready or only_names(one)):
            found = make(one, kept, kept, None).array
            return found if found.ndim == 1 else np.unique(found, axis=0, return_inverse=True)[1].ravel()
    return None

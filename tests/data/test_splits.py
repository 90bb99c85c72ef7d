"""The split: seeded, stratified, without loss or overlap, and never without training rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data.raw import DataError
from studio.data.splits import split


@given(
    labels=st.lists(st.integers(0, 4), min_size=1, max_size=60),
    validation=st.floats(0, 0.45),
    test=st.floats(0, 0.45),
    seed=st.integers(0, 9),
    stratify=st.booleans(),
)
def test_parts_are_all_rows_once_and_every_class_trains(
    labels: list[int], validation: float, test: float, seed: int, stratify: bool
) -> None:
    of = np.array(labels)
    rows = split(len(of), validation, test, seed, of if stratify else None)
    assert sorted(np.concatenate(list(rows.values()))) == list(range(len(of)))
    assert len(rows["train"]) >= 1
    if stratify:
        assert set(of[rows["train"]]) == set(labels)
    assert len(rows["test"]) <= int(len(of) * test + 0.5)
    again = split(len(of), validation, test, seed, of if stratify else None)
    assert all(np.array_equal(rows[name], again[name]) for name in rows)


def test_classes_keep_their_shares() -> None:
    labels = np.repeat([0, 1, 2], [600, 300, 100])
    rows = split(1000, 0.2, 0.1, 0, labels)
    assert np.bincount(labels[rows["test"]]).tolist() == [60, 30, 10]
    assert np.bincount(labels[rows["validation"]]).tolist() == [120, 60, 20]


def test_another_seed_is_another_split() -> None:
    one, other = split(100, 0.2, 0.2, 0), split(100, 0.2, 0.2, 1)
    assert not np.array_equal(one["test"], other["test"])


def test_a_fixed_test_part_stays_whole() -> None:
    rows = split(100, 0.25, 0.9, 0, None, np.arange(80, 100))
    assert rows["test"].tolist() == list(range(80, 100))
    assert (len(rows["train"]), len(rows["validation"])) == (60, 20)


def test_shares_that_leave_nothing_are_refused() -> None:
    with pytest.raises(DataError, match=r"Validation \(0.5\) and test \(0.5\)") as caught:
        split(100, 0.5, 0.5, 0)
    assert caught.value.problem().field == "data.validation"

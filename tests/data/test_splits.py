"""The split: seeded, stratified, without loss or overlap, and never without training rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data.pipeline import read_data
from studio.data.raw import DataError
from studio.data.splits import by_column, by_time, folds, grouped, split
from studio.project.fields import Role
from studio.project.project import Data, FieldSetting, Project, Setting


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


@given(
    groups=st.lists(st.integers(0, 8), min_size=2, max_size=60),
    validation=st.floats(0, 0.45),
    test=st.floats(0, 0.45),
    seed=st.integers(0, 9),
)
def test_a_group_is_never_torn_apart(groups: list[int], validation: float, test: float, seed: int) -> None:
    of = np.array(groups)
    rows = split(len(of), validation, test, seed, groups=of)
    assert sorted(np.concatenate(list(rows.values()))) == list(range(len(of)))
    parts = [set(of[one].tolist()) for one in rows.values()]
    assert sum(map(len, parts)) == len(set(groups))


def test_samples_that_share_anything_are_one_group() -> None:
    people, files = ["a", "b", "c", None, "d"], ["1", "1", "2", "2", None]
    assert grouped(people, files).tolist() == [0, 0, 2, 2, 4]


@given(count=st.integers(2, 5), samples=st.integers(20, 60), seed=st.integers(0, 3))
def test_folds_validate_every_sample_once_and_never_the_test_part(
    count: int, samples: int, seed: int
) -> None:
    labels = np.arange(samples) % 2
    rows = split(samples, 0.1, 0.2, seed, labels)
    each = [folds(rows, count, one, seed, labels, None) for one in range(1, count + 1)]
    held = np.sort(np.concatenate([one["validation"] for one in each]))
    assert held.tolist() == sorted([*rows["train"], *rows["validation"]])
    for one in each:
        assert np.array_equal(one["test"], rows["test"])
        assert not set(one["train"]) & set(one["validation"])


def test_a_fold_that_is_not_there_is_refused() -> None:
    with pytest.raises(DataError, match="no fold 6 of 5"):
        folds(split(100, 0.2, 0.2, 0), 5, 6, 0, None, None)


def test_the_latest_samples_test() -> None:
    times = np.array(["2026-03-01", "2026-01-01", "NaT", "2026-02-01", "2026-04-01"], "datetime64[us]")
    rows = by_time(times, 0.2, 0.2)
    assert (rows["test"].tolist(), rows["validation"].tolist()) == ([4], [0])


def test_samples_of_the_same_time_stay_together() -> None:
    rows = by_time(np.array([1.0, 2.0, 2.0, 2.0]), 0.0, 0.25)
    assert rows["test"].tolist() == [1, 2, 3]
    with pytest.raises(DataError, match="same time"):
        by_time(np.zeros(4), 0.2, 0.2)


def test_a_column_says_the_parts() -> None:
    rows = by_column(["Train", "dev", "TEST", "train"], "part", str)
    assert {name: of.tolist() for name, of in rows.items()} == {
        "train": [0, 3],
        "validation": [1],
        "test": [2],
    }
    with pytest.raises(DataError, match="part says Maybe of sample b"):
        by_column(["train", "Maybe"], "part", ["sample a", "sample b"].__getitem__)


def test_equal_samples_come_into_the_same_part(tmp_path: Path) -> None:
    table = "x,y\n" + "".join(f"{at % 20},{at % 2}\n" for at in range(100))
    (tmp_path / "twice.csv").write_text(table)
    source = Setting("CSV", {"path": "twice.csv"})
    ready = read_data(Data(source), tmp_path)
    parts = [set(ready.raw.arrays["features"][rows].ravel().tolist()) for rows in ready.rows.values()]
    assert sum(map(len, parts)) == 20
    apart = read_data(Data(source, {"duplicates_together": False}), tmp_path)
    parts = [set(apart.raw.arrays["features"][rows].ravel().tolist()) for rows in apart.rows.values()]
    assert sum(map(len, parts)) > 20


def test_a_split_without_its_column_is_refused() -> None:
    data = Data(Setting("ScikitLearn", {"dataset": "iris"}), {"split": "groups", "split_column": "person"})
    with pytest.raises(DataError, match="no column person") as caught:
        read_data(data, Path())
    assert caught.value.param == "split_column"
    assert [one.label for one in caught.value.fixes] == ["Split by shares"]


@pytest.mark.parametrize("how", ["column", "time", "groups"])
def test_a_split_by_a_column_of_arrays_is_refused(how: str) -> None:
    data = Data(Setting("ScikitLearn", {"dataset": "digits"}), {"split": how, "split_column": "image"})
    with pytest.raises(DataError, match="Each sample has several values in image") as caught:
        read_data(data, Path())
    assert caught.value.param == "split_column"


@pytest.mark.parametrize(("how", "columns"), [("column", ["part"]), ("time", ["day"]), ("groups", ["who"])])
def test_columns_that_would_do_are_offered_where_none_is_chosen(
    tmp_path: Path, how: str, columns: list[str]
) -> None:
    rows = [
        f"{at % 7}.{at},{('train', 'test', 'val')[at % 3]},2024-01-{at % 28 + 1:02},person{at // 4},{at % 2}"
        for at in range(60)
    ]
    (tmp_path / "a.csv").write_text("\n".join(["size,part,day,who,y", *rows]))
    data = Data(Setting("CSV", {"path": "a.csv"}), {"split": how})
    with pytest.raises(DataError, match="No column is chosen") as caught:
        read_data(data, tmp_path)
    *fixes, shares = caught.value.fixes
    assert [one.label for one in fixes] == [f"Split by {one}" for one in columns]
    for fix in (*fixes, shares):
        mended = fix.edit(replace(Project(), data=data)).data
        assert all(map(len, read_data(mended, tmp_path).rows.values()))


@pytest.mark.parametrize("written", ["{d:02}.{m:02}.2023", "{d:02}/{m:02}/2022", "2023-{m:02}-{d:02}"])
@pytest.mark.parametrize("role", ["input", "ignore"])
def test_dates_are_in_order_as_their_column_writes_them(tmp_path: Path, written: str, role: Role) -> None:
    days = [(m, d) for d in range(1, 29) for m in range(1, 13)]
    lines = [f"{written.format(d=d, m=m)},{at},{at % 2}" for at, (m, d) in enumerate(days)]
    (tmp_path / "t.csv").write_text("\n".join(["day,x,y", *lines]))
    options = {"split": "time", "split_column": "day"}
    data = Data(Setting("CSV", {"path": "t.csv"}), options, {"day": FieldSetting(role=role)})
    rows = read_data(data, tmp_path).rows
    train, held, last = ([days[at] for at in rows[part]] for part in ("train", "validation", "test"))
    assert max(train) < min(held) <= max(held) < min(last)


def test_what_is_no_date_among_dates_is_told(tmp_path: Path) -> None:
    lines = [f"{at % 28 + 1}.01.2023,{at},{at % 2}" for at in range(60)]
    lines[40] = "soon,40,0"
    (tmp_path / "t.csv").write_text("\n".join(["day,x,y", *lines]))
    options = {"split": "time", "split_column": "day"}
    data = Data(Setting("CSV", {"path": "t.csv"}), options, {"day": FieldSetting(role="ignore")})
    with pytest.raises(DataError, match="day: soon is no date or time") as caught:
        read_data(data, tmp_path)
    assert caught.value.hint.startswith("Write it as the others of its column")


@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=60),
    validation=st.floats(0, 0.45),
    test=st.floats(0, 0.45),
    seed=st.integers(0, 3),
)
def test_groups_are_dealt_in_turn_where_they_fit(
    sizes: list[int], validation: float, test: float, seed: int
) -> None:
    of = np.repeat(np.arange(len(sizes)), sizes)
    begins = np.cumsum([0, *sizes[:-1]])
    rows = split(len(of), validation, test, seed, groups=begins[of])
    order = np.random.default_rng(seed).permutation(begins)
    most = {"test": round_half_up(len(of) * test, len(of) - 1)}
    most["validation"] = round_half_up(len(of) * validation, len(of) - 1 - most["test"])
    expected: dict[str, set[int]] = {"train": set(of.tolist()), "test": set(), "validation": set()}
    for part in ("test", "validation"):
        left = most[part]
        for group in of[order]:
            if group in expected["train"] and sizes[group] <= left:
                expected["train"].remove(int(group))
                expected[part].add(int(group))
                left -= sizes[group]
    found = {part: set(of[chosen].tolist()) for part, chosen in rows.items()}
    assert sum(map(len, found.values())) == len(sizes)
    if all(2 * sum(sizes[one] for one in expected[part]) >= most[part] for part in most):
        assert found == expected
    elif len(sizes) > sum(map(bool, most.values())):
        assert all(found[part] for part in ("train", *(part for part in most if most[part])))


@pytest.mark.parametrize("labels", [None, np.arange(300) % 6 // 3])
def test_few_large_groups_are_dealt_to_all_parts(labels: np.ndarray | None) -> None:
    groups = np.arange(300) % 6
    parts = split(300, 0.15, 0.15, 3, labels, None, groups)
    assert [len(rows) for rows in parts.values()] == [200, 50, 50]
    assert len({tuple(split(300, 0.15, 0.15, seed, labels, None, groups)["test"]) for seed in range(9)}) > 1
    two = split(300, 0.15, 0.15, 3, None, None, np.arange(300) % 2)
    assert [len(rows) for rows in two.values()] == [150, 150, 0]


def round_half_up(value: float, most: int) -> int:
    return max(0, min(int(np.floor(value + 0.5)), most))


def test_missing_values_are_shared_by_none_in_arrays_too() -> None:
    assert grouped(np.array([1.0, np.nan, 1.0, np.nan])).tolist() == [0, 1, 0, 3]

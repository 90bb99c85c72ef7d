"""Windows of series: what they hold, where the parts meet, gaps and doubles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.data import windows
from studio.data.describe import describe
from studio.data.pipeline import Ready, read_data
from studio.data.raw import DataError
from studio.project.project import Data, Setting

NO_PARTS = {"validation": 0.0, "test": 0.0}


def read(folder: Path, rows: list[str], options: dict | None = None, **params) -> Ready:
    (folder / "a.csv").write_text("\n".join(rows))
    return read_data(Data(Setting("TimeSeries", {"path": "a.csv", **params}), options or {}), folder)


def days(count: int, skip: tuple[int, ...] = ()) -> list[str]:
    begin = np.datetime64("2026-01-01")
    return ["day,a,b"] + [f"{begin + at},{at},{at * 10}" for at in range(count) if at not in skip]


def test_windows_hold_the_rows_before_and_the_rows_after(tmp_path: Path) -> None:
    raw = read(tmp_path, days(10), NO_PARTS, history=4, horizon=2).raw
    assert raw.fields["history"].shape == (4, 2)
    assert raw.fields["next"].shape == (2,)
    assert raw.samples == 5
    assert raw.arrays["history"][1].tolist() == [[1, 10], [2, 20], [3, 30], [4, 40]]
    assert raw.arrays["next"][1].tolist() == [50, 60]
    two = read(tmp_path, days(10), NO_PARTS, history=4, target="a, b", columns="b").raw
    assert two.arrays["next"][0].tolist() == [4, 40]
    assert two.fields["history"].shape == (4, 1)
    assert read(tmp_path, days(10), NO_PARTS, history=4, stride=3).raw.arrays["next"].ravel().tolist() == [
        40,
        70,
    ]


def test_rows_are_sorted_by_time_and_series_stay_apart(tmp_path: Path) -> None:
    rows = ["city,day,x"]
    for at in (3, 0, 2, 1, 4):
        rows += [f"oslo,2026-01-0{at + 1},{at}", f"rome,2026-01-0{at + 1},{at + 100}"]
    found = read(tmp_path, rows, NO_PARTS, history=2, group="city")
    assert found.raw.arrays["history"][:, :, 0].tolist() == [
        *[[0, 1], [1, 2], [2, 3], [100, 101], [101, 102], [102, 103]]
    ]
    with pytest.raises(
        DataError, match=r"a.csv, row 5, column day: 2026-01-01 comes up twice, first in row 4"
    ):
        read(tmp_path, rows, history=2)


def test_parts_follow_each_other_in_time_and_no_window_is_in_two(tmp_path: Path) -> None:
    found = read(tmp_path, days(100), {"validation": 0.2, "test": 0.2}, history=5)
    last = {name: int(of.max()) for name, of in found.rows.items()}
    first = {name: int(of.min()) for name, of in found.rows.items()}
    used = {name: (first[name], last[name] + 5) for name in found.rows}  # the rows of the file
    assert used == {"train": (0, 59), "validation": (60, 79), "test": (80, 99)}
    shuffled = read(tmp_path, days(100), history=5, by_time=False)
    assert sorted(np.concatenate(list(shuffled.rows.values()))) == list(range(95))
    assert np.diff(shuffled.rows["test"]).max() > 1
    with pytest.raises(DataError, match="No window lies wholly in the test part"):
        read(tmp_path, days(100), {"test": 0.05}, history=5)


def test_gaps_are_told_or_cut(tmp_path: Path) -> None:
    told = read(tmp_path, days(60, (30, 31)), history=5)
    assert told.raw.samples == 53
    (warning,) = told.raw.warnings
    assert warning.message.startswith("a.csv: 1 gap in day, the first after 2026-01-30; windows reach across")
    cut = read(tmp_path, days(60, (30, 31)), history=5, gaps="cut")
    assert cut.raw.warnings == ()
    assert (np.diff(cut.raw.arrays["history"][:, :, 0], axis=1) == 1).all()
    assert cut.raw.samples == 25 + 23


def test_large_windows_are_made_when_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read(tmp_path, days(60), history=5).raw.arrays
    monkeypatch.setattr(windows, "LARGE", 100)
    parts = read(tmp_path, days(60), {"split_seed": 1}, history=5).raw.arrays
    from studio.data.sources import _read

    _read.cache_clear()
    assert isinstance(whole["history"], np.ndarray)
    assert not isinstance(parts["history"], np.ndarray)
    rows = np.array([7, 3, 50])
    for name in ("history", "next"):
        assert np.array_equal(parts[name][rows], whole[name][rows])


@pytest.mark.parametrize(
    ("rows", "params", "message"),
    [
        (days(4), {"history": 4}, "a.csv: 0 windows of 4 + 1 rows fit into 4 rows"),
        (
            ["day,a", "2026-01-01,1", "2026-01-02,", "2026-01-03,2"],
            {"history": 1, "missing": "error"},
            "a.csv, row 3, column a: the value is missing, as in 1 of 3 rows",
        ),
        (
            ["day,b,a", *(f"2026-01-0{at},{at if at < 3 else ''},{at}" for at in range(1, 8))],
            {"history": 1},
            "a.csv: b is missing in 5 of 7 rows, too many to be filled in",
        ),
        (
            ["day,a", "2026-01-01,1", "2026-01-02,", "2026-01-03,2", "2026-01-04,"],
            {"history": 1},
            "a.csv: 1 windows of 1 + 1 rows fit into 4 rows, and 2 more would lack values",
        ),
        (
            ["day,a", "2026-01-01,1", "2026-01-02,inf", "2026-01-03,2"],
            {"history": 1},
            "a.csv, row 3, column a: the value is not finite",
        ),
        (
            ["day,a", "2026-01-01,1", ",1", "2026-01-03,2"],
            {"history": 1},
            "a.csv, row 3, column day: the time",
        ),
        (days(9), {"history": 2, "time": "b"}, ""),
        (days(9), {"history": 2, "target": "c"}, "a.csv has no column c"),
        (["n,t", "x,a", "y,b", "z,a"], {"history": 1}, "a.csv has no column of numbers to look at"),
    ],
)
def test_what_makes_no_windows_is_told(tmp_path: Path, rows: list[str], params: dict, message: str) -> None:
    if not message:
        assert read(tmp_path, rows, NO_PARTS, **params).raw.samples == 7
        return
    with pytest.raises(DataError, match=message.replace("+", r"\+")):
        read(tmp_path, rows, **params)


def test_what_the_windows_are_made_of_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, days(60), history=5, horizon=2).findings
    assert {name: one.evidence for name, one in found.items()} == {
        "history": "5 rows of a, b",
        "next": "then 2 rows of b",
        "time": "of the first row foretold",
    }


def wind(values: dict[int, str], count: int = 12) -> list[str]:
    """A row a day: wind is ten times the day but for some values, and load, which is foretold, the day."""
    begin = np.datetime64("2026-01-01")
    rows = [f"{begin + at},{values.get(at, str(at * 10))},{at}" for at in range(count)]
    return ["day,wind,load", *rows]


def test_the_last_value_before_stands_in_for_a_missing_one(tmp_path: Path) -> None:
    found = read(tmp_path, wind({4: "", 5: "NA"}), NO_PARTS, history=3)
    assert found.raw.arrays["history"][2:6, :, 0].tolist() == [
        [20, 30, 30],
        [30, 30, 30],
        [30, 30, 60],
        [30, 60, 70],
    ]
    told = "3 rows of wind, load; missing values filled with the last before: wind 2 of 12"
    assert found.findings["history"].evidence == told
    backwards = wind({4: "", 5: ""})
    backwards[1:] = backwards[:0:-1]
    newest_first = read(tmp_path, backwards, NO_PARTS, history=3)
    assert np.array_equal(newest_first.raw.arrays["history"], found.raw.arrays["history"])


@pytest.mark.parametrize("later", ["", "70", "999"])
def test_nothing_that_comes_later_is_seen_in_a_window(tmp_path: Path, later: str) -> None:
    """Windows up to day 7 are the same whatever stands there; none lies before the first value."""
    values = {0: "", 1: "", 2: "", 3: "", 5: "", 6: ""}
    found = read(tmp_path, wind({**values, 7: later}, 20), NO_PARTS, history=3)
    before = found.raw.arrays["next"].ravel() <= 7
    assert found.raw.arrays["next"][before].ravel().tolist() == [5, 6, 7]
    assert found.raw.arrays["history"][before][..., 0].tolist() == [[40, 40, 40], [40, 40, 40], [40, 40, 40]]
    assert "2 windows left out for missing values" in found.findings["next"].evidence


def test_what_is_foretold_is_never_filled_in(tmp_path: Path) -> None:
    rows = wind({})
    rows[6], rows[7] = "2026-01-06,50,", "2026-01-07,60,"
    found = read(tmp_path, rows, NO_PARTS, history=2)
    assert found.raw.arrays["next"].ravel().tolist() == [2, 3, 4, 7, 8, 9, 10, 11]
    assert found.raw.arrays["history"][3, :, 1].tolist() == [4, 4]
    two = read(tmp_path, rows, NO_PARTS, history=2, horizon=2)
    assert two.raw.arrays["next"].tolist() == [[2, 3], [3, 4], [7, 8], [8, 9], [9, 10], [10, 11]]


def test_nothing_is_filled_from_another_series(tmp_path: Path) -> None:
    rows = ["city,day,wind,load"]
    for at in range(6):
        rows += [f"oslo,2026-01-0{at + 1},{at},{at}", f"rome,2026-01-0{at + 1},{'' if at < 3 else 70},{at}"]
    rows += [f"ulm,2026-01-0{at + 1},,{at}" for at in range(6)]
    found = read(tmp_path, rows, NO_PARTS, history=2, group="city", columns="wind", target="load")
    assert found.raw.arrays["history"][..., 0].tolist() == [
        *[[0, 1], [1, 2], [2, 3], [3, 4]],
        *[[70, 70], [70, 70]],
    ]


def test_rows_that_only_repeat_another_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = days(20)
    found = read(tmp_path, [*rows, rows[4], rows[9]], NO_PARTS, history=2)
    assert found.raw.samples == 18
    (warning,) = found.raw.warnings
    assert warning.message == "a.csv: 2 rows repeat another and are left out, the first in row 22."
    with pytest.raises(DataError, match=r"2026-01-04 comes up twice, first in row 5, with other values"):
        read(tmp_path, [*rows, "2026-01-04,7,7"], NO_PARTS, history=2)


def test_columns_are_known_where_a_part_would_be_empty(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\n".join(days(60)))
    told = describe(Data(Setting("TimeSeries", {"path": "a.csv"})), tmp_path)
    assert [one.field for one in told.errors] == ["data.validation"]
    assert [one.name for one in told.facts] == ["history", "next", "time"]

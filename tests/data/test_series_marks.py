"""A table is proposed as a series where its dates are in order and evenly spaced, with the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from samples.spreadsheets import write_xlsx
from studio.data import series_marks
from studio.data.describe import describe
from studio.data.guess import Proposal
from studio.data.recognise import recognise
from studio.data.sources import beginning
from studio.project.project import Data

DAYS = np.datetime64("2024-01-01") + np.arange(200)


def first(path: Path) -> Proposal:
    return recognise(path, path.parent).proposals[0]


def write(path: Path, times: Sequence | np.ndarray, **more: Sequence) -> Path:
    load = np.random.default_rng(0).normal(50, 9, len(times)).round(2)
    pl.DataFrame({"time": [str(one) for one in times], **more, "load": load}).write_csv(path)
    return path


@pytest.mark.parametrize(
    ("times", "told"),
    [
        (DAYS, "Dates one day apart in time, in order"),
        (DAYS[::-1], "Dates one day apart in time, the newest first"),
        (DAYS[(np.arange(200) % 7) < 5], "Dates mostly one day apart in time, in order"),
        (DAYS[:10] + 7 * np.arange(10), ""),
        (np.datetime64("2015-01") + np.arange(100), "Dates one month apart in time, in order"),
        (DAYS[0] + 14 * np.arange(60), "Dates 2 weeks apart in time, in order"),
        (
            np.datetime64("2024-01-01T00:00:00") + 900 * np.arange(300),
            "Dates 15 minutes apart in time, in order",
        ),
        (np.arange(1900, 2000), "Numbers 1 apart in time, in order"),
        (np.random.default_rng(1).permutation(DAYS), ""),
        (np.sort(np.random.default_rng(1).choice(DAYS, 100)), ""),
        (DAYS[0] + np.cumsum(np.random.default_rng(1).integers(1, 60, 100)), ""),
    ],
)
def test_evidence(tmp_path: Path, times: np.ndarray, told: str) -> None:
    days = [f"{one}-01" if len(str(one)) == 7 else str(one) for one in times]
    best = first(write(tmp_path / "load.csv", days))
    assert best.source.type == ("TimeSeries" if told else "CSV")
    assert best.why.startswith(told)


@pytest.mark.parametrize("count", [16, 40, 120, 200])
def test_a_short_series_gets_windows_that_all_parts_hold(tmp_path: Path, count: int) -> None:
    best = first(write(tmp_path / "load.csv", DAYS[:count]))
    assert best.source.type == "TimeSeries"
    found = describe(Data(best.source), tmp_path)
    assert found.problems == ()
    assert min(found.parts.values()) > 0


def test_other_kinds_of_tables(tmp_path: Path) -> None:
    frame = pl.DataFrame({"day": DAYS, "load": np.arange(200.0)})
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_ipc(tmp_path / "a.arrow")
    frame.write_ndjson(tmp_path / "a.jsonl")
    write_xlsx(
        tmp_path / "a.xlsx", {"a": [["day", "load"], *((str(day), at) for at, day in enumerate(DAYS))]}
    )
    dates = pl.col("day").dt.strftime("%d.%m.%Y")
    german = frame.select(dates, pl.lit(1.5).alias("größe"), "load")
    text = german.write_csv(separator=";", decimal_comma=True)
    (tmp_path / "a.csv").write_bytes(text.encode("cp1252"))
    (tmp_path / "b.csv").write_bytes(text.encode("utf-16"))
    for path in sorted(tmp_path.iterdir()):
        best = first(path)
        assert (path.name, best.source.type) == (path.name, "TimeSeries")
        assert describe(Data(best.source), tmp_path).problems == ()


def test_only_the_beginning_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginning, "BYTES", 2000)
    path = write(tmp_path / "load.csv", DAYS)
    best = first(path)
    assert best.source.params == {"path": "load.csv"}  # how long it is is not known: the usual history
    with path.open("a") as file:
        file.write("no date,1\n")
    assert first(path) == best


def test_several_series_come_second_and_are_told_apart(tmp_path: Path) -> None:
    path = write(tmp_path / "load.csv", np.repeat(DAYS, 2), city=["Oslo", "Rome"] * 200)
    table, series = recognise(path, tmp_path).proposals
    assert table.source.type == "CSV"
    assert series.why.startswith("Dates one day apart in time for each city")
    assert series.source.params["group"] == "city"
    assert describe(Data(series.source), tmp_path).problems == ()


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_missing_values_are_filled_and_said(tmp_path: Path, suffix: str) -> None:
    wind = [None if at in (7, 8, 199) else float(at) for at in range(200)]
    dead = [None if at > 60 else 1.0 for at in range(200)]
    frame = pl.DataFrame({"time": DAYS, "dead": dead, "wind": wind, "load": [float(at) for at in range(200)]})
    path = tmp_path / f"load.{suffix}"
    {"csv": frame.write_csv, "parquet": frame.write_parquet, "jsonl": frame.write_ndjson}[suffix](path)
    best = first(path)
    assert best.source.type == "TimeSeries"
    assert best.source.params["columns"] == "wind, load"
    assert "missing values filled with the last before: wind 3 of 200 rows; " in best.why
    assert "left out: dead, missing in 139 of 200 rows" in best.why
    found = describe(Data(best.source), tmp_path)
    assert found.problems == ()
    assert "wind 3 of 200" in found.facts[0].evidence
    assert found.samples == 200 - 15


def test_a_target_with_holes_is_foretold_only_where_it_is_there(tmp_path: Path) -> None:
    load = [None if at % 50 == 7 else float(at) for at in range(200)]
    path = tmp_path / "load.csv"
    pl.DataFrame({"time": DAYS, "wind": np.arange(200.0), "load": load}).write_csv(path)
    best = first(path)
    assert "columns" not in best.source.params
    found = describe(Data(best.source), tmp_path)
    assert found.problems == ()
    assert found.samples == 200 - 15 - 3
    assert "3 windows left out for missing values" in found.facts[1].evidence


def test_a_target_that_is_mostly_missing_keeps_the_table_and_is_said(tmp_path: Path) -> None:
    load = [None if at % 3 else float(at) for at in range(200)]
    path = tmp_path / "load.csv"
    pl.DataFrame({"time": DAYS, "wind": np.arange(200.0), "load": load}).write_csv(path)
    table, series = recognise(path, tmp_path).proposals
    assert (table.source.type, series.source.type) == ("CSV", "TimeSeries")
    assert series.why == (
        "No target yet: load, the last column of numbers, is missing in 133 of 200 rows. "
        "Name another under target"
    )


def test_columns_that_are_no_numbers_everywhere_are_left_out_and_said(tmp_path: Path) -> None:
    path = write(tmp_path / "load.csv", DAYS, wind=[*map(str, range(199)), "storm"])
    best = first(path)
    assert best.source.params["columns"] == "load"
    assert "left out: wind, 'storm' is no number" in best.why
    assert describe(Data(best.source), tmp_path).problems == ()


def test_few_rows_that_repeat_another_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "load.csv", DAYS)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:51], lines[50], lines[50], *lines[51:]]))
    best = first(path)
    assert best.why.startswith("Dates one day apart in time, in order; 2 rows that repeat another left out")
    found = describe(Data(best.source), tmp_path)
    assert found.errors == ()
    assert found.samples == 200 - 15
    assert [one.message for one in found.problems] == [
        "load.csv: 2 rows repeat another and are left out, the first in row 52."
    ]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_moment_with_two_values_keeps_the_table_and_is_said(tmp_path: Path, suffix: str) -> None:
    days = np.sort(np.concatenate([DAYS, DAYS[60:62]]))
    path = write(tmp_path / "load.csv", days)
    if suffix == "parquet":
        frame = pl.read_csv(path, try_parse_dates=True)
        path = tmp_path / "load.parquet"
        frame.write_parquet(path)
    table, series = recognise(path, tmp_path).proposals
    assert (table.source.type, series.source.type) == (("CSV", "Parquet")[suffix == "parquet"], "TimeSeries")
    assert series.why == (
        "Not yet a series: time 2024-03-01 comes up more than once with other values (2 of 202 rows), "
        "and no column tells several series apart. Leave all but one out, or name such a column under group"
    )
    (problem,) = describe(Data(series.source), tmp_path).errors
    assert problem.field == "data.group"
    assert describe(Data(table.source), tmp_path).errors == ()


def test_weekdays_tell_no_series_apart(tmp_path: Path) -> None:
    days = np.sort(np.concatenate([DAYS, DAYS[60:61]]))
    weekday = [at % 7 for at in range(201)]
    _, series = recognise(write(tmp_path / "load.csv", days, weekday=weekday), tmp_path).proposals
    assert series.why.startswith("Not yet a series: time 2024-03-01 comes up more than once")


def test_many_rows_that_repeat_another_are_said(tmp_path: Path) -> None:
    path = write(tmp_path / "load.csv", DAYS)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines + lines[1:]))
    table, series = recognise(path, tmp_path).proposals
    assert table.source.type == "CSV"
    assert series.why == "Perhaps a series: 200 of 400 rows only repeat another, and would be left out"
    assert describe(Data(series.source), tmp_path).errors == ()


def test_series_told_apart_by_numbers(tmp_path: Path) -> None:
    shops = [1, 2, 3]
    path = write(tmp_path / "sold.csv", np.repeat(DAYS, 3), shop=shops * 200)
    _, series = recognise(path, tmp_path).proposals
    assert series.why.startswith("Dates one day apart in time for each shop")
    assert series.source.params["group"] == "shop"
    found = describe(Data(series.source), tmp_path)
    assert found.problems == ()
    assert found.facts[0].evidence == "15 rows of load"
    assert found.facts[-1].name == "series"


def test_a_folder_with_one_such_table(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    write(tmp_path / "set" / "load.csv", DAYS)
    best = recognise(tmp_path / "set", tmp_path).proposals[0]
    assert (best.source.type, best.source.params["path"]) == ("TimeSeries", "set/load.csv")


@pytest.mark.parametrize("longest", [1, 3], ids=["of one length", "ragged"])
def test_columns_of_lists_are_no_numbers_of_a_series(tmp_path: Path, longest: int) -> None:
    lists = [[1.0] * (at % longest + 1) for at in range(200)]
    frame = pl.DataFrame({"day": DAYS, "load": np.arange(200.0), "more": lists})
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_ipc(tmp_path / "a.arrow")
    for path in sorted(tmp_path.iterdir()):
        best = first(path)
        assert best.source.type == "TimeSeries"
        assert describe(Data(best.source), tmp_path).problems == ()


def test_a_look_for_a_series_that_fails_leaves_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "load.csv", DAYS)

    def fails(*_: object) -> None:
        raise TypeError

    monkeypatch.setattr(series_marks, "series_guess", fails)
    assert first(path).source.type == "CSV"

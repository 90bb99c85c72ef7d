"""Spreadsheets as people have them: titles over the table, several sheets, columns of nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from samples.spreadsheets import write_xlsx
from studio.data.pipeline import Ready, read_data
from studio.data.raw import DataError
from studio.data.recognise import recognise
from studio.data.sources.any_table import open_table
from studio.project.project import Data, Project, Setting
from studio.ui.import_look import Look, look

Rows = Sequence[Sequence[Any]]
TABLE: Rows = [["hour", "temp", "load"], *([at * 7 % 61, at % 7 / 2, at * 37 % 11] for at in range(60))]


def taken(folder: Path, sheets: dict[str, Rows]) -> tuple[Look, Ready, str, Setting]:
    """A spreadsheet as the program takes it, and why."""
    write_xlsx(folder / "a.xlsx", sheets)
    guess = next(one for one in recognise(folder / "a.xlsx", folder).proposals if one.source.type == "Excel")
    seen = look(Project(), Data(guess.source), folder)
    assert seen.sound
    assert seen.network is not None
    return seen, read_data(seen.data, folder), guess.why, guess.source


def is_whole(ready: Ready) -> None:
    assert list(ready.table.columns) == ["hour", "temp", "load"]
    assert ready.raw.arrays["features"].tolist() == [list(row[:2]) for row in TABLE[1:]]


ABOVE: dict[str, tuple[Rows, int]] = {
    "nothing": ([], 0),
    "a title in merged cells": ([["Loads of 2024", None, None]], 1),
    "a title and an empty row": ([["Loads of 2024", None, None], [None, None, None]], 1),
    "an empty row and a title in the middle": ([[None, None, None], [None, "Loads of 2024", None]], 1),
    "several": ([["Loads"], ["made", "2024-05-01"], [], ["by us"], []], 3),
}


@pytest.mark.parametrize("name", ABOVE)
def test_rows_above_the_names_are_no_data(tmp_path: Path, name: str) -> None:
    rows, said = ABOVE[name]
    seen, ready, why, _ = taken(tmp_path, {"data": [*rows, *TABLE]})
    is_whole(ready)
    told = f"{said} line{'s' if said > 1 else ''} above the table {'are' if said > 1 else 'is'} left out"
    warnings = [one.message for one in seen.description.problems]
    assert [f"a.xlsx: {told}" in one for one in warnings] == ([True] if said else [])
    assert (told in why) == bool(said)
    assert ready.table.where(0, "temp") == f"a.xlsx, row {len(rows) + 2}, column temp"
    assert open_table(tmp_path / "a.xlsx").places.where(0, "temp") == ready.table.where(0, "temp")


def test_a_missing_value_is_told_with_the_row_of_the_sheet(tmp_path: Path) -> None:
    rows = [["Loads of 2024"], [], *TABLE[:5], [3, None, 2], *TABLE[5:]]
    write_xlsx(tmp_path / "a.xlsx", {"data": rows})
    with pytest.raises(DataError, match=r"a.xlsx, row 8, column temp: the value is missing, as in 1 of 61"):
        read_data(Data(Setting("Excel", {"path": "a.xlsx"})), tmp_path)


def test_the_sheet_that_is_taken_is_told_among_those_there_are(tmp_path: Path) -> None:
    notes = [["About"], ["Measured in May"], ["By us"]]
    sheets: dict[str, Rows] = {"README": notes, "data": [["Loads of 2024"], *TABLE], "more": TABLE[:10]}
    _, ready, why, source = taken(tmp_path, sheets)
    is_whole(ready)
    assert "; the sheet data is taken, of README, data, more; 1 line above the table is left out" in why
    assert source.params == {"path": "a.xlsx", "sheet": "data"}
    assert taken(tmp_path, {"data": TABLE})[3].params == {"path": "a.xlsx"}


def test_columns_of_nothing_are_left_out_and_those_without_a_name_stay(tmp_path: Path) -> None:
    rows = [[None, *row[:2], None, row[2]] for row in TABLE]
    rows = [[at - 1 if at else None, *row[1:]] for at, row in enumerate(rows)]
    _, ready, _, _ = taken(tmp_path, {"data": rows})
    assert list(ready.table.columns) == ["__UNNAMED__0", "hour", "temp", "load"]
    found = ready.findings["__UNNAMED__0"]
    assert (found.kind, found.evidence) == ("identifier", "counts the samples, and has no name")


ORDINARY: list[Rows] = [
    [["a", None, "c"], [1, 2, 3], [4, 5, 6], [7, 8, 9]],
    [[None, "x", "y"], ["Rex", "dog", "small"], ["Tom", "cat", "small"], ["Bob", "dog", "big"]],
    [["id", None, None], [1, 2, 3], [4, 5, 6], [7, 8, 9]],
]


@pytest.mark.parametrize("rows", ORDINARY)
def test_the_first_row_stays_the_one_of_names(tmp_path: Path, rows: Rows) -> None:
    write_xlsx(tmp_path / "a.xlsx", {"data": rows})
    assert open_table(tmp_path / "a.xlsx").height == 3

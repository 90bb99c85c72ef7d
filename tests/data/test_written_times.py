"""Dates that a column writes in several ways, and times of the day: from a file to what is trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.data.dates import DAY_FIRST, MONTH_FIRST, SEVERAL, UNTOLD, format_of, read_date
from studio.data.pipeline import Ready, read_data
from studio.data.raw import DataError
from studio.data.recognise import recognise
from studio.data.spelling import clock
from studio.data.ways import ways_of
from studio.project.project import Data, FieldSetting, Project, Setting
from studio.ui.import_look import Look, look

DAY = np.timedelta64(1, "D")


def taken(folder: Path, cells: list[str], kind: str = "") -> tuple[Look, Ready]:
    """A column of such cells beside a number and a target, as the program takes it."""
    rows = "".join(f'"{cell}",{at % 7}.5,{at * 37 % 11}.25\n' for at, cell in enumerate(cells))
    (folder / "t.csv").write_text(f"when,x,y\n{rows}", encoding="utf-8")
    source = next(
        one.source for one in recognise(folder / "t.csv", folder).proposals if one.source.type == "CSV"
    )
    fields = {"when": FieldSetting(kind=kind)} if kind else {}
    seen = look(Project(), Data(source, fields=fields), folder)
    return seen, read_data(seen.data, folder)


def moments(ready: Ready) -> list[str]:
    cells = ready.planned["when"].column.cells
    return [str(one)[:16] for one in np.asarray(cells.take(np.arange(len(cells))), "datetime64[m]")]


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["2024-01-05", "05.01.2024", "5 Jan 2024", "Jan 5, 2024", "2024/01/05", "5-Jan-2024"], SEVERAL),
        (["2024-01-05", "05/01/2024", "25/01/2024"], DAY_FIRST),
        (["2024-01-05", "01/05/2024", "01/25/2024"], MONTH_FIRST),
        (["05.01.2024", "05.05.2024", "05/05/2024", "05-05-2024"], SEVERAL),
        (["2024-01-05T00:00", "05.01.2024 13:07", "5 Jan 2024 13:07:30"], SEVERAL),
    ],
)
def test_dates_in_several_ways_are_each_read_in_its_own(tmp_path: Path, cells: list[str], order: str) -> None:
    assert format_of(cells) == order
    seen, ready = taken(tmp_path, cells * 10)
    assert seen.sound
    assert seen.network is not None
    facts = seen.description.facts[0]
    assert (facts.kind, facts.role) == ("time", "input")
    assert facts.evidence.endswith(f"written in {order}")
    read = moments(ready)
    days = {f"2024-{month}-{day}" for month, day in (("01", "05"), ("01", "25"), ("05", "05"))}
    assert {one[:10] for one in read} <= days
    assert read[0][:10] == "2024-01-05"
    assert ready.planned["when"].written == order
    assert ways_of(ready)["when"].written == order


def test_a_way_that_comes_late_is_read_too(tmp_path: Path) -> None:
    late = [f"2024-01-{at % 28 + 1:02}" for at in range(1900)] + ["05.02.2024"] * 100
    seen, ready = taken(tmp_path, late)
    assert seen.sound
    assert moments(ready)[-1] == "2024-02-05T00:00"


@pytest.mark.parametrize("cells", [["2024-01-05", "05/06/2024"], ["05/06/2024", "07/08/2024"]])
def test_an_order_that_nothing_tells_is_told_and_not_guessed(tmp_path: Path, cells: list[str]) -> None:
    seen, _ = taken(tmp_path, cells * 20)
    facts = seen.description.facts[0]
    assert (facts.kind, facts.evidence) == ("category", UNTOLD)
    different = [f"0{at % 9 + 1}/0{at // 9 + 1}/2024" for at in range(60)]
    assert taken(tmp_path, different)[0].description.facts[0].evidence == UNTOLD


@pytest.mark.parametrize(
    "cells",
    [["2024-01-05", "31/01/2024", "01/31/2024"], ["2024-01-05", "soon"], ["1-2-3 apart", "5 Jan 2024"]],
)
def test_what_is_no_date_or_of_both_orders_makes_no_times(cells: list[str]) -> None:
    assert format_of(cells) is None


def test_an_order_once_told_counts_for_what_comes_later() -> None:
    assert str(read_date("03/04/2024", DAY_FIRST)) == "2024-04-03 00:00:00"
    assert str(read_date("03/04/2024", MONTH_FIRST)) == "2024-03-04 00:00:00"
    assert read_date("03/04/2024", SEVERAL) is None
    assert read_date("31/12/2024", MONTH_FIRST) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("13:07", 47_220), ("13:07:30", 47_250), ("0:00", 0), ("7:05:30.5", 25_530.5), ("1:07 pm", 47_220)),
        *(("12:30 AM", 1800), ("24:00", None), ("13:60", None), ("3:1", None), ("13:00 pm", None)),
    ],
)  # fmt: skip
def test_times_of_the_day_are_seconds_since_midnight(text: str, seconds: float | None) -> None:
    assert clock(text) == seconds


@pytest.mark.parametrize("more", ["", ":30"])
def test_a_column_of_times_of_the_day_is_a_number(tmp_path: Path, more: str) -> None:
    cells = [f"{at // 60 % 24:02}:{at % 60:02}{more}" for at in range(0, 3000, 7)]
    seen, ready = taken(tmp_path, cells)
    assert seen.sound
    assert seen.network is not None
    facts = seen.description.facts[0]
    assert (facts.kind, facts.role) == ("number", "input")
    assert facts.evidence == f"times of the day such as {cells[0]}, in seconds since midnight"
    second = float(more.strip(":") or 0)
    assert ready.raw.arrays["features"][3].tolist() == [21 * 60 + second, 3.5]
    assert ready.raw.fields["features"].shape == (2,)


def test_a_text_among_times_of_the_day_is_told(tmp_path: Path) -> None:
    cells = ["13:00", "later", *(f"{at % 24:02}:{at % 60:02}" for at in range(40))]
    (tmp_path / "t.csv").write_text(
        "when,y\n" + "".join(f"{cell},{at % 9}.5\n" for at, cell in enumerate(cells))
    )
    data = Data(Setting("CSV", {"path": "t.csv"}), fields={"when": FieldSetting(kind="number")})
    with pytest.raises(DataError) as caught:
        read_data(data, tmp_path)
    assert caught.value.message == "t.csv, row 3, column when: 'later' is no number; 41 of 42 values are."

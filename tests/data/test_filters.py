"""Which samples a filter lets through: dates as their table writes them, and what is told of others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from samples.spreadsheets import write_xlsx
from studio.data.browsing.counting import counts
from studio.data.browsing.filters import Asked, filtered
from studio.data.browsing.opened import Opened, open_data
from studio.data.browsing.sorting import arranged
from studio.data.checks import check_data
from studio.data.pipeline import read_data
from studio.data.raw import DataError
from studio.project.project import Data, FieldSetting, Setting

DAYS = ("2026-01-05", "2026-01-31", "2026-02-01", "2026-11-12")
WRITTEN = {
    "ISO": "{y}-{m:02}-{d:02}",
    "German": "{d:02}.{m:02}.{y}",
    "with a time": "{d:02}.{m:02}.{y} 14:30",
    "ISO with a time": "{y}-{m:02}-{d:02} 14:30:00",
    "British": "{d:02}/{m:02}/{y}",
    "in words": "{d} {name} {y}",
    "American words": "{name} {d}, {y}",
}
NAMES = {1: "Jan", 2: "Feb", 11: "Nov"}


def told(day: str, way: str) -> str:
    y, m, d = (int(one) for one in day.split("-"))
    return WRITTEN[way].format(y=y, m=m, d=d, name=NAMES[m])


def table(folder: Path, way: str) -> Opened:
    lines = [f'"{told(DAYS[at % 4], way)}";{at}' for at in range(40)]
    (folder / "days.csv").write_text("\n".join(["day;y", *lines]))
    data = Data(Setting("CSV", {"path": "days.csv"}), fields={"day": FieldSetting(kind="time")})
    return open_data(data, folder)


@pytest.mark.parametrize("way", WRITTEN)
def test_a_date_is_written_as_in_the_table_or_as_iso(tmp_path: Path, way: str) -> None:
    opened = table(tmp_path, way)
    for text in (told("2026-01-31", way), "2026-01-31"):
        later = [
            at for at in range(40) if at % 4 > 1 or (at % 4 == 1 and "time" in way and text == "2026-01-31")
        ]
        assert filtered(opened, Asked(f'day > "{text}"')).tolist() == later
    both = filtered(opened, Asked(f'day >= "{told("2026-01-05", way)}" and day < 2026-02-01, row <= 4'))
    assert both.tolist() == [0, 1]


def test_without_a_time_where_the_table_has_one(tmp_path: Path) -> None:
    opened = table(tmp_path, "with a time")
    assert filtered(opened, Asked("day < 31.01.2026, row < 5")).tolist() == [0]
    assert filtered(opened, Asked("day <= 31.01.2026 14:30, row < 5")).tolist() == [0, 1]


def test_what_is_no_date_is_told_with_one(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        filtered(table(tmp_path, "German"), Asked("day > Freitag"))
    assert caught.value.message == "day is compared with a date, and Freitag is none."
    assert caught.value.hint == "Write one as 05.01.2026, or as 2026-01-31."


MONEY = {
    "euros": ("{whole}.{rest},50 €", ";"),
    "dollars": ("${whole},{rest}.50", ";"),
    "percent": ("{whole}{rest}.5%", ";"),
}


@pytest.mark.parametrize("way", MONEY)
def test_numbers_are_seen_as_training_reads_them(tmp_path: Path, way: str) -> None:
    told, apart = MONEY[way]
    prices = [10_000 + 137 * ((at * 37) % 100) + 0.5 for at in range(100)]
    parts = [(f"{int(one) // 1000}", f"{int(one) % 1000:03}") for one in prices]
    lines = [f"{at}{apart}{told.format(whole=a, rest=b)}" for at, (a, b) in enumerate(parts)]
    (tmp_path / "t.csv").write_text("\n".join([f"size{apart}price", *lines]), encoding="utf-8")
    data = Data(Setting("CSV", {"path": "t.csv", "target_kind": "numbers"}))
    opened = open_data(data, tmp_path)
    price, rows = opened.columns["price"], np.arange(100)
    assert price.numbers(rows).tolist() == prices
    assert read_data(data, tmp_path).raw.arrays["price"].ravel().tolist() == prices
    assert filtered(opened, Asked("price > 20000")).tolist() == [at for at in rows if prices[at] > 20000]
    assert sum(count for _, count in counts(price, rows)) == 100
    assert arranged(opened, rows, "price").tolist() == np.argsort(prices).tolist()
    assert [
        one.sentence for one in check_data(data, tmp_path, quick=True).flaws if one.column == "price"
    ] == []


def test_a_bound_may_be_written_as_in_the_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("size;price\n" + "".join(f"{at};{at}.500,25 €\n" for at in range(1, 40)))
    opened = open_data(Data(Setting("CSV", {"path": "t.csv", "target_kind": "numbers"})), tmp_path)
    assert filtered(opened, Asked('price < "3.500,25 €"')).tolist() == [0, 1]


def test_a_workbook_of_numbers_and_spelled_numbers(tmp_path: Path) -> None:
    rows = [[at % 5, f"1.{at:03},50" if at % 2 else at + 12.5] for at in range(60)]
    write_xlsx(tmp_path / "t.xlsx", {"prices": [["size", "price"], *rows]})
    opened = open_data(Data(Setting("Excel", {"path": "t.xlsx", "target_kind": "numbers"})), tmp_path)
    wanted = [1000.5 + at if at % 2 else at + 12.5 for at in range(60)]
    assert opened.columns["price"].numbers(np.arange(60)).tolist() == wanted

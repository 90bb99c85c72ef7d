"""Values that are not of their column's kind, rows that are no rows, files that are none: told with place and
number, and by one edit taken as missing or left out; never by a change of a file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from studio.data import findings
from studio.data.checks import Bounds, check_data
from studio.data.describe import describe
from studio.data.pipeline import read_data
from studio.data.prepare import prepare
from studio.data.raw import DataError
from studio.data.sources import csv_large
from studio.data.sources import table as csv_table
from studio.errors import Problem
from studio.project.project import Data, FieldSetting, Project, SampleChanges, Setting
from studio.project.storage import load, save
from studio.train.samples import Samples

ROWS = 60
FEW = Bounds(100, 100, 100)


def numbers(folder: Path, odd: dict[int, str]) -> Data:
    """A table of numbers, in some rows of which something else stands; row 0 is row 2 of the file."""
    lines = [f"{odd.get(at, at % 9)},{at % 4},{at / 3:.2f}" for at in range(ROWS)]
    (folder / "rooms.csv").write_text("\n".join(["size,doors,price", *lines]) + "\n")
    return Data(Setting("CSV", {"path": "rooms.csv"}))


def told(data: Data, folder: Path) -> Problem:
    (problem,) = [one for one in describe(data, folder).problems if one.severity == "error"]
    return problem


def mended(data: Data, folder: Path, label: str) -> Data:
    """The data after the repair of that name."""
    (fix,) = [one for one in told(data, folder).fixes if one.label == label]
    return fix.edit(Project(data=data)).data


def test_one_text_among_numbers_is_taken_as_missing(tmp_path: Path) -> None:
    data = numbers(tmp_path, {6: "n.b.", 20: "viele"})
    file = (tmp_path / "rooms.csv").read_bytes()
    problem = told(data, tmp_path)
    assert problem.message == "rooms.csv, row 8, column size: 'n.b.' is no number; 58 of 60 values are."
    assert [one.label for one in problem.fixes] == [
        "Take 2 values as missing: the median stands in",
        "Leave out 2 rows",
    ]
    after = mended(data, tmp_path, problem.fixes[0].label)
    ready = read_data(after, tmp_path)
    assert ready.raw.samples == ROWS
    there = [at % 9 for at in range(ROWS) if at not in (6, 20) and at in ready.rows["train"]]
    assert ready.raw.arrays["features"][6, 0] == np.median(there)
    (warning,) = ready.raw.warnings
    assert warning.severity == "warning"
    assert warning.message.startswith("size: 2 of 60 values are no number and count as missing.")
    assert "row 8, column size" in warning.message
    assert (tmp_path / "rooms.csv").read_bytes() == file


def test_one_text_among_numbers_is_left_out_with_its_row(tmp_path: Path) -> None:
    data = numbers(tmp_path, {6: "n.b."})
    ready = read_data(mended(data, tmp_path, "Leave out 1 row"), tmp_path)
    assert ready.source_rows.tolist() == [at for at in range(ROWS) if at != 6]
    assert "1 of 60 values is no number and left out with its row" in ready.raw.warnings[0].message
    after = mended(data, tmp_path, "Leave out 1 row")
    assert [one for one in check_data(after, tmp_path, quick=True).flaws if one.check == "missing"] == []


def test_a_target_is_never_filled_in(tmp_path: Path) -> None:
    data = numbers(tmp_path, {6: "n.b."})
    data = replace(data, source=Setting("CSV", {"path": "rooms.csv", "target": "size"}))
    assert [one.label for one in told(data, tmp_path).fixes] == ["Leave out 1 row"]


def test_a_row_that_is_excluded_may_hold_anything(tmp_path: Path) -> None:
    data = replace(numbers(tmp_path, {6: "n.b."}), changes=SampleChanges(excluded=("6",)))
    ready = read_data(data, tmp_path)
    assert ready.raw.warnings == ()
    assert 6 not in ready.source_rows


def test_steps_of_ones_own_that_fill_nothing_are_no_place_for_missing_values(tmp_path: Path) -> None:
    data = replace(
        numbers(tmp_path, {6: "n.b."}), fields={"size": FieldSetting(transforms=(Setting("Sqrt"),))}
    )
    assert [one.label for one in told(data, tmp_path).fixes] == ["Leave out 1 row"]


def test_dates_too(tmp_path: Path) -> None:
    lines = [f"{1 + at % 28:02d}.{1 + at % 12:02d}.2024,{at}" for at in range(40)]
    lines[30] = "bald,30"
    (tmp_path / "days.csv").write_text("\n".join(["day,y", *lines]))
    fields = {"day": FieldSetting(kind="time")}
    data = Data(Setting("CSV", {"path": "days.csv"}), fields=fields)
    assert "'bald' is no time" in told(data, tmp_path).message
    ready = read_data(mended(data, tmp_path, "Take 1 value as missing: the median stands in"), tmp_path)
    assert ready.raw.samples == 40
    assert np.isfinite(ready.raw.arrays["features"]).all()


def test_a_table_that_is_read_as_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import polars as pl

    from studio.data.sources import parquet

    monkeypatch.setattr(parquet, "budget", lambda: 1000)
    texts = [str(at % 9) for at in range(ROWS)]
    texts[50] = "viele"
    pl.DataFrame({"size": texts, "price": [at / 3 for at in range(ROWS)]}).write_parquet(
        tmp_path / "rooms.parquet"
    )
    fields = {"size": FieldSetting(kind="number", odd="skip")}
    data = Data(Setting("Parquet", {"path": "rooms.parquet"}), fields=fields)
    ready = read_data(data, tmp_path)
    assert 50 not in ready.source_rows
    assert len(ready.source_rows) == ROWS - 1
    assert "1 of 60 values is no number" in ready.raw.warnings[-1].message


def test_the_first_odd_values_of_a_table_larger_than_memory_offer_what_can_be_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import polars as pl

    from studio.data.sources import parquet

    monkeypatch.setattr(parquet, "budget", lambda: 1000)
    texts = ["viele" if at % 20 == 9 else str(at % 9) for at in range(ROWS)]
    pl.DataFrame({"size": texts, "price": [at / 3 for at in range(ROWS)]}).write_parquet(
        tmp_path / "rooms.parquet"
    )
    fields = {"size": FieldSetting(kind="number")}
    data = Data(Setting("Parquet", {"path": "rooms.parquet"}), fields=fields)
    problem = told(data, tmp_path)
    assert problem.message == "rooms.parquet, row 10, column size: 'viele' is no number."
    take, leave = problem.fixes
    assert take.label == "Take 3 values as missing: the median stands in"
    assert leave.label == "Leave out 3 rows"
    ready = read_data(leave.edit(Project(data=data)).data, tmp_path)
    assert ready.source_rows.tolist() == [at for at in range(ROWS) if at % 20 != 9]
    filled = read_data(take.edit(Project(data=data)).data, tmp_path).raw.arrays["features"][np.arange(ROWS)]
    assert np.isfinite(filled).all()


RARE = 777
LONG = 900


def rare(folder: Path, monkeypatch: pytest.MonkeyPatch, sizes: list[object], **more: FieldSetting) -> Data:
    """A table larger than memory of which only the first hundred rows were looked at."""
    import polars as pl

    from studio.data.sources import parquet

    monkeypatch.setattr(parquet, "budget", lambda: 1000)
    monkeypatch.setattr(findings, "looked_at", lambda cells: np.arange(100))  # pyright: ignore
    price = [at / 3 for at in range(LONG)]
    pl.DataFrame({"size": sizes, "price": price}, strict=False).write_parquet(folder / "rooms.parquet")
    return Data(Setting("Parquet", {"path": "rooms.parquet"}), {"duplicates_together": False}, fields=more)


def train_through(data: Data, folder: Path) -> None:
    """Take every sample as training does. Raises DataError."""
    for part in prepare(data, folder).parts.values():
        samples = Samples(part, ["features", "price"], torch.device("cpu"))
        for at in range(len(part)):
            samples.take(torch.tensor([at]))


def stopped(data: Data, folder: Path) -> str:
    """What training says when it comes to the value."""
    with pytest.raises(DataError) as caught:
        train_through(data, folder)
    return caught.value.message


@pytest.mark.parametrize(
    ("value", "said", "found", "labels"),
    [
        (
            None,
            "the value is missing",
            "1 value of 900 is missing",
            ["Let the median stand in", "Leave out 1 row"],
        ),
        (
            math.inf,
            "the number is not finite",
            "1 value of 900 is too large or infinite",
            ["Exclude 1 sample with such numbers"],
        ),
    ],
)
def test_a_rare_number_is_told_with_its_place_in_training_and_found_by_the_checks(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    value: float | None,
    said: str,
    found: str,
    labels: list[str],
) -> None:
    sizes: list[object] = [float(at % 9) for at in range(LONG)]
    sizes[RARE] = value
    data = rare(tmp_path, monkeypatch, sizes)
    place = f"rooms.parquet, row {RARE + 1}, column size"
    assert stopped(data, tmp_path).startswith(f"{place}: {said}")
    (flaw,) = [one for one in check_data(data, tmp_path, bounds=FEW).flaws if one.check == "unfit"]
    assert flaw.sentence.startswith(f"size: {found}; the first is at {place}")
    assert flaw.rows == (RARE,)
    assert [one.label for one in flaw.fixes] == labels
    for fix in flaw.fixes:
        after = fix.edit(Project(data=data)).data
        train_through(after, tmp_path)
        assert [one for one in check_data(after, tmp_path, bounds=FEW).flaws if one.check == "unfit"] == []


def test_a_rare_text_among_numbers_is_told_with_its_place_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[object] = [str(at % 9) for at in range(LONG)]
    sizes[RARE] = "viele"
    data = rare(tmp_path, monkeypatch, sizes, size=FieldSetting(kind="number"))
    place = f"rooms.parquet, row {RARE + 1}, column size"
    assert told(data, tmp_path).message == f"{place}: 'viele' is no number."
    for label in ("Take 1 value as missing: the median stands in", "Leave out 1 row"):
        train_through(mended(data, tmp_path, label), tmp_path)


def test_a_rare_value_of_a_large_csv_file_is_told_with_its_row_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_large, "budget", lambda: 1000)
    monkeypatch.setattr(csv_table, "is_large", lambda path: True)  # pyright: ignore
    lines = [f"{at % 9}.5,{at / 3:.2f}" for at in range(LONG)]
    lines[RARE] = ",1"
    (tmp_path / "rooms.csv").write_text("\n".join(["size,price", *lines]) + "\n")
    monkeypatch.setattr(findings, "looked_at", lambda cells: np.arange(100))  # pyright: ignore
    data = Data(Setting("CSV", {"path": "rooms.csv"}), {"duplicates_together": False})
    place = f"rooms.csv, row {RARE + 2}, column size"
    assert stopped(data, tmp_path) == f"{place}: the value is missing."
    (flaw,) = [one for one in check_data(data, tmp_path, bounds=FEW).flaws if one.check == "unfit"]
    assert place in flaw.sentence


# ---- rows and lines


def uneven(folder: Path, bad: dict[int, str]) -> Data:
    lines = [bad.get(at, f"{at},{at * 2},{at / 3:.2f}") for at in range(ROWS)]
    (folder / "rooms.csv").write_text("\n".join(["a,b,y", *lines]) + "\n")
    return Data(Setting("CSV", {"path": "rooms.csv"}))


def test_uneven_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    data = uneven(tmp_path, {10: "10,20", 12: "12,24,4,7", 30: "30,60,x"})
    problem = told(data, tmp_path)
    assert problem.message.startswith("rooms.csv, row 12, column 3: expected 3 values, got 2.")
    assert "So it is with 2 of 60 rows." in problem.message
    after = mended(data, tmp_path, "Leave out 2 rows")
    assert after.source.params["broken"] == "skip"
    # the rows that follow are told by their place in the file
    assert told(after, tmp_path).message.startswith("rooms.csv, row 32, column y: 'x' is no number")
    last = mended(after, tmp_path, "Leave out 1 row")
    ready = read_data(last, tmp_path)
    assert ready.raw.samples == ROWS - 3
    texts = [one.message for one in ready.raw.warnings]
    assert texts[0].startswith("rooms.csv: 2 of 60 rows cannot be read and are left out (rows 12, 14).")
    assert texts[1].startswith("y: 1 of 58 values is no number and left out with its row.")


def test_a_file_of_mostly_uneven_rows_is_no_table(tmp_path: Path) -> None:
    data = uneven(tmp_path, {at: f"{at},1" for at in range(40)})
    data = replace(data, source=Setting("CSV", {"path": "rooms.csv", "broken": "skip"}))
    problem = told(data, tmp_path)
    assert "So it is with 40 of 60 rows" in problem.message
    assert problem.fixes == ()


def test_lines_that_are_no_json(tmp_path: Path) -> None:
    lines = [json.dumps({"a": at, "y": at / 2}) for at in range(ROWS)]
    lines[4], lines[9] = '{"a": 4,', "[1, 2]"
    lines[20] = json.dumps({"a": "viel", "y": 3})
    (tmp_path / "rooms.jsonl").write_text("\n".join(lines))
    data = Data(Setting("JSONLines", {"path": "rooms.jsonl"}))
    assert told(data, tmp_path).message.startswith("rooms.jsonl, row 5: the line is no JSON")
    after = mended(data, tmp_path, "Leave out 2 rows")
    assert told(after, tmp_path).message.startswith("rooms.jsonl, row 21, column a: 'viel' is no number")


# ---- files that a table lists


def listed(folder: Path) -> Data:
    """Pictures in a table; the row of one is empty, one is gone, one is cut off, one is no picture."""
    (folder / "shots").mkdir()
    random = np.random.default_rng(0)
    lines = []
    for at in range(20):
        path = folder / "shots" / f"{at}.png"
        Image.fromarray(random.integers(0, 255, (12, 12, 3)).astype(np.uint8)).save(path)
        lines.append(f"{'' if at == 3 else f'shots/{at}.png'},{'ab'[at % 2]}")
    (folder / "shots" / "5.png").unlink()
    content = (folder / "shots" / "8.png").read_bytes()
    (folder / "shots" / "8.png").write_bytes(content[: len(content) // 2])
    (folder / "shots" / "9.png").write_bytes(b"")
    (folder / "shots.csv").write_text("\n".join(["shot,kind", *lines]))
    return Data(Setting("CSV", {"path": "shots.csv"}), fields={"shot": FieldSetting(kind="image")})


def test_pictures_that_a_table_lists(tmp_path: Path) -> None:
    data = listed(tmp_path)
    assert told(data, tmp_path).message == "shots.csv, row 5, column shot: the path is missing."
    assert [one.label for one in told(data, tmp_path).fixes] == ["Leave out 4 rows"]
    ready = read_data(mended(data, tmp_path, "Leave out 4 rows"), tmp_path)
    assert ready.source_rows.tolist() == [at for at in range(20) if at not in (3, 5, 8, 9)]
    assert ready.raw.arrays["shot"][np.arange(16)].shape == (16, 3, 12, 12)
    assert ready.planned["shot"].steps == ()  # those that are no picture have no size
    assert "shot: 4 of 20 files are unreadable and left out with their rows." in ready.raw.warnings[0].message


def test_pictures_without_a_path_go_with_missing_values(tmp_path: Path) -> None:
    data = replace(listed(tmp_path), fields={"shot": FieldSetting(kind="image", missing="skip", odd="skip")})
    ready = read_data(data, tmp_path)
    assert len(ready.source_rows) == 16
    assert "3 of 20 files" in ready.raw.warnings[0].message


def test_sounds_that_a_table_lists(tmp_path: Path) -> None:
    import soundfile

    wave = np.sin(np.arange(4000) / 9).astype(np.float32)
    for at in range(8):
        soundfile.write(tmp_path / f"{at}.wav", wave, 8000)
    (tmp_path / "6.wav").write_bytes(b"RIFF")
    lines = [f"{at}.wav,{'ab'[at % 2]}" for at in range(9)]
    (tmp_path / "calls.csv").write_text("\n".join(["call,kind", *lines]))
    data = Data(Setting("CSV", {"path": "calls.csv"}))
    assert "row 8, column call" in told(data, tmp_path).message
    ready = read_data(mended(data, tmp_path, "Leave out 2 rows"), tmp_path)
    assert ready.source_rows.tolist() == [0, 1, 2, 3, 4, 5, 7]


# ---- other repairs


def test_missing_values_offer_what_can_be_done(tmp_path: Path) -> None:
    data = numbers(tmp_path, {6: "", 7: "NA"})
    assert [one.label for one in told(data, tmp_path).fixes] == [
        "Let the median stand in",
        "Leave out 2 rows",
    ]
    assert read_data(mended(data, tmp_path, "Let the median stand in"), tmp_path).raw.samples == ROWS
    assert read_data(mended(data, tmp_path, "Leave out 2 rows"), tmp_path).raw.samples == ROWS - 2


def test_an_empty_column_goes(tmp_path: Path) -> None:
    data = numbers(tmp_path, dict.fromkeys(range(ROWS), ""))
    assert "the whole column is empty" in told(data, tmp_path).message
    assert read_data(mended(data, tmp_path, "Leave out size"), tmp_path).raw.fields["features"].shape == (1,)


@pytest.mark.parametrize("value", ["inf", "1e39"])
def test_numbers_that_cannot_be_held_go_with_their_rows(tmp_path: Path, value: str) -> None:
    data = numbers(tmp_path, {6: value, 9: value})
    after = mended(data, tmp_path, "Leave out 2 rows")
    assert after.changes.excluded == ("6", "9")
    assert read_data(after, tmp_path).raw.samples == ROWS - 2


@pytest.mark.parametrize(
    ("encoding", "text"), [("gbk", "北京市朝阳区"), ("cp1252", "Köln"), ("utf-16", "Köln")]
)
def test_another_encoding_is_a_click(tmp_path: Path, encoding: str, text: str) -> None:
    lines = ["town,y", *(f"{text}{at % 3},{at}" for at in range(30))]
    (tmp_path / "towns.csv").write_bytes("\n".join(lines).encode(encoding))
    data = Data(Setting("CSV", {"path": "towns.csv"}))
    (fix,) = told(data, tmp_path).fixes
    assert fix.label == f"Read it as {encoding.upper()}"
    ready = read_data(fix.edit(Project(data=data)).data, tmp_path)
    assert f"{text}0" in (ready.raw.columns["features"][0].classes or ())


# ---- where it is kept, and where it is offered


@pytest.mark.parametrize(
    "make", [lambda at: numbers(at, {6: "x"}), lambda at: uneven(at, {6: "6,x"}), listed]
)
def test_the_checks_offer_it_too(tmp_path: Path, make: Callable[[Path], Data]) -> None:
    data = make(tmp_path)
    offered = {one.label for one in told(data, tmp_path).fixes}
    flaw = next(one for one in check_data(data, tmp_path, quick=True).flaws if one.check == "settings")
    assert {one.label for one in flaw.fixes} == offered
    after = flaw.fixes[-1].edit(Project(data=data)).data
    left = next(one for one in check_data(after, tmp_path, quick=True).flaws if one.check == "settings")
    assert left.level == "note"


def test_equal_problems_are_equal(tmp_path: Path) -> None:
    data = numbers(tmp_path, {6: "n.b."})
    with pytest.raises(DataError) as caught:
        read_data(data, tmp_path)
    assert told(data, tmp_path) == caught.value.problem()


def test_what_was_decided_is_in_the_project_file(tmp_path: Path) -> None:
    data = mended(numbers(tmp_path, {6: "n.b."}), tmp_path, "Leave out 1 row")
    save(Project(data=data), tmp_path / "mine.loom")
    assert '"size": {"odd": "skip"}' in (tmp_path / "mine.loom").read_text()
    assert load(tmp_path / "mine.loom").data == data


def test_a_word_that_is_none_is_refused(tmp_path: Path) -> None:
    data = replace(numbers(tmp_path, {}), fields={"size": FieldSetting(odd="whisk")})
    assert "whisk is none of error, missing, skip" in told(data, tmp_path).message


def test_a_listed_picture_that_changes_is_read_anew(tmp_path: Path) -> None:
    """What was found out holds for the files as they were: one that is replaced or broken is noticed."""
    data = replace(listed(tmp_path), fields={"shot": FieldSetting(kind="image", odd="skip")})
    assert len(read_data(data, tmp_path).source_rows) == 16
    assert read_data(data, tmp_path).table is read_data(data, tmp_path).table
    (tmp_path / "shots" / "9.png").write_bytes((tmp_path / "shots" / "7.png").read_bytes())
    assert 9 in read_data(data, tmp_path).source_rows
    (tmp_path / "shots" / "7.png").write_bytes(b"gone")
    assert 7 not in read_data(data, tmp_path).source_rows
    assert "4 of 20 files are unreadable" in describe(data, tmp_path).problems[0].message
    before = read_data(data, tmp_path).raw.arrays["shot"][0].copy()
    Image.new("RGB", (12, 12), "red").save(tmp_path / "shots" / "0.png")
    assert (read_data(data, tmp_path).raw.arrays["shot"][0] != before).any()
    flaws = [one.sentence for one in check_data(data, tmp_path, quick=True).flaws if one.check == "settings"]
    assert "4 of 20 files are unreadable" in flaws[0]

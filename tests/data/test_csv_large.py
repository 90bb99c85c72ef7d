"""CSV files larger than memory: made Parquet once, and the same as read whole."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Thread, current_thread

import numpy as np
import pytest

from studio.data import progress as watched
from studio.data.pipeline import read_data
from studio.data.prepare import prepare
from studio.data.raw import DataError
from studio.data.sources import csv_large, read_table
from studio.data.table import Table
from studio.errors import Fix
from studio.project.project import Data, Project, Setting

DATA = Data(Setting("CSV", {"path": "a.csv"}))


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own, and files read in small pieces."""
    place = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("NEUROLOOM_HOME", str(place))
    monkeypatch.setattr(csv_large, "PIECE", 1000)
    monkeypatch.setattr(csv_large, "HEAD", 3000)
    return place / "cache" / "tables"


def large(monkeypatch: pytest.MonkeyPatch, bytes_: int = 16_000) -> None:
    """Memory has room for so little."""
    monkeypatch.setattr(csv_large, "budget", lambda: bytes_)


def lines(count: int, change: Callable[[int, list[str]], None] = lambda at, row: None) -> list[str]:
    draw = random.Random(0)
    found = []
    for at in range(count):
        row = [
            f"{draw.gauss(0, 30):.3f}",
            draw.choice(["rot", "grün", '"a, ""b"""', '"two\nlines"']),
            draw.choice(["1.5", "NA", ""]),
            str(at),
        ]
        change(at, row)
        found.append(",".join(row))
    return ["spread,colour,hole,y", *found]


def check_equal(one: Table, other: Table) -> None:
    assert list(one.columns) == list(other.columns)
    rows = np.arange(other.samples)
    assert one.samples == other.samples
    for name, column in other.columns.items():
        found, wanted = (of.columns[name].cells.take(rows) for of in (one, other))
        if isinstance(found, np.ndarray):
            np.testing.assert_array_equal(found, wanted)
        else:
            assert [None if value == "NA" else value for value in wanted] == found
        assert one.columns[name].role == column.role or name == "colour"


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "CP1252"])
def test_it_is_the_same_as_read_whole(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    (tmp_path / "a.csv").write_bytes("\r\n".join(lines(2000)).encode(encoding))
    setting = Setting("CSV", {"path": "a.csv", "encoding": encoding})
    whole = read_table(setting, tmp_path)
    large(monkeypatch)
    (tmp_path / "b").mkdir()
    shutil.copy(tmp_path / "a.csv", tmp_path / "b" / "a.csv")
    table = read_table(setting, tmp_path / "b")
    check_equal(table, whole)
    (made,) = home.iterdir()
    assert len(list(made.glob("*.parquet"))) >= 1
    assert "read as they are used" in table.warnings[0].message
    assert table.where(0, "spread") == "a.csv, row 2, column spread"


def test_training_streams_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(0).normal(5, 3, (3000, 3)).round(3)
    (tmp_path / "a.csv").write_text("a,b,y\n" + "\n".join(",".join(map(str, row)) for row in draw))
    large(monkeypatch)
    part = prepare(DATA, tmp_path).parts["train"]
    stream = part.streams["features"]
    rows = part.rows[[0, 700, 1500, 20]]
    found = stream.tensor(np.asarray(stream.source[rows])).numpy()  # pyright: ignore
    scale = stream.scale
    assert scale is not None
    np.testing.assert_allclose(found, (draw[rows, :2] - scale.offset) * scale.factor, rtol=1e-4, atol=1e-5)


def test_it_is_made_once_and_anew_where_the_file_has_changed(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines(1000)))
    large(monkeypatch)
    read_table(DATA.source, tmp_path)
    (made,) = home.iterdir()
    changed = [one.stat().st_mtime_ns for one in made.glob("*.parquet")]
    shutil.copytree(tmp_path, tmp_path / "c", copy_function=shutil.copy2)
    read_table(DATA.source, tmp_path / "c")  # another place, the same file
    assert list(home.iterdir()) == [made]
    assert [one.stat().st_mtime_ns for one in made.glob("*.parquet")] == changed
    path.write_text("\n".join(lines(1001)))
    assert read_table(DATA.source, tmp_path).samples == 1001
    assert len(list(home.iterdir())) == 2


def test_texts_that_come_late_among_numbers_offer_what_can_be_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(at: int, row: list[str]) -> None:
        row[0] = "viel" if at in (1500, 1600) else row[0]

    (tmp_path / "a.csv").write_text("\n".join(lines(2000, late)))
    large(monkeypatch)
    with pytest.raises(DataError, match="row 1502, column spread: 'viel' is no number") as caught:
        read_data(DATA, tmp_path)
    fix = next(one for one in caught.value.fixes if one.label.startswith("Leave out"))
    ready = read_data(fix.edit(Project(data=DATA)).data, tmp_path)
    assert len(ready.source_rows) == 1998


@pytest.mark.parametrize("bad", ["1,2", "1,2,3,4,5", '1,"2,3,4'])
def test_rows_that_are_none_are_told_with_their_number_and_can_be_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    rows = [f"{at},{at},{at},{at % 7}" for at in range(2000)]
    rows[1500] = bad
    (tmp_path / "a.csv").write_text("\n".join(["a,b,c,y", *rows]))
    large(monkeypatch)
    with pytest.raises(DataError, match="row 1502") as caught:
        read_table(DATA.source, tmp_path)
    if '"' in bad:
        return
    (fix,) = caught.value.fixes
    assert isinstance(fix, Fix)
    mended = fix.edit(Project(data=DATA)).data
    for _ in range(2):  # made, and found again
        table = read_table(mended.source, tmp_path)
        assert table.samples == 1999
        assert "1 of 2,000 rows cannot be read and is left out (row 1502)" in table.warnings[-1].message


def test_what_is_no_text_is_told(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"{at},{at}".encode() for at in range(2000)]
    large(monkeypatch)
    for odd, told in ((b"\xff,1", "row 1502: the byte 0xff is no UTF-8 text"), (b"\0,1", "row 1502: .* NUL")):
        (tmp_path / "a.csv").write_bytes(b"\n".join([b"a,y", *rows[:1500], odd, *rows[1501:]]))
        with pytest.raises(DataError, match=told):
            read_table(DATA.source, tmp_path)
    assert list(home.iterdir()) == []


def test_a_disk_without_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("\n".join(lines(1000)))
    large(monkeypatch)
    monkeypatch.setattr(csv_large, "ROOM", 1e15)
    with pytest.raises(DataError, match="has no room for"):
        read_table(DATA.source, tmp_path)


def test_it_tells_how_far_it_is_and_can_be_stopped(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_text("\n".join(lines(2000)))
    large(monkeypatch)
    seen: list[float] = []
    note = watched.Progress.note

    def looked(self: watched.Progress, share: float) -> None:
        note(self, share)
        assert self.going is not None
        assert self.going.what.startswith("a.csv is made ready")
        seen.append(self.going.share)
        if share > 0.5:
            self.stop(current_thread())

    monkeypatch.setattr(watched.Progress, "note", looked)
    errors: list[Exception] = []

    def read() -> None:
        try:
            read_table(DATA.source, tmp_path)
        except DataError as error:
            errors.append(error)

    thread = Thread(target=read)
    thread.start()
    thread.join()
    assert "Reading was stopped" in str(errors[0])
    assert seen == sorted(seen)
    assert 0.5 < seen[-1] < 0.6
    assert watched.progress.going is None
    assert list(home.iterdir()) == []
    monkeypatch.undo()

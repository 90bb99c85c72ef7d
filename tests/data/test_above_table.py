"""What people's files have above a table, and at the ends of its rows: left out, told, and counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.data.pipeline import Ready, read_data
from studio.data.raw import DataError
from studio.data.recognise import recognise
from studio.data.sources import csv_large, csv_pieces
from studio.data.sources.csv_text import open_text
from studio.data.sources.table import read_rows
from studio.project.project import Data, Project, Setting
from studio.ui.import_look import Look, look

ROWS = [(at, at % 7 / 2, at * 37 % 11) for at in range(60)]
PLAIN = ["hour,temp,load", *(f"{a},{b},{c}" for a, b, c in ROWS)]
SEMICOLONS = [line.replace(",", ";") for line in PLAIN]
DECIMAL = [SEMICOLONS[0], *(line.replace(".", ",") for line in SEMICOLONS[1:])]


def taken(folder: Path, lines: list[str], name: str = "t.csv", end: str = "\n") -> tuple[Look, Ready, str]:
    """A file as the program takes it, and why it was taken for a table."""
    (folder / name).write_bytes(end.join(lines).encode())
    guess = next(one for one in recognise(folder / name, folder).proposals if one.source.type == "CSV")
    seen = look(Project(), Data(guess.source), folder)
    assert seen.sound
    assert seen.network is not None
    return seen, read_data(seen.data, folder), guess.why


def is_whole(ready: Ready) -> None:
    assert list(ready.table.columns) == ["hour", "temp", "load"]
    assert ready.raw.arrays["features"].tolist() == [[a, b] for a, b, _ in ROWS]
    assert ready.raw.samples == 60


ABOVE: dict[str, tuple[list[str], int]] = {
    "sep": (["sep=;", *SEMICOLONS], 0),
    "sep in quotes, another case, padded": (['"SEP=;"', *DECIMAL], 0),
    "sep that the names do not show": (["sep=|", *(line.replace(",", "|") for line in PLAIN)], 0),
    "a comment": (["# measured in May", *PLAIN], 1),
    "comments and a blank line": (["# Station 4", "# lat, lon: 52.5, 13.4, 3", "#", "", *PLAIN], 3),
    "comments as wide as the table": (["# Berlin, Mitte, 2024", *PLAIN], 1),
    "a title": (["Loads of 2024", *PLAIN], 1),
    "a title and a blank line": (["Loads of 2024", "", *DECIMAL], 1),
    "a title with a comma": (["Loads, by hour", *DECIMAL], 1),
    "an instrument's lines": (
        ["Instrument: X-7", "Serial;0815", "Operator, A. B.", "Started: 2024-01-05 13:07", "", *DECIMAL],
        4,
    ),
    "an office's lines": (['"Data Source","Loads"', "", '"Last Updated Date","2024-06-28"', "", *PLAIN], 2),
    "pairs as wide as the table": (
        ["Station;Berlin;", "Latitude;52,5;", "Longitude;13,4;", "Height;34;m", "", *DECIMAL],
        4,
    ),
    "a title padded by a spreadsheet": (["Loads of 2024;;", ";;", *SEMICOLONS], 1),
    "sep and a title": (["sep=;", "Loads of 2024", *DECIMAL], 1),
}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("name", ABOVE)
def test_what_is_above_a_table_is_no_data(tmp_path: Path, name: str, end: str) -> None:
    lines, said = ABOVE[name]
    seen, ready, why = taken(tmp_path, lines, end=end)
    is_whole(ready)
    told = f"{said} line{'s' if said > 1 else ''} above the table {'are' if said > 1 else 'is'} left out"
    warnings = [one.message for one in seen.description.problems]
    assert [f"t.csv: {told}" in one for one in warnings] == ([True] if said else [])
    assert (told in why) == bool(said)


@pytest.mark.parametrize("name", ABOVE)
def test_rows_keep_their_numbers(tmp_path: Path, name: str) -> None:
    lines, _ = ABOVE[name]
    at = len(lines) - 4
    delimiter = next(one for one in ";|," if one in lines[-1])
    broken = [*lines[:at], delimiter.join("1234"), *lines[at + 1 :]]
    (tmp_path / "t.csv").write_text("\n".join(broken))
    with pytest.raises(DataError, match=rf"t.csv, row {at + 1}, column 4: expected 3 values, got 4"):
        read_data(Data(Setting("CSV", {"path": "t.csv"})), tmp_path)
    odd = [*lines[:at], delimiter.join(["x", "1", "2"]), *lines[at + 1 :]]
    (tmp_path / "t.csv").write_text("\n".join(odd))
    with pytest.raises(DataError, match=rf"t.csv, row {at + 1}, column hour: 'x' is no number"):
        read_data(Data(Setting("CSV", {"path": "t.csv"})), tmp_path)


def test_a_text_of_another_name_is_a_table_too(tmp_path: Path) -> None:
    seen, ready, why = taken(tmp_path, ["Loads of 2024", "by the hour", *PLAIN], "t.dat")
    is_whole(ready)
    assert "all lines have as many commas; 2 lines above the table are left out, the first" in why
    assert len(seen.description.problems) == 1


def test_a_series_under_a_title_is_one(tmp_path: Path) -> None:
    rows = [f"2024-01-{at + 1:02};{at * 7 % 11},5" for at in range(28)]
    (tmp_path / "u.csv").write_text("\n".join(["Station 4", "", "time;load", *rows]))
    best = recognise(tmp_path / "u.csv", tmp_path).proposals[0]
    assert best.source.type == "TimeSeries"
    source = replace(best.source, params={**best.source.params, "history": 3})
    assert read_data(Data(source), tmp_path).raw.samples == 25


def test_comments_may_end_with_the_names_or_stand_above_none(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("# from a run\n# in May\n# x, y\n1,2\n3,4\n")
    assert open_text(tmp_path / "a.csv").header == ("# x", "y")
    (tmp_path / "b.csv").write_text("## from a run\n#name\tkind\nRex\tdog\nTom\tcat\n")
    assert open_text(tmp_path / "b.csv").header == ("#name", "kind")
    (tmp_path / "c.csv").write_text("# from a run\n1,2\n3,4\n")
    text = open_text(tmp_path / "c.csv")
    assert (text.numbered, text.header, [line for line, _ in text.rows()]) == (
        True,
        ("column1", "column2"),
        [2, 3],
    )


def test_the_rows_tell_the_delimiter_of_names_in_a_comment(tmp_path: Path) -> None:
    head = "# codes of 2024, by us\n#\n#code\tname of country, territory, or area\tcomment\n"
    (tmp_path / "a.tab").write_text(
        head + "AD\tAndorra\nAE\tEmirates\tseven, since 1972\nAF\tAfghanistan\t\n"
    )
    text = open_text(tmp_path / "a.tab")
    assert (text.delimiter, text.above.lines) == ("\t", 2)
    assert text.header == ("#code", "name of country, territory, or area", "comment")


ORDINARY = [
    "# a list of things\nbread and butter\nmilk, if there is some\neggs\nflour\n",
    "#id,name\n1,foo\n2,bar\n3,baz\n",
    "#id,name\na,foo\nb,bar\nc,baz\n",
    "#love this,pos\n#hate it,neg\nhello you,pos\nnice one,pos\n",
    "# values\n1\n2\n3\n",
    "text\nhello; you 1\nfoo; bar 2\nbaz; all 3\n",
    "name\nTom\nRex\nBob\n",
    "#one\n#two\nthree\nfour\n",
    "time,temp\ns,C\n1,2\n2,3\n3,4\n",
    ",A,A2,B\n,x,y,z\n1,2,3,4\n2,3,4,5\n",
    "a,b,c\n,,1\n,,2\nx,y,3\n",
    "id,,\n1,2,3\n4,5,6\n7,8,9\n",
    "1,2,3\n4,5,6\n",
    "5,,,\n1,2,3,4\n5,6,7,8\n",
    'note,n\n"# a, b",1\n"c",2\n',
    "a,b\n1,2\n\n3,4\n\nc,d\n5,6\n",
    "name,score\nTom,5\nBob,6\n\nname2,score2\nAnn,7\nEve,8\n",
    "day,score\n\nSat,5\nSun,6\n\nMon,7\nTue,8\n",
    "country,2019,2020\nPeru,1,2\nChad,4,5\nMali,1,2\n",
]


@pytest.mark.parametrize("content", ORDINARY)
def test_nothing_is_taken_off_an_ordinary_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.csv").write_text(content)
    text = open_text(tmp_path / "a.csv")
    assert text.above.lines == 0
    assert text.content == content.encode()
    assert not text.added


@pytest.mark.parametrize(
    "content",
    [
        "name,kind\n1,Rex,dog\n2,Tom,cat\n3,Bob,dog\n",
        "a,b\n1,2,3\n4,5,6\n",
        "text\nhello, you\nfoo, bar\nbaz, all\n",
        "value\n1,5\n2,5\n3,5\n",
        "a,b,c\nx,1,2,3\ny,2,3,4\nz,3,4,5\n",
    ],
)
def test_names_that_are_too_few_are_told_as_before(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(DataError, match=r"a.csv, row 2, column \d: expected \d values, got \d"):
        read_data(Data(Setting("CSV", {"path": "a.csv"})), tmp_path)


ENDS = {
    "rows": [PLAIN[0], *(f"{line}," for line in PLAIN[1:])],
    "rows and names": [f"{line}," for line in PLAIN],
    "the names": [f"{PLAIN[0]},", *PLAIN[1:]],
    "some rows": [PLAIN[0], *(f"{line}{',' * (at % 2)}" for at, line in enumerate(PLAIN[1:]))],
    "rows and names, but for one": [f"{line}," for line in PLAIN[:-1]] + PLAIN[-1:],
    "rows under comments": ["# May", PLAIN[0], *(f"{line}," for line in PLAIN[1:])],
}


@pytest.mark.parametrize("name", ENDS)
def test_a_delimiter_at_the_end_of_a_row_makes_no_column(tmp_path: Path, name: str) -> None:
    _, ready, _ = taken(tmp_path, ENDS[name])
    is_whole(ready)


def test_a_text_alone_in_its_row_may_not_end_with_a_delimiter(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text\nhello\nwell,\nso\n")
    with pytest.raises(DataError, match=r"t.csv, row 3, column 2: expected 1 values, got 2"):
        read_data(Data(Setting("CSV", {"path": "t.csv"})), tmp_path)


def test_a_line_longer_than_what_is_looked_at_is_read_as_before(tmp_path: Path) -> None:
    names = [f"column_of_a_long_name_{at}" for at in range(5000)]
    rows = [",".join(f"{at * row % 11}" for at in range(5000)) for row in range(1, 5)]
    (tmp_path / "t.csv").write_text("\n".join([",".join(names), *rows]))
    assert len(open_text(tmp_path / "t.csv").header) == 5000


def test_without_names_a_delimiter_at_the_end_makes_none_either(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("".join(f"{line},\n" for line in PLAIN[1:]))
    ready = read_data(Data(Setting("CSV", {"path": "t.csv"})), tmp_path)
    assert list(ready.table.columns) == ["column1", "column2", "column3"]


def test_a_value_behind_the_last_delimiter_is_told(tmp_path: Path) -> None:
    lines = list(ENDS["rows"])
    lines[40] += "7"
    (tmp_path / "t.csv").write_text("\n".join(lines))
    with pytest.raises(DataError, match=r"t.csv, row 41, column 4: expected 3 values, got 4"):
        read_data(Data(Setting("CSV", {"path": "t.csv"})), tmp_path)


MANY = [f"{at},{at / 8},{at % 5}" for at in range(4000)]
LONG = {
    "comments": ["# May", "# by us", "a,b,c", *MANY],
    "sep": ["sep=;", "a;b;c", *(line.replace(",", ";") for line in MANY)],
    "ends": ["a,b,c", *(f"{line}," for line in MANY)],
    "both": ["A title", "", "a,b,c", *(f"{line}," for line in MANY)],
}


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("name", LONG)
def test_large_files_are_read_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, mark: str
) -> None:
    monkeypatch.setenv("NEUROLOOM_HOME", str(tmp_path / "home"))
    (tmp_path / "t.csv").write_text(mark + "\n".join(LONG[name]), encoding="utf-8")
    source = Setting("CSV", {"path": "t.csv"})
    whole = read_rows(open_text(tmp_path / "t.csv"))[0]
    expected = np.array([line.split(",") for line in MANY], np.float64)
    assert np.array_equal(whole.to_numpy(), expected)
    monkeypatch.setattr(csv_pieces, "FROM", 1000)
    monkeypatch.setattr(csv_pieces, "PIECE", 4096)
    found = csv_pieces.read_pieces(tmp_path / "t.csv")
    assert found is not None
    pieced = read_data(replace(Data(source), options={}), tmp_path)
    assert list(pieced.table.columns) == ["a", "b", "c"]
    assert np.array_equal(np.asarray(pieced.raw.arrays["features"]), expected[:, :2].astype(np.float32))
    monkeypatch.setattr(csv_large, "SHARE", 0.0)
    monkeypatch.setattr(csv_large, "PIECE", 8192)
    (tmp_path / "u.csv").write_text(mark + "\n".join(LONG[name]), encoding="utf-8")
    assert csv_large.is_large(tmp_path / "u.csv")
    stored = read_data(Data(Setting("CSV", {"path": "u.csv"})), tmp_path)
    rows = np.arange(4000)
    assert list(stored.table.columns) == ["a", "b", "c"]
    assert np.array_equal(np.asarray(stored.raw.arrays["features"][rows]), expected[:, :2].astype(np.float32))
    first = next(at for at, line in enumerate(LONG[name], 1) if line.startswith("0"))
    assert stored.table.where(0, "a") == f"u.csv, row {first}, column a"

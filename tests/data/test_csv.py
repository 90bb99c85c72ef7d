"""CSV files: what is recognised, what columns become, and messages with file, row and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.data.describe import describe
from studio.data.pipeline import read_source
from studio.data.raw import Column, DataError, RawData
from studio.errors import Problem
from studio.project.project import Data, Setting


def read(folder: Path, content: str | bytes, **params: str) -> RawData:
    (folder / "data.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_source(Setting("CSV", {"path": "data.csv", **params}), folder)


def problem(folder: Path, content: str | bytes, **params: str) -> Problem:
    with pytest.raises(DataError) as caught:
        read(folder, content, **params)
    told = describe(Data(Setting("CSV", {"path": "data.csv", **params})), folder)
    assert told.problems == (caught.value.problem(),)
    assert told.fields == {}
    assert caught.value.hint
    return told.problems[0]


@pytest.mark.parametrize(
    "content",
    [
        "a,b,y\n1,2.5,3\n4,5.5,6\n",
        "a;b;y\n1;2.5;3\n4;5.5;6\n",
        "a;b;y\n1;2,5;3\n4;5,5;6\n",
        "a\tb\ty\n1\t2.5\t3\n4\t5.5\t6\n",
        "a|b|y\n1|2.5|3\n4|5.5|6\n",
        'a|"b"|y\n"1"|2,5|3\n4| "5,5"|6\n',
        "\ufeffa,b,y\r\n1,2.5,3\r\n\r\n4,5.5,6",
        'a, "b", y\n1, "2.5", 3\n4, 5.5, 6\n',
        "a,b,y,\n1,2.5,3,\n4,5.5,6,\n",
    ],
    ids=[
        "comma",
        "semicolon",
        "decimal comma",
        "tab",
        "bars",
        "bars, quotes",
        "bom, crlf, blank line",
        "quotes, spaces",
        "tail",
    ],
)
def test_the_same_table_in_many_spellings(tmp_path: Path, content: str) -> None:
    raw = read(tmp_path, content)
    assert raw.arrays["features"].tolist() == [[1, 2.5], [4, 5.5]]
    assert raw.arrays["y"].tolist() == [[3], [6]]
    assert raw.columns["features"] == (Column("a"), Column("b"))
    assert [(f.name, f.shape, f.role) for f in raw.fields.values()] == [
        *[("features", (2,), "input"), ("y", (1,), "target"), ("a", (1,), "input"), ("b", (1,), "input")]
    ]


def test_a_file_without_header_gets_numbered_columns(tmp_path: Path) -> None:
    raw = read(tmp_path, "1,2\n3,4\n5,6\n")
    assert raw.arrays["column2"].tolist() == [[2], [4], [6]]


def test_several_targets_and_ignored_columns(tmp_path: Path) -> None:
    raw = read(tmp_path, "id,u,v,w\n7,1,2,3\n8,4,5,6\n", target="u, w", ignore="id")
    assert {f.name for f in raw.fields.values() if f.role == "target"} == {"u", "w"}
    assert raw.arrays["features"].tolist() == [[2], [5]]


def test_texts_become_classes_and_places_in_features(tmp_path: Path) -> None:
    raw = read(tmp_path, "size,colour,kind\n" + "1,red,cat\n2,blue,dog\n3,red,cat\n4,blue,cat\n")
    assert raw.fields["kind"].classes == ("cat", "dog")
    assert raw.arrays["kind"].tolist() == [0, 1, 0, 0]
    assert raw.fields["colour"].classes == ("blue", "red")
    assert raw.fields["colour"].role == "input"
    assert raw.columns["features"] == (Column("size"), Column("colour", ("blue", "red")))
    assert raw.arrays["features"].tolist() == [[1, 0, 1], [2, 1, 0], [3, 0, 1], [4, 1, 0]]


def test_whole_numbers_to_predict_are_classes_only_where_they_come_up_often(tmp_path: Path) -> None:
    often = "x,y\n" + "".join(f"{i}.5,{i % 3}\n" for i in range(30))
    seldom = "x,y\n1,0\n2,1\n3,2\n4,3\n"
    assert read(tmp_path, often).fields["y"].classes == ("0", "1", "2")
    assert read(tmp_path, often, target_kind="numbers").fields["y"].dtype == "float32"
    assert read(tmp_path, seldom).fields["y"].classes is None
    assert read(tmp_path, seldom, target_kind="classes").fields["y"].classes == ("0", "1", "2", "3")


def test_column_names_become_identifiers_that_differ(tmp_path: Path) -> None:
    raw = read(
        tmp_path, "sepal length (cm),sepal-length (cm),2nd,年龄,features,class\n1,2,3,4,5,6\n7,8,9,1,2,3\n"
    )
    assert list(raw.fields) == [
        *["features", "class", "sepal_length__cm", "sepal_length__cm_2", "n2nd", "年龄", "features_2"]
    ]


def test_a_text_column_with_too_many_texts_is_left_out_with_a_warning(tmp_path: Path) -> None:
    raw = read(tmp_path, "name,a,y\n" + "".join(f"n{i},{i},{i}.5\n" for i in range(20)))
    assert "name" not in raw.fields
    assert raw.fields["features"].shape == (1,)
    (warning,) = raw.warnings
    assert (warning.severity, warning.field) == ("warning", "data.ignore")
    assert "column name holds 20 different texts" in warning.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "data.csv is empty"),
        (" \n\n", "data.csv is empty"),
        ("a,b\n", "data.csv holds no row of data"),
        ("a,b\n1,2\n", "data.csv holds one row of data"),
        ("a,b\n1,2\n3\n4,5\n", "data.csv, row 3, column 2: expected 2 values, got 1"),
        ("a,b\n1,2\n\n3,4,5\n", "data.csv, row 4, column 3: expected 2 values, got 3"),
        ('a,b\n"x\ny",2\n3\n', "data.csv, row 4, column 2: expected 2 values, got 1"),
        ("a,b\n1,2\n2,3\nx,4\n", "data.csv, row 4, column a: 'x' is no number; 2 of 3 values are"),
        ("a,b\n1,2\n1_0,3\n3,4\n", "data.csv, row 3, column a: '1_0' is no number"),
        ("a,b\n1,2\n3,NA\n4,5\n", "data.csv, row 3, column b: the value is missing, as in 1 of 3 rows"),
        ("a,b\n,2\n,3\n", "data.csv, row 2, column a: the whole column is empty"),
        ("a,b\n1,2\ninf,3\n", "data.csv, row 3, column a: inf is no finite number"),
        ("a,b\n1,2\n-1e39,3\n", "data.csv, row 3, column a: -1e39 is too large; numbers go up to 3.4e+38"),
        ("a,b,a\n1,2,3\n4,5,6\n", "data.csv, row 1: the columns 1 and 3 are both called a"),
        ('a,b\n1,2\n3,"4\n', "data.csv, row 3: the row cannot be read"),
        ("a,b\n1,2\n数,3\n".encode("gbk"), "data.csv, row 3: the byte 0xca is no UTF-8 text"),
        ("a,b\n1,2\n".encode("utf-16"), "data.csv is UTF-16 text, expected UTF-8"),
        ("a,b\n1,2\n\0,3\n", "data.csv, row 3: there is a NUL character"),
    ],
)
def test_what_is_wrong_is_said_with_file_row_and_column(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    found = problem(tmp_path, content)
    assert found.message.startswith(message)
    settings = {"expected 2 values": "broken", "both called": "repeated"}
    at = next((name for words, name in settings.items() if words in message), "path")
    assert (found.severity, found.field) == ("error", f"data.{at}")


def test_settings_that_do_not_fit_the_file_are_said_at_the_setting(tmp_path: Path) -> None:
    table = "a,b\n1,x\n2,y\n3,x\n"
    assert problem(tmp_path, table, target="z").field == "data.target"
    assert "Its columns are a, b" in problem(tmp_path, table, ignore="z").hint
    assert problem(tmp_path, table, target="a,b").field == "data.target"
    assert problem(tmp_path, table, target="a", ignore="a").field == "data.ignore"
    assert problem(tmp_path, table, target_kind="numbers").message.startswith(
        "data.csv, row 2, column b: 'x'"
    )
    assert problem(tmp_path, table, missing="perhaps").field == "data.missing"


def test_rows_with_missing_values_are_left_out_on_request_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    table = "a,b\n1,2\n,3\n4,5\n6,?\n7,8\n"
    raw = read(tmp_path, table, missing="skip")
    assert raw.arrays["features"].tolist() == [[1], [4], [7]]
    wrong = problem(tmp_path, table + "10,x\n", missing="skip")
    assert wrong.message.startswith("data.csv, row 7, column b: 'x' is no number")


def test_a_missing_file_is_named_with_its_whole_path(tmp_path: Path) -> None:
    told = describe(Data(Setting("CSV", {"path": "sub/none.csv"})), tmp_path)
    assert str(tmp_path / "sub" / "none.csv") in told.problems[0].message
    assert told.problems[0].field == "data.path"
    folder = describe(Data(Setting("CSV", {"path": "."})), tmp_path)
    assert "is a folder" in folder.problems[0].message


@pytest.mark.parametrize("path", ["~nobody_of_that_name/a.csv", "a\0b.csv", "loop.csv", "x" * 5000])
def test_odd_paths_are_problems_too(tmp_path: Path, path: str) -> None:
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    for type, param in (("CSV", "path"), ("Arrays", "path"), ("IDX", "folder")):
        (problem,) = describe(Data(Setting(type, {param: path})), tmp_path).problems
        assert (problem.severity, problem.field) == ("error", f"data.{param}")


def test_a_hundred_thousand_rows_are_read_whole(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).random((100_000, 10)).round(5)
    np.savetxt(tmp_path / "big.csv", numbers, "%.5f", ",", header=",".join("abcdefghij"), comments="")
    raw = read_source(Setting("CSV", {"path": "big.csv"}), tmp_path)
    assert np.array_equal(raw.arrays["features"], numbers[:, :9])


def test_an_identifier_is_kept_out_without_a_warning(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "id,x,y\n" + "".join(f"k{at:03},{at % 7},{at % 2}\n" for at in range(200))
    )
    described = describe(Data(Setting("CSV", {"path": "a.csv"})), tmp_path)
    assert described.problems == ()
    first = described.facts[0]
    assert (first.name, first.kind, first.role) == ("id", "identifier", "ignore")
    (tmp_path / "b.csv").write_text("id,y\n" + "".join(f"k{at:03},{at % 2}\n" for at in range(200)))
    alone = describe(Data(Setting("CSV", {"path": "b.csv"})), tmp_path)
    assert [(one.kind, one.role) for one in alone.facts] == [("text", "input"), ("category", "target")]

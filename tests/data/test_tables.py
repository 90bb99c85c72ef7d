"""Tables in files of every kind: the same columns, messages with file, row and column."""

from __future__ import annotations

from datetime import date
from itertools import repeat
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

from studio.data import row_groups
from studio.data.describe import describe
from studio.data.pipeline import Ready, read_data
from studio.data.prepare import prepare
from studio.data.raw import DataError
from studio.data.sources import parquet
from studio.project.project import Data, FieldSetting, Setting
from studio.train.samples import Samples

FRAME = pl.DataFrame(
    {
        "size": [1.5, 2.0, 3.25, 4.0, 5.0, 6.0],
        "colour": ["red", "blue", "red", "blue", "red", "blue"],
        "on": [True, False, True, True, False, False],
        "day": [date(2026, 1, at) for at in range(1, 7)],
        "place": [[float(at), at + 1.0] for at in range(6)],
        "kind": ["cat", "dog", "cat", "cat", "dog", "cat"],
    }
)


def ready(
    folder: Path, type: str, path: str, fields: dict[str, FieldSetting] | None = None, **params
) -> Ready:
    return read_data(Data(Setting(type, {"path": path, **params}), fields=fields or {}), folder)


def write(folder: Path, type: str, frame: pl.DataFrame = FRAME) -> str:
    if type == "Parquet":
        frame.write_parquet(folder / "a.parquet")
        return "a.parquet"
    if type == "Arrow":
        frame.write_ipc(folder / "a.arrow")
        return "a.arrow"
    if type == "JSONLines":
        frame.write_ndjson(folder / "a.jsonl")
        return "a.jsonl"
    return excel(folder, frame)


def excel(folder: Path, frame: pl.DataFrame, sheets: tuple[str, ...] = ("data",)) -> str:
    from samples.spreadsheets import write_xlsx

    rows = [frame.columns, *frame.rows()]
    write_xlsx(folder / "a.xlsx", dict.fromkeys(sheets, rows))
    return "a.xlsx"


def problem(folder: Path, type: str, path: str, **params) -> DataError:
    with pytest.raises(DataError) as caught:
        ready(folder, type, path, **params)
    assert caught.value.hint
    told = describe(Data(Setting(type, {"path": path, **params})), folder)
    assert told.problems == (caught.value.problem(),)
    return caught.value


@pytest.mark.parametrize("type", ["Parquet", "Arrow", "JSONLines"])
def test_every_kind_of_column_of_a_table(tmp_path: Path, type: str) -> None:
    found = ready(tmp_path, type, write(tmp_path, type))
    kinds = {name: one.kind for name, one in found.planned.items()}
    assert kinds == {
        "size": "number",
        "colour": "category",
        "on": "category",
        "day": "time",
        "place": "number",
        "kind": "category",
    }
    raw = found.raw
    assert raw.fields["kind"].classes == ("cat", "dog")
    assert raw.fields["kind"].role == "target"
    assert raw.fields["place"].shape == (2,)
    assert raw.arrays["place"].tolist() == FRAME["place"].to_list()
    assert [column.name for column in raw.columns["features"]] == ["size", "colour", "on", "day"]
    assert raw.arrays["features"][1].tolist()[:5] == [2.0, 1.0, 0.0, 1.0, 0.0]
    assert raw.fields["on"].classes == ("false", "true")


def test_a_spreadsheet_is_a_table(tmp_path: Path) -> None:
    path = excel(tmp_path, FRAME.drop("place", "day"), ("data", "more"))
    for sheet in ("", "more"):
        raw = ready(tmp_path, "Excel", path, sheet=sheet).raw
        assert raw.fields["kind"].classes == ("cat", "dog")
        assert raw.arrays["size"].tolist() == [[one] for one in FRAME["size"]]
    wrong = problem(tmp_path, "Excel", path, sheet="none")
    assert (wrong.param, wrong.hint) == ("sheet", "It has data, more.")


@pytest.mark.parametrize("type", ["Parquet", "Arrow", "JSONLines", "Excel"])
def test_a_damaged_file_and_a_missing_value_are_told(tmp_path: Path, type: str) -> None:
    frame = FRAME.drop("place", "day").with_columns(pl.Series("size", [1.5, 2, None, 4, None, 6]))
    path = write(tmp_path, type, frame)
    row = 4 if type == "Excel" else 3
    wrong = problem(tmp_path, type, path)
    assert wrong.message == f"{path}, row {row}, column size: the value is missing, as in 2 of 6 rows."
    found = ready(tmp_path, type, path, {"size": FieldSetting(missing="mean")})
    train = FRAME["size"].to_numpy()[[row for row in found.rows["train"] if row not in (2, 4)]]
    assert found.raw.arrays["size"][2] == pytest.approx(train.mean())
    content = (tmp_path / path).read_bytes()
    (tmp_path / path).write_bytes(content[: len(content) // 2])
    assert problem(tmp_path, type, path).message.startswith(f"{path}")
    (tmp_path / path).write_bytes(b"")
    assert problem(tmp_path, type, path).message.startswith(f"{path}")


def test_lines_that_are_no_objects_are_told_with_their_row(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a": 1, "b": 2}\n{"a": 2\n{"a": 3, "b": 4}\n')
    assert problem(tmp_path, "JSONLines", "a.jsonl").message.startswith("a.jsonl, row 2: the line is no JSON")
    (tmp_path / "a.jsonl").write_text('{"a": 1, "b": 2}\n[1, 2]\n')
    assert problem(tmp_path, "JSONLines", "a.jsonl").message == (
        "a.jsonl, row 2: expected an object, got [1, 2]."
    )


def test_objects_within_objects_and_a_list_of_objects(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"a": {"x": 1, "y": {"z": 2}}, "b": 3}, {"a": {"x": 4}, "b": 5}]')
    found = ready(tmp_path, "JSONLines", "a.json", {"a.y.z": FieldSetting(missing="zero")})
    assert list(found.table.columns) == ["a.x", "a.y.z", "b"]
    assert found.raw.arrays["features"].tolist() == [[1, 2], [4, 0]]


def test_a_folder_of_parquet_files_is_one_table(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    for at in range(3):
        FRAME.write_parquet(tmp_path / "parts" / f"{at}.parquet")
    assert ready(tmp_path, "Parquet", "parts").raw.samples == 18
    odd = FRAME.with_columns(pl.Series("size", [None, None, 1.0, 1, 1, 1]))
    odd.write_parquet(tmp_path / "parts" / "1.parquet")
    message = problem(tmp_path, "Parquet", "parts").message
    assert message.startswith("1.parquet, row 1, column size: the value is missing")
    FRAME.drop("on").write_parquet(tmp_path / "parts" / "2.parquet")
    assert problem(tmp_path, "Parquet", "parts").message == (
        "2.parquet, column on: no such column, but Boolean in 0.parquet."
    )


def test_a_parquet_table_larger_than_memory_is_read_as_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "a": rng.random(5000),
            "colour": rng.choice(["red", "blue", "green"], 5000),
            "b": rng.integers(0, 9, 5000),
            "y": rng.random(5000),
        }
    )
    for at in range(2):
        frame[at * 2500 : (at + 1) * 2500].write_parquet(tmp_path / f"{at}.parquet", row_group_size=300)
    monkeypatch.setattr(parquet, "budget", lambda: 1000)
    monkeypatch.setattr(row_groups, "BLOCK", 512)
    found = ready(tmp_path, "Parquet", ".")
    lazy = found.raw.arrays["features"]
    assert not isinstance(lazy, np.ndarray)
    assert lazy.shape == (5000, 5)
    rows = rng.permutation(5000)[:700]
    values = lazy[rows]
    assert values[:, 0].tolist() == frame["a"].to_numpy()[rows].tolist()
    assert values[:, 4].tolist() == frame["b"].to_numpy()[rows].tolist()
    assert (values[:, 1] == (frame["colour"].to_numpy()[rows] == "blue")).all()
    prepared = prepare(Data(Setting("Parquet", {"path": "."})), tmp_path)
    stream = prepared.parts["train"].streams["features"]
    made = stream.source.take(rows) if hasattr(stream.source, "take") else stream.source[rows]
    assert np.array_equal(made, values)
    assert "read as they are used" in found.raw.warnings[0].message


def test_numbers_larger_than_memory_are_read_together_with_what_is_to_be_predicted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = np.random.default_rng(0).normal(5.0, 3.0, (5000, 4))
    frame = pl.DataFrame({"a": drawn[:, 0], "b": drawn[:, 1].astype(np.float32), "c": drawn[:, 2].round()})
    frame = frame.with_columns(pl.col("c").cast(pl.Int16), y=pl.Series(drawn[:, 3]))
    for at in range(3):
        frame[at * 2000 : (at + 1) * 2000].write_parquet(tmp_path / f"{at}.parquet", row_group_size=300)
    monkeypatch.setattr(parquet, "budget", lambda: 1000)
    monkeypatch.setattr(row_groups, "BLOCK", 128)
    reads: list[int] = []
    collected = row_groups._collected

    def counted(file: row_groups.Stored, scan: pl.LazyFrame) -> pl.DataFrame:
        reads.append(len(scan.collect_schema()))
        return collected(file, scan)

    monkeypatch.setattr(row_groups, "_collected", counted)
    prepared = prepare(Data(Setting("Parquet", {"path": "."})), tmp_path)
    part = prepared.parts["train"]
    scale, expected = prepared.scales["features"], frame.to_numpy().astype(np.float32)
    reads.clear()
    for epoch in (1, 2):
        samples = Samples(part, ["features", "y"], torch.device("cpu"))
        order = samples.order(7, epoch)
        batches = samples.batches(order, [50] * (len(order) // 50) + [len(order) % 50], repeat(0))
        rows = part.rows[order.numpy()]
        for at, batch in enumerate(batches):
            here = expected[rows[at * 50 : (at + 1) * 50]]
            scaled = (here[:, :3] - scale.offset.astype(np.float32)) * scale.factor.astype(np.float32)
            assert np.array_equal(batch["features"].numpy(), scaled)
            assert np.array_equal(batch["y"].numpy(), here[:, 3:])
        samples.close()
    blocks = -(-5000 // 128)
    assert set(reads) == {4}
    assert len(reads) <= 2 * (blocks + 2)


def test_any_column_can_be_made_another_kind(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "zip,price,share,day,odd,y\n"
        '02134,"$1,200.50",12%,31/01/2026,1,3.5\n'
        '94110,"$900",7%,01/02/2026,2,4.5\n'
        '02134,"$2,000",9%,15/02/2026,x,1.5\n'
    )
    found = ready(tmp_path, "CSV", "a.csv", {"odd": FieldSetting(kind="category")})
    kinds = {name: one.kind for name, one in found.planned.items()}
    assert kinds == {
        "zip": "category",
        "price": "number",
        "share": "number",
        "day": "time",
        "odd": "category",
        "y": "number",
    }
    assert found.raw.arrays["price"].tolist() == [[1200.5], [900], [2000]]
    assert found.raw.arrays["share"].tolist() == [[12], [7], [9]]
    assert found.raw.fields["zip"].classes == ("02134", "94110")
    with pytest.raises(DataError, match=r"a.csv, row 4, column odd: 'x' is no number; 2 of 3 values are"):
        ready(tmp_path, "CSV", "a.csv")
    assert "odd" not in ready(tmp_path, "CSV", "a.csv", {"odd": FieldSetting(role="ignore")}).planned


def test_paths_in_a_table_are_pictures(tmp_path: Path) -> None:
    rows = ["file,mark,label"]
    for at in range(6):
        Image.new("RGB", (4, 4), (at * 40, 0, 0)).save(tmp_path / f"{at}.png")
        Image.new("L", (4, 4), at % 2).save(tmp_path / f"m{at}.png")
        rows.append(f"{at}.png,m{at}.png,{'ab'[at % 2]}")
    (tmp_path / "a.csv").write_text("\n".join(rows))
    found = ready(tmp_path, "CSV", "a.csv", {"mark": FieldSetting(kind="mask", role="target")})
    assert found.raw.arrays["file"][3][0].tolist() == [[120] * 4] * 4
    assert found.raw.fields["file"].shape == (3, 4, 4)
    assert found.raw.arrays["mark"][1].max() == 1
    (tmp_path / "4.png").unlink()
    assert problem(tmp_path, "CSV", "a.csv").message.startswith(
        f"a.csv, row 6, column file: there is no file {tmp_path / '4.png'}"
    )


@pytest.mark.parametrize("encoding", ["Latin-1", "GBK", "UTF-16"])
def test_a_file_in_another_encoding_is_read_when_that_is_said(tmp_path: Path, encoding: str) -> None:
    word = "数" if encoding == "GBK" else "ü"
    content = f"a,b\n1,{word}\n2,x\n3,{word}\n".encode(encoding)
    (tmp_path / "a.csv").write_bytes(content)
    problem(tmp_path, "CSV", "a.csv")
    found = ready(tmp_path, "CSV", "a.csv", encoding=encoding)
    assert set(found.raw.fields["b"].classes or ()) == {word, "x"}


def test_the_first_sheet_that_holds_a_table_is_read_without_noise(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from samples.spreadsheets import write_xlsx

    notes = [["About"], ["Measured in May"], ["By us"]]
    table = [["a", "b", "y"], *((at, at / 2, at % 2) for at in range(20))]
    write_xlsx(tmp_path / "a.xlsx", {"README": notes, "data": table, "more": table[:10]})
    found = describe(Data(Setting("Excel", {"path": "a.xlsx"})), tmp_path)
    assert found.samples == 20
    assert [one.name for one in found.facts] == ["a", "b", "y"]
    assert capfd.readouterr().err == ""

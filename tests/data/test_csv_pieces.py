"""Large CSV files read piece by piece: the same as read whole, or left to the reader of whole files."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pandas
import pytest

from studio.catalog.registry import registry
from studio.data.beside import side_by_side
from studio.data.cells import Held
from studio.data.pipeline import read_data
from studio.data.prepare import prepare
from studio.data.raw import DataError
from studio.data.row_hashes import row_hashes
from studio.data.sources import csv_pieces, table
from studio.data.table import Table
from studio.project.project import Data, Setting

CSV = registry().component("source", "CSV")
assert CSV is not None
PARAMS = CSV.values({"path": "a.csv"})


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_pieces, "PIECE", 1000)
    monkeypatch.setattr(csv_pieces, "FROM", 2000)
    monkeypatch.setattr(csv_pieces, "HEAD", 4000)


def write(folder: Path, rows: list[str], header: str, end: str = "\n") -> Path:
    path = folder / "a.csv"
    path.write_bytes((end.join([header, *rows]) + end).encode())
    return path


def both(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Table, Table]:
    """The table read in pieces, and read whole."""
    assert csv_pieces.read_pieces(folder / "a.csv") is not None
    pieces = table.read(PARAMS, folder)
    with monkeypatch.context() as patch:
        patch.setattr(csv_pieces, "FROM", 2**40)
        return pieces, table.read(PARAMS, folder)


def check_equal(one: Table, other: Table) -> None:
    assert list(one.columns) == list(other.columns)
    rows = np.arange(other.samples)
    for name, column in other.columns.items():
        found = one.columns[name]
        assert (found.kind, found.role) == (column.kind, column.role)
        assert type(found.cells) is type(column.cells)
        np.testing.assert_array_equal(found.cells.take(rows), column.cells.take(rows))


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_pieces_are_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    draw = random.Random(0)
    rows = [
        f"{draw.random():.6g},{draw.gauss(0, 30):.2f},{at},{draw.choice(['rot', 'grün', ''])},"
        f"{draw.choice(['', '1.5', '-2.25'])},{2000 + draw.random():.8f},{at % 3}"
        for at in range(2000)
    ]
    write(tmp_path, rows, "share,spread,number,colour,hole,far,y", end)
    pieces, whole = both(tmp_path, monkeypatch)
    check_equal(pieces, whole)
    held = {name: one.cells for name, one in pieces.columns.items() if isinstance(one.cells, Held)}
    assert {name: one.values.dtype.name for name, one in held.items()} == {
        "share": "float32", "spread": "float32", "number": "float32", "hole": "float32",
        "far": "float64", "y": "float32",
    }  # fmt: skip
    assert held["number"].bounds == (0.0, 1999.0)
    assert held["number"].finite
    assert not held["hole"].finite


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("form", ["{:.6f}", "{:.3e}", "{!r}", "{:.12g}", "{:.0f}"])
def test_single_precision_is_to_the_last_bit_what_pandas_reads(tmp_path: Path, form: str) -> None:
    values = np.random.default_rng(3).normal(scale=30, size=(3000, 3))
    values[:1000] = values[:1000].round(2)  # by its beginning, single precision suffices
    rows = [",".join(form.format(float(one)) for one in row) for row in values]
    rows[:1000] = [",".join(map(str, row)) for row in values[:1000]]
    path = write(tmp_path, rows, "a,b,y")
    found = csv_pieces.read_pieces(path)
    assert found is not None
    read = pandas.read_csv(path).to_numpy(np.float64).astype(np.float32)
    for at, name in enumerate("aby"):
        assert found.numbers[name].values.dtype == np.float32
        np.testing.assert_array_equal(found.numbers[name].values.view(np.int32), read[:, at].view(np.int32))


@pytest.mark.usefixtures("small_pieces")
def test_names_in_quotes_and_a_byte_order_mark_are_before_the_numbers(tmp_path: Path) -> None:
    rows = [f"{at};{at}.5;{at % 2}" for at in range(3000)]
    path = write(tmp_path, rows, '\ufeff"größe";"b";y')
    found = csv_pieces.read_pieces(path)
    assert found is not None
    assert list(found.numbers) == ["größe", "b", "y"]
    np.testing.assert_array_equal(found.numbers["b"].values, np.arange(3000) + 0.5)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("late", ["NA", "lots", "1e300", "12.123456789"])
def test_what_comes_late_is_as_in_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    rows = [f"{at % 7}.25,{at},{at % 2}" for at in range(3000)]
    rows[2500] = f"{late},2500,0"
    write(tmp_path, rows, "a,b,y")
    pieces = table.read(PARAMS, tmp_path)
    monkeypatch.setattr(csv_pieces, "FROM", 2**40)
    whole = table.read(PARAMS, tmp_path)
    for name in ("a", "b"):
        one, other = (of.columns[name].cells.take(np.arange(3000)) for of in (pieces, whole))
        if isinstance(other, np.ndarray):
            np.testing.assert_allclose(np.asarray(one, np.float64), other, rtol=1e-7)
        else:
            assert one == other


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("odd", ['"1\n2",3,0', "1,2", "1,2,0,4", "", "1\r,2,0", "1,\0,0"])
def test_odd_rows_are_left_to_the_reader_of_whole_files(tmp_path: Path, odd: str) -> None:
    rows = [f"{at},{at},{at % 2}" for at in range(3000)]
    rows[2500] = odd
    assert csv_pieces.read_pieces(write(tmp_path, rows, "a,b,y")) is None


@pytest.mark.usefixtures("small_pieces")
def test_a_row_that_is_too_short_is_told_with_its_number(tmp_path: Path) -> None:
    rows = [f"{at},{at},{at % 2}" for at in range(3000)]
    rows[2500] = "1,2"
    write(tmp_path, rows, "a,b,y")
    with pytest.raises(DataError, match="row 2502"):
        table.read(PARAMS, tmp_path)


@pytest.mark.usefixtures("small_pieces")
def test_features_are_the_file_s_own_array(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    values = draw.normal(size=(3000, 4)).round(3)
    values[1500:] = values[:1500]
    write(tmp_path, [",".join(map(str, row)) for row in values], "a,b,c,y")
    data = Data(Setting("CSV", {"path": "a.csv"}))
    ready = read_data(data, tmp_path)
    features = ready.raw.arrays["features"]
    assert features.dtype == np.float32
    assert np.shares_memory(features, ready.table.columns["a"].cells.values)  # pyright: ignore
    np.testing.assert_array_equal(features, values[:, :3].astype(np.float32))
    assert (ready.raw.fields["features"].low, ready.raw.fields["features"].high) == (
        features.min(),
        features.max(),
    )
    for rows in ready.rows.values():  # equal rows are in one part
        assert set(rows % 1500) == set(rows[rows >= 1500] - 1500)
    parts = prepare(data, tmp_path).parts
    train = parts["train"].tensors["features"].numpy()
    np.testing.assert_allclose(train.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(train.std(0), 1, atol=1e-5)


def test_equal_rows_have_equal_hashes_and_others_not() -> None:
    block = np.random.default_rng(0).integers(0, 4, (4000, 5)).astype(np.float32)
    block[7] = -0.0
    block[8] = 0.0
    columns = [Held(block[:, at]) for at in range(5)]
    rows = np.random.default_rng(1).permutation(4000)[:3000]
    hashes = row_hashes(columns, rows)
    assert hashes is not None
    _, expected = np.unique(block[rows] + 0.0, axis=0, return_inverse=True)
    _, found = np.unique(hashes, return_inverse=True)
    assert len(set(zip(expected.tolist(), found.tolist(), strict=True))) == len(set(expected.tolist()))
    assert len(set(found.tolist())) == len(set(expected.tolist()))


def test_columns_that_are_no_neighbours_are_not_side_by_side() -> None:
    block = np.zeros((5, 4), np.float32)
    assert side_by_side([block[:, 0], block[:, 2]]) is None
    assert side_by_side([block[:, 1], block[:, 0]]) is None
    assert side_by_side([block[:, 0], np.zeros(5, np.float32)]) is None
    assert side_by_side([np.zeros(5)]) is None
    found = side_by_side([block[1:4, 1], block[1:4, 2]])
    assert found is not None
    found += 1
    assert block[1:4, 1:3].min() == 1
    assert block.sum() == 6

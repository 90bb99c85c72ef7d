"""The small real tables of samples/make_tables.py, each read by its source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from samples import make_tables
from studio.data.pipeline import read_data
from studio.project.project import Data, Setting


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    make_tables.make(folder)
    return folder


@pytest.mark.parametrize(
    ("type", "path"),
    [
        ("CSV", "wine.tsv"),
        ("CSV", "wine_comma.csv"),
        ("Arrow", "wine.arrow"),
        ("JSONLines", "wine.jsonl"),
        ("Excel", "wine.xlsx"),
        ("Parquet", "wine"),
    ],
)
def test_the_same_table_from_every_kind_of_file(tables: Path, type: str, path: str) -> None:
    one = read_data(Data(Setting("CSV", {"path": "wine.csv"})), tables).raw
    other = read_data(Data(Setting(type, {"path": path})), tables).raw
    assert other.fields["grape"].classes == one.fields["grape"].classes == tuple(sorted(make_tables.GRAPES))
    first, second = one.arrays["features"], other.arrays["features"]
    assert sorted(map(tuple, first)) == sorted(map(tuple, second))


def test_pictures_by_their_paths(tables: Path) -> None:
    raw = read_data(Data(Setting("CSV", {"path": "pictures.csv"})), tables).raw
    assert raw.fields["file"].shape == (1, 8, 8)
    assert len(raw.fields["label"].classes or ()) == 10
    assert raw.samples == 300


def test_years_of_sunspots_in_windows(tables: Path) -> None:
    ready = read_data(Data(Setting("TimeSeries", {"path": "sunspots.csv"})), tables)
    assert ready.raw.warnings == ()
    assert ready.raw.fields["history"].shape == (24, 1)
    assert ready.raw.samples == 309 - 24
    times = np.asarray(ready.table.columns["time"].cells.take(np.arange(2)))
    assert str(times[0]).startswith("1724")

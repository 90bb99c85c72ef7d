"""Makes small real tables of what ships with the samples: python -m samples.make_tables FOLDER

wine.csv, wine.tsv, wine_comma.csv, wine.arrow, wine.jsonl, wine.xlsx   178 wines of three grapes
wine/part-0.parquet ...                                                 the same in three files
pictures.csv, pictures/0001.png ...                                     digits by their paths
sunspots.csv                                                            a number a year (TimeSeries)
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl
from PIL import Image
from sklearn import datasets

from samples.spreadsheets import write_xlsx

DATA = Path(__file__).parent / "data"
GRAPES = ("Barolo", "Grignolino", "Barbera")


def make(folder: Path) -> None:
    """Write all files."""
    folder.mkdir(parents=True, exist_ok=True)
    wine(folder)
    pictures(folder)
    sunspots(folder)


def wine(folder: Path) -> None:
    """Thirteen measurements of each wine, and the grape it was made of."""
    loaded = datasets.load_wine()
    named = {str(name): loaded.data[:, at] for at, name in enumerate(loaded.feature_names)}
    frame = pl.DataFrame({**named, "grape": [GRAPES[at] for at in loaded.target]})
    frame.write_csv(folder / "wine.csv")
    frame.write_csv(folder / "wine.tsv", separator="\t")
    frame.write_csv(folder / "wine_comma.csv", separator=";", decimal_comma=True)
    frame.write_ipc(folder / "wine.arrow")
    frame.write_ndjson(folder / "wine.jsonl")
    write_xlsx(folder / "wine.xlsx", {"wine": [frame.columns, *frame.rows()]})
    (folder / "wine").mkdir(exist_ok=True)
    for at in range(3):
        frame[at::3].write_parquet(folder / "wine" / f"part-{at}.parquet")


def pictures(folder: Path, count: int = 300) -> None:
    """A table that names a picture and its digit in each row."""
    loaded = datasets.load_digits()
    (folder / "pictures").mkdir(exist_ok=True)
    rows: list[tuple[str, str]] = []
    for at in range(count):
        name = f"pictures/{at + 1:04}.png"
        Image.fromarray((loaded.images[at] * 15).astype(np.uint8)).save(folder / name)
        rows.append((name, f"digit {loaded.target[at]}"))
    pl.DataFrame(rows, schema=["file", "label"], orient="row").write_csv(folder / "pictures.csv")


def sunspots(folder: Path) -> None:
    """The yearly numbers of sunspots, as they were counted."""
    (folder / "sunspots.csv").write_bytes((DATA / "sunspots.csv").read_bytes())


if __name__ == "__main__":
    make(Path(sys.argv[1]))

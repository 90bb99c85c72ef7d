"""Tables: CSV files of a million rows to tensors, against pandas and torch.tensor.

One file holds numbers of six decimals all over; the other one whole numbers, prices, measurements, and
doubles in full, column by column.
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.table import Row, Time, Watch, alternate, medians

ROWS, QUICK_ROWS, COLUMNS = 1_000_000, 200_000, 50
ROUNDS = 3
SOME = 1024
Draw = Callable[[np.random.Generator, int], np.ndarray]
FILES: dict[str, tuple[Draw, ...]] = {
    "six decimals": (lambda random, count: random.random(count).round(6),),
    "numbers of all lengths": (
        lambda random, count: random.integers(0, 1000, count),
        lambda random, count: (1000 * random.random(count)).round(2),
        lambda random, count: random.random(count).round(6),
        lambda random, count: random.normal(size=count).round(4),
        lambda random, count: random.normal(size=count),
    ),
}


def rows(quick: bool) -> list[Row]:
    """How many times as fast the files become tensors: as read, and as a run gets them."""
    count = QUICK_ROWS if quick else ROWS
    found: list[Row] = []
    for told, kinds in FILES.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table.csv"
            _write(path, count, kinds)
            found += _rows(path, f"CSV of {count:,} rows × {COLUMNS} columns ({told})")
    return found


def _rows(path: Path, work: str) -> list[Row]:
    contenders = {
        "pandas": lambda: _with_pandas(path),
        "read": lambda: _read(path),
        "prepared": lambda: _prepared(path),
    }
    for one in contenders.values():
        one()  # imports and the file's way into memory
    found = alternate(contenders, ROUNDS)
    times, kind = medians(found)
    against = f"pandas.read_csv + torch.tensor ({kind})"
    to_run = f"{work} to tensors, equal rows kept together, split, normalised"
    return [
        Row(f"{work} to tensors", against, times["pandas"] / times["read"], "×", "≥ 3"),
        Row(to_run, against, times["pandas"] / times["prepared"], "×"),
        *(
            Row(f"{work}: {name}", "–", median(getattr(one, by) for one in found[name]), f"s ({told})")
            for name in contenders
            for by, told in (("wall", "wall, all threads"), ("cpu", "CPU"))
        ),
    ]


def _write(path: Path, count: int, kinds: Sequence[Draw]) -> None:
    import polars as pl

    random = np.random.default_rng(0)
    columns = {f"c{at}": kinds[at % len(kinds)](random, count) for at in range(COLUMNS)}
    pl.DataFrame(columns).write_csv(path)


def _with_pandas(path: Path) -> Time:
    import pandas
    import torch

    gc.collect()
    watch = Watch()
    values = torch.tensor(pandas.read_csv(path).to_numpy(), dtype=torch.float32)
    found = watch.stop()
    assert values.shape[1] == COLUMNS
    return found


def _read(path: Path) -> Time:
    """The source's columns, and all of them as one tensor."""
    import torch

    from studio.data.beside import side_by_side
    from studio.data.cells import Held
    from studio.data.sources import _read as remembered
    from studio.data.sources import read_table
    from studio.project.project import Setting

    remembered.cache_clear()
    gc.collect()
    watch = Watch()
    table = read_table(Setting("CSV", {"path": str(path)}), path.parent)
    held = [column.cells for column in table.columns.values()]
    columns = [one.values for one in held if isinstance(one, Held)]
    block = side_by_side(columns)
    tensor = torch.from_numpy(_together(columns) if block is None else block)
    found = watch.stop()
    assert tensor.shape[1] == COLUMNS
    return found


def _together(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Columns of single and of double precision as one array."""
    found = np.empty((len(columns[0]), len(columns)), np.float32)
    for start in range(0, len(found), SOME):
        for at, one in enumerate(columns):
            found[start : start + SOME, at] = one[start : start + SOME]
    return found


def _prepared(path: Path) -> Time:
    from studio.data.pipeline import read_once as asked
    from studio.data.prepare import prepare
    from studio.data.sources import _read as remembered
    from studio.project.project import Data, Setting

    remembered.cache_clear()
    asked.cache_clear()
    gc.collect()
    watch = Watch()
    prepared = prepare(Data(Setting("CSV", {"path": str(path)})), path.parent)
    last = f"c{COLUMNS - 1}"
    sizes = [part.tensors[name].shape for part in prepared.parts.values() for name in ("features", last)]
    found = watch.stop()
    assert sizes[0][1] == COLUMNS - 1
    return found

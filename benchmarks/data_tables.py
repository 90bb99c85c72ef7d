"""Tables: a CSV file of a million rows to tensors, against pandas and torch.tensor."""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.table import Row, Time, Watch, alternate, medians

ROWS, QUICK_ROWS, COLUMNS = 1_000_000, 200_000, 50
ROUNDS = 3


def rows(quick: bool) -> list[Row]:
    """How many times as fast the file becomes tensors: as read, and as a run gets them."""
    count = QUICK_ROWS if quick else ROWS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        _write(path, count)
        contenders = {
            "pandas": lambda: _with_pandas(path),
            "read": lambda: _read(path),
            "prepared": lambda: _prepared(path),
        }
        for one in contenders.values():
            one()  # imports and the file's way into memory
        found = alternate(contenders, ROUNDS)
    times, kind = medians(found)
    work = f"CSV of {count:,} rows × {COLUMNS} columns to tensors"
    against = f"pandas.read_csv + torch.tensor ({kind})"
    split = f"{work}, equal rows kept together, split, normalised"
    return [
        Row(work, against, times["pandas"] / times["read"], "×", "≥ 3"),
        Row(split, against, times["pandas"] / times["prepared"], "×"),
        *(
            Row(f"{work}: {name}", "–", median(getattr(one, by) for one in found[name]), f"s ({told})")
            for name in contenders
            for by, told in (("wall", "wall, all threads"), ("cpu", "CPU"))
        ),
    ]


def _write(path: Path, count: int) -> None:
    import polars as pl

    random = np.random.default_rng(0)
    pl.DataFrame({f"c{at}": random.random(count).round(6) for at in range(COLUMNS)}).write_csv(path)


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
    tensor = torch.from_numpy(np.stack(columns, 1) if block is None else block)
    found = watch.stop()
    assert tensor.shape[1] == COLUMNS
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

"""Data of twice the memory that there is: an epoch within a control group, against a bare stream.

The bound is what any program pays that reads the same files once: the same rows, block by block in the
order of the file, read by the same library, made tensors of single precision, normalised, and trained on
with the same network. It mixes no rows, and learns no normalisation. Both are measured from the first batch
to the last, by CPU time of the process and of those it starts, and by wall time where the machine is calm.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.table import CALM, Row

if TYPE_CHECKING:
    import torch

COLUMNS, BATCH, TOGETHER = 50, 1024, 1 << 16
LIMIT, QUICK_LIMIT = 1000 * 2**20, 800 * 2**20
FILES = 8
SIDE, DISTINCT = 256, 50
GROUP = "neuroloom-benchmark"
TRAINED = {"parquet": "features", "pictures": "image"}


def rows(quick: bool) -> list[Row]:
    """Measure, where this process may set a limit; else nothing is told."""
    limit = QUICK_LIMIT if quick else LIMIT
    found: list[Row] = []
    with _limited(limit) as enter, tempfile.TemporaryDirectory() as folder:
        if enter is None:
            return []
        for kind, write in {"parquet": _write_parquet, "pictures": _write_pictures}.items():
            place = Path(folder) / kind
            place.mkdir()
            size = write(place, 2 * limit)
            told = {one: _in_child(enter, kind, one, place) for one in ("ours", "bare")}
            work = f"{kind}, {size / 2**20:.0f} MiB once read, within {limit / 2**20:.0f} MiB of memory"
            found += _rows(work, told["ours"], told["bare"])
    return found


def _rows(work: str, ours: dict[str, float], bare: dict[str, float]) -> list[Row]:
    calm = all(one["wall"] <= CALM * one["cpu"] for one in (ours, bare))
    by = "wall" if calm else "cpu"
    against = f"read from first to last, same network ({'wall time' if calm else 'CPU time'})"
    other = "cpu" if calm else "wall"
    return [
        Row(f"{work}: an epoch", against, ours[by] / bare[by], "× of it", "≤ 1.2"),
        Row(f"{work}: an epoch", f"the same, by {other} time", ours[other] / bare[other], "× of it"),
        Row(f"{work}: opened and split", "–", ours["opened"], "s (CPU)"),
        Row(f"{work}: memory of the process, files not counted", "–", ours["memory"], "MiB"),
    ]


@contextmanager
def _limited(limit: int) -> Generator[Callable[[], None] | None]:
    """What a child calls to get into a control group with a limit; None where that may not be made."""
    old = Path("/sys/fs/cgroup/memory")
    place = (old if old.is_dir() else old.parent) / f"{GROUP}-{os.getpid()}"
    file = "memory.limit_in_bytes" if old.is_dir() else "memory.max"
    try:
        place.mkdir()
        (place / file).write_text(str(limit))
    except OSError:
        yield None
        return
    try:
        yield partial(_enter, place)
    finally:
        place.rmdir()


def _enter(group: Path) -> None:
    (group / "cgroup.procs").write_text(str(os.getpid()))


def _in_child(enter: Callable[[], None], kind: str, which: str, place: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.data_memory", kind, which, str(place)]
    home = {**os.environ, "NEUROLOOM_HOME": str(place.parent / "home")}
    done = subprocess.run(command, preexec_fn=enter, env=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    return json.loads(done.stdout)


def _write_parquet(folder: Path, size: int) -> int:
    import numpy as np
    import polars as pl

    count = size // (4 * COLUMNS * FILES)
    for at in range(FILES):
        drawn = np.random.default_rng(at).random((COLUMNS, count), np.float32)
        pl.DataFrame({f"c{at}": one for at, one in enumerate(drawn)}).write_parquet(
            folder / f"{at}.parquet", compression="uncompressed"
        )
    return sum(file.stat().st_size for file in folder.iterdir())


def _write_pictures(folder: Path, size: int) -> int:
    import numpy as np
    from PIL import Image

    count = size // (3 * SIDE * SIDE)
    drawn = np.random.default_rng(0)
    names = [folder / "ab"[at % 2] / f"{at}.jpg" for at in range(count)]
    for name in names[:2]:
        name.parent.mkdir()
    for name in names[:DISTINCT]:
        small = Image.fromarray(drawn.integers(0, 255, (8, 8, 3), np.uint8))
        small.resize((SIDE, SIDE)).save(name, quality=85)
    for at, name in enumerate(names[DISTINCT:]):
        name.write_bytes(names[at % DISTINCT].read_bytes())
    return 3 * SIDE * SIDE * count


# ---- within the limit


def _child(kind: str, which: str, folder: Path) -> None:
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(1)
    begun = time.process_time()
    batches = _ours(kind, folder) if which == "ours" else _bare(kind, folder)
    opened = time.process_time() - begun
    wall, cpu = time.perf_counter(), _cpu()
    count = _train(batches)
    assert count
    print(
        json.dumps(
            {
                "opened": opened,
                "wall": time.perf_counter() - wall,
                "cpu": _cpu() - cpu,
                "memory": _memory(),
                "samples": count,
            }
        )
    )


def _cpu() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)


def _memory() -> float:
    """The memory of this process that is not of files, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


def _train(batches: Iterator[tuple[torch.Tensor, torch.Tensor]]) -> int:
    import torch
    from torch import nn

    network: Any = None
    optimizer: Any = None
    seen = 0
    for x, y in batches:
        if network is None:
            first = nn.AvgPool2d(16) if x.ndim == 4 else nn.Identity()
            size = 3 * (SIDE // 16) ** 2 if x.ndim == 4 else x.shape[1]
            network = nn.Sequential(first, nn.Flatten(), nn.Linear(size, 64), nn.ReLU(), nn.Linear(64, 1))
            optimizer = torch.optim.SGD(network.parameters(), 0.01)
        loss = nn.functional.mse_loss(network(x)[:, 0], y.float().reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(y)
    return seen


def _ours(kind: str, folder: Path) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    import torch

    from studio.data.prepare import prepare
    from studio.project.project import Data, Setting
    from studio.train.samples import Samples

    options = {"validation": 0.0, "test": 0.0, "duplicates_together": False, "stratify": False}
    source = {
        "parquet": Setting("Parquet", {"path": "."}),
        "pictures": Setting("ImageFolder", {"folder": "."}),
    }
    prepared = prepare(Data(source[kind], options), folder)
    field, target = TRAINED[kind], next(name for name, one in prepared.fields.items() if one.role == "target")
    size = BATCH if kind == "parquet" else 32
    samples = Samples(prepared.parts["train"], [field, target], torch.device("cpu"))

    def batches() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        order = samples.order(0, 1)
        count = len(order)
        sizes = [size] * (count // size) + [count % size] * (count % size > 0)
        for batch in samples.batches(order, sizes, iter(range(len(sizes)))):
            yield batch[field], batch[target]
        samples.close()

    return batches()


def _bare(kind: str, folder: Path) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    return _bare_table(folder) if kind == "parquet" else _bare_pictures(folder)


def _bare_table(folder: Path) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    import polars as pl
    import torch

    for file in sorted(folder.iterdir()):
        scan = pl.scan_parquet(file)
        count = scan.select(pl.len()).collect().item()
        for start in range(0, count, TOGETHER):
            values = torch.from_numpy(
                scan.slice(start, TOGETHER).collect().to_numpy(order="c", writable=True)
            )
            values = (values - 0.5) * 3.46
            for batch in values.split(BATCH):
                yield batch[:, :-1], batch[:, -1]


def _bare_pictures(folder: Path) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    import numpy as np
    import torch
    from PIL import Image

    names = sorted(folder.glob("*/*.jpg"))
    for start in range(0, len(names), 32):
        some = names[start : start + 32]
        pixels = np.stack([np.asarray(Image.open(name)).transpose(2, 0, 1) for name in some])
        x = (torch.from_numpy(pixels).float() - 127.0) / 64.0
        yield x, torch.tensor([float(name.parent.name == "b") for name in some])


if __name__ == "__main__":
    _child(sys.argv[1], sys.argv[2], Path(sys.argv[3]))

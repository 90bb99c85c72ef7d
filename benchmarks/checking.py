"""How long a check takes: after an edit with the rest known, and of a whole project by a fresh checker; and a
large drawing, to become its file's text and to come back.

Run as `python -m benchmarks.checking [--quick] [--json FILE]`. Times are of the process's CPU, since the
check runs off the UI thread on machines that do other things too; torch is imported and has run once before
the clock starts, as in the window, which loads it behind the first paint.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from benchmarks.drawings import FIELDS, resnet50, tower, transformer
from benchmarks.table import Row, arguments, show
from studio.build import shapes
from studio.build.check import Checker
from studio.build.network import Network
from studio.data.describe import describe
from studio.project import edits
from studio.project.fields import Field
from studio.project.project import Project
from studio.project.storage import dumps, load, loads

FOLDER = Path(__file__).parents[1] / "samples"
SAMPLES = ("resnet50", "transformer_encoder", "unet")
"""Samples that are drawn with blocks."""


def cpu(work: Callable[[], object]) -> float:
    """Milliseconds of CPU that something takes."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def after_edit(project: Project, repeats: int) -> float:
    """The median over edits of a convolution early in the drawing, which changes what comes behind it."""
    checker = Checker()
    checker.check(project, FIELDS)
    times: list[float] = []
    for repeat in range(repeats):
        edited = edits.set_params(project, "conv1a", {"out_channels": 100 + repeat})
        times.append(cpu(lambda value=edited: checker.check(value, FIELDS)))
        times.append(cpu(lambda: checker.check(project, FIELDS)))
    return statistics.median(times)


def after_cut(project: Project, repeats: int) -> float:
    """The median over cutting and joining a wire near the input: all behind it is unknown, then known."""
    checker = Checker()
    checker.check(project, FIELDS)
    cut = edits.disconnect(project, project.graph.incoming("relu1a")[0])
    values = [cut, project] * repeats
    return statistics.median(cpu(lambda value=value: checker.check(value, FIELDS)) for value in values)


def fresh(project: Project, repeats: int, fields: Mapping[str, Field] | None = FIELDS) -> float:
    """The median of whole checks with nothing remembered."""

    def work() -> None:
        shapes.forget()
        checked = Checker().check(project, fields)
        assert not checked.problems, checked.problems

    return statistics.median(cpu(work) for _ in range(repeats))


def built(project: Project, repeats: int) -> float:
    """The median of building the network on the meta device."""
    plan = Checker().check(project, FIELDS).plan

    def work() -> None:
        with torch.device("meta"):
            Network(plan)

    return statistics.median(cpu(work) for _ in range(repeats))


def written_and_read(project: Project, repeats: int) -> float:
    """The median of a project as the text of its file, and back."""
    return statistics.median(cpu(lambda: loads(dumps(project))) for _ in range(repeats))


def measure(repeats: int) -> list[Row]:
    """All rows of the table."""
    Checker().check(transformer(1), FIELDS)
    towers = {count: tower(count) for count in (100, 1000, 5000)}
    rows: list[Row] = []
    for (count, project), limit in zip(towers.items(), (20, 100, 400), strict=True):
        rows.append(row(f"check after an edit, {count} nodes", after_edit(project, repeats), limit))
        rows.append(row(f"check after cutting a wire, {count} nodes", after_cut(project, repeats), limit))
    whole = ((resnet50(), 300), (transformer(), 300), (towers[1000], 1000))
    for project, limit in whole:
        work = f"fresh check, {project.name} ({len(project.graph.nodes)} nodes)"
        rows.append(row(work, fresh(project, repeats), limit))
    for name in SAMPLES:
        project = load(FOLDER / f"{name}.loom")
        fields = describe(project.data, FOLDER).fields or None
        nodes = sum(
            len(graph.nodes) for graph in (project.graph, *(b.graph for b in project.blocks.values()))
        )
        rows.append(
            row(f"fresh check, sample {name} ({nodes} nodes drawn)", fresh(project, repeats, fields), 300)
        )
    rows.append(row("network of 1000 nodes on meta", built(towers[1000], repeats), 1000))
    rows.append(row("file of 10 000 nodes, written and read", written_and_read(tower(10_000), repeats), 2000))
    return rows


def row(work: str, value: float, limit: int) -> Row:
    """One line of the table."""
    return Row(work, "limit", round(value, 1), "ms CPU", f"≤ {limit}")


def main() -> None:
    """Measure, print the table, write JSON where asked."""
    assert __doc__
    options = arguments(__doc__)
    show(measure(5 if options.quick else 15), options.json)


if __name__ == "__main__":
    main()

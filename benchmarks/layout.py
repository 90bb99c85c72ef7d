"""How well drawings are arranged: wires that cross, against Graphviz's dot, and the time it takes.

Run as `python -m benchmarks.layout [--quick] [--json FILE]`. Both place the same nodes from left to right,
in their real sizes and unbroken into rows. Counted are crossings of the straight lines from port to port,
which is how wires are drawn here, and the nodes that such lines pass over (dot leads its wires around).
Times are of the process's CPU. Without the program `dot` only times are measured.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from math import inf

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from benchmarks.drawings import Sheet, resnet50, tower, transformer
from benchmarks.table import Row, arguments, show
from studio.catalog.registry import registry
from studio.project.arranging import Box, arranged
from studio.project.changes import diff
from studio.project.graph import Position
from studio.project.layers import Wire
from studio.project.project import Project
from studio.ui.canvas.arranger import boxes_of, wires_of
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.look import Look
from studio.ui.canvas.scene import GraphScene
from studio.ui.style import text_font
from studio.ui.theme import DARK

Drawing = tuple[Mapping[str, Box], Sequence[Wire]]
Places = Mapping[str, Position]
Line = tuple[Position, Position]
PIXELS = 72.0


def unet(levels: int) -> Project:
    """Down, across and up again, with a wire over each level."""
    sheet = Sheet()
    last = sheet.add("image", "Input", field="photo")
    skips: list[str] = []
    for level in range(levels):
        last = sheet.add(f"down{level}", "ReLU", sheet.add(f"in{level}", "Conv2d", last, out_channels=16))
        skips.append(last)
        last = sheet.add(f"pool{level}", "MaxPool2d", last)
    last = sheet.add("bottom", "Conv2d", last, out_channels=32)
    for level in reversed(range(levels)):
        last = sheet.add(f"grow{level}", "Upsample", last)
        last = sheet.add(f"join{level}", "Add", skips[level], last)
        last = sheet.add(f"up{level}", "ReLU", sheet.add(f"out{level}", "Conv2d", last, out_channels=16))
    return sheet.ended(sheet.add("flat", "Flatten", last), f"U-Net of {levels} levels")


def dense(count: int) -> Project:
    """Huang et al. 2017: every layer takes what all before it gave."""
    sheet = Sheet()
    given = [sheet.add("image", "Input", field="photo")]
    for k in range(count):
        taken = sheet.add(f"take{k}", "Add", *given)
        given.append(sheet.add(f"conv{k}", "Conv2d", taken, out_channels=12))
    return sheet.ended(sheet.add("all", "Add", *given), f"DenseNet of {count}")


def tangle(count: int, wires: int, reach: int, seed: int) -> Project:
    """Sums that take from any nodes before them."""
    draw, sheet = random.Random(seed), Sheet()
    names = [sheet.add("n0", "ReLU")]
    for k in range(1, count):
        sources = {draw.choice(names[-reach:]) for _ in range(1 + (draw.random() < wires / count - 1))}
        names.append(sheet.add(f"n{k}", "Add", *sorted(sources)))
    return sheet.ended(names[-1], f"{count} nodes at random, seed {seed}")


def projects() -> list[Project]:
    """The ten."""
    known = [resnet50(), transformer(6), tower(60), unet(4), dense(7)]
    return [*known, *(tangle(60, 85, reach, seed) for seed, reach in enumerate((4, 8, 15, 30, 60)))]


def drawing_of(project: Project) -> Drawing:
    """A project's nodes as they are drawn."""
    scene = GraphScene(registry(), Look(Ink(DARK)))
    scene.show_project(project, diff(Project(), project))
    return boxes_of(scene, scene.nodes), wires_of(scene, scene.nodes)


def by_dot(drawing: Drawing) -> dict[str, Position]:
    """Where dot places the nodes."""
    boxes, wires = drawing
    lines = ["digraph {", "rankdir=LR; ranksep=1; nodesep=0.44; node [shape=box fixedsize=true];"]
    lines += [f'"{n}" [width={b.width / PIXELS} height={b.height / PIXELS}];' for n, b in boxes.items()]
    lines += [f'"{wire.source}" -> "{wire.target}";' for wire in wires]
    ran = subprocess.run(
        ["dot", "-Tplain"], input="\n".join([*lines, "}"]), capture_output=True, text=True, check=True
    )
    places: dict[str, Position] = {}
    for line in ran.stdout.splitlines():
        if line.startswith("node"):
            name, x, y = line.split()[1:4]
            box = boxes[name.strip('"')]
            places[name.strip('"')] = (
                float(x) * PIXELS - box.width / 2,
                -float(y) * PIXELS - box.height / 2,
            )
    return places


def lines_of(drawing: Drawing, places: Places) -> list[Line]:
    """The wires as straight lines from port to port."""
    boxes, wires = drawing
    return [
        (
            (places[str(one.source)][0] + boxes[str(one.source)].width, places[str(one.source)][1] + one.out),
            (places[str(one.target)][0], places[str(one.target)][1] + one.into),
        )
        for one in wires
    ]


def crossed(lines: Sequence[Line]) -> int:
    """How many pairs of lines cross; those that begin or end at one port do not."""
    return sum(
        _side(a, c, d) * _side(b, c, d) < 0 and _side(c, a, b) * _side(d, a, b) < 0
        for at, (a, b) in enumerate(lines)
        for c, d in lines[at + 1 :]
        if a != c and b != d
    )


def covered(drawing: Drawing, places: Places, lines: Sequence[Line]) -> int:
    """How often a line passes over a node at which it does not end."""
    boxes, wires = drawing
    count = 0
    for ((left, top), (right, bottom)), wire in zip(lines, wires, strict=True):
        for name, box in boxes.items():
            x, y = places[name]
            if name in (wire.source, wire.target) or right <= left:
                continue
            first, last = max(x, left), min(x + box.width, right)
            if first < last:
                ends = [top + (bottom - top) * (at - left) / (right - left) for at in (first, last)]
                count += min(ends) < y + box.height and max(ends) > y
    return count


def _side(point: Position, a: Position, b: Position) -> float:
    turn = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
    return 0.0 if abs(turn) < 1e-6 else turn


def compare() -> list[Row]:
    """Crossings on the ten drawings, and of all together."""
    rows: list[Row] = []
    totals = {"crossings": [0, 0], "wires over nodes": [0, 0]}
    for project in projects():
        drawing = drawing_of(project)
        found: list[tuple[int, int]] = []
        for places in (arranged(*drawing, row=inf), by_dot(drawing)):
            lines = lines_of(drawing, places)
            found.append((crossed(lines), covered(drawing, places, lines)))
        (ours, over), (theirs, over_theirs) = found
        rows.append(Row(f"crossings, {project.name}", f"dot: {theirs}", ours, "crossings"))
        rows.append(Row(f"wires over nodes, {project.name}", f"dot: {over_theirs}", over, "times"))
        for total, pair in zip(totals.values(), ((ours, theirs), (over, over_theirs)), strict=True):
            total[0] += pair[0]
            total[1] += pair[1]
    for (name, (ours, theirs)), reach in zip(totals.items(), ("≤ 1.2", ""), strict=True):
        rows.append(Row(f"{name}, all ten: {ours}", f"dot: {theirs}", ours / max(theirs, 1), "×", reach))
    return rows


def timed(rounds: int) -> list[Row]:
    """The time for large drawings, the libraries loaded."""
    rows: list[Row] = []
    for name, project in (("1000 nodes", tower(1000)), ("1000 at random", tangle(1000, 1400, 60, 9))):
        drawing = drawing_of(project)
        times: list[float] = []
        for _ in range(rounds):
            start = time.process_time()
            arranged(*drawing)
            times.append((time.process_time() - start) * 1000)
        rows.append(Row(f"arrange {name}", "", statistics.median(times), "ms CPU", "≤ 1000"))
    return rows


def main() -> None:
    """Print the table."""
    asked = arguments(__doc__ or "")
    app = QApplication([])
    app.setFont(text_font())
    compared = compare() if shutil.which("dot") else []
    show([*compared, *timed(3 if asked.quick else 7)], asked.json)
    if not compared:
        print("Crossings were not compared: Graphviz's program dot is not installed.")


if __name__ == "__main__":
    main()

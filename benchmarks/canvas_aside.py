"""What belongs to the canvas but is no repaint of it: search, automatic layout, curves, training beside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import cycle, islice
from math import ceil
from statistics import median

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks import window
from benchmarks.drawings import tower
from benchmarks.table import Row
from studio.catalog.registry import Registry, registry
from studio.places import shipped
from studio.project.arranging import Box, arranged
from studio.project.layers import Wire
from studio.project.storage import load
from studio.ui.canvas.arranger import boxes_of, wires_of
from studio.ui.canvas.canvas import Canvas
from studio.ui.canvas.passage import Passage
from studio.ui.canvas.search import SearchBox
from studio.ui.monitor.plot import Plot
from studio.ui.monitor.series import History, Line
from studio.ui.monitor.strokes import Options
from studio.ui.session import Session
from studio.ui.theme import DARK

TYPES, CURVES = 500, 10
LATE_SAMPLE = "cnn_digits"


def cpu(work: Callable[[], object]) -> float:
    """Milliseconds of this thread's CPU that something takes."""
    start = time.thread_time()
    work()
    return (time.thread_time() - start) * 1000


def worst(times: Iterable[float]) -> float:
    """The 95th percentile."""
    ordered = sorted(times)
    return ordered[ceil(len(ordered) * 0.95) - 1]


def search(repeats: int) -> Row:
    """A key press in the search box until its ranked results are painted, as if there were 500 layers."""
    layers = islice(cycle(registry().layers.values()), TYPES)
    many = [replace(layer, type=f"{layer.type}{at}", renamed=()) for at, layer in enumerate(layers)]
    canvas = Canvas(Session(), Registry(many))
    canvas.resize(1600, 900)
    canvas.show()
    QApplication.processEvents()
    QTest.keyClick(canvas.view, Qt.Key.Key_Tab)
    box = canvas.findChild(SearchBox)
    assert box is not None
    times: list[float] = []
    typed = [*(Qt.Key(ord(letter)) for letter in "CONV"), *[Qt.Key.Key_Backspace] * 4]
    for key in islice(cycle(typed), max(repeats, 24)):
        times.append(cpu(lambda key=key: (QTest.keyClick(box.field, key), QApplication.processEvents())))
    assert box.list.count()
    canvas.close()
    canvas.deleteLater()
    return Row("key press to ranked results, 500 types", "limit", worst(times), "ms CPU p95", "≤ 16")


def way_in(repeats: int) -> Row:
    """A picture of the way into a block."""
    session = Session()
    canvas = Canvas(session, registry())
    session.replaced.connect(canvas.show_replaced)
    session.changed.connect(canvas.show_changes)
    session.focus_moved.connect(canvas.show_focus)
    canvas.resize(1600, 900)
    canvas.show()
    session.new(load(shipped("samples") / "resnet50.loom"))
    QApplication.processEvents()
    title = canvas.scene.nodes["layer1"].body.topLeft() + QPointF(40, 12)
    QTest.mouseDClick(canvas.view.viewport(), Qt.MouseButton.LeftButton, pos=canvas.view.mapFromScene(title))
    over = canvas.findChild(Passage)
    assert over is not None
    assert over.isVisible()
    times = [cpu(over.repaint) for _ in range(min(repeats, 20))]
    canvas.close()
    canvas.deleteLater()
    return Row("a picture of the way into a block", "limit", worst(times), "ms CPU p95", "≤ 16")


def layout(rounds: int) -> list[Row]:
    """Arranging 1000 nodes in a thread, and how the GUI's thread fares meanwhile."""
    session = Session()
    canvas = Canvas(session, registry())
    session.replaced.connect(canvas.show_replaced)
    session.changed.connect(canvas.show_changes)
    session.new(tower(1000))
    boxes, wires = boxes_of(canvas.scene, canvas.scene.nodes), wires_of(canvas.scene, canvas.scene.nodes)
    pinned = list(boxes)[::100]
    arranged(boxes, wires)  # the libraries are loaded now
    rows: list[Row] = []
    for work, held in (("1000 nodes", ()), ("1000 nodes around 10 pinned", pinned)):
        times: list[float] = []
        for _ in range(rounds):
            worker = threading.Thread(target=_arrange, args=(boxes, wires, held, times))
            worker.start()
            worker.join()
        rows.append(Row(f"arrange {work}, beside the window", "limit", median(times), "ms CPU", "≤ 1000"))
    canvas.deleteLater()
    return rows


def _arrange(
    boxes: Mapping[str, Box], wires: Sequence[Wire], held: Sequence[str], times: list[float]
) -> None:
    times.append(cpu(lambda: arranged(boxes, wires, pinned=held)))


def curves(points: int, limit: int, repeats: int) -> Row:
    """Ten curves of so many points, one of them live: an update with what is new, and its repaint."""
    histories = [_history(f"run {number}", points) for number in range(CURVES)]
    plot = Plot("loss")
    plot.resize(800, 260)
    plot.set_tokens(DARK)
    plot.show()
    options = Options(smoothing=0.0)
    plot.show_runs(histories[0], histories[1:], options)
    QApplication.processEvents()
    line = histories[0].line("loss", "steps")
    assert line is not None
    times: list[float] = []
    for turn in range(repeats + 2):
        first = points + 64 * turn
        steps = [float(first + at) for at in range(64)]

        def update(steps: list[float] = steps) -> None:
            line.extend(steps, steps, [1.0 + at % 7 for at in steps])
            plot.refresh()
            plot.repaint()
            QApplication.processEvents()

        times.append(cpu(update))
    plot.close()
    plot.deleteLater()
    work = f"{CURVES} live curves of {points} points, update and paint"
    return Row(work, "limit", worst(times[2:]), "ms CPU p95", f"≤ {limit}")


def _history(name: str, points: int) -> History:
    history = History(name, 10, points // 10)
    line = Line()
    steps = [float(at + 1) for at in range(points)]
    line.extend(steps, steps, [2.0 / (1 + at / points) + (at * 7919 % 101) / 500 for at in range(points)])
    history.lines["loss", "steps"] = line
    return history


def lateness(quick: bool) -> list[Row]:
    """How late the event loop is while a run trains in the window and its drawing is dragged and edited."""
    if not window.readable(LATE_SAMPLE):
        return []
    found = [window.child("edited", LATE_SAMPLE, quick) for _ in range(1 if quick else 5)]
    middle = {key: median(one[key] for one in found) for key in ("p99", "most")}
    work = "event loop while training and editing"
    return [
        Row(f"{work}, p99", "limit", middle["p99"], "ms late", "≤ 8"),
        Row(f"{work}, longest", "limit", middle["most"], "ms late", "≤ 16"),
    ]

"""Training with the real window open, live curves and the canvas at rest, against the same run without one;
and in a worker process of the window while the canvas is dragged.

Run as `python -m benchmarks.window [--quick] [--json FILE]`. Both are processes of their own that take turns.
The speed is that of the run's own clock, after the first epoch; how late the event loop is comes from a
timer of 5 ms. Other programs on the machine disturb both, so the load is told.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from benchmarks.table import Row, arguments, show
from studio.places import shipped
from studio.project import storage
from studio.project.edits import set_training
from studio.project.project import Project
from studio.train.events import EpochEnded, Failed

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from studio.ui.window import MainWindow

TICK_MS = 5
MOVE_MS, MOVES = 25, 40
SETTLE_MS = 1500
SAMPLES = ("fashion_mnist_mlp", "cnn_digits", "mlp_digits")
"""The MLP 784–128–10, a CNN, and steps of a third of a millisecond, which the window disturbs most."""
EPOCHS = {"fashion_mnist_mlp": 13, "cnn_digits": 40, "mlp_digits": 1200}


def project(name: str, quick: bool) -> Project:
    """A sample that trains some ten seconds."""
    given = storage.load(shipped("samples") / f"{name}.loom")
    epochs = EPOCHS[name] // 3 if quick else EPOCHS[name]
    plain = replace(given, name="benchmark")
    return set_training(plain, epochs=epochs, patience=None, device="cpu", threads=1)


def speed(run_dir: Path) -> float:
    """Steps per second after the first epoch, of the run's own clock."""
    from studio.train.runs import read_events

    events = read_events(run_dir)
    failed = [event for event in events if isinstance(event, Failed)]
    assert not failed, failed
    ends = [event for event in events if isinstance(event, EpochEnded)]
    return (ends[-1].step - ends[0].step) / (ends[-1].time - ends[0].time)


def plain(name: str, quick: bool, folder: Path) -> dict[str, float]:
    """The run in a thread of a process without a window."""
    from studio.train.job import Job
    from studio.train.launch import ThreadRunner
    from studio.train.runs import create_run

    drawing = project(name, quick)
    samples = shipped("samples")
    path = create_run(drawing, samples, folder)
    runner = ThreadRunner()
    runner.start(Job(drawing, samples, path))
    while not runner.join(0.05):
        runner.poll()
    return {"speed": speed(path)}


def opened() -> tuple[QApplication, MainWindow]:
    """The program with its window, not shown yet."""
    from PySide6.QtWidgets import QApplication

    from studio.ui.app import TURN_S
    from studio.ui.appearance import Appearance
    from studio.ui.preferences import Preferences
    from studio.ui.session import Session
    from studio.ui.window import MainWindow

    sys.setswitchinterval(TURN_S)
    app = QApplication([])
    app.setStyle("Fusion")
    preferences = Preferences()
    return app, MainWindow(Session(), preferences, Appearance(preferences, app))


def windowed(
    name: str, quick: bool, folder: Path, watched: bool = False, edited: bool = False, host: str = "thread"
) -> dict[str, float]:
    """The same run in the window: opened, checked, started as by the button, followed until it ends."""
    from PySide6.QtCore import QTimer

    from studio.ui.collecting import Collector

    app, window = opened()
    lateness = Lateness()
    hands = Hands(window)
    found: dict[str, float] = {}

    def begin() -> None:
        """The first curves are there: from now on it is the same again and again."""
        found["cpu"], found["wall"] = time.thread_time(), time.perf_counter()
        if watched:
            lateness.start()
        if edited:
            hands.start()

    def end(run_dir: Path, _last: object) -> None:
        lateness.stop()
        hands.stop()
        found["duty"] = (time.thread_time() - found["cpu"]) / (time.perf_counter() - found["wall"])
        found["speed"] = speed(run_dir)
        window.close_unasked()
        QTimer.singleShot(0, app.quit)

    window.training.began.connect(lambda _: QTimer.singleShot(SETTLE_MS, begin))
    window.training.ended.connect(end)
    window.painted.connect(window.loading.start)
    window.loading.ready.connect(lambda: QTimer.singleShot(SETTLE_MS, window.training.start))
    window.resize(1600, 900)
    window.show()
    collector = Collector()
    window.loading.ready.connect(collector.settle)
    window.session.new(set_training(project(name, quick), host=host), base=shipped("samples"))
    app.exec()
    collector.close()
    return {"speed": found["speed"], "duty": found["duty"], **lateness.summary()}


def watched(name: str, quick: bool, folder: Path) -> dict[str, float]:
    """The run in the window once more with a timer that watches the event loop (and costs speed itself)."""
    return windowed(name, quick, folder, watched=True)


def edited(name: str, quick: bool, folder: Path) -> dict[str, float]:
    """The run in the window while its drawing is dragged and edited all the time."""
    return windowed(name, quick, folder, watched=True, edited=True)


def apart(name: str, quick: bool, folder: Path) -> dict[str, float]:
    """The run in a worker process of the window, while the drawing is dragged and the curves are live."""
    return windowed(name, quick, folder, edited=True, host="process")


class Hands:
    """Drag a node to and fro as a mouse does; once a second let go and set a parameter."""

    def __init__(self, window: MainWindow) -> None:
        from PySide6.QtCore import QTimer

        self._window = window
        self._turn = 0
        self._timer = QTimer(window, interval=MOVE_MS)
        self._timer.timeout.connect(self._go_on)

    def start(self) -> None:
        """Begin."""
        self._timer.start()

    def stop(self) -> None:
        """End."""
        self._timer.stop()

    def _go_on(self) -> None:
        from PySide6.QtCore import QPoint, Qt
        from PySide6.QtTest import QTest

        canvas, turn = self._window.panels.canvas, self._turn % MOVES
        name = next(iter(canvas.scene.nodes))
        at = canvas.view.mapFromScene(canvas.scene.nodes[name].body.topLeft()) + QPoint(30, 12)
        port = canvas.view.viewport()
        if turn == 0:
            QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=at)
        elif turn == MOVES - 1:
            QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=at)
            self._set()
        else:
            QTest.mouseMove(port, at + (QPoint(4, 2) if turn < MOVES // 2 else QPoint(-4, -2)))
        self._turn += 1

    def _set(self) -> None:
        from studio.project.edits import set_params

        session = self._window.session
        layer = next(n for n in session.drawing.graph.nodes.values() if n.type in ("Conv2d", "Linear"))
        key = "out_channels" if layer.type == "Conv2d" else "out_features"
        changed = set_params(session.drawing, layer.name, {key: 16 + self._turn // MOVES % 8})
        session.commit_drawing(changed, "Set")


class Lateness:
    """How late a timer of 5 ms comes."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._late: list[float] = []
        self._last = 0.0
        self._timer = QTimer(interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin to watch."""
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Watch no more."""
        self._timer.stop()

    def summary(self) -> dict[str, float]:
        """The 99th percentile and the longest, in milliseconds; nothing where nothing was watched."""
        late = sorted(self._late)
        return {"p99": late[int(0.99 * len(late))], "most": late[-1]} if late else {}

    def _tick(self) -> None:
        now = time.perf_counter()
        self._late.append((now - self._last) * 1000 - TICK_MS)
        self._last = now


def readable(name: str) -> bool:
    """Whether a sample's data is installed; says so where it is not."""
    from studio.data.describe import describe

    wrong = describe(project(name, quick=True).data, shipped("samples")).problems
    if wrong:
        print(f"Note: {name} is left out: {wrong[0].message}")
    return not wrong


def child(kind: str, name: str, quick: bool) -> dict[str, float]:
    """One measurement in a process and a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "benchmarks.window", "--child", kind, name, str(int(quick)), home]
        environment = {**os.environ, "NEUROLOOM_HOME": home}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def measured(name: str, quick: bool) -> list[Row]:
    """The rows of one sample."""
    rounds = 2 if quick else 7
    alone: list[dict[str, float]] = []
    seen: list[dict[str, float]] = []
    late: list[dict[str, float]] = []
    dragged: list[dict[str, float]] = []
    for _ in range(rounds):
        alone.append(child("plain", name, quick))
        seen.append(child("windowed", name, quick))
        late.append(child("watched", name, quick))
        dragged.append(child("apart", name, quick))
    undisturbed = statistics.median(one["speed"] for one in alone)
    ratio = statistics.median(one["speed"] for one in seen) / undisturbed
    beside = statistics.median(one["speed"] for one in dragged) / undisturbed
    middle = {key: statistics.median(one[key] for one in late) for key in ("p99", "most")}
    duty = statistics.median(one["duty"] for one in seen)
    work = f"{name} in the window"
    return [
        Row(work, "the same run without a window", ratio, "× (wall time)", "≥ 0.95"),
        Row(
            f"{name} in a worker process, canvas dragged and curves live",
            "the same run without a window",
            beside,
            "× (wall time)",
            "≥ 0.97",
        ),
        Row(work, "event-loop lateness, p99", middle["p99"], "ms", "≤ 16"),
        Row(work, "event-loop lateness, longest", middle["most"], "ms", "≤ 100"),
        Row(work, "share of the time that the window computes", 100 * duty, "%"),
        Row(work, "steps/s without a window", undisturbed, "/s"),
    ]


def main() -> None:
    """Measure and print, or be the child that does."""
    if sys.argv[1:2] == ["--child"]:
        kind, name, quick, folder = sys.argv[2:]
        make = {"plain": plain, "windowed": windowed, "watched": watched, "edited": edited, "apart": apart}[
            kind
        ]
        print(json.dumps(make(name, bool(int(quick)), Path(folder))))
        return
    chosen = arguments(__doc__ or "")
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"Note: the machine is busy (load {load:.1f}); wall times are disturbed.")
    rows = [row for name in SAMPLES if readable(name) for row in measured(name, chosen.quick)]
    show(rows, chosen.json)


if __name__ == "__main__":
    main()
    assert threading.active_count() == 1

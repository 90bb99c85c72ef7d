"""How fast the program starts: window painted, torch ready behind it, the longest stall meanwhile, `--help`.

Run as `python -m benchmarks.startup [--quick] [--json FILE]`. Each start is a process of its own; the first,
which fills the system's caches, does not count.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from benchmarks.table import CALM, Row, arguments, show

STALL = 60
"""Seconds after which a start counts as failed."""

WINDOW = """
HEAVY, TICK_MS = ("torch", "numpy", "networkx", "pyqtgraph", "sklearn"), 5
import json, sys, time
from pathlib import Path
from PySide6.QtCore import Qt, QTimer
from studio.ui import app as program

began = float(sys.argv[1])
found, original, last, longest = {}, program.start, [0.0], [0.0]

def mark(name):
    found[name] = (time.time() - began, time.process_time())

def start(window, path, train):
    mark("painted")
    found["heavy"] = [name for name in HEAVY if name in sys.modules]
    timer = QTimer(window, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
    last[0] = time.perf_counter()

    def tick():
        now = time.perf_counter()
        longest[0] = max(longest[0], now - last[0])
        last[0] = now

    def ready():
        mark("ready")
        QTimer.singleShot(10 * TICK_MS, window, end)

    def end():
        found["stall"] = longest[0] * 1000
        timer.stop()
        window.close_unasked()

    timer.timeout.connect(tick)
    timer.start()
    window.loading.ready.connect(ready)
    original(window, path, train)

program.start = start
program.run_app([], path=Path(sys.argv[2]))
print(json.dumps(found))
"""

HELP = """
import json, sys
from studio.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
heavy = ("torch", "PySide6", "numpy", "networkx", "pyqtgraph", "sklearn")
print(json.dumps([name for name in heavy if name in sys.modules]), file=sys.stderr)
"""


def start(sample: Path) -> dict[str, object]:
    """One start of the program with a sample, until torch is ready."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-c", WINDOW, str(time.time()), str(sample)]
        environment = {**os.environ, "NEUROLOOM_HOME": home}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=STALL
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def help_page() -> tuple[float, float, list[str]]:
    """Seconds of wall and CPU that `neuroloom --help` takes, and what it loaded in vain."""
    before, began = os.times(), time.perf_counter()
    done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)
    wall, after = time.perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu, json.loads(done.stderr.splitlines()[-1])


def chosen_clock(wall: list[float], cpu: list[float]) -> tuple[float, str]:
    """The median by wall time, or by CPU time where the machine was disturbed."""
    walls, cpus = statistics.median(wall), statistics.median(cpu)
    return (cpus, "s (CPU time)") if walls > CALM * cpus + 0.02 else (walls, "s (wall time)")


def rows(rounds: int) -> list[Row]:
    """All rows."""
    sample = Path(__file__).parent.parent / "samples" / "cnn_digits.loom"
    starts = [start(sample) for _ in range(rounds + 1)][1:]
    helps = [help_page() for _ in range(rounds + 1)][1:]
    painted, painted_unit = chosen_clock(*([one["painted"][at] for one in starts] for at in (0, 1)))
    ready, ready_unit = chosen_clock(
        *([one["ready"][at] - one["painted"][at] for one in starts] for at in (0, 1))
    )
    helped, help_unit = chosen_clock([one[0] for one in helps], [one[1] for one in helps])
    stall = statistics.median(one["stall"] for one in starts)
    in_vain = {name for one in starts for name in one["heavy"]} | {name for one in helps for name in one[2]}
    return [
        Row("process start to window painted", "", painted, painted_unit, "≤ 0.6"),
        Row("torch ready behind it", "", ready, ready_unit, "≤ 3"),
        Row("longest stall of the window meanwhile", "", stall, "ms", "≤ 100"),
        Row("neuroloom --help", "", helped, help_unit, "≤ 0.2"),
        Row("heavy libraries loaded before they are needed", "", len(in_vain), " ".join(in_vain), "≤ 0"),
    ]


def main() -> None:
    """Measure and print."""
    chosen = arguments(__doc__ or "")
    show(rows(5 if chosen.quick else 11), chosen.json)


if __name__ == "__main__":
    main()

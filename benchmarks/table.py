"""What the benchmarks share: alternating contenders, medians, the table they print and the JSON they write.

Machines are noisy: contenders take turns within one process, and the median of all rounds counts. Times are
those of the process's CPU where other programs disturb the wall clock.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

CALM = 1.05
"""Wall time of a single-threaded program over its CPU time, up to which the machine counts as undisturbed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One promise: what was measured against what, `to_reach` is "≥ 8", "≤ 0.6" or ""."""

    work: str
    against: str
    value: float
    unit: str
    to_reach: str = ""

    @property
    def holds(self) -> bool:
        """Whether the value is on the right side of what is to be reached; a note without one always does."""
        if not self.to_reach:
            return True
        sign, number = self.to_reach.split()
        return self.value >= float(number) if sign == "≥" else self.value <= float(number)


@dataclass(frozen=True, slots=True)
class Time:
    """Seconds by the clock on the wall and of this process's CPU."""

    wall: float
    cpu: float


class Watch:
    """Measures from when it is made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def stop(self) -> Time:
        """The time since then."""
        return Time(time.perf_counter() - self._wall, time.process_time() - self._cpu)


def alternate(contenders: Mapping[str, Callable[[], Time]], rounds: int) -> dict[str, list[Time]]:
    """The times of contenders that take turns, each second time the other way round: one may leave memory and
    caches to the next one otherwise than it found them.
    """
    found: dict[str, list[Time]] = {name: [] for name in contenders}
    order = list(contenders)
    for _ in range(rounds):
        for name in order:
            found[name].append(contenders[name]())
        order.reverse()
    return found


def medians(times: Mapping[str, Sequence[Time]]) -> tuple[dict[str, float], str]:
    """Each median by the wall clock, or by CPU time where the machine was disturbed; and which of the two."""
    wall = {name: statistics.median(one.wall for one in several) for name, several in times.items()}
    cpu = {name: statistics.median(one.cpu for one in several) for name, several in times.items()}
    disturbed = any(wall[name] > CALM * cpu[name] for name in times)
    return (cpu, "CPU time") if disturbed else (wall, "wall time")


def parser(doc: str) -> argparse.ArgumentParser:
    """The arguments that every benchmark takes."""
    found = argparse.ArgumentParser(description=doc.partition("\n")[0])
    found.add_argument("--quick", action="store_true", help="fewer rounds, under two minutes")
    found.add_argument("--json", metavar="FILE", type=Path, help="write the rows to this file too")
    return found


def arguments(doc: str) -> argparse.Namespace:
    """Those that were given, where there are no others."""
    return parser(doc).parse_args()


def show(rows: Sequence[Row], file: Path | None) -> None:
    """Print the table, and write it as JSON where asked."""
    cells = [
        (row.work, row.against, f"{row.value:.3g} {row.unit}", row.to_reach, "" if row.holds else "MISSED")
        for row in rows
    ]
    header = ("work", "against", "measured", "to reach", "")
    widths = [max(len(line[column]) for line in (header, *cells)) for column in range(len(header))]
    for line in (header, *cells):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    if file is not None:
        content = [{**asdict(row), "holds": row.holds} for row in rows]
        file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

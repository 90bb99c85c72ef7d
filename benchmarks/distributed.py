"""Several processes against one: two processes on the CPU at an equal global batch, samples per second.

Beside the speed the largest difference of the losses over the whole training. Where there are fewer than two
free cores, two processes cannot be faster than one; the number of cores is told with the rows.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.table import Row, arguments, show
from studio.places import shipped
from studio.project import storage
from studio.project.edits import set_training
from studio.project.project import Project, Setting
from studio.train.devices import available_cores
from studio.train.distributed.launch import ProcessesRunner
from studio.train.events import EpochEnded, Event, Finished, Progress
from studio.train.host_process import ProcessRunner
from studio.train.job import Job
from studio.train.runs import create_run

SAMPLES = shipped("samples")
LEAST = 1.25
"""What the second process must bring where steps are long and cores are free."""
SGD = Setting("SGD", {"lr": 0.02, "momentum": 0.9})
"""Adam makes whole steps of the rounding that a gradient of zero consists of: its losses drift by more."""


@dataclass(frozen=True, slots=True)
class Work:
    """A sample with other settings; `heavy` where a step takes much longer than to add up its gradients."""

    sample: str
    epochs: int
    batch_size: int
    heavy: bool


WORKS = (Work("mlp_digits", 12, 256, False), Work("residual_digits", 4, 256, True))


def project_of(work: Work) -> Project:
    """The sample on one thread for each process."""
    loaded = storage.load(SAMPLES / f"{work.sample}.loom")
    plain = replace(loaded, training=replace(loaded.training, optimizer=SGD))
    return set_training(plain, epochs=work.epochs, batch_size=work.batch_size, threads=1)


def trained(project: Project, number: int) -> list[Event]:
    """What a training by so many processes, none of them this one, tells."""
    runner = ProcessRunner() if number == 1 else ProcessesRunner(number)
    with tempfile.TemporaryDirectory() as folder:
        runner.start(Job(project, SAMPLES, create_run(project, SAMPLES, Path(folder))))
        while not runner.join(0.1):
            pass
        found = runner.poll()
        runner.close(10.0)
    assert isinstance(found[-1], Finished), found[-1]
    return found


def speed(events: Sequence[Event], samples: int) -> float:
    """Samples per second after the first epoch, validation included."""
    ends = [event.time for event in events if isinstance(event, EpochEnded)]
    return samples * (len(ends) - 1) / (ends[-1] - ends[0])


def losses(events: Sequence[Event]) -> list[float]:
    """The loss of every step."""
    return [loss for event in events if isinstance(event, Progress) for loss in event.losses]


def rows(work: Work, rounds: int) -> list[Row]:
    """The rows of one work."""
    project, cores = project_of(work), available_cores()
    speeds: dict[int, list[float]] = {1: [], 2: []}
    told: dict[int, list[float]] = {}
    for _ in range(rounds):
        for number in speeds:
            events = trained(project, number)
            speeds[number].append(speed(events, 1257))
            told[number] = losses(events)
    one, two = (statistics.median(speeds[number]) for number in (1, 2))
    apart = max(abs(a - b) for a, b in zip(told[1], told[2], strict=True))
    name = f"{work.sample}, batch {work.batch_size}"
    wanted = f"≥ {LEAST}" if work.heavy and cores >= 4 else ""
    return [
        Row(f"{name}, 2 processes ({cores} cores)", "1 process, the same batches", two / one, "×", wanted),
        Row(f"{name}, 1 process", "", one, "samples/s"),
        Row(
            f"{name}, 2 processes: largest difference of losses",
            "1 process",
            apart,
            "",
            "" if work.heavy else "≤ 1e-06",
        ),
    ]


def main() -> None:
    """Print the table."""
    chosen = arguments(__doc__ or "")
    began = time.perf_counter()
    found = [row for work in WORKS for row in rows(work, 1 if chosen.quick else 3)]
    show(found, chosen.json)
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()

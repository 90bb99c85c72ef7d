"""Training speed: small networks and a ResNet-18 against PyTorch programs, Keras and Lightning, and how soon
the first step comes.

Run as `python -m benchmarks.training [--quick] [--json FILE] [--only WORD] [--peers PYTHON …]`. The others
are processes of their own that take turns with the engine; what this Python has not is looked for in those of
--peers. All train on the same samples and none validates; the engine's time covers its accuracy metric,
checkpoints and events, too. Samples per second of training, after the first epoch.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
import torch

from benchmarks import training_networks as networks
from benchmarks.table import Row, Time, Watch, alternate, medians, parser, show
from benchmarks.training_peers import Peer, first_steps, python_with
from benchmarks.training_programs import MOMENTUM, RATE, Make
from studio.project.project import Data, Project, Setting, Training
from studio.train.control import Control
from studio.train.engine import run
from studio.train.events import EpochEnded, Event
from studio.train.job import Job
from studio.train.runs import create_run

SGD, ADAMW = Setting("SGD", {"lr": RATE, "momentum": MOMENTUM}), Setting("AdamW", {"lr": RATE})
Arrays = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Contest:
    """One network, drawn and as modules; `rivals` are what is promised against whom.

    `samples` are those of a quick round and of a full one, of which slow rivals have a fourth; `epochs` are
    those of the engine that a round takes the mean of.
    """

    work: str
    drawn: Callable[[], Project]
    make: Make
    data: Callable[[int], Arrays]
    rivals: dict[str, float]
    samples: tuple[int, int]
    batch: int = 64
    optimizer: Setting = SGD
    rounds: tuple[int, int] = (3, 9)
    epochs: tuple[int, int] = (2, 5)


def pictures(count: int) -> Arrays:
    """Of ten classes, 28×28 in grey."""
    random = np.random.default_rng(0)
    return random.integers(0, 256, (count, 1, 28, 28), np.uint8), random.integers(0, 10, count)


def photos(count: int) -> Arrays:
    """Of ten classes, 64×64 in colour."""
    random = np.random.default_rng(0)
    return random.integers(0, 256, (count, 3, 64, 64), np.uint8), random.integers(0, 10, count)


def letters(count: int) -> Arrays:
    """Pieces of a text, and after each letter the next one."""
    text = np.random.default_rng(0).integers(0, networks.LETTERS, (count, networks.PLACES + 1))
    return text[:, :-1].copy(), text[:, 1:].copy()


TEXTBOOK, LEAN = "textbook PyTorch", "a lean hand-written loop"
KERAS = {"Keras fit on TensorFlow": "tensorflow", "Keras fit on torch": "torch"}
LIGHTNING = {"Lightning Trainer, textbook data": "textbook", "Lightning Trainer, data in memory": "memory"}
SLOW = (TEXTBOOK, "Lightning Trainer, textbook data")
CONTESTS = (
    Contest(
        "MLP 784–128–10, batch 64, SGD momentum",
        lambda: networks.drawn(*networks.DENSE),
        networks.dense,
        pictures,
        dict(zip((TEXTBOOK, *LIGHTNING, *KERAS, LEAN), (8, 10, 3, 2.6, 3.9, 1.0), strict=True)),
        (12_000, 40_000),
    ),
    Contest(
        "CNN 1–16–32, 3×3, max-pool, batch 64",
        lambda: networks.drawn(*networks.CONVOLUTIONAL),
        networks.convolutional,
        pictures,
        {TEXTBOOK: 2.6, LEAN: 2, "Keras fit on TensorFlow": 1.2},
        (4_000, 10_000),
    ),
    Contest(
        "small character Transformer, batch 32, AdamW",
        networks.drawn_letters,
        networks.Letters,
        letters,
        {LEAN: 1.0},
        (640, 3_200),
        batch=32,
        optimizer=ADAMW,
    ),
    Contest(
        "ResNet-18 on 64×64, batch 32",
        networks.drawn_resnet18,
        networks.resnet18,
        photos,
        {"hand-written with channels_last": 1.0},
        (96, 640),
        batch=32,
        rounds=(1, 7),
        epochs=(2, 2),
    ),
)


MEASURED = "layer statistics switched on"
MEASURED_CONTESTS = tuple(zip(CONTESTS[:2], (20, 5), strict=True))
"""Whose layers are measured, in runs of so many epochs: of about three seconds."""


def project(contest: Contest, file: Path, epochs: int, statistics: bool = False) -> Project:
    """The drawing with its data and settings."""
    options = {
        "epochs": epochs,
        "batch_size": contest.batch,
        "device": "cpu",
        "threads": torch.get_num_threads(),
        "patience": None,
        "layer_statistics": statistics,
    }
    data = Data(Setting("Arrays", {"path": str(file), "target": "y"}), {"validation": 0.0, "test": 0.0})
    return replace(contest.drawn(), data=data, training=Training(contest.optimizer, options=options))


def engine(contest: Contest, file: Path, epochs: int, statistics: bool = False) -> Callable[[], Time]:
    """An epoch of Neuroloom's own: the mean over those after the first."""
    drawing, folder = project(contest, file, epochs + 1, statistics), file.parent

    def several() -> Time:
        watches: list[Watch] = []
        ends: list[Time] = []

        def listen(event: Event) -> None:
            if isinstance(event, EpochEnded):
                if not watches:
                    watches.append(Watch())
                ends.append(watches[0].stop())

        result = run(Job(drawing, folder, create_run(drawing, folder, folder / "runs")), listen, Control())
        assert result.finished, result.failed
        return Time(ends[-1].wall / epochs, ends[-1].cpu / epochs)

    return several


def rival(contest: Contest, name: str, file: Path, count: int, pythons: Sequence[str]) -> Peer | None:
    """Who is measured against; None where no Python here has it."""
    module = "lightning" if name in LIGHTNING else "keras" if name in KERAS else "torch"
    python = python_with(pythons, module, *(["tensorflow"] if KERAS.get(name) == "tensorflow" else []))
    if python is None:
        print(f'left out: {name}, which no Python here has (pip install ".[bench]", or --peers PYTHON)')
        return None
    way = {**KERAS, **LIGHTNING, TEXTBOOK: "textbook"}.get(name, "lean")
    return Peer(python, module, way, contest.make.__name__, file, count, contest.batch)


def measure(contest: Contest, quick: bool, pythons: Sequence[str]) -> list[Row]:
    """The rows of one contest."""
    which = 0 if quick else 1
    count = contest.samples[which]
    inputs, targets = contest.data(count)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as open_ones:
        file = Path(folder) / "data.npz"
        np.savez(file, x=inputs, y=targets)
        contenders: dict[str, Callable[[], Time]] = {"engine": engine(contest, file, contest.epochs[which])}
        samples = {"engine": count}
        for name in contest.rivals:
            samples[name] = count // 4 if name in SLOW else count
            if (found := rival(contest, name, file, samples[name], pythons)) is not None:
                contenders[name] = open_ones.enter_context(found)
        seconds, by = medians(alternate(contenders, contest.rounds[which]))
    speed = {name: samples[name] / seconds[name] for name in seconds}
    unit, work = f"× ({by})", contest.work
    return [
        *(
            Row(work, name, speed["engine"] / speed[name], unit, f"≥ {least:g}")
            for name, least in contest.rivals.items()
            if name in speed
        ),
        *(Row(work, f"{name}, samples/s", value, f"/s ({by})") for name, value in speed.items()),
    ]


def measure_statistics(contest: Contest, epochs: int, quick: bool) -> Row:
    """What it costs to measure the layers: runs in many pairs, since the two differ by very little."""
    inputs, targets = contest.data(contest.samples[0])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data.npz"
        np.savez(file, x=inputs, y=targets)
        contenders = {name: engine(contest, file, epochs, name == "on") for name in ("on", "off")}
        times = alternate(contenders, 7 if quick else 31)
    _, by = medians(times)
    pairs = zip(times["on"], times["off"], strict=True)
    ratio = median(off.cpu / on.cpu if by == "CPU time" else off.wall / on.wall for on, off in pairs)
    return Row(f"{contest.work}: {MEASURED}", "off", ratio, f"× ({by})", "≥ 0.98")


def main() -> None:
    """Measure and print."""
    options = parser(__doc__ or "")
    options.add_argument("--only", default="", help="only the contests whose title has this word")
    options.add_argument(
        "--peers", nargs="*", default=[], metavar="PYTHON", help="where Lightning or Keras are"
    )
    chosen = options.parse_args()
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    pythons = [sys.executable, *chosen.peers]
    rows = [
        row
        for contest in CONTESTS
        if chosen.only in contest.work
        for row in measure(contest, chosen.quick, pythons)
    ]
    rows += [
        measure_statistics(contest, epochs, chosen.quick)
        for contest, epochs in MEASURED_CONTESTS
        if chosen.only in f"{contest.work}: {MEASURED}"
    ]
    if not chosen.only or chosen.only in "first step":
        seconds, by = first_steps(3 if chosen.quick else 7)
        rows.append(
            Row("first step after Train, torch loaded, data in memory", "", seconds, f"s ({by})", "≤ 0.3")
        )
    show(rows, chosen.json)


if __name__ == "__main__":
    main()

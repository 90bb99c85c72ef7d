"""Processes that decode samples and are killed from outside: the run goes on to the same digits, or ends in
plain words and can be resumed.
"""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
from PIL import Image

from studio.project.graph import Node
from studio.project.project import Data, Project, Setting, Training
from studio.train.control import Control
from studio.train.engine import run
from studio.train.events import EpochEnded, Event, Failed, Finished, Started, Warned
from studio.train.job import Job
from studio.train.runs import create_run
from tests.train.drawings import chain


def noise(folder: Path, count: int = 120) -> Project:
    """Pictures of two classes, large enough that decoding them takes longer than a step."""
    random = np.random.default_rng(0)
    for at in range(count):
        place = folder / "pets" / "ab"[at % 2]
        place.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 255, (200, 200, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(place / f"{at}.png")
    steps = Node("x", "Input", {"field": "image"}), Node("flat", "Flatten")
    graph = chain(*steps, Node("scores", "Linear", {"out_features": 2}), Node("loss", "CrossEntropy"))
    data = Data(Setting("ImageFolder", {"folder": "pets"}), {"workers": 2})
    return Project(
        "pets", graph, data, Training(Setting("SGD", {"lr": 1e-4}), options={"epochs": 2, "batch_size": 4})
    )


def trained(project: Project, folder: Path, killing: int) -> list[Event]:
    """The events of a run whose decoding processes are killed so many times, as soon as there are some."""
    path = create_run(project, folder, folder / "runs")
    events: list[Event] = []
    left = [killing]

    def emit(event: Event) -> None:
        events.append(event)
        children = [one for one in multiprocessing.active_children() if "Spawn" in type(one).__name__]
        if left[0] and children and not isinstance(event, Started | Warned):
            left[0] -= 1
            for one in children:
                one.kill()

    run(Job(project, folder, path), emit, Control())
    assert not left[0], "nothing was killed"
    return events


def test_it_goes_on_to_the_same_digits(tmp_path: Path) -> None:
    project = noise(tmp_path)
    killed = trained(project, tmp_path, 1)
    assert isinstance(killed[-1], Finished), killed[-1]
    (warned,) = [one for one in killed if isinstance(one, Warned)]
    assert "ended from outside" in warned.message
    assert "workers" in warned.hint
    calm = trained(project, tmp_path, 0)
    losses = [
        [one.train["loss"] for one in events if isinstance(one, EpochEnded)] for events in (killed, calm)
    ]
    assert losses[0] == losses[1]
    assert not [one for one in calm if isinstance(one, Failed | Warned)]

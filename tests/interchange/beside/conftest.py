"""One process of each framework for all tests: TensorFlow takes seconds to load."""

from __future__ import annotations

import queue
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from studio.interchange.beside.comparison import PROGRAMS
from studio.interchange.beside.told import FRAMEWORKS, Framework
from studio.project import storage
from studio.project.project import Project
from studio.train.host_child import Child

LONG = 90.0


@dataclass
class Trained:
    """What both said of one project: as it was made ready, and the epochs of each."""

    ready: Mapping[str, Any]
    epochs: Mapping[Framework, list[Mapping[str, Any]]]

    def differences(self, which: str = "train") -> list[float]:
        """How far the losses are apart, by epoch."""
        pairs = zip(self.epochs["pytorch"], self.epochs["tensorflow"], strict=True)
        return [abs(one[which] - other[which]) / abs(one[which]) for one, other in pairs]


class Sides:
    """Both processes, given their orders one after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, 0
        self._heard: dict[Framework, queue.SimpleQueue[Mapping[str, Any]]] = {}
        self._children: dict[Framework, Child] = {}
        for name in FRAMEWORKS:
            heard = self._heard[name] = queue.SimpleQueue()
            lost = lambda end, heard=heard: heard.put({"told": "failed", "message": f"lost: {end}"})  # noqa: E731
            self._children[name] = Child(heard.put, lost, program=PROGRAMS[name])

    def train(self, project: Project, folder: Path, epochs: int) -> Trained:
        """Both, epoch by epoch, as a comparison has them do it. AssertionError says what went wrong."""
        self._count += 1
        hand = self._folder / str(self._count)
        hand.mkdir()
        order = {
            "order": "prepare",
            "project": storage.dumps(project),
            "folder": str(folder),
            "handover": str(hand),
            "epochs": epochs,
            "trusted": (),
        }
        ready = self._ask("pytorch", order)
        self._ask("tensorflow", {"order": "prepare", "handover": str(hand)})
        found: dict[Framework, list[Mapping[str, Any]]] = {name: [] for name in FRAMEWORKS}
        for epoch in range(1, epochs + 1):
            for name in FRAMEWORKS:
                found[name].append(self._ask(name, {"order": "epoch", "epoch": epoch}))
        shutil.rmtree(hand)
        return Trained(ready, found)

    def _ask(self, name: Framework, order: Mapping[str, Any]) -> Mapping[str, Any]:
        self._children[name].order(lambda: order)
        while True:
            told = self._heard[name].get(timeout=LONG)
            assert told["told"] != "failed", told
            if told["told"] != "losses":
                return told

    def close(self) -> None:
        """End both."""
        for child in self._children.values():
            child.leave()
        for child in self._children.values():
            assert child.join(10.0)


@pytest.fixture(scope="package")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    made = Sides(tmp_path_factory.mktemp("beside"))
    yield made
    made.close()

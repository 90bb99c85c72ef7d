"""Training speed: a small dense and a small convolutional network, batches of 64, against PyTorch programs.

The engine's time covers all that it does: its accuracy metric, validation after each epoch, checkpoints and
events. The hand-written programs only train. Samples per second of training, after the first epoch.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

from benchmarks.table import Row, Time, Watch, alternate, arguments, medians, show
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Data, Project, Setting, Training
from studio.train.control import Control
from studio.train.engine import run
from studio.train.events import EpochEnded, Event
from studio.train.job import Job
from studio.train.runs import create_run

BATCH, RATE, MOMENTUM = 64, 0.01, 0.9
HELD = 0.15


class Pictures(Dataset[tuple[torch.Tensor, int]]):
    """Samples as the tutorials make them: torchvision's MNIST with ToTensor and Normalize, call by call."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.images, self.labels = torch.from_numpy(images), torch.from_numpy(labels)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        picture = Image.fromarray(self.images[index, 0].numpy())
        return normalize(to_tensor(picture)), int(self.labels[index])


def to_tensor(picture: Image.Image) -> torch.Tensor:
    """torchvision.transforms.ToTensor."""
    values = torch.from_numpy(np.array(picture, np.uint8, copy=True))
    values = values.view(picture.size[1], picture.size[0], len(picture.getbands()))
    return values.permute((2, 0, 1)).contiguous().to(dtype=torch.float32).div(255)


def normalize(tensor: torch.Tensor) -> torch.Tensor:
    """torchvision.transforms.Normalize((0.5,), (0.5,))."""
    tensor = tensor.clone()
    mean = torch.as_tensor((0.5,), dtype=tensor.dtype, device=tensor.device)
    std = torch.as_tensor((0.5,), dtype=tensor.dtype, device=tensor.device)
    if (std == 0).any():
        raise ValueError("a deviation of zero")
    return tensor.sub_(mean.view(-1, 1, 1)).div_(std.view(-1, 1, 1))


@dataclass(frozen=True)
class Contest:
    """One network, drawn and as modules, and what is promised against the textbook and the lean loop."""

    work: str
    nodes: tuple[Node, ...]
    modules: Callable[[], nn.Sequential]
    textbook: float
    lean: float
    share: int = 1
    """One of so many samples is enough."""


def dense() -> nn.Sequential:
    """784-128-10."""
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def convolutional() -> nn.Sequential:
    """Two convolutions, each with its max-pool, as the tutorials write them."""
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 7 * 7, 10)),
    )


CONTESTS = (
    Contest(
        "MLP 784–128–10, batch 64, SGD momentum",
        (
            Node("flatten", "Flatten"),
            Node("hidden", "Linear", {"out_features": 128}),
            Node("relu", "ReLU"),
            Node("scores", "Linear", {"out_features": 10}),
        ),
        dense,
        textbook=8,
        lean=1.0,
    ),
    Contest(
        "CNN 1–16–32, 3×3, max-pool, batch 64",
        (
            Node("conv1", "Conv2d", {"out_channels": 16, "padding": 1}),
            Node("relu1", "ReLU"),
            Node("pool1", "MaxPool2d"),
            Node("conv2", "Conv2d", {"out_channels": 32, "padding": 1}),
            Node("relu2", "ReLU"),
            Node("pool2", "MaxPool2d"),
            Node("flatten", "Flatten"),
            Node("scores", "Linear", {"out_features": 10}),
        ),
        convolutional,
        textbook=2.6,
        lean=2,
        share=4,
    ),
)


def network(contest: Contest) -> nn.Sequential:
    """The network of all contenders."""
    torch.manual_seed(0)
    return contest.modules()


def textbook(contest: Contest, images: np.ndarray, labels: np.ndarray) -> Callable[[], Time]:
    """An epoch as most tutorials write it."""
    model, loss_of = network(contest), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)
    loader = DataLoader(Pictures(images, labels), batch_size=BATCH, shuffle=True)

    def epoch() -> Time:
        watch, total = Watch(), 0.0
        for image, label in loader:
            optimizer.zero_grad()
            loss = loss_of(model(image), label)
            loss.backward()
            optimizer.step()
            total += loss.item()
        return watch.stop()

    return epoch


def lean(contest: Contest, images: np.ndarray, labels: np.ndarray) -> Callable[[], Time]:
    """An epoch as an expert writes it: one tensor, gathered batches, the fused optimizer, no waiting."""
    x = torch.from_numpy(images).to(torch.float32).div(255).sub(0.5).div(0.5)
    y = torch.from_numpy(labels)
    model, loss_of = network(contest), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM, fused=True)

    def epoch() -> Time:
        watch, total = Watch(), torch.zeros(())
        for rows in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            loss = loss_of(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.detach()
        total.item()
        return watch.stop()

    return epoch


def project(contest: Contest, file: Path, epochs: int) -> Project:
    """The same network as a drawing."""
    nodes = (
        Node("x", "Input", {"field": "x"}),
        *contest.nodes,
        Node("loss", "CrossEntropy", {"target": "y"}),
    )
    edges = tuple(
        Edge(
            Endpoint(source.name, "output"),
            Endpoint(target.name, "prediction" if target.name == "loss" else "input"),
        )
        for source, target in pairwise(nodes)
    )
    return Project(
        "benchmark",
        Graph({node.name: node for node in nodes}, edges),
        Data(Setting("Arrays", {"path": str(file)}), {"validation": HELD, "test": 0.0}),
        Training(
            Setting("SGD", {"lr": RATE, "momentum": MOMENTUM}),
            options={
                "epochs": epochs,
                "batch_size": BATCH,
                "device": "cpu",
                "threads": torch.get_num_threads(),
            },
        ),
    )


def engine(contest: Contest, file: Path, epochs: int, folder: Path) -> Callable[[], Time]:
    """An epoch of Neuroloom's own, validation and all: the mean over those after the first."""
    drawing = project(contest, file, epochs + 1)

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


def measure(contest: Contest, quick: bool) -> list[Row]:
    """The rows of one contest."""
    count, rounds, epochs = (12_000, 5, 4) if quick else (40_000, 9, 5)
    count //= contest.share
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (count, 1, 28, 28), dtype=np.uint8)
    labels = random.integers(0, 10, count)
    trained = count - round(count * HELD)
    fewer = trained // 4
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pictures.npz"
        np.savez(file, x=images, y=labels)
        times = alternate(
            {
                "engine": engine(contest, file, epochs, Path(folder)),
                "lean": lean(contest, images[:trained], labels[:trained]),
                "textbook": textbook(contest, images[:fewer], labels[:fewer]),
            },
            rounds,
        )
    seconds, by = medians(times)
    samples = {"engine": trained, "lean": trained, "textbook": fewer}
    speed = {name: samples[name] / seconds[name] for name in seconds}
    unit, work = f"× ({by})", contest.work
    return [
        Row(work, "textbook PyTorch", speed["engine"] / speed["textbook"], unit, f"≥ {contest.textbook:g}"),
        Row(work, "a lean hand-written loop", speed["engine"] / speed["lean"], unit, f"≥ {contest.lean:g}"),
        *(Row(work, f"{name}, samples/s", value, f"/s ({by})") for name, value in speed.items()),
    ]


def main() -> None:
    """Measure and print."""
    chosen = arguments(__doc__ or "")
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    show([row for contest in CONTESTS for row in measure(contest, chosen.quick)], chosen.json)


if __name__ == "__main__":
    main()

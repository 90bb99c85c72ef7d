"""Training speed: the small network 784-128-10, batches of 64, momentum, against two PyTorch programs.

The engine's time covers all that it does: its accuracy metric, validation after each epoch, checkpoints and
events. The hand-written programs only train. Samples per second of training, after the first epoch.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import tempfile
from collections.abc import Callable
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

WORK = "MLP 784–128–10, batch 64, SGD momentum"
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


def network() -> nn.Sequential:
    """The network of all contenders."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def textbook(images: np.ndarray, labels: np.ndarray) -> Callable[[], Time]:
    """An epoch as most tutorials write it."""
    model, loss_of = network(), nn.CrossEntropyLoss()
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


def lean(images: np.ndarray, labels: np.ndarray) -> Callable[[], Time]:
    """An epoch as an expert writes it: one tensor, gathered batches, the fused optimizer, no waiting."""
    x = torch.from_numpy(images).to(torch.float32).div(255).sub(0.5).div(0.5)
    y = torch.from_numpy(labels)
    model, loss_of = network(), nn.CrossEntropyLoss()
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


def project(file: Path, epochs: int) -> Project:
    """The same network as a drawing."""
    nodes = (
        Node("x", "Input", {"field": "x"}),
        Node("flatten", "Flatten"),
        Node("hidden", "Linear", {"out_features": 128}),
        Node("relu", "ReLU"),
        Node("scores", "Linear", {"out_features": 10}),
        Node("loss", "CrossEntropy", {"target": "y"}),
    )
    ports = ("input", "input", "input", "input", "prediction")
    edges = tuple(
        Edge(Endpoint(source.name, "output"), Endpoint(target.name, port))
        for source, target, port in zip(nodes, nodes[1:], ports, strict=False)
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


def engine(file: Path, epochs: int, folder: Path) -> Callable[[], Time]:
    """An epoch of Neuroloom's own, validation and all: the mean over those after the first."""
    drawing = project(file, epochs + 1)

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


def main() -> None:
    """Measure and print."""
    chosen = arguments(__doc__ or "")
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    count, rounds, epochs = (12_000, 5, 4) if chosen.quick else (40_000, 9, 5)
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (count, 1, 28, 28), dtype=np.uint8)
    labels = random.integers(0, 10, count)
    trained = count - round(count * HELD)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pictures.npz"
        np.savez(file, x=images, y=labels)
        times = alternate(
            {
                "engine": engine(file, epochs, Path(folder)),
                "lean": lean(images[:trained], labels[:trained]),
                "textbook": textbook(images[: trained // 4], labels[: trained // 4]),
            },
            rounds,
        )
    seconds, by = medians(times)
    speed = {
        "engine": trained / seconds["engine"],
        "lean": trained / seconds["lean"],
        "textbook": trained // 4 / seconds["textbook"],
    }
    show(
        [
            Row(WORK, "textbook PyTorch", speed["engine"] / speed["textbook"], f"× ({by})", "≥ 8"),
            Row(WORK, "a lean hand-written loop", speed["engine"] / speed["lean"], f"× ({by})", "≥ 1.0"),
            *(Row(WORK, f"{name}, samples/s", value, f"/s ({by})") for name, value in speed.items()),
        ],
        chosen.json,
    )


if __name__ == "__main__":
    main()

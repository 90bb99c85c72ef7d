"""Small projects on real data, and running them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from studio.places import shipped
from studio.project import storage
from studio.project.edits import set_training
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Data, Project, Setting, Training
from studio.train import runs
from studio.train.control import Control
from studio.train.engine import run
from studio.train.events import Event, Progress
from studio.train.job import Job, Result

SAMPLES = shipped("samples")
DIGITS = Data(Setting("ScikitLearn", {"dataset": "digits"}))


def chain(*nodes: Node) -> Graph:
    """Nodes wired one after the other."""
    edges = []
    for source, target in pairwise(nodes):
        port = "prediction" if target.type in ("CrossEntropy", "MSE", "NLL", "BCEWithLogits") else "input"
        edges.append(Edge(Endpoint(source.name, "output"), Endpoint(target.name, port)))
    return Graph({node.name: node for node in nodes}, tuple(edges))


def digits(
    *hidden: Node, data: Data = DIGITS, optimizer: Setting | None = None, **options: object
) -> Project:
    """Digits through some layers to ten scores."""
    graph = chain(
        Node("image", "Input", {"field": "image"}),
        Node("flatten", "Flatten"),
        *hidden,
        Node("scores", "Linear", {"out_features": 10}),
        Node("loss", "CrossEntropy"),
    )
    chosen = optimizer or Setting("SGD", {"lr": 0.05, "momentum": 0.9})
    given = {"epochs": 3, "batch_size": 64, **options}
    return Project("digits", graph, data, Training(chosen, Setting("Constant"), given))


def everything(**options: object) -> Project:
    """What an exact resume must carry: dropout, running statistics, AdamW, schedule, clipping, two losses."""
    project = digits(
        Node("hidden", "Linear", {"out_features": 32}),
        Node("norm", "BatchNorm1d"),
        Node("relu", "ReLU"),
        Node("dropout", "Dropout", {"p": 0.3}),
        optimizer=Setting("AdamW", {"lr": 0.01}),
        **{"epochs": 4, "clip_norm": 1.0, "patience": 3, **options},
    )
    graph = project.graph.with_nodes(
        Node("picture", "Linear", {"out_features": 64}),
        Node("likeness", "MSE", {"target": "", "weight": 0.1, "metrics": ("mae", "rmse", "r2")}),
    ).with_edges(
        Edge(Endpoint("dropout", "output"), Endpoint("picture", "input")),
        Edge(Endpoint("picture", "output"), Endpoint("likeness", "prediction")),
        Edge(Endpoint("flatten", "output"), Endpoint("likeness", "target")),
    )
    training = replace(project.training, schedule=Setting("Cosine", {"least": 0.1}))
    return replace(project, graph=graph, training=training)


def sample(name: str, **options: object) -> Project:
    """A shipped sample with some training options changed."""
    return set_training(storage.load(SAMPLES / f"{name}.loom"), **options)


@dataclass
class Recorded:
    """A run and what it told. Emits to it may act on the run: `steer(event, control)`."""

    result: Result
    events: list[Event]

    def of(self, kind: type[Event]) -> list[Event]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def losses(self) -> list[float]:
        """Every step's training loss."""
        return losses(self.events)


def losses(events: Sequence[Event]) -> list[float]:
    """Every step's training loss."""
    return [loss for event in events if isinstance(event, Progress) for loss in event.losses]


def train(
    project: Project,
    runs_dir: Path,
    run_dir: Path | None = None,
    steer: Callable[[Event, Control], None] | None = None,
    resume: bool = False,
    control: Control | None = None,
) -> Recorded:
    """Run a project in this thread; `steer(event, control)` sees every event as it comes."""
    flags, events = control or Control(), []
    path = run_dir or runs.create_run(project, SAMPLES, runs_dir)

    def emit(event: Event) -> None:
        events.append(event)
        if steer is not None:
            steer(event, flags)

    return Recorded(run(Job(project, SAMPLES, path, resume), emit, flags), events)

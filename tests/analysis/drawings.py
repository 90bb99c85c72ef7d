"""Small drawings, and trained runs of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Data, Project, Setting, Training
from studio.train.control import Control
from studio.train.engine import run
from studio.train.job import Job
from studio.train.runs import create_run

DIGITS = Data(Setting("ScikitLearn", {"dataset": "digits"}))
IRIS = Data(Setting("ScikitLearn", {"dataset": "iris"}))


def graph(nodes: list[Node], *wires: str) -> Graph:
    """Wires are written "from > to" or "from > to.port"."""
    edges: list[Edge] = []
    for wire in wires:
        source, target = wire.split(" > ")
        node, _, port = target.partition(".")
        edges.append(Edge(Endpoint(source, "output"), Endpoint(node, port or "input")))
    return Graph({node.name: node for node in nodes}, tuple(edges))


def classifier(field: str, classes: int, loss: str = "CrossEntropy", label: str = "label") -> Graph:
    """Flatten, Linear, and for NLL a LogSoftmax."""
    last = "log" if loss == "NLL" else "fc"
    extra = [Node("log", "LogSoftmax")] if loss == "NLL" else []
    return graph(
        [
            Node("x", "Input", {"field": field}),
            Node("flat", "Flatten"),
            Node("fc", "Linear", {"out_features": classes}),
            *extra,
            Node("said", loss, {"target": label}),
        ],
        *("x > flat", "flat > fc", *(["fc > log"] if extra else []), f"{last} > said.prediction"),
    )


def regressor(field: str, target: str) -> Graph:
    """One Linear layer."""
    return graph(
        [
            Node("x", "Input", {"field": field}),
            Node("fc", "Linear", {"out_features": 1}),
            Node("error", "MSE", {"target": target}),
        ],
        *("x > fc", "fc > error.prediction"),
    )


def trained(
    drawing: Graph,
    data: Data,
    folder: Path,
    epochs: int = 10,
    rate: float = 0.02,
    options: Mapping[str, int] | None = None,
) -> Path:
    """Train a drawing for real; the folder of the run."""
    training = Training(
        Setting("Adam", {"lr": rate}), options={"epochs": epochs, "device": "cpu", **(options or {})}
    )
    project = Project("project", drawing, data, training)
    path = create_run(project, folder, folder / "runs")
    result = run(Job(project, folder, path), lambda event: None, Control())
    assert result.failed is None, result.failed
    return path

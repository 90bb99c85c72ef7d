"""Data and drawings that are odd: each trains, or says in one sentence why it cannot."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.analysis.predict import Predictor
from studio.data.describe import describe
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Data, Project, Setting, Training
from studio.train.events import EpochEnded, Failed, Finished, Started
from tests.train.drawings import chain, train

NORM = (Node("wide", "Linear", {"out_features": 4}), Node("norm", "BatchNorm1d"))
WHOLE = {"validation": 0.0, "test": 0.0}
Make = Callable[[Path], Project]


def rows(count: int, line: Callable[[int], str], header: str = "a,b,y") -> str:
    """A table."""
    return "\n".join([header, *(line(at) for at in range(count))])


def table(folder: Path, text: str, **params: str) -> Setting:
    (folder / "table.csv").write_text(text)
    return Setting("CSV", {"path": str(folder / "table.csv"), **params})


def arrays(folder: Path, **given: object) -> Setting:
    np.savez(folder / "arrays.npz", **given)
    return Setting("Arrays", {"path": str(folder / "arrays.npz"), "target": "y"})


def line(*between: Node, loss: str = "MSE", outputs: int = 1, field: str = "features", **params) -> Graph:
    """Input, what is between, a Linear and a loss that compares with y."""
    return chain(
        Node("x", "Input", {"field": field}),
        *between,
        Node("scores", "Linear", {"out_features": outputs}),
        Node("loss", loss, {"target": "y", **params}),
    )


def project(graph: Graph, source: Setting, options: dict[str, float] | None = None, **training) -> Project:
    return Project(
        "odd",
        graph,
        Data(source, options or {}),
        Training(
            Setting("SGD", {"lr": 0.01}), Setting("Constant"), {"epochs": 2, "batch_size": 8, **training}
        ),
    )


def plain(folder: Path, count: int = 20) -> Setting:
    return table(folder, rows(count, lambda at: f"{at},{at % 3},{at / 2}"))


def two_losses(folder: Path) -> Project:
    graph = line(loss="CrossEntropy", outputs=2)
    graph = graph.with_nodes(
        replace(graph.nodes["loss"], params={"target": "kind"}),
        Node("size", "Linear", {"out_features": 1}),
        Node("far", "MSE", {"target": "y"}),
        Node("out", "Output"),
    ).with_edges(
        Edge(Endpoint("x", "output"), Endpoint("size", "input")),
        Edge(Endpoint("size", "output"), Endpoint("far", "prediction")),
        Edge(Endpoint("size", "output"), Endpoint("out", "input")),
    )
    text = rows(40, lambda at: f"{at},{at * 3 % 7},{'uv'[at % 2]},{at / 3}", "a,b,kind,y")
    return project(graph, table(folder, text, target="kind,y"))


def muted(folder: Path) -> Project:
    hidden = Node("hidden", "Linear", {"out_features": 4}, muted=True)
    return project(line(hidden, Node("relu", "ReLU", muted=True)), plain(folder))


def unused(folder: Path) -> Project:
    graph = line().with_nodes(Node("aside", "Input", {"field": "a"}))
    return project(graph, plain(folder))


TRAINS: dict[str, Make] = {
    "two rows": lambda at: project(line(), table(at, "a,b,y\n1,2,3\n2,3,4\n")),
    "one array row": lambda at: project(line(field="x"), arrays(at, x=np.ones((1, 3)), y=np.ones((1, 1)))),
    "constant columns": lambda at: project(line(), table(at, rows(20, lambda n: f"5,{n},{n}"))),
    "nothing varies": lambda at: project(line(), table(at, rows(20, lambda _: "5,5,3.5"))),
    "tiny spread": lambda at: project(line(), table(at, rows(20, lambda n: f"{n}e-40,{n},{n}"))),
    "large numbers": lambda at: project(line(), table(at, rows(20, lambda n: f"{n}e37,{n},{n}"))),
    "batch larger than the data": lambda at: project(line(), plain(at), batch_size=1000),
    "no validation, no test": lambda at: project(line(), plain(at), WHOLE, patience=1),
    "a last batch of one": lambda at: project(line(*NORM), plain(at, 17), WHOLE),
    "two losses": two_losses,
    "muted nodes": muted,
    "an unused input": unused,
    "the learning rate is 0": lambda at: replace(
        project(line(), plain(at)),
        training=Training(Setting("SGD", {"lr": 0.0}), Setting("Constant"), {"epochs": 2}),
    ),
}


@pytest.mark.parametrize("name", TRAINS)
def test_it_trains_and_predicts(name: str, tmp_path: Path) -> None:
    made = TRAINS[name](tmp_path)
    told = describe(made.data, tmp_path).problems
    assert [one.severity for one in told] == (["warning"] if name == "nothing varies" else [])
    ran = train(made, tmp_path / "runs")
    assert isinstance(ran.events[-1], Finished), ran.events[-1]
    assert ran.events[-1].reason == "completed"
    last = ran.of(EpochEnded)[-1]
    parts = ran.of(Started)[0].samples
    for part, told in (("train", last.train), ("validation", last.validation), ("test", ran.events[-1].test)):
        assert bool(told) == bool(parts[part]), part
        assert all(math.isfinite(value) for value in told.values()), (part, told)
    (answer,) = Predictor(ran.result.run_dir).predict(["1,2,3" if name == "one array row" else "1,2"])
    assert answer.answers


def no_weights(folder: Path) -> Project:
    graph = chain(
        Node("x", "Input", {"field": "a"}), Node("relu", "ReLU"), Node("loss", "MSE", {"target": "y"})
    )
    return project(graph, plain(folder))


def no_loss(folder: Path) -> Project:
    return project(line().without_nodes(["loss"]), plain(folder))


def muted_input(folder: Path) -> Project:
    graph = line()
    return project(graph.with_nodes(replace(graph.nodes["x"], muted=True)), plain(folder))


REFUSED: dict[str, tuple[Make, str]] = {
    "a single row": (
        lambda at: project(line(), table(at, "a,b,y\n1,2,3\n")),
        "table.csv holds one row of data; at least two are needed",
    ),
    "a header alone": (lambda at: project(line(), table(at, "a,b,y\n")), "table.csv holds no row of data"),
    "one sample and BatchNorm": (
        lambda at: project(line(*NORM, field="x"), arrays(at, x=np.ones((1, 3)), y=np.ones((1, 1)))),
        "one sample to train on is too few for norm",
    ),
    "one sample a step and BatchNorm": (
        lambda at: project(line(*NORM), plain(at), batch_size=1),
        "one sample a step is too few for norm",
    ),
    "one class": (
        lambda at: project(line(loss="CrossEntropy"), table(at, rows(20, lambda n: f"{n},{n},cat"))),
        "loss: all 14 samples of the training part are of one class of y, cat",
    ),
    "numbers beyond single precision": (
        lambda at: project(line(), table(at, rows(20, lambda n: f"{n},{n},1e{n * 3}"))),
        "table.csv, row 15, column y: 1e39 is too large",
    ),
    "samples without numbers": (
        lambda at: project(line(field="x"), arrays(at, x=np.ones((5, 0)), y=np.ones((5, 1)))),
        "arrays.npz: x has the shape 5×0",
    ),
    "targets missing": (
        lambda at: project(line(), table(at, rows(10, lambda n: f"{n},{n},{n if n % 3 else ''}"))),
        "table.csv, row 2, column y: the value is missing, as in 4 of 10 rows",
    ),
    "a target that is no field": (
        lambda at: project(line(target="price"), plain(at)),
        "loss: the data has no field price to compare with",
    ),
    "nothing left to train on": (
        lambda at: project(line(), plain(at), {"validation": 0.5, "test": 0.5}),
        "Validation (0.5) and test (0.5) together leave nothing for training",
    ),
    "no weights": (no_weights, "No layer that leads to a loss has anything to learn"),
    "no loss": (no_loss, "The drawing has no loss"),
    "a muted input": (muted_input, "nothing comes through the wire from x, which is muted"),
    "nothing drawn": (lambda at: project(Graph(), plain(at)), "The drawing has no loss"),
    "no data": (lambda _: project(line(), Setting("None")), "No data is chosen"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_says_why_it_cannot_train(name: str, tmp_path: Path) -> None:
    make, said = REFUSED[name]
    failed = train(make(tmp_path), tmp_path / "runs").result.failed
    assert isinstance(failed, Failed)
    assert said in failed.message
    assert failed.hint
    assert "mistake of Neuroloom" not in failed.hint

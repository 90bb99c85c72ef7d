"""Metrics of a target that steps changed are told in the units that the data has; where that cannot be, the
units are in the name.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.analysis.evaluate import evaluate
from studio.analysis.predict import Predictor
from studio.data.row_ways import Back
from studio.data.transforms import TRANSFORMS
from studio.data.transforms.step import Step
from studio.project.graph import Node
from studio.project.project import Data, FieldSetting, Project, Setting, Training
from studio.train.events import EpochEnded, Finished
from studio.train.metrics.own_units import OwnUnits
from tests.train.drawings import chain, train

STEPS: dict[str, tuple[Setting, ...]] = {
    "as it is": (),
    "Standardize": (Setting("Standardize"),),
    "RobustScale": (Setting("RobustScale"),),
    "RangeScale": (Setting("RangeScale", {"low": -1.0, "high": 1.0}),),
    "Log": (Setting("Log", {"offset": 1.0}),),
    "Sqrt": (Setting("Sqrt"),),
    "Power": (Setting("Power", {"exponent": 0.5}),),
    "Quantile": (Setting("Quantile", {"output": "uniform"}),),
    "two": (Setting("Log", {"offset": 1.0}), Setting("Standardize")),
    "clipped": (Setting("Clip", {"high": 90_000.0}), Setting("Standardize")),
}
METRICS = ("mae", "rmse", "r2")


def prices(folder: Path, steps: tuple[Setting, ...]) -> Project:
    random = np.random.default_rng(0)
    sizes = random.uniform(20, 200, 160).round(2)
    cost = (sizes * 300 + random.normal(0, 900, 160)).clip(100).round(2)
    lines = [f"{size},{price}" for size, price in zip(sizes, cost, strict=True)]
    (folder / "rooms.csv").write_text("\n".join(["size,price", *lines]))
    graph = chain(
        Node("x", "Input", {"field": "features"}),
        Node("fc", "Linear", {"out_features": 1}),
        Node("loss", "MSE", {"target": "price", "metrics": METRICS}),
    )
    fields = {"price": FieldSetting(transforms=steps)} if steps else {}
    data = Data(Setting("CSV", {"path": str(folder / "rooms.csv")}), fields=fields)
    training = Training(Setting("Adam", {"lr": 0.02}), options={"epochs": 15, "batch_size": 16})
    return Project("rooms", graph, data, training)


@pytest.mark.parametrize("name", STEPS)
def test_they_are_those_of_the_answers_in_the_datas_own_units(tmp_path: Path, name: str) -> None:
    ran = train(prices(tmp_path, STEPS[name]), tmp_path / "runs")
    finished = ran.events[-1]
    assert isinstance(finished, Finished), finished
    run = ran.result.run_dir
    told = evaluate(run, "test")
    truth = np.array([float(one.truth) for one in told.samples])
    rows = (tmp_path / "rooms.csv").read_text().splitlines()[1:]
    inputs = [rows[one.row].partition(",")[0] for one in told.samples]
    said = np.array([float(one.answers["loss"].numbers[0]) for one in Predictor(run).predict(inputs)])
    known = np.array([float(rows[one.row].partition(",")[2]) for one in told.samples])
    if name == "Quantile":  # beyond the ranks of the training part all are one
        known = truth
    assert truth == pytest.approx(known, rel=1e-4)
    for metrics in (finished.test, told.metrics):
        assert metrics["mae"] == pytest.approx(np.abs(said - known).mean(), rel=2e-3)
        assert metrics["rmse"] == pytest.approx(np.sqrt(((said - known) ** 2).mean()), rel=2e-3)
    last = ran.of(EpochEnded)[-1]
    assert last.validation["mae"] > 100 < last.train["mae"]


def test_days_are_in_the_name_and_answers_are_dates(tmp_path: Path) -> None:
    begin = np.datetime64("2026-01-01")
    lines = [f"{at},{begin + np.timedelta64(3 * at, 'D')}" for at in range(100)]
    (tmp_path / "due.csv").write_text("\n".join(["size,due", *lines]))
    graph = chain(
        Node("x", "Input", {"field": "features"}),
        Node("fc", "Linear", {"out_features": 1}),
        Node("loss", "MSE", {"target": "due", "metrics": METRICS}),
    )
    steps = (Setting("Days"), Setting("Standardize"))
    fields = {"due": FieldSetting(kind="time", role="target", transforms=steps)}
    data = Data(Setting("CSV", {"path": str(tmp_path / "due.csv"), "target": "due"}), fields=fields)
    training = Training(Setting("Adam", {"lr": 0.05}), options={"epochs": 60, "batch_size": 8})
    ran = train(Project("due", graph, data, training), tmp_path / "runs")
    finished = ran.events[-1]
    assert isinstance(finished, Finished), finished
    assert set(finished.test) == {"loss", "mae (days)", "rmse (days)", "r2"}
    assert finished.test["mae (days)"] < 10
    (answer,) = Predictor(ran.result.run_dir).predict(["50"])
    said = np.datetime64(str(answer.answers["loss"]).partition(" ")[0])
    assert abs((said - (begin + np.timedelta64(150, "D"))) / np.timedelta64(1, "D")) < 20


def test_tensors_are_brought_back_as_arrays_are() -> None:
    """On another device no value waits for the host: the same functions take tensors."""
    values = np.random.default_rng(0).normal(0, 1, (50, 2))
    states = {"offset": 40.0, "spread": 12.5}
    for type_, params in (
        ("Standardize", {}), ("RobustScale", {}), ("RangeScale", {"low": 0.0, "high": 2.0}),
        ("Log", {"offset": 1.0}), ("Sqrt", {}), ("Power", {"exponent": 3.0}),
    ):  # fmt: skip
        back = Back((Step(type_, TRANSFORMS[type_], params, states),))
        assert back.undone(torch.from_numpy(values)).numpy() == pytest.approx(back(values), rel=1e-12)
        forth: Callable[..., np.ndarray] = TRANSFORMS[type_].apply
        assert back(forth(np.abs(values), params, states)) == pytest.approx(np.abs(values))


def test_names() -> None:
    assert OwnUnits(None, "days").named("mae") == "mae (days)"
    assert OwnUnits(None, "days").named("r2") == "r2"
    assert OwnUnits().named("mae") == "mae"

"""Layers are measured in some steps of a run: the numbers of what is drawn, and no digit differs."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from studio.build.network import Network
from studio.build.observing import Observer
from studio.project.edits import set_training
from studio.project.graph import Node
from studio.project.project import Project, Setting
from studio.train.events import (
    Event,
    Failed,
    Finished,
    LayersMeasured,
    Progress,
    Started,
    Warned,
    from_dict,
    to_dict,
)
from studio.train.history import read_events
from studio.train.host_process import ProcessRunner
from studio.train.job import Job
from studio.train.launch import Runner, ThreadRunner
from studio.train.runs import create_run
from studio.train.statistics import watch
from studio.train.statistics.kept import Thinned
from studio.train.statistics.numbers import activation, reduced
from studio.train.work import Work, make_ready
from tests.train.drawings import SAMPLES, digits, everything, train
from tests.train.test_blocks import with_blocks
from tests.train.test_layout import convolutions
from tests.train.test_resume import assert_same, outcome, stop_at

HIDDEN = (
    Node("hidden", "Linear", {"out_features": 32}),
    Node("norm", "BatchNorm1d"),
    Node("relu", "ReLU"),
    Node("dropout", "Dropout", {"p": 0.2}),
)
PROJECTS: dict[str, Project] = {
    "all at once": everything(patience=None),
    "a ReLU behind its max-pool": convolutions(),
    "blocks": with_blocks(),
    "several batches to a step": digits(*HIDDEN, accumulate=3, average="ema"),
    "bfloat16": digits(*HIDDEN, precision="bfloat16"),
    "L-BFGS": digits(optimizer=Setting("LBFGS", {"max_iter": 4}), batch_size=301, epochs=2),
    "changed at random": convolutions(validate_steps=7),
}


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step but the first is looked at, whatever it costs, and written down."""
    monkeypatch.setattr("studio.train.statistics.kept.SHARE", 0.0)
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    for name, value in (("SHORTEST", 0.0), ("LONGEST", 0.0), ("SHARE", math.inf)):
        monkeypatch.setattr(watch, name, value)


def measured(events: Sequence[Event]) -> list[LayersMeasured]:
    return [event for event in events if isinstance(event, LayersMeasured)]


def ready(project: Project, folder: Path) -> Work:
    """A run made ready, whose next step is looked at."""
    job = Job(set_training(project, layer_statistics=True), SAMPLES, create_run(project, SAMPLES, folder))
    return make_ready(job)


def one_look(work: Work) -> LayersMeasured:
    """What the first step shows."""
    told: list[Event] = []

    class Told:
        clock = staticmethod(lambda: 1.0)

        def __call__(self, event: Event) -> None:
            told.append(event)

    report: Any = Told()
    assert work.watch is not None
    work.watch.attend(report)
    work.network.train()
    samples = work.parts["train"]
    batch = samples.take(samples.order(0, 1)[: work.sizes[0]])
    work.watch.around(work.step)(batch, work.sizes[0])
    work.watch.attend(report)
    (look,) = told
    assert isinstance(look, LayersMeasured)
    return look


@pytest.mark.usefixtures("every_step")
@pytest.mark.parametrize("name", PROJECTS)
def test_no_digit_differs(name: str, tmp_path: Path) -> None:
    plain = train(PROJECTS[name], tmp_path / "plain")
    looked = train(set_training(PROJECTS[name], layer_statistics=True), tmp_path / "measured")
    assert not plain.of(LayersMeasured)
    steps = looked.result.finished.step if looked.result.finished else 0
    assert [event.step for event in measured(looked.events)] == list(range(2, steps + 1))
    assert_same(looked.result.run_dir, outcome(plain.result.run_dir))


@pytest.mark.usefixtures("every_step")
def test_what_is_compiled_is_looked_at_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compiled here is the network as it is, so that its digits are equal on every machine."""
    asked: list[bool] = []

    def compiled(network: Network, size: int) -> Any:
        plain = network.program

        def values(batch: Any) -> Any:
            asked.append(network.program is plain)
            return network.values(batch)

        return values

    monkeypatch.setattr("studio.train.ways.way.compiled", compiled)
    project = everything(patience=None, compile="on", epochs=2)
    plain = train(project, tmp_path / "plain")
    looked = train(set_training(project, layer_statistics=True), tmp_path / "measured")
    assert asked
    assert all(asked)
    assert len(measured(looked.events)) == 39
    assert measured(looked.events)[0].layers["dropout"]["zeros"] > 0.2
    assert_same(looked.result.run_dir, outcome(plain.result.run_dir))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("every_step")
def test_what_torch_compiles_keeps_its_digits(tmp_path: Path) -> None:
    project = digits(*HIDDEN, compile="on", epochs=1)
    plain = train(project, tmp_path / "plain")
    looked = train(set_training(project, layer_statistics=True), tmp_path / "measured")
    assert looked.result.finished is not None
    assert measured(looked.events)
    assert looked.losses == plain.losses


def statistics(values: Tensor) -> dict[str, float]:
    """By the definitions, in double precision."""
    found = values.detach().double()
    return {
        "mean": float(found.mean()),
        "std": float(found.std(correction=0)),
        "zeros": float((found == 0).double().mean()),
        "largest": float(found.abs().max()),
    }


def test_the_numbers_are_those_of_the_drawing(tmp_path: Path) -> None:
    """Also of a ReLU that computes behind its max-pool: what it would give where it is drawn."""
    work = ready(convolutions(), tmp_path)
    network = work.network
    names = network.program.names
    assert names.index("pool1") < names.index("relu1")
    before = {name: one.detach().clone() for name, one in network.named_parameters()}
    samples = work.parts["train"]
    x = samples.take(samples.order(0, 1)[: work.sizes[0]])["image"]
    conv = functional.conv2d(x, before["conv1.weight"], before["conv1.bias"], padding=1)
    norm = functional.batch_norm(
        conv, None, None, before["norm1.weight"], before["norm1.bias"], training=True
    )
    relu = torch.relu(norm)
    expected = {
        "image": x,
        "conv1": conv,
        "norm1": norm,
        "relu1": relu,
        "pool1": functional.max_pool2d(relu, 2),
    }
    look = one_look(work)
    assert list(look.layers) == [*expected, "conv2", "relu2", "flatten", "scores"]
    for name, values in expected.items():
        found = {key: look.layers[name][key] for key in ("mean", "std", "zeros", "largest")}
        assert found == pytest.approx(statistics(values), rel=1e-3, abs=2e-5), name
    assert 0.3 < look.layers["relu1"]["zeros"] < 0.7
    after = {name: one.detach() for name, one in network.named_parameters()}
    for node in ("conv1", "norm1", "conv2", "scores"):
        names = [name for name in before if name.startswith(f"{node}.")]
        moved = math.hypot(*(float((after[name] - before[name]).norm()) for name in names))
        weights = math.hypot(*(float(before[name].norm()) for name in names))
        assert look.layers[node]["weights"] == pytest.approx(weights, rel=1e-4)
        assert look.layers[node]["update"] == pytest.approx(moved / weights, rel=1e-3)
        # the first step of SGD with momentum is that of plain SGD
        assert look.layers[node]["gradient"] == pytest.approx(moved / 0.05, rel=1e-3)
    assert "gradient" not in look.layers["relu1"]


def test_nodes_in_blocks_have_their_path(tmp_path: Path) -> None:
    look = one_look(ready(with_blocks(), tmp_path))
    inside = [f"units/{turn}/{name}" for turn in range(3) for name in ("x", "fc", "norm", "relu", "drop")]
    assert list(look.layers) == ["image", "flatten", "units", "same", "scores", *inside, "same/x", "same/fc"]
    norms = [look.layers[name]["gradient"] for name in inside if "gradient" in look.layers[name]]
    assert len(norms) == 6
    assert set(look.inputs) == {"image", "units/0/x", "units/1/x", "units/2/x", "same/x"}
    assert look.layers["units"]["gradient"] == pytest.approx(math.hypot(*norms), rel=1e-3)
    assert look.layers["units"]["zeros"] == look.layers["units/2/drop"]["zeros"]


def test_frozen_layers_have_weights_and_no_gradient(tmp_path: Path) -> None:
    hidden = Node("hidden", "Linear", {"out_features": 8, "freeze": True})
    found = one_look(ready(digits(hidden), tmp_path)).layers["hidden"]
    assert found["weights"] > 0
    assert found.keys().isdisjoint({"gradient", "update"})


def test_reducing_is_exact_in_every_layout() -> None:
    torch.manual_seed(0)
    values = torch.relu(torch.randn(3, 5, 7, 4)) + torch.tensor([0.0, 1.0, 2.0, 3.0])
    layouts = (
        values,
        values.to(memory_format=torch.channels_last),
        values.transpose(1, 3)[:, ::2],
        values.half(),
        values.double(),
        values[0, 0, 0, 0],
    )
    for one in layouts:
        result = reduced(one)
        found = activation([(result.count, result.moments.tolist())])
        assert found == pytest.approx(statistics(one), rel=1e-4, abs=1e-6)


def test_parts_are_put_together() -> None:
    torch.manual_seed(0)
    parts = [torch.relu(torch.randn(size)) * size for size in (3, 50, 7)]
    found = activation((one.numel(), reduced(one).moments.tolist()) for one in parts)
    assert found == pytest.approx(statistics(torch.cat(parts)), rel=1e-4)


def test_what_is_not_finite_is_said_and_left_out() -> None:
    bad = torch.tensor([1.0, math.inf, math.nan])
    assert activation([(3, reduced(bad).moments.tolist())]) == {"bad": 1.0}
    huge = reduced(torch.tensor([1e30, -1e30])).moments.tolist()
    assert activation([(2, huge)]) == {"mean": 0.0, "zeros": 0.0, "largest": 1e30}


@pytest.mark.usefixtures("every_step")
def test_the_layer_is_told_before_the_run_fails(tmp_path: Path) -> None:
    project = digits(
        Node("hidden", "Linear", {"out_features": 8}),
        optimizer=Setting("SGD", {"lr": 1e18}),
        layer_statistics=True,
    )
    run = train(project, tmp_path)
    assert run.result.failed is not None
    last = [event for event in run.events if isinstance(event, LayersMeasured | Failed)][-2:]
    assert isinstance(last[0], LayersMeasured)
    assert last[0].layers["hidden"]["bad"] == 1
    assert json.loads(json.dumps(to_dict(last[0]), allow_nan=False))


@pytest.mark.usefixtures("every_step")
def test_a_run_that_goes_on_tells_what_one_that_never_stopped_does(tmp_path: Path) -> None:
    project = everything(patience=None, layer_statistics=True)
    whole = train(project, tmp_path / "whole")
    stopped = train(project, tmp_path, steer=stop_at(33))
    resumed = train(project, tmp_path, stopped.result.run_dir, resume=True)
    assert_same(stopped.result.run_dir, outcome(whole.result.run_dir))
    found = {event.step: event.layers for event in measured(read_events(stopped.result.run_dir))}
    expected = {event.step: event.layers for event in measured(whole.events)}
    assert set(expected) - set(found) <= {34}  # the first step after a start is not looked at
    assert all(found[step] == expected[step] for step in found if step in expected)
    assert measured(resumed.events)[-1].layers == measured(whole.events)[-1].layers


@pytest.mark.usefixtures("every_step")
def test_steps_that_are_trained_anew_are_measured_anew(tmp_path: Path) -> None:
    """What was told after the checkpoint from which a run goes on is forgotten."""
    run = train(digits(layer_statistics=True), tmp_path)
    path = run.result.run_dir / "events.jsonl"
    again = Started(9.0, "", "cpu", 3, 20, 64, {}, 0, epoch=0, step=5)
    with path.open("a") as file:
        file.write(json.dumps(to_dict(again)) + "\n")
    assert [event.step for event in measured(read_events(run.result.run_dir))] == [2, 3, 4, 5]


@pytest.mark.parametrize("beside", [False, True])
def test_looks_are_rare_where_they_cost_much(
    beside: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slow a look is, or the step that is looked at, the run spends a few hundredths of its time on
    them.
    """
    monkeypatch.setattr(watch, "SHORTEST", 0.0)
    monkeypatch.setattr(watch, "LONGEST", 0.0)
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    looks: list[float] = []
    place, name, nodes = (Observer, "open", 1) if beside else (watch, "reduced", len(HIDDEN) + 3)
    plain = getattr(place, name)

    def slow(given: Any) -> Any:
        looks.append(time.thread_time())
        while time.thread_time() < looks[-1] + 0.004:
            pass
        return plain(given)

    monkeypatch.setattr(place, name, slow)
    run = train(digits(*HIDDEN, epochs=30, layer_statistics=True), tmp_path)
    assert run.result.finished is not None
    seconds, count = run.result.finished.time, len(looks) // nodes
    assert len(measured(run.events)) == count
    assert 1 <= count <= 1 + (watch.AT_ONCE + seconds * watch.SHARE) / (nodes * 0.004)


def test_a_run_goes_on_where_memory_does_not_suffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(values: Tensor) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    plain = train(digits(*HIDDEN), tmp_path / "plain")
    monkeypatch.setattr(watch, "reduced", full)
    run = train(digits(*HIDDEN, layer_statistics=True), tmp_path / "measured")
    (told,) = run.of(Warned)
    assert isinstance(told, Warned)
    assert told.message == "Memory does not suffice for the statistics of layers."
    assert not run.of(LayersMeasured)
    assert run.losses == plain.losses


@pytest.mark.parametrize("kind", [ThreadRunner, ProcessRunner])
def test_every_host_tells_it_and_it_is_in_the_file(kind: type[Runner], tmp_path: Path) -> None:
    project = digits(*HIDDEN, layer_statistics=True, epochs=5)
    host = kind()
    run_dir = create_run(project, SAMPLES, tmp_path)
    events: list[Event] = []
    try:
        host.start(Job(project, SAMPLES, run_dir))
        while host.running:
            time.sleep(0.05)
            events += host.poll()
        events += host.poll()
    finally:
        assert host.close(60)
    assert isinstance(events[-1], Finished)
    told = measured(events)
    assert told
    assert list(told[0].layers) == ["image", "flatten", *(node.name for node in HIDDEN), "scores"]
    kept = measured(read_events(run_dir))
    assert kept[0] == told[0]
    assert kept[-1] == told[-1]


def test_of_a_long_run_few_are_kept_and_the_last() -> None:
    thinned = Thinned()
    written: list[Event] = []
    for second in range(20_000):
        written += thinned.take(LayersMeasured(float(second), 1, second + 1, {}))
        written += thinned.take(Progress(float(second), 1, second + 1, (1.0,), {}, 0.1, 1.0, 1.0))
    end = Finished(20_001.0, "completed", 1, 20_000, 1)
    written += thinned.take(end)
    steps = [event.step for event in measured(written)]
    assert steps[:100] == list(range(1, 101))
    assert 500 < len(steps) < 800
    assert steps[-1] == 20_000
    assert written[-1] == end
    assert sum(isinstance(event, Progress) for event in written) == 20_000
    again = LayersMeasured(0.1, 1, 1, {})  # with another seed
    assert thinned.take(again) == [again]


def test_of_several_seeds_each_is_measured(tmp_path: Path) -> None:
    run = train(digits(*HIDDEN, seeds=2, layer_statistics=True), tmp_path)
    members = [event.member for event in run.events if isinstance(event, Started)]
    assert members == [0, 1]
    second = next(at for at, one in enumerate(run.events) if isinstance(one, Started) and one.member)
    assert measured(run.events[:second])
    assert measured(run.events[second:])
    assert measured(read_events(run.result.run_dir))


def test_the_event_survives_its_line() -> None:
    event = LayersMeasured(1.5, 2, 30, {"block/2/conv": {"mean": 0.5, "zeros": 1.0}})
    assert from_dict(json.loads(json.dumps(to_dict(event)))) == event
    with pytest.raises(ValueError, match="not an event"):
        from_dict({"event": "LayersMeasured", "time": 1.0, "unknown": 2})
    assert replace(event, step=31) != event

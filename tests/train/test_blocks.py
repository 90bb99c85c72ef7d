"""Projects with blocks train on real digits, resume bit-equal, and tell which layer inside fails."""

from __future__ import annotations

from dataclasses import replace

import torch

from studio.project import edits
from studio.project.block import Argument, Block, within
from studio.project.graph import Edge, Endpoint, Node
from studio.project.project import Project
from studio.train.checkpoint import load_checkpoint
from studio.train.events import Started
from tests.train.drawings import chain, digits, train
from tests.train.test_resume import assert_same, outcome, stop_at


def with_blocks(**options: object) -> Project:
    """Digits through a row of three dense units with dropout and norm, and one that is used twice."""
    unit = Block(
        chain(
            Node("x", "Input"),
            Node("fc", "Linear", {"out_features": "= width"}),
            Node("norm", "BatchNorm1d"),
            Node("relu", "ReLU"),
            Node("drop", "Dropout", {"p": "= 0.1 * index"}),
            Node("y", "Output"),
        ),
        (Argument("width", 16),),
    )
    same = Block(chain(Node("x", "Input"), Node("fc", "Linear", {"out_features": 24}), Node("y", "Output")))
    project = digits(
        Node("units", "block:Unit", {"width": 24, "repeat": 3}),
        Node("same", "block:Same", {"repeat": 2, "shared": True}),
        **options,
    )
    graph = project.graph
    wires = [
        Edge(
            replace(edge.source, port="y") if edge.source.node in ("units", "same") else edge.source,
            replace(edge.target, port="x") if edge.target.node in ("units", "same") else edge.target,
        )
        for edge in graph.edges
    ]
    graph = graph.without_edges(*graph.edges).with_edges(*wires)
    return replace(project, graph=graph, blocks={"Unit": unit, "Same": same})


def test_it_learns(tmp_path):
    ran = train(with_blocks(epochs=6), tmp_path)
    assert ran.result.failed is None
    assert ran.losses[-1] < 0.5 * ran.losses[0]
    tensors, _ = load_checkpoint(ran.result.run_dir, "best")
    assert any("units.2.norm.running_mean" in name for name in tensors)
    assert any("same.fc.weight" in name for name in tensors)


def test_stopped_it_goes_on_bit_equal(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    project = with_blocks()
    reference = outcome(train(project, tmp_path).result.run_dir)
    stopped = train(project, tmp_path, steer=stop_at(17))
    assert stopped.result.finished.step == 17
    resumed = train(project, tmp_path, stopped.result.run_dir, resume=True)
    assert resumed.of(Started)[0].step == 17
    assert_same(stopped.result.run_dir, reference)


def test_an_exception_inside_names_the_layer_by_its_path(tmp_path, monkeypatch):
    def failing(self, input):
        if input.shape[1] == 24:
            raise RuntimeError("the lights went out")
        return torch.nn.functional.linear(input, self.weight, self.bias)

    monkeypatch.setattr(torch.nn.Linear, "forward", failing)
    failed = train(with_blocks(), tmp_path).result.failed
    assert failed.node == "units.1.fc"
    assert failed.message == "units.1.fc failed: the lights went out"


def test_no_number_inside_names_the_layer_by_its_path(tmp_path):
    project = within(
        with_blocks(),
        "Same",
        lambda seen: edits.insert_on_edge(
            edits.add_node(seen, "Log", (0, 0))[0], seen.graph.incoming("y")[0], "log", "input", "output"
        ),
    )
    end = Endpoint("norm", "input")
    project = within(
        project,
        "Same",
        lambda seen: edits.connect(
            edits.connect(
                edits.add_node(seen, "BatchNorm1d", (0, 0), name="norm")[0], Endpoint("log", "output"), end
            ),
            Endpoint("norm", "output"),
            Endpoint("y", "input"),
        ),
    )
    failed = train(project, tmp_path).result.failed
    assert failed.node == "same.norm"


def test_a_mistake_inside_is_told_before_training(tmp_path):
    project = within(
        with_blocks(), "Unit", lambda seen: edits.set_params(seen, "fc", {"out_features": "= widht"})
    )
    failed = train(project, tmp_path).result.failed
    assert failed.node == "units.fc"
    assert "there is nothing called widht" in failed.message

"""The published architectures among the samples: as many parameters and the same results as by hand, sound
source, and a step of training.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from studio.build.check import Checker
from studio.build.network import Network, make_losses
from studio.build.plan import Checked
from studio.data.describe import describe
from studio.data.prepare import prepare
from studio.interchange.pytorch.source import class_name, to_pytorch
from studio.places import shipped
from studio.project import edits
from studio.project.project import Project
from studio.project.storage import load
from studio.train.control import Control
from studio.train.engine import run
from studio.train.job import Job
from studio.train.runs import create_run
from tests.architectures import PUBLISHED

FOLDER = shipped("samples")
WIDTH, HEIGHT = 200, 120
"""More than any node takes on the canvas."""


@dataclass(frozen=True)
class Drawn:
    """A sample with what the program makes of it, and a small batch."""

    name: str
    project: Project
    checked: Checked
    network: Network
    batch: dict[str, Tensor]

    @property
    def inputs(self) -> list[Tensor]:
        return [self.batch[step.field] for step in self.checked.plan.model_inputs]


def small(project: Project) -> Project:
    """With pictures of 64 × 64, which all these networks take as well, and three samples."""
    source = project.data.source
    shape = (3, 64, 64) if source.params.get("content") != "tokens" else source.params["shape"]
    return edits.set_source(project, replace(source, params={**source.params, "shape": shape, "samples": 3}))


@pytest.fixture(scope="module", params=PUBLISHED)
def drawn(request: pytest.FixtureRequest) -> Drawn:
    project = load(FOLDER / f"{request.param}.loom")
    description = describe(project.data, FOLDER)
    checked = Checker().check(project, description.fields, description.problems, description.parts)
    assert checked.problems == ()
    part = prepare(small(project).data, FOLDER)
    torch.manual_seed(0)
    network = Network(checked.plan)
    batch = {name: tensor[:2] for name, tensor in part.parts["train"].tensors.items()}
    return Drawn(request.param, project, checked, network, batch)


def test_the_number_of_parameters_is_the_published_one(drawn: Drawn) -> None:
    published, _ = PUBLISHED[drawn.name]
    assert drawn.checked.total.parameters == published
    assert sum(one.numel() for one in drawn.network.parameters()) == published
    assert f"{published:,}" in drawn.project.notes


def test_it_computes_what_the_same_network_by_hand_does(drawn: Drawn) -> None:
    published, by_hand = PUBLISHED[drawn.name]
    hand = by_hand().eval()
    assert sum(one.numel() for one in hand.parameters()) == published
    ours, theirs = drawn.network.state_dict(), hand.state_dict()
    assert [one.shape for one in ours.values()] == [one.shape for one in theirs.values()]
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for one, other in zip(ours.values(), theirs.values(), strict=True):
            if one.dim() == 1:  # scales and offsets start equal everywhere, which would hide a mistake
                one.copy_(torch.rand(one.shape, generator=generator) + 0.5)
            other.copy_(one)
        found, expected = drawn.network.eval()(*drawn.inputs), hand(*drawn.inputs)
    assert isinstance(found, Tensor)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5 * float(expected.abs().max()))


def test_its_source_is_the_same_network(drawn: Drawn) -> None:
    space: dict[str, type[nn.Module]] = {}
    exec(compile(to_pytorch(drawn.project, drawn.checked.plan), "model.py", "exec"), space)
    written = space[class_name(drawn.project.name)]()
    ours = drawn.network.state_dict()
    assert list(ours) == list(written.state_dict())
    written.load_state_dict(ours, strict=True)
    for training in (True, False):
        found: list[Tensor] = []
        for one in (drawn.network, written):
            torch.manual_seed(2)
            with torch.no_grad():
                found.append(one.train(training)(*drawn.inputs))
            one.load_state_dict(ours)
        assert torch.equal(*found)


@pytest.mark.parametrize(
    "settings",
    [["--isolated"], ["--isolated", "--select", "E,F,W,I,B,UP,C4,SIM,RET,ANN,D1", "--ignore", "D107,E501"]],
)
def test_its_source_passes_ruff(drawn: Drawn, settings: list[str], tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(to_pytorch(drawn.project, drawn.checked.plan))
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", *settings], ["format", "--isolated", "--diff"]):
        done = subprocess.run([*ruff, *command, path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_a_step_makes_the_loss_smaller(drawn: Drawn) -> None:
    network = drawn.network.train()
    (loss,) = drawn.checked.plan.losses
    function = make_losses(drawn.checked.plan)[loss.name]
    torch.manual_seed(3)
    for one in network.modules():
        if hasattr(one, "reset_parameters"):
            one.reset_parameters()
        if isinstance(one, nn.Dropout):
            one.p = 0.0
    found: list[float] = []
    for _ in range(2):
        values = network.values(drawn.batch)
        value = function(*(values[ref] for ref in loss.args))
        network.zero_grad()
        value.backward()
        norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        assert torch.isfinite(norm)
        with torch.no_grad():
            for one in network.parameters():
                assert one.grad is not None
                one -= 0.01 * one.grad
        found.append(value.item())
    network.zero_grad()
    assert found[1] < found[0]


def test_blocks_are_drawn_readably(drawn: Drawn) -> None:
    graphs = [drawn.project.graph, *(block.graph for block in drawn.project.blocks.values())]
    for graph in graphs:
        places = [node.position for node in graph.nodes.values()]
        for at, (x, y) in enumerate(places):
            assert all(abs(x - a) >= WIDTH or abs(y - b) >= HEIGHT for a, b in places[at + 1 :])
        nodes = graph.nodes
        right = [nodes[e.target.node].position[0] > nodes[e.source.node].position[0] for e in graph.edges]
        assert sum(right) >= 0.7 * len(right)
    for block in drawn.project.blocks.values():
        assert block.doc
        assert all(argument.doc for argument in block.arguments)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.torture if "transformer" in name else ()) for name in PUBLISHED],
)
def test_the_program_trains_it(name: str, tmp_path: Path) -> None:
    project = small(load(FOLDER / f"{name}.loom"))
    project = edits.set_training(edits.set_data(project, validation=0.34, test=0.0), batch_size=2)
    events: list[object] = []
    job = Job(project, FOLDER, create_run(project, FOLDER, tmp_path))
    result = run(job, events.append, Control())
    assert result.failed is None, result.failed
    assert result.finished is not None
    assert result.finished.reason == "completed"

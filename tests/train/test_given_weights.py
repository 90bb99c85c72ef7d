"""Weights to begin with: loaded where name and shape match, told where they do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.build.check import Checker
from studio.build.network import Network
from studio.catalog.paths import missing_weights, rebase
from studio.interchange.samples_for import random_samples, samples_for
from studio.project import edits
from studio.project.graph import Node
from studio.project.project import Project
from studio.project.storage import load
from studio.train.control import Control
from studio.train.events import Event, Failed, Warned
from studio.train.job import Job
from studio.train.launch import run_guarded
from studio.train.runs import create_run

SAMPLES = Path(__file__).parents[2] / "samples"


def weights_of(project: Project, seed: int) -> dict[str, torch.Tensor]:
    from studio.data.describe import describe

    torch.manual_seed(seed)
    fields = describe(project.data, SAMPLES).fields
    return dict(Network(Checker().check(project, fields).plan).state_dict())


def trained(project: Project, tmp_path: Path) -> tuple[list[Event], dict[str, torch.Tensor]]:
    """The events of no more than one tiny step, and the weights after it."""
    run = create_run(project, SAMPLES, tmp_path / "runs")
    events: list[Event] = []
    run_guarded(Job(project, SAMPLES, run), events.append, Control())
    files = sorted((run / "checkpoints").glob("last.*.safetensors"))
    found = load_file(files[0]) if files else {}
    return events, {key.removeprefix("model."): one for key, one in found.items() if key.startswith("model.")}


@pytest.fixture
def project() -> Project:
    """A small one whose steps change next to nothing."""
    loaded = load(SAMPLES / "mlp_digits.loom")
    still = replace(loaded.training.optimizer, params={"lr": 1e-12})
    loaded = replace(loaded, training=replace(loaded.training, optimizer=still))
    return edits.set_training(loaded, max_steps=1)


def test_a_run_begins_with_the_weights_that_the_settings_name(project: Project, tmp_path: Path) -> None:
    given = weights_of(project, 77)
    save_file(given, tmp_path / "given.safetensors")
    named = edits.set_training(project, weights=str(tmp_path / "given.safetensors"))
    events, after = trained(named, tmp_path)
    assert not [one for one in events if isinstance(one, Failed | Warned)]
    assert after.keys() == given.keys()
    assert all(torch.allclose(after[key], one, atol=1e-9) for key, one in given.items())


def test_weights_that_do_not_fit_are_named(project: Project, tmp_path: Path) -> None:
    given = weights_of(project, 77)
    name, *others = given
    wrong = {key: given[key] for key in others} | {"elsewhere.weight": torch.zeros(1)}
    save_file(wrong, tmp_path / "given.safetensors")
    named = edits.set_training(project, weights=str(tmp_path / "given.safetensors"))
    events, _ = trained(named, tmp_path)
    (failed,) = [one for one in events if isinstance(one, Failed)]
    assert f"{name} is missing in the file" in failed.message
    assert "elsewhere.weight is in no node" in failed.message
    assert "weights_whole" in failed.hint


def test_weights_of_a_node_that_nothing_uses_are_no_matter(project: Project, tmp_path: Path) -> None:
    aside = Node("aside", "Parameter", {"shape": (2,)})
    given = weights_of(project, 77) | {"aside.weight": torch.zeros(2)}
    save_file(given, tmp_path / "given.safetensors")
    named = edits.set_training(project, weights=str(tmp_path / "given.safetensors"))
    events, after = trained(named.with_graph(named.graph.with_nodes(aside)), tmp_path)
    assert not [one for one in events if isinstance(one, Failed)]
    assert after.keys() == given.keys() - {"aside.weight"}


def test_what_does_not_fit_may_begin_afresh(project: Project, tmp_path: Path) -> None:
    given = weights_of(project, 77)
    name, *others = given
    save_file({key: given[key] for key in others}, tmp_path / "given.safetensors")
    named = edits.set_training(project, weights=str(tmp_path / "given.safetensors"), weights_whole=False)
    events, after = trained(named, tmp_path)
    (warned,) = [one for one in events if isinstance(one, Warned)]
    assert name in warned.message
    assert all(torch.allclose(after[key], given[key], atol=1e-9) for key in others)
    assert not torch.allclose(after[name], given[name])


def test_a_missing_file_is_a_problem_and_ends_the_run(project: Project, tmp_path: Path) -> None:
    named = edits.set_training(project, weights="nowhere.safetensors")
    (problem,) = missing_weights(named, tmp_path)
    assert problem.field == "training.weights"
    assert "nowhere.safetensors" in problem.message
    assert not missing_weights(project, tmp_path)
    events, _ = trained(named, tmp_path)
    (failed,) = [one for one in events if isinstance(one, Failed)]
    assert "nowhere.safetensors" in failed.message


def test_a_file_that_is_no_weights_is_told(project: Project, tmp_path: Path) -> None:
    (tmp_path / "given.safetensors").write_bytes(b"no weights at all")
    named = edits.set_training(project, weights=str(tmp_path / "given.safetensors"))
    events, _ = trained(named, tmp_path)
    (failed,) = [one for one in events if isinstance(one, Failed)]
    assert "no weights can be read" in failed.message


def test_the_path_moves_with_the_project(project: Project, tmp_path: Path) -> None:
    named = edits.set_training(project, weights="given.safetensors")
    moved = rebase(named, tmp_path, tmp_path / "deeper")
    assert moved.training.options["weights"] == "../given.safetensors"


@pytest.mark.parametrize("name", ["mlp_digits", "two_inputs", "char_transformer", "recommender_ink"])
def test_samples_are_of_the_data_or_of_the_shapes(name: str) -> None:
    from studio.data.describe import describe

    project = load(SAMPLES / f"{name}.loom")
    plan = Checker().check(project, describe(project.data, SAMPLES).fields).plan
    network = Network(plan).eval()
    for found in (samples_for(project, plan, SAMPLES, 3), random_samples(plan, 3)):
        assert {len(one) for one in found.values()} == {3}
        with torch.no_grad():
            network(*(found[step.field] for step in plan.model_inputs))

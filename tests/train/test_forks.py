"""Runs that begin where another one stood: exactly, or with the weights that fit an edited drawing."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
import torch

from studio.build.check import Checker
from studio.errors import StudioError
from studio.project.graph import Endpoint, Graph, Node
from studio.project.project import Setting
from studio.train.checkpoint import load_checkpoint, load_fields, model_tensors
from studio.train.events import EpochEnded, Started
from studio.train.fork import Fork, create_fork, plan_fork, read_fork
from studio.train.history import read_before, read_events
from studio.train.kept import START, list_kept
from studio.train.runs import read_run
from tests.train.drawings import SAMPLES, everything, losses, train
from tests.train.test_resume import stop_at


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    ran = train(everything(epochs=6, patience=None, keep_every=2), tmp_path_factory.mktemp("parent"))
    assert ran.result.finished is not None
    return ran


def planned(parent, project, which="4") -> Fork:
    run = parent.result.run_dir
    checked = Checker().check(project, load_fields(run))
    assert not checked.errors
    return plan_fork(run, which, project, checked.plan)


def forked(parent, project, tmp_path, **options):
    fork = planned(parent, project, **options)
    return fork, train(project, tmp_path, create_fork(fork, project, SAMPLES, tmp_path), steer=None)


def ends(events):
    return [(one.epoch, one.step, one.train, one.validation) for one in events if isinstance(one, EpochEnded)]


def test_an_unchanged_fork_goes_on_to_the_same_digits(parent, tmp_path):
    project = everything(epochs=6, patience=None, keep_every=2)
    fork, ran = forked(parent, project, tmp_path)
    assert fork.whole
    assert (fork.epoch, fork.step, fork.epochs, fork.fresh, fork.dropped) == (4, 80, 6, (), ())
    assert (ran.of(Started)[0].epoch, ran.of(Started)[0].step) == (4, 80)
    assert ends(ran.events) == ends(parent.events)[4:]
    assert ran.losses == parent.losses[80:]
    path = ran.result.run_dir
    mine, _ = load_checkpoint(path, "last")
    theirs, _ = load_checkpoint(parent.result.run_dir, "last")
    assert all(torch.equal(mine[key], one) for key, one in theirs.items())
    before = read_before(path)
    assert losses(before) == parent.losses[:80]
    assert ends(before) == ends(parent.events)[:4]
    assert read_run(path).parent["id"] == parent.result.run_dir.name
    assert START not in [one.name for one in list_kept(path)]


def edited(**options):
    """The parent's drawing with a wide layer in the place of its norm."""
    project = everything(**{"epochs": 6, "patience": None, **options})
    swap = {"norm": Node("wide", "Linear", {"out_features": 48})}
    nodes = [swap.get(name, node) for name, node in project.graph.nodes.items()]

    def end(one: Endpoint) -> Endpoint:
        return replace(one, node="wide") if one.node == "norm" else one

    edges = tuple(
        replace(edge, source=end(edge.source), target=end(edge.target)) for edge in project.graph.edges
    )
    return replace(project, graph=Graph({node.name: node for node in nodes}, edges))


def test_weights_are_carried_where_name_and_shape_match(parent, tmp_path):
    project = edited()
    fork, ran = forked(parent, project, tmp_path)
    assert not fork.whole
    assert {one.name for one in fork.kept} == {"hidden.weight", "hidden.bias", "scores.bias", "picture.bias"}
    assert {(one.name, one.before) for one in fork.fresh} == {
        *(("wide.weight", None), ("wide.bias", None)),
        *(("scores.weight", (10, 32)), ("picture.weight", (64, 32))),
    }
    assert {one.name.partition(".")[0] for one in fork.dropped} == {"norm"}
    assert read_fork(ran.result.run_dir) == fork
    assert [one.epoch for one in ran.of(EpochEnded)] == [5, 6]
    assert ran.of(Started)[0].step == 80
    assert ran.of(EpochEnded)[-1].best_epoch in (5, 6)
    again = train(project, tmp_path, create_fork(fork, project, SAMPLES, tmp_path))
    assert again.losses == ran.losses


def test_what_is_carried_is_what_the_parent_had(parent, tmp_path):
    project = edited(epochs=5)
    project = replace(project, training=replace(project.training, optimizer=Setting("SGD", {"lr": 0.0})))
    fork, ran = forked(parent, project, tmp_path)
    theirs = model_tensors(load_checkpoint(parent.result.run_dir, "epoch-000004")[0])
    mine = model_tensors(load_checkpoint(ran.result.run_dir, "last")[0])
    assert all(torch.equal(mine[one.name], theirs[one.name]) for one in fork.kept)
    assert not any(
        torch.equal(mine[one.name], theirs.get(one.name, mine[one.name] + 1)) for one in fork.fresh
    )


def test_a_fork_of_the_best_weights_carries_them_and_the_rest_begins_anew(parent, tmp_path):
    fork, ran = forked(parent, everything(epochs=8, patience=None), tmp_path, which="best")
    assert not fork.whole
    assert fork.fresh == fork.dropped == ()
    assert [one.epoch for one in ran.of(EpochEnded)] == list(range(fork.epoch + 1, 9))


def test_epochs_count_from_the_parents_beginning(parent, tmp_path):
    project = everything(epochs=5, patience=None)
    path = create_fork(planned(parent, project), project, SAMPLES, tmp_path)
    assert read_run(path).epochs == 5
    assert read_run(path).status == "created"


@pytest.mark.parametrize("epochs", [2, 4])
def test_epochs_that_are_done_already_are_refused(parent, tmp_path, epochs):
    project = everything(epochs=epochs, patience=None)
    with pytest.raises(StudioError, match=rf"stands at epoch 4, and epochs is {epochs}") as refused:
        create_fork(planned(parent, project), project, SAMPLES, tmp_path)
    assert "more than 4" in refused.value.hint
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("which", ["last", "best"])
@pytest.mark.parametrize(
    ("limit", "unit"), [({"max_steps": 30}, "step 30"), ({"max_minutes": 0.001}, "minute")]
)
def test_a_run_that_a_limit_ended_is_forked_with_a_higher_one_only(tmp_path, limit, unit, which):
    project = everything(epochs=500, patience=None, validate_every=1000, **limit)
    ended = train(project, tmp_path / "first")
    assert ended.result.finished.limit
    name = next(iter(limit))
    with pytest.raises(StudioError, match=rf"stands at {unit}.*{name} is") as refused:
        create_fork(planned(ended, project, which), project, SAMPLES, tmp_path)
    assert f"--set training.{name}=" in refused.value.hint
    more = everything(epochs=ended.result.finished.epoch + 2, patience=None)
    _, ran = forked(ended, more, tmp_path, which=which)
    assert ran.result.finished.test
    assert ran.of(Started)[0].time >= ended.of(EpochEnded)[-1].time


def test_steps_of_another_batch_size_that_end_a_fork_where_it_begins_are_told(parent, tmp_path):
    project = everything(epochs=6, patience=None, batch_size=32, max_steps=100)
    _, ran = forked(parent, project, tmp_path)
    assert "begins at epoch 4, step 160" in ran.result.failed.message
    assert "max_steps" in ran.result.failed.hint


def test_a_run_that_goes_on_with_nothing_left_ends_without_a_best_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    project = everything(epochs=9, patience=None, validate_every=9)
    path = train(project, tmp_path, steer=stop_at(30)).result.run_dir
    less = everything(epochs=1, patience=None, validate_every=9)
    ended = train(less, tmp_path, path, resume=True).result.finished
    assert (ended.best_epoch, ended.test) == (0, {})


@pytest.mark.parametrize(
    ("options", "other"),
    [
        ({"validation": 0.3}, True),
        ({"split_seed": 1}, True),
        ({"validation": 0.15, "normalize": "range", "workers": 1}, False),
    ],
)
def test_samples_that_are_parted_in_another_way_are_told(parent, options, other):
    project = everything(epochs=6, patience=None)
    assert not planned(parent, project).other_parts
    changed = replace(project, data=replace(project.data, options=options))
    assert planned(parent, changed).other_parts is other


def test_a_fork_outlives_its_parent_and_a_fork_of_it_knows_both(parent, tmp_path, monkeypatch):
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    copy = tmp_path / "copy"
    shutil.copytree(parent.result.run_dir, copy)
    project = everything(epochs=6, patience=None, keep_every=1)
    moved = replace(parent, result=replace(parent.result, run_dir=copy))
    path = create_fork(planned(moved, project), project, SAMPLES, tmp_path)
    shutil.rmtree(copy)
    ran = train(project, tmp_path, path, steer=stop_at(107))
    ran = train(project, tmp_path, path, resume=True)
    assert ends(read_events(path)) == ends(parent.events)[4:]
    second = planned(ran, project, "5")
    child = create_fork(second, project, SAMPLES, tmp_path)
    assert ends(read_before(child)) == ends(parent.events)[:5]
    assert losses(read_before(child)) == parent.losses[:100]


def test_a_damaged_checkpoint_is_no_beginning(parent, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(parent.result.run_dir, copy)
    (copy / "checkpoints" / "epoch-000004.json").write_text("{")
    with pytest.raises(StudioError, match="cannot be read"):
        planned(replace(parent, result=replace(parent.result, run_dir=copy)), edited())

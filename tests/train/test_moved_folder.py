"""A run whose folder is moved or deleted while it trains: nothing trained is lost, and it is told."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from studio.project.graph import Node
from studio.train import engine, saving
from studio.train.checkpoint import load_checkpoint, load_network
from studio.train.control import Control
from studio.train.events import EpochEnded, Event, Finished, Saved, Warned
from studio.train.host_process import ProcessRunner
from studio.train.job import Job, Result
from studio.train.runs import create_run, read_events, read_json, read_run, refuse_trained
from studio.train.seed_runs import member_infos
from tests.train.drawings import SAMPLES, digits

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows moves no folder that is open")
HIDDEN = Node("hidden", "Linear", {"out_features": 16})


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's own folder; a checkpoint after every epoch."""
    monkeypatch.setenv("NEUROLOOM_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(engine, "BETWEEN_EPOCHS", 0.0)
    monkeypatch.setattr(saving, "SHARE", 1e9)
    return tmp_path / "home"


def trained(path: Path, deed: Callable[[], object], at: int = 3, resume: bool = False, **options: object):
    """Train, and do something to the folder once so many epochs have ended."""
    events = list[Event]()

    def emit(event: Event) -> None:
        events.append(event)
        ends = sum(isinstance(one, EpochEnded) for one in events)
        if isinstance(event, EpochEnded) and ends == at:
            deed()

    project = digits(HIDDEN, **options)
    return engine.run(Job(project, SAMPLES, path, resume), emit, Control()), events


def warnings(events: list[Event]) -> list[Warned]:
    return [event for event in events if isinstance(event, Warned)]


def whole(result: Result, tmp_path: Path, epochs: int) -> None:
    """The folder of the result is that of a run that nobody disturbed."""
    there = create_run(digits(HIDDEN, epochs=epochs), SAMPLES, tmp_path / "others")
    trained(there, lambda: None, epochs=epochs)
    for name in ("last", "best"):
        found, expected = load_checkpoint(result.run_dir, name)[0], load_checkpoint(there, name)[0]
        assert all(torch.equal(found[key], one) for key, one in expected.items())
    assert load_network(result.run_dir)
    info = read_run(result.run_dir)
    assert (info.status, info.epochs_done, info.id) == ("completed", epochs, result.run_dir.name)
    told = read_events(result.run_dir)
    assert [one.epoch for one in told if isinstance(one, EpochEnded)] == list(range(1, epochs + 1))
    assert isinstance(told[-1], Finished)
    refuse_trained(result.run_dir)


def test_a_folder_that_is_moved_is_followed(tmp_path: Path) -> None:
    path = create_run(digits(HIDDEN, epochs=6), SAMPLES, tmp_path / "runs")
    target = tmp_path / "elsewhere" / "mine"
    target.parent.mkdir()
    result, events = trained(path, lambda: path.rename(target), epochs=6)
    assert result.run_dir == target
    assert not path.exists()
    (warned,) = warnings(events)
    assert str(target) in warned.message
    whole(result, tmp_path, 6)
    assert (target / read_json(target)["relative_folder"]).resolve() == SAMPLES.resolve()


def test_what_takes_the_place_of_a_moved_folder_is_left_alone(tmp_path: Path) -> None:
    path = create_run(digits(HIDDEN, epochs=4), SAMPLES, tmp_path / "runs")

    def deed() -> None:
        path.rename(tmp_path / "mine")
        path.mkdir()

    result, _ = trained(path, deed, epochs=4)
    assert result.run_dir == tmp_path / "mine"
    assert not any(path.iterdir())


@pytest.mark.parametrize("at", [3, 6])
def test_a_folder_that_is_deleted_is_made_anew_in_the_programs_own(
    tmp_path: Path, home: Path, at: int
) -> None:
    path = create_run(digits(HIDDEN, epochs=6), SAMPLES, tmp_path / "runs")
    result, events = trained(path, lambda: shutil.rmtree(path), at, epochs=6)
    assert result.finished is not None
    assert not path.exists()
    assert result.run_dir.parent == home / "runs"
    (warned,) = warnings(events)
    assert str(path) in warned.message
    assert str(result.run_dir) in warned.message
    whole(result, tmp_path, 6)
    assert not (home / "rescued").exists()


def test_a_folder_deleted_before_the_first_epoch_is_over(tmp_path: Path, home: Path) -> None:
    path, events = create_run(digits(HIDDEN, epochs=2), SAMPLES, tmp_path / "runs"), list[Event]()

    def emit(event: Event) -> None:
        if not events:
            shutil.rmtree(path)
        events.append(event)

    result = engine.run(Job(digits(HIDDEN, epochs=2), SAMPLES, path), emit, Control())
    assert result.run_dir.parent == home / "runs"
    whole(result, tmp_path, 2)


def test_a_folder_deleted_after_the_last_checkpoint(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The best weights are there still, and the run is over."""
    monkeypatch.setattr(engine, "BETWEEN_EPOCHS", 60.0)
    path = create_run(digits(HIDDEN, epochs=2), SAMPLES, tmp_path / "runs")

    def emit(event: Event) -> None:
        if isinstance(event, Saved) and event.name == "last":
            shutil.rmtree(path)

    result = engine.run(Job(digits(HIDDEN, epochs=2), SAMPLES, path), emit, Control())
    assert not path.exists()
    assert result.run_dir.parent == home / "runs"
    assert read_run(result.run_dir).status == "completed"
    assert load_network(result.run_dir)


def test_a_folder_deleted_with_no_room_for_another_is_told_and_fails(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "WAIT_S", 0.1)
    home.write_text("no folder")
    path = create_run(digits(HIDDEN, epochs=6), SAMPLES, tmp_path / "runs")
    result, events = trained(path, lambda: shutil.rmtree(path), epochs=6)
    assert result.failed is not None
    assert "could not be saved" in result.failed.message
    assert not path.exists()
    assert warnings(events)


def test_seeds_are_followed_where_their_run_is_moved(tmp_path: Path) -> None:
    path = create_run(digits(HIDDEN, epochs=2, seeds=3), SAMPLES, tmp_path / "runs")
    result, events = trained(path, lambda: path.rename(tmp_path / "mine"), epochs=2, seeds=3)
    assert result.run_dir == tmp_path / "mine"
    assert result.finished is not None
    assert not path.exists()
    assert [info.status for info in member_infos(result.run_dir)] == ["completed"] * 3
    assert load_network(result.run_dir)
    assert read_run(result.run_dir).status == "completed"
    (warned,) = warnings(events)
    assert warned.message.endswith(f"{result.run_dir}.")


def test_a_seed_whose_run_is_deleted_is_kept_and_the_run_fails(tmp_path: Path, home: Path) -> None:
    path = create_run(digits(HIDDEN, epochs=2, seeds=3), SAMPLES, tmp_path / "runs")
    result, events = trained(path, lambda: shutil.rmtree(path), epochs=2, seeds=3)
    assert result.failed is not None
    assert not path.exists()
    (kept,) = (home / "runs").iterdir()
    assert str(kept) in result.failed.hint
    assert (read_run(kept).status, read_run(kept).epochs_done) == ("completed", 2)
    assert load_network(kept)
    assert not (home / "rescued").exists()
    assert len(warnings(events)) == 1


def test_the_window_knows_where_a_run_went_that_its_worker_trained(tmp_path: Path) -> None:
    path = create_run(digits(HIDDEN, epochs=200), SAMPLES, tmp_path / "runs")
    runner = ProcessRunner()
    try:
        runner.start(Job(digits(HIDDEN, epochs=200), SAMPLES, path))
        deadline = time.monotonic() + 120
        while not any(isinstance(event, EpochEnded) for event in runner.poll()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        path.rename(tmp_path / "mine")
        runner.control.stop()
        assert runner.join(60)
        assert runner.result is not None
        assert runner.result.run_dir == tmp_path / "mine"
    finally:
        runner.close(10)

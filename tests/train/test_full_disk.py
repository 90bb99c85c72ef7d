"""A disk that is full while a run is trained: nothing that was trained is lost, and it is told once."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from studio.errors import StudioError
from studio.project.graph import Node
from studio.train import engine, saving
from studio.train.checkpoint import load_checkpoint, load_network
from studio.train.control import Control
from studio.train.distributed.launch import ProcessesRunner
from studio.train.events import EpochEnded, Event, Failed, Finished, Progress, Saved, Warned
from studio.train.job import Job
from studio.train.kept import list_kept
from studio.train.launch import ThreadRunner
from studio.train.runs import create_run, delete_run, list_runs, move_run, read_events, read_run
from tests.train.drawings import SAMPLES, digits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs tmpfs and locks")
HIDDEN = Node("hidden", "Linear", {"out_features": 64})


def mounted(place: Path, size: str) -> Iterator[Path]:
    """A small file system; skipped where none can be mounted."""
    place.mkdir()
    try:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)],
            capture_output=True,
            check=False,
        )
    except OSError:
        pytest.skip("there is no mount")
    if done.returncode:
        pytest.skip("mounting is not permitted")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    yield from mounted(tmp_path / "disk", "4m")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's own folder, on another disk."""
    monkeypatch.setenv("NEUROLOOM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint after every epoch, as in a long training."""
    monkeypatch.setattr(engine, "BETWEEN_EPOCHS", 0.0)
    monkeypatch.setattr(saving, "SHARE", 1e9)


def fill(disk: Path) -> Path:
    """Write until nothing more fits."""
    with (disk / "filler").open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    with (disk / "filler").open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x")
    return disk / "filler"


def rescue_of(home: Path) -> Path:
    """Where what was trained is kept."""
    (found,) = (home / "rescued").iterdir()
    return found


def trained(path: Path, seen: Callable[[Event, Control], None], resume: bool = False, **options: object):
    """Train, and look at every event as it comes."""
    project, control, events = digits(HIDDEN, **options), Control(), list[Event]()

    def emit(event: Event) -> None:
        events.append(event)
        seen(event, control)

    return engine.run(Job(project, SAMPLES, path, resume), emit, control), events


def filled_at(disk: Path, epoch: int, stop: int | None = None) -> Callable[[Event, Control], None]:
    """Fill the disk once an epoch is over, and stop after another one."""

    def seen(event: Event, control: Control) -> None:
        if isinstance(event, EpochEnded) and event.epoch == epoch:
            fill(disk)
        if isinstance(event, EpochEnded) and event.epoch == stop:
            control.stop()

    return seen


def test_what_is_trained_on_a_full_disk_is_kept_elsewhere_and_brought_back(disk: Path, home: Path) -> None:
    path = create_run(digits(HIDDEN, epochs=20), SAMPLES, disk / "runs")
    result, events = trained(path, filled_at(disk, 3, stop=9), epochs=20)
    assert result.finished is not None
    assert result.finished.reason == "stopped"
    warned = [event for event in events if isinstance(event, Warned)]
    refused = [one for one in warned if "No checkpoint could be written" in one.message]
    assert len(refused) <= 1
    assert sum("folder cannot be written" in one.message for one in warned) <= 1
    assert str(rescue_of(home)) in warned[-1].message
    rescue = rescue_of(home)
    info = read_run(path)
    assert (info.status, info.epochs_done, info.resumable) == ("stopped", 9, True)
    assert list_kept(path)[0].epoch == 9
    assert load_network(path, "best")
    again, _ = trained(path, lambda *_: None, resume=True, epochs=20)
    assert again.failed is not None
    assert str(rescue) in again.failed.message
    (disk / "filler").unlink()
    assert read_run(path).resumable
    done, _ = trained(path, lambda *_: None, resume=True, epochs=20)
    assert done.finished is not None
    assert not rescue.exists()
    whole = create_run(digits(HIDDEN, epochs=20), SAMPLES, home / "runs")
    trained(whole, lambda *_: None, epochs=20)
    (there, _), (expected, _) = load_checkpoint(path, "last"), load_checkpoint(whole, "last")
    assert all(torch.equal(there[name], one) for name, one in expected.items())
    ends = [event.epoch for event in read_events(path) if isinstance(event, EpochEnded)]
    assert ends == list(range(1, 21))
    assert len(list((path / "checkpoints").glob("*.safetensors"))) == 2


def test_a_run_is_brought_back_where_it_was_moved_to(disk: Path, home: Path, tmp_path: Path) -> None:
    """What was over on a full disk is moved to one with room, and is whole there as soon as it is used."""
    path = create_run(digits(HIDDEN, epochs=5), SAMPLES, disk / "runs")
    result, _ = trained(path, filled_at(disk, 2), epochs=5)
    assert result.finished is not None
    assert read_run(path).status == "completed"
    moved = move_run(path, tmp_path / "runs")
    assert load_checkpoint(moved, "last")[1]["epoch"] == 5
    assert not any((home / "rescued").iterdir())
    assert read_run(moved).status == "completed"
    assert isinstance(read_events(moved)[-1], Finished)
    delete_run(moved)


def test_with_room_nowhere_it_waits_for_some(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program's own folder is on the same disk; room is made when it is asked for."""
    monkeypatch.setenv("NEUROLOOM_HOME", str(disk / "home"))
    path = create_run(digits(HIDDEN, epochs=5), SAMPLES, disk / "runs")

    def seen(event: Event, control: Control) -> None:
        filled_at(disk, 2)(event, control)
        if isinstance(event, Warned) and "waiting for room" in event.message:
            (disk / "filler").unlink()

    result, events = trained(path, seen, epochs=5)
    assert result.finished is not None
    assert load_checkpoint(path, "last")[1]["epoch"] == 5
    assert read_run(path).status == "completed"
    assert sorted(map(repr, read_events(path))) == sorted(map(repr, events))


def test_with_room_nowhere_a_second_stop_gives_up(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither run.json can be written: the run counts as interrupted although its process lives."""
    monkeypatch.setenv("NEUROLOOM_HOME", str(disk / "home"))
    project = digits(HIDDEN, epochs=100_000)
    path = create_run(project, SAMPLES, disk / "runs")
    runner, events = ThreadRunner(), list[Event]()

    def until(found: Callable[[Event], bool]) -> None:
        deadline = time.monotonic() + 60
        while not any(map(found, events)):
            time.sleep(0.01)
            events.extend(runner.poll())
            assert time.monotonic() < deadline
            if (disk / "filler").exists():  # a checkpoint that was half written has left room
                fill(disk)

    runner.start(Job(project, SAMPLES, path))
    until(lambda event: isinstance(event, Saved))
    assert read_run(path).status == "running"
    with pytest.raises(StudioError, match="still running"):
        delete_run(path)
    fill(disk)
    until(lambda event: isinstance(event, Warned))
    runner.control.stop()
    until(lambda event: isinstance(event, Warned) and "waiting for room" in event.message)
    began = time.monotonic()
    runner.control.stop()
    assert runner.join(10)
    assert time.monotonic() - began < 5
    events += runner.poll()
    assert isinstance(events[-1], Failed)
    assert json.loads((path / "run.json").read_text())["status"] == "running"
    (info,) = list_runs(disk / "runs")
    assert (info.status, info.resumable) == ("interrupted", True)
    (disk / "filler").unlink()
    delete_run(path)


def test_curves_are_whole_after_a_short_while_without_room(disk: Path, home: Path) -> None:
    path = create_run(digits(HIDDEN, epochs=12), SAMPLES, disk / "runs")

    def seen(event: Event, control: Control) -> None:
        filled_at(disk, 3)(event, control)
        if isinstance(event, EpochEnded) and event.epoch == 8:
            (disk / "filler").unlink()

    result, events = trained(path, seen, epochs=12)
    assert result.finished is not None
    lines = (path / "events.jsonl").read_bytes().splitlines(keepends=True)
    assert all(line.endswith(b"}\n") and json.loads(line) for line in lines)
    written = read_events(path)
    assert sorted(map(repr, written)) == sorted(map(repr, events))
    assert sum(len(event.losses) for event in written if isinstance(event, Progress)) == 12 * 20
    assert not (home / "rescued").exists()


@pytest.mark.slow
def test_several_processes_keep_what_they_trained_on_a_full_disk(disk: Path, home: Path) -> None:
    project = digits(HIDDEN, epochs=100_000)
    path = create_run(project, SAMPLES, disk / "runs")
    runner, events = ProcessesRunner(2), list[Event]()
    runner.start(Job(project, SAMPLES, path))
    deadline = time.monotonic() + 120
    while not any(isinstance(event, Warned) for event in events):
        assert time.monotonic() < deadline
        if any(isinstance(event, EpochEnded) for event in events):
            fill(disk)
            runner.control.save_now()
        time.sleep(0.1)
        events += runner.poll()
    runner.control.stop()
    assert runner.join(60)
    events += runner.poll()
    assert isinstance(events[-1], Finished)
    assert str(rescue_of(home)) in events[-2].message
    assert (read_run(path).status, read_run(path).step) == ("stopped", events[-1].step)
    (disk / "filler").unlink()
    assert load_checkpoint(path, "last")[1]["step"] == events[-1].step


def test_several_seeds_keep_what_they_trained_on_a_full_disk(disk: Path, home: Path) -> None:
    """It is full in the second seed; stopped there, the run goes on once there is room."""
    path = create_run(digits(HIDDEN, epochs=6, seeds=2), SAMPLES, disk / "runs")
    ends = 0

    def seen(event: Event, control: Control) -> None:
        nonlocal ends
        ends += isinstance(event, EpochEnded)
        if ends == 8:
            fill(disk)
        if ends == 10:
            control.stop()

    result, _ = trained(path, seen, epochs=6, seeds=2)
    assert result.finished is not None
    assert read_run(path).status == "stopped"
    (disk / "filler").unlink()
    again, events = trained(path, lambda *_: None, resume=True, epochs=6, seeds=2)
    assert again.finished is not None
    assert [event.epoch for event in events if isinstance(event, EpochEnded)] == [5, 6]
    assert read_run(path).status == "completed"
    assert load_network(path, "best")

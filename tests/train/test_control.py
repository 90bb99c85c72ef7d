"""Pause, resume, stop and save act within one step; neither host loses an event or an exception."""

from __future__ import annotations

import threading
import time

import pytest

from studio.project.graph import Node
from studio.train.checkpoint import has_checkpoint, load_checkpoint
from studio.train.control import Control
from studio.train.events import EpochEnded, Failed, Finished, Paused, Progress, Resumed, Saved, Started
from studio.train.host_process import ProcessRunner
from studio.train.job import Job
from studio.train.launch import ThreadRunner
from studio.train.runs import create_run, read_events, read_run
from tests.train.drawings import SAMPLES, digits, train

HIDDEN = Node("hidden", "Linear", {"out_features": 64}), Node("relu", "ReLU")


HOSTS = {"thread": ThreadRunner, "process": ProcessRunner}


@pytest.fixture(scope="module")
def hosts():
    """Both hosts, as a window keeps them from run to run."""
    made = {name: make() for name, make in HOSTS.items()}
    yield made
    for host in made.values():
        assert host.close(20)


@pytest.fixture(params=list(HOSTS))
def runner(request, hosts):
    """Each host in turn; its run is stopped in the end, whatever happened."""
    runner = hosts[request.param]
    yield runner
    runner.control.stop()
    assert runner.join(20)


def start(runner, tmp_path, **options):
    """Start a run that takes long, and wait until it trains."""
    project = digits(*HIDDEN, **{"epochs": 100_000, **options})
    path = create_run(project, SAMPLES, tmp_path)
    runner.start(Job(project, SAMPLES, path))
    return path, wait_for(runner, Progress)


def wait_for(runner, kind, seconds: float = 30.0):
    """All events up to the first of a kind."""
    events, deadline = [], time.monotonic() + seconds
    while time.monotonic() < deadline:
        events += runner.poll()
        if any(isinstance(event, kind) for event in events):
            return events
        time.sleep(0.005)
    raise AssertionError(f"no {kind.__name__} in {events[-3:]}")


def test_events_come_in_order(tmp_path):
    ran = train(digits(*HIDDEN), tmp_path)
    names = [type(event).__name__ for event in ran.events if not isinstance(event, Progress | Saved)]
    assert names == ["Started", "EpochEnded", "EpochEnded", "EpochEnded", "Finished"]
    assert [event.time for event in ran.events] == sorted(event.time for event in ran.events)
    steps = [event.step for event in ran.of(Progress)]
    assert steps == sorted(steps)
    assert len(ran.losses) == steps[-1] == 60
    finished = ran.result.finished
    assert finished.test["accuracy"] > 0.9
    assert read_events(ran.result.run_dir) == ran.events


def test_it_runs_beside_us_and_reports_the_same(runner, tmp_path):
    project = digits(*HIDDEN)
    path = create_run(project, SAMPLES, tmp_path)
    runner.start(Job(project, SAMPLES, path))
    events = wait_for(runner, Finished)
    assert runner.join(10)
    assert not runner.running
    assert runner.result.finished == events[-1]
    assert [event.step for event in events if isinstance(event, EpochEnded)] == [20, 40, 60]
    alone = train(project, tmp_path)
    assert events[-1].test == alone.result.finished.test


def test_stop_is_quick_and_leaves_a_checkpoint(runner, tmp_path):
    path, _ = start(runner, tmp_path)
    assert read_run(path).status == "running"
    runner.control.stop()
    began = time.monotonic()
    assert runner.join(10)
    assert time.monotonic() - began < 2.0
    finished = runner.poll()[-1]
    assert isinstance(finished, Finished)
    assert finished.reason == "stopped"
    assert load_checkpoint(path, "last")[1]["step"] == finished.step
    assert read_run(path).status == "stopped"


def test_no_step_runs_in_a_pause_and_it_does_not_count_as_time(runner, tmp_path):
    start(runner, tmp_path)
    runner.control.pause()
    paused = wait_for(runner, Paused)[-1]
    time.sleep(0.5)
    assert runner.poll() == []
    runner.control.resume()
    events = wait_for(runner, Progress)
    assert isinstance(events[0], Resumed)
    assert events[0].step == paused.step
    assert events[0].time - paused.time < 0.2
    assert events[1].step - len(events[1].losses) == paused.step


def test_a_paused_run_can_be_stopped(runner, tmp_path):
    path, _ = start(runner, tmp_path)
    runner.control.pause()
    wait_for(runner, Paused)
    runner.control.stop()
    assert runner.join(10)
    assert [type(event) for event in runner.poll()] == [Saved, Saved, Finished] or has_checkpoint(
        path, "last"
    )
    assert read_run(path).status == "stopped"


def test_save_now_saves_after_the_step(runner, tmp_path):
    path, _ = start(runner, tmp_path)
    runner.control.save_now()
    saved = next(event for event in wait_for(runner, Saved) if isinstance(event, Saved))
    assert saved.name in ("last", "best")
    wait_until = time.monotonic() + 5
    while not has_checkpoint(path, "last"):
        assert time.monotonic() < wait_until


def test_stopped_before_it_began_it_ends_at_once(tmp_path):
    project = digits(*HIDDEN, epochs=100_000)
    ran = train(
        project, tmp_path, steer=lambda event, control: control.stop() if isinstance(event, Started) else None
    )
    assert ran.result.finished.reason == "stopped"
    assert ran.result.finished.step <= 1


def test_an_exception_outside_the_engine_is_an_event_too(runner, tmp_path):
    runner.start(Job(digits(), SAMPLES, tmp_path / "no run"))
    failed = wait_for(runner, Failed)[-1]
    assert failed.message
    assert runner.join(5)


def test_flags_pass_between_threads():
    control = Control()
    control.pause()
    waited = threading.Event()

    def work():
        control.wait()
        waited.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert not waited.wait(0.05)
    assert control.called
    control.stop()
    assert waited.wait(5)
    thread.join()
    assert control.stopping
    control.save_now()
    assert control.take_save()
    assert not control.take_save()


def test_patience_stops_early_and_best_is_the_least_validation_loss(tmp_path):
    ran = train(digits(*HIDDEN, epochs=400, patience=3), tmp_path)
    assert ran.result.finished.reason == "early"
    epochs = ran.of(EpochEnded)
    best = min(epochs, key=lambda event: event.validation["loss"])
    assert ran.result.finished.best_epoch == best.epoch == epochs[-1].epoch - 3
    assert [event.best for event in epochs[-3:]] == [False] * 3
    info = read_run(ran.result.run_dir)
    assert (info.status, info.best_epoch, info.best) == ("early", best.epoch, best.validation["loss"])
    assert load_checkpoint(ran.result.run_dir, "best")[1]["epoch"] == best.epoch

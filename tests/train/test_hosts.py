"""The worker process: the same digits as the thread and the command line, and no way to take the window with
it: killed, broken in native code, left by its window, it ends in plain words or without a trace.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from studio.catalog.trust import trust
from studio.project import storage
from studio.project.edits import set_training
from studio.project.graph import Node
from studio.train.checkpoint import load_checkpoint
from studio.train.events import EpochEnded, Failed, Finished, Progress, Saved, Started, Warned, to_dict
from studio.train.host_process import ProcessRunner
from studio.train.host_worker import NICENESS
from studio.train.job import Job
from studio.train.launch import ThreadRunner
from studio.train.processes import began
from studio.train.runs import create_run, read_events, read_run
from tests.train.drawings import SAMPLES, digits, everything, losses, sample, train
from tests.train.test_ended_processes import noise

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs signals")
HIDDEN = Node("hidden", "Linear", {"out_features": 64}), Node("relu", "ReLU")
ROOT = Path(__file__).parents[2]
LONG = 180.0
BREAKS = """
import os
import torch
from torch import nn

class Breaks(nn.Module):
    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, input):
        if self.training and input.device.type != "meta":
            self.calls += 1
            if self.calls > 30:
                {deed}
        return input
"""


@pytest.fixture(scope="module")
def worker():
    """One worker process for all that does not end it."""
    runner = ProcessRunner()
    yield runner
    assert runner.close(20)


@pytest.fixture
def doomed():
    """A worker process of its own for what ends it."""
    before = threading.active_count()
    runner = ProcessRunner()
    yield runner
    assert runner.close(20)
    assert threading.active_count() == before


def finish(runner, project, runs_dir, folder=SAMPLES, resume=None):
    """Run to the end; everything that was told, and where."""
    path = resume or create_run(project, folder, runs_dir)
    runner.start(Job(project, folder, path, resume=resume is not None))
    assert runner.join(LONG)
    return runner.poll(), path


def begin(runner, project, runs_dir, kind, folder=SAMPLES):
    """Run until the first event of a kind."""
    path = create_run(project, folder, runs_dir)
    runner.start(Job(project, folder, path))
    events = wait_for(runner, kind)
    return path, events


def wait_for(runner, kind):
    events, deadline = [], time.monotonic() + LONG
    while not any(isinstance(event, kind) for event in events):
        assert time.monotonic() < deadline, events[-3:]
        assert runner.running, events[-3:]
        time.sleep(0.003)
        events += runner.poll()
    return events


def epochs(events):
    """What the curves show, without the times."""
    return [replace(event, time=0.0) for event in events if isinstance(event, EpochEnded)]


@pytest.mark.parametrize("name", ["everything", "cnn_digits"])
def test_thread_process_and_command_line_give_the_same_digits(worker, tmp_path, name):
    project = everything(epochs=2) if name == "everything" else sample(name, epochs=1)
    thread = ThreadRunner()
    beside, first = finish(thread, project, tmp_path)
    apart, second = finish(worker, project, tmp_path)
    storage.save(project, tmp_path / "same.loom")
    command = [sys.executable, "-m", "studio", "train", str(tmp_path / "same.loom"), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    typed = [json.loads(line) for line in done.stdout.splitlines()]
    third = next(event["run"] for event in typed if event["event"] == "Started")
    told = [loss for event in typed if event["event"] == "Progress" for loss in event["losses"]]
    assert losses(beside) == losses(apart) == told
    ends = [{**to_dict(one), "time": 0.0} for one in epochs(beside)]
    assert ends == [{**to_dict(one), "time": 0.0} for one in epochs(apart)]
    assert json.loads(json.dumps(ends)) == [
        {**one, "time": 0.0} for one in typed if one["event"] == "EpochEnded"
    ]
    sums = {load_checkpoint(run, "last")[1]["sha256"] for run in (first, second, tmp_path / "runs" / third)}
    assert len(sums) == 1


def test_it_stays_warm_and_is_of_lower_priority(worker, tmp_path):
    finish(worker, digits(*HIDDEN, epochs=1), tmp_path)
    pid = worker.pid
    assert pid is not None
    finish(worker, digits(*HIDDEN, epochs=1), tmp_path)
    assert worker.pid == pid
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, own + NICENESS)


def test_what_the_run_keeps_is_what_the_window_hears(worker, tmp_path):
    events, path = finish(worker, digits(*HIDDEN), tmp_path)
    assert read_events(path) == events
    assert worker.result.finished == events[-1]


def test_killed_it_is_told_and_the_next_run_goes_on_from_the_checkpoint(doomed, tmp_path):
    project = digits(*HIDDEN, epochs=100_000)
    path, events = begin(doomed, project, tmp_path, Progress)
    doomed.control.save_now()
    events += wait_for(doomed, Saved)
    while not read_run(path).step and not (path / "checkpoints" / "last.json").exists():
        time.sleep(0.01)
    os.kill(doomed.pid, signal.SIGKILL)
    assert doomed.join(5)
    failed = [*events, *doomed.poll()][-1]
    assert isinstance(failed, Failed)
    assert failed.message == "The process that trained was ended from outside (signal 9)."
    assert failed.fitting is None
    step = load_checkpoint(path, "last")[1]["step"]
    assert f"last checkpoint (step {step}, " in failed.hint
    assert doomed.result.failed == failed
    assert (read_run(path).status, read_run(path).message) == ("failed", failed.message)
    assert read_events(path)[-1] == failed
    assert read_run(path).resumable
    doomed.start(Job(project, SAMPLES, path, resume=True))
    started = next(event for event in wait_for(doomed, Started) if isinstance(event, Started))
    assert started.step == step
    doomed.control.stop()
    assert doomed.join(LONG)
    assert doomed.result.finished.reason == "stopped"


def test_killed_and_resumed_it_gives_the_digits_of_an_undisturbed_run(doomed, tmp_path):
    project = everything(epochs=40, patience=None)
    path, _ = begin(doomed, project, tmp_path, EpochEnded)
    doomed.control.save_now()
    wait_for(doomed, Saved)
    time.sleep(0.05)
    os.kill(doomed.pid, signal.SIGKILL)
    assert doomed.join(5)
    finish(doomed, project, tmp_path, resume=path)
    assert doomed.result.finished is not None
    undisturbed = train(project, tmp_path).result.run_dir
    assert load_checkpoint(path, "last")[1]["sha256"] == load_checkpoint(undisturbed, "last")[1]["sha256"]
    assert losses(read_events(path)) == losses(read_events(undisturbed))


def broken(runner, tmp_path, deed):
    """The last word of a run whose layer does something bad in its 31st step, and the run's folder."""
    text = BREAKS.format(deed=deed)
    trust().add(text, keep=False)
    project = digits(*HIDDEN, Node("breaks", "PythonLayer", {"source": text}), epochs=100)
    events, path = finish(runner, project, tmp_path)
    assert isinstance(events[-1], Failed)
    assert events[-1].hint
    return events[-1], path


@pytest.mark.parametrize(
    ("deed", "word"),
    [
        ("raise SystemExit(4)", "called exit (4)"),
        ("raise OSError('mine')", "mine"),
        ("raise ValueError('mine')", "breaks failed: mine"),
    ],
)
def test_what_a_layer_raises_is_told(worker, tmp_path, deed, word):
    worker.warm()
    failed, _ = broken(worker, tmp_path, deed)
    assert word in failed.message
    assert worker.pid
    assert began(worker.pid)


@pytest.mark.parametrize(
    ("deed", "word", "details"),
    [
        ("os.abort()", "native code (signal 6, SIGABRT)", ("Fatal Python error: Aborted", "in forward")),
        ("print('the last words', flush=True); os._exit(3)", "exit code 3", ("the last words",)),
    ],
)
def test_a_layer_that_ends_the_process_is_told(doomed, tmp_path, deed, word, details):
    failed, path = broken(doomed, tmp_path, deed)
    assert word in failed.message
    assert all(one in failed.details for one in details)
    assert read_run(path).status == "failed"
    again, _ = finish(doomed, digits(*HIDDEN, epochs=1), tmp_path)
    assert isinstance(again[-1], Finished)


def test_no_orphan_is_left_by_a_killed_window(tmp_path):
    """The window is killed while the worker trains: it stops, saves, and is gone."""
    code = """
import sys, time
from pathlib import Path
from studio.train.events import Progress
from studio.train.host_process import ProcessRunner
from studio.train.host_worker import NICENESS
from studio.train.job import Job
from studio.train.runs import run_project
runner, path = ProcessRunner(), Path(sys.argv[1])
runner.start(Job(run_project(path), Path(sys.argv[2]), path))
while not any(isinstance(event, Progress) for event in runner.poll()):
    time.sleep(0.01)
print(runner.pid, flush=True)
time.sleep(100)
"""
    project = digits(*HIDDEN, epochs=100_000)
    path = create_run(project, SAMPLES, tmp_path)
    command = [sys.executable, "-c", code, str(path), str(SAMPLES)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as window:
        assert window.stdout is not None
        pid = int(window.stdout.readline())
        assert began(pid)
        window.kill()
        window.wait()
        gone(pid)
    assert read_run(path).status == "stopped"
    assert load_checkpoint(path, "last")[1]["step"] > 0


def gone(pid, seconds=15.0):
    """Wait until a process is no more."""
    deadline = time.monotonic() + seconds
    while began(pid):
        assert time.monotonic() < deadline, f"{pid} is still there"
        time.sleep(0.01)


def children(pid):
    """The processes that a process has started."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_what_decodes_for_it_ends_with_it(doomed, tmp_path):
    project = set_training(noise(tmp_path, 600), epochs=1000)
    begin(doomed, project, tmp_path / "runs", Started, tmp_path)
    pid, deadline = doomed.pid, time.monotonic() + LONG
    while len(decoding := children(pid)) < 2:
        assert time.monotonic() < deadline
    os.kill(pid, signal.SIGKILL)
    assert doomed.join(15)
    for one in decoding:
        gone(one)


def test_data_gone_in_the_middle_of_a_run_is_told(worker, tmp_path):
    """The files are gone before all of them were decoded."""
    project = set_training(noise(tmp_path, 600), epochs=1000)
    begin(worker, project, tmp_path / "runs", Started, tmp_path)
    for file in tmp_path.glob("pets/*/*.png"):
        file.unlink()
    assert worker.join(LONG)
    failed = worker.poll()[-1]
    assert isinstance(failed, Failed)
    assert "pets" in failed.message
    assert failed.hint


def test_stop_while_torch_loads_or_data_are_read_does_not_wait_for_them(tmp_path):
    runner = ProcessRunner()
    project = digits(*HIDDEN, epochs=100_000)
    path = create_run(project, SAMPLES, tmp_path)
    runner.start(Job(project, SAMPLES, path))
    time.sleep(0.3)
    asked = time.monotonic()
    runner.control.stop()
    assert runner.join(5)
    assert time.monotonic() - asked < 3
    assert isinstance(runner.poll()[-1], Finished)
    assert read_run(path).status == "stopped"
    assert runner.close(1)


@pytest.mark.parametrize("moment", [0.0, 0.3, 1.0, None])
def test_closing_takes_no_longer_than_allowed(tmp_path, moment):
    """Soon after the start, while torch loads, and while it trains."""
    runner = ProcessRunner()
    project = digits(*HIDDEN, epochs=100_000)
    path = create_run(project, SAMPLES, tmp_path)
    runner.start(Job(project, SAMPLES, path))
    if moment is None:
        wait_for(runner, Progress)
    else:
        time.sleep(moment)
    asked, pid = time.monotonic(), runner.pid
    assert runner.close(3)
    assert time.monotonic() - asked < 4
    assert pid is None or not began(pid)
    if moment is None:
        assert read_run(path).status == "stopped"
        assert load_checkpoint(path, "last")[1]["step"] > 0


def test_control_c_in_the_terminal_is_not_for_it(worker, tmp_path):
    """Keys go to the terminal's group of processes; sent to the worker itself they are not obeyed either."""
    begin(worker, digits(*HIDDEN, epochs=100_000), tmp_path, Progress)
    assert os.getpgid(worker.pid) != os.getpgid(0)
    os.kill(worker.pid, signal.SIGINT)
    wait_for(worker, Progress)
    worker.control.stop()
    assert worker.join(LONG)


def test_told_to_end_it_stops_with_a_checkpoint(doomed, tmp_path):
    path, _ = begin(doomed, digits(*HIDDEN, epochs=100_000), tmp_path, Progress)
    os.kill(doomed.pid, signal.SIGTERM)
    assert doomed.join(LONG)
    assert doomed.result.finished.reason == "stopped"
    assert read_run(path).status == "stopped"


@pytest.mark.skipif(sys.platform != "linux", reason="limits another process")
def test_a_full_disk_is_told_and_training_goes_on(doomed, tmp_path):
    """The system refuses the worker's files beyond 20 kB from the first epoch on."""
    import resource

    project = digits(Node("hidden", "Linear", {"out_features": 512}), epochs=100_000)
    path, _ = begin(doomed, project, tmp_path, EpochEnded)
    resource.prlimit(doomed.pid, resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    doomed.control.save_now()
    warned = [event for event in wait_for(doomed, Warned) if isinstance(event, Warned)]
    assert "too large" in warned[0].message or "written" in warned[0].message
    wait_for(doomed, Progress)
    resource.prlimit(doomed.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    doomed.control.stop()
    assert doomed.join(LONG)
    assert doomed.result.finished.reason == "stopped"
    assert load_checkpoint(path, "last")[1]["step"] > 0

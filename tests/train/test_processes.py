"""Whole runs by several processes, as people start them: --processes, and torchrun on two machines."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from studio.catalog.trust import trust
from studio.cli import main
from studio.project.graph import Node
from studio.train.checkpoint import load_checkpoint
from studio.train.distributed.launch import ProcessesRunner
from studio.train.events import (
    EpochEnded,
    Event,
    Failed,
    Finished,
    Progress,
    Saved,
    Started,
    Warned,
    from_dict,
)
from studio.train.job import Job
from studio.train.runs import create_run, read_events, read_run
from tests.train.drawings import SAMPLES, digits, everything, losses
from tests.train.test_distributed import ROOT, WAIT, assert_close

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="needs signals")]


def follow(runner: ProcessesRunner, seen: Callable[[Event], None] | None = None) -> list[Event]:
    """All that a run tells, to its end."""
    found: list[Event] = []
    over, deadline = False, time.monotonic() + WAIT
    while not over:
        over = runner.join(0.01)
        for event in runner.poll():
            found.append(event)
            if seen is not None:
                seen(event)
        assert time.monotonic() < deadline
    return found


def test_a_killed_process_is_replaced_and_the_digits_are_the_same(tmp_path: Path) -> None:
    """Dropout and all: everything that each process had of its own is in the checkpoint."""
    project = everything(epochs=60, patience=None)
    whole, killed = (create_run(project, SAMPLES, tmp_path / "runs") for _ in range(2))
    runner = ProcessesRunner(2)
    runner.start(Job(project, SAMPLES, whole))
    assert isinstance(follow(runner)[-1], Finished)
    first: list[int] = []

    def kill(event: Event) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 2:
            runner.control.save_now()
        if isinstance(event, Saved) and not first:
            first.extend(runner.pids)
            os.kill(first[1], signal.SIGKILL)

    runner.start(Job(project, SAMPLES, killed))
    events = follow(runner, kill)
    assert isinstance(events[-1], Finished), events[-1]
    (told,) = (event for event in events if isinstance(event, Warned))
    assert told.message.startswith(
        "Process 2 of 2: The process that trained was ended from outside (signal 9)"
    )
    assert [event for event in read_events(killed) if isinstance(event, Warned)] == [told]
    assert not set(first) & set(runner.pids)
    assert losses(read_events(killed)) == losses(read_events(whole))
    tensors, _ = load_checkpoint(killed, "last")
    expected, _ = load_checkpoint(whole, "last")
    assert tensors.keys() == expected.keys()
    for name, tensor in expected.items():
        assert torch.equal(tensors[name], tensor), name
    assert read_run(killed).status == "completed"


def test_words_from_the_window_reach_all_processes(tmp_path: Path) -> None:
    project = digits(Node("hidden", "Linear", {"out_features": 16}), epochs=100_000)
    path = create_run(project, SAMPLES, tmp_path)
    runner = ProcessesRunner(2)
    told: list[str] = []

    def steer(event: Event) -> None:
        told.append(type(event).__name__)
        match told.count("EpochEnded"), told[-1]:
            case 5, "EpochEnded":
                runner.control.pause()
            case _, "Paused":
                runner.control.resume()
            case _, "Resumed":
                runner.control.save_now()
            case _, "Saved" if "Resumed" in told:
                runner.control.stop()
            case _:
                pass

    runner.start(Job(project, SAMPLES, path))
    events = follow(runner, steer)
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "stopped"
    assert told.index("Paused") < told.index("Resumed") < len(told) - 1
    _, content = load_checkpoint(path, "last")
    assert content["step"] == events[-1].step
    assert len(content["ranks"]) == 1


def test_a_process_that_is_lost_again_and_again_ends_the_run(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("studio.train.distributed.launch.MOST_RESTARTS", 1)
    project = digits(epochs=100_000)
    path = create_run(project, SAMPLES, tmp_path)
    runner = ProcessesRunner(2)

    def kill(event: Event) -> None:
        if isinstance(event, Progress):
            for pid in runner.pids[1:]:
                os.kill(pid, signal.SIGKILL)

    runner.start(Job(project, SAMPLES, path))
    last = follow(runner, kill)[-1]
    assert isinstance(last, Failed)
    assert last.message.startswith("Process 2 of 2: ")
    assert read_run(path).status == "failed"
    assert read_run(path).message == last.message


BREAKS = """import os
from torch import nn

class Layer(nn.Module):
    def forward(self, input):
        if self.training and input.device.type != "meta" and os.environ.get("RANK") == "1":
            raise ValueError("mine")
        return input
"""


def test_a_process_that_fails_tells_why_and_where(tmp_path: Path) -> None:
    """Only the second one fails; the first, which waits for it, tells the same."""
    trust().add(BREAKS, keep=False)
    project = digits(Node("breaks", "PythonLayer", {"source": BREAKS}))
    path = create_run(project, SAMPLES, tmp_path)
    runner = ProcessesRunner(2)
    runner.start(Job(project, SAMPLES, path))
    events = follow(runner)
    last = events[-1]
    assert isinstance(last, Failed)
    assert last.message == f"Process 2 of 2 on {socket.gethostname()}: breaks failed: mine"
    assert last.node == "breaks"
    assert not any(isinstance(event, Warned) for event in events)
    assert (read_run(path).status, read_run(path).message) == ("failed", last.message)
    assert [event for event in read_events(path) if isinstance(event, Failed)] == [last]


def test_the_command_line_trains_by_processes(tmp_path: Path, capsys) -> None:
    file = Path(shutil.copy(SAMPLES / "mlp_digits.loom", tmp_path))
    assert (
        main(["train", str(file), "--epochs", "2", "--processes", "2", "--runs", str(tmp_path / "two")]) == 0
    )
    assert main(["train", str(file), "--epochs", "2", "--runs", str(tmp_path / "one")]) == 0
    said = capsys.readouterr()
    assert said.out.count("finished at epoch 2") == 2
    two, one = (next((tmp_path / name).iterdir()) for name in ("two", "one"))
    assert_close(read_events(two), read_events(one))
    assert main(["evaluate", str(two)]) == 0


def test_two_machines_by_torchrun(tmp_path: Path) -> None:
    """Two agents on the loopback, each with its own copy of the files; the first machine has the run."""
    files = [tmp_path / name / "mine.loom" for name in ("one", "two")]
    for file in files:
        file.parent.mkdir()
        shutil.copy(SAMPLES / "mlp_digits.loom", file)
    agents = [agent(str(file), "--epochs", "2", port=port) for port in [free_port()] for file in files]
    told = [one.communicate(timeout=WAIT)[0] for one in agents]
    assert [one.returncode for one in agents] == [0, 0], "\n".join(told)
    found = [file.parent / "runs" for file in files if (file.parent / "runs").exists()]
    assert len(found) == 1
    assert sum("finished at epoch 2" in text for text in told) == 1
    main(["train", str(files[0]), "--epochs", "2", "--runs", str(tmp_path / "alone")])
    assert_close(read_events(next(found[0].iterdir())), read_events(next((tmp_path / "alone").iterdir())))


def test_torchrun_starts_a_killed_process_anew(tmp_path: Path) -> None:
    restarted(tmp_path, agents=1, each=2)


@pytest.mark.torture
@pytest.mark.parametrize("lost", [0, 1])
def test_a_process_killed_on_one_machine_is_started_anew_with_that_of_the_other(
    tmp_path: Path, lost: int
) -> None:
    """Each agent counts the restarts that its own processes caused: the numbers differ."""
    restarted(tmp_path, agents=2, each=1, lost=lost)


def restarted(folder: Path, agents: int, each: int, lost: int = 0) -> None:
    """Kill a process of the `lost`-th agent after the first checkpoint, and follow the run to its end."""
    file = Path(shutil.copy(SAMPLES / "mlp_digits.loom", folder / "mine.loom"))
    options = ["--set", "training.keep_every=30", "--epochs", "120"]
    port = free_port()
    started = [
        agent(str(file), *options, port=port, agents=agents, each=each, restarts=1) for _ in range(agents)
    ]
    runs, deadline = folder / "runs", time.monotonic() + WAIT
    saved: list[Path] = []
    while not saved:
        assert all(one.poll() is None for one in started)
        assert time.monotonic() < deadline
        saved = list(runs.glob("*/checkpoints/last.json"))
        time.sleep(0.01)
    (run,) = runs.iterdir()
    ranks = workers(started[lost].pid)
    assert len(ranks) == each
    os.kill(ranks[-1], signal.SIGKILL)
    told = [one.communicate(timeout=WAIT)[0] for one in started]
    assert [one.returncode for one in started] == [0] * agents, "\n".join(told)
    assert [path.name for path in runs.iterdir()] == [run.name]
    assert read_run(run).status == "completed"
    assert sum(isinstance(event, Started) for event in all_events(run)) == 2
    (warned,) = (event for event in all_events(run) if isinstance(event, Warned))
    assert "process of the run was lost" in warned.message
    main(["train", str(file), *options, "--runs", str(folder / "alone")])
    whole = read_events(next((folder / "alone").iterdir()))
    assert_close(read_events(run), whole, 5e-5)  # over thousands of steps the last digits add up


def all_events(run: Path) -> list[Event]:
    """Also those of steps that were trained anew."""
    return [from_dict(json.loads(line)) for line in (run / "events.jsonl").read_text().splitlines()]


def agent(
    *command: str, port: int, agents: int = 2, each: int = 1, restarts: int = 0
) -> subprocess.Popen[str]:
    """torchrun on one machine."""
    place = f"--rdzv-backend=c10d --rdzv-endpoint=127.0.0.1:{port} --rdzv-id=test --nnodes={agents}"
    options = [*place.split(), f"--nproc-per-node={each}", f"--max-restarts={restarts}"]
    return subprocess.Popen(
        [sys.executable, "-m", "torch.distributed.run", *options, "-m", "studio", "train", *command],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def workers(agent: int) -> list[int]:
    """The processes that an agent has started, the oldest first."""
    found = subprocess.run(
        ["pgrep", "-P", str(agent), "-f", "studio"], capture_output=True, text=True, check=False
    )
    return sorted(int(one) for one in found.stdout.split())

"""train --resume leaves a run alone that a living process trains, and says which one it is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.cli import main
from studio.train.checkpoint import load_checkpoint
from studio.train.job import Job
from studio.train.launch import ThreadRunner
from studio.train.processes import this_process
from studio.train.runs import create_run, read_json, read_run, write_run
from tests.train.drawings import SAMPLES, digits

LONG = 60.0


@pytest.fixture
def trained(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A run that another process trains, without end and with a checkpoint; and that process."""
    file = Path(shutil.copy(SAMPLES / "mlp_digits.loom", tmp_path))
    command = [sys.executable, "-m", "studio", "train", str(file), "--set", "training.patience=none"]
    with subprocess.Popen([*command, "--epochs", "100000"], stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + LONG
        while not list(tmp_path.glob("runs/*/checkpoints/last.json")):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
        yield process, next((tmp_path / "runs").iterdir())
        process.kill()


def test_a_run_that_another_process_trains_is_refused(trained, capsys: pytest.CaptureFixture[str]) -> None:
    """Until that one is killed: then it goes on."""
    process, run = trained
    before = read_json(run)["process"]
    assert main(["train", "--resume", str(run)]) != 0
    told = capsys.readouterr().err
    assert f"{run.name} is being trained by another process (process {process.pid})" in told
    assert read_json(run)["process"] == before
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert read_run(run).status == "interrupted"
    done = load_checkpoint(run, "last")[1]["epoch"]
    assert main(["train", "--resume", str(run), "--epochs", str(done + 2)]) == 0


def test_a_run_of_a_thread_of_this_program_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = digits(epochs=1_000_000)
    path = create_run(project, SAMPLES, tmp_path)
    runner = ThreadRunner()
    runner.start(Job(project, SAMPLES, path))
    deadline = time.monotonic() + LONG
    while read_run(path).status != "running":
        assert time.monotonic() < deadline
    assert main(["train", "--resume", str(path)]) != 0
    told = capsys.readouterr().err
    assert f"{path.name} is being trained by this program (process {os.getpid()})" in told
    runner.control.stop()
    assert runner.join(LONG)
    assert read_run(path).status == "stopped"


@pytest.mark.parametrize(
    "process",
    [
        pytest.param({"pid": os.getpid(), "began": "another time"}, id="number used again"),
        pytest.param({**this_process(), "held": True}, id="left without a word"),
        pytest.param({"pid": 2**22 + 1, "began": "some time"}, id="gone"),
    ],
)
def test_a_process_that_trains_it_no_more_does_not_block(process: dict[str, object], tmp_path: Path) -> None:
    project = digits(epochs=1)
    path = create_run(project, SAMPLES, tmp_path)
    write_run(path, {**json.loads((path / "run.json").read_text()), "status": "running", "process": process})
    assert read_run(path).status == "interrupted"
    assert main(["train", "--resume", str(path)]) == 0
    assert read_run(path).status == "completed"

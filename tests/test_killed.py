"""Whole processes that are killed or told to end: windows with unsaved work, and training."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.places import shipped, user_folder
from studio.project.recovery import Recovery
from studio.project.storage import load
from studio.train.events import EpochEnded, Progress
from studio.train.kept import list_kept
from studio.train.runs import read_events, read_run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs signals")
ROOT = Path(__file__).parents[1]
SAMPLES = shipped("samples")
WAIT = 60


_started: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def _leave_none() -> Iterator[None]:
    yield
    while _started:
        child = _started.pop()
        child.kill()
        child.wait()
        for pipe in (child.stdout, child.stderr):
            if pipe is not None:
                pipe.close()


def start(*command: str, out: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """A process of the program."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    child = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
    )
    _started.append(child)
    return child


def kill(child: subprocess.Popen[str]) -> None:
    """As a crash does: nothing of its own runs any more."""
    child.kill()
    child.communicate()
    assert child.returncode == -signal.SIGKILL


def until(true: Callable[[], bool], child: subprocess.Popen[str]) -> None:
    """Wait for something while a process lives."""
    deadline = time.monotonic() + WAIT
    while not true():
        assert child.poll() is None, "it ended too early"
        assert time.monotonic() < deadline
        time.sleep(0.003)


def edited_window(path: Path, steps: int) -> tuple[subprocess.Popen[str], set[str]]:
    """A window whose project is edited and copied but not saved, and the nodes it shows."""
    child = start("tests.ui.edit_and_wait", str(path), str(steps))
    assert child.stdout is not None
    line = child.stdout.readline()
    assert line, child.wait()
    word, *names = json.loads(line)
    assert word == "ready"
    return child, set(names)


def recovered(path: Path, names: set[str]) -> None:
    """The next start finds the work, and the file is as it was."""
    (copy,) = Recovery(user_folder() / "recovery").pending()
    assert set(copy.project.graph.nodes) == names
    assert copy.path == path
    assert path.read_bytes() == (SAMPLES / "mlp_digits.loom").read_bytes()


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A project file of one's own."""
    return Path(shutil.copy(SAMPLES / "mlp_digits.loom", tmp_path / "mine.loom"))


def test_a_killed_window_leaves_its_work(mine: Path) -> None:
    child, names = edited_window(mine, 3)
    kill(child)
    assert len(names) == len(load(mine).graph.nodes) + 3
    recovered(mine, names)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_window_told_to_end_keeps_its_work_and_ends_well(mine: Path, number: signal.Signals) -> None:
    child, names = edited_window(mine, 1)
    child.send_signal(number)
    _, told = child.communicate(timeout=WAIT)
    assert child.returncode == 0, told
    assert "Traceback" not in told
    recovered(mine, names)


@pytest.mark.torture
def test_windows_killed_at_random_moments(mine: Path) -> None:
    """Each leaves a copy that is whole; what is there at the end is the last one's."""
    chance = random.Random(3)
    for _ in range(50):
        child, names = edited_window(mine, chance.randint(1, 6))
        time.sleep(chance.random())
        kill(child)
        recovered(mine, names)
        Recovery(user_folder() / "recovery").pending()[0].discard()


# ---- training


def train(*arguments: str) -> subprocess.Popen[str]:
    return start("studio", "train", *arguments, "--json", out=subprocess.DEVNULL)


def ended(child: subprocess.Popen[str]) -> None:
    """It ran to its end."""
    _, told = child.communicate(timeout=4 * WAIT)
    assert child.returncode == 0, told


def fingerprint(run: Path) -> dict[str, str]:
    """The hashes of the final weights, and of all that else goes into the last checkpoint."""
    folder = run / "checkpoints"
    files = {name: json.loads((folder / f"{name}.json").read_text())["file"] for name in ("best", "last")}
    return {name: hashlib.sha256((folder / file).read_bytes()).hexdigest() for name, file in files.items()}


def curves(run: Path) -> list[object]:
    """Every step's loss and every epoch's metrics."""
    events = read_events(run)
    steps = [loss for event in events if isinstance(event, Progress) for loss in event.losses]
    return [steps, *((one.epoch, one.train, one.validation) for one in events if isinstance(one, EpochEnded))]


def test_a_killed_run_goes_on_bit_equal(tmp_path: Path) -> None:
    """Killed before its first checkpoint, and after one in the middle of an epoch; resumed each time."""
    options = [str(SAMPLES / "mlp_digits.loom"), "--epochs", "500", "--set", "training.clip_norm=5"]
    ended(train(*options, "--runs", str(tmp_path / "whole")))
    run = tmp_path / "killed" / "mlp_digits-001"
    last = run / "checkpoints" / "last.json"
    child = train(*options, "--runs", str(tmp_path / "killed"))
    until(lambda: steps_of(run) > 30, child)
    kill(child)
    assert not last.exists()
    assert read_run(run).status == "interrupted"
    child = train("--resume", str(run))
    until(lambda: last.exists() and steps_of(run) > json.loads(last.read_text())["step"] + 5, child)
    kill(child)
    assert read_run(run).status == "interrupted"
    ended(train("--resume", str(run)))
    assert read_run(run).status == "completed"
    whole = tmp_path / "whole" / "mlp_digits-001"
    assert fingerprint(run) == fingerprint(whole)
    assert curves(run) == curves(whole)


def test_a_killed_fork_goes_on_bit_equal(tmp_path: Path) -> None:
    """Forked with other layers; killed before its first checkpoint and after one."""
    sample, parent = str(SAMPLES / "mlp_digits.loom"), tmp_path / "mlp_digits-001"
    ended(train(sample, "--epochs", "4", "--set", "training.keep_every=2", "--runs", str(tmp_path)))
    options = [sample, "--from", f"{parent}:2", "--epochs", "600", "--set", "hidden.out_features=96"]
    options += ["--set", "training.keep_best=2"]
    ended(train(*options, "--runs", str(tmp_path / "whole")))
    run = tmp_path / "killed" / "mlp_digits-001"
    last = run / "checkpoints" / "last.json"
    child = train(*options, "--runs", str(tmp_path / "killed"))
    until(lambda: steps_of(run) > 30, child)
    kill(child)
    child = train("--resume", str(run))
    until(lambda: last.exists() and steps_of(run) > json.loads(last.read_text())["step"] - 35, child)
    kill(child)
    ended(train("--resume", str(run)))
    whole = tmp_path / "whole" / "mlp_digits-001"
    assert fingerprint(run) == fingerprint(whole)
    assert curves(run) == curves(whole)
    kept = [{one.name: one.loss for one in list_kept(each)} for each in (run, whole)]
    assert kept[0] == kept[1]
    assert len(kept[0]) == 4
    assert not any(one.problem for one in list_kept(run))


def test_a_killed_run_of_several_seeds_goes_on_bit_equal(tmp_path: Path) -> None:
    options = [str(SAMPLES / "mlp_digits.loom"), "--epochs", "60", "--set", "training.seeds=3"]
    ended(train(*options, "--runs", str(tmp_path / "whole")))
    run = tmp_path / "killed" / "mlp_digits-001"
    child = train(*options, "--runs", str(tmp_path / "killed"))
    until(lambda: steps_of(run / "seeds" / "001") > 200, child)
    kill(child)
    assert read_run(run).status == "interrupted"
    ended(train("--resume", str(run)))
    whole = tmp_path / "whole" / "mlp_digits-001"
    assert read_run(run).test == read_run(whole).test
    assert read_run(run).deviation == read_run(whole).deviation
    for number in ("000", "001", "002"):
        mine, theirs = (each / "seeds" / number for each in (run, whole))
        assert fingerprint(mine) == fingerprint(theirs)
        assert curves(mine) == curves(theirs)


def steps_of(run: Path) -> int:
    """How many steps a run has told of."""
    events = read_events(run) if (run / "events.jsonl").exists() else []
    return sum(len(event.losses) for event in events if isinstance(event, Progress))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_told_to_end_stops_with_a_checkpoint(tmp_path: Path, number: signal.Signals) -> None:
    child = train(str(SAMPLES / "mlp_digits.loom"), "--epochs", "5000", "--runs", str(tmp_path))
    run = tmp_path / "mlp_digits-001"
    until(lambda: steps_of(run) > 50, child)
    child.send_signal(number)
    began = time.monotonic()
    _, told = child.communicate(timeout=WAIT)
    assert time.monotonic() - began < 10
    assert child.returncode == 0, told
    assert read_run(run).status == "stopped"
    assert read_run(run).resumable


def test_a_run_told_to_end_while_it_loads(tmp_path: Path) -> None:
    """Before there is anything to stop, it just ends, and leaves no half of a run that cannot be listed."""
    child = train(str(SAMPLES / "mlp_digits.loom"), "--epochs", "5", "--runs", str(tmp_path))
    time.sleep(0.4)
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=WAIT)
    assert "Traceback" not in told

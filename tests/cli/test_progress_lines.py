"""What a run tells beside its numbers stays in the terminal, and in the log of the window."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from studio.cli.progress import ProgressLines, ended_lines
from studio.train.control import Control
from studio.train.engine import Job, run
from studio.train.events import Measured, Warned
from studio.train.runs import create_run, read_run
from studio.train.seed_runs import member_infos
from tests.train.drawings import SAMPLES, digits

WAY = {
    "threads": 1,
    "memory_format": "channels_last",
    "precision": "float32",
    "compiled": False,
    "seconds": 0.0023,
    "equal": True,
    "failed": "",
}
MEASURED = Measured(
    1.0,
    40,
    2,
    (
        WAY,
        {**WAY, "precision": "bfloat16", "seconds": 0.001, "equal": False},
        {**WAY, "threads": 2, "seconds": 0.0015},
        {**WAY, "compiled": True, "seconds": None, "failed": "no compiler"},
    ),
)


def shown(*events: Measured | Warned) -> str:
    stream = StringIO()
    lines = ProgressLines(stream)
    for event in events:
        lines.add(event)
    return stream.getvalue()


def test_a_warning_stays() -> None:
    assert shown(Warned(1.0, "No room.", "Make some.")) == "No room. Make some.\n"


@pytest.mark.parametrize(
    "words",
    [
        "step 40",
        "goes on with 2 threads, channels_last (1.5 ms a step, before 2.3 ms)",
        "bfloat16 1 ms, other digits",
        "compiled cannot be computed (no compiler)",
    ],
)
def test_what_was_measured_says_what_was_taken_and_why_not_the_rest(words: str) -> None:
    assert words in shown(MEASURED)


def test_each_seed_says_which_it_is_and_the_end_that_it_is_a_mean(tmp_path: Path) -> None:
    project = digits(epochs=2, seeds=2, seed=3)
    stream = StringIO()
    lines = ProgressLines(stream)
    result = run(Job(project, SAMPLES, create_run(project, SAMPLES, tmp_path)), lines.add, Control())
    said = stream.getvalue()
    assert result.finished is not None
    assert said.index("digits-001, seed 1 of 2, on cpu") < said.index("digits-001, seed 2 of 2, on cpu")
    infos = member_infos(result.run_dir)
    first, test, deviation = ended_lines(
        replace(result.finished, test={"loss": 1.0}, deviation={"loss": 0.5}), infos
    )
    best = read_run(result.run_dir).best_epoch
    assert first.startswith(f"finished, 2 seeds; best epoch {best}, of seed ")
    assert test == "test part, mean of 2 seeds: loss 1"
    assert deviation == "deviation: loss 0.5"
    some = [replace(infos[0], status="early"), infos[1]]
    assert ended_lines(result.finished, some)[0].startswith("finished, 2 seeds, 1 of them stopped early;")
    stopped = replace(result.finished, reason="stopped")
    assert ended_lines(stopped, infos)[0].startswith("stopped in seed 2 at epoch 2;")

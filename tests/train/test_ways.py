"""The fastest way to compute a run is measured beside it, and changes no digit of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.build.network import Network
from studio.project.project import Setting
from studio.train.control import Control
from studio.train.drift import drift, repeat
from studio.train.events import Event, Finished, Measured, Started, Unmeasured
from studio.train.job import Job
from studio.train.runs import create_run, read_json, read_run, write_run
from studio.train.ways import measuring
from studio.train.ways.way import take_way, way_of
from studio.train.ways.words import measured_text, unmeasured_text, ways_told
from studio.train.work import make_ready
from tests.train.drawings import SAMPLES, Recorded, everything, train
from tests.train.test_layout import convolutions
from tests.train.test_resume import assert_same, outcome

ADAM = Setting("AdamW", {"lr": 0.01})


@pytest.fixture(autouse=True)
def always_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short runs and small steps are measured too, and shown at every step."""
    for name, value in (("SHARE", 1.0), ("LARGE_STEP", 1), ("COMPILING", 1)):
        monkeypatch.setattr(measuring, name, value)
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    monkeypatch.setattr(measuring, "available_cores", lambda: 3)


def made_faster(monkeypatch: pytest.MonkeyPatch, wanted: Any) -> None:
    """Let those ways be the faster ones that are `wanted`, whatever the clock says."""
    plain = measuring.Measuring._timed

    def timed(self: measuring.Measuring, trial: measuring.Trial) -> Any:
        yield from plain(self, trial)
        trial.seconds = 1.0 if wanted(trial.way) else 2.0

    monkeypatch.setattr(measuring.Measuring, "_timed", timed)


def measured(run: Recorded) -> Measured:
    (event,) = run.of(Measured)
    assert isinstance(event, Measured)
    return event


def test_all_that_is_open_is_tried_and_told(tmp_path: Path) -> None:
    project = convolutions(epochs=4, precision="auto")
    run = train(project, tmp_path)
    told = measured(run)
    tried = [(one["threads"], one["memory_format"], one["precision"], one["recorded"]) for one in told.ways]
    assert tried == [
        (1, "channels_last", "float32", False),
        (2, "channels_last", "float32", False),
        (3, "channels_last", "float32", False),
        (1, "channels_last", "bfloat16", False),
        (1, "channels_last", "float32", True),
        (1, "contiguous", "float32", False),
    ]
    assert told.ways[4]["equal"]
    assert told.ways[0]["equal"]
    assert not told.ways[3]["equal"]
    assert not any(one["failed"] for one in told.ways)
    assert all(0 < one["seconds"] < 60 for one in told.ways)
    text = measured_text(told)
    assert text.startswith(("stays with 1 thread, channels_last (", "goes on with "))
    assert re.search(r"bfloat16 [\d.]+ ms, other digits; recorded [\d.]+ ms;", text)
    assert [taken for _, taken in ways_told(read_run(run.result.run_dir).way)].count(True) == 1


def test_a_shorter_run_tries_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer rounds first, then fewer ways: those from which least is to be expected are left out."""
    project = convolutions(epochs=4, threads=1)
    work = make_ready(Job(project, SAMPLES, create_run(project, SAMPLES, tmp_path)))
    found: dict[int, tuple[list[tuple[str, bool]], int]] = {}
    for steps in (39, 38, 27, 26, 18, 17):
        monkeypatch.setattr(measuring, "SHARE", (steps + 0.5) / work.total_steps)
        ways, rounds = measuring.ways_tried(work)
        found[steps] = [(way.memory_format, way.recorded) for way in ways], rounds
    work.close()
    plain, recorded, other = ("channels_last", False), ("channels_last", True), ("contiguous", False)
    assert found[39] == ([plain, recorded, other], 5)
    assert found[38] == ([plain, recorded, other], 4)
    assert found[27] == ([plain, recorded, other], 3)
    assert found[26] == ([plain, recorded], 5)
    assert found[18] == ([plain, recorded], 3)
    assert found[17][0] == [plain]


def test_what_is_set_stays_as_it_is(tmp_path: Path) -> None:
    run = train(convolutions(epochs=4, threads=1, memory_format="contiguous"), tmp_path)
    assert [
        (one["threads"], one["memory_format"], one["precision"], one["compiled"])
        for one in measured(run).ways
    ] == [(1, "contiguous", "float32", False)] * 2
    others = {"threads": 1, "memory_format": "contiguous", "accumulate": 2}
    run = train(convolutions(epochs=4, **others), tmp_path)
    assert not run.of(Measured)
    assert not read_run(run.result.run_dir).way


def test_measuring_changes_no_digit_with_dropout_and_running_statistics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = everything(epochs=4, precision="auto", patience=None)
    run = train(project, tmp_path / "measured")
    assert measured(run).step > 0
    monkeypatch.setattr(measuring, "SHARE", 0.0)
    plain = train(project, tmp_path / "plain")
    assert not plain.of(Measured)
    assert_same(run.result.run_dir, outcome(plain.result.run_dir))


def test_a_way_with_other_digits_is_never_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_faster(monkeypatch, lambda way: way.precision == "bfloat16")
    told = measured(train(convolutions(epochs=4, precision="auto"), tmp_path))
    other = next(one for one in told.ways if one["precision"] == "bfloat16")
    assert other["seconds"] < told.ways[0]["seconds"]
    assert told.chosen == 0


def test_the_fastest_is_taken_kept_and_used_by_those_that_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is compiled here is the network as it is, so that its digits are equal on every machine."""
    asked: list[int] = []

    def compiled(network: Network, size: int) -> Any:
        asked.append(size)
        return network.values

    monkeypatch.setattr("studio.train.ways.way.compiled", compiled)
    made_faster(monkeypatch, lambda way: way.compiled)
    plain, project = (everything(epochs=4, patience=None, threads=1, compile=one) for one in ("off", "auto"))
    reference = outcome(train(plain, tmp_path / "plain").result.run_dir)
    assert not asked

    def stop(event: Event, told: Control) -> None:
        if isinstance(event, Measured):
            told.stop()

    stopped = train(project, tmp_path / "parts", steer=stop)
    told, path = measured(stopped), stopped.result.run_dir
    assert told.ways[told.chosen]["compiled"]
    assert read_run(path).way["compiled"]
    before = len(asked)
    again = train(project, tmp_path / "parts", path, resume=True)
    assert isinstance(again.events[-1], Finished)
    assert not again.of(Measured)
    assert len(asked) == before + 1
    assert_same(path, reference)
    _, _, repeated = repeat(path)
    run = train(project, tmp_path / "parts", repeated)
    assert not run.of(Measured)
    assert len(asked) == before + 2
    assert drift(repeated, path).none


def test_weights_and_the_optimizer_move_together(tmp_path: Path) -> None:
    """A layout that changes between two steps is the same training, to rounding."""
    project = convolutions(optimizer=ADAM, epochs=1)
    run = create_run(project, SAMPLES, tmp_path)
    losses = []
    for changes in (False, True):
        work = make_ready(Job(project, SAMPLES, run))
        batch = work.parts["train"].between(0, 32)
        for step in range(6):
            if changes and step == 3:
                take_way(work, replace(way_of(work), memory_format="contiguous"))
                assert work.network.conv2.weight.is_contiguous()
            work.step(batch, 32)
        losses.append(torch.tensor(work.ledger.read()))
        work.close()
    assert torch.allclose(*losses, rtol=1e-4)
    assert losses[0][-1] < losses[0][0]


def test_a_record_that_says_nonsense_is_left(tmp_path: Path) -> None:
    project = convolutions(epochs=1)
    path = create_run(project, SAMPLES, tmp_path)
    for way in ({"threads": -3, "memory_format": "upside down"}, "fast", [1]):
        write_run(path, {**read_json(path), "way": way})
        assert isinstance(train(project, tmp_path, path).events[-1], Finished)


def test_what_a_way_cannot_compute_counts_it_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("no compiler\nfound")

    monkeypatch.setattr("studio.train.ways.way.compiled", broken)
    run = train(convolutions(epochs=4, compile="auto", threads=1), tmp_path)
    told = measured(run)
    assert (told.ways[-1]["compiled"], told.ways[-1]["failed"]) == (True, "no compiler")
    assert isinstance(run.events[-1], Finished)


def test_what_is_not_measured_says_what_is_taken_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A short run: compiling takes longer than the run, and there are too few steps to measure beside."""
    monkeypatch.setattr(measuring, "SHARE", 0.02)
    monkeypatch.setattr(measuring, "COMPILING", 30_000)
    run = train(convolutions(epochs=2, compile="auto", precision="auto"), tmp_path)
    assert [type(event) for event in run.events[:2]] == [Started, Unmeasured]
    (told,) = run.of(Unmeasured)
    assert isinstance(told, Unmeasured)
    steps = run.events[-1].step
    assert unmeasured_text(told) == (
        f"not compiled: {steps} steps are too few to gain what compiling takes; "
        f"stays with float32, bfloat16 is not measured: {steps} steps are too few for that"
    )
    assert read_run(run.result.run_dir).unmeasured == told.kept
    assert not train(convolutions(epochs=1), tmp_path).of(Unmeasured)


def test_compiling_that_is_left_out_is_told_where_the_rest_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "COMPILING", 30_000)
    run = train(convolutions(epochs=4, compile="auto", precision="auto"), tmp_path)
    (told,) = run.of(Unmeasured)
    assert isinstance(told, Unmeasured)
    assert list(told.kept) == ["compile"]
    assert any(one["precision"] == "bfloat16" for one in measured(run).ways)


@pytest.mark.torture
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch itself, as it compiles
def test_compiled_is_the_same_training(tmp_path: Path) -> None:
    """It takes a minute for the first step."""
    plain = train(convolutions(epochs=2), tmp_path / "plain")
    quick = train(convolutions(epochs=2, compile="on"), tmp_path / "compiled")
    assert isinstance(quick.events[-1], Finished), quick.events[-1]
    assert torch.allclose(torch.tensor(quick.losses), torch.tensor(plain.losses), rtol=1e-3, atol=1e-4)

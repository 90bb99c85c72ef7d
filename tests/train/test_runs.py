"""Run folders: made, read, listed, renamed, deleted; whatever state they are in."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

import pytest

from studio.errors import StudioError
from studio.train import runs
from studio.train.events import EpochEnded, Failed, Progress, Saved, Started
from studio.train.history import History, read_events
from studio.train.processes import began, is_alive, this_process
from tests.train.drawings import SAMPLES, digits, train

STARTED = Started(0.0, "r", "cpu", 5, 10, 64, {"train": 640}, 100)


def progress(step: int, count: int) -> Progress:
    """The losses of the last `count` steps up to one."""
    first = step - count + 1
    return Progress(1.0, 1, step, tuple(float(one) for one in range(first, step + 1)), {}, 0.1, 1.0, 1.0)


def ended(epoch: int) -> EpochEnded:
    """The end of an epoch of ten steps."""
    return EpochEnded(1.0, epoch, epoch * 10, {"loss": 1.0}, {}, 0.1, True, epoch)


def write(path, *events) -> None:
    """Append events as a run does."""
    history = History(path)
    for event in events:
        history.add(event)
    history.close()


def test_a_new_run_says_what_it_is(tmp_path):
    project = digits(seed=5, epochs=7)
    path = runs.create_run(project, SAMPLES, tmp_path / "runs")
    assert path.name == "digits-001"
    info = runs.read_run(path)
    assert (info.id, info.name, info.project_name, info.seed, info.epochs) == (
        "digits-001",
        "digits-001",
        "digits",
        5,
        7,
    )
    assert info.status == "created"
    assert abs((datetime.now(UTC) - info.created).total_seconds()) < 60
    assert runs.run_project(path) == project
    assert runs.data_folder(path) == SAMPLES.resolve()
    assert read_events(path) == []


def test_runs_are_numbered_and_listed_newest_first(tmp_path):
    paths = [runs.create_run(digits(), SAMPLES, tmp_path) for _ in range(3)]
    assert [path.name for path in paths] == ["digits-001", "digits-002", "digits-003"]
    (tmp_path / "digits-004").mkdir()
    (tmp_path / "broken-001").mkdir()
    (tmp_path / "broken-001" / "run.json").write_text("{")
    assert [run.path for run in runs.list_runs(tmp_path)] == paths[::-1]
    assert runs.create_run(digits(), SAMPLES, tmp_path).name == "digits-005"
    assert runs.list_runs(tmp_path / "nowhere") == []


def test_a_trained_run_says_how_it_went(tmp_path):
    ran = train(digits(), tmp_path)
    info = runs.read_run(ran.result.run_dir)
    last = ran.of(EpochEnded)[-1]
    assert info.status == "completed"
    assert (info.epochs_done, info.step, info.best_epoch) == (3, 60, last.best_epoch)
    assert info.metrics == {"train": last.train, "validation": last.validation}
    assert info.test == ran.result.finished.test
    assert info.environment["torch"]
    assert info.device == "cpu"
    assert not info.resumable


def test_a_run_whose_process_is_gone_was_interrupted(tmp_path):
    path = runs.create_run(digits(), SAMPLES, tmp_path)
    content = json.loads((path / "run.json").read_text())
    for process, status in (
        (this_process(), "running"),
        ({"pid": os.getpid(), "began": "another time"}, "interrupted"),
        ({"pid": 2**22 + 5, "began": "x"}, "interrupted"),
        ({}, "interrupted"),
    ):
        runs.write_run(path, {**content, "status": "running", "process": process})
        assert runs.read_run(path).status == status
    assert not runs.read_run(path).resumable  # from nothing
    (path / "checkpoints" / "last.json").write_text("{}")
    assert runs.read_run(path).resumable


def test_a_process_is_told_by_its_number_and_beginning():
    assert began(os.getpid()) == began(os.getpid()) != ""
    assert began(0) == began(-1) == ""
    assert is_alive(os.getpid(), began(os.getpid()))
    assert not is_alive(os.getpid(), "")
    assert "" != began(1) != began(os.getpid())


def test_renaming_and_deleting(tmp_path):
    path = runs.create_run(digits(), SAMPLES, tmp_path)
    runs.rename_run(path, "  wide,\n deep ")
    assert runs.read_run(path).name == "wide, deep"
    runs.rename_run(path, "")
    assert runs.read_run(path).name == path.name
    content = json.loads((path / "run.json").read_text())
    runs.write_run(path, {**content, "status": "running", "process": this_process()})
    with pytest.raises(StudioError, match="still running"):
        runs.delete_run(path)
    runs.write_run(path, content)
    runs.delete_run(path)
    assert not path.exists()
    (tmp_path / "precious").mkdir()
    with pytest.raises(StudioError, match="is no run"):
        runs.delete_run(tmp_path / "precious")
    assert (tmp_path / "precious").exists()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"id": 1}', '{"status": "running", "process": 3}'])
def test_a_broken_description_is_one_clear_error(content, tmp_path):
    path = runs.create_run(digits(), SAMPLES, tmp_path)
    (path / "run.json").write_text(content)
    with pytest.raises(StudioError, match=r"run\.json"):
        runs.read_run(path)


def test_no_place_for_runs_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StudioError, match="no run can be made"):
        runs.create_run(digits(), SAMPLES, tmp_path / "file")


def test_data_that_moved_with_the_run_is_found(tmp_path):
    (tmp_path / "here").mkdir()
    path = runs.create_run(digits(), tmp_path / "here", tmp_path / "here" / "runs")
    (tmp_path / "here").rename(tmp_path / "there")
    moved = tmp_path / "there" / "runs" / path.name
    assert runs.data_folder(moved) == tmp_path / "there"


def test_the_default_folder_lies_beside_the_project(tmp_path):
    assert runs.default_runs_dir(tmp_path / "a.loom") == tmp_path / "runs"
    assert runs.default_runs_dir(None).name == "runs"


def test_events_survive_half_lines_and_unknown_ones(tmp_path):
    write(tmp_path, STARTED, progress(3, 3))
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b'{"event":"Sung","time":1}\n[1]\n"x"\n\xff\n{"event":"Progress","ti')
    assert read_events(tmp_path) == [STARTED, progress(3, 3)]
    write(tmp_path, Failed(2.0, "m", "h"))
    assert read_events(tmp_path) == [STARTED, progress(3, 3), Failed(2.0, "m", "h")]


def test_what_was_trained_anew_after_a_resume_is_there_once(tmp_path):
    write(tmp_path, STARTED, progress(10, 10), ended(1), Saved(1.0, "last", 1, 10))
    write(tmp_path, progress(16, 6), progress(20, 4), ended(2), Saved(1.0, "best", 2, 20))
    again = Started(1.0, "r", "cpu", 5, 10, 64, {"train": 640}, 100, epoch=1, step=13)
    write(tmp_path, again, progress(20, 7))
    events = read_events(tmp_path)
    assert events == [
        *(STARTED, progress(10, 10), ended(1), Saved(1.0, "last", 1, 10)),
        *(progress(13, 3), again, progress(20, 7)),
    ]

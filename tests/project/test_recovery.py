"""Recovery copies: found after a crash, and only then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.catalog.paths import rebase, relative_path
from studio.errors import StudioError
from studio.project.project import Data, Project, Setting
from studio.project.recovery import Recovery
from studio.project.storage import load

PROJECT = Project(name="mine", extra={"future": 1})


def test_a_copy_is_found_only_once_its_window_is_gone(tmp_path: Path):
    first, second = Recovery(tmp_path), Recovery(tmp_path)
    assert first.pending() == []
    first.store(Project(), None)
    first.store(PROJECT, Path("/somewhere/mine.loom"))
    assert second.pending() == []
    first.close()
    (found,) = second.pending()
    assert (found.project, found.path) == (PROJECT, Path("/somewhere/mine.loom"))
    assert found.time > 1e9
    found.discard()
    assert second.pending() == []
    assert list(tmp_path.iterdir()) == []


def test_clearing_leaves_nothing_behind(tmp_path: Path):
    recovery = Recovery(tmp_path / "new")
    recovery.clear()
    recovery.store(PROJECT, None)
    recovery.clear()
    assert list((tmp_path / "new").iterdir()) == []
    assert Recovery(tmp_path / "new").pending() == []
    recovery.store(PROJECT, None)
    recovery.clear()


def test_a_killed_process_leaves_its_copy(tmp_path: Path):
    program = (
        "import sys, time; from pathlib import Path; from studio.project.recovery import Recovery\n"
        "from studio.project.project import Project; recovery = Recovery(Path(sys.argv[1]))\n"
        "recovery.store(Project(name='lost'), None); print('stored', flush=True); time.sleep(60)\n"
    )
    root = Path(__file__).parents[2]
    child = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, cwd=root)
    assert child.stdout is not None
    child.stdout.readline()
    assert Recovery(tmp_path).pending() == []
    child.kill()
    child.wait()
    child.stdout.close()
    (found,) = Recovery(tmp_path).pending()
    assert (found.project.name, found.path) == ("lost", None)
    assert load(found.file).name == "lost"


def test_an_unreadable_copy_is_passed_over(tmp_path: Path):
    (tmp_path / "1-broken.loom").write_text("{")
    gone = Recovery(tmp_path)
    gone.store(PROJECT, None)
    gone.close()
    assert [one.project for one in Recovery(tmp_path).pending()] == [PROJECT]
    assert (tmp_path / "1-broken.loom").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StudioError, match="no recovery copy can be written"):
        Recovery(tmp_path / "file" / "below").store(PROJECT, None)


def test_data_paths_move_with_the_project(tmp_path: Path):
    project = Project(data=Data(Setting("CSV", {"path": "data/a.csv", "target": "x"})))
    moved = rebase(project, tmp_path / "one", tmp_path / "two")
    assert dict(moved.data.source.params) == {"path": "../one/data/a.csv", "target": "x"}
    assert rebase(moved, tmp_path / "two", tmp_path / "one") == project
    full = Project(data=Data(Setting("CSV", {"path": str(tmp_path / "a.csv")})))
    assert rebase(full, tmp_path / "one", tmp_path / "two") is full
    for source in (Setting("Unknown", {"path": "a"}), Setting("None"), Setting("CSV", {"path": ""})):
        other = Project(data=Data(source))
        assert rebase(other, tmp_path, tmp_path / "two") is other


def test_far_paths_are_given_in_full(tmp_path: Path):
    deep = tmp_path / "a" / "b" / "c"
    assert relative_path(deep / "x.csv", deep) == "x.csv"
    assert relative_path(tmp_path / "a" / "x.csv", deep) == "../../x.csv"
    assert relative_path(tmp_path / "x.csv", deep) == (tmp_path / "x.csv").as_posix()

"""The session: edits, undo, merging, dirty state, files; every change reaches the views by one signal."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from studio.build.plan import Checked
from studio.errors import StudioError
from studio.project.changes import Changes, diff
from studio.project.edits import add_node, move
from studio.project.project import Project
from studio.ui.session import Session
from tests.project.strategies import PROJECTS, edited


def with_node(project: Project, name: str) -> Project:
    return add_node(project, "ReLU", (0.0, 0.0), {}, name)[0]


def test_each_edit_is_told_and_can_be_undone(qtbot: QtBot) -> None:
    session, told = Session(), []
    session.changed.connect(told.append)
    first = session.project
    second = with_node(first, "one")
    session.commit(second, "Add one")
    assert session.dirty
    session.undo_stack.undo()
    assert session.project == first
    assert not session.dirty
    session.undo_stack.redo()
    assert told == [diff(first, second), diff(second, first), diff(first, second)]


def test_an_edit_that_changes_nothing_is_no_step(qtbot: QtBot) -> None:
    session = Session()
    session.commit(Project(), "Nothing")
    assert session.undo_stack.count() == 0


def test_steps_with_one_merge_key_become_one(qtbot: QtBot) -> None:
    session = Session()
    start = with_node(session.project, "one")
    session.commit(start, "Add")
    for x in (1.0, 2.0, 3.0):
        session.commit(move(session.project, {"one": (x, 0.0)}), "Move one", "move one")
    assert session.undo_stack.count() == 2
    session.undo_stack.undo()
    assert session.project == start


def test_a_merged_step_that_ends_where_it_began_is_gone(qtbot: QtBot) -> None:
    session = Session()
    session.commit(with_node(session.project, "one"), "Add")
    for x in (1.0, 0.0):
        session.commit(move(session.project, {"one": (x, 0.0)}), "Move one", "move one")
    assert session.undo_stack.count() == 1


def test_save_and_open(qtbot: QtBot, tmp_path: Path) -> None:
    session, path = Session(), tmp_path / "one.loom"
    session.commit(with_node(session.project, "one"), "Add")
    session.save(path)
    assert not session.dirty
    assert session.folder == tmp_path
    other = Session()
    with qtbot.waitSignals([other.changed, other.replaced, other.file_changed]):
        other.open(path)
    assert other.project == session.project
    assert not other.dirty
    assert other.undo_stack.count() == 0


def test_a_file_that_cannot_be_read_leaves_all_as_it_was(qtbot: QtBot, tmp_path: Path) -> None:
    session = Session()
    session.commit(with_node(session.project, "one"), "Add")
    before = session.project
    broken = tmp_path / "broken.loom"
    broken.write_text("{ no project")
    with pytest.raises(StudioError, match=r"broken\.loom"):
        session.open(broken)
    assert (session.project, session.path, session.undo_stack.count()) == (before, None, 1)


def test_a_save_that_fails_leaves_it_dirty(qtbot: QtBot, tmp_path: Path) -> None:
    session = Session()
    session.commit(with_node(session.project, "one"), "Add")
    with pytest.raises(StudioError):
        session.save(tmp_path / "no such folder" / "one.loom")
    assert session.dirty
    assert session.path is None


def test_a_recovered_project_is_unsaved(qtbot: QtBot, tmp_path: Path) -> None:
    session = Session()
    session.recover(with_node(Project(), "one"), tmp_path / "one.loom", tmp_path)
    assert session.dirty
    assert session.folder == tmp_path


def test_stale_checks_never_arrive(qtbot: QtBot) -> None:
    session, arrived = Session(), []
    session.check_arrived.connect(arrived.append)
    old = Checked(session.project)
    session.commit(with_node(session.project, "one"), "Add")
    session.take_check(old)
    assert arrived == []
    assert session.checked is None
    fresh = Checked(session.project)
    session.take_check(fresh)
    assert arrived == [fresh]
    assert session.checked is fresh


def test_replacing_tells_what_differs(qtbot: QtBot) -> None:
    session, told = Session(), []
    session.changed.connect(told.append)
    session.new(with_node(Project(), "one"))
    assert told == [Changes(added=frozenset({"one"}))]


@settings(max_examples=30)
@given(st.data(), PROJECTS)
def test_undo_is_exact(data: st.DataObject, start: Project) -> None:
    """Random edits, some of them bursts, undone, done again and jumped between: the very same values."""
    session = Session()
    session.new(start)
    values, bursting = [start], False
    for _ in range(data.draw(st.integers(1, 12))):
        here = session.undo_stack.index()
        match data.draw(st.sampled_from(["edit", "edit", "burst", "undo", "redo", "jump"])):
            case "undo":
                session.undo_stack.undo()
            case "redo":
                session.undo_stack.redo()
            case "jump":
                session.go_to(data.draw(st.integers(0, session.undo_stack.count())))
            case kind:
                after = data.draw(edited(session.project))
                merged = kind == "burst" and bursting and here > 0
                differs = after != session.project
                session.commit(after, kind, "burst" if kind == "burst" else None)
                if differs:
                    values = [*values[: here if merged else here + 1], after]
                    bursting = kind == "burst"
                    if merged and len(values) > 1 and values[-1] == values[-2]:
                        values.pop()
                        bursting = False
                    assert session.undo_stack.count() == len(values) - 1
                continue
        bursting = bursting and session.undo_stack.index() == here
        assert repr(session.project) == repr(values[session.undo_stack.index()])
    session.go_to(0)
    assert repr(session.project) == repr(start)
    session.go_to(session.undo_stack.count())
    assert repr(session.project) == repr(values[-1])

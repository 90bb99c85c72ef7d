"""Bad input in the window: told with what, where, expected, got and what to do; nothing open is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from studio.errors import Problem
from studio.project import edits
from studio.project.graph import Endpoint
from studio.project.project import Project, Setting
from studio.project.storage import load, save
from studio.train.runs import read_run
from studio.ui.problem_row import ProblemRow
from studio.ui.window import MainWindow
from tests.ui.test_files import drop, edit
from tests.ui.windows import LONG, find, sample


def words(widget: QWidget) -> str:
    """All that a part of the window says at this moment."""
    return "\n".join(
        label.text() for label in widget.findChildren(QLabel) if label.text() and label.isVisibleTo(widget)
    )


def settle(window: MainWindow, qtbot: QtBot) -> tuple[Problem, ...]:
    """Wait for the check of what is open; its errors."""

    def done() -> bool:
        checked = window.session.checked
        return checked is not None and checked.project is window.session.project

    qtbot.waitUntil(done, timeout=LONG)
    assert window.session.checked is not None
    return window.session.checked.errors


BROKEN = {
    "broken JSON": (
        b'{"format": 1,\n "name": oops}',
        ("line 2, column 10", "expected valid JSON", "got something else near", "oops", "text editor"),
    ),
    "empty": (b"", ("line 1, column 1", "got an empty file", "earlier version")),
    "another program's JSON": (
        b'{"cells": []}',
        ('expected a project: an object with a "format" number', "its keys: cells", "Open a .loom file"),
    ),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00", ("byte 0", "expected UTF-8 text", "0x89", "no project")),
    "a part of the wrong kind": (
        b'{"format": 1, "graph": {"nodes": 3}}',
        ("graph.nodes", "expected a list, got 3"),
    ),
    "a node without a type": (
        b'{"format": 1, "graph": {"nodes": [{"name": "a", "position": [0, 0]}]}}',
        ("node 'a'", 'expected the key "type"'),
    ),
    "two nodes of one name": (
        b'{"format": 1, "graph": {"nodes": [{"name": "a", "type": "ReLU", "position": [0, 0]},'
        b'{"name": "a", "type": "Tanh", "position": [0, 9]}]}}',
        ("graph.nodes[1]", "a second node 'a'", "Rename one of the two"),
    ),
    "an unfinished merge": (b'{\n<<<<<<< HEAD\n"format": 1\n}', ("line 2", "merge")),
    "half a file": (
        sample("mlp_digits").read_bytes()[:300],
        ("the end of the file", "cut off: take an earlier version"),
    ),
}


@pytest.mark.parametrize(
    ("name", "way"), [*((name, "drop") for name in BROKEN), ("broken JSON", "open"), ("empty", "open")]
)
def test_a_file_that_is_no_project(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, name: str, way: str
) -> None:
    content, said = BROKEN[name]
    mine = tmp_path / "mine.loom"
    window.session.save(mine)
    edit(window, "one")
    edit(window, "two")
    window.session.undo_stack.undo()
    open_before, saved_before = window.session.project, mine.read_bytes()
    bad = tmp_path / "bad.loom"
    bad.write_bytes(content)
    if way == "drop":
        assert drop(window, bad)
    else:
        assert not window.files.open(bad)
    qtbot.waitUntil(lambda: len(window.messages.texts()) == 1)
    told = words(window.messages)
    assert told.startswith(f"{bad}: ")
    for part in said:
        assert part in told
    assert window.session.project is open_before
    assert window.session.path == mine
    assert (window.session.undo_stack.canUndo(), window.session.undo_stack.canRedo()) == (True, True)
    assert bad.read_bytes() == content
    assert mine.read_bytes() == saved_before
    assert bad not in window.files.preferences.recent()


def test_a_file_that_is_not_there(window: MainWindow, tmp_path: Path) -> None:
    edit(window)
    before = window.session.project
    assert not window.files.open(tmp_path / "gone.loom")
    assert "gone.loom: cannot be read: No such file" in words(window.messages)
    assert "Check the path" in words(window.messages)
    assert window.session.project is before


@dataclass(frozen=True)
class Mistake:
    """A project with one mistake: what the window says, at which node or in which settings' field."""

    make: Callable[[Path], Project]
    said: tuple[str, ...]
    node: str = ""
    panel: str = ""
    field: str = ""


def _digits() -> Project:
    return load(sample("mlp_digits"))


def _points(text: str, folder: Path, **params: str) -> Project:
    (folder / "points.csv").write_text(text)
    source = Setting("CSV", {"path": "points.csv", "target": "y", **params})
    return edits.set_source(load(sample("linear_regression")), source)


def _cycle(_: Path) -> Project:
    return edits.connect(_digits(), Endpoint("relu", "output"), Endpoint("hidden", "input"))


def _unknown(_: Path) -> Project:
    digits = _digits()
    hologram = replace(digits.graph.nodes["relu"], type="Hologram", params={"depth": 3})
    return digits.with_graph(digits.graph.with_nodes(hologram))


def _labels(folder: Path) -> Project:
    labels = np.array([0, 1, 2, -3] * 8)
    np.savez(folder / "labels.npz", image=np.zeros((32, 1, 8, 8), np.float32), label=labels)
    return edits.set_source(_digits(), Setting("Arrays", {"path": "labels.npz"}))


TEXT_AMONG_NUMBERS = "x,y\n1,0\n2,one\n3,2\n4,3\n5,4\n"
MISTAKES = {
    "a cycle": Mistake(_cycle, ("hidden → relu → hidden", "remove one wire"), node="hidden"),
    "an unknown layer": Mistake(_unknown, ("no layer called Hologram", "kept as it is"), node="relu"),
    "a missing data file": Mistake(
        lambda _: load(sample("linear_regression")),
        ("There is no {folder}/data/four_points.csv", "choose where it is"),
        panel="data",
        field="path",
    ),
    "a ragged table": Mistake(
        lambda at: _points("x,y\n1,0\n2,1,7\n3,2\n", at),
        ("points.csv, row 3", "expected 2 values, got 3", "as many values"),
        panel="data",
        field="broken",
    ),
    "a text as a number": Mistake(
        lambda at: _points(TEXT_AMONG_NUMBERS, at, target_kind="numbers"),
        ("points.csv, row 3, column y", "'one' is no number", "Correct the value"),
        panel="data",
        field="path",
    ),
    "classes without outputs": Mistake(
        lambda _: edits.set_params(_digits(), "scores", {"out_features": 9}),
        ("label has 10 classes; the prediction has 9 outputs", "one score per class"),
        node="loss",
    ),
    "labels that are no classes": Mistake(
        _labels,
        ("labels.npz: label holds whole numbers from -3 to 2", "Number the classes from 0"),
        panel="data",
        field="path",
    ),
    "a parameter out of bounds": Mistake(
        lambda _: edits.set_params(_digits(), "hidden", {"out_features": -3}),
        ("out_features takes a whole number of at least 1, not -3",),
        node="hidden",
        field="out_features",
    ),
    "an option out of bounds": Mistake(
        lambda _: edits.set_data(_digits(), validation=1.5),
        ("validation takes a number", "not 1.5"),
        panel="data",
        field="validation",
    ),
    "no such optimizer": Mistake(
        lambda _: edits.set_optimizer(_digits(), Setting("Lion")),
        ("there is no optimizer called Lion", "Choose one of"),
        panel="training",
        field="optimizer",
    ),
}


def _open_by_dropping(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    canvas = window.panels.canvas
    target = window.childAt(canvas.mapTo(window, canvas.rect().center()))
    assert target is not None
    assert drop(target, path)
    qtbot.waitUntil(lambda: window.session.path == path)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_project(loaded: MainWindow, qtbot: QtBot, tmp_path: Path, name: str) -> None:
    """It opens; the mistake is in the list, at its node and field; Train says so; nothing is changed."""
    mistake, file = MISTAKES[name], tmp_path / "mine.loom"
    save(mistake.make(tmp_path), file)
    before = file.read_bytes()
    _open_by_dropping(loaded, qtbot, file)
    opened = loaded.session.project
    (problem,) = settle(loaded, qtbot)
    _in_the_list(loaded, problem, [part.format(folder=tmp_path) for part in mistake.said])
    if mistake.node:
        _at_the_node(loaded, problem, mistake)
    else:
        _at_the_field(loaded, problem, mistake)
    button = find(loaded.toolbar, QToolButton, "Train")
    with qtbot.waitSignal(loaded.training.blocked, timeout=LONG):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert problem.message in words(loaded.messages)
    assert loaded.session.project is opened
    assert opened == load(file)
    assert file.read_bytes() == before
    assert not loaded.session.dirty
    assert loaded.session.undo_stack.count() == 0
    assert not (tmp_path / "runs").exists()


def _in_the_list(window: MainWindow, problem: Problem, said: list[str]) -> None:
    window.docks.reveal("problems")
    rows = [row for row in window.panels.problems.findChildren(ProblemRow) if row.isVisible()]
    row = next(one for one in rows if one.problem.message == problem.message)
    told = words(row)
    for part in said:
        assert part in told
    assert problem.hint in told
    errors = [one for one in rows if one.problem.severity == "error"]
    assert errors == [row]
    assert "1 " in window.toolbar.problems.text()


def _at_the_node(window: MainWindow, problem: Problem, mistake: Mistake) -> None:
    assert problem.node == mistake.node
    window.commands.go_to_problem(problem)
    assert window.panels.canvas.selection == (mistake.node,)
    assert window.panels.canvas.scene.nodes[mistake.node].face.errors == 1
    told = words(window.panels.inspector)
    assert problem.message.removeprefix(f"{mistake.node}: ") in told
    if mistake.field:
        _marked(window.panels.inspector, mistake.field)


def _at_the_field(window: MainWindow, problem: Problem, mistake: Mistake) -> None:
    assert problem.field == f"{mistake.panel}.{mistake.field}"
    window.commands.go_to_problem(problem)
    panel = getattr(window.panels, mistake.panel)
    assert panel.isVisible()
    field = _marked(panel, mistake.field)
    assert problem.hint in words(panel) or problem.hint in field.accessibleDescription()


def _marked(panel: QWidget, name: str) -> QWidget:
    """The field of that name, which is shown as wrong."""
    (field,) = [
        one
        for one in panel.findChildren(QWidget)
        if one.accessibleName() == name and one.property("invalid") and one.isVisibleTo(panel)
    ]
    return field


def test_a_missing_file_that_comes_back(loaded: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """Choosing another file in the field is all it takes, and is one undo step."""
    file = tmp_path / "mine.loom"
    save(load(sample("linear_regression")), file)
    assert loaded.files.open(file)
    assert settle(loaded, qtbot)
    (tmp_path / "points.csv").write_text("x,y\n1,0\n2,1\n3,2\n4,3\n")
    source = loaded.session.project.data.source
    loaded.session.commit(
        edits.set_source(
            loaded.session.project, replace(source, params={**source.params, "path": "points.csv"})
        ),
        "Choose",
    )
    assert settle(loaded, qtbot) == ()
    loaded.session.undo_stack.undo()
    assert [problem.field for problem in settle(loaded, qtbot)] == ["data.path"]


def test_a_loss_that_runs_away(loaded: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """Told with step and likely cause; the project stays, its run is kept, and the next Train works."""
    file = tmp_path / "mine.loom"
    wild = edits.set_optimizer(_points("x,y\n1,0\n2,1\n3,2\n4,3\n", tmp_path), Setting("SGD", {"lr": 1e6}))
    save(wild, file)
    before = file.read_bytes()
    assert loaded.files.open(file)
    settle(loaded, qtbot)
    with qtbot.waitSignal(loaded.training.ended, timeout=LONG):
        qtbot.mouseClick(find(loaded.toolbar, QToolButton, "Train"), Qt.MouseButton.LeftButton)
    told = words(loaded.messages)
    assert "The loss became infinite at step" in told
    assert "learning rate (1e+06) is probably too large: try 0.01" in told
    assert loaded.session.project == wild
    assert file.read_bytes() == before
    assert not loaded.session.dirty
    run = loaded.training.run_dir
    assert run is not None
    assert read_run(run).status == "failed"
    assert load(run / "project.loom") == wild
    calm = edits.set_optimizer(wild, Setting("SGD", {"lr": 0.01}))
    loaded.session.commit(edits.set_training(calm, epochs=2), "Calm down")
    with qtbot.waitSignal(loaded.training.ended, timeout=LONG):
        loaded.training.start()
    assert loaded.training.run_dir is not None
    assert read_run(loaded.training.run_dir).status == "completed"
    assert "The loss became" not in words(loaded.messages)


def test_unknown_things_survive_an_edit_and_a_save(loaded: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """A layer of a newer version is drawn, moved with the mouse, and written back with all it held."""
    file = tmp_path / "mine.loom"
    save(_unknown(tmp_path), file)
    text = file.read_text().replace('"Hologram", ', '"Hologram", "glow": [1, 2], ')
    file.write_text(text)
    before = text.splitlines()
    assert loaded.files.open(file)
    loaded.panels.canvas.fit()
    scene, view = loaded.panels.canvas.scene, loaded.panels.canvas.view
    place = view.mapFromScene(scene.nodes["relu"].body.center())
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseMove(view.viewport(), place + QPoint(40, 60))
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=place + QPoint(40, 60))
    assert loaded.session.dirty
    assert loaded.files.save()
    after = file.read_text().splitlines()
    changed = [line for line in after if line not in before]
    assert len(changed) == 1
    assert '"glow": [1, 2]' in changed[0]
    assert '"params": {"depth": 3}' in changed[0]

"""Bad input on the command line: what, where, expected, got, what to do; and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.places import shipped
from studio.project import edits
from studio.project.graph import Endpoint
from studio.project.project import Project, Setting
from studio.project.storage import load, save
from tests.cli.conftest import Call

SAMPLES = shipped("samples")


def _digits() -> Project:
    return load(SAMPLES / "mlp_digits.loom")


def _line(text: str, folder: Path, **params: str) -> Project:
    (folder / "points.csv").write_text(text)
    source = Setting("CSV", {"path": "points.csv", "target": "y", **params})
    return edits.set_source(load(SAMPLES / "linear_regression.loom"), source)


def _cycle(folder: Path) -> Project:
    return edits.connect(_digits(), Endpoint("relu", "output"), Endpoint("hidden", "input"))


def _unknown_layer(folder: Path) -> Project:
    digits = _digits()
    hologram = replace(digits.graph.nodes["relu"], type="Hologram", params={"depth": 3})
    return digits.with_graph(digits.graph.with_nodes(hologram))


def _missing_file(folder: Path) -> Project:
    return load(SAMPLES / "linear_regression.loom")


def _ragged(folder: Path) -> Project:
    return _line("x,y\n1,0\n2,1,7\n3,2\n", folder)


def _text(folder: Path) -> Project:
    return _line("x,y\n1,0\n2,one\n3,2\n4,3\n5,4\n", folder, target_kind="numbers")


def _few_outputs(folder: Path) -> Project:
    return edits.set_params(_digits(), "scores", {"out_features": 9})


def _negative_label(folder: Path) -> Project:
    labels = np.array([0, 1, 2, -3] * 8)
    np.savez(folder / "labels.npz", image=np.zeros((32, 1, 8, 8), np.float32), label=labels)
    return edits.set_source(_digits(), Setting("Arrays", {"path": "labels.npz"}))


def _bad_parameter(folder: Path) -> Project:
    return edits.set_params(_digits(), "hidden", {"out_features": -3})


CASES: list[tuple[Callable[[Path], Project], tuple[str, ...]]] = [
    (_cycle, ("error: hidden: ", "hidden → relu → hidden", "remove one wire")),
    (_unknown_layer, ("error: relu: ", "Hologram", "kept as it is")),
    (_missing_file, ("error: data.path: ", "{folder}/data/four_points.csv", "choose where it is")),
    (_ragged, ("error: data.broken: ", "points.csv, row 3", "expected 2 values, got 3")),
    (_text, ("error: data.path: ", "points.csv, row 3, column y", "'one' is no number", "Correct the value")),
    (
        _few_outputs,
        ("error: loss: ", "label has 10 classes; the prediction has 9 outputs", "one score per class"),
    ),
    (_negative_label, ("label", "-3")),
    (_bad_parameter, ("error: hidden: ", "out_features takes a whole number of at least 1, not -3")),
]


@pytest.mark.parametrize("command", ["check", "train"])
@pytest.mark.parametrize(("make", "said"), CASES, ids=[make.__name__.strip("_") for make, _ in CASES])
def test_mistakes_in_a_project(call: Call, tmp_path: Path, make, said: tuple[str, ...], command: str):
    file = tmp_path / "mine.loom"
    save(make(tmp_path), file)
    before = file.read_bytes()
    answer = call(command, file)
    assert answer.code == 1, answer.err
    for part in said:
        assert part.format(folder=tmp_path) in answer.err
    assert "Traceback" not in answer.err
    assert len([line for line in answer.err.splitlines() if line.startswith("error: ")]) == 1
    assert file.read_bytes() == before
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"format": 1,\n "name": oops}', ("line 2, column 10", "valid JSON", "oops", "text editor")),
        ("", ("line 1, column 1", "an empty file")),
        ('{"cells": []}', ('expected a project: an object with a "format" number', "its keys: cells")),
        ('{"format": 1, "graph": {"nodes": [{"name": "a"}]}}', ("node 'a'", 'expected the key "type"')),
        ('{"format": 1, "x": NaN}', ("expected finite numbers, got NaN", "Replace it")),
        ("PK\x03\x04", ("line 1, column 1", "valid JSON")),
    ],
    ids=["broken", "empty", "foreign", "key missing", "not finite", "zip"],
)
@pytest.mark.parametrize("command", ["check", "show", "train"])
def test_files_that_are_no_projects(
    call: Call, tmp_path: Path, content: str, said: tuple[str, ...], command: str
):
    file = tmp_path / "bad.loom"
    file.write_text(content)
    answer = call(command, file)
    assert answer.code == 3
    assert answer.err.startswith(f"neuroloom: {file}: ")
    for part in said:
        assert part in answer.err
    assert "Traceback" not in answer.err
    assert file.read_text() == content


def test_a_loss_that_runs_away(call: Call, tmp_path: Path):
    project = _line("x,y\n1,0\n2,1\n3,2\n4,3\n", tmp_path)
    save(edits.set_optimizer(project, Setting("SGD", {"lr": 1e6})), tmp_path / "mine.loom")
    answer = call("train", tmp_path / "mine.loom")
    assert answer.code == 3
    assert "The loss became infinite at step" in answer.err
    assert "learning rate" in answer.err
    run = tmp_path / "runs" / "linear_regression-001"
    assert (run / "events.jsonl").stat().st_size > 0
    assert load(run / "project.loom") == load(tmp_path / "mine.loom")


def test_runs_that_are_none(call: Call, tmp_path: Path):
    for command in (["evaluate"], ["predict"], ["train", "--resume"]):
        inputs = ["1,2"] if command == ["predict"] else []
        answer = call(*command, tmp_path / "nothing", *inputs)
        assert answer.code == 3
        assert f"{tmp_path / 'nothing'}: is no run" in answer.err

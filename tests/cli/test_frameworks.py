"""compare-frameworks: a table and JSON of both frameworks, and what cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.interchange import extras
from studio.places import shipped
from studio.project import edits
from studio.project.storage import load, save
from tests.cli.conftest import Call

SAMPLES = shipped("samples")


def test_both_learn_the_same(call: Call) -> None:
    answer = call("compare-frameworks", SAMPLES / "mlp_digits.loom", "--epochs", "2")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert lines[0].split() == [
        *("epoch", "PyTorch", "TensorFlow", "difference"),
        *("validation:", "PyTorch", "TensorFlow", "difference"),
    ]
    assert [line.split()[0] for line in lines[2:4]] == ["1", "2"]
    assert all(float(line.split()[3]) < 1e-4 for line in lines[2:4])
    assert "samples per second" in answer.out
    assert "memory of training" in answer.out
    assert "of all epochs but the first, one framework at a time" in answer.out
    assert "epoch 2/2  PyTorch" in answer.err


def test_a_loss_that_becomes_no_number_ends_it(call: Call) -> None:
    answer = call("compare-frameworks", SAMPLES / "linear_regression.loom", "--set", "optimizer.lr=1e30",
                  "--json")  # fmt: skip
    assert answer.code == 3
    assert "The loss became" in answer.err
    told = json.loads(answer.out)
    assert told["ended"] == "failed"
    assert told["versions"].keys() == {"torch", "tensorflow", "keras"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--set", "optimizer=LBFGS"), 3, "Keras has no optimizer like LBFGS."),
        (("--epochs", "none"), 2, "--epochs none: expected a whole number from 1"),
        (("--set", "hidden.out_features=0"), 2, "hidden.out_features=0"),
    ],
)
def test_what_cannot_be_compared_is_said_before_anything_starts(
    call: Call, arguments: tuple[str, ...], code: int, said: str
) -> None:
    answer = call("compare-frameworks", SAMPLES / "mlp_digits.loom", *arguments)
    assert answer.code == code
    assert said in answer.err
    assert answer.out == ""


def test_a_loss_without_twin_and_a_drawing_with_errors(call: Call, tmp_path: Path) -> None:
    project = load(SAMPLES / "mlp_digits.loom")
    loss = project.graph.nodes["loss"]
    path = tmp_path / "margin.loom"
    margin = type(loss)(loss.name, "MultiMargin", {"target": "label"}, loss.position)
    save(project.with_graph(project.graph.with_nodes(margin)), path)
    answer = call("compare-frameworks", path)
    assert answer.code == 3
    assert "loss: the loss MultiMargin is not there in Keras." in answer.err
    save(edits.delete(project, ("hidden",)), path)
    assert call("compare-frameworks", path).code == 1


def test_without_tensorflow_it_says_how_to_install_it(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    answer = call("compare-frameworks", SAMPLES / "mlp_digits.loom")
    assert answer.code == 3
    assert 'pip install "neuroloom[tensorflow]"' in answer.err

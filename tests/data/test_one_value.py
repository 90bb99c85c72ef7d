"""A target that is the same in every sample is an error of the data, before anything is trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.data.describe import Description, describe
from studio.project.field_edits import with_role
from studio.project.project import Data, Setting


def described(folder: Path, labels: list[str], options: dict | None = None, **params) -> Description:
    rows = "".join(f"{at % 7},{at % 5 + 0.5},{label}\n" for at, label in enumerate(labels))
    (folder / "t.csv").write_text("a,b,y\n" + rows)
    return describe(Data(Setting("CSV", {"path": "t.csv", **params}), options or {}), folder)


@pytest.mark.parametrize(
    ("value", "kind"), [("yes", "classes"), ("3", "auto"), ("3", "classes"), ("2.5", "numbers")]
)
def test_one_value_in_all_samples(tmp_path: Path, value: str, kind: str) -> None:
    (problem,) = described(tmp_path, [value] * 60, target_kind=kind).problems
    assert problem.severity == ("warning" if "." in value or (value, kind) == ("3", "auto") else "error")
    assert problem.field == "data.fields.y"
    assert problem.message == f"y, the target, is {value} in all 60 samples."
    assert problem.hint.startswith("There is nothing to learn: choose another target")


def test_one_class_in_training_alone(tmp_path: Path) -> None:
    labels = ["no"] * 50 + ["yes"] * 10
    split = {"split": "time", "split_column": "a"}
    rows = "".join(f"{at},{at % 5},{label}\n" for at, label in enumerate(labels))
    (tmp_path / "t.csv").write_text("a,b,y\n" + rows)
    (problem,) = describe(Data(Setting("CSV", {"path": "t.csv"}), split), tmp_path).problems
    assert problem.message == "y, the target, is no in all 42 samples of the training part."
    assert "part the samples in another way" in problem.hint
    assert described(tmp_path, labels).problems == ()


def test_targets_that_differ_and_columns_that_are_none(tmp_path: Path) -> None:
    assert described(tmp_path, ["yes", "no"] * 30).problems == ()
    found = described(tmp_path, ["yes"] * 60)
    data = with_role(Data(Setting("CSV", {"path": "t.csv"})), ["a"], "target")
    assert found.problems != ()
    assert describe(with_role(data, ["y"], "input"), tmp_path).problems == ()

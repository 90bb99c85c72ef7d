"""What is proposed at import beyond kinds: numbers to predict that a network could not get to are scaled."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.data.describe import describe
from studio.data.proposals import with_targets_scaled
from studio.project.field_edits import with_missing, with_transforms
from studio.project.project import Data, Setting


def table(folder: Path, values: list[str]) -> Data:
    rows = "".join(f"{at % 7},{value}\n" for at, value in enumerate(values))
    (folder / "t.csv").write_text("x,y\n" + rows)
    return Data(Setting("CSV", {"path": "t.csv", "target_kind": "numbers"}))


def proposed(data: Data, folder: Path) -> Data:
    return with_targets_scaled(data, describe(data, folder).facts)


@pytest.mark.parametrize(
    ("values", "scaled"),
    [
        ([f"{at * 1000 + 150_000}" for at in range(40)], True),
        ([f"{at * 0.0001:.4f}" for at in range(40)], True),
        ([f"{at / 40:.3f}" for at in range(40)], False),
        ([f"{at / 4 - 5:.3f}" for at in range(40)], False),
        (["300"] * 40, False),
    ],
)
def test_only_numbers_far_from_a_networks_first_answers_are_scaled(
    tmp_path: Path, values: list[str], scaled: bool
) -> None:
    data = table(tmp_path, values)
    found = proposed(data, tmp_path)
    assert dict(found.fields) == ({"y": found.fields["y"]} if scaled else {})
    if scaled:
        assert found.fields["y"].transforms == (Setting("Standardize"),)
        assert describe(found, tmp_path).problems == ()


def test_what_was_chosen_stays_and_what_stands_in_comes_first(tmp_path: Path) -> None:
    data = table(tmp_path, ["", *(f"{at * 1000}" for at in range(40))])
    chosen = with_transforms(data, "y", (Setting("Impute"),))
    assert proposed(chosen, tmp_path) == chosen
    filled = proposed(with_missing(data, ("y",), "median"), tmp_path)
    assert [step.type for step in filled.fields["y"].transforms or ()] == ["Impute", "Standardize"]
    classes = Data(Setting("CSV", {"path": "t.csv", "target_kind": "classes", "missing": "skip"}))
    assert proposed(classes, tmp_path) == classes

"""What is proposed at import beyond kinds: numbers to predict that a network could not get to are scaled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.data.describe import describe
from studio.data.proposals import with_parts_told, with_targets_scaled
from studio.project.field_edits import with_missing, with_transforms
from studio.project.project import Data, Project, Setting
from studio.train.control import Control
from studio.train.engine import run
from studio.train.events import EpochEnded, Event
from studio.train.job import Job
from studio.train.runs import create_run
from studio.ui.import_look import look


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


def parted(folder: Path, head: str, words: tuple[str, ...]) -> Data:
    rows = "".join(f"{at % 7},{words[at % len(words)]},{at % 2}\n" for at in range(60))
    (folder / "p.csv").write_text(head + "\n" + rows)
    data = Data(Setting("CSV", {"path": "p.csv", "target": "y"}))
    return with_parts_told(data, describe(data, folder).facts)


def test_a_column_that_names_the_parts_parts_the_samples(tmp_path: Path) -> None:
    found = parted(tmp_path, "x,fold,y", ("train", "Train", "val", "test"))
    assert found.options == {"split": "column", "split_column": "fold"}
    assert found.fields["fold"].role == "ignore"
    seen = describe(found, tmp_path)
    assert (seen.problems, seen.parts) == ((), {"train": 30, "validation": 15, "test": 15})
    for words in (("train", "other"), ("test", "val"), ("train", "train")):
        assert parted(tmp_path, "x,fold,y", words).options == {}


def test_where_the_last_column_names_the_parts_the_one_before_is_predicted(tmp_path: Path) -> None:
    rows = "".join(f"{at % 7},{at % 2},{('train', 'test')[at % 3 == 2]}\n" for at in range(60))
    (tmp_path / "p.csv").write_text("x,y,part\n" + rows)
    data = Data(Setting("CSV", {"path": "p.csv"}))
    found = with_parts_told(data, describe(data, tmp_path).facts)
    assert {name: one.role for name, one in found.fields.items()} == {"part": "ignore", "y": "target"}
    seen = describe(found, tmp_path)
    assert seen.errors == ()
    assert seen.parts["test"] == 20


def test_a_column_of_pictures_to_predict_gets_a_network_that_learns(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    lines = ["photo,outline"]
    for at in range(24):
        pixels = draw.integers(0, 255, (16, 20, 3), np.uint8)
        for name, of in (("p", pixels), ("o", 255 - pixels)):
            Image.fromarray(of).save(tmp_path / f"{name}{at}.png")
        lines.append(f"p{at}.png,o{at}.png")
    (tmp_path / "pairs.csv").write_text("\n".join(lines))
    data = Data(Setting("CSV", {"path": "pairs.csv"}))
    found = look(Project(), data, tmp_path)
    assert found.data.fields["outline"].transforms == (Setting("Rescale"),)
    assert found.network is not None
    network = replace(found.network, training=replace(found.network.training, options={"epochs": 4}))
    (tmp_path / "runs").mkdir()
    path = create_run(network, tmp_path, tmp_path / "runs")
    told: list[Event] = []
    result = run(Job(network, tmp_path, path), told.append, Control())
    assert result.failed is None
    losses = [one.train["loss"] for one in told if isinstance(one, EpochEnded)]
    assert losses[-1] < losses[0] < 3

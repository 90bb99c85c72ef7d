"""What the checks say of settings that are sensible: samples left out, groups, spellings of one class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.data.checks import check_data
from studio.data.checks.look import Flaw
from studio.data.pipeline import read_data
from studio.project.project import Data, FieldSetting, Project, Setting


def table(folder: Path, head: str, lines: list[str]) -> Data:
    (folder / "t.csv").write_text("\n".join([head, *lines]))
    return Data(Setting("CSV", {"path": "t.csv"}))


def flaws_of(data: Data, folder: Path, check: str) -> list[Flaw]:
    return [one for one in check_data(data, folder).flaws if one.check == check]


def test_a_missing_target_whose_sample_is_left_out_is_no_error(tmp_path: Path) -> None:
    lines = [f"{at % 97 / 7:.3f},{'' if at % 10 == 0 else ('yes', 'no')[at % 97 % 2]}" for at in range(194)]
    data = table(tmp_path, "x,y", lines)
    assert [one.level for one in flaws_of(data, tmp_path, "missing")] == ["error"]
    data = Data(data.source, fields={"y": FieldSetting(missing="skip")})
    report = check_data(data, tmp_path)
    assert report.errors == 0
    (told,) = [one for one in report.flaws if one.check == "missing"]
    assert (told.level, told.count, told.fixes) == ("note", 20, ())
    assert told.hint == "As set, these samples are left out."
    assert not [one for one in report.flaws if one.check == "conflicts"]


@pytest.mark.parametrize("outlier", [None, "-999"])
@pytest.mark.parametrize("digits", [4, 16])
def test_numbers_that_differ_are_not_equal_but_for_the_last_digits(
    tmp_path: Path, outlier: str | None, digits: int
) -> None:
    numbers = np.random.default_rng(0).random((300, 2))
    rows = [[f"{one:.{digits}f}" for one in row] for row in [(0.2504, 0.1698), (0.2495, 0.1695), *numbers]]
    if outlier is not None:
        rows[7][0] = rows[70][0] = rows[99][1] = outlier
    lines = [f"{one},{other},{('yes', 'no')[at % 2]}" for at, (one, other) in enumerate(rows)]
    assert flaws_of(table(tmp_path, "a,b,y", lines), tmp_path, "near") == []
    if digits == 4:
        again = [f"{float(one) + 1e-7:.9f},{float(other) + 1e-7:.9f},yes" for one, other in rows[20:23]]
        flaw = flaws_of(table(tmp_path, "a,b,y", [*lines, *again]), tmp_path, "near")[0]
        assert flaw.sentence.startswith("3 groups of rows that are equal but for the last digits")


def test_classes_that_are_equal_but_for_case_and_blanks(tmp_path: Path) -> None:
    words = ["Yes", "yes", "Yes", "YES", "No", "no", "No", "No"]
    lines = [f"{at * 37 % 400 / 7:.3f},{words[at % 8]}" for at in range(400)]
    data = table(tmp_path, "x,y", lines)
    (flaw,) = flaws_of(data, tmp_path, "spellings")
    assert "No (150) and no (50)" in flaw.sentence
    assert "Yes (100), yes (50) and YES (50)" in flaw.sentence
    assert flaw.count == 150
    assert flaw.fixes[0].label == "Write 150 samples as most of their class"
    after = flaw.fixes[0].edit(Project(data=data)).data
    assert read_data(after, tmp_path).raw.fields["y"].classes == ("No", "Yes")
    assert flaws_of(after, tmp_path, "spellings") == []


@pytest.mark.parametrize("name", ["patient", "CustomerId", "device_id"])
def test_groups_that_a_random_split_tears_apart(tmp_path: Path, name: str) -> None:
    lines = [f"P{at // 6:03},{at % 6},{at * 37 % 300 / 7:.3f},{'abacd'[at % 5]}" for at in range(300)]
    data = table(tmp_path, f"{name},visit,x,outcome", lines)
    (flaw,) = flaws_of(data, tmp_path, "groups")
    assert flaw.level == "note"
    assert flaw.sentence.startswith(f"{name} has 50 values, each about 6 times")
    after = flaw.fixes[0].edit(Project(data=data)).data
    assert (after.options["split"], after.options["split_column"]) == ("groups", name)
    assert flaws_of(after, tmp_path, "groups") == []
    parts = [{int(row) // 6 for row in rows} for rows in read_data(after, tmp_path).rows.values()]
    assert all(parts)
    assert sum(map(len, parts)) == 50


@pytest.mark.parametrize("cell", ["P{at:03}", "P{few}"])
def test_names_of_samples_and_few_groups_are_no_such_hint(tmp_path: Path, cell: str) -> None:
    lines = [f"{cell.format(at=at, few=at % 3)},{at * 37 % 300 / 7:.3f},{at % 2}" for at in range(300)]
    assert flaws_of(table(tmp_path, "patient,x,y", lines), tmp_path, "groups") == []


def test_a_part_that_is_empty_since_each_class_has_one_sample(tmp_path: Path) -> None:
    data = table(tmp_path, "x,y", [f"{at * 37 % 60},name{at}" for at in range(60)])
    told = [one for one in check_data(data, tmp_path, quick=True).flaws if "is empty" in one.sentence]
    assert len(told) == 2
    assert all("most classes have one sample" in one.sentence for one in told)

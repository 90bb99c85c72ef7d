"""What the checks offer beyond leaving samples out: steps that clip or take a number as missing, another
encoding, another split; each is an edit of the settings, after which the flaw is gone.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from studio.analysis.predict import Predictor
from studio.data.checks import check_data
from studio.data.checks.look import Flaw
from studio.data.pipeline import read_data
from studio.errors import Fix
from studio.project.project import Data, FieldSetting, Project, Setting
from tests.analysis.drawings import classifier, trained
from tests.data.test_checks import found, plant_outlier, plant_stand_ins, wine, write


def offered(flaw: Flaw, begins: str) -> Fix:
    (fix,) = [one for one in flaw.fixes if one.label.startswith(begins)]
    return fix


def mended(data: Data, fix: Fix) -> Data:
    return fix.edit(Project(data=data)).data


def test_outliers_are_clipped_to_the_bounds_of_the_others(tmp_path: Path) -> None:
    head, rows = wine()
    plant_outlier(head, rows)
    data = write(tmp_path, head, rows)
    file = (tmp_path / "wine.csv").read_bytes()
    (flaw,) = found("outliers", data, tmp_path)
    others = [float(row[1]) for at, row in enumerate(rows) if at != 20]
    assert [one.label for one in flaw.fixes] == [
        f"Clip to {min(others):g} … {max(others):g}",
        "Exclude 1 outlier",
    ]
    after = mended(data, flaw.fixes[0])
    assert after.fields[head[1]].transforms == (Setting("Clip", {"low": min(others), "high": max(others)}),)
    assert found("outliers", after, tmp_path) == []
    ready = read_data(after, tmp_path)
    assert ready.raw.samples == len(rows)
    assert ready.raw.arrays["features"][:, 1].max() == max(others)
    assert (tmp_path / "wine.csv").read_bytes() == file


def test_clipping_keeps_the_steps_that_there_are(tmp_path: Path) -> None:
    head, rows = wine()
    plant_outlier(head, rows)
    data = write(tmp_path, head, rows)
    data = Data(data.source, fields={head[1]: FieldSetting(transforms=(Setting("Standardize"),))})
    (flaw,) = found("outliers", data, tmp_path)
    steps = mended(data, offered(flaw, "Clip")).fields[head[1]].transforms
    assert steps is not None
    assert [one.type for one in steps] == ["Clip", "Standardize"]
    assert read_data(mended(data, offered(flaw, "Clip")), tmp_path).raw.arrays["features"][:, 1].max() < 5


def test_a_number_that_stands_for_nothing_is_taken_as_missing(tmp_path: Path) -> None:
    head, rows = wine()
    plant_stand_ins(head, rows)
    data = write(tmp_path, head, rows)
    flaw = next(one for one in found("stand_ins", data, tmp_path) if one.column == "alcohol")
    after = mended(data, offered(flaw, "Take -999 as missing: the median stands in"))
    assert [one for one in found("stand_ins", after, tmp_path) if one.column == "alcohol"] == []
    ready = read_data(after, tmp_path)
    train = [float(rows[at][0]) for at in ready.rows["train"] if at not in (5, 6, 90)]
    assert ready.raw.arrays["features"][[5, 6, 90], 0].tolist() == [np.median(train)] * 3
    run = trained(classifier("features", 3, label="kind"), after, tmp_path, 2)
    typed = ",".join(["-999", *rows[0][1:-1]]), ",".join([str(np.median(train)), *rows[0][1:-1]])
    one, other = (answer.answers["said"].shares for answer in Predictor(run).predict(list(typed)))
    assert one == other


def test_a_target_gets_no_steps(tmp_path: Path) -> None:
    head, rows = wine()
    plant_outlier(head, rows)
    data = write(tmp_path, head, rows)
    data = Data(Setting("CSV", {**data.source.params, "target": head[1]}))
    flaws = [one for one in found("outliers", data, tmp_path) if one.column == head[1]]
    assert [fix.label for fix in flaws[0].fixes] == ["Exclude 1 outlier"]


def test_a_file_that_is_utf_8_after_all_is_read_so(tmp_path: Path) -> None:
    lines = ["town,y", *(f"{('Köln', 'Zürich', 'Jever')[at % 3]},{at % 2}" for at in range(60))]
    (tmp_path / "towns.csv").write_text("\n".join(lines), encoding="utf-8")
    data = Data(Setting("CSV", {"path": "towns.csv", "encoding": "CP1252"}))
    (flaw,) = found("encodings", data, tmp_path)
    after = mended(data, offered(flaw, "Read it as UTF-8"))
    assert found("encodings", after, tmp_path) == []


def test_a_class_that_a_part_lacks_gets_its_share(tmp_path: Path) -> None:
    lines = ["a,kind", *(f"{at * 7 % 11},{'rare' if at % 12 == 0 else 'usual'}" for at in range(72))]
    (tmp_path / "table.csv").write_text("\n".join(lines))
    for seed in range(20):
        data = Data(
            Setting("CSV", {"path": "table.csv"}),
            {"stratify": False, "split_seed": seed, "duplicates_together": False},
        )
        flaws = found("unseen", data, tmp_path)
        if flaws:
            break
    after = mended(data, offered(flaws[0], "Give every part its share"))
    assert after.options["stratify"] is True
    assert found("unseen", after, tmp_path) == []


def test_each_flaw_that_is_about_samples_names_them_so_that_they_can_be_relabelled_or_weighted(
    tmp_path: Path,
) -> None:
    """The Samples panel excludes, relabels and weights what a flaw shows; there must be something to show."""
    head, rows = wine()
    plant_outlier(head, rows)
    plant_stand_ins(head, rows)
    data = write(tmp_path, head, rows)
    for flaw in check_data(data, tmp_path).flaws:
        about_columns = flaw.check in ("settings", "constant", "repeated", "leaks")
        assert flaw.rows or about_columns, flaw
        assert len(flaw.rows) <= len(rows)


def few_rows(folder: Path, colours: int) -> Data:
    """300 rows of so many colours, none of which says what is ripe."""
    names = ("red", "green", "blue", "pink", "grey", "gold")[:colours]
    lines = [
        f"{names[at % colours]},{names[at % colours]}ish,{('yes', 'no')[at % 7 % 2]}" for at in range(300)
    ]
    (folder / "t.csv").write_text("\n".join(["color,size,ripe", *lines]))
    return Data(Setting("CSV", {"path": "t.csv"}))


def test_few_different_rows_are_dealt_to_all_parts(tmp_path: Path) -> None:
    data = few_rows(tmp_path, 6)
    parts = read_data(data, tmp_path).rows
    assert [len(rows) for rows in parts.values()] == [200, 50, 50]
    colours = [{int(row) % 6 for row in rows} for rows in parts.values()]
    assert not colours[0] & colours[1] | colours[0] & colours[2] | colours[1] & colours[2]
    flaws = check_data(data, tmp_path).flaws
    assert not [one for one in flaws if "is empty" in one.sentence]
    assert [one.check for one in flaws if one.count == 300] == ["conflicts"]
    assert not [fix.label for one in flaws for fix in one.fixes if fix.label == "Exclude 300 samples"]


def test_rows_that_are_all_equal_leave_a_part_empty_and_why_is_told(tmp_path: Path) -> None:
    data = few_rows(tmp_path, 1)
    told = [one for one in check_data(data, tmp_path).flaws if "part is empty" in one.sentence]
    why = "part is empty, though its share is 15%: equal samples stay together, and too few differ."
    assert [one.sentence for one in told] == [f"The validation {why}", f"The test {why}"]
    assert "duplicates_together off" in told[0].hint
    after = mended(data, offered(told[0], "Let equal samples"))
    assert [len(rows) for rows in read_data(after, tmp_path).rows.values()] == [210, 45, 45]


def test_too_few_groups_are_told_as_such(tmp_path: Path) -> None:
    lines = [f"{at // 150},{at},{at % 2}" for at in range(300)]
    (tmp_path / "t.csv").write_text("\n".join(["who,x,y", *lines]))
    data = Data(Setting("CSV", {"path": "t.csv"}), {"split": "groups", "split_column": "who"})
    (flaw,) = [one for one in check_data(data, tmp_path).flaws if "is empty" in one.sentence]
    assert "too few groups" in flaw.sentence
    assert all(map(len, read_data(mended(data, offered(flaw, "Split by")), tmp_path).rows.values()))

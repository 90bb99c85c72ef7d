"""Each check finds the flaw that was planted in real data, and nothing in the same data without it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.data.browsing.opened import open_data
from studio.data.checks import CHECKS, Bounds, Flaw, Look, check_data
from studio.data.checks.near import hashed
from studio.data.checks.texts import mended, misread
from studio.data.pipeline import read_data
from studio.project.project import Data, FieldSetting, Project, SampleChanges, Setting

Rows = list[list[str]]
KEYS = {check.name: check for check in CHECKS}


def wine() -> tuple[list[str], Rows]:
    """178 wines: thirteen measurements and where each was grown."""
    from sklearn.datasets import load_wine

    loaded = load_wine()
    names = [name.replace("/", "_") for name in loaded.feature_names]
    rows = [
        [*(f"{value:g}" for value in values), str(loaded.target_names[target])]
        for values, target in zip(loaded.data, loaded.target, strict=True)
    ]
    return [*names, "kind"], rows


def write(folder: Path, head: list[str], rows: Rows) -> Data:
    with (folder / "wine.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return Data(Setting("CSV", {"path": "wine.csv", "target": "kind"}))


def found(name: str, data: Data, folder: Path) -> list[Flaw]:
    return KEYS[name].find(Look(open_data(data, folder)))


def applied(flaw: Flaw, data: Data, at: int = 0) -> Data:
    return flaw.fixes[at].edit(Project(data=data)).data


def plant_missing(head: list[str], rows: Rows) -> None:
    rows[9][0] = rows[50][0] = ""


def plant_constant(head: list[str], rows: Rows) -> None:
    for row in rows:
        row[2] = "5"


def plant_repeated(head: list[str], rows: Rows) -> None:
    head.insert(3, "again")
    for row in rows:
        row.insert(3, row[1])


def plant_outlier(head: list[str], rows: Rows) -> None:
    rows[20][1] = "420"


def plant_stand_ins(head: list[str], rows: Rows) -> None:
    for at in (5, 6, 90):
        rows[at][0] = "-999"


def plant_leak(head: list[str], rows: Rows) -> None:
    head.insert(0, "given")
    for row in rows:
        row.insert(0, str(3 * int(row[-1][-1]) + 1))


def plant_leak_with_a_wrong_label(head: list[str], rows: Rows) -> None:
    """Fourteen samples of a rare class, one of them labelled wrongly, and a column that gives it away."""
    head.insert(0, "given")
    for at, row in enumerate(rows):
        row[-1] = "rare" if at % 12 == 0 and at < 168 else "common"
        row.insert(0, "1" if row[-1] == "rare" else "0")
    rows[0][-1] = "common"


def plant_number(head: list[str], rows: Rows) -> None:
    """A number that counts the samples, which lie in order of their class."""
    head.insert(0, "place")
    for at, row in enumerate(rows):
        row.insert(0, str(7 * at))


def plant_encoding(head: list[str], rows: Rows) -> None:
    head.insert(0, "region")
    for at, row in enumerate(rows):
        row.insert(0, ("KÃ¤rnten", "Piemont", "Toskana")[at % 3])


def plant_duplicates(head: list[str], rows: Rows) -> None:
    rows += [list(row) for row in rows[3:7]]


def plant_conflict(head: list[str], rows: Rows) -> None:
    rows.append([*rows[10][:-1], "class_2"])


def plant_near(head: list[str], rows: Rows) -> None:
    rows += [[f"{float(cell) + 1e-7:.9g}" for cell in row[:-1]] + row[-1:] for row in rows[30:33]]


def plant_rare(head: list[str], rows: Rows) -> None:
    del rows[:54]


PLANTED: list[tuple[str, Callable[[list[str], Rows], None], str, str]] = [
    ("missing", plant_missing, "alcohol: 2 values (1.1%) are missing", "Put in the median"),
    ("constant", plant_constant, "ash is 5 in every sample", "Leave out ash"),
    ("repeated", plant_repeated, "again holds the same values as malic_acid", "Leave out again"),
    ("outliers", plant_outlier, "the farthest 420 in row 21", "Exclude 1 outlier"),
    (
        "stand_ins",
        plant_stand_ins,
        "alcohol is -999 in 3 samples, such as rows 6, 7, 91",
        "Exclude 3 samples",
    ),
    ("leaks", plant_leak, "given alone predicts kind: 100.0% of the classes", "Leave out given"),
    (
        "leaks",
        plant_leak_with_a_wrong_label,
        "given alone predicts kind: all samples but one",
        "Leave out given",
    ),
    ("leaks", plant_number, "place only counts the samples", "Leave out place"),
    ("encodings", plant_encoding, "“KÃ¤rnten” in row 1 (Kärnten is meant)", "Exclude 60 samples"),
    ("duplicates", plant_duplicates, "4 samples are equal to an earlier one", "Exclude 4 duplicates"),
    ("conflicts", plant_conflict, "rows 11, 179: class_0 and class_2", "Exclude 2 samples"),
    (
        "near",
        plant_near,
        "3 groups of rows that are equal but for the last digits",
        "Exclude 3 near duplicates",
    ),
    ("imbalance", plant_rare, "class_1 has 71 samples, class_0 only 5", "Show class_0 more often"),
]


@pytest.mark.parametrize(
    ("check", "plant", "words", "fix"), PLANTED, ids=lambda one: getattr(one, "__name__", None)
)
def test_a_planted_flaw_is_found(
    check: str, plant: Callable[[list[str], Rows], None], words: str, fix: str, tmp_path: Path
) -> None:
    head, rows = wine()
    plant(head, rows)
    flaws = found(check, write(tmp_path, head, rows), tmp_path)
    assert words in " ".join(one.sentence for one in flaws)
    assert fix in [one.label for flaw in flaws for one in flaw.fixes]


def test_nothing_is_found_in_the_data_as_it_is(tmp_path: Path) -> None:
    data = write(tmp_path, *wine())
    report = check_data(data, tmp_path)
    assert [one.sentence for one in report.flaws if one.level != "note"] == []
    assert report.done == tuple(check.name for check in CHECKS)


def test_a_repair_mends_what_it_is_offered_for(tmp_path: Path) -> None:
    for check, plant, words, _ in PLANTED:
        if check in ("missing", "encodings", "imbalance"):
            continue
        folder = tmp_path / plant.__name__
        folder.mkdir()
        head, rows = wine()
        plant(head, rows)
        data = write(folder, head, rows)
        flaw = next(
            one for one in found(check, data, folder) if words.split(",")[0].split(":")[0] in one.sentence
        )
        at = next(n for n, fix in enumerate(flaw.fixes) if not fix.label.startswith("Relabel"))
        before = (folder / "wine.csv").read_bytes()
        mended_data = applied(flaw, data, at)
        assert flaw.sentence not in [one.sentence for one in found(check, mended_data, folder)]
        assert (folder / "wine.csv").read_bytes() == before


def test_weights_favour_the_rare_class(tmp_path: Path) -> None:
    head, rows = wine()
    plant_rare(head, rows)
    data = write(tmp_path, head, rows)
    weights = applied(found("imbalance", data, tmp_path)[0], data).changes.weights
    assert sorted(weights) == ["0", "1", "2", "3", "4"]
    assert set(weights.values()) == {10.0}


def test_equal_samples_that_disagree_are_relabelled_by_the_majority(tmp_path: Path) -> None:
    head, rows = wine()
    rows += [list(rows[10]), [*rows[10][:-1], "class_2"]]
    data = write(tmp_path, head, rows)
    flaw = found("conflicts", data, tmp_path)[0]
    assert flaw.fixes[0].label == "Relabel 1 as most of their equals"
    mended_data = applied(flaw, data)
    assert mended_data.changes.labels == {"kind": {"179": "class_0"}}
    assert found("conflicts", mended_data, tmp_path) == []


def test_duplicates_in_several_parts_are_an_error_and_can_be_kept_together(tmp_path: Path) -> None:
    head, rows = wine()
    rows += [list(row) for row in rows[:40]]
    data = replace(write(tmp_path, head, rows), options={"duplicates_together": False})
    error = next(one for one in found("duplicates", data, tmp_path) if one.level == "error")
    assert "in more than one part" in error.sentence
    assert error.fixes[0].label == "Keep duplicates in one part"
    levels = {one.level for one in found("duplicates", applied(error, data, 0), tmp_path)}
    assert levels == {"warning"}
    assert found("duplicates", applied(error, data, 1), tmp_path) == []


def test_a_class_that_training_never_sees(tmp_path: Path) -> None:
    head, rows = wine()
    head.append("part")
    for row in rows:
        row.append("test" if row[-1] == "class_2" else "train")
    data = replace(write(tmp_path, head, rows), options={"split": "column", "split_column": "part"})
    flaws = found("unseen", data, tmp_path)
    assert flaws[0].level == "error"
    assert "class_2 is in the test part and never in training" in flaws[0].sentence
    assert flaws[0].count == 48
    assert found("unseen", replace(data, options={}), tmp_path) == []


def test_parts_that_are_too_small(tmp_path: Path) -> None:
    head, rows = wine()
    data = write(tmp_path, head, rows[::5])
    assert "training part has only" in found("tiny", data, tmp_path)[0].sentence
    assert found("tiny", write(tmp_path, head, rows), tmp_path) == []


def test_what_can_be_repaired_is_told_before_what_cannot(tmp_path: Path) -> None:
    head, lines = wine()
    lines = lines[::6]
    lines.append(list(lines[0]))
    report = check_data(write(tmp_path, head, lines), tmp_path)
    warnings = [one for one in report.flaws if one.level == "warning"]
    repairs = [bool(one.fixes) for one in warnings]
    assert repairs == sorted(repairs, reverse=True)
    assert len(set(repairs)) == 2


@pytest.mark.parametrize("written", ["{day:02}.{month:02}.2025", "2025-{month:02}-{day:02}"])
def test_dates_are_no_missing_values_however_they_are_written(tmp_path: Path, written: str) -> None:
    head, lines = wine()
    for at, line in enumerate(lines):
        line[0] = written.format(day=at % 28 + 1, month=at % 12 + 1)
    head[0] = "day"
    lines[5][0] = ""
    data = write(tmp_path, head, lines)
    assert [(one.column, one.count) for one in found("missing", data, tmp_path)] == [("day", 1)]
    assert [one.column for one in found("constant", data, tmp_path)] == []


def test_a_target_that_is_no_class(tmp_path: Path) -> None:
    from studio.data.cells import Held

    opened = open_data(Data(Setting("ScikitLearn", {"dataset": "iris"})), tmp_path)
    check = KEYS["classes"]
    assert check.find(Look(opened)) == []
    label = opened.columns["label"]
    wrong = np.array(label.cells.take(np.arange(150)))
    wrong[7] = 3
    changed = replace(opened, columns={**opened.columns, "label": replace(label, cells=Held(wrong))})
    assert "such as row 8" in check.find(Look(changed))[0].sentence


# ---- pictures


def pictures(folder: Path, count: int = 12) -> Data:
    """Two photographs cut into pieces, half of them each."""
    from sklearn.datasets import load_sample_images

    for name, photograph in zip(("china", "flower"), load_sample_images().images, strict=True):
        (folder / "shots" / name).mkdir(parents=True)
        for at in range(count):
            y, x = 60 * (at % 5), 70 * (at // 5) + 11 * at
            Image.fromarray(photograph[y : y + 64, x : x + 64]).save(folder / "shots" / name / f"{at:02}.png")
    return Data(Setting("ImageFolder", {"folder": "shots"}))


def test_files_that_are_empty_or_cut_off(tmp_path: Path) -> None:
    data = pictures(tmp_path)
    assert found("absent", data, tmp_path) == found("unreadable", data, tmp_path) == []
    shots = tmp_path / "shots"
    whole = (shots / "china" / "03.png").read_bytes()
    (shots / "china" / "03.png").write_bytes(whole[: len(whole) // 2])
    (shots / "flower" / "05.png").write_bytes(b"")
    flaw = check_data(data, tmp_path).flaws[0]
    assert flaw.level == "error"
    assert "2 of 24 pictures cannot be read" in flaw.sentence
    assert "03.png" in flaw.sentence
    assert flaw.fixes[0].label == "Leave out 2 of 24 pictures"
    left = check_data(applied(flaw, data), tmp_path)
    assert [one.level for one in left.flaws if one.check == "settings"] == ["note"]
    assert left.samples == 22


def test_files_that_go_bad_after_they_were_listed(tmp_path: Path) -> None:
    data = pictures(tmp_path)
    opened = open_data(data, tmp_path)
    shots = tmp_path / "shots"
    whole = (shots / "china" / "03.png").read_bytes()
    (shots / "china" / "03.png").write_bytes(whole[: len(whole) // 2])
    (shots / "flower" / "05.png").write_bytes(b"")
    absent, cut = (KEYS[name].find(Look(opened)) for name in ("absent", "unreadable"))
    assert "flower/05.png" in absent[0].sentence
    assert cut[0].count == 2
    assert "03.png" in cut[0].sentence
    assert applied(cut[0], data).changes.excluded == ("china/03.png", "flower/05.png")


def test_pictures_that_look_alike(tmp_path: Path) -> None:
    data = pictures(tmp_path)
    assert found("near", data, tmp_path) == []
    shots = tmp_path / "shots" / "china"
    with Image.open(shots / "02.png") as shot:
        shot.convert("RGB").save(shots / "02_again.jpg", quality=80)
        shot.resize((80, 80)).save(shots / "02_larger.png")
    flaw = found("near", data, tmp_path)[0]
    assert "1 group of pictures that look alike" in flaw.sentence
    opened = open_data(data, tmp_path)
    assert {Path(key).stem for key in opened.keys(flaw.rows)} == {"02", "02_again", "02_larger"}


def test_a_blank_picture(tmp_path: Path) -> None:
    data = pictures(tmp_path)
    assert found("pictures", data, tmp_path) == []
    Image.new("RGB", (64, 64), (9, 9, 9)).save(tmp_path / "shots" / "flower" / "blank.png")
    assert "1 picture of a single colour" in found("pictures", data, tmp_path)[0].sentence


def test_hashes_differ_in_few_bits_where_pictures_differ_little() -> None:
    small = np.random.default_rng(0).uniform(0, 255, (2, 8, 9)).astype(np.float32)
    small[1] = small[0]
    small[1, 0, 0] += 300
    one, other = hashed(small)
    assert int(one ^ other).bit_count() <= 1


# ---- the whole


def test_progress_is_told_and_a_run_can_be_cancelled(tmp_path: Path) -> None:
    data = write(tmp_path, *wine())
    told: list[tuple[float, str]] = []
    report = check_data(data, tmp_path, moved=lambda share, title: told.append((share, title)))
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert {title for _, title in told} == {check.title for check in CHECKS}
    assert report.whole
    data = replace(data, options={"split_seed": 5})
    stopped = check_data(data, tmp_path, cancelled=lambda: len(told) > 0)
    assert not stopped.whole
    assert stopped.done == ()


def test_of_very_many_samples_some_are_looked_at_and_that_is_said(tmp_path: Path) -> None:
    head, rows = wine()
    plant_constant(head, rows)
    look = Look(open_data(write(tmp_path, head, rows), tmp_path), Bounds(samples=50))
    assert "(looked at 50 of 178 samples)" in KEYS["constant"].find(look)[0].sentence


def test_what_was_found_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    head, rows = wine()
    data = write(tmp_path, head, rows)
    first = check_data(data, tmp_path)
    assert check_data(data, tmp_path).seconds < first.seconds
    plant_constant(head, rows)
    write(tmp_path, head, rows)
    assert any("ash is 5" in one.sentence for one in check_data(data, tmp_path).flaws)


def test_settings_that_give_no_samples_are_a_finding_and_the_rest_is_still_checked(tmp_path: Path) -> None:
    head, rows = wine()
    plant_missing(head, rows)
    report = check_data(write(tmp_path, head, rows), tmp_path)
    assert report.flaws[0].level == "error"
    assert "alcohol" in report.flaws[0].sentence
    assert any(one.check == "missing" for one in report.flaws)


def test_a_missing_class_and_corrected_labels_count_as_they_are_now(tmp_path: Path) -> None:
    data = write(tmp_path, *wine())
    changes = SampleChanges(labels={"kind": {str(row): "class_1" for row in range(59)}})
    changed = replace(data, changes=changes)
    assert "class_0" not in str([one.sentence for one in check_data(changed, tmp_path).flaws])
    words: Any = open_data(changed, tmp_path).columns["kind"].words(np.arange(3))
    assert words == ["class_1"] * 3
    assert read_data(changed, tmp_path).raw.samples == 178


def test_ignored_columns_are_not_looked_at(tmp_path: Path) -> None:
    head, rows = wine()
    plant_constant(head, rows)
    data = replace(write(tmp_path, head, rows), fields={"ash": FieldSetting(role="ignore")})
    assert found("constant", data, tmp_path) == []


@pytest.mark.parametrize("text", ["KÃ¼che", "naÃ¯ve", "â€œWeinâ€\x9d", "fa\ufffdade"])
def test_misread_texts(text: str) -> None:
    assert misread(text)


@pytest.mark.parametrize("text", ["Küche", "naïve", "“Wein”", "façade", "São Paulo", "ÅÄÖ", "price €"])
def test_texts_that_are_as_they_should_be(text: str) -> None:
    assert not misread(text)


def test_a_misread_text_is_mended() -> None:
    assert mended("KÃ¤rnten") == "Kärnten"

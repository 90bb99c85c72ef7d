"""What the settings of columns and samples make of a source: roles, steps, what is left out and corrected."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.data.cells import Held, Listed
from studio.data.columns import plan
from studio.data.describe import describe
from studio.data.findings import find
from studio.data.making import make
from studio.data.pipeline import read_data
from studio.data.raw import DataError
from studio.data.table import SourceColumn, Table
from studio.project.edits import set_source
from studio.project.project import Data, FieldSetting, Project, SampleChanges, Setting

IRIS = Data(Setting("ScikitLearn", {"dataset": "iris"}))


def with_fields(**fields: FieldSetting) -> Data:
    return replace(IRIS, fields=fields)


def test_without_settings_a_source_is_taken_as_it_is() -> None:
    ready = read_data(IRIS, Path())
    assert ready.raw.samples == 150
    assert sum(len(rows) for rows in ready.rows.values()) == 150
    assert ready.findings["label"].kind == "category"


def test_a_column_can_be_left_out_and_another_be_the_target() -> None:
    names = list(read_data(IRIS, Path()).raw.fields)
    first = names[0]
    ready = read_data(with_fields(**{first: FieldSetting(role="ignore")}), Path())
    assert list(ready.raw.fields) == names[1:]
    ready = read_data(with_fields(**{first: FieldSetting(role="target")}), Path())
    assert ready.raw.fields[first].role == "target"


def test_steps_change_values_and_learn_from_the_training_part_alone() -> None:
    values = np.array([1.0, np.nan, 3.0, 100.0, 1000.0])
    table = Table({"x": SourceColumn(Held(values))})
    setting = FieldSetting(transforms=(Setting("Impute", {"by": "mean"}), Setting("Clip", {"high": 50.0})))
    planned = plan(table, find(table), {"x": setting})["x"]
    made = make(planned, np.arange(5), np.array([0, 1, 2]), None)
    assert made.states[0] == {"value": 2.0}
    assert made.array.tolist() == [1.0, 2.0, 3.0, 50.0, 50.0]
    again = make(planned, np.arange(5), np.arange(5), made.states)
    assert again.array.tolist() == made.array.tolist()


def test_texts_become_classes_in_natural_order() -> None:
    table = Table({"size": SourceColumn(Listed(["s10", "s2", "s2", None] * 5))})
    planned = plan(table, find(table), {"size": FieldSetting(role="target", missing="class")})["size"]
    made = make(planned, np.arange(20), np.arange(2), None)
    assert made.field.classes == ("missing", "s2", "s10")
    assert made.array[:4].tolist() == [2, 1, 1, 0]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (FieldSetting(kind="taste"), "taste is none of number"),
        (FieldSetting(role="judge"), "judge is none of input"),
        (FieldSetting(transforms=(Setting("Whisk"),)), "there is no transform Whisk"),
        (FieldSetting(transforms=(Setting("Clip", {"low": "a"}),)), "low takes a number"),
        (FieldSetting(transforms=(Setting("Log"),)), "Log works on number, and here it gets category"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_the_column_named(setting: FieldSetting, words: str) -> None:
    with pytest.raises(DataError) as caught:
        read_data(with_fields(label=setting), Path())
    assert words in caught.value.message
    assert caught.value.message.startswith("label")
    assert caught.value.param == "fields.label"


def test_a_column_that_is_not_there_cannot_be_predicted() -> None:
    wanted = with_fields(colour=FieldSetting(role="target"))
    with pytest.raises(DataError, match="no column colour, which is to be predicted") as caught:
        read_data(wanted, Path())
    assert "label" in caught.value.hint
    (fix,) = caught.value.fixes
    assert read_data(fix.edit(Project(data=wanted)).data, Path()).raw.samples == 150


def test_what_is_said_of_a_column_that_is_not_there_waits() -> None:
    data = with_fields(colour=FieldSetting(role="ignore"), label=FieldSetting(role="target"))
    (warning,) = describe(data, Path()).problems
    assert warning.message == "The data have not the column colour: what was set there is not used."
    forgotten = warning.fixes[0].edit(Project(data=data)).data
    assert dict(forgotten.fields) == {"label": FieldSetting(role="target")}
    assert describe(forgotten, Path()).problems == ()


def table(folder: Path, name: str, columns: str = "age,town,pays") -> Setting:
    rows = "".join(f"{20 + n % 50},{'uvw'[n % 3]},{'yes' if n % 3 else 'no'}\n" for n in range(60))
    (folder / name).write_text(f"{columns}\n{rows}")
    return Setting("CSV", {"path": name})


def test_a_newer_file_with_the_same_columns_is_taken_as_the_one_before(tmp_path: Path) -> None:
    said = {"age": FieldSetting(role="target"), "town": FieldSetting(role="ignore")}
    data = Data(table(tmp_path, "may.csv"), fields=said, changes=SampleChanges(excluded=("3",)))
    newer = set_source(Project(data=data), table(tmp_path, "june.csv")).data
    assert newer.fields == data.fields
    assert newer.changes == SampleChanges()  # row 3 of another file is another sample
    assert {one.name: one.role for one in describe(newer, tmp_path).facts} == {
        "age": "target",
        "town": "ignore",
        "pays": "target",
    }
    moved = set_source(Project(data=data), table(tmp_path, "june.csv"), moved=True).data
    assert moved.changes == data.changes
    other = set_source(Project(data=newer), table(tmp_path, "july.csv", "age,city,pays")).data
    (warning,) = describe(other, tmp_path).problems
    assert "the column town" in warning.message
    back = set_source(Project(data=other), Setting("CSV", {"path": "may.csv"})).data
    assert back.fields == data.fields
    assert set_source(Project(data=data), Setting("Parquet", {"path": "may.parquet"})).data.fields == said
    assert set_source(Project(data=data), Setting("ImageFolder", {"folder": "may"})).data.fields == {}


def test_samples_are_left_out_and_corrected_by_their_keys() -> None:
    plain = read_data(IRIS, Path())
    changes = SampleChanges(excluded=("0", "149"), labels={"label": {"1": "virginica", "700": "setosa"}})
    ready = read_data(replace(IRIS, changes=changes), Path())
    assert ready.raw.samples == 148
    assert ready.key(0) == "1"
    classes = ready.raw.fields["label"].classes
    assert classes is not None
    assert classes[ready.raw.arrays["label"][0]] == "virginica"
    assert classes[plain.raw.arrays["label"][1]] == "setosa"


def test_an_unknown_class_for_a_sample_is_refused() -> None:
    changes = SampleChanges(labels={"label": {"1": "tulip"}})
    with pytest.raises(DataError, match="label has no class tulip"):
        read_data(replace(IRIS, changes=changes), Path())


def test_excluding_everything_is_refused() -> None:
    changes = SampleChanges(excluded=tuple(map(str, range(150))))
    with pytest.raises(DataError, match="No sample is left"):
        read_data(replace(IRIS, changes=changes), Path())


def test_what_was_said_of_one_source_is_not_said_of_another() -> None:
    said = replace(
        IRIS, fields={"label": FieldSetting(role="target")}, changes=SampleChanges(excluded=("0",))
    )
    project = Project(data=said)
    other = set_source(project, Setting("ScikitLearn", {"dataset": "wine"}))
    assert (other.data.fields, other.data.changes) == ({}, SampleChanges())
    same = set_source(project, Setting("ScikitLearn", {"dataset": "iris", "later": 1}))
    assert same.data.fields == said.fields
    assert same.data.changes == said.changes

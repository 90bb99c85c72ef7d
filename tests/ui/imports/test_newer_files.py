"""A newer file with the same columns is taken as the one before; what was moved is the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QLineEdit,
)
from pytestqt.qtbot import QtBot

from studio.project.field_edits import with_kind, with_role, with_transforms
from studio.project.project import Setting
from studio.project.sample_edits import exclude
from studio.ui.import_window import ImportWindow
from studio.ui.window import MainWindow
from tests.ui.imports.hands import PEOPLE, TOWNS, click, columns, opened, take, told
from tests.ui.test_files import drop
from tests.ui.windows import LONG, find

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of popups


def test_a_newer_file_with_the_same_columns_is_taken_as_the_one_before(
    ready: MainWindow, qtbot: QtBot, people: Path
) -> None:
    ready.importing.look_at(people)
    take(ready, qtbot)
    session = ready.session
    data = with_role(with_role(session.project.data, ["age"], "target"), ["pays"], "input")
    data = with_kind(with_role(data, ["town"], "ignore"), ["id"], "text")
    session.commit(replace(session.project, data=data), "Set columns")
    newer = people.with_name("june.csv")
    newer.write_text(PEOPLE.replace("id,age,town", "name,age,town"))
    assert drop(ready, newer)
    asked = opened(ready, qtbot)
    assert {name: role for name, (_, role, _) in columns(asked).items()} == {
        "name": "left out",
        "age": "target",
        "town": "left out",
        "pays": "input",
    }
    assert "as set before: age, pays, town" in told(asked)
    click(qtbot, asked.use_button)
    assert "id" not in session.project.data.fields
    assert session.project.data.fields["town"].role == "ignore"
    assert session.project.data.source.params["path"] == "june.csv"


def test_what_does_not_fit_a_newer_file_is_not_carried_over(
    ready: MainWindow, qtbot: QtBot, people: Path
) -> None:
    ready.importing.look_at(people)
    take(ready, qtbot)
    session = ready.session
    data = with_transforms(session.project.data, "age", (Setting("Impute"), Setting("Log")))
    session.commit(replace(session.project, data=with_role(data, ["town"], "ignore")), "Set columns")
    newer = people.with_name("june.csv")
    newer.write_text(
        "id,age,town,pays\n" + "".join(f"p{n:03d},{TOWNS[n % 3]},{n},{n % 2}\n" for n in range(90))
    )
    assert drop(ready, newer)
    asked = opened(ready, qtbot)
    assert columns(asked)["age"] == ("category", "input", "")
    assert columns(asked)["town"] == ("number", "left out", "")
    assert "as set before: town" in told(asked)


def test_files_that_were_moved_are_the_same_samples(ready: MainWindow, qtbot: QtBot, people: Path) -> None:
    ready.importing.look_at(people)
    take(ready, qtbot)
    session = ready.session
    session.commit(exclude(session.project, ["3"]), "Leave out")
    ready.docks.reveal("data")
    line = find(ready.panels.data, QLineEdit, "path")
    people.with_name("copy.csv").write_text(PEOPLE)
    people.rename(people.with_name("moved.csv"))
    for name, left in (("moved.csv", ("3",)), ("copy.csv", ())):
        line.setFocus()
        line.selectAll()
        qtbot.keyClicks(line, name)
        qtbot.keyClick(line, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda name=name: session.project.data.source.params["path"] == name)
        assert session.project.data.changes.excluded == left
        assert session.project.data.fields["age"].missing == "median"


PARTED = "age,town,pays,part\n" + "".join(
    f"{20 + n % 50},{TOWNS[n % 3]},{n % 2},{('train', 'train', 'test')[n % 3]}\n" for n in range(120)
)


def test_a_column_that_names_the_parts_parts_the_data_and_those_of_a_newer_file(
    ready: MainWindow, qtbot: QtBot, people: Path
) -> None:
    session = ready.session
    for name in ("may.csv", "june.csv"):
        people.with_name(name).write_text(PARTED)
        assert drop(ready, people.with_name(name))
        asked = opened(ready, qtbot)
        assert columns(asked)["part"] == ("category", "left out", "")
        assert columns(asked)["pays"][1] == "target"
        assert "test 40" in told(asked)
        take(ready, qtbot)
        assert session.project.data.source.params["path"] == name
        assert session.project.data.options == {"split": "column", "split_column": "part"}
    people.with_name("july.csv").write_text(PARTED.replace("part\n", "of\n"))
    assert drop(ready, people.with_name("july.csv"))
    take(ready, qtbot)
    assert session.project.data.options == {"split": "column", "split_column": "of"}
    people.with_name("august.csv").write_text(PEOPLE)
    assert drop(ready, people.with_name("august.csv"))
    take(ready, qtbot)
    assert session.project.data.options == {}


def test_the_target_of_the_source_counts_for_a_newer_file_that_has_it(
    ready: MainWindow, qtbot: QtBot, people: Path
) -> None:
    ready.importing.look_at(people)
    take(ready, qtbot)
    session = ready.session
    source = session.project.data.source
    named = replace(source, params={**source.params, "target": "town", "ignore": "id"})
    session.commit(replace(session.project, data=replace(session.project.data, source=named)), "Set")
    newer = people.with_name("june.csv")
    newer.write_text(PEOPLE)
    assert drop(ready, newer)
    assert columns(opened(ready, qtbot))["town"][1] == "target"
    take(ready, qtbot)
    assert session.project.data.source.params["target"] == "town"
    other = people.with_name("july.csv")
    other.write_text(PEOPLE.replace("town", "city"))
    assert drop(ready, other)
    assert columns(opened(ready, qtbot))["pays"][1] == "target"
    take(ready, qtbot)
    assert "target" not in session.project.data.source.params
    assert session.project.data.source.params["ignore"] == "id"


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "value\n0.1\n0.2\n0.4\n"), ("a.jsonl", '{"text": "hello"}\n{"text": "you"}\n')],
)
def test_a_single_column_is_told(
    ready: MainWindow, qtbot: QtBot, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    assert drop(ready, tmp_path / name)
    qtbot.waitUntil(lambda: bool(ready.findChildren(ImportWindow)), timeout=LONG)
    asked = ready.findChildren(ImportWindow)[-1]
    qtbot.waitUntil(lambda: f"{name} leaves no column as input" in told(asked), timeout=LONG)

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
from studio.ui.window import MainWindow
from tests.ui.imports.hands import PEOPLE, TOWNS, click, columns, opened, take, told
from tests.ui.test_files import drop
from tests.ui.windows import find

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

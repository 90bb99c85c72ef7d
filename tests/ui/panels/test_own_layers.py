"""Layers of the user's own in the inspector: trusted by a click, faults marked on their line."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from studio.catalog.registry import registry
from studio.catalog.template import TEMPLATE
from studio.catalog.trust import trust
from studio.project import edits
from studio.project.graph import Endpoint
from studio.ui.inspector import Inspector
from studio.ui.session import Session
from tests.ui.panels.drawing import checked, digits

OWN = TEMPLATE.replace("a learned number", "its own number")


class Desk:
    """A drawing with one layer of the user's own, shown in the inspector."""

    def __init__(self, qtbot: QtBot, source: str) -> None:
        self.session = Session()
        project, self.name = edits.add_node(digits(), "PythonLayer", (0, 0), {"source": source}, "own")
        flat = Endpoint("flat", "output")
        project = edits.connect(project, flat, Endpoint(self.name, "input"))
        self.session.new(project)
        self.inspector = Inspector(self.session, registry())
        qtbot.addWidget(self.inspector)
        self.session.changed.connect(self.inspector.show_changes)
        self.session.check_arrived.connect(self.inspector.show_checked)
        self.inspector.trusted.connect(self.check)
        self.inspector.resize(340, 900)
        self.inspector.show()
        qtbot.waitExposed(self.inspector)
        self.inspector.show_nodes((self.name,))
        self.check()

    def check(self) -> None:
        self.session.take_check(checked(self.session.project))

    def button(self) -> QPushButton | None:
        found = self.inspector.findChildren(QPushButton)
        return next((one for one in found if one.text() == "Trust and run" and one.isVisible()), None)

    def source(self) -> QPlainTextEdit:
        found = self.inspector.findChildren(QPlainTextEdit)
        return next(one for one in found if one.isVisible() and "class" in one.toPlainText())

    def texts(self) -> str:
        return "\n".join(one.text() for one in self.inspector.findChildren(QLabel) if one.isVisible())


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROLOOM_HOME", str(tmp_path))


def test_a_click_lets_it_run(qtbot: QtBot) -> None:
    desk = Desk(qtbot, OWN)
    assert "not trusted" in desk.texts()
    button = desk.button()
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert trust().holds(OWN)
    assert desk.button() is None
    assert Endpoint("own", "output") in desk.session.checked.types


def test_what_is_typed_must_be_trusted_anew(qtbot: QtBot) -> None:
    trust().add(OWN)
    desk = Desk(qtbot, OWN)
    assert desk.button() is None
    desk.source().setFocus()
    qtbot.keyClick(desk.source(), Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(desk.source(), "# more")
    desk.check()
    assert desk.button() is not None
    assert desk.session.project.graph.nodes["own"].params["source"].endswith("# more")


def test_a_fault_is_marked_on_its_line(qtbot: QtBot) -> None:
    broken = OWN.replace("return input * self.weight", "return input * self.wait")
    trust().add(broken)
    desk = Desk(qtbot, broken)
    line = next(at for at, text in enumerate(broken.splitlines()) if "self.wait" in text)
    (mark,) = desk.source().extraSelections()
    assert mark.cursor.blockNumber() == line
    assert f"line {line + 1} of its source fails" in desk.texts()


def test_without_a_place_to_save_it_runs_until_the_end(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "trusted.json").mkdir()
    desk = Desk(qtbot, OWN)
    qtbot.mouseClick(desk.button(), Qt.MouseButton.LeftButton)
    assert trust().holds(OWN)
    assert Endpoint("own", "output") in desk.session.checked.types

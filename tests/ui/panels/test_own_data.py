"""Python that gives the data, in the data panel: trusted by a click, then its samples are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from studio.catalog.data_python import TEMPLATE
from studio.catalog.registry import registry
from studio.catalog.trust import trust
from studio.project import edits
from studio.project.project import Setting
from studio.ui.checker import BackgroundChecker
from studio.ui.session import Session
from studio.ui.settings import DataSettings
from tests.ui.panels.conftest import Photograph
from tests.ui.panels.drawing import digits
from tests.ui.windows import LONG

OWN = TEMPLATE.replace("size=(200, 2)", "size=(123, 2)")


class Desk:
    """The data panel of a project whose data are a function's."""

    def __init__(self, qtbot: QtBot, folder: Path, **params: str) -> None:
        self.session = Session()
        self.session.new(edits.set_source(digits(), Setting("PythonData", params)), folder)
        self.panel = DataSettings(self.session, registry())
        self.checker = BackgroundChecker()
        self.checker.arrived.connect(self.session.take_check)
        self.checker.described.connect(self.panel.show_described)
        self.session.check_arrived.connect(self.panel.show_checked)
        self.session.changed.connect(self.panel.show_changes)
        self.panel.trusted.connect(self.check)
        qtbot.addWidget(self.panel)
        self.panel.resize(320, 900)
        self.panel.show()
        qtbot.waitExposed(self.panel)
        self.check()

    def check(self) -> None:
        self.checker.request(self.session.project, self.session.folder)

    def button(self) -> QPushButton | None:
        found = self.panel.findChildren(QPushButton)
        return next((one for one in found if one.text() == "Trust and run" and one.isVisible()), None)

    def texts(self) -> str:
        return "\n".join(one.text() for one in self.panel.findChildren(QLabel) if one.isVisible())

    def close(self) -> None:
        self.checker.close()


@pytest.mark.parametrize("in_file", [False, True])
def test_own_data_run_once_they_are_trusted(
    qtbot: QtBot, tmp_path: Path, in_file: bool, photograph: Photograph
) -> None:
    (tmp_path / "own.py").write_text(OWN)
    desk = Desk(qtbot, tmp_path, **({"path": "own.py"} if in_file else {"code": OWN}))
    try:
        qtbot.waitUntil(lambda: "has not been trusted" in desk.texts(), timeout=LONG)
        button = desk.button()
        assert button is not None
        photograph(desk.panel, "own_data")
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert trust().holds(OWN)
        assert desk.button() is None
        qtbot.waitUntil(lambda: "123" in desk.texts(), timeout=60_000)
        assert "not been trusted" not in desk.texts()
    finally:
        desk.close()


def test_other_data_ask_for_no_trust(qtbot: QtBot, tmp_path: Path) -> None:
    desk = Desk(qtbot, tmp_path, path="gone.py")
    try:
        qtbot.waitUntil(lambda: "gone.py" in desk.texts(), timeout=LONG)
        assert desk.button() is None
    finally:
        desk.close()

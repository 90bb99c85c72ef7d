"""What holds for every control of every panel: a name, a tip, a place in the tab order; keys and drags."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.catalog.registry import registry
from studio.project import edits
from studio.project.project import Data, Setting
from studio.ui.background import Background
from studio.ui.code import CodePanel
from studio.ui.combo import Combo
from studio.ui.data_view import DataView
from studio.ui.inspector import Inspector
from studio.ui.log import LogPanel
from studio.ui.palette import Palette
from studio.ui.problems import Problems
from studio.ui.samples.checks_panel import ChecksPanel
from studio.ui.samples.plots_panel import PlotsPanel
from studio.ui.session import Session
from studio.ui.settings import DataSettings, TrainingSettings
from studio.ui.spin import Spin
from tests.ui.nested import nested
from tests.ui.panels.drawing import checked, digits
from tests.ui.windows import LONG

CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QPlainTextEdit, QAbstractItemView)


def inspector(session: Session) -> Inspector:
    made = Inspector(session, registry())
    made.show_checked(checked(session.project))
    made.show_nodes(["conv1"])
    return made


def data_settings(session: Session) -> DataSettings:
    session.commit(edits.set_source(session.project, Setting("CSV")), "CSV")
    return DataSettings(session, registry())


def problems(session: Session) -> Problems:
    made = Problems()
    made.show_checked(checked(session.project))
    return made


def block_inspector(session: Session) -> QWidget:
    """The inspector while one looks into a block."""
    session.new(nested())
    session.look(("layer1",))
    return inspector(session)


PANELS = {
    "palette": lambda session: Palette(registry()),
    "inspector": inspector,
    "block": block_inspector,
    "data": data_settings,
    "training": lambda session: TrainingSettings(session, registry()),
    "problems": problems,
    "code": lambda session: CodePanel(),
    "log": lambda session: LogPanel(),
    "samples": lambda session: DataView(),
    "checks": lambda session: ChecksPanel(),
    "plots": lambda session: PlotsPanel(),
}


def own(control: QWidget) -> bool:
    """Whether a control is ours and not a part that Qt made inside another."""
    inner = control.metaObject().className() in ("QTableCornerButton", "QHeaderView")
    return not inner and not control.objectName().startswith("qt_") and not inside_combo(control)


def inside_combo(control: QWidget) -> bool:
    above = control.parentWidget()
    while above is not None and not isinstance(above, QComboBox):
        above = above.parentWidget()
    return above is not None


def tip(control: QWidget | None) -> str:
    """The tooltip of a control, which Qt asks its parents for."""
    while control is not None:
        if control.toolTip():
            return control.toolTip()
        control = control.parentWidget()
    return ""


@pytest.mark.parametrize("name", PANELS)
def test_every_control_has_a_name_a_tip_and_a_place_in_the_tab_order(qtbot: QtBot, name: str) -> None:
    session = Session()
    session.new(digits())
    panel = PANELS[name](session)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    controls = [one for one in panel.findChildren(QWidget) if isinstance(one, CONTROLS) and own(one)]
    assert controls
    for control in controls:
        text = control.text() if isinstance(control, QAbstractButton) else ""
        assert control.accessibleName() or text, control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control
        if not isinstance(control, QAbstractItemView | QPlainTextEdit):
            assert tip(control), control


def test_f2_in_the_inspector_renames_though_the_window_has_an_action_on_it(qtbot: QtBot) -> None:
    session = Session()
    session.new(digits())
    window = QMainWindow()
    qtbot.addWidget(window)
    action = QAction("Rename", window)
    action.setShortcut("F2")
    window.addAction(action)
    called: list[bool] = []
    action.triggered.connect(called.append)
    panel = inspector(session)
    window.setCentralWidget(panel)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    lines = [one for one in panel.findChildren(QLineEdit) if one.accessibleName() == "stride"]
    lines[0].setFocus()
    qtbot.keyClick(lines[0], Qt.Key.Key_F2)
    focused = window.focusWidget()
    assert focused.accessibleName() == "Name"
    assert called == []


def test_the_palette_gives_a_picture_to_drag(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.ui import palette_tree as module

    class Drag(module.QDrag):
        dropped: list[tuple[bytes, int]] = []  # noqa: RUF012

        def exec(self, *actions):
            self.dropped.append((bytes(self.mimeData().data(module.MIME)), self.pixmap().width()))
            return Qt.DropAction.CopyAction

    monkeypatch.setattr(module, "QDrag", Drag)
    panel = Palette(registry())
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    view = panel.findChild(QTreeWidget)
    item = view.findItems("Conv2d", Qt.MatchFlag.MatchRecursive | Qt.MatchFlag.MatchExactly)[0]
    start = view.visualItemRect(item).center()
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 4):
        qtbot.mouseMove(view.viewport(), start + step * start / 10)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    assert [what for what, _ in Drag.dropped[:1]] == [b"Conv2d"]
    assert Drag.dropped[0][1] > 40


def test_every_source_describes_itself_to_the_samples(qtbot: QtBot, tmp_path: Path) -> None:
    for dataset in ("digits", "iris", "wine", "breast_cancer", "diabetes"):
        source = Setting("ScikitLearn", {"dataset": dataset})
        view = DataView()
        qtbot.addWidget(view)
        view.show()
        view.show_data(Data(source), tmp_path)
        views = view.findChildren(QAbstractItemView)
        qtbot.waitUntil(lambda views=views: any(one.isVisible() for one in views), timeout=LONG)
        for background in view.findChildren(Background):
            background.close()


def test_a_long_choice_ends_in_an_ellipsis(qtbot: QtBot, qapp: QApplication) -> None:
    box = Combo()
    qtbot.addWidget(box)
    box.addItems(["CosineRestarts", "Step"])
    box.resize(100, 28)
    box.show()
    assert box.written.endswith("…")
    assert box.currentText() == "CosineRestarts"
    short = box.grab().toImage()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert box.written == "Step"
    assert box.grab().toImage() != short
    box.resize(400, 28)
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert box.written == "CosineRestarts"


def test_a_number_has_room_before_it(qtbot: QtBot) -> None:
    box = Spin(minimum=1, maximum=500)
    qtbot.addWidget(box)
    box.show()
    box.selectAll()
    qtbot.keyClicks(box, "120")
    assert box.value() == 120
    assert box.lineEdit().textMargins().left() >= 6

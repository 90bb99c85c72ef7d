"""The panel of checks: what is found, which samples it is about, repairs, progress, cancel."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from studio.errors import Fix
from studio.project.project import Data, Project, SampleChanges, Setting
from studio.ui.background import Background
from studio.ui.samples.checks_panel import ChecksPanel
from studio.ui.samples.flaw_row import FlawRow
from tests.data.test_checks import plant_conflict, plant_duplicates, plant_missing, plant_outlier, wine, write

LONG = 60_000


@pytest.fixture
def panel(qtbot: QtBot):
    made = ChecksPanel()
    qtbot.addWidget(made)
    made.resize(1000, 300)
    made.show()
    qtbot.waitExposed(made)
    yield made
    for background in made.findChildren(Background):
        background.close()


@pytest.fixture
def flawed(tmp_path: Path) -> Data:
    """Wines with an outlier and four duplicates."""
    head, rows = wine()
    plant_outlier(head, rows)
    plant_duplicates(head, rows)
    return write(tmp_path, head, rows)


def texts(panel: ChecksPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def rows(panel: ChecksPanel) -> list[FlawRow]:
    return [row for row in panel.findChildren(FlawRow) if row.isVisible()]


def button(panel: ChecksPanel, text: str) -> QPushButton:
    return next(one for one in panel.findChildren(QPushButton) if one.accessibleName().startswith(text))


def done(panel: ChecksPanel, words: str) -> bool:
    return any(text.startswith(words) for text in texts(panel))


def test_before_there_is_data_it_says_what_it_will_do(panel: ChecksPanel) -> None:
    assert "No data yet" in texts(panel)
    assert any("duplicates" in text for text in texts(panel))


def test_quick_checks_run_by_themselves_and_all_on_request(
    panel: ChecksPanel, flawed: Data, tmp_path: Path, qtbot: QtBot
) -> None:
    counted: list[tuple[int, bool]] = []
    panel.counted.connect(lambda *told: counted.append(told))
    panel.show_data(flawed, tmp_path)
    qtbot.waitUntil(lambda: done(panel, "13 checks of 182 samples: 1 warning"), timeout=LONG)
    qtbot.waitUntil(lambda: [row.flaw.check for row in rows(panel)] == ["outliers"])
    qtbot.mouseClick(button(panel, "Open every file"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: done(panel, "20 checks of 182 samples: 2 warnings"), timeout=LONG)
    qtbot.waitUntil(lambda: [row.flaw.check for row in rows(panel)] == ["outliers", "duplicates"])
    assert counted[-1] == (2, False)


def test_show_lists_the_samples_of_a_flaw(
    panel: ChecksPanel, flawed: Data, tmp_path: Path, qtbot: QtBot
) -> None:
    panel.show_data(flawed, tmp_path)
    qtbot.waitUntil(lambda: len(rows(panel)) == 1, timeout=LONG)
    with qtbot.waitSignal(panel.show_requested) as shown:
        qtbot.mouseClick(button(panel, "Show"), Qt.MouseButton.LeftButton)
    assert shown.args[0] == (20,)
    rows(panel)[0].setFocus()
    with qtbot.waitSignal(panel.show_requested):
        qtbot.keyClick(rows(panel)[0], Qt.Key.Key_Return)


def test_a_repair_is_one_edit_after_which_it_is_looked_over_again(
    panel: ChecksPanel, flawed: Data, tmp_path: Path, qtbot: QtBot
) -> None:
    fixes: list[Fix] = []
    panel.fix_requested.connect(fixes.append)
    panel.show_data(flawed, tmp_path)
    qtbot.waitUntil(lambda: len(rows(panel)) == 1, timeout=LONG)
    qtbot.mouseClick(button(panel, "Exclude 1 outlier"), Qt.MouseButton.LeftButton)
    assert fixes[0].label == "Exclude 1 outlier"
    data = fixes[0].edit(Project(data=flawed)).data
    assert data.changes.excluded == ("20",)
    panel.show_data(data, tmp_path)
    qtbot.waitUntil(lambda: not rows(panel) and done(panel, "13 checks"), timeout=LONG)
    assert "Changed by you: 1 excluded" in texts(panel)
    assert any("Nothing found so far" in text for text in texts(panel))
    with qtbot.waitSignal(panel.filter_requested) as wanted:
        qtbot.mouseClick(button(panel, "List the samples that were changed"), Qt.MouseButton.LeftButton)
    assert wanted.args == ["changed"]
    qtbot.mouseClick(button(panel, "Use all samples"), Qt.MouseButton.LeftButton)
    assert fixes[1].edit(Project(data=data)).data.changes == SampleChanges()


def test_arrow_keys_go_from_flaw_to_flaw(panel: ChecksPanel, tmp_path: Path, qtbot: QtBot) -> None:
    head, lines = wine()
    plant_outlier(head, lines)
    lines[7][3] = "999.5"
    panel.show_data(write(tmp_path, head, lines), tmp_path)
    qtbot.waitUntil(lambda: len(rows(panel)) == 2, timeout=LONG)
    rows(panel)[0].setFocus()
    qtbot.keyClick(rows(panel)[0], Qt.Key.Key_Down)
    assert rows(panel)[1].hasFocus()
    qtbot.keyClick(rows(panel)[1], Qt.Key.Key_Up)
    assert rows(panel)[0].hasFocus()


def test_data_that_cannot_be_used_is_an_error_with_repairs(
    panel: ChecksPanel, tmp_path: Path, qtbot: QtBot
) -> None:
    head, lines = wine()
    plant_missing(head, lines)
    counted: list[tuple[int, bool]] = []
    panel.counted.connect(lambda *told: counted.append(told))
    panel.show_data(write(tmp_path, head, lines), tmp_path)
    qtbot.waitUntil(lambda: len(rows(panel)) == 2, timeout=LONG)
    assert rows(panel)[0].accessibleName().startswith("Error: wine.csv, row 11")
    assert counted[-1] == (2, True)
    fixes: list[Fix] = []
    panel.fix_requested.connect(fixes.append)
    qtbot.mouseClick(button(panel, "Put in the median"), Qt.MouseButton.LeftButton)
    data = fixes[0].edit(Project(data=write(tmp_path, head, lines))).data
    panel.show_data(data, tmp_path)
    qtbot.waitUntil(lambda: [row.flaw.level for row in rows(panel)] == ["note"], timeout=LONG)


def test_a_run_can_be_cancelled(panel: ChecksPanel, tmp_path: Path, qtbot: QtBot) -> None:
    head, lines = wine()
    plant_conflict(head, lines)
    data = write(tmp_path, head, lines * 400)
    panel.show_data(data, tmp_path)
    qtbot.waitUntil(lambda: button(panel, "End the checks").isVisible(), timeout=LONG)
    qtbot.mouseClick(button(panel, "End the checks"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: done(panel, "Cancelled: "), timeout=LONG)
    assert button(panel, "Open every file").isVisible()


def test_a_missing_file_is_told(panel: ChecksPanel, tmp_path: Path, qtbot: QtBot) -> None:
    panel.show_data(Data(Setting("CSV", {"path": "nowhere.csv"})), tmp_path)
    qtbot.waitUntil(lambda: any("nowhere.csv" in text for text in texts(panel)), timeout=LONG)


def test_pictures(panel: ChecksPanel, flawed: Data, tmp_path: Path, qtbot: QtBot, photograph) -> None:
    photograph(panel, "checks_none")
    panel.show_data(flawed, tmp_path)
    qtbot.waitUntil(lambda: len(rows(panel)) == 1, timeout=LONG)
    photograph(panel, "checks")

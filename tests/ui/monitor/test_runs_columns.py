"""The widths of the columns of the Runs panel: as what they say takes, also where nobody looked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QHeaderView, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from studio.train.events import Event
from studio.train.runs import RunInfo, read_run
from studio.ui.monitor.runs_model import NAME_COLUMN, STATUS_COLUMN
from studio.ui.monitor.runs_table import RunTable

EPOCHS_COLUMN = 3


@pytest.fixture
def info(digits: tuple[Path, list[Event]]) -> RunInfo:
    return read_run(digits[0])


@pytest.fixture
def table(qtbot: QtBot) -> RunTable:
    found = RunTable(lambda *_: True)
    qtbot.addWidget(found)
    found.resize(900, 300)
    return found


def named(info: RunInfo, *names: str) -> list[RunInfo]:
    return [replace(info, id=name, name=name, path=info.path.parent / name) for name in names]


def whole(table: RunTable, column: int) -> bool:
    """Whether all that a column says can be read."""
    return table.columnWidth(column) >= table.sizeHintForColumn(column) > 0


LONGER = "a_rather_long_name_of_a_project-012"


def test_names_that_come_while_the_table_is_hidden_have_room(table: RunTable, info: RunInfo) -> None:
    table.show_runs(named(info, "short-001"), {})
    path = info.path.parent / LONGER
    table.show_runs(named(info, LONGER, "short-001"), {path: {"training.epochs": 1}})
    table.show()
    assert whole(table, NAME_COLUMN)


def test_names_that_come_while_a_filter_hides_them_have_room(
    table: RunTable, info: RunInfo, qtbot: QtBot
) -> None:
    table.show()
    table.show_runs(named(info, "short-001", "short-002"), {})
    table.search("nowhere")
    table.show_runs(named(info, LONGER, "short-001", "short-002"), {})
    table.search("")
    assert whole(table, NAME_COLUMN)


def test_forks_have_room_for_their_names(table: RunTable, info: RunInfo) -> None:
    table.show()
    above, below = named(info, "short-001", LONGER)
    table.show_runs([above], {})
    table.show_runs([replace(below, parent={"id": "short-001", "epoch": 1}), above], {})
    assert whole(table, NAME_COLUMN)


def test_what_a_run_says_later_has_room(table: RunTable, info: RunInfo) -> None:
    table.show()
    runs = named(info, "short-001", "short-002")
    table.show_runs(runs, {})
    table.show_runs([replace(runs[0], limit="minutes", epochs_done=11750, epochs=200000), runs[1]], {})
    assert whole(table, STATUS_COLUMN)
    assert whole(table, EPOCHS_COLUMN)


def test_a_name_without_room_keeps_its_number(table: RunTable, info: RunInfo) -> None:
    table.show()
    table.show_runs(named(info, "x" * 150 + "-001", "x" * 150 + "-002"), {})
    assert not whole(table, NAME_COLUMN)
    option, index = QStyleOptionViewItem(), table.model().index(0, NAME_COLUMN)
    table.itemDelegateForIndex(index).initStyleOption(option, index)
    assert option.textElideMode == Qt.TextElideMode.ElideMiddle


def drag(qtbot: QtBot, header: QHeaderView, column: int, by: int) -> None:
    edge = QPoint(
        header.sectionViewportPosition(column) + header.sectionSize(column) - 1, header.height() // 2
    )
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(header.viewport(), left, pos=edge)
    qtbot.mouseMove(header.viewport(), edge + QPoint(by, 0))
    qtbot.mouseRelease(header.viewport(), left, pos=edge + QPoint(by, 0))


def test_a_width_that_was_set_by_hand_stays(table: RunTable, info: RunInfo, qtbot: QtBot) -> None:
    table.show()
    table.show_runs(named(info, "short-001", "short-002"), {})
    before = table.columnWidth(NAME_COLUMN)
    drag(qtbot, table.header(), NAME_COLUMN, -40)
    assert table.columnWidth(NAME_COLUMN) == before - 40
    runs = named(info, LONGER, "short-001", "short-002")
    table.show_runs(runs, {run.path: {"training.seed": at} for at, run in enumerate(runs)})
    table.show_queue([runs[0].path])
    assert table.columnWidth(NAME_COLUMN) == before - 40

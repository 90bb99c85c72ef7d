"""What layouts hold is told in their order, and leaves nothing behind that outlives the layouts' items."""

from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.ui.contents import contents, empty, widgets_in
from studio.ui.tab_order import stop_beside
from studio.ui.window import MainWindow
from tests.ui.windows import sample


def items_known() -> int:
    """How many items of layouts PySide knows by their address."""
    return [type(one).__name__ for one in shiboken6.getAllValidWrappers()].count("QWidgetItem")


def test_contents_come_in_order_without_spaces(qtbot: QtBot) -> None:
    panel = QWidget()
    qtbot.addWidget(panel)
    column, inner = QVBoxLayout(panel), QHBoxLayout()
    third, first, second = QLabel("3", panel), QLabel("1", panel), QLabel("2", panel)
    column.addLayout(inner)
    column.addStretch(1)
    column.addWidget(third)
    inner.addWidget(first)
    inner.addSpacing(5)
    inner.addWidget(second)
    before = items_known()
    assert contents(column) == [inner, third]
    assert widgets_in(column) == [third]
    assert widgets_in(inner) == [first, second]
    empty(inner)
    assert widgets_in(inner) == []
    assert widgets_in(column) == [third]
    assert items_known() == before


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_tab_goes_through_a_panel_and_leaves_nothing_behind(loaded: MainWindow) -> None:
    assert loaded.files.open_sample(sample("residual_digits"))
    before = items_known()
    for one in loaded.findChildren(QWidget):
        if one.isVisible() and one.layout() is not None:
            stop_beside(one, None, True)
    assert items_known() == before

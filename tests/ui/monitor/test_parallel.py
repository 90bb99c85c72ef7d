"""Parallel coordinates by the mouse: which runs a line stands for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from studio.ui.monitor.parallel import Axis, Parallel, apart
from studio.ui.theme import DARK, LIGHT, Tokens

NAMES = ("cnn-001", "cnn-002", "cnn-003")


@pytest.fixture
def parallel(qtbot: QtBot) -> Parallel:
    panel = Parallel()
    qtbot.addWidget(panel)
    panel.resize(700, 300)
    panel.show_axes(
        NAMES, [Axis("lr", (0.1, 0.1, 0.2)), Axis("epochs", (3, 3, 5)), Axis("Loss", (1.0, 1.0, 2.0), True)]
    )
    panel.show()
    return panel


def rest(qtbot: QtBot, panel: Parallel, at: QPoint) -> str:
    """What the tooltip says where the mouse moves to and stays."""
    qtbot.mouseMove(panel, at)
    QApplication.sendEvent(panel, QHelpEvent(QHelpEvent.Type.ToolTip, at, panel.mapToGlobal(at)))
    return QToolTip.text()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of popups
def test_a_tooltip_names_all_runs_under_the_mouse_and_stays(parallel: Parallel, qtbot: QtBot) -> None:
    both = ((parallel.place(0, 0.0) + parallel.place(1, 0.0)) / 2).toPoint()
    told = rest(qtbot, parallel, both)
    assert "cnn-001" in told
    assert "cnn-002" in told
    assert "cnn-003" not in told
    assert "A line is a run" not in told
    one = ((parallel.place(0, 1.0) + parallel.place(1, 1.0)) / 2).toPoint()
    assert rest(qtbot, parallel, one).startswith("cnn-003")
    nowhere = ((parallel.place(0, 0.5) + parallel.place(1, 0.5)) / 2).toPoint()
    assert "A line is a run" in rest(qtbot, parallel, nowhere)


@pytest.mark.parametrize("tokens", [DARK, LIGHT])
def test_names_at_the_right_end(
    parallel: Parallel, tokens: Tokens, dressed: Callable[[Tokens], None]
) -> None:
    dressed(tokens)
    parallel.set_tokens(tokens)
    named = parallel.grab().toImage()
    parallel.show_axes(("", "", ""), parallel.axes)
    parallel.show_axes(("xxx-001", "xxx-002", "xxx-003"), parallel.axes)
    assert parallel.grab().toImage() != named
    assert parallel.width() - parallel.place(2, 0.0).x() > 60


def test_names_do_not_cover_each_other() -> None:
    assert apart([10.0, 10.0, 50.0], 12.0, 60.0) == [10.0, 22.0, 50.0]
    assert apart([55.0, 55.0, 55.0], 12.0, 60.0) == [36.0, 48.0, 60.0]

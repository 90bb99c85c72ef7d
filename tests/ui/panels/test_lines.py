"""How the table of samples draws itself: where texts stand, and for how much there is room."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QSize
from PySide6.QtGui import QImage, QRegion
from PySide6.QtWidgets import QHeaderView
from pytestqt.qtbot import QtBot

from studio.ui.samples.lines import MARGIN, Lines
from studio.ui.samples.models import OWN, SampleTable
from studio.ui.theme import DARK

WIDTH, HEIGHT = 120, 24
Flag = QItemSelectionModel.SelectionFlag


class Shown:
    """Two columns of the same texts: words, and numbers."""

    def __init__(self, qtbot: QtBot, text: Callable[[int], str], rows: int = 40) -> None:
        arrived = SimpleNamespace(connect=lambda slot: None)
        pages = SimpleNamespace(
            arrived=arrived,
            at=lambda row: SimpleNamespace(cells=(text(row), text(row)), excluded=False),
            row=lambda place: place,
        )
        self.model = SampleTable(cast(Any, Pages(pages, rows)))
        self.model.begin(("words", "numbers"), frozenset({"numbers"}))
        self.model.end()
        self.view = Lines(self.model)
        self.view.setSelectionBehavior(Lines.SelectionBehavior.SelectRows)
        for column in range(OWN):
            self.view.setColumnHidden(column, True)
        for header, size in ((self.view.horizontalHeader(), WIDTH), (self.view.verticalHeader(), HEIGHT)):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setDefaultSectionSize(size)
        qtbot.addWidget(self.view)
        self.view.setFrameStyle(0)
        self.view.horizontalHeader().hide()
        self.view.verticalHeader().hide()
        self.view.resize(QSize(2 * WIDTH + 40, 5 * HEIGHT))
        self.view.setStyleSheet(f"background: {DARK.panel}; border: 0")
        self.view.show()

    def pixels(self, row: int, column: int) -> np.ndarray:
        """The pixels of a cell."""
        viewport = self.view.viewport()
        image = QImage(viewport.size(), QImage.Format.Format_RGB32)
        viewport.render(image, renderFlags=viewport.RenderFlag.DrawWindowBackground, sourceRegion=QRegion())
        found = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
        top = self.view.rowViewportPosition(row)
        return found[top : top + HEIGHT, column * WIDTH : (column + 1) * WIDTH].copy()


class Pages:
    """The samples, as many as are wanted."""

    def __init__(self, pages: SimpleNamespace, count: int) -> None:
        self.arrived, self.at, self.row, self._count = pages.arrived, pages.at, pages.row, count

    def __len__(self) -> int:
        return self._count


def ink(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows and the columns that a text touches."""
    return np.flatnonzero((pixels != pixels[0, 0]).any(1)), np.flatnonzero((pixels != pixels[0, 0]).any(0))


@pytest.mark.parametrize("chosen", [False, True])
def test_texts_begin_left_numbers_end_right_and_both_stand_in_the_middle(qtbot: QtBot, chosen: bool) -> None:
    shown = Shown(qtbot, lambda row: "H12")
    if chosen:
        shown.view.selectRow(0)
    rows, columns = ink(shown.pixels(0, 0))
    assert MARGIN - 1 <= columns[0] <= MARGIN + 3
    assert abs(rows.mean() - (HEIGHT - 1) / 2) <= 2.5
    _, columns = ink(shown.pixels(0, 1))
    assert WIDTH - MARGIN - 4 <= columns[-1] <= WIDTH - MARGIN


def test_long_texts_are_cut_and_lines_are_one(qtbot: QtBot) -> None:
    texts = ["H" * 200, "one\ntwo", "-", "one two", ""]
    shown = Shown(qtbot, lambda row: texts[row % 5])
    _, columns = ink(shown.pixels(0, 0))
    assert columns[-1] < WIDTH - MARGIN + 1
    assert np.array_equal(shown.pixels(1, 0), shown.pixels(3, 0))
    assert not len(ink(shown.pixels(4, 0))[0])


def test_every_other_row_has_another_ground_and_chosen_ones_too(qtbot: QtBot) -> None:
    shown = Shown(qtbot, lambda row: "")
    even, odd = shown.pixels(0, 0)[0, 0], shown.pixels(1, 0)[0, 0]
    assert even != odd
    assert shown.pixels(3, 1)[5, 5] == odd
    shown.view.selectRow(1)
    shown.view.selectionModel().select(shown.model.index(3, OWN), Flag.Select | Flag.Rows)
    chosen = shown.pixels(1, 0)[0, 0]
    assert chosen not in (even, odd)
    assert [shown.pixels(row, 1)[2, 2] == chosen for row in range(4)] == [False, True, False, True]


def test_the_rows_in_sight_are_drawn_wherever_it_is_scrolled_to(qtbot: QtBot) -> None:
    shown = Shown(qtbot, lambda row: "" if row != 30 else "H")
    shown.view.scrollTo(shown.model.index(30, OWN), Lines.ScrollHint.PositionAtTop)
    assert len(ink(shown.pixels(30, 0))[0])
    assert not len(ink(shown.pixels(31, 0))[0])
    shown.view.verticalScrollBar().setValue(shown.view.verticalScrollBar().maximum())
    assert not len(ink(shown.pixels(39, 0))[0])

"""How a cell of the table of samples is drawn: where its text stands, and for how much there is room."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QRect
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from studio.ui.samples.cell_delegate import MARGIN, CellDelegate
from studio.ui.theme import DARK

WIDTH, HEIGHT = 120, 24


def drawn(qapp: Any, text: str, number: bool = False, chosen: bool = False) -> np.ndarray:
    """The pixels of a cell."""
    model = SimpleNamespace(cell=lambda row, column: (text, False), is_number=lambda column: number)
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, WIDTH, HEIGHT)
    option.font = QFont(qapp.font())
    option.fontMetrics = QFontMetrics(option.font)
    option.state = QStyle.StateFlag.State_Selected if chosen else QStyle.StateFlag.State_None
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor(DARK.field))
    painter = QPainter(image)
    painter.setFont(option.font)
    CellDelegate(cast(Any, model)).paint(painter, option, QModelIndex())
    painter.end()
    return np.frombuffer(image.constBits(), np.uint32).reshape(HEIGHT, WIDTH).copy()


def ink(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows and the columns that a text touches."""
    return np.flatnonzero((pixels != pixels[0, 0]).any(1)), np.flatnonzero((pixels != pixels[0, 0]).any(0))


@pytest.mark.parametrize("chosen", [False, True])
def test_texts_begin_left_numbers_end_right_and_both_stand_in_the_middle(qapp: Any, chosen: bool) -> None:
    rows, columns = ink(drawn(qapp, "H12", chosen=chosen))
    assert MARGIN - 1 <= columns[0] <= MARGIN + 3
    assert abs(rows.mean() - (HEIGHT - 1) / 2) <= 2.5
    _, columns = ink(drawn(qapp, "H12", number=True, chosen=chosen))
    assert WIDTH - MARGIN - 4 <= columns[-1] <= WIDTH - MARGIN


def test_long_texts_are_cut_and_lines_are_one(qapp: Any) -> None:
    _, columns = ink(drawn(qapp, "H" * 200))
    assert columns[-1] < WIDTH - MARGIN + 1
    assert np.array_equal(drawn(qapp, "one\ntwo"), drawn(qapp, "one two"))
    assert not len(ink(drawn(qapp, ""))[0])
    assert drawn(qapp, "", chosen=True)[0, 0] != drawn(qapp, "")[0, 0]

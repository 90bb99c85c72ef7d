"""How the sheet of pictures draws itself: what is chosen, and what the pointer is over, has a ground."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint
from PySide6.QtGui import QColor, QImage, QRegion
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.project.project import Data, Setting
from studio.ui.data_view import DataView
from studio.ui.samples.sheet import TILE, Sheet
from studio.ui.theme import DARK, LIGHT
from tests.ui.windows import LONG

DIGITS = Data(Setting("ScikitLearn", {"dataset": "digits"}))


@pytest.fixture
def sheet(qtbot: QtBot) -> Sheet:
    view = DataView()
    qtbot.addWidget(view)
    view.resize(900, 600)
    view.show()
    view.show_data(DIGITS, Path())
    found = view.findChild(Sheet)
    assert isinstance(found, Sheet)
    qtbot.waitUntil(
        lambda: found.model().rowCount() > 0 and found.model().sample(0) is not None, timeout=LONG
    )
    found.holder = view  # pyright: ignore
    return found


def tile(sheet: Sheet, place: int) -> np.ndarray:
    """The pixels of a tile in sight."""
    viewport = sheet.viewport()
    image = QImage(viewport.size(), QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    viewport.render(image, QPoint(), QRegion(), viewport.RenderFlag.DrawWindowBackground)
    found = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    box = sheet.visualRect(sheet.model().at(place))
    return found[box.top() : box.bottom() + 1, box.left() : box.right() + 1].copy()


def test_each_sample_has_its_picture_and_caption_wherever_it_is_scrolled_to(
    sheet: Sheet, qtbot: QtBot
) -> None:
    first = tile(sheet, 0)
    assert first.shape == (TILE.height(), TILE.width())
    assert (first[8:60, 8:60] != first[1, 1]).any()
    assert (first[72:] != first[1, 1]).any()
    sheet.verticalScrollBar().setValue(sheet.verticalScrollBar().maximum())
    last = sheet.model().count - 1
    qtbot.waitUntil(lambda: sheet.model().sample(last) is not None, timeout=LONG)
    assert (tile(sheet, last)[72:] != first[1, 1]).any()


def test_chosen_and_pointed_tiles_are_marked(sheet: Sheet, qtbot: QtBot) -> None:
    plain = [tile(sheet, at) for at in range(4)]
    model = sheet.model()
    sheet.selectionModel().select(model.at(1), QItemSelectionModel.SelectionFlag.Select)
    chosen = tile(sheet, 1)
    assert (chosen != plain[1]).any()
    QTest.mouseMove(sheet.viewport(), sheet.visualRect(model.at(2)).center())
    qtbot.waitUntil(lambda: bool((tile(sheet, 2) != plain[2]).any()), timeout=LONG)
    pointed = tile(sheet, 2)
    assert pointed[1, TILE.width() // 2] != chosen[1, TILE.width() // 2]
    QTest.mouseMove(sheet.viewport(), sheet.visualRect(model.at(3)).center())
    qtbot.waitUntil(lambda: bool((tile(sheet, 3) != plain[3]).any()), timeout=LONG)
    assert np.array_equal(tile(sheet, 2), plain[2])
    sheet.set_tokens(LIGHT)
    assert (tile(sheet, 1) != chosen).any()
    sheet.set_tokens(DARK)
    assert np.array_equal(tile(sheet, 1), chosen)

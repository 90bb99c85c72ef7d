"""The palette with real keys and clicks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QTreeWidget, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from studio.catalog.registry import registry
from studio.ui.palette import Palette
from studio.ui.palette_tree import MIME


@pytest.fixture
def palette(qtbot: QtBot) -> Palette:
    made = Palette(registry())
    qtbot.addWidget(made)
    made.resize(240, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


def search(palette: Palette) -> QLineEdit:
    return palette.findChild(QLineEdit)


def tree(palette: Palette) -> QTreeWidget:
    return palette.findChild(QTreeWidget)


def shown(palette: Palette) -> list[str]:
    view = tree(palette)
    tops = [view.topLevelItem(row) for row in range(view.topLevelItemCount())]
    leaves = [top.child(row) for top in tops if not top.isHidden() for row in range(top.childCount())]
    return [leaf.text(0) for leaf in leaves if not leaf.isHidden()]


def leaf(palette: Palette, type_: str) -> QTreeWidgetItem:
    found = tree(palette).findItems(type_, Qt.MatchFlag.MatchRecursive | Qt.MatchFlag.MatchExactly)
    return found[-1]


def test_shows_every_layer_with_its_doc(palette: Palette) -> None:
    layers = registry().layers
    assert sorted(shown(palette)) == sorted(layers)
    assert layers["ReLU"].doc.split(":")[0] in leaf(palette, "ReLU").toolTip(0)


def test_typing_chooses_the_best_and_enter_places_it(palette: Palette, qtbot: QtBot) -> None:
    palette.focus_search()
    qtbot.keyClicks(search(palette), "cv2")
    assert tree(palette).currentItem().text(0) == "Conv2d"
    assert "Linear" not in shown(palette)
    with qtbot.waitSignal(palette.place_requested) as placed:
        qtbot.keyClick(search(palette), Qt.Key.Key_Return)
    assert placed.args == ["Conv2d"]
    qtbot.keyClick(search(palette), Qt.Key.Key_Escape)
    assert search(palette).text() == ""
    assert "Linear" in shown(palette)
    with qtbot.waitSignal(palette.left):
        qtbot.keyClick(search(palette), Qt.Key.Key_Escape)


def test_a_keyword_finds_the_layer(palette: Palette, qtbot: QtBot) -> None:
    qtbot.keyClicks(search(palette), "dense")
    assert tree(palette).currentItem().text(0) == "Linear"


def test_arrow_keys_in_the_search_move_the_choice(palette: Palette, qtbot: QtBot) -> None:
    qtbot.keyClicks(search(palette), "conv")
    first = tree(palette).currentItem()
    qtbot.keyClick(search(palette), Qt.Key.Key_Down)
    assert tree(palette).currentItem() is not first
    qtbot.keyClick(search(palette), Qt.Key.Key_Up)
    assert tree(palette).currentItem() is first


def test_nothing_found_says_so_and_enter_places_nothing(palette: Palette, qtbot: QtBot) -> None:
    placed: list[str] = []
    palette.place_requested.connect(placed.append)
    qtbot.keyClicks(search(palette), "zzqx")
    says = [label for label in palette.findChildren(QLabel) if label.isVisible()]
    assert any("zzqx" in label.text() for label in says)
    qtbot.keyClick(search(palette), Qt.Key.Key_Return)
    assert placed == []


def test_double_click_places_and_a_heading_folds(palette: Palette, qtbot: QtBot) -> None:
    view = tree(palette)
    rect = view.visualItemRect(leaf(palette, "Conv2d"))
    with qtbot.waitSignal(palette.place_requested) as placed:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
        qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert placed.args == ["Conv2d"]
    head = leaf(palette, "Conv2d").parent()
    at = view.visualItemRect(head).topLeft() + QPoint(30, 8)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert not head.isExpanded()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert head.isExpanded()


def test_keyboard_alone_places_from_the_list(palette: Palette, qtbot: QtBot) -> None:
    view = tree(palette)
    view.setFocus()
    view.setCurrentItem(leaf(palette, "ReLU"))
    with qtbot.waitSignal(palette.place_requested) as placed:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert placed.args == ["ReLU"]


def test_a_drag_carries_the_type(palette: Palette) -> None:
    data = tree(palette).mimeData([leaf(palette, "Conv2d")])
    assert bytes(data.data(MIME)) == b"Conv2d"


def test_picture(palette: Palette, photograph) -> None:
    search(palette).setText("norm")
    photograph(palette, "palette_search")
    search(palette).clear()
    photograph(palette, "palette")

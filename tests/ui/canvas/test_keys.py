"""Keyboard: walking, nudging, deleting, copying, renaming, searching."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.catalog.registry import registry
from studio.project import edits
from studio.ui.canvas.ranking import ranked
from studio.ui.canvas.rename import NameField
from studio.ui.canvas.search import SearchBox
from tests.ui.canvas.conftest import Hands

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


def test_arrow_keys_walk_along_wires_and_to_neighbours(hands: Hands) -> None:
    walked = []
    for key in (Key.Key_Right, Key.Key_Right, Key.Key_Down, Key.Key_Right, Key.Key_Left):
        hands.key(key)
        walked.append(hands.canvas.selection[0])
    assert walked == ["images", "conv1", "conv2", "merge", "conv1"]


def test_ctrl_and_arrow_keys_nudge_and_a_burst_is_one_step(hands: Hands) -> None:
    before = hands.project
    hands.canvas.select(["relu"])
    for _ in range(3):
        hands.key(Key.Key_Right, CTRL)
    hands.key(Key.Key_Down, CTRL | SHIFT)
    assert hands.project.graph.nodes["relu"].position == (492.0, 272.0)
    assert hands.session.undo_stack.count() == 1
    hands.undo()
    assert hands.project == before


def test_delete_removes_nodes_with_their_wires(hands: Hands) -> None:
    hands.canvas.select(["conv1", "merge", "relu"])
    hands.key(Key.Key_Delete)
    assert set(hands.project.graph.nodes) == {"images", "conv2", "flat", "loss"}
    assert hands.wires == ["images -> conv2.input0", "flat -> loss.prediction0"]
    assert hands.last_step == "Delete 3 nodes"
    assert hands.canvas.selection == ()


def test_cut_and_paste_bring_nodes_back_with_the_wires_between_them(hands: Hands) -> None:
    hands.canvas.select(["conv1", "merge"])
    hands.key(Key.Key_X, CTRL)
    assert "conv1" not in hands.project.graph.nodes
    hands.key(Key.Key_V, CTRL)
    assert "conv1 -> merge.inputs0" in hands.wires
    assert set(hands.canvas.selection) == {"conv1", "merge"}
    assert hands.last_step == "Paste 2 nodes"


def test_pasting_what_is_no_piece_of_a_project_says_so_and_changes_nothing(hands: Hands) -> None:
    before, told = hands.project, []
    hands.canvas.status.connect(told.append)
    QGuiApplication.clipboard().setText("just words")
    hands.key(Key.Key_V, CTRL)
    assert hands.project is before
    assert len(told) == 1
    assert "neither nodes nor PyTorch code" in told[0]


def test_pasting_an_object_that_is_no_project_is_told_in_words_that_fit_pasting(hands: Hands) -> None:
    before, told = hands.project, []
    hands.canvas.status.connect(told.append)
    for text in ('{"nodes": []}', '{"format": 1}'):
        QGuiApplication.clipboard().setText(text)
        hands.key(Key.Key_V, CTRL)
    assert hands.project is before
    assert all(one.startswith("What was copied: expected ") for one in told)
    assert all(one.endswith(". Copy some nodes first, then paste them.") for one in told)
    assert len(told) == 2


def test_copying_with_nothing_selected_leaves_the_clipboard_alone(hands: Hands) -> None:
    QGuiApplication.clipboard().setText("mine")
    hands.key(Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "mine"


def test_duplicate_selects_the_copies(hands: Hands) -> None:
    hands.canvas.select(["conv1"])
    hands.key(Key.Key_D, CTRL)
    assert hands.canvas.selection == ("conv3",)
    assert hands.last_step == "Duplicate conv1"
    hands.undo()
    assert hands.canvas.selection == ("conv1",)


def test_m_mutes_and_unmutes(hands: Hands) -> None:
    hands.canvas.select(["conv1", "relu"])
    hands.key(Key.Key_M)
    assert [name for name, node in hands.project.graph.nodes.items() if node.muted] == ["conv1", "relu"]
    hands.key(Key.Key_M)
    assert not any(node.muted for node in hands.project.graph.nodes.values())
    assert hands.last_step == "Unmute 2 nodes"


def test_ctrl_a_selects_all_and_escape_nothing(hands: Hands) -> None:
    hands.key(Key.Key_A, CTRL)
    assert len(hands.canvas.selection) == 7
    hands.key(Key.Key_Escape)
    assert hands.canvas.selection == ()


def test_a_name_is_given_up_when_its_node_goes(hands: Hands) -> None:
    hands.canvas.select(["relu"])
    hands.key(Key.Key_F2)
    field = hands.canvas.findChild(NameField)
    assert field is not None
    QTest.keyClicks(field, "late")
    hands.session.commit(edits.delete(hands.project, ["relu"]), "Delete relu")
    assert not field.isVisible()
    QTest.keyClick(field, Key.Key_Return)
    assert "late" not in hands.project.graph.nodes
    hands.undo()
    assert "relu" in hands.project.graph.nodes


def test_f2_renames_in_place_and_explains_a_name_that_will_not_do(hands: Hands) -> None:
    hands.canvas.select(["conv1"])
    hands.key(Key.Key_F2)
    field = hands.canvas.findChild(NameField)
    assert field is not None
    assert field.hasFocus()
    for wrong, said in (("2nd", "a name is letters"), ("merge", "already"), ("forward", "PyTorch")):
        field.selectAll()
        QTest.keyClicks(field, wrong)
        QTest.keyClick(field, Key.Key_Return)
        assert field.isVisible()
        assert said.casefold() in field.reason.text().casefold()
    field.selectAll()
    QTest.keyClicks(field, "stem")
    assert not field.reason.isVisible()
    QTest.keyClick(field, Key.Key_Return)
    assert not field.isVisible()
    assert "stem -> merge.inputs0" in hands.wires
    assert hands.canvas.selection == ("stem",)
    assert hands.last_step == "Rename conv1 to stem"
    assert hands.canvas.view.hasFocus()


@pytest.mark.parametrize("corner", ["bottomRight", "topLeft"])
def test_a_long_reason_against_a_name_wraps_and_stays_on_the_canvas(hands: Hands, corner: str) -> None:
    view, body = hands.canvas.view, hands.canvas.scene.nodes["relu"].body
    hands.canvas.scene.look.minimap = False  # the node would be brought out from under it
    view.center_at(body.center() + (view.seen().center() - getattr(view.seen(), corner)()) * 0.9)
    hands.canvas.select(["relu"])
    hands.key(Key.Key_F2)
    field = hands.canvas.findChild(NameField)
    QTest.keyClicks(field, "a long name with spaces, which no name can have")
    room = hands.canvas.rect()
    shown = [field.reason, field.offer]
    assert all(one.isVisible() and room.contains(one.geometry()) for one in shown)
    assert not any(one.geometry().intersects(field.geometry()) for one in shown)
    assert field.reason.width() <= 360
    assert field.reason.height() >= field.reason.heightForWidth(field.reason.width())
    assert not field.reason.geometry().intersects(field.offer.geometry())
    assert (field.reason.y() < field.y()) == (corner == "bottomRight")


def test_a_name_that_is_taken_says_so_while_it_is_typed_and_offers_a_free_one(hands: Hands) -> None:
    """Rename with F2: names stay valid and unique."""
    hands.canvas.select(["conv1"])
    hands.key(Key.Key_F2)
    field = hands.canvas.findChild(NameField)
    assert field is not None
    QTest.keyClicks(field, "conv2")
    assert field.reason.isVisible()
    assert field.reason.text() == "There is a node conv2 already"
    assert field.offer.accessibleName() == "Use the name conv3"
    QTest.keyClicks(field, " wide")
    assert "letters, digits" in field.reason.text()
    QTest.keyClick(field, Key.Key_Tab)
    assert field.text() == "conv2_wide"
    assert not field.reason.isVisible()
    QTest.keyClicks(field, "!")
    QTest.mouseClick(field.offer, Qt.MouseButton.LeftButton)
    assert field.hasFocus()
    QTest.keyClick(field, Key.Key_Return)
    assert hands.last_step == "Rename conv1 to conv2_wide"


def test_escape_keeps_the_old_name(hands: Hands) -> None:
    before = hands.project
    hands.canvas.select(["conv1"])
    hands.key(Key.Key_F2)
    field = hands.canvas.findChild(NameField)
    assert field is not None
    QTest.keyClicks(field, "other")
    QTest.keyClick(field, Key.Key_Escape)
    assert hands.project is before
    assert not field.isVisible()


@pytest.mark.parametrize("key", [Key.Key_Tab, Key.Key_Space])
def test_tab_and_space_open_the_search_and_enter_places_the_layer(hands: Hands, key: Qt.Key) -> None:
    hands.key(key)
    box = hands.canvas.findChild(SearchBox)
    assert box is not None
    assert box.field.hasFocus()
    QTest.keyClicks(box.field, "conv")
    first = box.list.currentItem().text()
    QTest.keyClick(box.field, Key.Key_Down)
    second = box.list.currentItem().text()
    assert first != second
    QTest.keyClick(box.field, Key.Key_Return)
    assert hands.project.graph.nodes[hands.canvas.selection[0]].type == second
    assert not box.isVisible()


def test_the_search_says_when_nothing_fits_and_offers_what_was_used_lately_first(hands: Hands) -> None:
    hands.key(Key.Key_Space)
    box = hands.canvas.findChild(SearchBox)
    assert box is not None
    QTest.keyClicks(box.field, "zzzz")
    assert box.list.count() == 0
    QTest.keyClick(box.field, Key.Key_Return)
    assert box.isVisible()
    box.field.selectAll()
    QTest.keyClicks(box.field, "tanh")
    QTest.keyClick(box.field, Key.Key_Return)
    hands.key(Key.Key_Escape)
    hands.key(Key.Key_Space)
    assert box.list.item(0).text() == "Tanh"
    QTest.keyClick(box.field, Key.Key_Escape)


def test_home_fits_and_one_shows_at_100_percent(hands: Hands, qtbot: QtBot) -> None:
    travel = hands.canvas.view.travel
    hands.canvas.zoom_to(3.0)
    hands.key(Key.Key_Home)
    qtbot.waitUntil(lambda: not travel.going)
    seen = hands.canvas.view.seen()
    assert all(seen.contains(item.body) for item in hands.canvas.scene.nodes.values())
    hands.canvas.zoom_to(0.2)
    hands.key(Key.Key_1)
    qtbot.waitUntil(lambda: not travel.going)
    assert hands.canvas.zoom == 1.0
    hands.canvas.select(["relu"])
    hands.key(Key.Key_Period)
    qtbot.waitUntil(lambda: not travel.going)
    middle = hands.canvas.view.seen().center() - hands.canvas.scene.nodes["relu"].body.center()
    assert middle.manhattanLength() < 3


def test_shift_tab_leaves_the_canvas(hands: Hands) -> None:
    hands.key(Key.Key_Tab, SHIFT)
    box = hands.canvas.findChild(SearchBox)
    assert box is not None
    assert not box.isVisible()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_keyboard_menu_offers_what_can_be_done_with_the_node(hands: Hands) -> None:
    hands.canvas.select(["conv1"])
    hands.key(Key.Key_Menu)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    texts = [action.text().replace("&", "").partition("\t")[0] for action in menu.actions() if action.text()]
    wanted = [
        "Rename",
        "Replace by…",
        "Mute or unmute",
        "Duplicate",
        "Wires",
        "Make a block…",
        "Arrange",
        "Select",
    ]
    wanted += ["Cut", "Copy", "Delete", "Export selection…"]
    assert [text for text in texts if text in wanted] == wanted
    QTest.keyClick(menu, Key.Key_Escape)


def test_layers_whose_own_name_fits_come_before_those_with_a_keyword_that_does() -> None:
    found = [layer.type for layer in ranked("norm", registry().layers.values())]
    named = [type for type in found if "norm" in type.casefold()]
    assert len(named) >= 4
    assert found[: len(named)] == named


def test_tab_pressed_on_and_on_adds_nothing(hands: Hands) -> None:
    before = hands.project
    for _ in range(4):
        QTest.keyClick(QApplication.focusWidget(), Key.Key_Tab)
    assert hands.project is before
    assert hands.canvas.view.hasFocus()

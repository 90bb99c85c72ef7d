"""The card of a node's problems keeps out of the way of busy hands and of nodes that have just come."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from studio.ui.canvas.card import ProblemCard
from studio.ui.canvas.search import SearchBox
from tests.ui.canvas.conftest import LEFT, NONE, Hands

Key, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def wrong(hands: Hands) -> Hands:
    """The small network, whose branches do not fit, checked."""
    hands.check()
    return hands


def is_shown(hands: Hands) -> bool:
    card = hands.canvas.findChild(ProblemCard)
    assert card is not None
    return card.isVisible()


def test_a_click_on_a_node_with_errors_shows_them(wrong: Hands) -> None:
    wrong.click(wrong.at("merge"))
    assert is_shown(wrong)
    wrong.click(wrong.at("conv1"))
    assert not is_shown(wrong)


def test_a_card_waits_until_the_node_is_let_go(wrong: Hands) -> None:
    start = wrong.at("merge")
    QTest.mousePress(wrong.port, LEFT, NONE, start)
    assert wrong.canvas.selection == ("merge",)
    assert not is_shown(wrong)
    wrong.drag_on(start + QPoint(30, 40))
    wrong.check()  # an answer that comes in the midst of the drag
    assert not is_shown(wrong)
    QTest.mouseRelease(wrong.port, LEFT, NONE, start + QPoint(30, 40))
    assert is_shown(wrong)


def test_a_card_makes_way_for_a_wire_in_hand(wrong: Hands) -> None:
    wrong.click(wrong.at("merge"))
    start, end = wrong.place("relu", "out", "output"), wrong.place("merge", "in", "inputs", 1)
    wrong.drag(start, end + QPoint(0, 60), release=False)
    assert not is_shown(wrong)
    wrong.key(Key.Key_Escape)
    assert is_shown(wrong)


def test_a_copy_shows_its_errors_once_somebody_looks_at_it(wrong: Hands) -> None:
    wrong.click(wrong.at("merge"))
    wrong.key(Key.Key_D, CTRL)
    copy = wrong.canvas.selection[0]
    assert copy != "merge"
    wrong.check()
    assert any(one.severity == "error" for one in wrong.canvas.scene.problems(copy))
    assert not is_shown(wrong)
    wrong.click(wrong.at(copy))
    assert is_shown(wrong)


def test_what_was_pasted_shows_its_errors_where_its_problem_is_gone_to(wrong: Hands) -> None:
    wrong.click(wrong.at("merge"))
    wrong.key(Key.Key_C, CTRL)
    wrong.key(Key.Key_V, CTRL)
    wrong.check()
    assert not is_shown(wrong)
    wrong.canvas.reveal(wrong.canvas.selection[0])
    assert is_shown(wrong)


def test_a_new_layer_shows_its_errors_when_it_is_selected_again(wrong: Hands) -> None:
    wrong.click(wrong.empty())
    wrong.canvas.open_search()
    box = wrong.canvas.findChild(SearchBox)
    assert box is not None
    QTest.keyClicks(box.focusWidget(), "cross")
    QTest.keyClick(box.focusWidget(), Key.Key_Return)
    (name,) = wrong.canvas.selection
    wrong.check()
    assert any(one.severity == "error" for one in wrong.canvas.scene.problems(name))
    assert not is_shown(wrong)
    wrong.key(Key.Key_Escape)
    assert wrong.canvas.selection == ()
    wrong.canvas.select([name])
    assert is_shown(wrong)

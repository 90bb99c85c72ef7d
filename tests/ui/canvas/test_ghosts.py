"""Problems on the canvas: the count, the card with every fix, and each fix as a ghost before it applies."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.errors import Fix
from studio.project import edits
from studio.project.graph import Endpoint
from studio.ui.canvas.card import ProblemCard
from studio.ui.canvas.drawing import BADGE
from studio.ui.canvas.vision import Turn, Vision
from studio.ui.fix_button import FixButton
from tests.ui.canvas.conftest import LEFT, Hands, small_network, wired
from tests.ui.windows import LONG

Key = Qt.Key


@pytest.fixture
def wrong(hands: Hands) -> Hands:
    """The small network, whose branches do not fit, checked and with the merge selected."""
    hands.check()
    hands.canvas.zoom_to(1.0)
    hands.click(hands.at("merge"))
    return hands


def cards(hands: Hands) -> list[ProblemCard]:
    return [one for one in hands.canvas.findChildren(ProblemCard) if one.isVisible()]


def card(hands: Hands) -> ProblemCard:
    found = cards(hands)
    assert len(found) == 1
    return found[0]


def fixes(hands: Hands) -> list[FixButton]:
    return [one for one in card(hands).findChildren(FixButton) if one.isVisible()]


def others(hands: Hands) -> list[QPushButton]:
    """The card's buttons that are no fixes."""
    buttons = [one for one in card(hands).findChildren(QPushButton) if one.isVisible()]
    return [one for one in buttons if not isinstance(one, FixButton)]


def badge(hands: Hands, node: str) -> QPoint:
    body = hands.canvas.scene.nodes[node].body
    return hands.pixel(QPointF(body.right() - 8, body.top() - 3))


def hover(widget: QWidget) -> None:
    """The pointer comes to a widget."""
    at = QPointF(widget.rect().center())
    QApplication.sendEvent(widget, QEnterEvent(at, at, QPointF(widget.mapToGlobal(at))))


def leave(widget: QWidget) -> None:
    from PySide6.QtCore import QEvent

    QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))


def picture(hands: Hands) -> QImage:
    return hands.port.grab().toImage()


def vision(hands: Hands) -> Vision:
    return hands.canvas.ghost.vision


class TestBadge:
    """Badge with count; click shows the sentence and the ranked fixes."""

    def test_a_click_on_it_shows_the_card(self, hands: Hands) -> None:
        hands.check()
        hands.canvas.select(("conv1", "merge"))
        assert not cards(hands)
        hands.click(badge(hands, "merge"))
        assert hands.canvas.selection == ("merge",)
        assert card(hands).isVisible()
        assert fixes(hands)

    def test_mere_warnings_wait_until_somebody_asks(self, hands: Hands) -> None:
        equal = edits.set_params(small_network(), "conv2", {"out_channels": 8})
        hands.session.new(wired(equal, "conv1 -> relu"))
        hands.check()
        told = hands.canvas.scene.problems("relu")
        assert {one.severity for one in told} == {"warning"}
        hands.canvas.select(("relu",))
        assert not cards(hands)
        hands.click(badge(hands, "relu"))
        assert card(hands).isVisible()
        hands.canvas.select(("conv1",))
        hands.canvas.select(("relu",))
        assert not cards(hands)
        hands.key(Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
        assert card(hands).isVisible()

    def test_every_problem_and_every_fix_can_be_reached(self, hands: Hands) -> None:
        project = edits.set_params(
            small_network(), "conv1", {"out_channels": 0, "kernel_size": -1, "slope": 2}
        )
        hands.session.new(project)
        checked = hands.check()
        told = [one for one in checked.problems if one.node == "conv1"]
        face = hands.canvas.scene.nodes["conv1"].face
        assert face.errors + face.warnings == len(told) > 1
        hands.click(badge(hands, "conv1"))
        seen: set[str] = set()
        for _ in told:
            more = [one for one in others(hands) if "more fix" in one.text()]
            if more:
                QTest.mouseClick(more[0], LEFT)
            seen |= {one.accessibleName() for one in fixes(hands)}
            [following] = [one for one in others(hands) if "show the next" in one.text()]
            QTest.mouseClick(following, LEFT)
        assert seen == {fix.label for one in told for fix in one.fixes}
        assert hands.canvas.rect().contains(card(hands).geometry())

    def test_by_the_keyboard(self, wrong: Hands) -> None:
        wrong.key(Key.Key_Return, Qt.KeyboardModifier.AltModifier)
        assert fixes(wrong)[0].hasFocus()
        assert vision(wrong)
        QTest.keyClick(fixes(wrong)[0], Key.Key_Tab)
        assert not fixes(wrong)[0].hasFocus()
        QTest.keyClick(QApplication.focusWidget(), Key.Key_Escape)
        assert wrong.canvas.view.hasFocus()
        assert wrong.canvas.selection == ("merge",)
        assert not vision(wrong)

    @pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter, Key.Key_Space])
    def test_a_key_applies_it(self, wrong: Hands, qtbot: QtBot, key: Qt.Key) -> None:
        """Problems show the ranked fixes: the one that has the keyboard is taken by Enter or Space."""
        wrong.key(Key.Key_Return, Qt.KeyboardModifier.AltModifier)
        with qtbot.waitSignal(wrong.canvas.fix_requested, timeout=LONG):
            QTest.keyClick(fixes(wrong)[0], key)

    def test_the_wrong_value_is_marked_on_its_line(self, hands: Hands) -> None:
        hands.session.new(edits.set_params(small_network(), "conv1", {"out_channels": 0}))
        hands.check()
        rows = {row.label: row.wrong for row in hands.canvas.scene.nodes["conv1"].face.rows}
        assert rows["out_channels"] == "error"
        assert rows["kernel_size"] is None
        hands.session.commit(edits.set_params(hands.project, "conv1", {"out_channels": 8}), "Mend")
        hands.check()
        assert not any(row.wrong for row in hands.canvas.scene.nodes["conv1"].face.rows)

    def test_near_the_badge_the_node_is_pressed(self, wrong: Hands) -> None:
        wrong.canvas.select(("merge", "conv1"))
        body = wrong.canvas.scene.nodes["merge"].body
        wrong.click(
            wrong.pixel(QPointF(body.center().x(), body.top() + BADGE)),
            Qt.KeyboardModifier.ControlModifier,
        )
        assert wrong.canvas.selection == ("conv1",)


class TestGhost:
    """A fix previews as a ghost before it applies."""

    def test_it_comes_and_goes_and_leaves_everything_as_it_was(self, wrong: Hands) -> None:
        project, count = wrong.project, wrong.session.undo_stack.count()
        before = picture(wrong)
        for button in fixes(wrong):
            hover(button)
            assert vision(wrong)
            assert picture(wrong) != before
            leave(button)
            assert not vision(wrong)
            assert picture(wrong) == before
        assert wrong.project is project
        assert wrong.session.undo_stack.count() == count

    @pytest.mark.parametrize("zoom", [1.0, 0.6, 0.3])
    def test_at_every_zoom(self, wrong: Hands, zoom: float, qtbot) -> None:
        wrong.canvas.zoom_to(zoom)
        qtbot.wait(120)
        before = picture(wrong)
        hover(fixes(wrong)[0])
        assert picture(wrong) != before
        leave(fixes(wrong)[0])
        assert picture(wrong) == before

    def test_applying_shows_what_was_seen(self, wrong: Hands) -> None:
        button = fixes(wrong)[0]
        hover(button)
        seen = vision(wrong)
        applied: list[Fix] = []
        wrong.canvas.fix_requested.connect(applied.append)
        QTest.mouseClick(button, LEFT)
        wrong.session.commit(applied[0].edit(wrong.project), applied[0].label)
        assert not vision(wrong)
        for name in seen.added:
            assert name in wrong.canvas.scene.nodes
        for turn in seen.turns:
            assert turn.node in wrong.canvas.scene.nodes

    def test_a_value_is_told_as_it_is_and_as_it_would_be(self, wrong: Hands) -> None:
        fix = Fix(
            "Set", lambda project: edits.set_params(project, "conv2", {"out_channels": 8, "bias": False})
        )
        wrong.canvas.ghost.show(fix)
        assert set(vision(wrong).turns) == {
            Turn("conv2", "out_channels", "4", "8"),
            Turn("conv2", "bias", "on", "off"),
        }

    def test_nodes_and_wires_that_come_and_go(self, wrong: Hands) -> None:
        def edit(project):
            project, name = edits.add_node(project, "GELU", (480, 360))
            project = edits.delete(project, ["relu"])
            edge = next(one for one in project.graph.edges if one.target.node == "flat")
            project = edits.disconnect(project, edge)
            project = edits.connect(project, Endpoint("merge", "output"), Endpoint(name, "input"))
            return edits.connect(project, Endpoint(name, "output"), Endpoint("flat", "input"))

        wrong.canvas.ghost.show(Fix("Change", edit))
        seen = vision(wrong)
        assert set(seen.added) == {"gelu"}
        assert seen.removed == ("relu",)
        assert [edge.target.node for edge in seen.cut] == ["flat"]
        assert len(seen.wires) == 2
        assert "flat" in seen.moved  # room is made for what comes between
        assert not picture(wrong).isNull()

    def test_a_rename_is_told_in_the_header(self, wrong: Hands) -> None:
        wrong.canvas.ghost.show(Fix("Rename", lambda project: edits.rename(project, "conv1", "first")))
        assert vision(wrong) == Vision(turns=(Turn("conv1", "", "conv1", "first"),))

    def test_what_changes_elsewhere_shows_nothing(self, drawn: Hands) -> None:
        from studio.project.block import within

        fix = Fix(
            "Inside", lambda p: within(p, "ConvBlock", lambda q: edits.set_params(q, "conv", {"bias": False}))
        )
        drawn.canvas.ghost.show(fix)
        assert not vision(drawn)
        drawn.session.look(("stem",))
        drawn.canvas.ghost.show(fix)
        assert vision(drawn).turns == (Turn("conv", "bias", "on", "off"),)

    def test_an_edit_ends_it(self, wrong: Hands) -> None:
        hover(fixes(wrong)[0])
        wrong.session.commit(edits.delete(wrong.project, ["relu", "merge", "conv2"]), "Delete")
        assert not vision(wrong)
        assert not picture(wrong).isNull()

    @pytest.mark.qt_log_ignore("This plugin does not support")
    def test_from_the_menu(self, wrong: Hands) -> None:
        wrong.key(Key.Key_Menu)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        QTest.keyClick(menu, Key.Key_Down)
        assert menu.activeAction().text().startswith("Fix: ")
        assert vision(wrong)
        QTest.keyClick(menu, Key.Key_Up)
        assert not vision(wrong)
        QTest.keyClick(menu, Key.Key_Down)
        QTest.keyClick(menu, Key.Key_Escape)
        assert not vision(wrong)

"""Editing in place: the values on nodes, with real mouse, wheel and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from studio.project import edits
from studio.project.constants import set_constant
from studio.project.params import Value
from studio.ui.canvas.value_field import ValueField
from studio.ui.canvas.value_places import Place, places_on
from tests.ui.canvas.conftest import LEFT, NONE, Hands, enter

Key, Modifier = Qt.Key, Qt.KeyboardModifier
NO_BUTTON = Qt.MouseButton.NoButton
CTRL, SHIFT, ALT = Modifier.ControlModifier, Modifier.ShiftModifier, Modifier.AltModifier


@pytest.fixture
def near(hands: Hands) -> Hands:
    """The small network seen at 100 %, with a dropout, a loss with switches and a constant."""
    project = set_constant(hands.project, "width", 16)
    project, _ = edits.add_node(project, "Dropout", (240, 320), {"p": 0.5}, "drop")
    project, _ = edits.add_node(
        project, "Conv2d", (480, 400), {"bias": False, "padding_mode": "reflect"}, "wide"
    )
    hands.session.new(project)
    hands.canvas.zoom_to(1.0)
    hands.canvas.setFocus()
    return hands


def place(hands: Hands, node: str, param: str) -> Place:
    """Where a value stands."""
    places = places_on(hands.canvas.scene, node, hands.session.block)
    return next(one for one in places if one.param.name == param)


def at(hands: Hands, node: str, param: str) -> QPoint:
    """The middle of a value's text, on the viewport."""
    return hands.pixel(place(hands, node, param).text.center())


def double(hands: Hands, where: QPoint) -> None:
    """A double click as it comes from a mouse: a click before it."""
    hands.click(where)
    QTest.mouseDClick(hands.port, LEFT, NONE, where)


def field(hands: Hands) -> ValueField:
    found = [one for one in hands.canvas.findChildren(ValueField) if one.isVisible()]
    assert len(found) == 1
    return found[0]


def edited(hands: Hands) -> QWidget:
    """The widget that has the keyboard, within the field."""
    widget = QApplication.focusWidget()
    assert widget is not None
    assert field(hands).isAncestorOf(widget)
    return widget


def is_open(hands: Hands) -> bool:
    return any(one.isVisible() for one in hands.canvas.findChildren(ValueField))


def value(hands: Hands, node: str, param: str) -> Value:
    return hands.session.drawing.graph.nodes[node].params.get(param)


def reason(hands: Hands) -> str:
    return " ".join(one.text() for one in field(hands).findChildren(QLabel) if one.isVisible())


def wheel(hands: Hands, where: QPoint, notches: int, modifiers: Modifier = ALT) -> None:
    """Turn the wheel as Linux delivers it with Alt held: sideways."""
    turned = QPoint(120 * notches, 0) if modifiers & ALT else QPoint(0, 120 * notches)
    event = QWheelEvent(
        QPointF(where),
        QPointF(hands.port.mapToGlobal(where)),
        QPoint(),
        turned,
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(hands.port, event)


def tip(hands: Hands, where: QPoint) -> str:
    """What the canvas says of a place where the pointer rests."""
    event = QHelpEvent(QEvent.Type.ToolTip, where, hands.port.mapToGlobal(where))
    QApplication.sendEvent(hands.port, event)
    told = QToolTip.text()
    QToolTip.hideText()
    return told


def move(hands: Hands, to: QPoint, modifiers: Modifier) -> None:
    """Drag on with a key held."""
    end = QPointF(to), QPointF(hands.port.mapToGlobal(to))
    QApplication.sendEvent(hands.port, QMouseEvent(QEvent.Type.MouseMove, *end, NO_BUTTON, LEFT, modifiers))


class TestTyping:
    """Edit a parameter on the node: double-click the value."""

    def test_a_number_is_typed_over_its_line(self, near: Hands) -> None:
        double(near, at(near, "conv1", "out_channels"))
        line = edited(near)
        assert isinstance(line, QLineEdit)
        assert line.text() == "8"
        assert line.accessibleName() == "out_channels of conv1"
        assert field(near).geometry().contains(at(near, "conv1", "out_channels"))
        QTest.keyClick(line, Key.Key_A, CTRL)
        QTest.keyClicks(line, "24")
        QTest.keyClick(line, Key.Key_Return)
        assert value(near, "conv1", "out_channels") == 24
        assert near.last_step == "Set out_channels of conv1"
        assert near.session.undo_stack.count() == 1
        assert not is_open(near)
        assert near.canvas.view.hasFocus()

    def test_escape_gives_up(self, near: Hands) -> None:
        double(near, at(near, "conv1", "out_channels"))
        QTest.keyClicks(edited(near), "99")
        QTest.keyClick(edited(near), Key.Key_Escape)
        assert value(near, "conv1", "out_channels") == 8
        assert near.session.undo_stack.count() == 0
        assert not is_open(near)

    def test_what_will_not_do_stays_and_says_why(self, near: Hands) -> None:
        double(near, at(near, "conv1", "out_channels"))
        line = edited(near)
        QTest.keyClick(line, Key.Key_A, CTRL)
        QTest.keyClicks(line, "0")
        QTest.keyClick(line, Key.Key_Return)
        assert is_open(near)
        assert "at least 1, not 0" in reason(near)
        assert near.canvas.rect().contains(field(near).geometry())
        QTest.keyClicks(line, "4")  # 04
        QTest.keyClick(line, Key.Key_Return)
        assert value(near, "conv1", "out_channels") == 4

    @pytest.mark.parametrize(("typed", "kept"), [("12", 12), ("0", 8)])
    def test_a_click_elsewhere_keeps_what_will_do(self, near: Hands, typed: str, kept: int) -> None:
        double(near, at(near, "conv1", "out_channels"))
        QTest.keyClick(edited(near), Key.Key_A, CTRL)
        QTest.keyClicks(edited(near), typed)
        near.click(near.at("flat"))
        assert not is_open(near)
        assert value(near, "conv1", "out_channels") == kept
        assert near.canvas.selection == ("flat",)

    def test_letters_are_letters_not_the_canvas_s_keys(self, near: Hands) -> None:
        double(near, at(near, "conv1", "padding"))
        line = edited(near)
        QTest.keyClick(line, Key.Key_A, CTRL)
        QTest.keyClicks(line, "m1.")
        assert not near.project.graph.nodes["conv1"].muted
        QTest.keyClick(line, Key.Key_A, CTRL)
        QTest.keyClicks(line, "valid")
        QTest.keyClick(line, Key.Key_Return)
        assert value(near, "conv1", "padding") == "valid"

    def test_a_switch_turns_at_once(self, near: Hands) -> None:
        double(near, at(near, "wide", "bias"))
        assert value(near, "wide", "bias") is True
        assert near.last_step == "Set bias of wide"
        assert not is_open(near)

    @pytest.mark.qt_log_ignore("This plugin does not support")
    def test_one_of_a_few_is_chosen_from_its_list(self, near: Hands, qtbot: QtBot) -> None:
        double(near, at(near, "wide", "padding_mode"))
        combo = field(near).findChild(QComboBox)
        assert combo is not None
        qtbot.waitUntil(combo.view().isVisible)
        QTest.keyClick(combo.view(), Key.Key_Up)
        QTest.keyClick(combo.view(), Key.Key_Return)
        assert value(near, "wide", "padding_mode") == "zeros"
        assert not is_open(near)

    def test_a_constant_is_typed_as_a_formula_without_its_sign(self, near: Hands) -> None:
        double(near, at(near, "conv1", "out_channels"))
        QTest.keyClick(edited(near), Key.Key_A, CTRL)
        QTest.keyClicks(edited(near), "4*width")
        assert "64" in edited(near).accessibleDescription()
        QTest.keyClick(edited(near), Key.Key_Return)
        assert value(near, "conv1", "out_channels") == "= 4*width"
        rows = {row.label: row.value for row in near.canvas.scene.nodes["conv1"].face.rows}
        assert rows["out_channels"] == "= 64"

    @pytest.mark.qt_log_ignore("This plugin does not support")
    def test_a_formula_is_told_with_what_it_comes_to(self, near: Hands) -> None:
        near.session.commit(
            edits.set_params(near.project, "conv1", {"out_channels": "= 4 * width"}), "Formula"
        )
        told = tip(near, at(near, "conv1", "out_channels"))
        assert told.startswith("out_channels: Number of filters")
        assert "= 4 * width → 64" in told

    def test_a_size_of_the_data_is_shown_when_a_check_knows_it(self, near: Hands) -> None:
        project = edits.set_params(near.project, "conv1", {"out_channels": "= 8 * image.shape[1]"})
        near.session.commit(project, "Formula")
        rows = {row.label: row.value for row in near.canvas.scene.nodes["conv1"].face.rows}
        assert rows["out_channels"] != "= 224"
        near.check()
        rows = {row.label: row.value for row in near.canvas.scene.nodes["conv1"].face.rows}
        assert rows["out_channels"] == "= 224"

    def test_the_field_follows_the_view(self, near: Hands) -> None:
        double(near, at(near, "conv1", "out_channels"))
        wheel(near, near.empty(), -2, NONE)
        assert field(near).geometry().contains(at(near, "conv1", "out_channels"))

    def test_undoing_the_node_away_closes_the_field(self, near: Hands) -> None:
        near.session.commit(edits.add_node(near.project, "Conv2d", (0, 400), {}, "new")[0], "Add new")
        double(near, at(near, "new", "out_channels"))
        near.undo()
        assert not is_open(near)

    def test_a_table_is_edited_where_there_is_room(self, drawn: Hands, qtbot: QtBot) -> None:
        project = edits.set_params(drawn.project, "stem", {"overrides": {"conv.bias": False}})
        drawn.session.commit(project, "Override")
        drawn.canvas.zoom_to(1.0)
        with qtbot.waitSignal(drawn.canvas.values.large) as wanted:
            double(drawn, at(drawn, "stem", "overrides"))
        assert wanted.args == ["overrides"]
        assert not is_open(drawn)
        assert drawn.session.focus == ()


class TestKeyboard:
    """Enter edits, Tab goes through the fields."""

    def test_enter_opens_the_first_value_and_tab_goes_round(self, near: Hands) -> None:
        near.click(near.at("wide"))
        near.key(Key.Key_Return)
        names = [one.param.name for one in places_on(near.canvas.scene, "wide", None)]
        walked = []
        for _ in range(len(names) + 1):
            walked.append(edited(near).accessibleName())
            QTest.keyClick(edited(near), Key.Key_Tab)
        assert walked == [f"{name} of wide" for name in (*names, names[0])]
        QTest.keyClick(edited(near), Key.Key_Backtab, SHIFT)
        assert edited(near).accessibleName() == f"{names[0]} of wide"
        QTest.keyClick(edited(near), Key.Key_Escape)
        assert near.session.undo_stack.count() == 0
        assert near.canvas.view.hasFocus()

    def test_tab_keeps_each_value(self, near: Hands) -> None:
        near.click(near.at("conv1"))
        near.key(Key.Key_Enter)
        QTest.keyClicks(edited(near), "12")
        QTest.keyClick(edited(near), Key.Key_Tab)
        assert value(near, "conv1", "out_channels") == 12
        QTest.keyClicks(edited(near), "5")
        QTest.keyClick(edited(near), Key.Key_Return)
        assert value(near, "conv1", "kernel_size") == 5
        assert near.session.undo_stack.count() == 2

    def test_a_switch_by_space_and_a_choice_by_arrows(self, near: Hands) -> None:
        near.click(near.at("wide"))
        near.key(Key.Key_Return)
        while not isinstance(edited(near), QCheckBox):
            QTest.keyClick(edited(near), Key.Key_Tab)
        QTest.keyClick(edited(near), Key.Key_Space)
        QTest.keyClick(edited(near), Key.Key_Tab)
        assert value(near, "wide", "bias") is True
        near.click(near.at("wide"))
        near.key(Key.Key_Return)
        while not isinstance(edited(near), QComboBox):
            QTest.keyClick(edited(near), Key.Key_Tab)
        QTest.keyClick(edited(near), Key.Key_Up)
        assert is_open(near)
        QTest.keyClick(edited(near), Key.Key_Return)
        assert value(near, "wide", "padding_mode") == "zeros"

    def test_from_afar_the_node_comes_near(self, near: Hands) -> None:
        near.canvas.zoom_to(0.3)
        near.click(near.at("conv1"))
        near.key(Key.Key_Return)
        assert near.canvas.zoom == 1.0
        assert edited(near).accessibleName() == "out_channels of conv1"

    def test_enter_enters_a_block(self, drawn: Hands) -> None:
        drawn.click(drawn.at("layer1"))
        drawn.key(Key.Key_Return)
        assert drawn.session.focus == ("layer1",)

    def test_a_node_without_values_says_so(self, near: Hands, qtbot: QtBot) -> None:
        near.click(near.at("relu"))
        with qtbot.waitSignal(near.canvas.status) as told:
            near.key(Key.Key_Return)
        assert told.args == ["relu shows no value to edit."]
        near.canvas.select(())
        with qtbot.waitSignal(near.canvas.status) as told:
            near.key(Key.Key_Return)
        assert told.args == ["Select a node first."]


class TestScrubbing:
    """Drag a number sideways."""

    def test_a_drag_changes_the_number_of_a_selected_node(self, near: Hands) -> None:
        near.click(near.at("conv1"))
        start = at(near, "conv1", "out_channels")
        near.drag(start, start + QPoint(50, 2), release=False)
        assert value(near, "conv1", "out_channels") == 18  # at once, for the shapes to follow
        near.drag_on(start + QPoint(100, 2))
        QTest.mouseRelease(near.port, LEFT, NONE, start + QPoint(100, 2))
        assert value(near, "conv1", "out_channels") == 28
        assert near.session.undo_stack.count() == 1
        assert near.last_step == "Set out_channels of conv1"
        assert near.project.graph.nodes["conv1"].position == (240, 0)
        near.undo()
        assert value(near, "conv1", "out_channels") == 8

    def test_it_stops_where_the_layer_does(self, near: Hands) -> None:
        near.click(near.at("conv1"))
        start = at(near, "conv1", "out_channels")
        near.drag(start, start - QPoint(200, 0))
        assert value(near, "conv1", "out_channels") == 1

    def test_escape_restores(self, near: Hands) -> None:
        near.click(near.at("conv1"))
        start = at(near, "conv1", "out_channels")
        near.drag(start, start + QPoint(60, 0), release=False)
        assert value(near, "conv1", "out_channels") == 20
        near.key(Key.Key_Escape)
        assert value(near, "conv1", "out_channels") == 8
        assert near.session.undo_stack.count() == 0
        QTest.mouseRelease(near.port, LEFT, NONE, start + QPoint(60, 0))
        assert near.session.undo_stack.count() == 0

    def test_escape_leaves_a_default_a_default(self, near: Hands) -> None:
        """No step stays behind that would say now what the layer does by itself."""
        near.click(near.at("wide"))
        assert value(near, "wide", "kernel_size") is None
        before, start = near.project, at(near, "wide", "kernel_size")
        near.drag(start, start + QPoint(20, 0), release=False)
        assert value(near, "wide", "kernel_size") == 7
        near.key(Key.Key_Escape)
        QTest.mouseRelease(near.port, LEFT, NONE, start + QPoint(20, 0))
        assert near.project == before
        assert near.session.undo_stack.count() == 0

    @pytest.mark.parametrize(("keys", "wanted"), [(SHIFT, 11), (CTRL, 64)])
    def test_short_and_long_steps(self, near: Hands, keys: Modifier, wanted: int) -> None:
        near.click(near.at("conv1"))
        start = at(near, "conv1", "out_channels")
        QTest.mousePress(near.port, LEFT, NONE, start)
        for to in (20, 60):
            move(near, start + QPoint(to, 0), keys)
        QTest.mouseRelease(near.port, LEFT, keys, start + QPoint(60, 0))
        assert value(near, "conv1", "out_channels") == wanted

    def test_a_fraction_moves_by_its_leading_digit(self, near: Hands) -> None:
        near.click(near.at("drop"))
        start = at(near, "drop", "p")
        near.drag(start, start - QPoint(20, 0))
        assert value(near, "drop", "p") == 0.3

    def test_up_and_down_it_moves_the_node(self, near: Hands) -> None:
        near.click(near.at("conv1"))
        start = at(near, "conv1", "out_channels")
        near.drag(start, start + QPoint(0, 40))
        assert value(near, "conv1", "out_channels") == 8
        assert near.project.graph.nodes["conv1"].position != (240, 0)

    def test_a_node_that_is_not_selected_moves(self, near: Hands) -> None:
        near.canvas.select(())
        start = at(near, "conv1", "out_channels")
        near.drag(start, start + QPoint(60, 0))
        assert value(near, "conv1", "out_channels") == 8
        assert near.project.graph.nodes["conv1"].position[0] > 240

    def test_the_pointer_tells_where(self, near: Hands) -> None:
        start = at(near, "conv1", "out_channels")
        QTest.mouseMove(near.port, start)
        assert near.port.cursor().shape() == Qt.CursorShape.ArrowCursor
        near.click(near.at("conv1"))
        QTest.mouseMove(near.port, start + QPoint(1, 0))
        assert near.port.cursor().shape() == Qt.CursorShape.SizeHorCursor
        QTest.mouseMove(near.port, near.empty())
        assert near.port.cursor().shape() == Qt.CursorShape.ArrowCursor

    def test_another_edit_meanwhile_ends_it(self, near: Hands) -> None:
        near.click(near.at("conv1"))
        start = at(near, "conv1", "out_channels")
        near.drag(start, start + QPoint(50, 0), release=False)
        near.session.commit(edits.delete(near.project, ["relu"]), "Delete relu")
        near.drag_on(start + QPoint(100, 0))
        QTest.mouseRelease(near.port, LEFT, NONE, start + QPoint(100, 0))
        assert value(near, "conv1", "out_channels") == 18
        steps = near.session.undo_stack
        assert [steps.text(at) for at in range(steps.count())] == ["Set out_channels of conv1", "Delete relu"]

    def test_a_formula_is_not_dragged_away(self, near: Hands) -> None:
        near.session.commit(edits.set_params(near.project, "conv1", {"out_channels": "= width"}), "Formula")
        near.click(near.at("conv1"))
        start = at(near, "conv1", "out_channels")
        near.drag(start, start + QPoint(60, 0))
        assert value(near, "conv1", "out_channels") == "= width"

    def test_of_several_numbers_the_one_under_the_pointer_moves(self, near: Hands) -> None:
        near.session.commit(edits.set_params(near.project, "conv1", {"kernel_size": (3, 5)}), "Two")
        near.click(near.at("conv1"))
        text = place(near, "conv1", "kernel_size").text
        start = near.pixel(QPointF(text.right() - 6, text.center().y()))
        near.drag(start, start + QPoint(11, 0))
        assert value(near, "conv1", "kernel_size") == (3, 7)


class TestWheel:
    """Scroll with Alt."""

    def test_it_steps_the_value_and_a_burst_is_one_step(self, near: Hands) -> None:
        where = at(near, "conv1", "out_channels")
        for _ in range(3):
            wheel(near, where, 1)
        wheel(near, where, -1)
        assert value(near, "conv1", "out_channels") == 10
        assert near.session.undo_stack.count() == 1
        near.undo()
        assert value(near, "conv1", "out_channels") == 8

    def test_choices_and_switches_too(self, near: Hands) -> None:
        wheel(near, at(near, "wide", "padding_mode"), 1)
        assert value(near, "wide", "padding_mode") == "zeros"
        wheel(near, at(near, "wide", "bias"), 1)
        assert value(near, "wide", "bias") is True

    def test_elsewhere_it_scrolls(self, near: Hands) -> None:
        before = near.canvas.view.seen()
        wheel(near, near.at("conv1"), 1)
        assert near.session.undo_stack.count() == 0
        assert near.canvas.view.seen() != before


class TestTogether:
    """Many selected nodes of one type at once."""

    def test_typing(self, near: Hands) -> None:
        near.click(near.at("conv1"))
        near.click(near.at("conv2"), SHIFT)
        near.click(near.at("relu"), SHIFT)
        double(near, at(near, "conv2", "out_channels"))
        line = edited(near)
        assert isinstance(line, QLineEdit)
        assert (line.text(), line.placeholderText()) == ("", "several")
        QTest.keyClicks(line, "20")
        QTest.keyClick(line, Key.Key_Return)
        assert value(near, "conv1", "out_channels") == value(near, "conv2", "out_channels") == 20
        assert near.last_step == "Set out_channels of 2 nodes"
        assert near.session.undo_stack.count() == 1
        assert set(near.canvas.selection) == {"conv1", "conv2", "relu"}

    def test_going_through_without_typing_changes_nothing(self, near: Hands) -> None:
        near.click(near.at("conv1"))
        near.click(near.at("conv2"), SHIFT)
        near.key(Key.Key_Return)
        QTest.keyClick(edited(near), Key.Key_Tab)
        QTest.keyClick(edited(near), Key.Key_Return)
        assert near.session.undo_stack.count() == 0

    def test_scrubbing_moves_each_from_where_it_is(self, near: Hands) -> None:
        near.click(near.at("conv1"))
        near.click(near.at("conv2"), SHIFT)
        start = at(near, "conv1", "out_channels")
        near.drag(start, start + QPoint(50, 0))
        assert (value(near, "conv1", "out_channels"), value(near, "conv2", "out_channels")) == (18, 14)
        assert near.session.undo_stack.count() == 1

    def test_uses_of_a_block(self, drawn: Hands) -> None:
        copied, names = edits.duplicate(drawn.project, ["stem"])
        copied = edits.move(copied, {names[0]: (240, 400)})
        drawn.session.commit(copied, "Duplicate stem")
        drawn.canvas.zoom_to(1.0)
        drawn.canvas.select(("stem", *names))
        double(drawn, at(drawn, "stem", "channels"))
        assert drawn.session.focus == ()
        QTest.keyClick(edited(drawn), Key.Key_A, CTRL)
        QTest.keyClicks(edited(drawn), "24")
        QTest.keyClick(edited(drawn), Key.Key_Return)
        assert {value(drawn, name, "channels") for name in ("stem", *names)} == {24}
        double(drawn, at(drawn, "layer1", "repeat"))
        assert edited(drawn).accessibleName() == "repeat of layer1"
        QTest.keyClick(edited(drawn), Key.Key_Escape)
        enter(drawn, "stem")
        assert drawn.session.focus == ("stem",)


def test_a_key_that_comes_too_late_for_a_field_is_lost_without_harm(near: Hands, qtbot: QtBot) -> None:
    double(near, at(near, "conv1", "out_channels"))
    line = field(near).findChild(QLineEdit)
    before = near.project
    QTest.keyClick(line, Key.Key_Escape)
    QTest.keyClick(line, Key.Key_D)
    assert near.project == before
    assert not [one for one in near.canvas.findChildren(ValueField) if one.isVisible()]

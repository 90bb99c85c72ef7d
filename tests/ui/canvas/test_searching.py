"""Search-to-add, and placing from the palette: what fits and what was used lately comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from studio.catalog.registry import Layer, registry
from studio.project import edits
from studio.ui.canvas.canvas import Canvas
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.search import REFUSAL, SearchBox
from studio.ui.session import Session
from studio.ui.theme import DARK
from tests.ui.canvas.conftest import LEFT, Hands, small_network
from tests.ui.palette_hands import PaletteHands
from tests.ui.windows import LONG, OpenWindow

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


def box(hands: Hands | Canvas) -> SearchBox:
    canvas = hands.canvas if isinstance(hands, Hands) else hands
    found = canvas.findChild(SearchBox)
    assert found is not None
    return found


def listed(search: SearchBox) -> list[str]:
    return [search.list.item(row).text() for row in range(search.list.count())]


# Search-to-add


@pytest.mark.parametrize("key", [Key.Key_Tab, Key.Key_Space])
def test_with_a_node_selected_the_new_one_is_wired_after_it_and_the_box_says_so(
    hands: Hands, key: Qt.Key
) -> None:
    hands.click(hands.at("relu"))
    hands.key(key)
    search = box(hands)
    assert search.wiring.isVisible()
    assert search.wiring.text() == "Wired after relu"
    QTest.keyClicks(search.field, "flatten")
    QTest.keyClick(search.field, Key.Key_Return)
    assert "relu -> flatten.input0" in hands.wires
    assert hands.last_step == "Add flatten"
    body, after = (hands.canvas.scene.nodes[name].body for name in ("flatten", "relu"))
    assert body.left() > after.right()
    hands.undo()
    assert "flatten" not in hands.project.graph.nodes


@pytest.mark.parametrize("by_key", [False, True])
def test_the_wire_can_be_left_out(hands: Hands, by_key: bool) -> None:
    hands.click(hands.at("relu"))
    hands.key(Key.Key_Tab)
    search = box(hands)
    QTest.keyClicks(search.field, "tanh")
    if not by_key:
        QTest.mouseClick(search.wiring, LEFT, pos=QPoint(8, search.wiring.height() // 2))
        assert search.field.hasFocus()
    QTest.keyClick(search.field, Key.Key_Return, CTRL if by_key else Qt.KeyboardModifier.NoModifier)
    assert "tanh" in hands.project.graph.nodes
    assert not hands.project.graph.incoming("tanh")


def test_what_usually_comes_next_is_listed_first(hands: Hands) -> None:
    hands.click(hands.at("conv1"))
    hands.key(Key.Key_Tab)
    follows = registry().layers["Conv2d"].follows
    assert set(listed(box(hands))[: len(follows)]) == set(follows)
    QTest.keyClick(box(hands).field, Key.Key_Escape)
    assert hands.canvas.view.hasFocus()


def test_what_would_not_work_there_comes_last_and_says_why(hands: Hands, qtbot: QtBot) -> None:
    hands.check()
    hands.click(hands.at("conv1"))
    hands.key(Key.Key_Tab)
    search = box(hands)
    QTest.keyClicks(search.field, "maxpool")

    def refusals() -> dict[str, str]:
        rows = (search.list.item(row) for row in range(search.list.count()))
        return {row.text(): row.data(REFUSAL) for row in rows if row.data(REFUSAL)}

    qtbot.waitUntil(lambda: refusals().keys() >= {"MaxPool1d", "MaxPool3d"}, timeout=LONG)
    refused = refusals()
    rows = [search.list.item(row) for row in range(search.list.count())]
    named = [row.text() for row in rows if row.text().startswith("MaxPool")]
    assert named[0] == "MaxPool2d"
    search.list.setCurrentRow([row.text() for row in rows].index("MaxPool3d"))
    assert search.about.toolTip() == refused["MaxPool3d"]
    QTest.keyClick(search.field, Key.Key_Escape)


def test_a_line_says_what_the_highlighted_layer_does(hands: Hands) -> None:
    hands.key(Key.Key_Space)
    search = box(hands)
    QTest.keyClicks(search.field, "relu")
    assert search.about.toolTip() == registry().layers["ReLU"].doc
    QTest.keyClick(search.field, Key.Key_Down)
    assert search.about.toolTip() != registry().layers["ReLU"].doc
    assert search.about.fontMetrics().horizontalAdvance(search.about.text()) <= search.width()
    QTest.keyClick(search.field, Key.Key_Escape)


def test_a_double_click_on_empty_canvas_wires_nothing(hands: Hands) -> None:
    hands.click(hands.at("conv1"))
    QTest.mouseDClick(hands.port, LEFT, pos=hands.empty())
    assert not box(hands).wiring.isVisible()
    QTest.keyClicks(box(hands).field, "gelu")
    QTest.keyClick(box(hands).field, Key.Key_Return)
    assert not hands.project.graph.incoming("gelu")


def test_an_exact_name_comes_first_whatever_is_likely(hands: Hands) -> None:
    hands.click(hands.at("conv1"))
    hands.key(Key.Key_Tab)
    QTest.keyClicks(box(hands).field, "sum")
    assert listed(box(hands))[0] == "Sum"
    QTest.keyClick(box(hands).field, Key.Key_Escape)


def test_five_hundred_types_are_ranked_at_every_letter(hands: Hands) -> None:
    known = list(registry().layers.values())
    layers = [_numbered(known[place % len(known)], place) for place in range(500)]
    search = SearchBox(lambda: layers, Ink(DARK), hands.canvas)
    search.open(QPoint(20, 20), lambda type: None)
    for letter in "convolutio":
        QTest.keyClick(search.field, getattr(Key, f"Key_{letter.upper()}"))
        assert listed(search)
    assert listed(search)[0].startswith("Conv")


def _numbered(layer: Layer, place: int) -> Layer:
    return replace(layer, type=f"{layer.type}{place}")


# Placing from the palette: wired after the selected node


@pytest.fixture
def palette(open_window: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> PaletteHands:
    window = open_window()
    hands = PaletteHands(window, qtbot, monkeypatch)
    window.session.new(small_network())
    window.panels.canvas.setFocus()
    return hands


def search_palette(palette: PaletteHands, *keys: Qt.Key, words: str = "") -> None:
    field = palette.window.panels.palette.findChild(QLineEdit)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, words)
    for key in keys:
        QTest.keyClick(field, key)


def wires(session: Session) -> set[str]:
    return {
        f"{e.source.node}>{e.target.node}.{e.target.port}{e.target.index}"
        for e in session.project.graph.edges
    }


def test_enter_in_the_palette_goes_on_in_a_row_and_the_view_follows(palette: PaletteHands) -> None:
    window = palette.window
    canvas, session = window.panels.canvas, window.session
    canvas.select(["relu"])
    search_palette(palette, Key.Key_Return, Key.Key_Return, Key.Key_Return, words="gelu")
    assert {"relu>gelu.input0", "gelu>gelu1.input0", "gelu1>gelu2.input0"} <= wires(session)
    assert canvas.selection == ("gelu2",)
    assert canvas.view.seen().contains(canvas.scene.nodes["gelu2"].body)
    assert session.undo_stack.undoText() == "Add gelu2"


def test_a_merge_takes_in_all_that_is_selected_in_this_order(palette: PaletteHands) -> None:
    window = palette.window
    window.panels.canvas.select(["relu", "conv2", "conv1"])
    search_palette(palette, Key.Key_Return, words="concat")
    assert {"relu>concat.inputs0", "conv2>concat.inputs1", "conv1>concat.inputs2"} <= wires(window.session)


def test_a_layer_of_two_inputs_takes_two_and_what_only_gives_feeds(
    palette: PaletteHands,
) -> None:
    window = palette.window
    window.panels.canvas.select(["conv2", "conv1"])
    search_palette(palette, Key.Key_Return, words="subtract")
    assert {"conv2>subtract.input0", "conv1>subtract.other0"} <= wires(window.session)
    window.panels.canvas.select(["loss"])
    search_palette(palette, Key.Key_Return, words="input")
    assert "input>loss.target0" in wires(window.session)
    scene = window.panels.canvas.scene
    assert scene.nodes["input"].body.right() < scene.nodes["loss"].body.left()


def test_a_double_click_in_the_palette_places_after_the_selected_node(palette: PaletteHands) -> None:
    window = palette.window
    window.panels.canvas.select(["relu"])
    palette.double_click("Dropout", "Regularization")
    assert "relu>dropout.input0" in wires(window.session)


def test_slash_goes_to_the_palettes_search_but_not_from_a_text(palette: PaletteHands) -> None:
    window = palette.window
    field = window.panels.palette.findChild(QLineEdit)
    window.panels.canvas.setFocus()
    QTest.keyClick(window.panels.canvas.view, Key.Key_Slash)
    assert field.hasFocus()
    QTest.keyClicks(field, "a/b")
    assert field.text() == "a/b"
    field.clear()
    window.panels.problems.setFocus()
    QTest.keyClick(QApplication.focusWidget(), Key.Key_Slash)
    assert field.hasFocus()


def test_what_was_used_lately_is_remembered_between_starts(
    palette: PaletteHands, open_window: OpenWindow
) -> None:
    canvas = palette.window.panels.canvas
    canvas.select(())
    canvas.setFocus()
    QTest.keyClick(canvas.view, Key.Key_Tab)
    QTest.keyClicks(box(canvas).field, "softshrink")
    QTest.keyClick(box(canvas).field, Key.Key_Return)
    other = open_window().panels.canvas
    other.setFocus()
    QTest.keyClick(other.view, Key.Key_Tab)
    assert listed(box(other))[0] == "Softshrink"


def test_dragged_from_the_palette_a_layer_lies_where_it_is_dropped(palette: PaletteHands) -> None:
    canvas, session = palette.window.panels.canvas, palette.window.session
    canvas.fit()
    at = canvas.view.mapFromScene(QPointF(300, 420))
    palette.drag("GELU", at, "Activation")
    assert canvas.scene.nodes["gelu"].body.contains(QPointF(300, 420))
    assert session.undo_stack.undoText() == "Add gelu"
    scene = canvas.scene
    middle = (
        scene.nodes["merge"].place_of("out", "output", 0) + scene.nodes["flat"].place_of("in", "input", 0)
    ) / 2
    palette.drag("Dropout", canvas.view.mapFromScene(middle), "Regularization")
    assert {"merge>dropout.input0", "dropout>flat.input0"} <= wires(session)


def test_what_the_box_was_opened_for_may_be_gone_when_something_is_chosen(hands: Hands) -> None:
    relu = edits.delete(hands.project, ["relu"])
    for keys in ((Key.Key_Tab,), (Key.Key_R,)):
        hands.click(hands.at("relu"))
        for key in keys:
            hands.key(key)
        hands.session.commit(relu, "Delete relu")
        QTest.keyClicks(box(hands).field, "gelu")
        QTest.keyClick(box(hands).field, Key.Key_Return)
        hands.session.undo_stack.setIndex(0)
    hands.drag(hands.place("relu", "out", "output"), hands.empty())
    hands.session.commit(relu, "Delete relu")
    QTest.keyClicks(box(hands).field, "gelu")
    QTest.keyClick(box(hands).field, Key.Key_Return)
    assert "gelu" in hands.project.graph.nodes
    assert not hands.project.graph.incoming("gelu")

"""Find on the canvas, by typing: what fits, the walk through the hits, blocks, the keyboard's way back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from studio.project import edits
from studio.project.block import within
from studio.project.project import Project
from studio.ui.canvas.find_bar import FindBar
from studio.ui.canvas.ink import Ink
from studio.ui.theme import DARK, LIGHT
from studio.ui.window import MainWindow
from tests.ui.canvas.conftest import Hands, wired
from tests.ui.nested import nested
from tests.ui.windows import OpenWindow, sample

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ENTER, ESCAPE, F3 = Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_F3


class Seeker:
    """Uses the bar of a canvas by keys."""

    def __init__(self, hands: Hands) -> None:
        self.hands, self.canvas = hands, hands.canvas
        bar = self.canvas.findChild(FindBar)
        assert bar is not None
        self.bar = bar
        self.field = bar.findChild(QLineEdit)
        hands.key(Qt.Key.Key_F, CTRL)

    def type(self, text: str) -> None:
        """Type over what is there."""
        QTest.keyClick(self.field, Qt.Key.Key_A, CTRL)
        QTest.keyClicks(self.field, text) if text else QTest.keyClick(self.field, Qt.Key.Key_Delete)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.field, key, modifiers)

    @property
    def told(self) -> str:
        """What the bar says: how many, and why."""
        why, count = (label.text() for label in self.bar.findChildren(QLabel))
        return f"{count} | {why}" if why else count

    @property
    def lit(self) -> set[str]:
        return {name for name, item in self.canvas.scene.nodes.items() if item.lit}


@pytest.fixture
def seeker(hands: Hands) -> Seeker:
    """The small network, checked, with the bar open."""
    hands.check()
    return Seeker(hands)


def test_the_bar_opens_with_the_keyboard_and_gives_it_back(hands: Hands) -> None:
    seeker = Seeker(hands)
    assert seeker.bar.isVisible()
    assert seeker.canvas.window().focusWidget() is seeker.field
    seeker.type("conv")
    assert seeker.lit == {"conv1", "conv2"}
    seeker.press(ESCAPE)
    assert not seeker.bar.isVisible()
    assert seeker.lit == set()
    assert seeker.canvas.window().focusWidget() is seeker.canvas.view
    hands.key(Qt.Key.Key_F, CTRL)
    assert seeker.field.selectedText() == "conv"
    assert seeker.lit == {"conv1", "conv2"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("CONV1", {"conv1"}),
        ("crossentropy", {"loss"}),
        ("out_channels", {"conv1", "conv2"}),
        ("out_channels=8", {"conv1"}),
        ("out_channels: 4", {"conv2"}),
        ("padding same", {"conv1", "conv2"}),
        ("8×28×28", {"conv1"}),
        ("4x28x28", {"conv2"}),
        ("4, 28, 28", {"conv2"}),
        ("8", {"conv1"}),
        ("relu relu", {"relu"}),
        ("conv2d 4", {"conv2"}),
        ("nothing like it", set()),
        ("", set()),
        (" ", set()),
    ],
)
def test_nodes_are_found_by_name_type_value_and_shape(seeker: Seeker, query: str, found: set[str]) -> None:
    seeker.type(query)
    assert seeker.lit == found
    if query.strip():
        count = len(found)
        assert seeker.told == (f"{count} found" if count else "Nothing found")
    else:
        assert seeker.told == ""


def test_nodes_are_found_by_their_problems_and_notes(seeker: Seeker) -> None:
    problem = next(one for one in seeker.hands.session.checked.problems if one.node == "merge")
    seeker.type(problem.message[:25])
    assert seeker.lit == {"merge"}
    seeker.press(ENTER)
    assert seeker.told.startswith("1 of 1 | merge · ")
    graph = seeker.hands.project.graph
    noted = graph.with_nodes(replace(graph.nodes["relu"], note="Try GELU here"))
    seeker.hands.session.commit(seeker.hands.project.with_graph(noted), "Note")
    seeker.type("try gelu")
    assert seeker.lit == {"relu"}


def test_enter_walks_through_the_hits_and_round(seeker: Seeker) -> None:
    seeker.type("conv")
    walked = []
    for _ in range(3):
        seeker.press(ENTER)
        walked.append((seeker.canvas.selection, seeker.told.partition(" |")[0]))
    assert walked == [(("conv1",), "1 of 2"), (("conv2",), "2 of 2"), (("conv1",), "1 of 2")]
    seeker.press(ENTER, SHIFT)
    assert seeker.canvas.selection == ("conv2",)
    seeker.press(F3)
    assert seeker.canvas.selection == ("conv1",)
    seeker.press(F3, SHIFT)
    assert seeker.canvas.selection == ("conv2",)
    assert seeker.canvas.window().focusWidget() is seeker.field


def test_the_keys_work_on_the_drawing_too(seeker: Seeker) -> None:
    seeker.type("conv")
    seeker.hands.click(seeker.hands.empty())
    seeker.hands.key(F3)
    assert seeker.canvas.selection == ("conv1",)
    seeker.hands.key(F3, SHIFT)
    assert seeker.canvas.selection == ("conv2",)
    seeker.hands.key(ESCAPE)
    assert not seeker.bar.isVisible()
    assert seeker.canvas.selection == ("conv2",)


def test_the_buttons_walk_and_close(seeker: Seeker) -> None:
    seeker.type("conv")
    back, on, close = (
        one
        for one in seeker.bar.findChildren(QAbstractButton)
        if one.parent() is seeker.bar
    )  # fmt: skip
    QTest.mouseClick(on, Qt.MouseButton.LeftButton)
    assert seeker.canvas.selection == ("conv1",)
    QTest.mouseClick(back, Qt.MouseButton.LeftButton)
    assert seeker.canvas.selection == ("conv2",)
    seeker.type("no such thing")
    assert not on.isEnabled()
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not seeker.bar.isVisible()


def test_a_hit_far_away_comes_into_sight_and_not_under_the_bar(seeker: Seeker) -> None:
    project, far = edits.add_node(seeker.hands.project, "GELU", (9000.0, -4000.0), {}, "far_away")
    seeker.hands.session.commit(project, "Add")
    seeker.type("far_away")
    seeker.press(ENTER)
    body = seeker.canvas.scene.nodes[far].body
    assert seeker.canvas.view.seen().contains(body)
    # Brought where the bar lies, it must come out from under it.
    place = seeker.canvas.view.mapToScene(seeker.bar.geometry().center())
    seeker.canvas.view.center_at(seeker.canvas.view.seen().center() + (body.center() - place))
    seeker.press(ENTER)
    shown = seeker.canvas.view.mapFromScene(body).boundingRect()
    assert not shown.intersects(seeker.bar.geometry())


def test_the_walk_enters_blocks_and_leaves_them(hands: Hands) -> None:
    hands.session.new(nested())
    hands.check()
    seeker = Seeker(hands)
    seeker.type("join")
    assert seeker.told == "1 found"
    seeker.press(ENTER)
    assert hands.session.focus == ("layer1",)
    assert hands.canvas.selection == ("join",)
    assert seeker.told == "1 of 1 | layer1 › join"
    assert seeker.lit == {"join"}
    seeker.type("output")  # the outputs of both blocks: each once, although they are placed several times
    assert seeker.told == "2 found"
    places = []
    for _ in range(3):
        seeker.press(ENTER)
        places.append((hands.session.block, hands.canvas.selection))
    assert places == [("Residual", ("y",)), ("ConvBlock", ("y",)), ("Residual", ("y",))]
    seeker.type("head")
    seeker.press(ENTER)
    assert hands.session.focus == ()
    assert hands.canvas.selection == ("head",)


def test_shapes_inside_of_blocks_are_found_in_the_use_that_has_them(hands: Hands) -> None:
    hands.session.new(nested())
    checked = hands.check()
    seeker = Seeker(hands)
    shape = next(
        type.pill
        for end, type in checked.inside(("layer1", "first")).types.items()
        if end.node == "conv"
    )  # fmt: skip
    assert shape not in [type.pill for type in checked.inside(("stem",)).types.values()]
    seeker.type(shape)
    seeker.press(ENTER)
    while hands.canvas.selection != ("conv",):
        seeker.press(ENTER)
    assert hands.session.focus == ("layer1", "first")


def test_the_hits_follow_edits_undo_and_checks(seeker: Seeker, qtbot: QtBot) -> None:
    seeker.type("gelu")
    assert seeker.told == "Nothing found"
    project, name = edits.add_node(seeker.hands.project, "GELU", (60.0, 400.0))
    seeker.hands.session.commit(project, "Add")
    qtbot.waitUntil(lambda: seeker.lit == {name})
    assert seeker.told == "1 found"
    seeker.hands.undo()
    qtbot.waitUntil(lambda: seeker.told == "Nothing found")
    seeker.press(ENTER)
    assert seeker.canvas.selection == ()


def test_another_project_is_looked_through_at_once(seeker: Seeker) -> None:
    seeker.type("conv")
    seeker.press(ENTER)
    seeker.hands.session.new(Project())
    seeker.press(ENTER)
    assert seeker.told == "Nothing found"


def test_an_edit_inside_of_a_block_is_found(hands: Hands, qtbot: QtBot) -> None:
    hands.session.new(nested())
    seeker = Seeker(hands)
    edited = within(hands.project, "Residual", lambda one: edits.add_node(one, "Mish", (0.0, 300.0))[0])
    hands.session.commit(edited, "Add")
    seeker.type("mish")
    seeker.press(ENTER)
    assert hands.session.block == "Residual"


def test_the_walk_goes_along_the_wires_even_in_a_circle(hands: Hands) -> None:
    project = Project()
    for at, name in enumerate(("third", "second", "first")):
        project, _ = edits.add_node(project, "ReLU", (200.0 * at, 0.0), {}, name)
    project = wired(project, "first -> second", "second -> third")
    ways = (
        (project, ["first", "second", "third"]),
        (wired(project, "third -> first"), ["third", "second", "first"]),
    )
    for drawn, expected in ways:
        hands.session.new(drawn)
        seeker = Seeker(hands)
        seeker.type("relu")
        walked = []
        for _ in range(3):
            seeker.press(ENTER)
            walked += seeker.canvas.selection
        assert walked == expected
        seeker.press(ESCAPE)


def test_odd_queries_do_no_harm(seeker: Seeker) -> None:
    for query in ("(", "[a", "\\", "*", ".*", "×", "= :", "8x", "x8", "-1", "0.", "ß", "ｃｏｎｖ", "a" * 500):
        seeker.type("")
        seeker.field.setText(query)
        seeker.press(ENTER)
        seeker.press(ENTER, SHIFT)
    assert seeker.bar.isVisible()


def test_every_part_of_the_bar_says_what_it_is(seeker: Seeker) -> None:
    parts = [seeker.field, *seeker.bar.findChildren(QAbstractButton)]
    for part in parts:
        if part.parent() is seeker.bar:
            assert part.accessibleName()
            assert part.toolTip()
    seeker.type("conv")
    seeker.press(ENTER)
    assert seeker.field.accessibleDescription() == "1 of 2 conv1"
    QTest.keyClick(seeker.field, Qt.Key.Key_Tab)
    held = seeker.canvas.window().focusWidget()
    assert isinstance(held, QAbstractButton)
    assert held.accessibleName().startswith("Previous hit")


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("zoom", [1.0, 0.6, 0.3])
def test_hits_are_lit_at_every_zoom_in_both_themes(seeker: Seeker, tokens, zoom: float, qtbot: QtBot) -> None:
    canvas = seeker.canvas
    canvas.set_tokens(tokens)
    canvas.zoom_to(zoom)
    canvas.view.center_at(canvas.scene.bounds().center())
    qtbot.wait(120)  # the zoom rests

    def around(name: str) -> QImage:
        body = canvas.view.mapFromScene(canvas.scene.nodes[name].body).boundingRect()
        return canvas.view.viewport().grab(body.adjusted(-8, -8, 8, 8)).toImage()

    plain = {name: around(name) for name in ("conv1", "flat")}
    seeker.type("conv1")
    lit = {name: around(name) for name in ("conv1", "flat")}
    assert lit["conv1"] != plain["conv1"]
    assert lit["flat"] == plain["flat"]
    seeker.press(ESCAPE)
    assert around("conv1") == plain["conv1"]
    assert Ink(tokens).found.alpha() < 255


def test_the_bar_stays_inside_a_narrow_canvas(seeker: Seeker) -> None:
    for width in (240, 420, 700, 1280):
        seeker.canvas.resize(width, 400)
        assert seeker.canvas.rect().contains(seeker.bar.geometry())
    assert seeker.bar.width() > 300


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_menu_opens_it_from_anywhere_in_the_window(
    open_window: OpenWindow, qtbot: QtBot, pictures: Path | None, theme: str
) -> None:
    window: MainWindow = open_window(sample("cnn_digits"), theme)
    window.activateWindow()
    qtbot.waitUntil(lambda: window.session.checked is not None, timeout=60_000)
    window.docks.reveal("layers")
    window.panels.palette.focus_search()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_F, CTRL)
    bar = window.findChild(FindBar)
    assert bar is not None
    assert bar.isVisible()
    field = bar.findChild(QLineEdit)
    assert window.focusWidget() is field
    QTest.keyClicks(field, "conv")
    QTest.keyClick(field, ENTER)
    QTest.keyClick(field, F3)
    assert len(window.panels.canvas.selection) == 1
    if pictures is not None:
        qtbot.wait(400)
        window.grab().save(str(pictures / f"find-{theme}.png"))
    QTest.keyClick(field, ESCAPE)
    assert window.focusWidget() is window.panels.canvas.view

"""Arranging by keys and by the menu: one undo step, nothing over anything, a reason where it cannot be."""

import random
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from studio.interchange.laid_out import laid_out
from studio.project import edits
from studio.project.graph import Position
from studio.project.project import Project
from studio.project.storage import load
from tests.ui.canvas.conftest import Hands
from tests.ui.windows import LONG

CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
POPUPS = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen, of every popup
LEAST_GAP = 40
"""Pixels between the ends of a wire, which has a chip to show."""
SAMPLES = sorted((Path(__file__).parents[3] / "samples").glob("*.loom"))


def overlaps(hands: Hands) -> list[tuple[str, str]]:
    """The nodes that lie over each other on screen."""
    items = hands.canvas.scene.nodes
    return [(a, b) for a, b in combinations(items, 2) if items[a].body.intersects(items[b].body)]


def places(hands: Hands) -> dict[str, Position]:
    return {name: node.position for name, node in hands.session.drawing.graph.nodes.items()}


def shown(hands: Hands) -> dict[str, Position]:
    items = hands.canvas.scene.nodes
    return {name: (item.body.x(), item.body.y()) for name, item in items.items()}


def arrange(hands: Hands, qtbot: QtBot, modifiers: Qt.KeyboardModifier = CONTROL | SHIFT) -> None:
    """Press the keys and wait for the one undo step, and for every node to be where it was put."""
    steps = hands.session.undo_stack.count()
    hands.key(Qt.Key.Key_L, modifiers)
    qtbot.waitUntil(lambda: hands.session.undo_stack.count() == steps + 1, timeout=LONG)
    qtbot.waitUntil(lambda: shown(hands) == places(hands))


def messy(project: Project) -> Project:
    draw = random.Random(5)
    return edits.move(project, {n: (draw.randrange(1500), draw.randrange(900)) for n in project.graph.nodes})


def entries(menu: QMenu) -> dict[str, QAction]:
    """The entries of the menu Arrange on the canvas."""
    inner = next(one.menu() for one in menu.actions() if one.text() == "Arrange")
    assert isinstance(inner, QMenu)
    return {one.text().partition("\t")[0].replace("&", ""): one for one in inner.actions()}


def menu_of(hands: Hands, at: QPoint) -> QMenu:
    """The menu that a click with the right button opens."""
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, hands.port.mapToGlobal(at))
    QApplication.sendEvent(hands.port, event)
    menus = [
        one for one in hands.canvas.findChildren(QMenu) if one.isVisible() and one.parent() is hands.canvas
    ]
    assert len(menus) == 1
    return menus[0]


def test_all_are_arranged_as_one_step(hands: Hands, qtbot: QtBot) -> None:
    hands.session.new(messy(hands.project))
    before = hands.project
    arrange(hands, qtbot)
    assert hands.last_step == "Arrange 7 nodes"
    assert overlaps(hands) == []
    at = places(hands)
    for edge in hands.project.graph.edges:
        assert at[edge.source.node][0] < at[edge.target.node][0]
    seen = hands.canvas.view.seen()
    assert all(seen.contains(item.body) for item in hands.canvas.scene.nodes.values())
    hands.undo()
    assert hands.project == before
    assert shown(hands) == {name: node.position for name, node in before.graph.nodes.items()}


def test_top_down(hands: Hands, qtbot: QtBot) -> None:
    arrange(hands, qtbot, CONTROL | ALT)
    at = places(hands)
    for edge in hands.project.graph.edges:
        assert at[edge.source.node][1] < at[edge.target.node][1]
    assert overlaps(hands) == []


def test_a_selection_alone_is_arranged_and_the_view_stays(hands: Hands, qtbot: QtBot) -> None:
    hands.click(hands.at("merge"))
    hands.click(hands.at("flat"), SHIFT)
    hands.click(hands.at("loss"), SHIFT)
    before, seen = places(hands), hands.canvas.view.seen()
    arrange(hands, qtbot)
    after = places(hands)
    assert {name for name in after if after[name] != before[name]} <= {"merge", "flat", "loss"}
    assert after["merge"][1] == after["flat"][1] == after["loss"][1]
    assert hands.canvas.view.seen() == seen
    assert overlaps(hands) == []


def test_muted_nodes_are_arranged_like_others(hands: Hands, qtbot: QtBot) -> None:
    hands.session.new(edits.set_muted(messy(hands.project), ["flat"], True))
    arrange(hands, qtbot)
    assert places(hands)["flat"][1] == places(hands)["loss"][1]


def test_what_is_arranged_already_makes_no_step(hands: Hands, qtbot: QtBot) -> None:
    arrange(hands, qtbot)
    with qtbot.waitSignal(hands.canvas.status) as told:
        hands.key(Qt.Key.Key_L, CONTROL | SHIFT)
    assert told.args == ["Everything is in its place already."]
    assert hands.session.undo_stack.count() == 1


def test_places_found_for_an_older_drawing_are_dropped(hands: Hands, qtbot: QtBot) -> None:
    with qtbot.waitSignal(hands.canvas.status) as told:
        hands.key(Qt.Key.Key_L, CONTROL | SHIFT)
        hands.click(hands.at("relu"))
        hands.key(Qt.Key.Key_M)
    assert told.args == ["The drawing has changed meanwhile, so it was not arranged."]
    assert hands.last_step == "Mute relu"


def test_a_drawing_that_says_nothing_of_places_is_arranged_when_it_opens(hands: Hands, qtbot: QtBot) -> None:
    piled = edits.move(hands.project, dict.fromkeys(hands.project.graph.nodes, (0, 0)))
    hands.session.new(piled)
    qtbot.waitUntil(lambda: hands.session.undo_stack.count() == 1, timeout=LONG)
    qtbot.waitUntil(lambda: shown(hands) == places(hands))
    assert hands.last_step == "Arrange 7 nodes"
    assert overlaps(hands) == []
    hands.undo()
    assert hands.project == piled


def test_a_single_node_stays_where_it_is(hands: Hands, qtbot: QtBot) -> None:
    hands.session.new(edits.add_node(Project(), "ReLU", (40, 60))[0])
    qtbot.wait(100)
    assert hands.session.undo_stack.count() == 0


def test_an_empty_drawing_says_so(hands: Hands, qtbot: QtBot) -> None:
    hands.session.new(Project())
    with qtbot.waitSignal(hands.canvas.status) as told:
        hands.key(Qt.Key.Key_L, CONTROL | SHIFT)
    assert told.args == ["There are no nodes yet."]


def test_nodes_glide_and_a_press_ends_it(hands: Hands, qtbot: QtBot) -> None:
    """The project has the new places at once; on screen the nodes are on their way until a mouse press."""
    hands.session.new(messy(hands.project))
    hands.key(Qt.Key.Key_L, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: hands.session.undo_stack.count() == 1, timeout=LONG)
    assert hands.canvas.arranger.moving
    assert shown(hands) != places(hands)
    hands.click(hands.empty())
    assert shown(hands) == places(hands)


def test_undo_on_the_way_shows_the_old_places(hands: Hands, qtbot: QtBot) -> None:
    hands.session.new(messy(hands.project))
    before = places(hands)
    hands.key(Qt.Key.Key_L, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: hands.session.undo_stack.count() == 1, timeout=LONG)
    hands.undo()
    qtbot.wait(300)
    assert shown(hands) == places(hands) == before


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_samples_have_no_overlaps_afterwards(hands: Hands, qtbot: QtBot, sample: Path) -> None:
    hands.session.new(messy(load(sample)))
    arrange(hands, qtbot)
    assert overlaps(hands) == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_what_was_laid_out_without_a_canvas_has_room_on_it(hands: Hands, sample: Path) -> None:
    """As the drawings of imported networks are."""
    placed = laid_out(load(sample))
    for graph in (placed.graph, *(block.graph for block in placed.blocks.values())):
        hands.session.new(replace(placed, graph=graph))
        items = hands.canvas.scene.nodes
        for edge in graph.edges:
            one, other = items[edge.source.node].body, items[edge.target.node].body
            next_row = other.left() < one.left()
            assert next_row or one.right() + LEAST_GAP <= other.left(), edge
        assert overlaps(hands) == []


def test_inside_a_block(hands: Hands, qtbot: QtBot) -> None:
    project = next(found for path in SAMPLES if (found := load(path)).blocks)
    hands.session.new(project)
    name = next(n.name for n in project.graph.nodes.values() if n.type.startswith("block:"))
    hands.session.look((name,))
    assert hands.session.block is not None
    outside = hands.project.graph
    hands.session.commit_drawing(messy(hands.session.drawing), "Mess up")
    arrange(hands, qtbot)
    assert overlaps(hands) == []
    assert hands.session.block is not None
    assert hands.project.graph == outside
    hands.undo()
    hands.undo()
    assert hands.project == project


@pytest.mark.parametrize(
    ("key", "modifiers", "step"),
    [
        (Qt.Key.Key_A, SHIFT, "left"),
        (Qt.Key.Key_D, SHIFT, "right"),
        (Qt.Key.Key_S, SHIFT | ALT, "centre"),
        (Qt.Key.Key_W, SHIFT, "top"),
        (Qt.Key.Key_S, SHIFT, "bottom"),
        (Qt.Key.Key_W, SHIFT | ALT, "middle"),
    ],
)
def test_align_by_keys(hands: Hands, key: Qt.Key, modifiers: Qt.KeyboardModifier, step: str) -> None:
    before = hands.project
    hands.click(hands.at("conv1"))
    hands.click(hands.at("relu"), SHIFT)
    hands.key(key, modifiers)
    one, two = (hands.canvas.scene.nodes[name].body for name in ("conv1", "relu"))
    hands.canvas.arranger.end()
    edge = {
        "left": (one.left(), two.left()),
        "right": (one.right(), two.right()),
        "centre": (one.center().x(), two.center().x()),
        "top": (one.top(), two.top()),
        "bottom": (one.bottom(), two.bottom()),
        "middle": (one.center().y(), two.center().y()),
    }[step]
    assert edge[0] == pytest.approx(edge[1], abs=1)
    assert hands.last_step.startswith("Align ")
    hands.undo()
    assert hands.project == before


@POPUPS
def test_distribute_by_the_menu(hands: Hands) -> None:
    for name in ("images", "conv1", "flat"):
        hands.click(hands.at(name), SHIFT)
    entries(menu_of(hands, hands.at("conv1")))["Distribute horizontally"].trigger()
    hands.canvas.arranger.end()
    bodies = [hands.canvas.scene.nodes[name].body for name in ("images", "conv1", "flat")]
    gaps = [b.left() - a.right() for a, b in pairwise(bodies)]
    assert gaps[0] == pytest.approx(gaps[1], abs=2)
    assert hands.last_step == "Distribute 3 nodes"


@POPUPS
def test_too_few_nodes_are_told(hands: Hands, qtbot: QtBot) -> None:
    hands.click(hands.at("conv1"))
    for key, count in ((Qt.Key.Key_A, 2), (Qt.Key.Key_H, 3)):
        with qtbot.waitSignal(hands.canvas.status) as told:
            hands.key(key, SHIFT)
        assert told.args == [f"Select {count} nodes or more first."]
    menu = entries(menu_of(hands, hands.at("conv1")))
    assert not menu["Align left"].isEnabled()
    assert menu["Align left"].toolTip() == "Select 2 nodes or more first."
    assert not menu["Distribute vertically"].isEnabled()
    assert menu["Arrange"].isEnabled()
    assert hands.session.undo_stack.count() == 0

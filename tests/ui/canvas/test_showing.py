"""What the canvas shows: nodes, ports, checks, the card with its fixes, menus, layers dragged in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from studio.catalog.registry import registry
from studio.project import edits
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Project
from studio.ui.canvas.canvas import Canvas
from studio.ui.canvas.card import ProblemCard
from studio.ui.canvas.face import UNCHECKED, Face, make_face
from studio.ui.canvas.pointer import MIME
from studio.ui.canvas.search import SearchBox
from studio.ui.session import Session
from studio.ui.theme import DARK, LIGHT
from tests.ui.canvas.conftest import Hands, connected, small_network, wired

POPUPS = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen, of every popup and tooltip


def face(node: Node, *edges: Edge) -> Face:
    layer = registry().layer(node.type)
    incoming = [edge for edge in edges if edge.target.node == node.name]
    return make_face(node, layer, incoming, [e for e in edges if e.source.node == node.name], UNCHECKED)


def into(port: str, index: int = 0) -> Edge:
    return Edge(Endpoint("a", "output"), Endpoint("n", port, index))


def test_a_node_shows_what_was_set_and_what_is_essential() -> None:
    rows = face(Node("n", "Conv2d", {"out_channels": 8, "stride": 1, "padding": (1, 2), "bias": False})).rows
    assert [(row.label, row.value) for row in rows] == [
        ("out_channels", "8"), ("kernel_size", "3"), ("padding", "1, 2"), ("bias", "off"),
    ]  # fmt: skip


def test_a_port_that_takes_several_wires_has_a_place_for_each_and_a_free_one() -> None:
    spots = face(Node("n", "Add"), into("inputs", 0), into("inputs", 1)).spots
    assert [(spot.index, spot.small) for spot in spots if spot.side == "in"] == [
        (0, False),
        (1, False),
        (2, True),
    ]


def test_the_target_of_a_loss_is_small_until_it_is_wired() -> None:
    lone = face(Node("n", "CrossEntropy"))
    assert [(spot.port, spot.small) for spot in lone.spots] == [("prediction", False), ("target", True)]
    fed = face(Node("n", "CrossEntropy"), into("target"))
    assert not any(spot.small for spot in fed.spots)


def test_an_unknown_layer_is_grey_and_has_the_ports_that_its_wires_name() -> None:
    strange = face(Node("n", "Mystery", {"depth": 3}), into("left"), into("right"))
    assert strange.family is None
    assert [spot.port for spot in strange.spots] == ["left", "right"]
    assert [(row.label, row.value) for row in strange.rows] == [("depth", "3")]


def test_long_names_and_values_stay_inside(hands: Hands) -> None:
    node = Node("n" * 60, "AdaptiveAvgPool2d", {"output_size": tuple(range(100, 180))})
    made = face(node)
    assert made.width <= 264
    assert made.rows[0].value.endswith("…")


def test_the_empty_canvas_says_how_to_begin(hands: Hands) -> None:
    assert not _hint(hands).isVisible()
    hands.session.new()
    assert _hint(hands).isVisible()
    assert "Drag a layer here…" in _hint(hands).text()
    hands.canvas.place("Input")
    assert not _hint(hands).isVisible()
    hands.undo()
    assert _hint(hands).isVisible()
    hands.key(Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)  # a frame would lie under the words
    assert not _hint(hands).isVisible()


def test_layers_placed_from_the_palette_are_wired_one_after_the_other(hands: Hands) -> None:
    hands.session.new()
    for type in ("Input", "Flatten", "Linear", "CrossEntropy"):
        hands.canvas.place(type)
    assert set(hands.wires) == {
        "input -> flatten.input0", "flatten -> linear.input0", "linear -> cross_entropy.prediction0",
    }  # fmt: skip
    bodies = [item.body for item in hands.canvas.scene.nodes.values()]
    assert not any(a.intersects(b) for a in bodies for b in bodies if a is not b)


def test_the_check_shows_on_wires_nodes_and_in_the_card(hands: Hands) -> None:
    checked = hands.check()
    pills = {
        f"{edge.source.node}-{edge.target.node}": item for edge, item in hands.canvas.scene.edges.items()
    }
    assert pills["images-conv1"].pill == "1×28×28"
    assert pills["conv1-merge"].pill == "8×28×28"
    assert pills["conv1-merge"].wrong
    assert not pills["images-conv1"].wrong
    assert hands.canvas.scene.nodes["merge"].face.errors == 1
    share = hands.canvas.scene.nodes["conv1"].face.share
    assert share is not None
    assert 0.5 < share < 1
    card = hands.canvas.findChild(ProblemCard)
    assert card is not None
    assert not card.isVisible()
    hands.canvas.select(["merge"])
    assert card.isVisible()
    assert any("merge: Add needs equal shapes" in label.text() for label in card.findChildren(QLabel))
    asked: list[object] = []
    hands.canvas.fix_requested.connect(asked.append)
    button = card.findChild(QPushButton)
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    problem = next(one for one in checked.problems if one.node == "merge")
    assert asked == [problem.fixes[0]]
    hands.session.commit(problem.fixes[0].edit(hands.project), "Fix")
    hands.check()
    assert not card.isVisible()
    assert hands.canvas.scene.nodes["merge"].face.errors == 0


def test_the_card_stays_inside_the_canvas(hands: Hands) -> None:
    hands.check()
    hands.canvas.select(["merge"])
    card = hands.canvas.findChild(ProblemCard)
    assert card is not None
    for corner in (QPointF(-2000, -2000), QPointF(2000, 2000), QPointF(500, 60)):
        hands.canvas.view.center_at(corner)
        assert hands.canvas.rect().contains(card.geometry())


@POPUPS
def test_tooltips_say_what_lies_under_the_pointer(hands: Hands) -> None:
    hands.check()
    wire = (hands.place("merge", "out", "output") + hands.place("flat", "in", "input")) / 2
    told = [
        _tip(hands, at)
        for at in (hands.at("merge"), hands.at("relu"), hands.place("images", "out", "output"), wire)
    ]
    assert "differ in C: " in told[0]
    assert told[1].startswith("relu: nothing is connected")
    assert "N × C=1 × H=28 × W=28 float32" in told[2]
    assert told[3].startswith("merge → flat")


@POPUPS
def test_wires_show_open_sizes_and_their_input_what_is_demanded(hands: Hands) -> None:
    project = edits.delete(hands.project, ("conv2", "merge", "flat", "loss", "relu"))
    project, _ = edits.add_node(project, "MaxPool2d", (480, 0), {}, "pool")
    project = edits.set_params(project, "images", {"shape": "1, H, W"})
    hands.session.commit(wired(project, "conv1 -> pool"), "Open")
    hands.check()
    pills = [item.pill for item in hands.canvas.scene.edges.values()]
    assert sorted(pills) == ["1×H×W", "8×H×W"]
    assert "N × C=8 × H=H/2 × W=W/2" in _tip(hands, hands.place("pool", "out", "output"))
    assert _tip(hands, hands.at("images")).endswith("H, W: at least 2, shown for multiples of 2")


@POPUPS
def test_menus_offer_fixes_on_nodes_and_layers_on_the_empty_canvas(hands: Hands) -> None:
    hands.check()
    texts = _menu(hands, hands.at("merge"))
    assert hands.canvas.selection == ("merge",)
    assert texts[0].startswith("Fix: ")
    assert {"Rename", "Duplicate", "Mute or unmute", "Delete"} <= set(texts)
    offered = [
        "Add layer…",
        "Add frame",
        "Add note",
        "Paste",
        "New block…",
        "Arrange",
        "Select all",
        "Fit the drawing",
        "Export drawing…",
    ]
    assert _menu(hands, hands.empty()) == offered
    assert hands.canvas.selection == ()


def test_a_layer_dragged_in_lands_under_the_pointer(hands: Hands) -> None:
    _drop(hands, "Tanh", hands.empty())
    body = hands.canvas.scene.nodes["tanh"].body
    assert body.contains(hands.canvas.view.mapToScene(hands.empty()))
    assert (body.x() % 4, body.y() % 4) == (0, 0)
    assert hands.canvas.selection == ("tanh",)
    assert hands.last_step == "Add tanh"


def test_a_layer_dropped_on_a_wire_is_put_into_it(hands: Hands) -> None:
    wire = (hands.place("merge", "out", "output") + hands.place("flat", "in", "input")) / 2
    _drop(hands, "Dropout", wire)
    assert {"merge -> dropout.input0", "dropout -> flat.input0"} <= set(hands.wires)


def test_anything_else_that_is_dragged_over_is_refused(hands: Hands) -> None:
    data = QMimeData()
    data.setText("words")
    event = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, _NONE)
    event.ignore()
    QApplication.sendEvent(hands.port, event)
    assert not event.isAccepted()


def test_another_project_is_shown_whole_and_nothing_of_the_old_one(hands: Hands) -> None:
    hands.canvas.select_all()
    project = wired(_chain(40), *(f"n{i} -> n{i + 1}" for i in range(39)))
    hands.session.new(project)
    assert hands.canvas.selection == ()
    assert set(hands.canvas.scene.nodes) == set(project.graph.nodes)
    seen = hands.canvas.view.seen()
    assert all(seen.contains(item.body) for item in hands.canvas.scene.nodes.values())


def test_revealing_a_node_selects_it_and_brings_it_into_sight(hands: Hands) -> None:
    hands.canvas.view.center_at(QPointF(9000, 9000))
    hands.canvas.reveal("relu")
    assert hands.canvas.selection == ("relu",)
    assert hands.canvas.view.seen().contains(hands.canvas.scene.nodes["relu"].body)


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("zoom", [1.0, 0.6, 0.3])
def test_every_level_of_zoom_is_painted(
    hands: Hands, tokens: object, zoom: float, pictures: Path | None, qtbot: QtBot
) -> None:
    assert tokens in (DARK, LIGHT)
    chosen = DARK if tokens is DARK else LIGHT
    hands.canvas.set_tokens(chosen)
    hands.check()
    hands.canvas.select(["merge"])
    hands.canvas.zoom_to(zoom)
    qtbot.wait(100)
    picture = hands.canvas.grab()
    if pictures:
        picture.save(str(pictures / f"canvas-{chosen.scheme}-{zoom}.png"))
    image = picture.toImage()
    assert image.pixelColor(hands.empty()).name() == chosen.canvas
    body = hands.canvas.scene.nodes["conv2"].body
    inside = image.pixelColor(hands.pixel(QPointF(body.right() - 20, body.bottom() - 12))).name()
    assert inside == (chosen.node if zoom > 0.5 else "#5b9dff")
    colours = {image.pixelColor(x, y).name() for x in range(0, 1280, 3) for y in range(0, 800, 3)}
    assert len(colours) > 20


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "delete", "move", "connect", "disconnect", "set", "rename", "undo"]),
        st.integers(0, 99),
    ),
    max_size=14,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_following_changes_shows_the_same_as_starting_afresh(
    qtbot: QtBot, steps: list[tuple[str, int]]
) -> None:
    session = Session()
    canvas = connected(session)
    session.new(small_network())
    for step, number in steps:
        if step == "undo":
            session.undo_stack.undo()
        else:
            session.commit(_edited(session.project, step, number), step)
    afresh = connected(session)
    assert _picture(canvas) == _picture(afresh)
    for one in (canvas, afresh):
        session.changed.disconnect(one.show_changes)
        one.deleteLater()


_NONE = Qt.KeyboardModifier.NoModifier


def _picture(canvas: Canvas) -> tuple[object, ...]:
    scene = canvas.scene
    nodes = {name: (item.face, item.body, item.pos()) for name, item in scene.nodes.items()}
    edges = {edge: (item.path, item.bounds) for edge, item in scene.edges.items()}
    return nodes, edges, len(scene.items())


def _edited(project: Project, step: str, number: int) -> Project:
    names, wires = sorted(project.graph.nodes), project.graph.edges
    if step == "add" or not names:
        types = list(registry().layers)
        return edits.add_node(project, types[number % len(types)], (number * 8.0, number * 4.0))[0]
    name, other = names[number % len(names)], names[number // 3 % len(names)]
    deeds = {
        "delete": lambda: edits.delete(project, [name]),
        "move": lambda: edits.move(project, {name: (number * 4.0, 40.0)}),
        "connect": lambda: edits.connect(project, Endpoint(name, "output"), Endpoint(other, "input")),
        "disconnect": lambda: edits.disconnect(project, wires[number % len(wires)]) if wires else project,
        "set": lambda: edits.set_params(project, name, {"out_channels": number + 1}),
        "rename": lambda: edits.rename(project, name, f"fresh{number}_{len(names)}"),
    }
    return deeds[step]()


def _chain(count: int) -> Project:
    nodes = {f"n{i}": Node(f"n{i}", "ReLU", {}, (i * 180.0, i * 40.0)) for i in range(count)}
    return Project(name="chain", graph=Graph(nodes))


def _hint(hands: Hands) -> QLabel:
    return next(label for label in hands.canvas.findChildren(QLabel) if "Drag a layer" in label.text())


def _tip(hands: Hands, at: QPoint) -> str:
    QApplication.sendEvent(hands.port, QHelpEvent(QHelpEvent.Type.ToolTip, at, hands.port.mapToGlobal(at)))
    return QToolTip.text()


def _menu(hands: Hands, at: QPoint) -> list[str]:
    QTest.mouseClick(hands.port, Qt.MouseButton.RightButton, pos=at)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, hands.port.mapToGlobal(at))
    QApplication.sendEvent(hands.port, event)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    texts = [action.text().replace("&", "").partition("\t")[0] for action in menu.actions() if action.text()]
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    return texts


def _drop(hands: Hands, type: str, at: QPoint) -> None:
    data = QMimeData()
    data.setData(MIME, type.encode())
    left = Qt.MouseButton.LeftButton
    for event in (
        QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, left, _NONE),
        QDragMoveEvent(at, Qt.DropAction.CopyAction, data, left, _NONE),
        QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, left, _NONE),
    ):
        QApplication.sendEvent(hands.port, event)
        assert event.isAccepted()


def test_a_wire_without_its_node_is_kept_and_not_shown(hands: Hands) -> None:
    """A file may hold one; it comes to light with its node."""
    loose = Edge(Endpoint("ghost", "output"), Endpoint("merge", "inputs", 2))
    lost = Edge(Endpoint("conv1", "output"), Endpoint("nowhere", "input"))
    graph = hands.project.graph
    hands.session.new(hands.project.with_graph(graph.with_edges(loose, lost)))
    scene = hands.canvas.scene
    assert scene.edges.keys() == set(graph.edges)
    hands.session.commit(edits.move(hands.project, {"merge": (500.0, 80.0)}), "Move")
    hands.click(hands.at("conv1"))
    hands.key(Qt.Key.Key_Right)
    assert hands.canvas.selection == ("merge",)
    hands.session.commit(edits.add_node(hands.project, "ReLU", (0.0, 400.0), {}, "ghost")[0], "Add ghost")
    assert scene.edges.keys() == {*graph.edges, loose}
    hands.undo()
    assert scene.edges.keys() == set(graph.edges)
    assert {loose, lost} <= set(hands.project.graph.edges)
    hands.check()
    hands.session.commit(edits.disconnect(hands.project, loose, lost), "Disconnect")
    assert scene.edges.keys() == set(graph.edges)


def test_a_layer_for_a_wire_whose_node_is_gone_is_placed_alone(hands: Hands) -> None:
    """A wire is dropped on nothing, a layer is asked for, and its node is deleted before one is chosen."""
    end = hands.pixel(QPointF(420, 330))
    hands.drag(hands.place("conv2", "out", "output"), end)
    search = hands.canvas.findChild(SearchBox)
    assert search is not None
    assert search.isVisible()
    hands.session.commit(edits.delete(hands.project, ["conv2"]), "Delete conv2")
    QTest.keyClicks(search.field, "tanh")
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    assert "tanh" in hands.project.graph.nodes
    assert hands.project.graph.incoming("tanh") == ()

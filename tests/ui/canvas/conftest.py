"""A canvas with a session behind it, and hands that use it as a person does: with mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.build.check import Checker
from studio.build.plan import Checked
from studio.build.repair import repaired
from studio.catalog.registry import registry
from studio.project import edits
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint
from studio.project.project import Project
from studio.ui.ask_name import AskName
from studio.ui.canvas.canvas import Canvas
from studio.ui.session import Session
from tests.ui.nested import nested

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier
FIELDS = {
    "image": Field("image", (1, 28, 28), picture=True),
    "label": Field("label", (), "int64", tuple("0123456789"), "target"),
}


def wired(project: Project, *pairs: str) -> Project:
    """Wires written as "a -> b" or "a -> b.port"."""
    for pair in pairs:
        source, target = pair.split(" -> ")
        node, _, port = target.partition(".")
        layer = registry().layer(project.graph.nodes[node].type)
        name = port or (layer.inputs[0].name if layer else "input")
        variadic = bool(layer and (found := layer.port(name, "in")) and found.variadic)
        project = edits.connect(project, Endpoint(source, "output"), Endpoint(node, name), variadic)
    return project


def small_network() -> Project:
    """Two branches that do not fit, a loss, and an activation without wires."""
    project = Project(name="small")
    for name, type, at, params in (
        ("images", "Input", (0, 0), {"field": "image"}),
        ("conv1", "Conv2d", (240, 0), {"out_channels": 8, "padding": "same"}),
        ("conv2", "Conv2d", (240, 160), {"out_channels": 4, "padding": "same"}),
        ("merge", "Add", (480, 0), {}),
        ("flat", "Flatten", (720, 0), {}),
        ("loss", "CrossEntropy", (720, 160), {}),
        ("relu", "ReLU", (480, 240), {}),
    ):
        project, _ = edits.add_node(project, type, at, params, name)
    wires = ("images -> conv1", "images -> conv2", "conv1 -> merge", "conv2 -> merge", "merge -> flat")
    return wired(project, *wires, "flat -> loss")


class Hands:
    """Uses a canvas by real events only."""

    def __init__(self, canvas: Canvas, session: Session) -> None:
        self.canvas, self.session = canvas, session
        self.port = canvas.view.viewport()

    @property
    def project(self) -> Project:
        return self.session.project

    @property
    def wires(self) -> list[str]:
        """All wires, as "a -> b.port0"."""
        return [_written(edge) for edge in self.project.graph.edges]

    @property
    def last_step(self) -> str:
        """The name of the latest undo step."""
        return self.session.undo_stack.undoText()

    def pixel(self, point: QPointF) -> QPoint:
        return self.canvas.view.mapFromScene(point)

    def at(self, name: str) -> QPoint:
        """The middle of a node's header."""
        body = self.canvas.scene.nodes[name].body
        return self.pixel(QPointF(body.center().x(), body.y() + 16))

    def place(self, name: str, side: str, port: str, index: int = 0) -> QPoint:
        """A port."""
        return self.pixel(self.canvas.scene.nodes[name].place_of(side, port, index))

    def empty(self) -> QPoint:
        """A place without anything."""
        return self.pixel(QPointF(60, 260))

    def click(self, at: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.port, LEFT, modifiers, at)

    def drag(
        self,
        start: QPoint,
        end: QPoint,
        *,
        modifiers: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
        release: bool = True,
    ) -> None:
        QTest.mouseMove(self.port, start)
        QTest.mousePress(self.port, button, modifiers, start)
        for part in (0.2, 0.6, 1.0):
            QTest.mouseMove(self.port, start + (end - start) * part)
        if release:
            QTest.mouseRelease(self.port, button, modifiers, end)

    def drag_on(self, to: QPoint) -> None:
        """Go on with a drag that was not released."""
        QTest.mouseMove(self.port, to)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.canvas.view, key, modifiers)

    def undo(self) -> None:
        self.session.undo_stack.undo()

    def check(self) -> Checked:
        """Check the project as it is, and show the answer."""
        checker = Checker()
        checked = repaired(checker.check(self.project, FIELDS), checker)
        assert checked is not None
        self.session.take_check(checked)
        return checked


def connected(session: Session) -> Canvas:
    """A canvas wired to a session as the window wires it."""
    canvas = Canvas(session, registry())
    session.changed.connect(canvas.show_changes)
    session.focus_moved.connect(canvas.show_focus)
    session.stepped_back.connect(canvas.entrance.show_step)
    session.replaced.connect(canvas.show_replaced)
    session.check_arrived.connect(canvas.show_checked)
    return canvas


@pytest.fixture(autouse=True)
def _fonts(qapp: QApplication) -> None:
    """Nodes are laid out by their fonts, and there are none before the application."""


@pytest.fixture
def hands(qtbot: QtBot) -> Hands:
    """A small network on a canvas of 1280×800."""
    session = Session()
    canvas = connected(session)
    qtbot.addWidget(canvas)
    canvas.resize(1280, 800)
    with qtbot.waitExposed(canvas):
        canvas.show()
    session.new(small_network())
    canvas.setFocus()
    return Hands(canvas, session)


@pytest.fixture
def drawn(hands: Hands) -> Hands:
    """The nested project on the canvas, checked."""
    hands.session.new(nested())
    hands.canvas.setFocus()
    hands.check()
    return hands


def enter(hands: Hands, name: str) -> None:
    """By double-click, as a person does."""
    QTest.mouseDClick(hands.port, LEFT, pos=hands.at(name))


def asking(hands: Hands) -> AskName:
    """The box that asks for a name."""
    found = [one for one in hands.canvas.findChildren(AskName) if one.isVisible()]
    assert len(found) == 1
    return found[0]


def _written(edge: Edge) -> str:
    return f"{edge.source.node} -> {edge.target.node}.{edge.target.port}{edge.target.index}"

"""A thousand nodes and wires stay fluid, in CPU time of the GUI's thread."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import thread_time

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.build.plan import Checked, Cost, Dim, TensorType
from studio.project import edits
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Project
from studio.ui.session import Session
from tests.ui.canvas.conftest import Hands, connected

COUNT, COLUMNS = 1000, 32
FRAME = 0.016


def thousand() -> Project:
    kinds = (("Conv2d", {"padding": 1}), ("BatchNorm2d", {}), ("ReLU", {}), ("Dropout", {}), ("Linear", {}))
    nodes, wires = {}, []
    for number in range(COUNT):
        type, params = kinds[number % len(kinds)]
        row, column = divmod(number, COLUMNS)
        nodes[f"n{number}"] = Node(f"n{number}", type, params, (column * 232.0, row * 136.0))
        if number:
            wires.append(Edge(Endpoint(f"n{number - 1}", "output"), Endpoint(f"n{number}", "input")))
    return Project(name="thousand", graph=Graph(nodes, tuple(wires)))


def spent(deed: Callable[[], object]) -> float:
    began = thread_time()
    deed()
    return thread_time() - began


@pytest.fixture
def large(qtbot: QtBot) -> Hands:
    session = Session()
    canvas = connected(session)
    qtbot.addWidget(canvas)
    canvas.resize(1600, 900)
    with qtbot.waitExposed(canvas):
        canvas.show()
    hands = Hands(canvas, session)
    project = thousand()

    def open_it() -> None:
        session.new(project)
        hands.port.repaint()

    assert spent(open_it) < 1.0
    return hands


@pytest.mark.parametrize("zoom", [0.1, 0.25, 0.45, 0.55, 0.75, 1.0, 2.0])
def test_panning_and_zooming_repaint_within_a_frame(large: Hands, zoom: float) -> None:
    view = large.canvas.view
    large.canvas.zoom_to(zoom)
    large.port.repaint()

    def pan() -> None:
        view.pan(QPoint(37, -21))
        large.port.repaint()

    def closer() -> None:
        large.canvas.zoom_to(large.canvas.zoom * 1.02)
        large.port.repaint()

    assert median(spent(pan) for _ in range(15)) < FRAME
    assert median(spent(closer) for _ in range(15)) < FRAME


def test_an_edit_shows_within_a_frame(large: Hands) -> None:
    large.canvas.zoom_to(1.0)
    QApplication.processEvents()

    def edit(number: int) -> None:
        changed = edits.set_params(large.project, f"n{500 + number}", {"out_channels": 70 + number})
        large.session.commit(changed, "Set")
        QApplication.processEvents()

    assert median(spent(lambda at=at: edit(at)) for at in range(15)) < FRAME


def test_a_check_shows_within_a_frame(large: Hands) -> None:
    def answer(size: int) -> Checked:
        types = {Endpoint(name, "output"): TensorType((Dim(), size)) for name in large.project.graph.nodes}
        costs = {name: Cost(parameters=1 + size % 7) for name in large.project.graph.nodes}
        return Checked(large.project, types=types, costs=costs)

    large.session.take_check(answer(1))
    answers = [answer(size) for size in range(2, 11)]
    assert median(spent(lambda one=one: large.session.take_check(one)) for one in answers) < FRAME


def test_dragging_fifty_nodes_keeps_up(large: Hands) -> None:
    large.canvas.zoom_to(0.6)
    large.canvas.select([f"n{number}" for number in range(500, 550)])
    QApplication.processEvents()
    large.canvas.reveal("n520")
    large.canvas.select([f"n{number}" for number in range(500, 550)])
    start = large.at("n520")
    large.drag(start, start + QPoint(10, 10), release=False)

    def further(step: int) -> None:
        large.drag_on(start + QPoint(10 + 8 * step, 10))
        large.port.repaint()

    assert median(spent(lambda at=at: further(at)) for at in range(15)) < FRAME

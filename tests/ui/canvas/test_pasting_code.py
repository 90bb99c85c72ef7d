"""Copy and paste: a piece of PyTorch code makes nodes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from studio.project.constants import set_constant
from tests.ui.canvas.conftest import Hands

CTRL = Qt.KeyboardModifier.ControlModifier
CNN = """nn.Sequential(
    nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.LazyLinear(10)
)"""
LINES = """
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(6 * 12 * 12, 120)
"""


@pytest.fixture
def said(hands: Hands) -> list[str]:
    told: list[str] = []
    hands.canvas.status.connect(told.append)
    return told


def paste(hands: Hands, text: str) -> list[str]:
    """Paste at a place below everything; says the new nodes from left to right."""
    before = set(hands.project.graph.nodes)
    QGuiApplication.clipboard().setText(text)
    QTest.mouseMove(hands.port, hands.pixel(QPointF(0, 400)))
    hands.key(Qt.Key.Key_V, CTRL)
    nodes = hands.project.graph.nodes
    return sorted(nodes.keys() - before, key=lambda name: nodes[name].position)


def test_a_sequential_becomes_a_row_of_nodes_that_are_wired_and_selected(hands: Hands) -> None:
    before = hands.project
    made = paste(hands, CNN)
    assert made == ["conv", "relu1", "max_pool", "flatten", "linear"]
    assert hands.canvas.selection == tuple(made)
    wires = {(edge.source.node, edge.target.node) for edge in hands.project.graph.edges}
    assert set(pairwise(made)) <= wires
    bodies = [hands.canvas.scene.nodes[name].body for name in made]
    assert all(one.right() + 40 <= other.left() for one, other in pairwise(bodies))
    assert {body.top() for body in bodies} == {400.0}
    assert hands.last_step == "Paste 5 nodes"
    hands.undo()
    assert hands.project == before


def test_lines_of_a_class_keep_their_names_as_far_as_they_are_free(hands: Hands) -> None:
    made = paste(hands, LINES)
    assert made == ["conv3", "pool", "fc1"]
    assert hands.project.graph.nodes["conv3"].params == {"out_channels": 6, "kernel_size": 5}


def test_code_that_cannot_be_read_changes_nothing_and_says_the_line(hands: Hands, said: list[str]) -> None:
    before = hands.project
    assert paste(hands, "nn.ReLU()\nnn.Cov2d(3, 16, 3)") == []
    assert hands.project is before
    assert said == ["Line 2: nn.Cov2d is no layer that Neuroloom has. Did you mean Conv2d?"]


def test_a_name_of_the_project_is_read_as_a_formula(hands: Hands) -> None:
    hands.session.commit(set_constant(hands.project, "width", 24), "Set width")
    (made,) = paste(hands, "nn.Linear(8, 2 * width)")
    assert hands.project.graph.nodes[made].params == {"out_features": "= 2 * width"}


def test_branches_of_a_whole_class_lie_beside_each_other(hands: Hands) -> None:
    made = paste(
        hands,
        """
class Block(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return F.relu(self.first(x) + self.second(x))
""",
    )
    assert set(made) == {"first", "second", "add", "relu1"}
    bodies = {name: hands.canvas.scene.nodes[name].body for name in made}
    assert bodies["first"].x() == bodies["second"].x() < bodies["add"].x() < bodies["relu1"].x()
    assert not bodies["first"].intersects(bodies["second"])

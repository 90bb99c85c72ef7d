"""Mute a node (M): its input passes through in checking, training and code, as if it were taken out."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PySide6.QtCore import QRect, Qt

from studio.build.plan import Checked
from studio.interchange.pytorch.source import to_pytorch
from studio.project.graph import Node
from studio.project.project import Project
from studio.train.checkpoint import load_network
from tests.train.drawings import digits, train
from tests.ui.canvas.conftest import Hands

CTRL = Qt.KeyboardModifier.ControlModifier
HIDDEN = (Node("hidden", "Linear", {"out_features": 24}), Node("act", "Tanh"))
Both = tuple[tuple[Project, Checked], tuple[Project, Checked]]


@pytest.fixture
def both(hands: Hands) -> Both:
    """The drawing with two nodes muted by M, and with the same two deleted and joined; both checked."""
    hands.session.new(digits(*HIDDEN, epochs=1))
    hands.canvas.setFocus()
    hands.canvas.select(["hidden", "act"])
    hands.key(Qt.Key.Key_M)
    assert hands.last_step == "Mute 2 nodes"
    muted = hands.project, hands.check()
    hands.undo()
    hands.canvas.select(["hidden", "act"])
    hands.key(Qt.Key.Key_Delete, CTRL)
    return muted, (hands.project, hands.check())


def test_in_checking(both: Both) -> None:
    (_, muted), (_, gone) = both
    assert muted.plan is not None
    assert not muted.errors
    kept = {output: type for output, type in muted.types.items() if output.node not in ("hidden", "act")}
    assert kept == dict(gone.types)
    assert muted.total.parameters == gone.total.parameters
    assert [step.name for step in muted.plan.steps] == [step.name for step in gone.plan.steps]


def test_in_training(both: Both, tmp_path: Path) -> None:
    weights = []
    for name, (project, _) in zip(("muted", "gone"), both, strict=True):
        ran = train(project, tmp_path / name)
        assert ran.result.finished
        weights.append(load_network(ran.result.run_dir)[0].state_dict())
    muted, gone = weights
    assert muted.keys() == gone.keys()
    assert all(torch.equal(muted[key], gone[key]) for key in gone)


def test_in_the_code(both: Both) -> None:
    texts = [to_pytorch(project, checked.plan) for project, checked in both if checked.plan is not None]
    assert texts[0] == texts[1]
    assert "Tanh" not in texts[0]


def test_unmuted_the_nodes_work_again(hands: Hands) -> None:
    hands.session.new(digits(*HIDDEN))
    before = hands.project
    hands.canvas.setFocus()
    hands.canvas.select(["hidden", "act"])
    for _ in range(2):
        hands.key(Qt.Key.Key_M)
    assert hands.project == before
    assert hands.last_step == "Unmute 2 nodes"


def test_from_afar_a_muted_node_is_struck_out(hands: Hands) -> None:
    """By more than its colour: a line goes across its plate, and is gone when it works again."""
    hands.canvas.zoom_to(0.4)
    hands.click(hands.pixel(hands.canvas.scene.nodes["conv1"].body.center()))
    body = hands.canvas.scene.nodes["conv1"].body
    place = QRect(hands.pixel(body.topLeft()), hands.pixel(body.bottomRight()))
    before = hands.canvas.grab(place).toImage()
    hands.key(Qt.Key.Key_M)
    muted = hands.canvas.grab(place).toImage()
    assert muted != before
    wide, high = muted.width(), muted.height()
    across = [(x, high - 1 - x * high // wide) for x in range(6, wide // 3)]
    darker = [muted.pixelColor(*at).lightness() < before.pixelColor(*at).lightness() for at in across]
    assert sum(darker) > len(across) * 0.8
    hands.key(Qt.Key.Key_M)
    assert hands.canvas.grab(place).toImage() == before

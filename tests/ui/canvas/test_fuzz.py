"""Random use of the canvas, on a project with blocks: nothing fails, and undoing all gives the first one."""

from __future__ import annotations

import pytest

from studio.build.check import Checker
from studio.project.storage import dumps, loads
from tests.ui.canvas.conftest import FIELDS, Hands, connected
from tests.ui.canvas.fuzz import Fuzz


def used(hands: Hands, seed: int, events: int) -> None:
    """Play, look at what is there, and undo all."""
    first = hands.project
    fuzz = Fuzz(hands, seed)
    fuzz.play(events)
    session, did = hands.session, "\n".join(fuzz.log)
    assert loads(dumps(session.project)) == session.project, f"seed {seed}:\n{did}"
    assert Checker().check(session.project, FIELDS) is not None
    same_as_afresh(hands)
    while session.undo_stack.canUndo():
        session.undo_stack.undo()
    assert session.project == first, f"seed {seed}"
    same_as_afresh(hands)


def same_as_afresh(hands: Hands) -> None:
    """What is shown after all the changes is what a new canvas shows of the same project."""
    hands.check()
    other = connected(hands.session)
    other.show_checked(hands.session.checked)
    shown, afresh = hands.canvas.scene, other.scene
    assert shown.nodes.keys() == afresh.nodes.keys()
    assert shown.edges.keys() == afresh.edges.keys()
    for name, item in afresh.nodes.items():
        assert shown.nodes[name].body == item.body
        assert shown.nodes[name].face == item.face
    for edge, wire in afresh.edges.items():
        assert shown.edges[edge].path == wire.path
    other.deleteLater()


@pytest.mark.qt_log_ignore("This plugin does not support")
@pytest.mark.parametrize("seed", [1, 2])
def test_random_events_never_break_the_canvas(drawn: Hands, seed: int) -> None:
    used(drawn, seed, events=2500)


@pytest.mark.torture
@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_hundred_thousand_random_events(drawn: Hands) -> None:
    used(drawn, seed=7, events=100_000)

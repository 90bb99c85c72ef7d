"""Deltas: what was before and what is after, made from each other, exactly, and kept small."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from studio.project import edits
from studio.project.delta import delta, redone, undone
from studio.project.graph import Edge, Endpoint, Frame, Graph, Node
from studio.project.project import Project
from studio.project.storage import dumps
from tests.project.strategies import PROJECTS, edited


def exactly(one: Project, other: Project) -> bool:
    """Equal as written, where 1, 1.0 and True differ, and with the nodes in the same order."""
    orders = [[list(graph.nodes) for graph in _graphs(project)] for project in (one, other)]
    return repr(one) == repr(other) and orders[0] == orders[1]


def _graphs(project: Project) -> list[Graph]:
    return [project.graph, *(block.graph for block in project.blocks.values())]


@settings(max_examples=60)
@given(PROJECTS, PROJECTS)
def test_any_project_from_any_other(before: Project, after: Project) -> None:
    change = delta(before, after)
    assert exactly(redone(change, before), after)
    assert exactly(undone(change, after), before)


@settings(max_examples=60)
@given(st.data(), PROJECTS)
def test_a_chain_of_edits_there_and_back(data: st.DataObject, start: Project) -> None:
    """The same value goes through all steps: what one leaves is what the next was made for."""
    values = [start]
    for _ in range(data.draw(st.integers(1, 6))):
        values.append(data.draw(edited(values[-1])))
    steps = [delta(old, new) for old, new in pairwise(values)]
    here = values[-1]
    for step, wanted in zip(reversed(steps), reversed(values[:-1]), strict=True):
        here = undone(step, here)
        assert exactly(here, wanted)
    for step, wanted in zip(steps, values[1:], strict=True):
        here = redone(step, here)
        assert exactly(here, wanted)


def test_what_is_the_same_is_no_delta_and_what_is_shared_stays_shared() -> None:
    before = chain(5)
    assert delta(before, before) is None
    after = edits.move(before, {"n2": (7.0, 7.0)})
    change = delta(before, after)
    again = undone(change, after)
    assert again == before
    assert again.graph.nodes["n1"] is before.graph.nodes["n1"]
    assert again.graph.edges is after.graph.edges
    assert again.data is before.data


def test_wires_are_found_again_after_a_wire_came_and_went() -> None:
    """A graph remembers its wires by node; that must not outlive them."""
    before = chain(4)
    wire = before.graph.incoming("n2")[0]
    after = edits.disconnect(before, wire)
    assert after.graph.incoming("n2") == ()
    assert undone(delta(before, after), after).graph.incoming("n2") == (wire,)
    assert redone(delta(before, after), before).graph.incoming("n2") == ()


def test_one_becomes_true_and_back() -> None:
    """Values that Python calls equal are told apart."""
    before = edits.set_params(chain(2), "n0", {"x": 1})
    after = edits.set_params(before, "n0", {"x": True})
    assert undone(delta(before, after), after).graph.nodes["n0"].params["x"] is not True
    assert redone(delta(before, after), before).graph.nodes["n0"].params["x"] is True


def test_frames_are_part_of_it() -> None:
    before = chain(2)
    after = before.with_graph(replace(before.graph, frames={"f": Frame("f", "Encoder")}))
    change = delta(before, after)
    assert redone(change, before).graph.frames["f"].title == "Encoder"
    assert undone(change, after) == before


def test_a_delta_is_small_however_large_the_project() -> None:
    before = chain(2000)
    steps = []
    tracemalloc.start()
    began = tracemalloc.get_traced_memory()[0]
    here = before
    for at in range(200):
        after = edits.move(here, {f"n{at * 7}": (at + 0.5, 3.0)})
        after = edits.disconnect(after, after.graph.incoming(f"n{at * 7 + 1}")[0])
        steps.append(delta(here, after))
        here = after
    kept = tracemalloc.get_traced_memory()[0] - began
    tracemalloc.stop()
    assert kept < 200 * 2500 + 2_000_000
    for step in reversed(steps):
        here = undone(step, here)
    assert dumps(here) == dumps(before)


def chain(count: int) -> Project:
    """Nodes in a row, each wired to the next."""
    nodes = {f"n{at}": Node(f"n{at}", "Linear", {}, (240.0 * at, 0.0)) for at in range(count)}
    wires = (Edge(Endpoint(f"n{at}", "output"), Endpoint(f"n{at + 1}", "input")) for at in range(count - 1))
    return Project(graph=Graph(nodes, tuple(wires)))

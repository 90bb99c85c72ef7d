"""Frames, notes, colours and the bends of wires: what each edit does with them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.project import bends, block_edits, edits, marks
from studio.project.arranging import Box
from studio.project.changes import diff
from studio.project.graph import Edge, Endpoint, Frame, Graph, Node, Sticky
from studio.project.project import Project
from studio.project.storage import dumps, loads

BEND = (150.0, 80.0)


def _wire(source: str, target: str, *points: tuple[float, float]) -> Edge:
    return Edge(Endpoint(source, "output"), Endpoint(target, "input"), bends=points)


def _drawn() -> Project:
    """x → a → b → y from left to right, a frame around a and b with a note, and a note far away."""
    nodes = {
        "x": Node("x", "Input", {}, (-1000.0, 0.0)),
        "a": Node("a", "Linear", {"out_features": 4}, (0.0, 0.0), colour="red", pinned=True),
        "b": Node("b", "ReLU", {}, (400.0, 0.0)),
        "y": Node("y", "Output", {}, (1400.0, 0.0)),
    }
    wires = (
        _wire("x", "a", (-500.0, 50.0), (10.0, 10.0)),
        _wire("a", "b", BEND),
        _wire("b", "y", (500.0, 20.0), (900.0, 70.0)),
    )
    frame = Frame("stem", "Stem", "blue", (-20.0, -60.0), (640.0, 300.0))
    inside, aside = Sticky("tip", "inside", position=(20.0, 0.0), size=(80.0, 50.0)), Sticky("far")
    far = replace(aside, position=(5000.0, 0.0))
    return Project(graph=Graph(nodes, wires).with_marks(frame, inside, far))


def _bends(graph: Graph) -> dict[tuple[str, str], tuple[tuple[float, float], ...]]:
    return {(e.source.node, e.target.node): e.bends for e in graph.edges}


def test_a_wire_between_nodes_that_move_alike_keeps_its_way():
    project = _drawn()
    together = edits.move(project, {"a": (10.0, 5.0), "b": (410.0, 5.0)})
    assert _bends(together.graph)["a", "b"] == ((160.0, 85.0),)
    assert _bends(together.graph)["x", "a"] == _bends(project.graph)["x", "a"]
    assert _bends(edits.move(project, {"a": (10.0, 5.0)}).graph) == _bends(project.graph)


def test_a_frame_carries_what_lies_in_it():
    project = _drawn()
    assert marks.carried(project.graph, ["stem"]) == marks.Carried(frozenset("ab"), frozenset({"tip"}))
    wide = {"b": Box(400.0, 0.0, 500.0, 60.0)}
    assert marks.carried(project.graph, ["stem"], wide).nodes == {"a"}
    moved = marks.shift(project, ["a", "b"], ["stem", "tip"], (100.0, 0.0))
    assert moved.graph.nodes["b"].position == (500.0, 0.0)
    assert moved.graph.frames["stem"].position == (80.0, -60.0)
    assert moved.graph.notes["tip"].position == (120.0, 0.0)
    assert _bends(moved.graph)["a", "b"] == ((250.0, 80.0),)


def test_a_deleted_frame_leaves_what_lies_in_it():
    gone = marks.delete(_drawn(), ["stem"])
    assert not gone.graph.frames
    assert gone.graph.nodes == _drawn().graph.nodes
    assert set(gone.graph.notes) == {"tip", "far"}


def test_new_frames_and_notes_have_names_of_their_own_and_a_least_size():
    project, frame = marks.add_frame(_drawn(), "Head", (1, 2), (300, 200), "green")
    project, second = marks.add_frame(project, "Head", (1, 2), (300, 200))
    project, note = marks.add_note(project, "text", (5, 6))
    assert (frame, second, note) == ("frame", "frame1", "note")
    assert project.graph.frames["frame"] == Frame("frame", "Head", "green", (1.0, 2.0), (300.0, 200.0))
    small = marks.resize(project, "frame", (3, 4), (1, 1)).graph.frames["frame"]
    assert (small.position, small.size) == ((3.0, 4.0), marks.LEAST_FRAME)
    written = marks.write(marks.write(project, "frame", "Tail"), "note", "*other*")
    assert written.graph.frames["frame"].title == "Tail"
    long = marks.write(project, "note", "é" * 40_000)
    assert loads(dumps(long)).graph.notes["note"].text == "é" * 32_768
    assert written.graph.notes["note"].text == "*other*"


def test_a_colour_for_nodes_frames_and_notes_at_once():
    painted = marks.paint(_drawn(), "green", ["a", "b"], ["stem", "tip"])
    assert {painted.graph.nodes[name].colour for name in "ab"} == {"green"}
    assert {painted.graph.marks[name].colour for name in ("stem", "tip")} == {"green"}
    assert painted.graph.nodes["x"].colour == ""


def test_copies_take_colours_pins_bends_and_what_is_chosen_or_lies_among_them():
    project = _drawn()
    pasted, names = edits.paste(project, edits.copy_text(project, ["a", "b"]), (1000.0, 500.0))
    assert names == ("a1", "b1")
    assert (pasted.graph.nodes["a1"].colour, pasted.graph.nodes["a1"].pinned) == ("red", True)
    assert _bends(pasted.graph)["a1", "b1"] == ((1150.0, 580.0),)
    assert set(pasted.graph.marks) - set(project.graph.marks) == {"tip1"}
    assert pasted.graph.notes["tip1"].position == (1020.0, 500.0)
    doubled, names = edits.duplicate(project, ["a", "b"], (10.0, 20.0), ["stem"])
    assert doubled.graph.frames["stem1"].position == (-10.0, -40.0)
    assert doubled.graph.notes["tip1"].position == (30.0, 20.0)
    assert _bends(doubled.graph)["a1", "b1"] == ((160.0, 100.0),)


def test_frames_and_notes_can_be_copied_alone():
    project = _drawn()
    text = edits.copy_text(project, [], chosen=["far"])
    assert not loads(text).graph.nodes
    pasted, names = edits.paste(Project(), text, (7.0, 8.0))
    assert names == ()
    assert pasted.graph.notes == {"far": replace(project.graph.notes["far"], position=(7.0, 8.0))}


def test_renaming_and_deleting_nodes_keeps_frames_notes_and_bends():
    project = _drawn()
    renamed = edits.rename(project, "a", "first")
    assert renamed.graph.marks == project.graph.marks
    assert _bends(renamed.graph)["first", "b"] == (BEND,)
    assert edits.delete(project, ["a", "b"]).graph.marks == project.graph.marks


def test_connecting_again_keeps_the_bends_and_other_wires_lose_theirs():
    project = _drawn()
    again = edits.connect(project, Endpoint("a", "output"), Endpoint("b", "input"))
    assert again == project
    other = edits.connect(project, Endpoint("x", "output"), Endpoint("b", "input"))
    assert _bends(other.graph)["x", "b"] == ()


def test_a_wire_that_is_bent_meanwhile_is_still_the_one_that_is_meant():
    project = _drawn()
    seen = project.graph.incoming("b")[0]
    bent = project.with_graph(bends.bent(project.graph, seen, [(1, 2), (3, 4)]))
    assert _bends(bent.graph)["a", "b"] == ((1.0, 2.0), (3.0, 4.0))
    changes = diff(project, bent)
    assert [e.bends for e in changes.edges_removed] == [(BEND,)]
    assert [len(e.bends) for e in changes.edges_added] == [2]
    assert ("a", "b") not in _bends(edits.disconnect(bent, seen).graph)
    twice = bent.with_graph(bends.bent(bent.graph, seen, []))
    assert _bends(twice.graph)["a", "b"] == ()


def test_a_node_put_into_a_wire_divides_its_bends():
    project = _drawn()
    wire = bends.bent(project.graph, project.graph.incoming("b")[0], [(100, 0), (300, 0)])
    project, name = edits.add_node(project.with_graph(wire), "ReLU", (200.0, 0.0))
    inserted = edits.insert_on_edge(project, wire.incoming("b")[0], name, "input", "output")
    found = _bends(inserted.graph)
    assert (found["a", name], found[name, "b"]) == (((100.0, 0.0),), ((300.0, 0.0),))


@pytest.mark.parametrize("chosen", [(), ("stem",)], ids=["nodes alone", "with the frame"])
def test_a_block_takes_bends_and_marks_in_and_gives_them_back(chosen: tuple[str, ...]):
    project = _drawn()
    made, use = block_edits.make_block(project, ["a", "b"], "Stem", None, chosen)
    inner = made.blocks["Stem"].graph
    assert set(inner.marks) == {"tip", *chosen}
    assert set(made.graph.marks) == {"stem", "tip", "far"} - set(inner.marks)
    assert inner.nodes["a"] == project.graph.nodes["a"]
    outer, within = _bends(made.graph), _bends(inner)
    assert (outer["x", use], outer[use, "y"]) == (((-500.0, 50.0),), ((900.0, 70.0),))
    assert within == {("x", "a"): ((10.0, 10.0),), ("a", "b"): (BEND,), ("b", "b_out"): ((500.0, 20.0),)}
    back, _ = block_edits.unpack(edits.move(made, {use: (0.0, 0.0)}), use)
    assert back.graph == project.graph


def test_each_repeat_of_an_unpacked_block_has_its_notes():
    made, use = block_edits.make_block(_drawn(), ["a", "b"], "Stem")
    repeated = edits.set_params(made, use, {"repeat": 2})
    unpacked, names = block_edits.unpack(repeated, use)
    assert len(names) == 4
    first, second = unpacked.graph.notes["tip"], unpacked.graph.notes["tip1"]
    step = unpacked.graph.nodes["a1"].position[0] - unpacked.graph.nodes["a"].position[0]
    assert second.position[0] - first.position[0] == step
    assert _bends(unpacked.graph)["a1", "b1"][0][0] - _bends(unpacked.graph)["a", "b"][0][0] == step


def test_frames_follow_what_they_carried_inner_ones_first():
    project = _drawn()
    project, outer = marks.add_frame(project, "outer", (-60.0, -120.0), (800.0, 420.0))
    project, empty = marks.add_frame(project, "empty", (3000.0, 3000.0), (100.0, 100.0))
    boxes = {name: Box(*node.position, 176.0, 64.0) for name, node in project.graph.nodes.items()}
    places = {"a": (1000.0, 600.0), "b": (1000.0, 800.0), "x": (-1200.0, 0.0)}
    graph = marks.followed(project, places, boxes).graph
    drawn = {name: Box(*node.position, 176.0, 64.0) for name, node in graph.nodes.items()}
    stem, around = marks.box_of(graph.frames["stem"]), marks.box_of(graph.frames[outer])
    assert all(marks.within(drawn[name], stem) for name in "ab")
    assert marks.within(stem, around)
    assert marks.within(marks.box_of(graph.notes["tip"]), stem)
    assert graph.notes["tip"].position == (1020.0, 600.0)
    assert graph.frames[empty] == project.graph.frames[empty]
    assert graph.notes["far"] == project.graph.notes["far"]
    assert (_bends(graph)["a", "b"], _bends(graph)["x", "a"]) == ((), ())
    assert _bends(graph)["b", "y"] == _bends(project.graph)["b", "y"]


def test_a_frame_leaves_room_for_its_title_and_lies_on_the_grid():
    inner = Box(13.0, 21.0, 101.0, 57.0)
    whole = marks.framed(inner)
    assert marks.within(inner, Box(whole.x + 16, whole.y + marks.BAR, whole.width - 32, whole.height - 44))
    assert not any(length % marks.STEP for length in (whole.x, whole.y, whole.width, whole.height))


def test_a_note_about_several_nodes():
    noted = edits.set_note(_drawn(), ["a", "b"], "ask Ada")
    assert [node.note for node in noted.graph.nodes.values()] == ["", "ask Ada", "ask Ada", ""]

"""Edits: what each does, and random sequences of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import StudioError
from studio.project import edits
from studio.project.changes import Changes, diff
from studio.project.graph import Edge, Endpoint, Graph, Node, edge_key
from studio.project.project import Project, Setting
from studio.project.storage import dumps, loads
from tests.project.strategies import PROJECTS, edited


def _end(text: str, index: int = 0) -> Endpoint:
    node, _, port = text.partition(".")
    return Endpoint(node, port, index)


def _wire(source: str, target: str, index: int = 0) -> Edge:
    return Edge(_end(source), _end(target, index))


def _project(*names: str) -> Project:
    return Project(graph=Graph({name: Node(name, "Linear") for name in names}))


def test_connecting_replaces_the_wire_of_a_plain_port():
    project = edits.connect(_project("a", "b", "c"), _end("a.output"), _end("c.input"))
    project = edits.connect(project, _end("b.output"), _end("c.input"))
    assert project.graph.edges == (_wire("b.output", "c.input"),)


def test_a_variadic_port_takes_wires_in_turn_and_closes_up():
    project = _project("a", "b", "c", "sum")
    for name in "abc":
        project = edits.connect(project, _end(f"{name}.output"), _end("sum.inputs"), variadic=True)
    assert [edge.target.index for edge in project.graph.edges] == [0, 1, 2]
    without = edits.disconnect(project, _wire("b.output", "sum.inputs", 1))
    assert without.graph.edges == (_wire("a.output", "sum.inputs", 0), _wire("c.output", "sum.inputs", 1))
    gone = edits.delete(project, ["a"])
    assert gone.graph.edges == (_wire("b.output", "sum.inputs", 0), _wire("c.output", "sum.inputs", 1))
    assert sorted(gone.graph.nodes) == ["b", "c", "sum"]


def test_renaming_rewrites_wires():
    project = edits.connect(_project("a", "b"), _end("a.output"), _end("b.input"))
    renamed = edits.rename(edits.rename(project, "a", "first"), "b", "second")
    assert renamed.graph.edges == (_wire("first.output", "second.input"),)
    assert renamed.graph.nodes["first"].name == "first"
    assert edits.rename(project, "a", "a") is project


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("b", "a node b already"),
        ("for", "keyword"),
        ("1x", "starts with"),
        ("forward", "PyTorch"),
        ("_a", "letter"),
    ],
)
def test_bad_names_are_refused(name: str, why: str):
    with pytest.raises(ValueError, match=why):
        edits.rename(_project("a", "b"), "a", name)


@pytest.mark.parametrize(
    ("type", "name"),
    [
        ("Conv2d", "conv"),
        ("BatchNorm2d", "batch_norm"),
        ("ReLU", "relu"),
        ("LSTM", "lstm"),
        ("LogSoftmax", "log_softmax"),
        ("BCEWithLogits", "bce_with_logits"),
        ("Input", "input"),
        ("L1", "l1"),
    ],
)
def test_new_nodes_are_named_after_their_type(type: str, name: str):
    project, given_name = edits.add_node(Project(), type, (1, 2), {"bias": False})
    assert given_name == name
    assert project.graph.nodes[name] == Node(name, type, {"bias": False}, (1.0, 2.0))


def test_names_of_new_nodes_are_numbered():
    project, _ = edits.add_node(Project(), "Conv2d", (0, 0))
    project, second = edits.add_node(project, "Conv2d", (0, 0))
    project, third = edits.add_node(project, "Conv2d", (0, 0), name="my conv!")
    assert (second, third) == ("conv1", "my_conv")


def test_inserting_on_a_wire():
    project = edits.connect(_project("a", "b", "mid"), _end("a.output"), _end("b.input", 2))
    (wire,) = project.graph.edges
    inserted = edits.insert_on_edge(project, wire, "mid", "input", "output")
    assert inserted.graph.edges == (_wire("mid.output", "b.input", 2), _wire("a.output", "mid.input"))


def test_copy_and_paste_between_projects():
    project = edits.connect(_project("a", "b", "c"), _end("a.output"), _end("b.input"))
    project = edits.connect(project, _end("b.output"), _end("c.input"))
    project = edits.move(project, {"a": (100, 50), "b": (300, 80)})
    text = edits.copy_text(project, ["a", "b"])
    pasted, names = edits.paste(_project("a"), text, (10, 20))
    assert names == ("a1", "b")
    assert pasted.graph.edges == (_wire("a1.output", "b.input"),)
    assert [pasted.graph.nodes[name].position for name in names] == [(10, 20), (210, 50)]
    doubled, copies = edits.duplicate(project, ["b", "c"], (0, 100))
    assert copies == ("b1", "c1")
    assert _wire("b1.output", "c1.input") in doubled.graph.edges
    assert doubled.graph.nodes["b1"].position == (300, 180)


@pytest.mark.parametrize("text", ["hello", "", '{"format": 1}', "[1]"])
def test_pasting_something_else_is_refused(text: str):
    with pytest.raises(StudioError, match="What was copied"):
        edits.paste(Project(), text, (0, 0))


def test_settings():
    project = edits.set_data(edits.set_data(Project(), validation=0.2), test=0.3)
    project = edits.set_source(project, Setting("CSV", {"path": "a.csv"}))
    project = edits.set_training(project, epochs=3)
    project = edits.set_optimizer(project, Setting("SGD"))
    project = edits.set_schedule(project, Setting("Step"))
    assert dict(project.data.options) == {"validation": 0.2, "test": 0.3}
    assert (project.data.source.type, project.training.optimizer.type) == ("CSV", "SGD")
    assert (project.training.schedule.type, dict(project.training.options)) == ("Step", {"epochs": 3})


def test_parameters_and_muting():
    project = edits.set_params(_project("a", "b"), "a", {"x": None, "y": 2})
    assert dict(project.graph.nodes["a"].params) == {"x": None, "y": 2}
    assert dict(edits.unset_params(project, "a", ["x"]).graph.nodes["a"].params) == {"y": 2}
    muted = edits.set_muted(project, ["a", "b"], True)
    assert all(node.muted for node in muted.graph.nodes.values())
    assert edits.set_muted(muted, ["a", "b"], False) == project


@given(PROJECTS, st.data())
def test_random_edits_differ_as_told_and_survive_the_file(project: Project, data: st.DataObject):
    for _ in range(data.draw(st.integers(1, 12))):
        after = data.draw(edited(project))
        assert _applied(project, after, diff(project, after)) == after
        assert diff(after, after) == Changes()
        for graph in (after.graph, *(block.graph for block in after.blocks.values())):
            assert all(name == node.name for name, node in graph.nodes.items())
            assert tuple(sorted(graph.edges, key=edge_key)) == graph.edges
            assert all(name == mark.name for name, mark in graph.marks.items())
            assert len(graph.marks) == len(graph.frames) + len(graph.notes)
        project = after
    assert loads(dumps(project)) == project


def _applied(old: Project, new: Project, changes: Changes) -> Project:
    """What a view that only follows the changes ends up with."""
    nodes = {name: node for name, node in old.graph.nodes.items() if name not in changes.removed}
    nodes |= {name: new.graph.nodes[name] for name in changes.added | changes.modified}
    left = list(old.graph.edges)
    edges = [edge for edge in left if edge not in changes.edges_removed] + [
        edge for edge in new.graph.edges if edge in changes.edges_added
    ]
    gone = changes.marks_removed | changes.marks_modified
    there = {name: mark for name, mark in old.graph.marks.items() if name not in gone}
    there |= {name: new.graph.marks[name] for name in changes.marks_added | changes.marks_modified}
    blocks = {name: block for name, block in old.blocks.items() if name not in changes.blocks}
    blocks |= {name: new.blocks[name] for name in changes.blocks & new.blocks.keys()}
    return replace(
        old,
        blocks=blocks,
        name=new.name if changes.notes else old.name,
        notes=new.notes if changes.notes else old.notes,
        data=new.data if changes.data else old.data,
        training=new.training if changes.training else old.training,
        graph=Graph(nodes, tuple(edges), old.graph.extra).with_marks(*there.values()),
    )

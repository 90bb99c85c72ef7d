"""Edits of blocks: made of nodes, unpacked again, renamed with all their uses, carried by copy and paste."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.project import arguments, block_edits, edits, placements
from studio.project.block import Argument, Block, inside, within
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.params import Value
from studio.project.project import Project
from studio.project.storage import dumps, loads
from tests.build.drawings import node, wire


def graph(nodes: list[Node], *wires: str) -> Graph:
    return Graph({one.name: one for one in nodes}, tuple(map(wire, wires)))


def row() -> Project:
    """image > conv > relu > fc, and image > fc too."""
    return Project(
        graph=graph(
            [
                node("image", "Input", field="image"),
                node("conv", "Conv2d", out_channels="= width"),
                node("relu", "ReLU"),
                node("skip", "Add"),
                node("fc", "Linear"),
            ],
            "image > conv",
            "conv > relu",
            "relu > skip.inputs.0",
            "image > skip.inputs.1",
            "skip > fc",
        ),
        constants={"width": 8},
    )


def placed() -> Project:
    """Two uses of Unit in the main drawing, one in the block Stage, which the main drawing places too."""
    unit = Block(
        graph(
            [
                node("x", "Input"),
                node("conv", "Conv2d", out_channels="= 2 * width"),
                node("relu", "ReLU"),
                node("y", "Output"),
            ],
            "x > conv",
            "conv > relu",
            "relu > y",
        ),
        (Argument("width", 4),),
    )
    stage = Block(
        graph(
            [node("x", "Input"), node("unit", "block:Unit", width="= size"), node("out", "Output")],
            "x > unit.x",
            "unit.y > out",
        ),
        (Argument("size", 3),),
    )
    return Project(
        graph=graph(
            [
                node("image", "Input", field="image"),
                node("one", "block:Unit", width=5, overrides={"conv.stride": 2}),
                node("two", "block:Stage", overrides={"unit.width": 7, "unit.conv.stride": 2}),
                node("fc", "Linear"),
            ],
            "image > one.x",
            "one.y > two.x",
            "two.out > fc",
        ),
        blocks={"Unit": unit, "Stage": stage},
    )


def test_nodes_become_a_block_with_ports_for_the_wires_that_are_cut():
    project, use = block_edits.make_block(row(), ["conv", "relu", "skip"], "Unit")
    assert use == "unit"
    assert sorted(project.graph.nodes) == ["fc", "image", "unit"]
    assert project.graph.edges == (
        wire("unit.skip_out > fc"),
        wire("image > unit.image"),
    )
    assert project.graph.nodes["unit"].params == {"width": "= width"}
    unit = project.blocks["Unit"]
    assert unit.arguments == (Argument("width", 8),)
    assert unit.graph.nodes["image"].type == "Input"
    assert unit.graph.outgoing("image") == (wire("image > conv"), wire("image > skip.inputs.1"))
    assert loads(dumps(project)) == project


def test_made_and_unpacked_is_the_same_drawing():
    before = row()
    project, use = block_edits.make_block(before, ["conv", "relu", "skip"], "Unit")
    after, names = block_edits.unpack(project, use)
    assert sorted(names) == ["conv", "relu", "skip"]
    assert after.graph.edges == before.graph.edges
    assert {n: x.params for n, x in after.graph.nodes.items()} == {
        n: x.params for n, x in before.graph.nodes.items()
    }


def test_a_block_may_be_made_inside_of_a_block():
    project, use = block_edits.make_block(placed(), ["conv", "relu"], "Inner", "Unit")
    assert project.blocks["Unit"].graph.nodes[use].params == {"width": "= width"}
    assert project.blocks["Inner"].arguments == (Argument("width", 4),)
    assert project.graph == placed().graph
    back, _ = block_edits.unpack(project, use, "Unit")
    assert back.blocks["Unit"].graph.edges == placed().blocks["Unit"].graph.edges


@pytest.mark.parametrize(
    ("names", "block", "why"),
    [
        (["image"], "Unit", "other than Inputs"),
        (["conv"], "for", "keyword"),
        (["conv", "skip"], "Unit", "go out to relu and back in"),
    ],
)
def test_what_cannot_be_a_block_is_refused(names: list[str], block: str, why: str):
    with pytest.raises(ValueError, match=why):
        block_edits.make_block(row(), names, block)


def test_two_blocks_cannot_have_one_name():
    with pytest.raises(ValueError, match="a block Unit already"):
        block_edits.make_block(placed(), ["fc"], "Unit")


def test_unpacking_puts_arguments_and_overrides_in():
    project, names = block_edits.unpack(placed(), "one")
    conv = project.graph.nodes["conv"]
    assert names == ("conv", "relu")
    assert conv.params == {"out_channels": 10, "stride": 2}
    deeper, _ = block_edits.unpack(project, "two")
    assert deeper.graph.nodes["unit"].params == {"width": 7, "overrides": {"conv.stride": 2}}
    flat, _ = block_edits.unpack(deeper, "unit")
    assert flat.graph.nodes["conv1"].params == {"out_channels": 14, "stride": 2}
    assert wire("relu1 > fc") in flat.graph.edges
    assert wire("relu > conv1") in flat.graph.edges


def test_unpacking_a_formula_puts_the_formula_in():
    project = edits.set_params(placed(), "one", {"width": "= base + 1"})
    flat, _ = block_edits.unpack(project, "one")
    assert flat.graph.nodes["conv"].params["out_channels"] == "= 2 * (base + 1)"


def test_repeats_are_written_out():
    project = within(
        placed(), "Unit", lambda p: edits.set_params(p, "conv", {"out_channels": "= width + index"})
    )
    project = edits.set_params(project, "one", {"repeat": 3, "overrides": {}})
    flat, names = block_edits.unpack(project, "one")
    assert names == ("conv", "relu", "conv1", "relu1", "conv2", "relu2")
    assert [flat.graph.nodes[n].params["out_channels"] for n in ("conv", "conv1", "conv2")] == [5, 6, 7]
    for one in ("image > conv", "relu > conv1", "relu1 > conv2", "relu2 > two.x"):
        assert wire(one) in flat.graph.edges


@pytest.mark.parametrize(
    ("params", "muted", "why"),
    [
        ({"repeat": 2, "shared": True}, False, "share their weights"),
        ({"repeat": "x"}, False, "x times"),
        ({}, True, "muted"),
    ],
)
def test_what_single_nodes_cannot_say_stays_a_block(params: dict[str, Value], muted: bool, why: str):
    project = edits.set_muted(edits.set_params(placed(), "one", params), ["one"], muted)
    with pytest.raises(ValueError, match=why):
        block_edits.unpack(project, "one")


def test_a_second_input_goes_into_every_repeat():
    block = Block(
        graph(
            [
                node("x", "Input", place=0),
                node("memory", "Input", place=1),
                node("add", "Add"),
                node("y", "Output"),
            ],
            "x > add.inputs.0",
            "memory > add.inputs.1",
            "add > y",
        )
    )
    project = Project(
        graph=graph(
            [node("a", "Input"), node("b", "Input"), node("use", "block:B", repeat=2), node("end", "ReLU")],
            "a > use.x",
            "b > use.memory",
            "use.y > end",
        ),
        blocks={"B": block},
    )
    flat, _ = block_edits.unpack(project, "use")
    assert flat.graph.edges == tuple(
        sorted(
            map(
                wire,
                (
                    "a > add.inputs.0",
                    "b > add.inputs.1",
                    "add > add1.inputs.0",
                    "b > add1.inputs.1",
                    "add1 > end",
                ),
            ),
            key=lambda e: (e.target.node, e.target.port, e.target.index),
        )
    )


def test_renaming_a_block_reaches_all_its_uses():
    project = placements.rename_block(placed(), "Unit", "Cell")
    assert project.graph.nodes["one"].type == "block:Cell"
    assert project.blocks["Stage"].graph.nodes["unit"].type == "block:Cell"
    assert list(project.blocks) == ["Cell", "Stage"]
    with pytest.raises(ValueError, match="a block Stage already"):
        placements.rename_block(project, "Cell", "Stage")


def test_deleting_a_block_deletes_its_uses():
    assert placements.uses_of(placed(), "Unit") == [(None, "one"), ("Stage", "unit")]
    project = placements.delete_block(placed(), "Unit")
    assert list(project.blocks) == ["Stage"]
    assert "one" not in project.graph.nodes
    assert list(project.blocks["Stage"].graph.nodes) == ["x", "out"]
    assert project.blocks["Stage"].graph.edges == ()


def test_renaming_a_port_rewrites_the_wires_of_all_uses():
    project = placements.rename_node(placed(), "Unit", "x", "signal")
    project = placements.rename_node(project, "Unit", "y", "result")
    assert wire("image > one.signal") in project.graph.edges
    assert wire("one.result > two.x") in project.graph.edges
    assert project.blocks["Stage"].graph.edges == (wire("unit.result > out"), wire("x > unit.signal"))


def test_renaming_a_node_rewrites_what_overrides_it():
    project = placements.rename_node(placed(), "Unit", "conv", "first")
    assert project.graph.nodes["one"].params["overrides"] == {"first.stride": 2}
    assert project.graph.nodes["two"].params["overrides"] == {"unit.width": 7, "unit.first.stride": 2}
    project = placements.rename_node(project, "Stage", "unit", "cell")
    assert project.graph.nodes["two"].params["overrides"] == {"cell.width": 7, "cell.first.stride": 2}


def test_arguments_are_renamed_wherever_they_are_read_and_set():
    project = arguments.rename_argument(placed(), "Unit", "width", "channels")
    assert project.blocks["Unit"].graph.nodes["conv"].params["out_channels"] == "= 2 * channels"
    assert project.graph.nodes["one"].params["channels"] == 5
    assert project.blocks["Stage"].graph.nodes["unit"].params == {"channels": "= size"}
    assert project.graph.nodes["two"].params["overrides"] == {"unit.channels": 7, "unit.conv.stride": 2}
    for bad, why in (("repeat", "has repeat already"), ("index", "has index already"), ("for", "keyword")):
        with pytest.raises(ValueError, match=why):
            arguments.rename_argument(project, "Unit", "channels", bad)


def test_removing_an_argument_puts_its_default_in():
    project = arguments.remove_argument(placed(), "Unit", "width")
    assert project.blocks["Unit"].graph.nodes["conv"].params["out_channels"] == 8
    assert project.blocks["Unit"].arguments == ()
    assert "width" not in project.graph.nodes["one"].params


def test_a_parameter_is_promoted():
    project = arguments.promote(placed(), "Unit", "conv", "kernel_size", "kernel", 3)
    assert project.blocks["Unit"].arguments[1] == Argument("kernel", 3)
    assert project.blocks["Unit"].graph.nodes["conv"].params["kernel_size"] == "= kernel"
    with pytest.raises(ValueError, match="an argument width already"):
        arguments.promote(project, "Unit", "conv", "stride", "width", 1)


def test_an_argument_gets_another_default():
    project = arguments.set_argument(placed(), "Unit", "width", 9, "channels")
    assert project.blocks["Unit"].arguments == (Argument("width", 9, "channels"),)


def test_copied_nodes_bring_their_blocks():
    text = edits.copy_text(placed(), ["two"])
    pasted, (name,) = edits.paste(Project(), text, (0, 0))
    assert pasted.blocks == placed().blocks
    assert pasted.graph.nodes[name].type == "block:Stage"
    again, _ = edits.paste(placed(), text, (0, 0))
    assert again.blocks == placed().blocks


def test_a_different_block_of_the_same_name_takes_a_free_one():
    other = within(placed(), "Unit", lambda p: edits.set_params(p, "conv", {"kernel_size": 5}))
    text = edits.copy_text(other, ["two", "one"])
    pasted, names = edits.paste(placed(), text, (0, 0))
    assert sorted(pasted.blocks) == ["Stage", "Stage1", "Unit", "Unit1"]
    assert pasted.blocks["Unit"] == placed().blocks["Unit"]
    assert pasted.blocks["Unit1"] == other.blocks["Unit"]
    assert pasted.blocks["Stage1"].graph.nodes["unit"].type == "block:Unit1"
    assert {pasted.graph.nodes[name].type for name in names} == {"block:Unit1", "block:Stage1"}


def test_pasting_the_same_twice_shares_what_came_first():
    other = within(placed(), "Unit", lambda p: edits.set_params(p, "conv", {"kernel_size": 5}))
    text = edits.copy_text(other, ["one"])
    once, _ = edits.paste(placed(), text, (0, 0))
    twice, _ = edits.paste(once, text, (0, 0))
    assert once.blocks == twice.blocks


def test_copied_nodes_bring_the_constants_that_their_formulas_read():
    node = Node("fc", "Linear", {"out_features": "= 2 * width + depth"})
    graph = Graph({"fc": node, "other": Node("other", "Linear", {"out_features": "= far"})})
    source = Project(graph=graph, constants={"width": 8, "depth": 1, "far": 3})
    text = edits.copy_text(source, ["fc"])
    pasted, _ = edits.paste(Project(constants={"depth": 1}), text, (0, 0))
    assert pasted.constants == {"depth": 1, "width": 8}
    assert pasted.graph.nodes["fc"].params == node.params


def test_a_constant_that_means_something_else_takes_a_free_name():
    source = Project(
        graph=Graph({"fc": Node("fc", "Linear", {"out_features": "= 2 * width"})}), constants={"width": 8}
    )
    text = edits.copy_text(source, ["fc"])
    other = Project(constants={"width": 3})
    pasted, (name,) = edits.paste(other, text, (0, 0))
    assert pasted.constants == {"width": 3, "width1": 8}
    assert pasted.graph.nodes[name].params == {"out_features": "= 2 * width1"}
    again, (second,) = edits.paste(pasted, text, (0, 0))
    assert again.constants == pasted.constants
    assert again.graph.nodes[second].params == {"out_features": "= 2 * width1"}
    exact, _ = edits.paste(Project(constants={"width": 8.0}), text, (0, 0))
    assert exact.constants == {"width": 8.0, "width1": 8}


def test_nodes_out_of_a_block_bring_its_arguments_and_into_one_become_arguments():
    project = replace(placed(), constants={"width": 99, "size": 5})
    text = edits.copy_text(inside(project, "Unit"), ["conv"], "Unit")
    pasted, (name,) = edits.paste(Project(), text, (0, 0))
    assert pasted.constants == {"width": 4}
    assert pasted.graph.nodes[name].params == placed().blocks["Unit"].graph.nodes["conv"].params
    sized = project.with_graph(project.graph.with_nodes(Node("pool", "MaxPool2d", {"kernel_size": "= size"})))
    sized = sized.with_graph(sized.graph.with_nodes(Node("wide", "Linear", {"out_features": "= width"})))
    text = edits.copy_text(sized, ["pool", "wide"])
    within_unit = within(project, "Unit", lambda seen: edits.paste(seen, text, (0, 0), "Unit")[0])
    assert within_unit.blocks["Unit"].arguments == (Argument("width", 4), Argument("size", 5))
    assert within_unit.constants == project.constants
    assert within_unit.blocks["Unit"].graph.nodes["pool"].params == {"kernel_size": "= size"}


def test_a_wire_with_more_than_this_version_knows_keeps_it():
    project = row()
    (old,) = project.graph.incoming("fc")
    kept = replace(old, extra='{"colour": "red"}')
    project = project.with_graph(project.graph.without_edges(old).with_edges(kept))
    made, use = block_edits.make_block(project, ["skip"], "Unit")
    assert made.graph.incoming("fc") == (
        Edge(Endpoint(use, "skip_out"), Endpoint("fc", "input"), kept.extra),
    )

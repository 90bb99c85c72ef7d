"""Any type in the place of any other: wires end at ports that there are, values are ones it accepts."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from studio.catalog.registry import registry
from studio.catalog.replacing import likeness, replaced
from studio.project import edits
from studio.project.block import Block
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Project

TYPES = sorted(registry().layers)


def around(type: str) -> Project:
    """A node of a type with its example's parameters and a wire at each port (two where several go)."""
    layer = registry().layers[type]
    node = Node("it", type, dict(layer.example.params) if layer.example else {}, (40.0, 80.0), muted=True)
    adapted = registry().layer_of(node)
    assert adapted is not None
    ends = [Endpoint("it", port.name, at) for port in adapted.inputs for at in range(1 + port.variadic)]
    nodes = {"it": node}
    edges: list[Edge] = []
    for place, end in enumerate(ends):
        nodes[f"from{place}"] = Node(f"from{place}", "ReLU")
        edges.append(Edge(Endpoint(f"from{place}", "output"), end, bends=((1.0, float(place)),)))
    for place, port in enumerate(adapted.outputs):
        nodes[f"to{place}"] = Node(f"to{place}", "ReLU")
        edges.append(Edge(Endpoint("it", port.name), Endpoint(f"to{place}", "input")))
    return Project(graph=Graph(nodes, tuple(edges)))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TYPES), st.sampled_from(TYPES))
def test_whatever_replaces_what_the_drawing_holds_together(old: str, new: str) -> None:
    before = around(old)
    after, told = replaced(before, ["it"], new)
    assert told.names == ("it",), "a name that a person gave stays"
    node = after.graph.nodes["it"]
    assert (node.type, node.position, node.muted) == (new, (40.0, 80.0), True)
    layer = registry().layer_of(node)
    assert layer is not None
    into, out = after.graph.incoming("it"), after.graph.outgoing("it")
    assert len(into) + len(out) + len(told.wires) == len(before.graph.edges)
    assert len({edge.target for edge in into}) == len(into), "no two wires at one place"
    for port in {edge.target.port for edge in into}:
        found = layer.port(port, "in")
        assert found is not None
        places = sorted(edge.target.index for edge in into if edge.target.port == port)
        assert places == list(range(len(places)))
        assert found.variadic or len(places) == 1
    assert all(layer.port(edge.source.port, "out") is not None for edge in out)
    for param in layer.all_params:
        param.check(node.params.get(param.name, param.default))
    known = {param.name for param in registry().layers[new].all_params}
    assert node.params.keys() <= known
    assert set(told.dropped).isdisjoint(node.params)


def test_there_and_back_what_both_know_is_as_it_was() -> None:
    before = around("Conv2d")
    there, _ = replaced(before, ["it"], "ConvTranspose2d")
    back, told = replaced(there, ["it"], "Conv2d")
    assert back == before
    assert told.dropped == ()


def test_a_formula_stays_one_and_a_value_that_is_not_accepted_goes() -> None:
    project = around("Conv2d")
    project = edits.set_params(project, "it", {"out_channels": "= 2 * width", "padding": "same"})
    after, told = replaced(project, ["it"], "ConvTranspose2d")
    assert after.graph.nodes["it"].params == {"out_channels": "= 2 * width"}
    assert (told.kept, told.dropped) == (("out_channels",), ("padding",))


def test_a_name_that_the_type_gave_is_given_anew_in_a_block_and_in_what_its_uses_set() -> None:
    block = Block(edits.rename(around("ReLU"), "it", "relu7").graph)
    use = Node("use", "block:B", {"overrides": {"relu7.inplace": True, "from0.x": 1}})
    project = Project(graph=Graph({"use": use}), blocks={"B": block})
    after, told = replaced(project, ["relu7"], "GELU", "B")
    assert told.names == ("gelu",)
    assert "gelu" in after.blocks["B"].graph.nodes
    assert after.graph.nodes["use"].params["overrides"] == {"gelu.inplace": True, "from0.x": 1}


def test_those_of_the_family_and_with_the_same_ports_are_the_likeliest() -> None:
    layers = registry().layers
    old = layers["Add"]
    assert likeness(old, layers["Concat"]) < likeness(old, layers["ReLU"])
    assert likeness(layers["ReLU"], layers["GELU"]) == 0
    conv = layers["Conv2d"]
    order = [layers[type] for type in ("ConvTranspose2d", "Conv1d", "MaxPool2d", "LSTM")]
    assert [likeness(conv, one) for one in order] == [0, 1, 4, 7]

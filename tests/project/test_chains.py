"""Nodes taken out of rows, with what came before joined to what came after: for many random rows."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from studio.catalog.plugging import free_row, goes_into, inputs_in, put_into
from studio.catalog.registry import registry
from studio.project import edits
from studio.project.chains import duplicated_with_wires, leads_to, pulled_out, row, without_joined
from studio.project.graph import Edge, Endpoint
from studio.project.project import Project


def chain(length: int) -> Project:
    """n0 → n1 → …"""
    project = Project()
    for place in range(length):
        project, _ = edits.add_node(project, "ReLU", (place * 200, 0), name=f"n{place}")
    for place in range(length - 1):
        project = wired(project, f"n{place}", f"n{place + 1}")
    return project


def wired(project: Project, source: str, target: str, port: str = "input", index: int = 0) -> Project:
    return edits.connect(project, Endpoint(source, "output"), Endpoint(target, port, index), port == "inputs")


def pairs(project: Project) -> list[tuple[str, str]]:
    return sorted((edge.source.node, edge.target.node) for edge in project.graph.edges)


def inputs(project: Project):
    return inputs_in(project, registry())


@given(st.integers(1, 8).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)))))
def test_a_row_without_some_of_its_nodes_is_the_row_of_the_others(case: tuple[int, set[int]]) -> None:
    length, gone = case
    project = chain(length)
    left = [f"n{place}" for place in range(length) if place not in gone]
    names = [f"n{place}" for place in gone]
    rest = without_joined(project, names, inputs(project))
    assert sorted(rest.graph.nodes) == sorted(left)
    assert pairs(rest) == sorted(pairwise(left))
    pulled = pulled_out(project, names, inputs(project))
    kept = {pair for pair in pairs(project) if set(pair) <= set(names)}
    assert set(pairs(pulled)) == set(pairs(rest)) | kept


@settings(max_examples=40)
@given(st.integers(2, 6), st.data())
def test_a_row_pulled_out_and_put_back_is_as_it_was(length: int, data: st.DataObject) -> None:
    project = chain(length + 2)
    first = data.draw(st.integers(1, length))
    last = data.draw(st.integers(first, length))
    names = [f"n{place}" for place in range(first, last + 1)]
    pulled = pulled_out(project, names, inputs(project))
    wire = next(e for e in pulled.graph.edges if e.source.node == f"n{first - 1}")
    put = free_row(pulled, registry(), names)
    assert put is not None
    assert goes_into(pulled, wire, put)
    assert put_into(pulled, wire, put) == project


def branching() -> Project:
    """a and b into an addition, which feeds c and d."""
    project = Project()
    for name, type in (("a", "ReLU"), ("b", "ReLU"), ("sum", "Add"), ("c", "ReLU"), ("d", "ReLU")):
        project, _ = edits.add_node(project, type, (0, 0), name=name)
    project = wired(wired(project, "a", "sum", "inputs"), "b", "sum", "inputs")
    return wired(wired(project, "sum", "c"), "sum", "d")


def test_the_first_input_goes_to_all_that_the_node_fed() -> None:
    project = branching()
    out = pulled_out(project, ["sum"], inputs(project))
    assert pairs(out) == [("a", "c"), ("a", "d")]


def test_what_comes_from_nowhere_leaves_no_gap_in_a_port_of_several() -> None:
    project = branching()
    out = pulled_out(project, ["a"], inputs(project))
    assert [(e.source.node, e.target.index) for e in out.graph.incoming("sum")] == [("b", 0)]


def test_only_nodes_that_follow_each_other_alone_are_a_row() -> None:
    graph = branching().graph
    assert row(graph, ["sum"]) == ("sum",)
    assert row(graph, ["c", "sum"]) == ("sum", "c")
    assert row(graph, ["sum", "c", "d"]) == ()
    assert row(graph, ["a", "c"]) == ()
    assert row(graph, []) == ()
    assert leads_to(graph, "a", "d")
    assert not leads_to(graph, "c", "d")


def test_copies_with_wires_take_in_what_the_nodes_take_in() -> None:
    project, made = duplicated_with_wires(branching(), ["sum", "c"])
    assert made == ("c1", "sum1")
    new = [pair for pair in pairs(project) if pair[1] in made]
    assert new == [("a", "sum1"), ("b", "sum1"), ("sum1", "c1")]


def test_a_row_goes_into_no_wire_that_it_feeds() -> None:
    project = branching()
    project, name = edits.add_node(project, "LSTM", (0, 0))
    project = edits.connect(project, Endpoint("a", "output"), Endpoint(name, "hidden"))
    before = next(e for e in project.graph.edges if e.target.node == "sum" and e.source.node == "b")
    put = free_row(project, registry(), [name])
    assert put is not None
    assert goes_into(project, before, put)
    project = wired(project, "c", "a")  # what feeds the row's side comes from behind the wire now
    graph = project.graph
    loop = Edge(Endpoint("sum", "output"), Endpoint("c", "input"))
    assert loop in graph.edges
    assert not goes_into(project, loop, put)

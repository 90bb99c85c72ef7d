"""What hangs together in a graph; and that a graph knows its edges by node after any edit."""

from hypothesis import given
from hypothesis import strategies as st

from studio.project import delta
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.reach import between, connected, downstream, upstream


def graph_of(*wires: str, alone: str = "") -> Graph:
    pairs = [wire.split() for wire in wires]
    names = {name for pair in pairs for name in pair} | set(alone)
    edges = tuple(Edge(Endpoint(a, "output"), Endpoint(b, "inputs", at)) for at, (a, b) in enumerate(pairs))
    return Graph({name: Node(name, "Add") for name in sorted(names)}, edges)


DIAMOND = graph_of("a b", "b c", "b d", "c e", "d e", "e f", "x c", "e y", alone="z")


def test_upstream_and_downstream_go_all_the_way_and_keep_the_start() -> None:
    assert upstream(DIAMOND, ["c"]) == set("abcx")
    assert downstream(DIAMOND, ["c"]) == set("cefy")
    assert upstream(DIAMOND, ["a", "z"]) == set("az")


def test_between_takes_all_ways_in_either_order() -> None:
    assert between(DIAMOND, ["b", "e"]) == between(DIAMOND, ["e", "b"]) == set("bcde")
    assert between(DIAMOND, ["a", "c", "f"]) == set("abcdef")
    assert between(DIAMOND, ["x", "d"]) == set("xd")


def test_connected_goes_both_ways_but_not_to_what_stands_alone() -> None:
    assert connected(DIAMOND, ["x"]) == set("abcdefxy")
    assert connected(DIAMOND, ["z"]) == set("z")


def test_a_cycle_ends() -> None:
    ring = graph_of("a b", "b c", "c a")
    assert upstream(ring, ["a"]) == downstream(ring, ["b"]) == between(ring, ["a", "b"]) == set("abc")


PAIRS = st.tuples(st.integers(0, 7), st.integers(0, 7))


@given(st.lists(PAIRS, max_size=20), st.lists(PAIRS, max_size=6), st.sets(st.integers(0, 7), max_size=3))
def test_edges_by_node_are_right_after_any_edit(
    first: list[tuple[int, int]], more: list[tuple[int, int]], gone: set[int]
) -> None:
    nodes = {f"n{k}": Node(f"n{k}", "Add") for k in range(8)}

    def edge(ends: tuple[int, int]) -> Edge:
        return Edge(Endpoint(f"n{ends[0]}", "output"), Endpoint(f"n{ends[1]}", "inputs", ends[0]))

    before = Graph(nodes, tuple({edge(ends) for ends in first}))
    before.incoming("n0")
    grown = before.with_edges(*(edge(ends) for ends in more))
    after = grown.without_edges(*(edge(ends) for ends in first[:2])).without_nodes(f"n{k}" for k in gone)
    change = delta.delta(before, after)
    for found in (grown, after, delta.redone(change, before), delta.undone(change, after)):
        fresh = Graph(found.nodes, found.edges)
        for name in nodes:
            assert found.incoming(name) == fresh.incoming(name)
            assert found.outgoing(name) == fresh.outgoing(name)

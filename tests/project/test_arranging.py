"""Arranging: nothing over anything, wires onwards, few crossings; lines and even gaps."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.project.aligning import aligned, distributed
from studio.project.arranging import Box, arranged
from studio.project.graph import Position
from studio.project.layers import Wire, crossings, layered, without_cycles


def overlapping(places: dict[str, Position], boxes: dict[str, Box]) -> list[tuple[str, str]]:
    """Which nodes lie over each other, by a sweep from left to right."""
    found: list[tuple[str, str]] = []
    near: list[str] = []
    for name in sorted(places, key=lambda one: places[one][0]):
        x, y = places[name]
        near = [one for one in near if places[one][0] + boxes[one].width > x]
        found += [
            (one, name)
            for one in near
            if places[one][1] < y + boxes[name].height and y < places[one][1] + boxes[one].height
        ]
        near.append(name)
    return found


def box(x: float = 0.0, y: float = 0.0, width: float = 120.0, height: float = 64.0) -> Box:
    return Box(x, y, width, height)


def wire(text: str) -> Wire:
    source, target = text.split(" -> ")
    return Wire(source, target, 16.0, 16.0)


@st.composite
def drawings(draw: st.DrawFn) -> tuple[dict[str, Box], list[Wire]]:
    """Any nodes and wires: cycles, loops, doubled wires, parts, nodes alone."""
    sizes = st.integers(10, 300).map(float)
    count = draw(st.integers(1, 24))
    boxes = {f"n{k}": Box(draw(sizes), draw(sizes), draw(sizes), draw(sizes)) for k in range(count)}
    ends = st.integers(0, count - 1)
    ports = st.integers(0, 10).map(float)
    wires = draw(st.lists(st.tuples(ends, ends, ports, ports), max_size=40))
    return boxes, [Wire(f"n{a}", f"n{b}", out, into) for a, b, out, into in wires]


@given(drawings(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_nothing_lies_over_anything(drawing: tuple[dict[str, Box], list[Wire]], downwards: bool) -> None:
    boxes, wires = drawing
    places = arranged(boxes, wires, downwards=downwards)
    assert places.keys() == boxes.keys()
    assert overlapping(places, boxes) == []
    assert min(x for x, _ in places.values()) == min(one.x for one in boxes.values())
    assert min(y for _, y in places.values()) == min(one.y for one in boxes.values())
    assert places == arranged(boxes, wires, downwards=downwards)


@given(drawings())
@settings(max_examples=60, deadline=None)
def test_a_selection_comes_to_lie_over_no_other_node(drawing: tuple[dict[str, Box], list[Wire]]) -> None:
    boxes, wires = drawing
    chosen = {name: one for name, one in boxes.items() if int(name[1:]) % 2 == 0}
    others = {name: one for name, one in boxes.items() if name not in chosen}
    places = arranged(chosen, wires, others=list(others.values()))
    among = overlapping({**places, **{name: (one.x, one.y) for name, one in others.items()}}, boxes)
    assert [pair for pair in among if set(pair) & chosen.keys()] == []


@given(drawings(), st.booleans(), st.data())
@settings(max_examples=150, deadline=None)
def test_pinned_nodes_stay_and_nothing_comes_to_lie_over_anything(
    drawing: tuple[dict[str, Box], list[Wire]], downwards: bool, data: st.DataObject
) -> None:
    boxes, wires = drawing
    chosen = {name: one for name, one in boxes.items() if int(name[1:]) % 4}
    others = {name: one for name, one in boxes.items() if name not in chosen}
    pinned = data.draw(st.sets(st.sampled_from(sorted(chosen)), max_size=5)) if chosen else set[str]()
    places = arranged(chosen, wires, downwards=downwards, pinned=pinned, others=list(others.values()))
    assert places.keys() == chosen.keys()
    assert {name: places[name] for name in pinned} == {n: (boxes[n].x, boxes[n].y) for n in pinned}
    still = {**others, **{name: boxes[name] for name in pinned}}  # those may lie over each other
    among = overlapping({**places, **{name: (one.x, one.y) for name, one in others.items()}}, boxes)
    assert [pair for pair in among if not set(pair) <= still.keys()] == []


def test_a_pinned_node_without_wires_is_in_nobodys_place() -> None:
    boxes = {"a": box(x=0.0, y=0.0), "b": box(), "wide": box(x=0.0, y=0.0, width=900.0)}
    places = arranged(boxes, [wire("a -> b")], pinned={"a", "wide"})
    assert places["wide"] == (0.0, 0.0)
    assert overlapping({name: places[name] for name in ("b", "wide")}, boxes) == []


def test_a_chain_is_laid_out_from_where_its_pinned_node_is() -> None:
    boxes = {name: box(x=1000.0, y=500.0) if name == "c" else box() for name in "abcde"}
    wires = [wire("a -> b"), wire("b -> c"), wire("c -> d"), wire("d -> e")]
    free, held = arranged(boxes, wires), arranged(boxes, wires, pinned={"c"})
    shift = (1000.0 - free["c"][0], 500.0 - free["c"][1])
    assert held == {name: (x + shift[0], y + shift[1]) for name, (x, y) in free.items()}


def test_what_lies_between_two_pinned_nodes_spreads_out() -> None:
    far = {"a": box(x=0.0, y=0.0), "d": box(x=3000.0, y=300.0)}
    boxes = {**{name: box() for name in "bc"}, **far}
    places = arranged(boxes, [wire("a -> b"), wire("b -> c"), wire("c -> d")], pinned={"a", "d"})
    assert places["a"] == (0.0, 0.0)
    assert places["d"] == (3000.0, 300.0)
    steps = [places[right][0] - places[left][0] for left, right in ("ab", "bc", "cd")]
    assert max(steps) - min(steps) <= 2
    assert [places[name][1] for name in "abcd"] == [0.0, 100.0, 200.0, 300.0]


def test_columns_keep_their_order_around_a_pinned_node() -> None:
    names = [f"n{k}" for k in range(5)]
    boxes = {name: box() for name in ("a", "z", *names)}
    wires = [wire(f"a -> {name}") for name in names]
    wires += [Wire(name, "z", 16.0, 16.0 + 18 * at) for at, name in enumerate(names)]
    boxes["z"] = box(x=700.0, y=900.0, height=160.0)
    places = arranged(boxes, wires, pinned={"z"})
    assert sorted(names, key=lambda name: places[name][1]) == names
    assert places["z"] == (700.0, 900.0)


@given(drawings())
@settings(max_examples=100, deadline=None)
def test_wires_that_are_kept_lead_on(drawing: tuple[dict[str, Box], list[Wire]]) -> None:
    kept = without_cycles(drawing[1])
    before: dict[object, set[object]] = {}
    for one in kept:
        before.setdefault(one.target, set()).add(one.source)
    while before:
        free = [name for name in before if not before[name] & before.keys()]
        assert free
        for name in free:
            del before[name]


def test_a_chain_is_straight_and_every_wire_leads_right() -> None:
    boxes = {name: box(width=100 + 20 * k) for k, name in enumerate("abcd")}
    places = arranged(boxes, [wire("a -> b"), wire("b -> c"), wire("c -> d")])
    assert len({y for _, y in places.values()}) == 1
    for left, right in ("ab", "bc", "cd"):
        assert places[left][0] + boxes[left].width + 40 <= places[right][0]


def test_top_down_centres_lie_below_each_other() -> None:
    boxes = {name: box(width=100 + 20 * k) for k, name in enumerate("abc")}
    places = arranged(boxes, [wire("a -> b"), wire("b -> c")], downwards=True)
    assert len({places[name][0] + boxes[name].width / 2 for name in "abc"}) == 1
    assert places["a"][1] < places["b"][1] < places["c"][1]


def test_a_wire_that_passes_others_has_its_own_lane() -> None:
    boxes = {name: box() for name in "abcde"}
    wires = [wire("a -> b"), wire("b -> c"), wire("c -> d"), wire("d -> e"), wire("a -> e")]
    places = arranged(boxes, wires)
    assert places["a"][1] == places["e"][1]
    port = places["a"][1] + 16
    for name in "bcd":
        top = places[name][1]
        assert not top <= port <= top + 64


def test_ports_are_met_in_their_order() -> None:
    """Two nodes that feed two ports of one come in the order of these ports, whatever their names."""
    boxes = {name: box() for name in ("a", "b", "c")}
    for first, second in (("a", "b"), ("b", "a")):
        wires = [Wire(first, "c", 16.0, 16.0), Wire(second, "c", 16.0, 34.0)]
        places = arranged(boxes, wires)
        assert places[first][1] < places[second][1]


def test_parts_come_below_each_other() -> None:
    boxes = {name: box() for name in "abcdx"}
    places = arranged(boxes, [wire("a -> b"), wire("c -> d")])
    assert places["a"][1] == places["b"][1] < places["c"][1] == places["d"][1] < places["x"][1]


def test_a_long_chain_breaks_into_rows_where_one_wire_leads_on() -> None:
    names = [f"n{k}" for k in range(60)]
    places = arranged(
        {name: box() for name in names},
        [Wire(a, b, 16.0, 16.0) for a, b in pairwise(names)],
    )
    rows = sorted({y for _, y in places.values()})
    assert 2 <= len(rows) <= 8
    assert max(x for x, _ in places.values()) < 4000
    assert [places[name] for name in names] == sorted(places.values(), key=lambda at: (at[1], at[0]))


def test_crossings_are_counted_by_ports() -> None:
    columns = (("a", "b"), ("c",))
    straight = [Wire("a", "c", 0, 16), Wire("b", "c", 0, 34)]
    crossed = [Wire("a", "c", 0, 34), Wire("b", "c", 0, 16)]
    assert (crossings(columns, straight), crossings(columns, crossed)) == (0, 1)


def test_the_plain_case_of_two_crossed_wires_is_untangled() -> None:
    wires = ("x -> a", "x -> b", "a -> d", "b -> c", "a -> e", "b -> f")
    layers = layered([wire(one) for one in wires])
    assert crossings(layers.columns, layers.pieces) == 0


def test_a_thousand_nodes_do_not_overlap() -> None:
    names = [f"n{k}" for k in range(1000)]
    wires = [Wire(a, b, 16.0, 16.0) for a, b in pairwise(names)]
    wires += [Wire(names[k], names[k + 3], 16.0, 34.0) for k in range(0, 996, 5)]
    boxes = {name: box(width=100.0 + 8 * (k % 9), height=50.0 + 18 * (k % 4)) for k, name in enumerate(names)}
    assert overlapping(arranged(boxes, wires), boxes) == []


SOME = {"a": box(0, 0, 100, 40), "b": box(50, 100, 60, 80), "c": box(300, 30, 120, 20)}


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        ("left", [(0, 0), (0, 100), (0, 30)]),
        ("right", [(320, 0), (360, 100), (300, 30)]),
        ("centre", [(160, 0), (180, 100), (150, 30)]),
        ("top", [(0, 0), (50, 0), (300, 0)]),
        ("bottom", [(0, 140), (50, 100), (300, 160)]),
        ("middle", [(0, 70), (50, 50), (300, 80)]),
    ],
)
def test_aligned(edge: str, expected: list[Position]) -> None:
    assert list(aligned(SOME, edge).values()) == expected  # pyright: ignore[reportArgumentType]


@given(drawings(), st.sampled_from(["across", "down"]))
@settings(max_examples=60, deadline=None)
def test_distributed_gaps_are_the_same(drawing: tuple[dict[str, Box], list[Wire]], way: str) -> None:
    boxes = drawing[0]
    if len(boxes) < 3:
        return
    places = distributed(boxes, way)  # pyright: ignore[reportArgumentType]
    axis = 0 if way == "across" else 1
    size = {name: (one.width, one.height)[axis] for name, one in boxes.items()}
    centre = {name: ((one.x, one.y)[axis] + size[name] / 2, name) for name, one in boxes.items()}
    order = sorted(boxes, key=centre.__getitem__)
    gaps = [places[b][axis] - places[a][axis] - size[a] for a, b in pairwise(order)]
    assert max(gaps) - min(gaps) <= 2
    for name in (order[0], order[-1]):
        assert places[name] == (boxes[name].x, boxes[name].y)
    assert all(places[a][1 - axis] == (boxes[a].x, boxes[a].y)[1 - axis] for a in boxes)


def test_no_two_boxes_overlap_is_what_is_asked() -> None:
    """The check that the others rely on sees an overlap."""
    boxes = {"a": box(), "b": box()}
    assert overlapping({"a": (0, 0), "b": (119, 63)}, boxes) == [("a", "b")]
    assert all(not overlapping({"a": (0, 0), "b": at}, boxes) for at in ((120, 0), (0, 64)))

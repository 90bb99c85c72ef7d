"""Arranges a drawing by itself: in layers from left to right or from the top down, nothing over anything.

Everything here works on boxes and wires alone, so it may run beside the window.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from studio.project.graph import Position
from studio.project.lanes import lanes
from studio.project.layers import Layers, Wire, layered, without_cycles
from studio.project.pinning import around_pinned, pinned_in

GRID = 8.0
BETWEEN = 72.0
"""From one column to the next: a wire's shape has room there."""
GAP, LANE = 32.0, 18.0
"""Between two nodes of a column, and around a wire that passes them."""
APART = 64.0
"""Between rows, and between parts that no wire joins."""
LEAST_ROW = 2400.0
"""A drawing up to twice as long stays whole: a few nodes alone in a second row would say nothing."""
SPARE = 240.0
"""How much longer than the others a row may be, so that the last one is no mere rest."""
WIDE = 2.2
"""How much wider than high a drawing that was broken into rows is to be, about."""
SHORTER = 0.6
"""A drawing is broken into rows only where they get that much shorter."""
Lines = list[dict[str, Position]]


@dataclass(frozen=True, slots=True)
class Box:
    """A node as it is drawn: where, and how large."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Part:
    """What wires join: where its nodes go in one row of columns, and in the rows that it breaks into."""

    unbroken: dict[str, Position]
    lines: Lines


def arranged(
    boxes: Mapping[str, Box],
    wires: Iterable[Wire],
    *,
    downwards: bool = False,
    row: float = LEAST_ROW,
    pinned: Collection[str] = (),
    others: Sequence[Box] = (),
) -> dict[str, Position]:
    """Where every node goes; the whole keeps its upper left corner, and the pinned nodes their places.

    What is longer than `row` breaks into rows where it can. Nothing comes to lie over the other boxes.
    """
    if not boxes:
        return {}
    if downwards:
        turned = {name: _turned(box) for name, box in boxes.items()}
        middle = {name: box.height / 2 for name, box in turned.items()}
        kept = _within(boxes, wires)  # wires leave a node at its right and come in at its left
        lying = [Wire(w.source, w.target, middle[str(w.source)], middle[str(w.target)]) for w in kept]
        obstacles = [_turned(box) for box in others]
        found = arranged(turned, lying, row=row, pinned=pinned, others=obstacles)
        return {name: (y, x) for name, (x, y) in found.items()}
    parts = parts_of(boxes, wires, row)
    held = [part for part in parts if not pinned_in(part, pinned)]
    alone = boxes.keys() - {name for part in parts for name in part.unbroken}
    lines = [line for part in held for line in part.lines]
    lines += _shelves({name: boxes[name] for name in boxes if name in alone - set(pinned)}, lines, boxes)
    around = [part for part in parts if pinned_in(part, pinned)]
    lonely = {name: boxes[name] for name in boxes if name in alone & set(pinned)}
    places = around_pinned(around, boxes, pinned, [*others, *lonely.values()])
    places.update({name: (box.x, box.y) for name, box in lonely.items()})
    left, top = min(box.x for box in boxes.values()), min(box.y for box in boxes.values())
    free = {name: (x + left, y + top) for name, (x, y) in stacked(lines, boxes).items()}
    taken = [Box(*at, boxes[name].width, boxes[name].height) for name, at in places.items()]
    return {**places, **aside(free, boxes, [*others, *taken])}


def parts_of(boxes: Mapping[str, Box], wires: Iterable[Wire], row: float) -> list[Part]:
    """The parts that hang together, each laid out by itself."""
    found: list[Part] = []
    for wired in _parts(without_cycles(_within(boxes, wires))):
        layers = layered(wired)
        places = _placed(layers, boxes)
        found.append(Part(places, _rows(layers, places, boxes, row)))
    return found


def _within(boxes: Mapping[str, Box], wires: Iterable[Wire]) -> list[Wire]:
    return [wire for wire in wires if wire.source in boxes and wire.target in boxes]


def aside(
    moved: Mapping[str, Position], boxes: Mapping[str, Box], others: Sequence[Box]
) -> dict[str, Position]:
    """The same places, as far further down as it takes to lie over none of the other boxes."""
    shift = 0.0
    while shift < (needed := _needed(moved, boxes, others, shift)):
        shift = needed
    return {name: (x, y + shift) for name, (x, y) in moved.items()}


def _needed(
    moved: Mapping[str, Position], boxes: Mapping[str, Box], others: Sequence[Box], shift: float
) -> float:
    """How far down the places have to go for those that lie over another box now."""
    needed = shift
    for name, (x, y) in moved.items():
        box = boxes[name]
        for other in others:
            beside = other.x + other.width <= x or x + box.width <= other.x
            if not beside and other.y < y + shift + box.height and y + shift < other.y + other.height:
                needed = max(needed, _on_grid(other.y + other.height + GAP - y))
    return needed


def _parts(wires: Sequence[Wire]) -> list[list[Wire]]:
    """The wires by the parts that hang together, each in the order in which it first appears."""
    leader: dict[object, object] = {}

    def found(name: object) -> object:
        while leader.setdefault(name, name) != name:
            leader[name] = name = leader[leader[name]]
        return name

    for wire in wires:
        leader[found(wire.target)] = found(wire.source)
    parts: dict[object, list[Wire]] = {}
    for wire in wires:
        parts.setdefault(found(wire.source), []).append(wire)
    return list(parts.values())


def _placed(layers: Layers, boxes: Mapping[str, Box]) -> dict[str, Position]:
    """Where the nodes of one part go, in a single row of columns."""
    heights = {
        name: boxes[name].height for column in layers.columns for name in column if isinstance(name, str)
    }
    tops = lanes(layers, heights, GAP, LANE)
    places: dict[str, Position] = {}
    x = 0.0
    for column in layers.columns:
        names = [name for name in column if isinstance(name, str)]
        places.update({name: (x, float(round(tops[name]))) for name in names})
        x += _on_grid(max((boxes[name].width for name in names), default=0.0) + BETWEEN)
    return places


def _rows(layers: Layers, places: Mapping[str, Position], boxes: Mapping[str, Box], row: float) -> Lines:
    """A part broken into rows where it is long and a single wire leads on."""
    columns = [[name for name in column if isinstance(name, str)] for column in layers.columns]
    width = _width(places, boxes)
    high = max(y for _, y in places.values()) - min(y for _, y in places.values()) + 2 * APART
    fitting = max(row, sqrt(width * high * WIDE))
    if width < 2 * fitting:
        return [dict(places)]
    most = width / round(width / fitting) + SPARE
    number = {name: at for at, column in enumerate(layers.columns) for name in column}
    leading_on = [0] * len(columns)
    for piece in layers.pieces:
        leading_on[number[piece.source]] += 1
    rows: Lines = [{}]
    start = 0.0
    pending: dict[str, Position] = {}
    for at, column in enumerate(columns):
        right = max((places[name][0] + boxes[name].width for name in column), default=start)
        pending.update({name: places[name] for name in column})
        if right - start > most and rows[-1]:
            rows.append({})
            start = min(x for x, _ in pending.values())
        if leading_on[at] == 1:
            rows[-1].update(pending)
            pending = {}
    rows[-1].update(pending)
    widest = max(_width(line, boxes) for line in rows)
    return rows if widest <= SHORTER * width else [dict(places)]


def _width(line: Mapping[str, Position], boxes: Mapping[str, Box]) -> float:
    left = min(x for x, _ in line.values())
    return max(x + boxes[name].width for name, (x, _) in line.items()) - left


def _shelves(alone: Mapping[str, Box], lines: Lines, boxes: Mapping[str, Box]) -> Lines:
    """Rows of the nodes without wires, no wider than the rest."""
    most = max((x + boxes[name].width for line in lines for name, (x, _) in line.items()), default=LEAST_ROW)
    rows: Lines = []
    x = 0.0
    for name, box in alone.items():
        if not rows or x + box.width > most:
            rows.append({})
            x = 0.0
        rows[-1][name] = (x, 0.0)
        x += _on_grid(box.width + BETWEEN)
    return rows


def stacked(lines: Lines, boxes: Mapping[str, Box]) -> dict[str, Position]:
    """The lines below each other, each from the left edge."""
    places: dict[str, Position] = {}
    y = 0.0
    for line in lines:
        left, top = min(x for x, _ in line.values()), min(top for _, top in line.values())
        places.update({name: (x - left, at - top + y) for name, (x, at) in line.items()})
        y = _on_grid(max(places[name][1] + boxes[name].height for name in line) + APART)
    return places


def _turned(box: Box) -> Box:
    return Box(box.y, box.x, box.height, box.width)


def _on_grid(length: float) -> float:
    return ceil(length / GRID) * GRID

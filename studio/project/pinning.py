"""Lays nodes out around others that stay where they are: each goes along with the pinned ones nearest to it.

What was laid out is carried to where the pinned nodes are: between two of them that lie far enough apart the
rest spreads out, else each follows the nearer one. What would lie over something else then moves down.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from studio.project.graph import Position

if TYPE_CHECKING:
    from studio.project.arranging import Box, Part

BESIDE, BELOW = 24.0, 32.0
"""Free room around a node that moves out of the way."""
STRIPE = 256.0
SAME_ROW = 1.0
Anchor = tuple[float, Position, Position]
"""A pinned node: how far along it lies, where it was laid out, and where it is."""


def pinned_in(part: Part, pinned: Collection[str]) -> list[str]:
    """The pinned nodes of a part."""
    return [name for name in part.unbroken if name in pinned]


def around_pinned(
    parts: Iterable[Part], boxes: Mapping[str, Box], pinned: Collection[str], others: Sequence[Box]
) -> dict[str, Position]:
    """Where the nodes of parts go that have pinned ones, over nothing and over none of the other boxes."""
    taken = Taken()
    for box in others:
        taken.add(box.x, box.y, box.width, box.height)
    places: dict[str, Position] = {}
    parts = list(parts)
    for part in parts:
        for name in pinned_in(part, pinned):
            box = boxes[name]
            places[name] = (box.x, box.y)
            taken.add(box.x, box.y, box.width, box.height)
    for part in parts:
        below: dict[float, float] = {}
        for name, (x, y) in _carried(part, boxes, pinned_in(part, pinned)):
            box, column = boxes[name], part.unbroken[name][0]
            y = taken.free(x, max(y, below.get(column, y)), box.width, box.height)
            places[name] = (x, y)
            below[column] = y + box.height + BELOW
            taken.add(x, y, box.width, box.height)
    return places


def _carried(part: Part, boxes: Mapping[str, Box], pinned: list[str]) -> Iterable[tuple[str, Position]]:
    """The other nodes of a part, by columns from the top down, and where each would go."""
    laid: dict[str, Position] = {}
    for number, line in enumerate(part.lines):
        shift = sum(_height(one, boxes) + 2 * BELOW for one in part.lines[:number])
        left, top = min(x for x, _ in line.values()), min(y for _, y in line.values())
        laid.update({name: (x - left, y - top + shift) for name, (x, y) in line.items()})
    anchors = sorted((part.unbroken[name][0], laid[name], (boxes[name].x, boxes[name].y)) for name in pinned)
    order = sorted(part.unbroken, key=lambda name: part.unbroken[name])
    for name in order:
        if name not in pinned:
            along = part.unbroken[name][0]
            dx, dy = _shift(along, laid[name], anchors)
            yield name, (float(round(laid[name][0] + dx)), float(round(laid[name][1] + dy)))


def _height(line: Mapping[str, Position], boxes: Mapping[str, Box]) -> float:
    return max(y + boxes[name].height for name, (_, y) in line.items()) - min(y for _, y in line.values())


def _shift(along: float, at: Position, anchors: Sequence[Anchor]) -> Position:
    """How far a node is carried by the pinned ones before and after it."""
    same = [one for one in anchors if one[0] == along]
    if same:
        return _of(min(same, key=lambda one: abs(one[1][1] - at[1])))
    after = bisect_left([one[0] for one in anchors], along)
    if after in (0, len(anchors)):
        return _of(anchors[min(after, len(anchors) - 1)])
    low, high = anchors[after - 1], anchors[after]
    part = (along - low[0]) / (high[0] - low[0])
    laid, real = high[1][0] - low[1][0], high[2][0] - low[2][0]
    if abs(laid - (high[0] - low[0])) > SAME_ROW or real < laid:
        return _of(low if part < 0.5 else high)
    (dx, dy), (to_dx, to_dy) = _of(low), _of(high)
    return dx + (to_dx - dx) * part, dy + (to_dy - dy) * part


def _of(anchor: Anchor) -> Position:
    (x, y), (to_x, to_y) = anchor[1], anchor[2]
    return to_x - x, to_y - y


class Taken:
    """The room that is taken, found by upright stripes."""

    def __init__(self) -> None:
        self._stripes: dict[int, list[tuple[float, float, float, float]]] = {}

    def add(self, x: float, y: float, width: float, height: float) -> None:
        """Take a rectangle."""
        for stripe in _stripes(x, x + width):
            self._stripes.setdefault(stripe, []).append((x, y, x + width, y + height))

    def free(self, x: float, y: float, width: float, height: float) -> float:
        """How far down a rectangle has to lie to have room around it, at `y` or below."""
        left, right = x - BESIDE, x + width + BESIDE
        near = {
            one
            for stripe in _stripes(left, right)
            for one in self._stripes.get(stripe, ())
            if one[0] < right and one[2] > left
        }
        for _, top, _, bottom in sorted(near, key=lambda one: one[1]):
            if top - BELOW < y + height and y < bottom + BELOW:
                y = bottom + BELOW
        return y


def _stripes(left: float, right: float) -> range:
    return range(int(left // STRIPE), int(right // STRIPE) + 1)

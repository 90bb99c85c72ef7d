"""Layers of a drawing: which column each node stands in and in which order, so that few wires cross.

Columns and a first order come from fast-sugiyama. It knows no ports, so the order is refined here with where
on its node each wire ends. A wire over several columns passes a stand-in, named by a number, in each between.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

Spot = Hashable
"""A node by its name, or a stand-in by its number."""
PATIENCE = 60_000
"""How many comparisons of neighbours are spent on fewer crossings."""
MOST_ROUNDS = 48
STALE = 6
"""After so many rounds that did not help, the columns are shuffled and sorted again."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A wire by the nodes at its ends, and how far below their tops its ports lie."""

    source: Spot
    target: Spot
    out: float = 0.0
    into: float = 0.0


@dataclass(frozen=True, slots=True)
class Layers:
    """Columns from first to last, each in order, and the wires from each column to the next."""

    columns: tuple[tuple[Spot, ...], ...]
    pieces: tuple[Wire, ...]


def without_cycles(wires: Iterable[Wire]) -> list[Wire]:
    """The wires that lead on: none back to where it came from, and none from a node to itself."""
    following: dict[Spot, list[Wire]] = {}
    for wire in wires:
        following.setdefault(wire.source, []).append(wire)
    kept: list[Wire] = []
    open_now, done = set[Spot](), set[Spot]()
    for first in following:
        if first in done:
            continue
        open_now.add(first)
        stack = [(first, iter(following[first]))]
        while stack:
            node, rest = stack[-1]
            wire = next(rest, None)
            if wire is None:
                stack.pop()
                open_now.discard(node)
                done.add(node)
            elif wire.target not in open_now:
                kept.append(wire)
                if wire.target not in done:
                    open_now.add(wire.target)
                    stack.append((wire.target, iter(following.get(wire.target, ()))))
    return kept


def layered(wires: Sequence[Wire]) -> Layers:
    """The layers of nodes that hang together by wires without cycles, at least one of them."""
    # The library ends the process where a wire leads back, so it never sees one.
    from fast_sugiyama import from_edges

    names = list(dict.fromkeys(end for wire in wires for end in (wire.source, wire.target)))
    numbers = {name: number for number, name in enumerate(names)}
    pairs = list(dict.fromkeys((numbers[wire.source], numbers[wire.target]) for wire in wires))
    (found, _, _, steps), *_ = from_edges(pairs, dummy_vertices=True, check_layout=False, transpose=False)
    places = {int(number): (x, y) for number, (x, y) in found}
    spots: dict[int, Spot] = {n: names[n] if n < len(names) else n for n in places}
    heights = sorted({y for _, y in places.values()}, reverse=True)
    column_at = {y: column for column, y in enumerate(heights)}
    order: list[list[Spot]] = [[] for _ in heights]
    for number in sorted(places, key=lambda one: places[one][0]):
        order[column_at[places[number][1]]].append(spots[number])
    column_of = {spots[number]: column_at[y] for number, (_, y) in places.items()}
    pieces = _pieces(wires, [(spots[int(a)], spots[int(b)]) for a, b in steps or ()], column_of)
    return Layers(_untangled(order, pieces), pieces)


def crossings(columns: Sequence[Sequence[Spot]], pieces: Iterable[Wire]) -> int:
    """How many pairs of wires cross between neighbouring columns."""
    place = _places(columns)
    by_column: dict[int, list[tuple[tuple[int, float], tuple[int, float]]]] = {}
    for piece in pieces:
        column, at = place[piece.source]
        by_column.setdefault(column, []).append(((at, piece.out), (place[piece.target][1], piece.into)))
    count = 0
    for between in by_column.values():
        seen: list[tuple[int, float]] = []
        for _, end in sorted(between):
            # Ends that are equal share a port: such wires meet and do not cross.
            count += len(seen) - bisect_left(seen, (end[0], end[1] + 1e-9))
            insort(seen, end)
    return count


def _pieces(
    wires: Sequence[Wire], steps: Iterable[tuple[Spot, Spot]], column_of: Mapping[Spot, int]
) -> tuple[Wire, ...]:
    """Each wire cut at the stand-ins that it passes; wires between the same two nodes pass the same ones."""
    stand_ins = {spot for spot in column_of if isinstance(spot, int)}
    onwards: dict[Spot, list[Spot]] = {}
    for a, b in steps:
        first, then = (a, b) if column_of[a] < column_of[b] else (b, a)
        onwards.setdefault(first, []).append(then)
    ways: dict[tuple[Spot, Spot], list[Spot]] = {}
    for source in {wire.source for wire in wires}:
        for step in onwards.get(source, ()):
            way = [source, step]
            while way[-1] in stand_ins:
                way.append(onwards[way[-1]][0])
            ways[source, way[-1]] = way
    return tuple(
        Wire(
            a,
            b,
            wire.out if a == wire.source else 0.0,
            wire.into if b == wire.target else 0.0,
        )
        for wire in wires
        for a, b in pairwise(ways[wire.source, wire.target])
    )


def _untangled(order: list[list[Spot]], pieces: Sequence[Wire]) -> tuple[tuple[Spot, ...], ...]:
    """The columns in an order with fewer crossings, the best of several rounds."""
    before: dict[Spot, list[Wire]] = {}
    after: dict[Spot, list[Wire]] = {}
    for piece in pieces:
        before.setdefault(piece.target, []).append(piece)
        after.setdefault(piece.source, []).append(piece)
    best = [list(column) for column in order]
    fewest, since = crossings(best, pieces), 0
    passes = max(1, PATIENCE // sum(map(len, order)))
    for step in range(MOST_ROUNDS):
        if not fewest or not passes:
            break
        if step:
            _stir(order, before if step % 2 else after, step, since)
        while passes and _swapped(order, before, after):
            passes -= 1
        since += 1
        if (count := crossings(order, pieces)) < fewest:
            best, fewest, since = [list(column) for column in order], count, 0
    return tuple(tuple(column) for column in best)


def _stir(order: list[list[Spot]], wires: Mapping[Spot, list[Wire]], step: int, since: int) -> None:
    """Sort the columns in the direction of this step, anew from a shuffle where the order got no better."""
    if since and since % STALE == 0:
        shuffle = Random(step).shuffle
        for column in order:
            shuffle(column)
    _sweep(order, wires, forwards=bool(step % 2))


def _sweep(order: list[list[Spot]], wires: Mapping[Spot, list[Wire]], *, forwards: bool) -> None:
    """Sort each column by where its wires come from, or go to."""
    for column in range(1, len(order)) if forwards else range(len(order) - 2, -1, -1):
        fixed = order[column - 1 if forwards else column + 1]
        at = {spot: place for place, spot in enumerate(fixed)}
        middle: dict[Spot, float] = {}
        for place, spot in enumerate(order[column]):
            ends = [
                at[one.source] + one.out / 1e4 if forwards else at[one.target] + one.into / 1e4
                for one in wires.get(spot, ())
            ]
            middle[spot] = sum(ends) / len(ends) if ends else float(place)
        order[column].sort(key=middle.__getitem__)


def _swapped(
    order: list[list[Spot]], before: Mapping[Spot, list[Wire]], after: Mapping[Spot, list[Wire]]
) -> bool:
    """Swap neighbours where fewer wires cross then; says whether that helped anywhere."""
    place = _places(order)
    helped = False
    for column in order:
        sources = {spot: [(*place[one.source], one.out) for one in before.get(spot, ())] for spot in column}
        targets = {spot: [(*place[one.target], one.into) for one in after.get(spot, ())] for spot in column}
        for at in range(len(column) - 1):
            upper, lower = column[at], column[at + 1]
            gain = _gain(sources[upper], sources[lower]) + _gain(targets[upper], targets[lower])
            if gain > 0:
                column[at], column[at + 1] = lower, upper
                place[upper], place[lower] = place[lower], place[upper]
                helped = True
    return helped


def _gain(upper: list[tuple[int, int, float]], lower: list[tuple[int, int, float]]) -> int:
    """How many crossings less there are when two neighbours with these ends change places."""
    return sum((a > b) - (a < b) for a in upper for b in lower)


def _places(columns: Sequence[Sequence[Spot]]) -> dict[Spot, tuple[int, int]]:
    return {spot: (number, at) for number, column in enumerate(columns) for at, spot in enumerate(column)}

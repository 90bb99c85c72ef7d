"""Where what is dragged comes to lie in line with its neighbours, or as far from one as from the next.

Plain geometry of rectangles and the heights of ports, sorted once for each drag and each part of the canvas.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

LEFT, MIDDLE, RIGHT = range(3)
ALL, OUTER = (LEFT, MIDDLE, RIGHT), (LEFT, RIGHT)
"""What counts across, and what counts down: there ports stand for the middle."""
SAME = 0.25
"""Lines nearer to each other than this are one."""


class Rect(NamedTuple):
    """A node's edges."""

    left: float
    top: float
    right: float
    bottom: float

    def moved(self, dx: float, dy: float) -> Rect:
        """The rectangle elsewhere."""
        return Rect(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    @property
    def turned(self) -> Rect:
        """Across for down."""
        return Rect(self.top, self.left, self.bottom, self.right)


class Straight(NamedTuple):
    """A wire that could be straight: the port of what is dragged, and the other port."""

    x: float
    y: float
    to_x: float
    to_y: float


class Line(NamedTuple):
    """A guide, from point to point."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def turned(self) -> Line:
        """Across for down."""
        return Line(self.y1, self.x1, self.y2, self.x2)


@dataclass(frozen=True, slots=True)
class Snap:
    """How far to shift what is dragged, and what shows why; `gaps` are as long as each other.

    A direction that is None has nothing to be in line with.
    """

    dx: float | None = None
    dy: float | None = None
    lines: tuple[Line, ...] = ()
    gaps: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Drag:
    """What is dragged, where it was: its rectangle, its wires to what stays, the heights of its ports."""

    rect: Rect
    wires: tuple[Straight, ...] = ()
    ports: tuple[float, ...] = ()

    def moved(self, dx: float, dy: float) -> tuple[Rect, list[Straight], list[float]]:
        """All of it elsewhere."""
        wires = [one._replace(x=one.x + dx, y=one.y + dy) for one in self.wires]
        return self.rect.moved(dx, dy), wires, [y + dy for y in self.ports]


class Guides:
    """The neighbours of what is dragged: their rectangles, and by name the heights of their ports."""

    def __init__(self, others: Mapping[str, Rect], rows: Mapping[str, Iterable[float]]) -> None:
        self._others = list(others.values())
        self._columns = _Edges(self._others, ALL)
        self._turned = [rect.turned for rect in self._others]
        self._lines = _Edges(self._turned, OUTER)
        self._rows = sorted((y, others[name].left, others[name].right) for name in others for y in rows[name])
        self._heights = [row[0] for row in self._rows]

    def snap(self, drag: Drag, by: tuple[float, float], reach: float) -> Snap:
        """Bring what is dragged so far into line within `reach`.

        A wire that becomes straight comes first. Where it came from counts like a neighbour: what is dragged
        sideways stays in its row.
        """
        rect, wires, ports = drag.moved(*by)
        straight = min((wire.to_y - wire.y for wire in wires), key=abs, default=reach + 1)
        if abs(straight) <= reach:
            dy: float | None = straight
        else:
            by_row = (_nearest(self._heights, y) - y for y in ports)
            stack = _evenly(self._turned, rect.turned)
            dy = _least([-by[1], *self._lines.shifts(rect.turned), *by_row, *stack], reach)
        level = rect.moved(0, dy or 0.0)
        dx = _least([-by[0], *self._columns.shifts(level), *_evenly(self._others, level)], reach)
        placed = level.moved(dx or 0.0, 0)
        return Snap(dx, dy, *self._shown(placed, wires, ports, (dx, dy)))

    def _shown(
        self,
        rect: Rect,
        wires: Sequence[Straight],
        ports: Sequence[float],
        shift: tuple[float | None, float | None],
    ) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
        """The guides, and the equal gaps, of what has come to lie somewhere."""
        dx, dy = shift
        lines: list[Line] = []
        gaps: list[Line] = []
        if dx is not None:
            lines += self._columns.touching(rect)
            gaps += _gaps(self._others, rect)
        if dy is not None:
            level = [one for one in wires if abs(one.y + dy - one.to_y) < SAME]
            across = [line.turned for line in self._lines.touching(rect.turned)]
            lines += [Line(one.x + (dx or 0.0), one.to_y, one.to_x, one.to_y) for one in level] or across
            lines += [] if lines else self._rows_met(rect, [y + dy for y in ports])
            gaps += [gap.turned for gap in _gaps(self._turned, rect.turned)]
        return tuple(lines), tuple(gaps)

    def _rows_met(self, rect: Rect, ports: Iterable[float]) -> Iterator[Line]:
        for y in ports:
            start = bisect_left(self._heights, y - SAME)
            met = [row for row in self._rows[start : start + 40] if row[0] <= y + SAME]
            if met:
                left = min(rect.left, *(row[1] for row in met))
                yield Line(left, y, max(rect.right, *(row[2] for row in met)), y)


class _Edges:
    """The left edges, middles and right edges of rectangles, each kind sorted."""

    def __init__(self, rects: Sequence[Rect], kinds: Sequence[int]) -> None:
        self._kinds = {
            kind: sorted((_three(rect)[kind], rect.top, rect.bottom) for rect in rects) for kind in kinds
        }
        self._places = {kind: [edge[0] for edge in edges] for kind, edges in self._kinds.items()}

    def shifts(self, rect: Rect) -> Iterator[float]:
        """How far to shift a rectangle until one of its own is on the nearest of the same kind."""
        own = _three(rect)
        return (_nearest(places, own[kind]) - own[kind] for kind, places in self._places.items())

    def touching(self, rect: Rect) -> list[Line]:
        """Lines through those that a rectangle's own lie on; its middle only where no edge does."""
        own = _three(rect)
        lines = {kind: self._line(kind, own[kind], rect) for kind in self._kinds}
        outer = [line for kind, line in lines.items() if line is not None and kind != MIDDLE]
        return outer or [line for line in lines.values() if line is not None]

    def _line(self, kind: int, at: float, rect: Rect) -> Line | None:
        start = bisect_left(self._places[kind], at - SAME)
        met = self._kinds[kind][start : bisect_left(self._places[kind], at + SAME)]
        if not met:
            return None
        return Line(at, min(rect.top, *(e[1] for e in met)), at, max(rect.bottom, *(e[2] for e in met)))


def _three(rect: Rect) -> tuple[float, float, float]:
    return rect.left, (rect.left + rect.right) / 2, rect.right


def _nearest(places: Sequence[float], at: float) -> float:
    """The nearest of sorted numbers; far away where there is none."""
    after = bisect_left(places, at)
    return min(places[max(after - 1, 0) : after + 1], key=lambda one: abs(one - at), default=float("inf"))


def _least(shifts: Iterable[float], reach: float) -> float | None:
    best = min(shifts, key=abs, default=reach + 1)
    return best if abs(best) <= reach else None


def _beside(others: Sequence[Rect], rect: Rect) -> tuple[list[Rect], list[Rect]]:
    """What lies left and right in the same row, the two nearest of each."""
    row = [one for one in others if one.top < rect.bottom and one.bottom > rect.top]
    middle = (rect.left + rect.right) / 2
    left = sorted((one for one in row if one.right <= middle), key=lambda one: -one.right)
    right = sorted((one for one in row if one.left >= middle), key=lambda one: one.left)
    return left[:2], right[:2]


def _evenly(others: Sequence[Rect], rect: Rect) -> Iterator[float]:
    """Shifts that leave equal gaps: between two neighbours, or on from a gap that is there already."""
    left, right = _beside(others, rect)
    if left and right and right[0].left - left[0].right > rect.right - rect.left:
        yield (left[0].right + right[0].left - rect.left - rect.right) / 2
    if len(left) > 1 and left[0].left > left[1].right:
        yield left[0].right + (left[0].left - left[1].right) - rect.left
    if len(right) > 1 and right[1].left > right[0].right:
        yield right[0].left - (right[1].left - right[0].right) - rect.right


def _gaps(others: Sequence[Rect], rect: Rect) -> list[Line]:
    """The gaps beside a rectangle where they are equal to each other, or to the next ones."""
    left, right = _beside(others, rect)
    row = [*reversed(left), rect, *right]
    spaces = [
        Line(a.right, _between(a, b), b.left, _between(a, b)) for a, b in pairwise(row) if b.left > a.right
    ]
    own = [one for one in spaces if abs(one.x1 - rect.right) < SAME or abs(one.x2 - rect.left) < SAME]
    equal: set[Line] = set()
    for mine in own:
        alike = [one for one in spaces if abs(_length(one) - _length(mine)) < SAME]
        equal.update(alike if len(alike) > 1 else ())
    return [one for one in spaces if one in equal]


def _length(line: Line) -> float:
    return line.x2 - line.x1


def _between(a: Rect, b: Rect) -> float:
    """The height at which two rectangles of a row face each other."""
    return (max(a.top, b.top) + min(a.bottom, b.bottom)) / 2

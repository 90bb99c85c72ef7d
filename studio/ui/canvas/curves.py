"""The way of a wire: a curve from port to port, or through the points that it is led through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from math import hypot, inf

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainterPath

Points = tuple[QPointF, QPointF, QPointF, QPointF]
"""One Bézier curve."""
MOST_PIECES = 48
LEAST_DROP, WIDEST_TURN = 48.0, 44.0
ABOVE, ONE_ROW = 46.0, 170.0
"""How far above the lower end a wire leads back from one row of single nodes to the next. Rows of several
nodes lie further apart: between those it leads back halfway."""
LEAST_REACH, MOST_REACH = 16.0, 160.0
FLAT = 0.5
"""What a level line may rise or fall."""


def curve(source: QPointF, target: QPointF) -> Points:
    """A wire's curve: it leaves to the right and arrives from the left."""
    reach = reach_of(target.x() - source.x(), target.y() - source.y())
    return source, source + QPointF(reach, 0), target - QPointF(reach, 0), target


def reach_of(along: float, down: float) -> float:
    """How far the curve of a wire that goes so far along and down reaches out of its ends."""
    if along < 0:
        return min(64 - 0.4 * along, 400.0)
    return max(min(along / 2, 160.0), min(24 + abs(down) / 3, 64.0))


def curves(source: QPointF, target: QPointF, bends: Sequence[QPointF] = ()) -> tuple[Points, ...]:
    """A wire's curves from bend to bend. Each bend is passed in the direction from the one before to the one
    after; the ends are left and reached level.
    """
    if not bends:
        back = leads_back(target.x() - source.x(), target.y() - source.y())
        return _back(source, target) if back else (curve(source, target),)
    points = [source, *bends, target]
    level = QPointF(1, 0)
    ways = [level, *(_way(points[at - 1], points[at + 1]) for at in range(1, len(points) - 1)), level]
    made: list[Points] = []
    for at, (start, end) in enumerate(pairwise(points)):
        reach = hypot(end.x() - start.x(), end.y() - start.y()) / 3
        first = min(max(reach, LEAST_REACH), MOST_REACH) if at == 0 else reach
        last = min(max(reach, LEAST_REACH), MOST_REACH) if at == len(points) - 2 else reach
        made.append((start, start + ways[at] * first, end - ways[at + 1] * last, end))
    return tuple(made)


def leads_back(along: float, down: float) -> bool:
    """Whether a wire has to turn twice, with height for that: from one row to the next, mostly."""
    return along < LEAST_REACH and abs(down) >= LEAST_DROP


def _back(source: QPointF, target: QPointF) -> tuple[Points, ...]:
    """Around a turn, back between the two rows, where mostly nothing lies, and around another."""
    drop = target.y() - source.y()
    above = min(ABOVE + 2 * max(abs(drop) - ONE_ROW, 0.0), abs(drop) / 2)
    level = max(source.y(), target.y()) - above
    first, last = QPointF(source.x(), level), QPointF(target.x(), level)
    reach = QPointF(min(abs(source.x() - target.x()) / 3, MOST_REACH), 0)
    out, into = _wide(level - source.y()), _wide(target.y() - level)
    return (
        (source, source + out, first + out, first),
        (first, first - reach, last + reach, last),
        (last, last - into, target - into, target),
    )


def _wide(high: float) -> QPointF:
    """How far a turn of some height swings out."""
    return QPointF(min(abs(high) * 2 / 3, WIDEST_TURN), 0)


def path_of(parts: Iterable[Points]) -> QPainterPath:
    """Curves that follow each other as a path."""
    path = QPainterPath()
    for at, (start, one, other, end) in enumerate(parts):
        if at == 0:
            path.moveTo(start)
        path.cubicTo(one, other, end)
    return path


def lines_of(parts: Iterable[Points], fixed: int = 0) -> list[QLineF]:
    """Curves as short lines: `fixed` for each, or as many as it takes to look smooth."""
    return [line for points in parts for line in _lines(points, fixed or _pieces(points))]


def middle_of(points: Points) -> tuple[float, float]:
    """Where a curve is halfway."""
    a, b, c, d = (0.125, 0.375, 0.375, 0.125)
    one, two, three, four = points
    middle = one * a + two * b + three * c + four * d
    return middle.x(), middle.y()


def length_of(points: Points) -> float:
    """About how long a curve is."""
    return abs(points[3].x() - points[0].x()) + abs(points[3].y() - points[0].y())


def is_level(points: Points) -> bool:
    """Whether a curve is one level line, that does not turn back on itself."""
    a, b, c, d = points
    y = a.y()
    if abs(d.y() - y) >= FLAT or abs(b.y() - y) >= FLAT or abs(c.y() - y) >= FLAT:
        return False
    xs = a.x(), b.x(), c.x(), d.x()
    return xs[0] <= xs[1] <= xs[2] <= xs[3] or xs[0] >= xs[1] >= xs[2] >= xs[3]


def hull(parts: Iterable[Points], around: float) -> QRectF:
    """A rectangle that holds curves, with room around them."""
    xs = [point.x() for points in parts for point in points]
    ys = [point.y() for points in parts for point in points]
    left, top = min(xs) - around, min(ys) - around
    return QRectF(left, top, max(xs) + around - left, max(ys) + around - top)


def off_lines(point: QPointF, lines: Iterable[QLineF]) -> float:
    """How far a point is from the nearest of some lines."""
    x, y = point.x(), point.y()
    nearest = inf
    for line in lines:
        left, top, along, down = line.x1(), line.y1(), line.dx(), line.dy()
        away, below = x - left, y - top
        length = along * along + down * down
        part = (away * along + below * down) / length if length else 0.0
        part = 0.0 if part < 0.0 else 1.0 if part > 1.0 else part
        away, below = away - part * along, below - part * down
        nearest = min(nearest, away * away + below * below)
    return nearest**0.5


def _way(one: QPointF, other: QPointF) -> QPointF:
    """The direction from one point to another, level where there is none."""
    way = other - one
    length = hypot(way.x(), way.y())
    return way / length if length else QPointF(1, 0)


def _pieces(points: Points) -> int:
    """How many straight lines a curve takes."""
    if is_level(points):
        return 1
    if points[1].x() >= points[2].x():  # its turns are narrow
        return max(20, min(int(length_of(points) / 10), MOST_PIECES))
    return max(10, min(int(length_of(points) / 14), 40))


def _lines(points: Points, count: int) -> list[QLineF]:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = ((point.x(), point.y()) for point in points)
    xs, ys = _along(ax, bx, cx, dx, count), _along(ay, by, cy, dy, count)
    return list(map(QLineF, xs, ys, xs[1:], ys[1:]))


def _along(a: float, b: float, c: float, d: float, count: int) -> list[float]:
    """One coordinate at the ends of `count` pieces of a curve, by Horner's rule."""
    one, two, three = 3 * (b - a), 3 * (a - 2 * b + c), d - a + 3 * (b - c)
    return [a, *(((three * t + two) * t + one) * t + a for t in _steps(count)), d]


@cache
def _steps(count: int) -> tuple[float, ...]:
    """Where a curve is parted into `count` pieces: from 0 to 1, without both."""
    return tuple(step / count for step in range(1, count))

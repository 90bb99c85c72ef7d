"""Values moved by steps, as a drag or the wheel does it: numbers up and down, choices and switches along."""

from __future__ import annotations

import math
from enum import IntEnum

from studio.project.params import Bool, Choice, Float, Floats, Int, Ints, Param, Value

COARSE = 10


class Pace(IntEnum):
    """How far a step goes."""

    FINE = -1
    PLAIN = 0
    COARSE = 1


def is_number(value: Value, param: Param) -> bool:
    """Whether a value is a number, or several, that can be moved."""
    items = value if isinstance(value, tuple) else (value,)
    plain = all(isinstance(one, int | float) and not isinstance(one, bool) for one in items)
    return isinstance(param, Int | Float | Ints | Floats) and plain and bool(items)


def can_step(value: Value, param: Param) -> bool:
    """Whether steps lead from this value to others."""
    known = isinstance(param, Bool) and isinstance(value, bool)
    return known or (isinstance(param, Choice) and value in param.options) or is_number(value, param)


def stepped_value(
    value: Value, param: Param, steps: int, pace: Pace = Pace.PLAIN, part: int | None = None
) -> Value:
    """The value so many steps further, as far as the parameter accepts it; of several numbers `part` moves,
    all of them where it is None. What cannot be moved stays.
    """
    if isinstance(param, Bool):
        return steps > 0 if isinstance(value, bool) else value
    if isinstance(param, Choice):
        return _option(value, param, steps)
    if not is_number(value, param):
        return value
    assert isinstance(param, Int | Float | Ints | Floats)
    if isinstance(value, tuple):
        items = tuple(
            _number(one, param, steps, pace) if part is None or at == part else one
            for at, one in enumerate(value)
        )
        return _accepted(items, value, param)
    return _accepted(_number(value, param, steps, pace), value, param)


def _option(value: Value, param: Choice, steps: int) -> Value:
    if value not in param.options:
        return value
    at = param.options.index(str(value)) - steps
    return param.options[max(0, min(at, len(param.options) - 1))]


def _accepted(wanted: Value, before: Value, param: Param) -> Value:
    try:
        return param.check(wanted)
    except ValueError:
        return before


def _number(value: Value, param: Int | Float | Ints | Floats, steps: int, pace: Pace) -> Value:
    if isinstance(param, Int | Ints):
        assert isinstance(value, int | float)
        return int(max(param.low, min(_whole(int(value), steps, pace), param.high)))
    assert isinstance(value, int | float)
    found = float(value)
    for _ in range(abs(steps)):
        found = max(param.low, min(_fraction(found, 1 if steps > 0 else -1, pace), param.high))
    return found


def _whole(value: int, steps: int, pace: Pace) -> int:
    """One more or less; in long steps ten, or the next power of two where it is one."""
    if pace is not Pace.COARSE:
        return value + steps
    if value < 4 or value & (value - 1):
        return value + COARSE * steps
    return value << min(steps, 40) if steps > 0 else max(value >> -steps, 1)


def _fraction(value: float, step: int, pace: Pace) -> float:
    """Its leading digit one more or less: 0.01, 0.02; in long steps ten times as much, in short ones the next
    digit.
    """
    if pace is Pace.COARSE and value:
        return float(f"{value * 10.0**step:.10g}")
    size = 10.0 ** math.floor(math.log10(abs(value))) if value else 0.1
    if value * step < 0 and math.isclose(abs(value), size):
        size /= 10
    size = size / 10 if pace is Pace.FINE else size
    return float(f"{round((value + step * size) / size) * size:.10g}")

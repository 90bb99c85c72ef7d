"""Plain decimal numbers of a CSV file read many at a time: eight characters are one word of 64 bits.

A number such as -12.5 is a whole one, 125, over a power of ten. Both are exact in double precision up to
2**53 and 10**22, so that the quotient is the double nearest to what is written (Clinger 1990). Few cells may
be written in another way (1e-5): they are read one by one. Where there are more, others read the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.data.raw import Array

BLOCK = 1 << 18
"""Characters that are looked at together: what is known of them stays near the processor."""
PADDING = 16
"""Characters that must follow the last one."""
RARE = 64
"""One cell of so many may be written in another way."""
LONGEST, WORD = 16, 8
LARGEST = 2**53
MINUS, NINE, LINE_END = 0x2D, 0x39, 0x0A
_ZEROS, _POINTS = np.uint64(0x3030303030303030), np.uint64(0x1010101010101010)
_BEHIND = np.uint64(0x0706050403020100)
"""Times a power of 256, its highest byte is how many bytes of eight are above that power."""
_ABOVE_NINE, _HIGH = np.uint64(0x7676767676767676), np.uint64(0x8080808080808080)
_PAIRS = (
    (np.uint64(2561), np.uint64(8), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64(6553601), np.uint64(16), np.uint64(0x0000FFFF0000FFFF)),
)
_FOURS, _HALF = np.uint64(42949672960001), np.uint64(32)
"""Neighbours become one number: digits, then pairs, then fours."""
_ONE, _THREE, _FOUR, _EIGHT, _TOP = (np.uint64(one) for one in (1, 3, 4, 8, 56))
_WHOLE_TENS = 10 ** np.arange(WORD + 1, dtype=np.uint64)
_TENS = 10.0 ** np.arange(LONGEST + 1)
_WRITTEN = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class NotPlainError(Exception):
    """There is something else than rows of so many plain numbers."""


@dataclass(frozen=True, slots=True)
class _Cells:
    """Where cells begin and end, which of them end a row, and the places of characters that no plain number
    has.
    """

    starts: Array
    ends: Array
    lines: Array
    odd: Array


class _Room:
    """Memory that is used again for every block."""

    def __init__(self) -> None:
        self._words = [np.empty(BLOCK, np.uint64) for _ in range(5)]
        self.bytes, self.flags = np.empty(BLOCK, np.uint8), np.empty(BLOCK, np.bool_)

    def words(self, at: int, count: int) -> Array:
        """So many words; `at` says which of those that there are."""
        return self._words[at][:count]


def decimals(
    content: bytearray, begin: int, end: int, width: int, delimiter: str, dtype: type[np.floating[Any]]
) -> list[Array]:
    """The numbers of all rows of `width` cells, one after the other; NaN where a cell is empty.

    A line ends at `end`, and PADDING follows. Raises NotPlainError.
    """
    if content.find(b"/", begin, end) >= 0:
        raise NotPlainError
    seen, room = np.frombuffer(content, np.uint8), _Room()
    signed = content.find(b"-", begin, end) >= 0
    found: list[Array] = []
    count, rows, first, odd = 0, 0, begin, np.zeros(0, np.int64)
    for start in range(begin, end, BLOCK):
        cells = _cells(seen[start : min(start + BLOCK, end)], start, first, ord(delimiter), odd, room)
        if not len(cells.ends) or ((cells.lines + (count + 1)) % width).any():
            raise NotPlainError
        with np.errstate(over="ignore"):
            found.append(_numbers(seen, cells, room, signed=signed).astype(dtype))
        count, rows, first = count + len(cells.ends), rows + len(cells.lines), int(cells.ends[-1]) + 1
        odd = cells.odd[cells.odd >= first]
    if first != end or count != rows * width:
        raise NotPlainError
    return found


def _cells(part: Array, start: int, first: int, delimiter: int, odd: Array, room: _Room) -> _Cells:
    """The cells that end in a part; the first one and characters in it may come from before."""
    far = np.subtract(part, np.uint8(MINUS), out=room.bytes[: len(part)])
    places = np.greater(far, NINE - MINUS, out=room.flags[: len(part)]).nonzero()[0]
    chars = part[places]
    lines = chars == LINE_END
    stops = chars == delimiter
    stops |= lines
    places += start
    if not stops.all():
        odd = np.concatenate([odd, places[~stops]])
        places, lines = places[stops], lines[stops]
    starts = room.words(0, len(places)).view(np.int64)
    starts[:1] = first
    np.add(places[:-1], 1, out=starts[1:])
    return _Cells(starts, places, lines.nonzero()[0], odd)


def _numbers(seen: Array, cells: _Cells, room: _Room, *, signed: bool) -> Array:
    """The numbers of a block's cells. Raises NotPlainError."""
    negative = seen[cells.starts] == MINUS if signed else None
    if negative is None:
        values, others = _unsigned(seen, cells.starts, cells.ends, room)
    else:
        values, others = _unsigned(seen, cells.starts + negative, cells.ends, room)
        np.negative(values, out=values, where=negative)
    odd = np.searchsorted(cells.ends, cells.odd)
    others = np.union1d(others, odd[odd < len(values)]) if len(odd) else others
    if len(others):
        empty = others[cells.starts[others] == cells.ends[others]]
        values[empty] = np.nan
        others = np.setdiff1d(others, empty)
    texts = _others(seen, cells, others)
    values[others] = [float(one) for one in texts]
    if negative is not None:
        dashes = np.count_nonzero(seen[cells.starts[0] : cells.ends[-1]] == MINUS)
        if dashes != np.delete(negative, others).sum() + sum(one.count(b"-") for one in texts):
            raise NotPlainError
    return values


def _others(seen: Array, cells: _Cells, others: Array) -> list[bytes]:
    """What is written in few cells, in a way that numbers are written in."""
    if len(others) > len(cells.starts) // RARE + RARE:
        raise NotPlainError
    texts = [seen[cells.starts[at] : cells.ends[at]].tobytes() for at in others.tolist()]
    if not all(map(_WRITTEN.fullmatch, texts)):
        raise NotPlainError
    return texts


def _unsigned(seen: Array, starts: Array, ends: Array, room: _Room) -> tuple[Array, Array]:
    """Numbers without signs, and the places of those that are none, or may not be exact."""
    free = np.subtract(starts, ends, out=room.words(1, len(starts)).view(np.int64))
    free += WORD
    free <<= 3
    words = np.lib.stride_tricks.as_strided(seen[:WORD].view(np.uint64), (len(seen) - WORD + 1,), (1,))
    long = (free < 0).nonzero()[0] if free.min() < 0 else starts[:0]
    lengths = WORD - (free[long] >> 3)
    free[long] = 0
    number, point, wrong = _word(words[starts], free, room)
    behind = _behind(point, room.words(4, len(starts)))
    if len(long):
        rest = np.minimum(lengths - WORD, WORD)
        more, next_point, next_wrong = _word(words[starts[long] + WORD], (WORD - rest) << 3, _Room())
        pointed, twice = point[long] > 0, (point[long] > 0) & (next_point > 0)
        number[long] = number[long] * _WHOLE_TENS[rest - (next_point > 0)] + more
        behind[long] = np.where(pointed, behind[long] + rest, _behind(next_point, next_point.copy()))
        no_number = twice | (lengths > LONGEST) | (number[long] > LARGEST)
        wrong = np.union1d(wrong, long[np.union1d(next_wrong, no_number.nonzero()[0])])
    if free.max() >= 8 * (WORD - 1):
        wrong = np.union1d(wrong, (8 * WORD - free <= 8 * (point > 0)).nonzero()[0])
    tens = _TENS.take(behind, mode="clip", out=room.words(1, len(starts)).view(np.float64))
    return np.divide(number.view(np.int64), tens, out=tens), wrong


def _behind(point: Array, out: Array) -> Array:
    """How many digits come after a point."""
    np.multiply(point, _BEHIND, out=out)
    out >>= _TOP
    return out.view(np.int64)


def _word(word: Array, free: Array, room: _Room) -> tuple[Array, Array, Array]:
    """The number that the first characters of words are, all but so many bits that are `free`, without their
    point; where that is, as a power of 256, or 0; and the places of those with something else than digits.
    """
    word ^= _ZEROS
    word <<= free.view(np.uint64)
    point = np.bitwise_and(word, _POINTS, out=room.words(2, len(word)))
    point >>= _FOUR
    number = np.subtract(point, _ONE, out=room.words(3, len(word)))
    number &= word
    number <<= _EIGHT if point.all() else (point > 0).astype(np.uint64) << _THREE
    above = np.left_shift(point, _EIGHT, out=room.words(4, len(word)))
    word &= np.negative(above, out=above)
    number |= word
    above = np.add(number, _ABOVE_NINE, out=above)
    above |= number
    wrong = (above & _HIGH).nonzero()[0] if np.bitwise_or.reduce(above) & _HIGH else free[:0]
    for times, down, kept in _PAIRS:
        number *= times
        number >>= down
        number &= kept
    number *= _FOURS
    number >>= _HALF
    return number, point, wrong

"""Plain decimal numbers of a CSV file read many at a time: eight characters are one word of 64 bits.

A number such as -12.5 is a whole one, 125, over a power of ten. Both are exact in double precision up to
2**53 and 10**22, so that the quotient is the double nearest to what is written (Clinger 1990). Few cells may
be written in another way (1e-5): they are read one by one. Where there are more, others read the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
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
_ONE, _THREE, _FOUR, _EIGHT, _TOP, _BITS = (np.uint64(one) for one in (1, 3, 4, 8, 56, 64))
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

    def __init__(self, most: int = 0) -> None:
        self._words = [np.empty(most, np.uint64) for _ in range(6)]
        self.bytes, self.flags = np.empty(BLOCK, np.uint8), np.empty(BLOCK, np.bool_)

    def words(self, at: int, count: int) -> Array:
        """So many words; `at` says which of those that there are."""
        if len(self._words[at]) < count:
            self._words[at] = np.empty(count + count // WORD, np.uint64)
        return self._words[at][:count]


def lines(path: Path, begin: int, end: int) -> Iterator[tuple[bytearray, int]]:
    """A part of a file, whole lines at a time: where they stand, and how many characters they are.

    A line ends with one character. Raises NotPlainError.
    """
    content, kept = bytearray(BLOCK + PADDING), 0
    room = memoryview(content)
    with path.open("rb", buffering=0) as file:
        file.seek(begin)
        while begin < end:
            read = file.readinto(room[kept : min(BLOCK, kept + end - begin)])
            begin += read
            size = kept + read
            cut = content.rfind(b"\n", 0, size) + 1
            if not read or (not cut and begin < end):
                raise NotPlainError
            yield _ended_alike(content, cut)
            kept = size - cut
            content[:kept] = content[cut:size]
    if kept:
        content[kept] = LINE_END
        yield _ended_alike(content, kept + 1)


def _ended_alike(content: bytearray, size: int) -> tuple[bytearray, int]:
    """Lines that end with one character, where two ended some."""
    if content.find(b"\r", 0, size) < 0:
        return content, size
    found = content[:size].replace(b"\r\n", b"\n")
    return found + bytearray(PADDING), len(found)


def decimals(
    blocks: Iterable[tuple[bytearray, int]], width: int, delimiter: str, dtype: type[np.floating[Any]]
) -> Iterator[Array]:
    """The numbers of rows of `width` cells, block by block; NaN where a cell is empty.

    Blocks are as `lines` has them, with PADDING behind. Raises NotPlainError.
    """
    room = _Room()
    for content, size in blocks:
        if content.find(b"/", 0, size) >= 0:
            raise NotPlainError
        seen = np.frombuffer(content, np.uint8, len(content) // WORD * WORD)
        cells = _cells(seen[:size], ord(delimiter), room)
        if len(cells.lines) * width != len(cells.ends) or ((cells.lines + 1) % width).any():
            raise NotPlainError
        signed = content.find(b"-", 0, size) >= 0
        with np.errstate(over="ignore"):
            yield _numbers(seen, cells, room, signed=signed).astype(dtype).reshape(-1, width)


def _cells(part: Array, delimiter: int, room: _Room) -> _Cells:
    """The cells of whole lines."""
    far = np.subtract(part, np.uint8(MINUS), out=room.bytes[: len(part)])
    places = np.greater(far, NINE - MINUS, out=room.flags[: len(part)]).nonzero()[0]
    chars = part.take(places)
    lines = chars == LINE_END
    stops = chars == delimiter
    stops |= lines
    odd = places[:0]
    if not stops.all():
        odd = places[~stops]
        places, lines = places[stops], lines[stops]
    starts = room.words(0, len(places)).view(np.int64)
    starts[:1] = 0
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
    words = seen.view(np.uint64)
    long = (free < 0).nonzero()[0] if free.min() < 0 else starts[:0]
    lengths = WORD - (free[long] >> 3)
    free[long] = 0
    number, point, wrong = _word(_words(words, starts, room), free, room)
    behind = _behind(point, room.words(4, len(starts)))
    if len(long):
        rest, own = np.minimum(lengths - WORD, WORD), _Room(len(long))
        more, next_point, next_wrong = _word(_words(words, starts[long] + WORD, own), (WORD - rest) << 3, own)
        pointed, twice = point[long] > 0, (point[long] > 0) & (next_point > 0)
        number[long] = number[long] * _WHOLE_TENS[rest - (next_point > 0)] + more
        behind[long] = np.where(pointed, behind[long] + rest, _behind(next_point, next_point.copy()))
        no_number = twice | (lengths > LONGEST) | (number[long] > LARGEST)
        wrong = np.union1d(wrong, long[np.union1d(next_wrong, no_number.nonzero()[0])])
    if free.max() >= 8 * (WORD - 1):
        wrong = np.union1d(wrong, (8 * WORD - free <= 8 * (point > 0)).nonzero()[0])
    tens = _TENS.take(behind, mode="clip", out=room.words(1, len(starts)).view(np.float64))
    return np.divide(number.view(np.int64), tens, out=tens), wrong


def _words(words: Array, places: Array, room: _Room) -> Array:
    """The eight characters from places on, of characters that are given as words."""
    down = np.bitwise_and(places, WORD - 1, out=room.words(3, len(places)).view(np.int64)).view(np.uint64)
    down <<= _THREE
    at = np.right_shift(places, 3, out=room.words(4, len(places)).view(np.int64))
    low = words.take(at, mode="clip", out=room.words(5, len(places)))
    low >>= down
    high = words[1:].take(at, mode="clip", out=room.words(2, len(places)))
    np.subtract(_BITS, down, out=down)
    high <<= down
    low |= high
    return low


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

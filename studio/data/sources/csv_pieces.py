"""A large CSV file read a piece at a time, by several threads: its numbers side by side in one array.

What could be read wrongly so (quotes, rows of several widths, odd line ends) is left to the reader of whole
files, which also has the words for what is wrong.
"""

from __future__ import annotations

import threading
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.data.beside import Gathered, Rows
from studio.data.cells import Held
from studio.data.raw import Array, DataError
from studio.data.sources.csv_decimals import PADDING, Decimals, NotPlainError
from studio.data.sources.csv_quick import decimals_of, is_even, is_odd, plain, read_part
from studio.data.sources.csv_text import CsvText, open_beginning
from studio.data.threads import processors

if TYPE_CHECKING:
    import polars as pl

PIECE = 8 * 2**20
FROM = 4 * PIECE
"""Smaller files are read whole."""
HEAD, SEEN = 2**20, 1000
"""Bytes that are read, and rows of them that are looked at, to know the columns."""
LONGEST_LINE = 2**18
LINE_END = 0x0A
_thread = threading.local()


@dataclass(frozen=True, slots=True)
class Layout:
    """How the columns are read: in single precision (and with how many decimals), in double, as texts; and
    how many bytes of the file are before its first row.
    """

    text: CsvText
    decimals: Mapping[str, int]
    doubles: tuple[str, ...]
    names: int

    def without(self, odd: Sequence[str]) -> Layout:
        """The same with these columns as texts."""
        decimals = {name: one for name, one in self.decimals.items() if name not in odd}
        doubles = tuple(name for name in self.doubles if name not in odd)
        return replace(self, decimals=decimals, doubles=doubles)


@dataclass(frozen=True, slots=True)
class Pieced:
    """The table: numbers, and columns of texts (polars) by their names."""

    text: CsvText
    numbers: Mapping[str, Held]
    texts: Mapping[str, pl.Series]


@dataclass(frozen=True, slots=True)
class _Piece:
    """So many bytes of the file: numbers of single and of double precision, and texts."""

    size: int
    singles: Sequence[Rows] = ()
    doubles: Sequence[Rows] = ()
    texts: pl.DataFrame | None = None


class _OddColumnsError(Exception):
    """Columns that hold more than the plain numbers they begin with."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(*names)
        self.names = names


class _OtherwiseError(Exception):
    """The file has to be read in another way."""


def read_pieces(path: Path) -> Pieced | None:
    """All columns of a large file; None where it is small, or has to be read in another way."""
    try:
        size = path.stat().st_size if path.is_file() else 0
        if size < FROM:
            return None
        layout = _layout(path)
        while True:
            try:
                return _read(path, size, layout)
            except _OddColumnsError as error:
                layout = layout.without(error.names)
    except (_OtherwiseError, DataError, OSError, UnicodeDecodeError):
        return None


def _layout(path: Path) -> Layout:
    """How the columns are read, by the first rows."""
    import polars as pl

    text = open_beginning(path, "UTF-8", HEAD)
    header = list(text.header)
    if len(header) < 2 or is_odd(text.content):
        raise _OtherwiseError
    try:
        seen = read_part(text.content, text.delimiter, header, text.numbered, rows=SEEN)
    except pl.exceptions.PolarsError:
        raise _OtherwiseError from None
    numbers = [name for name in header if plain(seen[name].drop_nulls())]
    singles = decimals_of(seen.select(numbers))
    doubles = tuple(name for name in numbers if name not in singles)
    return Layout(text, singles, doubles, _before_rows(path, text))


def _before_rows(path: Path, text: CsvText) -> int:
    """The bytes of the byte order mark, of what is above the table, and of the names."""
    with path.open("rb") as file:
        mark = len(BOM_UTF8) if file.read(len(BOM_UTF8)) == BOM_UTF8 else 0
    names = 0 if text.numbered else (text.content.find(b"\n") + 1 or len(text.content)) - text.added
    return mark + text.above.size + names


def _read(path: Path, size: int, layout: Layout) -> Pieced:
    single, double = Gathered(list(layout.decimals), np.float32), Gathered(list(layout.doubles), np.float64)
    texts: list[pl.DataFrame] = []
    done = 0
    for one in _ahead(_cuts(path, layout.names, size), lambda cut: _piece(path, cut, layout)):
        done += one.size
        single.add(one.singles, done / size)
        double.add(one.doubles, done / size)
        if one.texts is not None:
            texts.append(one.texts)
    numbers = {**single.columns(layout.decimals), **double.columns({})}
    if not numbers or any(_infinite(one) for one in numbers.values()):
        raise _OtherwiseError
    import polars as pl

    others = pl.concat(texts, rechunk=True) if texts else pl.DataFrame()
    return Pieced(layout.text, numbers, {one.name: one for one in others})


def _infinite(one: Held) -> bool:
    return not one.finite and bool(np.isinf(one.values).any())


def _cuts(path: Path, begin: int, size: int) -> Iterator[tuple[int, int]]:
    """Where pieces begin and end: behind the ends of lines."""
    with path.open("rb") as file:
        while begin < size:
            end = begin + PIECE
            if end < size:
                file.seek(end)
                ends = file.read(LONGEST_LINE).find(b"\n")
                if ends < 0:
                    raise _OtherwiseError
                end += ends + 1
            yield begin, min(end, size)
            begin = end


def _piece(path: Path, cut: tuple[int, int], layout: Layout) -> _Piece:
    """What stands in a part of the file."""
    size = cut[1] - cut[0]
    content = _room(size + 1 + PADDING)
    with path.open("rb", buffering=0) as file:
        file.seek(cut[0])
        if file.readinto(content[:size].data) < size:
            raise _OtherwiseError
    plain = _plain(content, size, layout)
    return plain if plain is not None else _columns(_decent(content[:size].tobytes()), size, layout)


def _room(size: int) -> Array:
    """Memory for a piece: this thread's, used again."""
    if len(getattr(_thread, "room", ())) < size:
        _thread.room = np.empty(size + LONGEST_LINE, np.uint8)
    return _thread.room


def _decent(content: bytes) -> bytes:
    """A part of the file, its lines ended by one character."""
    if b'"' in content or b"\0" in content or is_odd(content):
        raise _OtherwiseError
    if not content.isascii():
        content.decode()
    return content.replace(b"\r\n", b"\n")


def _plain(content: Array, size: int, layout: Layout) -> _Piece | None:
    """A part that is plain numbers all over; None for others."""
    header = layout.text.header
    if len(layout.decimals) + len(layout.doubles) < len(header):
        return None
    singles, doubles = ([header.index(name) for name in of] for of in (layout.decimals, layout.doubles))
    ended = content[size - 1] == LINE_END
    content[size] = LINE_END
    try:
        single, double = Decimals(layout.text.delimiter, singles, doubles).read(content, size + (not ended))
    except NotPlainError:
        return None
    return _Piece(size, _rows(single), _rows(double))


def _columns(content: bytes, size: int, layout: Layout) -> _Piece:
    """A part of numbers, some of them written otherwise, and texts."""
    import polars as pl

    text, header = layout.text, list(layout.text.header)
    kinds = dict.fromkeys([*layout.decimals, *layout.doubles], pl.Float64)
    try:
        frame = read_part(content, text.delimiter, header, numbered=True, kinds=kinds)
    except pl.exceptions.PolarsError:
        raise _odd_columns(content, layout) from None
    if frame[header[-1]].null_count() and not is_even(content.rstrip(), text.delimiter, len(header)):
        raise _OtherwiseError
    others = [name for name in header if name not in kinds]
    singles = frame.select(pl.col(list(layout.decimals)).cast(pl.Float32))
    found = frame.select(others) if others else None
    return _Piece(size, _beside(singles), _beside(frame.select(layout.doubles)), found)


def _beside(frame: pl.DataFrame) -> Sequence[Rows]:
    """Columns of numbers side by side, NaN where none is."""
    return _rows(frame.to_numpy(order="c")) if frame.width and frame.height else []


def _rows(values: Array) -> Sequence[Rows]:
    return [Rows.of(values)] if values.size else []


def _odd_columns(content: bytes, layout: Layout) -> Exception:
    """Which columns are no plain numbers all through."""
    import polars as pl

    header = list(layout.text.header)
    try:
        frame = read_part(content, layout.text.delimiter, header, numbered=True, kinds={})
    except pl.exceptions.PolarsError:
        return _OtherwiseError()
    numbers = [*layout.decimals, *layout.doubles]
    odd = [
        name
        for name in numbers
        if frame[name].cast(pl.Float64, strict=False).null_count() > frame[name].null_count()
    ]
    return _OddColumnsError(odd) if odd else _OtherwiseError()


def _ahead(cuts: Iterator[Any], work: Callable[[Any], Any]) -> Iterator[Any]:
    """What several threads make of cuts, in order; only few are made ahead."""
    threads = processors()
    waiting: deque[Future[Any]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for cut in cuts:
                waiting.append(pool.submit(work, cut))
                if len(waiting) > 2 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()

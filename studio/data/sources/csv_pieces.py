"""A large CSV file read a piece at a time, by several threads: its numbers side by side in one array.

What could be read wrongly so (quotes, rows of several widths, odd line ends) is left to the reader of whole
files, which also has the words for what is wrong.
"""

from __future__ import annotations

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
from studio.data.raw import DataError
from studio.data.sources.csv_decimals import NotPlainError, decimals, lines
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
    """The bytes of the byte order mark and of the names."""
    with path.open("rb") as file:
        mark = len(BOM_UTF8) if file.read(len(BOM_UTF8)) == BOM_UTF8 else 0
    return mark if text.numbered else mark + (text.content.find(b"\n") + 1 or len(text.content))


def _read(path: Path, size: int, layout: Layout) -> Pieced:
    single, double = Gathered(list(layout.decimals), np.float32), Gathered(list(layout.doubles), np.float64)
    texts: list[pl.DataFrame] = []
    done = 0
    for one in _ahead(_cuts(path, size), lambda cut: _piece(path, cut, layout)):
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


def _cuts(path: Path, size: int) -> Iterator[tuple[int, int]]:
    """Where pieces begin and end: behind the ends of lines."""
    begin = 0
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
    """What stands in a part of the file, whose first one begins with the names of the columns."""
    begin, end = cut
    plain = _plain(path, begin, end, layout)
    if plain is not None:
        return plain
    content = _content(path, begin, end)
    if begin == 0:
        content = content.removeprefix(BOM_UTF8)
    return _columns(content, end - begin, layout, layout.text.numbered or begin > 0)


def _content(path: Path, begin: int, end: int) -> bytes:
    """A part of the file, its lines ended by one character."""
    with path.open("rb") as file:
        file.seek(begin)
        content = file.read(end - begin)
    if len(content) < end - begin or b'"' in content or b"\0" in content or is_odd(content):
        raise _OtherwiseError
    if not content.isascii():
        content.decode()
    return content.replace(b"\r\n", b"\n")


def _plain(path: Path, begin: int, end: int, layout: Layout) -> _Piece | None:
    """A part that is plain numbers all over; None for others."""
    header, size = layout.text.header, end - begin
    if len(layout.decimals) + len(layout.doubles) < len(header):
        return None
    blocks = lines(path, begin + (layout.names if begin == 0 else 0), end)
    try:
        if not layout.doubles:
            found = decimals(blocks, len(header), layout.text.delimiter, np.float32)
            return _Piece(size, [Rows.of(one) for one in found])
        parts = list(decimals(blocks, len(header), layout.text.delimiter, np.float64))
    except NotPlainError:
        return None
    singles, doubles = ([header.index(name) for name in of] for of in (layout.decimals, layout.doubles))
    single = [Rows.of(one[:, singles].astype(np.float32)) for one in parts if singles]
    return _Piece(size, single, [Rows.of(one[:, doubles]) for one in parts])


def _columns(content: bytes, size: int, layout: Layout, numbered: bool) -> _Piece:
    """A part of numbers, some of them written otherwise, and texts."""
    import polars as pl

    text, header = layout.text, list(layout.text.header)
    kinds = dict.fromkeys([*layout.decimals, *layout.doubles], pl.Float64)
    try:
        frame = read_part(content, text.delimiter, header, numbered, kinds=kinds)
    except pl.exceptions.PolarsError:
        raise _odd_columns(content, layout, numbered) from None
    if frame[header[-1]].null_count() and not is_even(content.rstrip(), text.delimiter, len(header)):
        raise _OtherwiseError
    others = [name for name in header if name not in kinds]
    singles = frame.select(pl.col(list(layout.decimals)).cast(pl.Float32))
    found = frame.select(others) if others else None
    return _Piece(size, _beside(singles), _beside(frame.select(layout.doubles)), found)


def _beside(frame: pl.DataFrame) -> Sequence[Rows]:
    """Columns of numbers side by side, NaN where none is."""
    return [Rows.of(frame.to_numpy(order="c"))] if frame.width and frame.height else []


def _odd_columns(content: bytes, layout: Layout, numbered: bool) -> Exception:
    """Which columns are no plain numbers all through."""
    import polars as pl

    header = list(layout.text.header)
    try:
        frame = read_part(content, layout.text.delimiter, header, numbered, kinds={})
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

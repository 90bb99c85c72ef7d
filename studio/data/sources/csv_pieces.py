"""A large CSV file read a piece at a time, by several threads: its numbers side by side in one array.

What could be read wrongly so (quotes, rows of several widths, odd line ends) is left to the reader of whole
files, which also has the words for what is wrong.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.data.beside import Gathered
from studio.data.cells import Held
from studio.data.raw import Array, DataError
from studio.data.sources.csv_decimals import LINE_END, PADDING, NotPlainError, decimals
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
    """How the columns are read: in single precision (and with how many decimals), in double, as texts."""

    text: CsvText
    decimals: Mapping[str, int]
    doubles: tuple[str, ...]

    def without(self, odd: Sequence[str]) -> Layout:
        """The same with these columns as texts."""
        decimals = {name: one for name, one in self.decimals.items() if name not in odd}
        return Layout(self.text, decimals, tuple(name for name in self.doubles if name not in odd))


@dataclass(frozen=True, slots=True)
class Pieced:
    """The table: numbers, and columns of texts (polars) by their names."""

    text: CsvText
    numbers: Mapping[str, Held]
    texts: Mapping[str, pl.Series]


@dataclass(frozen=True, slots=True)
class _Piece:
    """So many bytes of the file: numbers row by row where all columns are alike, else the columns of single
    and of double precision, and the texts.
    """

    size: int
    rows: Sequence[Array] = ()
    singles: Sequence[Array] = ()
    doubles: Sequence[Array] = ()
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
    decimals = {name: decimals_of(seen[name].drop_nulls()) for name in numbers}
    singles = {name: one for name, one in decimals.items() if one is not None}
    return Layout(text, singles, tuple(name for name in numbers if name not in singles))


def _read(path: Path, size: int, layout: Layout) -> Pieced:
    single, double = Gathered(list(layout.decimals), np.float32), Gathered(list(layout.doubles), np.float64)
    texts: list[pl.DataFrame] = []
    done = 0
    for one in _ahead(_cuts(path, size), lambda cut: _piece(path, cut, layout)):
        done += one.size
        if one.rows:
            single.add_rows(one.rows, done / size)
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
    content, size = _content(path, begin, end)
    first, text = 0, layout.text
    if begin == 0:
        first = 3 if content.startswith(b"\xef\xbb\xbf") else 0
    plain = _plain(content, first, size, layout, named=begin == 0 and not text.numbered)
    if plain is not None:
        return replace(plain, size=end - begin)
    return _columns(bytes(memoryview(content)[first:size]), end - begin, layout, text.numbered or begin > 0)


def _content(path: Path, begin: int, end: int) -> tuple[bytearray, int]:
    """A part of the file and its length, its lines ended by one character; PADDING follows."""
    size = end - begin
    content = bytearray(size + PADDING + 1)
    with path.open("rb", buffering=0) as file:
        file.seek(begin)
        if file.readinto(memoryview(content)[:size]) != size:
            raise _OtherwiseError
    if b'"' in content or content.find(b"\0", 0, size) >= 0 or is_odd(content):
        raise _OtherwiseError
    if not content.isascii():
        content.decode()
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n")
        size = len(content) - PADDING - 1
    return content, size


def _plain(content: bytearray, first: int, size: int, layout: Layout, *, named: bool) -> _Piece | None:
    """A part that is plain numbers all over; None for others."""
    header = layout.text.header
    if len(layout.decimals) + len(layout.doubles) < len(header):
        return None
    if named:
        first = content.find(b"\n", first, size) + 1 or size
    if content[size - 1] != LINE_END:
        content[size] = LINE_END
        size += 1
    try:
        if not layout.doubles:
            return _Piece(0, decimals(content, first, size, len(header), layout.text.delimiter, np.float32))
        found = decimals(content, first, size, len(header), layout.text.delimiter, np.float64)
    except NotPlainError:
        return None
    rows = np.concatenate(found).reshape(-1, len(header))
    columns = {name: rows[:, at] for at, name in enumerate(header)}
    singles = [columns[name].astype(np.float32) for name in layout.decimals]
    return _Piece(0, (), singles, [columns[name] for name in layout.doubles])


def _columns(content: bytes, size: int, layout: Layout, numbered: bool) -> _Piece:
    """A part of numbers, some of them written otherwise, and texts."""
    import polars as pl

    text, header = layout.text, list(layout.text.header)
    kinds = {**dict.fromkeys(layout.decimals, pl.Float32), **dict.fromkeys(layout.doubles, pl.Float64)}
    try:
        frame = read_part(content, text.delimiter, header, numbered, kinds=kinds)
    except pl.exceptions.PolarsError:
        raise _odd_columns(content, layout, numbered) from None
    if frame[header[-1]].null_count() and not is_even(content.rstrip(), text.delimiter, len(header)):
        raise _OtherwiseError
    others = [name for name in header if name not in kinds]
    singles = [frame[name].to_numpy() for name in layout.decimals]
    doubles = [frame[name].to_numpy() for name in layout.doubles]
    return _Piece(size, (), singles, doubles, frame.select(others) if others else None)


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

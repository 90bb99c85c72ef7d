"""A large CSV file read a piece at a time, by several threads: its numbers side by side in one array.

What could be read wrongly so (quotes, rows of several widths, odd line ends) is left to the reader of whole
files, which also has the words for what is wrong.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.data.beside import Gathered
from studio.data.cells import Held
from studio.data.raw import Array, DataError
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
        with path.open("rb") as file:
            layout = _layout(path)
            while True:
                try:
                    return _read(file.fileno(), size, layout)
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


def _read(file: int, size: int, layout: Layout) -> Pieced:
    single, double = Gathered(list(layout.decimals), np.float32), Gathered(list(layout.doubles), np.float64)
    texts: list[pl.DataFrame] = []
    done = 0
    for read, numbers, doubles, others in _ahead(_cuts(file, size), lambda one: _piece(file, one, layout)):
        done += read
        single.add(numbers, done / size)
        double.add(doubles, done / size)
        texts.append(others)
    numbers = {**single.columns(layout.decimals), **double.columns({})}
    if not numbers or any(_infinite(one) for one in numbers.values()):
        raise _OtherwiseError
    import polars as pl

    others = pl.concat(texts, rechunk=True) if texts[0].width else pl.DataFrame()
    return Pieced(layout.text, numbers, {one.name: one for one in others})


def _infinite(one: Held) -> bool:
    return not one.finite and bool(np.isinf(one.values).any())


def _cuts(file: int, size: int) -> Iterator[tuple[int, int]]:
    """Where pieces begin and end: behind the ends of lines."""
    begin = 0
    while begin < size:
        end = begin + PIECE
        if end < size:
            ends = os.pread(file, LONGEST_LINE, end).find(b"\n")
            if ends < 0:
                raise _OtherwiseError
            end += ends + 1
        yield begin, min(end, size)
        begin = end


def _piece(
    file: int, cut: tuple[int, int], layout: Layout
) -> tuple[int, list[Array], list[Array], pl.DataFrame]:
    """A piece's length, its columns of single and of double precision, and its texts."""
    import polars as pl

    begin, end = cut
    content = os.pread(file, end - begin, begin)
    text = layout.text
    if begin == 0:
        content = content.removeprefix(b"\xef\xbb\xbf")
    if any(one in content for one in (b'"', b"\0")) or is_odd(content):
        raise _OtherwiseError
    if not content.isascii():
        content.decode()
    header = list(text.header)
    kinds = {**dict.fromkeys(layout.decimals, pl.Float32), **dict.fromkeys(layout.doubles, pl.Float64)}
    numbered = text.numbered or begin > 0
    try:
        frame = read_part(content, text.delimiter, header, numbered, kinds=kinds)
    except pl.exceptions.PolarsError:
        raise _odd_columns(content, layout, numbered) from None
    if frame[header[-1]].null_count() and not is_even(content.rstrip(), text.delimiter, len(header)):
        raise _OtherwiseError
    others = [name for name in header if name not in kinds]
    return (
        end - begin,
        [frame[name].to_numpy() for name in layout.decimals],
        [frame[name].to_numpy() for name in layout.doubles],
        frame.select(others),
    )


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

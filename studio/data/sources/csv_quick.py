"""A CSV file read by polars; what it could read wrongly, or would refuse, is left to the careful reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.data.spelling import is_code

if TYPE_CHECKING:
    import polars as pl

SAMPLE_ROWS = 5000
SINGLE_DIGITS, MOST_DECIMALS = 6, 10
FARTHEST = 64
"""How many deviations the largest number may be away from zero."""
LONGEST_NUMERAL = 16
"""More digits are a name: double precision would change them."""
_ODD_QUOTES = re.compile(rb'[,;|\t] +"|[^,;|\t\r\n"]"[^,;|\t\r\n"]')
MISSING = ("", "NA", "N/A", "NaN", "null", "NULL", "None", "?", "na", "n/a", "nan", "none")


def read_quick(content: bytes, delimiter: str, header: list[str], numbered: bool) -> pl.DataFrame | None:
    """All columns, as numbers where they are plain ones, else as texts; None where a closer look is needed.

    `content` is UTF-8 without byte order mark; `numbered` says that there is no header in it.
    """
    content = content.rstrip() if content[-2:].isspace() else content
    if is_odd(content) or (len(header) == 1 and _has_blank_lines(content)):
        return None
    import polars as pl

    try:
        head = read_part(content, delimiter, header, numbered, rows=SAMPLE_ROWS)
        numbers = [name for name in header if plain(head[name].drop_nulls())]
        try:
            kinds = dict.fromkeys(numbers, pl.Float64)
            found = read_part(content, delimiter, header, numbered, kinds=kinds)
        except pl.exceptions.PolarsError:
            found = read_part(content, delimiter, header, numbered)
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        return None
    short = found[header[-1]].null_count() and not is_even(content, delimiter, len(header))
    return None if short or found.height < 2 else found


def is_odd(content: bytes | bytearray) -> bool:
    """Whether quotes or line ends need a closer look."""
    if content[:1] in b"\r\n" or (b"\r" in content and content.count(b"\r") != content.count(b"\r\n")):
        return True
    if b'"' not in content:
        return False
    return content.count(b'"') % 2 == 1 or _ODD_QUOTES.search(content) is not None


def read_part(
    content: bytes,
    delimiter: str,
    header: list[str],
    numbered: bool,
    *,
    kinds: Mapping[str, Any] | None = None,
    rows: int | None = None,
    empty: bool = False,
) -> pl.DataFrame:
    """Columns as texts, but for those whose `kinds` are given; of the first `rows`, and where words that say
    so are to count as `empty`, missing ones are none.
    """
    import polars as pl

    return pl.read_csv(
        content,
        separator=delimiter,
        has_header=not numbered,
        new_columns=header,
        infer_schema=False,
        schema_overrides=[(kinds or {}).get(name, pl.String) for name in header],
        null_values=list(MISSING) if empty or rows is not None else None,
        n_rows=rows,
    )


def plain(texts: pl.Series) -> bool:
    """Whether a column is numbers as far as has been seen, none of which would lose digits."""
    import polars as pl

    if not len(texts) or texts.cast(pl.Float64, strict=False).null_count():
        return False
    long = texts.str.len_bytes() > LONGEST_NUMERAL
    if long.any() and texts.filter(long).str.contains(r"^[+-]?\d+$").any():
        return False
    return not (texts.str.contains(r"^0\d").any() and is_code(texts.to_list()))


def decimals_of(texts: pl.DataFrame) -> dict[str, int]:
    """How many decimals the numbers of each column have, but for columns of which single precision would not
    hold all they say.

    It keeps six digits of a decimal number (C's FLT_DIG) apart from every other such number, and what is
    normalised later must not be far from zero.
    """
    import polars as pl

    every = pl.all()
    digits = every.str.replace(r"[eE].*$", "").str.replace_all(r"\D", "").str.strip_chars_start("0")
    longest = texts.select(digits.str.strip_chars_end("0").str.len_bytes().max())
    numbers = texts.select(every.cast(pl.Float64))
    found: dict[str, int] = {}
    for name in texts.columns:
        values = numbers[name].drop_nulls().to_numpy()
        most = longest[name][0]
        if most is None or most > SINGLE_DIGITS or np.abs(values).max() > FARTHEST * values.std():
            continue
        fits = (one for one in range(MOST_DECIMALS) if (np.round(values, one) == values).all())
        if (decimals := next(fits, None)) is not None:
            found[name] = decimals
    return found


def is_even(content: bytes, delimiter: str, width: int) -> bool:
    """Whether every line has as many delimiters, where no quotes could hold one; a blank line has none."""
    if b'"' in content:
        return False
    mark = delimiter.encode()
    return all(line.count(mark) == width - 1 for line in content.splitlines())


def _has_blank_lines(content: bytes) -> bool:
    return b"\n\n" in content or b"\n\r\n" in content

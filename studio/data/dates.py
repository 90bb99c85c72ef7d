"""Dates as people write them: which way a column writes its own, told only where there is no doubt."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

ISO = "ISO 8601"
UNTOLD = "dates of which nothing tells whether the day or the month comes first"
_TIMES = ("", " %H:%M", " %H:%M:%S")
_SURE = (
    "%d.%m.%Y", "%Y/%m/%d", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y",
    "%Y-%m", "%Y/%m", "%b %Y", "%B %Y",
)  # fmt: skip
_DOUBTFUL = (("%d/%m/%Y", "%m/%d/%Y"), ("%d-%m-%Y", "%m-%d-%Y"))
_DIGITS = re.compile(r"\d")
_NUMBER, _WORD = re.compile(r"\d+|%[dmYHMS]"), re.compile(r"%[bB]|[^\W\d_]+")
SEVERAL = "several ways"
"""Each value in the one way that it can be read in."""
DAY_FIRST, MONTH_FIRST = f"{SEVERAL}, the day before the month", f"{SEVERAL}, the month before the day"


def told_moment(moment: np.datetime64) -> str:
    """A moment as people read it, without a time of day or parts of a second that are 0; "" for none."""
    if moment != moment:
        return ""
    text = str(moment.astype("datetime64[us]")).replace("T", " ")
    return text.removesuffix("000000").rstrip(".").removesuffix(" 00:00:00")


def format_of(texts: Sequence[str]) -> str | None:
    """How these texts write dates, or dates and times; None where they are none, or may mean two things."""
    if not texts or not all(6 < len(text) < 40 and _DIGITS.search(text) for text in texts):
        return None
    if all(_is_iso(text) for text in texts):
        return ISO
    for ways in (*((one,) for one in _SURE), *_DOUBTFUL):
        for time in _TIMES:
            found = [one + time for one in ways if _fits(texts, one + time)]
            if len(found) == 1:
                return found[0]
    return _several(texts) or None


def told_way(written: str) -> str:
    """A way as evidence tells of it, after a comma; "" for ISO 8601."""
    if written == ISO:
        return ""
    return f", written {'in' if written.startswith(SEVERAL) else 'as'} {written.replace('%', '')}"


def is_untold(texts: Sequence[str]) -> bool:
    """Whether all texts are dates, and nothing tells of some whether the day or the month comes first."""
    return bool(texts) and _several(texts) == ""


def mostly(texts: Sequence[str]) -> str | None:
    """How most of these texts write dates, where a few are none; None where less than half are alike."""
    ways = (ISO, *(one + time for one in (*_SURE, *sum(_DOUBTFUL, ())) for time in _TIMES))
    ways = (*ways, SEVERAL, DAY_FIRST, MONTH_FIRST)
    fits = {way: sum(read_date(text, way) is not None for text in texts) for way in ways}
    best = max(fits, key=lambda way: fits[way])
    return best if 2 * fits[best] > len(texts) else None


def read_date(text: str, written: str) -> datetime | None:
    """A date written in that way; None where it is none."""
    if written.startswith(SEVERAL):
        return _in_some_way(text, written)
    try:
        if written == ISO:
            return datetime.fromisoformat(text)
        return datetime.strptime(text, written)
    except ValueError:
        return None


def read_moment(text: str, written: str) -> datetime | None:
    """A date in that way, with a time of the day or without, whichever of the two the way is."""
    bare = written
    for time in _TIMES[1:]:
        bare = bare.removesuffix(time)
    ways = (ISO,) if written == ISO else (*(bare + time for time in _TIMES), ISO)
    return next((read for way in ways if (read := read_date(text, way)) is not None), None)


def _several(texts: Sequence[str]) -> str | None:
    """How texts are to be read that write dates in several ways: "" where nothing tells whether the day or
    the month comes first, None where some are no dates, or tell of both orders.
    """
    told = {DAY_FIRST: False, MONTH_FIRST: False, "": False}
    for text in texts:
        if _in_some_way(text, SEVERAL) is not None:
            continue
        day, month = _in_some_way(text, DAY_FIRST), _in_some_way(text, MONTH_FIRST)
        if day is None and month is None:
            return None
        if day != month:
            told["" if day and month else DAY_FIRST if day else MONTH_FIRST] = True
    if told[DAY_FIRST] and told[MONTH_FIRST]:
        return None
    return next((way for way, is_so in told.items() if is_so), SEVERAL)


def _in_some_way(text: str, several: str) -> datetime | None:
    """A date in the one way that fits how it looks: 5 Jan 2024 as number, word, number."""
    if _is_iso(text):
        return datetime.fromisoformat(text)
    first = {DAY_FIRST: 0, MONTH_FIRST: 1}.get(several)
    both: set[datetime | None] = set()
    for way, order in _by_look().get(_look_of(text), ()):
        read = read_date(text, way)
        if read is not None and order in (None, first):
            return read
        if order is not None and first is None:
            both.add(read)
    return both.pop() if len(both) == 1 else None


@lru_cache(maxsize=1)
def _by_look() -> dict[str, list[tuple[str, int | None]]]:
    """All ways by how texts look in them; of those that may mean two things, which of the two it is."""
    found: defaultdict[str, list[tuple[str, int | None]]] = defaultdict(list)
    for time in _TIMES:
        for way in _SURE:
            found[_look_of(way + time)].append((way + time, None))
        for pair in _DOUBTFUL:
            for order, way in enumerate(pair):
                found[_look_of(way + time)].append((way + time, order))
    return dict(found)


def _look_of(text: str) -> str:
    """A text, or a way, with one 0 in place of each number, and one a in place of each word."""
    return _WORD.sub("a", _NUMBER.sub("0", text))


def _is_iso(text: str) -> bool:
    try:
        if len(text) < 8 or text.isdigit():
            return False
        datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _fits(texts: Sequence[str], written: str) -> bool:
    return all(read_date(text, written) is not None for text in texts)

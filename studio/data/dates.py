"""Dates as people write them: which way a column writes its own, told only where there is no doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

ISO = "ISO 8601"
_TIMES = ("", " %H:%M", " %H:%M:%S")
_SURE = (
    "%d.%m.%Y", "%Y/%m/%d", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y",
    "%Y-%m", "%Y/%m", "%b %Y", "%B %Y",
)  # fmt: skip
_DOUBTFUL = (("%d/%m/%Y", "%m/%d/%Y"), ("%d-%m-%Y", "%m-%d-%Y"))
_DIGITS = re.compile(r"\d")


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
    return None


def mostly(texts: Sequence[str]) -> str | None:
    """How most of these texts write dates, where a few are none; None where less than half are alike."""
    ways = (ISO, *(one + time for one in (*_SURE, *sum(_DOUBTFUL, ())) for time in _TIMES))
    fits = {way: sum(read_date(text, way) is not None for text in texts) for way in ways}
    best = max(fits, key=lambda way: fits[way])
    return best if 2 * fits[best] > len(texts) else None


def read_date(text: str, written: str) -> datetime | None:
    """A date written in that way; None where it is none."""
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

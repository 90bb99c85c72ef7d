"""Numbers as people write them in tables: percent, money, thousands apart, a comma before the fraction, and
times of the day, which are seconds since midnight.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

Comma = Literal["decimal", "thousands"]
_MONEY = r"(?:[$€£¥₹₩₽]|USD|EUR|GBP|CHF|JPY|CNY)"
_MARK = re.compile(rf"^([+-]?)\s*{_MONEY}\s*(?=[\d.,+-])|\s*(?:{_MONEY}|%)$", re.IGNORECASE)
_PLAIN = re.compile(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$")
_INFINITE = re.compile(r"^[+-]?(?:inf|infinity)$", re.IGNORECASE)
_BRACKETS = re.compile(rf"^\(\s*({_MONEY}?\s*[\d.][^()]*)\)$", re.IGNORECASE)
"""Accountants' way to write numbers below 0."""
MINUS = "\u2212"
_SPACES = " '’\u00a0\u202f"
_GROUPED: Mapping[Comma, re.Pattern[str]] = {
    "decimal": re.compile(rf"^[+-]?\d{{1,3}}(?:[.{_SPACES}]\d{{3}})+(?:,\d+)?$"),
    "thousands": re.compile(rf"^[+-]?\d{{1,3}}(?:[,{_SPACES}]\d{{3}})+(?:\.\d+)?$"),
}
_APART = re.compile(rf"[.,{_SPACES}]")
_FRACTION = re.compile(r",(\d*)$")
SEEN = 200
CLOCK = "time of day"
"""How a column is written that holds nothing but these."""
_CLOCK = re.compile(r"^(\d{1,2}):([0-5]\d)(?::([0-5]\d(?:[.,]\d+)?))?(?:\s*([ap])\.?m\.?)?$", re.IGNORECASE)


def clock(text: str) -> float | None:
    """A time of the day, such as 13:07, 13:07:30 or 1:07 pm, in seconds since midnight; None for others."""
    found = _CLOCK.match(text.strip())
    if found is None:
        return None
    hours, half = int(found[1]), (found[4] or "").lower()
    if hours > (12 if half else 23) or (half and not hours):
        return None
    hours = hours % 12 + 12 * (half == "p") if half else hours
    return 3600.0 * hours + 60.0 * int(found[2]) + float((found[3] or "0").replace(",", "."))


def way_of(texts: Sequence[str]) -> str:
    """How a column writes its numbers, for `read`: as times of the day, or what its commas mean."""
    some = texts[:: len(texts) // SEEN + 1]
    clocks = sum(clock(text) is not None for text in some)
    return CLOCK if 2 * clocks > len(some) else comma_of(texts)


def read(text: str, way: str) -> float | None:
    """What a text says as a number that is written that way; None where it says none."""
    if way == CLOCK:
        return clock(text)
    return number(text, "decimal" if way == "decimal" else "thousands")


def number(text: str, comma: Comma = "thousands") -> float | None:
    """What a text says as a number; None where it says none. A percent is what stands before its sign."""
    bare = _bare(text)
    if _GROUPED[comma].match(bare):
        mark = "," if comma == "decimal" else "."
        whole, _, fraction = bare.partition(mark)
        return float(f"{_APART.sub('', whole)}.{fraction}")
    if comma == "decimal" and bare.count(",") == 1 and "." not in bare:
        bare = bare.replace(",", ".")
    return float(bare) if _PLAIN.match(bare) or _INFINITE.match(bare) else None


def _bare(text: str) -> str:
    """The number without marks of money and percent; brackets around it are a sign before it."""
    text = text.strip().replace(MINUS, "-")
    below = _BRACKETS.match(text)
    bare = _MARK.sub(r"\1", below[1] if below else text)
    return f"-{bare}" if below else bare


def comma_of(texts: Iterable[str]) -> Comma:
    """What commas mean in a column: before a fraction where one has not three digits behind it."""
    for text in texts:
        found = _FRACTION.search(_bare(text))
        if found is not None and len(found[1]) != 3:
            return "decimal"
    return "thousands"


def style(texts: Iterable[str]) -> str:
    """How a column writes its numbers, in words; "" where it does so plainly."""
    listed = [text.strip().replace(MINUS, "-") for text in texts]
    if any("%" in text for text in listed):
        return "percent"
    if any(_MARK.search(text) for text in listed):
        return "amounts of money"
    if any(_BRACKETS.match(text) for text in listed):
        return "those below 0 in brackets"
    if all(_PLAIN.match(text) or _INFINITE.match(text) for text in listed):
        return ""
    return "with a comma before the fraction" if comma_of(listed) == "decimal" else "with thousands apart"


def is_code(texts: Iterable[str]) -> bool:
    """Whether numerals are names rather than numbers: zeros lead some, and all are of one length."""
    lengths: set[int] = set()
    led = False
    for text in texts:
        if not (text.isascii() and text.isdigit()) or len(text) < 3:
            return False
        lengths.add(len(text))
        led = led or text[0] == "0"
    return led and len(lengths) == 1

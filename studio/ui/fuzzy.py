"""Fuzzy search: how well a few typed letters fit a text."""

from __future__ import annotations

from collections.abc import Iterable

BEHIND = 1100
"""How much less a keyword counts than the name itself."""


def score(query: str, text: str) -> float | None:
    """How well `query` fits `text` (larger is better), or None where its letters do not occur in that order.

    Whole matches come before beginnings, beginnings before inner pieces, pieces before scattered letters.
    """
    wanted, offered = query.casefold().replace(" ", ""), text.casefold().replace(" ", "")
    if not wanted:
        return 0.0
    at = offered.find(wanted)
    if at >= 0:
        kind = 3.0 if wanted == offered else 2.0 if at == 0 else 1.0
        return kind * 1000 - len(offered) - at
    return _scattered(wanted, offered)


def best(query: str, text: str, keywords: Iterable[str] = ()) -> float | None:
    """The better of a name's own score and those of its keywords: a whole keyword comes behind a beginning of
    a name.
    """
    own = score(query, text)
    others = [points - BEHIND for word in keywords if query and (points := score(query, word)) is not None]
    return max(others if own is None else (own, *others), default=None)


def _scattered(wanted: str, offered: str) -> float | None:
    """Letters in order with gaps between: the fewer and shorter, the better."""
    position, gaps = -1, 0
    for letter in wanted:
        found = offered.find(letter, position + 1)
        if found < 0:
            return None
        gaps += found - position - 1
        position = found
    return 500.0 - 10 * gaps - len(offered)

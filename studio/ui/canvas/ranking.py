"""Which layers the search box lists for a few letters, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from studio.catalog.registry import Layer
from studio.ui.fuzzy import best
from studio.ui.words import type_title

Likings = Callable[[Layer], int]
"""How likely a layer is meant whatever is typed: the lower, the likelier."""
NO_LIKING: Likings = lambda layer: 0  # noqa: E731
NEVER = 1_000


def ranked(
    query: str,
    layers: Iterable[Layer],
    recent: Iterable[str] = (),
    likings: Likings = NO_LIKING,
    refused: Collection[str] = (),
) -> list[Layer]:
    """The layers that fit a few typed letters, best first.

    Those of exactly that name come first, then those with the letters in their name, those that begin with
    them before others. Among them come those that work at the place, the likelier ones, those used lately.
    """
    lately = {type: place for place, type in enumerate(recent)}
    wanted = query.casefold().replace(" ", "")
    found: list[tuple[tuple[float, ...], Layer]] = []
    for layer in layers:
        title = type_title(layer.type)
        points = best(query, title, (*layer.keywords, layer.category))
        if points is not None:
            at = title.casefold().find(wanted)
            usual = (likings(layer), lately.get(layer.type, NEVER)) if at >= 0 else ()
            key = (
                title.casefold() != wanted if wanted else False,
                at < 0,
                layer.type in refused,
                at > 0,
                *usual,
                -points,
            )
            found.append((key, layer))
    return [layer for _, layer in sorted(found, key=lambda one: one[0])]

"""Brings nodes into line, or spreads them evenly. Every function says where the nodes go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from studio.project.arranging import Box
from studio.project.graph import Position

Edge = Literal["left", "centre", "right", "top", "middle", "bottom"]
Way = Literal["across", "down"]


def aligned(boxes: Mapping[str, Box], edge: Edge) -> dict[str, Position]:
    """All with one edge on a line, the outermost one's, or with their centres on the line of all."""
    left, right = min(b.x for b in boxes.values()), max(b.x + b.width for b in boxes.values())
    top, bottom = min(b.y for b in boxes.values()), max(b.y + b.height for b in boxes.values())
    return {
        name: {
            "left": (left, box.y),
            "centre": (_whole((left + right - box.width) / 2), box.y),
            "right": (right - box.width, box.y),
            "top": (box.x, top),
            "middle": (box.x, _whole((top + bottom - box.height) / 2)),
            "bottom": (box.x, bottom - box.height),
        }[edge]
        for name, box in boxes.items()
    }


def distributed(boxes: Mapping[str, Box], way: Way) -> dict[str, Position]:
    """All with the same gap between one and the next; the first and the last stay where they are."""
    across = way == "across"
    spans = {n: (b.x, b.width) if across else (b.y, b.height) for n, b in boxes.items()}
    order = sorted(spans, key=lambda name: (spans[name][0] + spans[name][1] / 2, name))
    last_at, last_size = spans[order[-1]]
    start = spans[order[0]][0]
    free = last_at + last_size - start - sum(size for _, size in spans.values())
    gap = free / (len(order) - 1)
    places: dict[str, Position] = {}
    at = start
    for name in order:
        kept = spans[name][0] if name in (order[0], order[-1]) else _whole(at)
        places[name] = (kept, boxes[name].y) if across else (boxes[name].x, kept)
        at += spans[name][1] + gap
    return places


def _whole(length: float) -> float:
    return float(round(length))

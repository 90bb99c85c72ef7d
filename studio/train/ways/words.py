"""What came of measuring ways to compute a run, in words. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

from studio.train.events import Measured, Unmeasured

DIFFERS = ("threads", "memory_format", "precision", "compiled", "recorded")


def measured_text(event: Measured) -> str:
    """Which way a run takes, and what the others would have cost."""
    first = event.ways[0]
    others = "; ".join(_other(one, first) for one in event.ways[1:])
    chosen = event.ways[event.chosen]
    word = "goes on" if event.chosen else "stays"
    before = f", before {_milliseconds(first)}" if event.chosen else ""
    return f"{word} with {way_text(chosen)} ({_milliseconds(chosen)} a step{before}). Measured: {others}"


def unmeasured_text(event: Unmeasured) -> str:
    """What is taken for the settings on auto, and why."""
    return "; ".join(event.kept.values())


def way_text(way: Mapping[str, Any]) -> str:
    """2 threads, channels_last."""
    threads = way["threads"]
    parts = ["1 thread" if threads == 1 else f"{threads} threads"]
    parts += [way["memory_format"]] if way["memory_format"] != "contiguous" else []
    parts += [way["precision"]] if way["precision"] != "float32" else []
    return ", ".join([*parts, *(name for name in ("compiled", "recorded") if way.get(name))])


def ways_told(record: object) -> list[tuple[str, bool]]:
    """The ways that a run's record says were measured, and which one was taken; none where it is odd."""
    found: list[tuple[str, bool]] = []
    with suppress(AttributeError, KeyError, TypeError, ValueError):
        known = cast(Mapping[str, Any], record)
        for way in cast(Sequence[Mapping[str, Any]], known.get("measured", ())):
            taken = all(known.get(name) == way.get(name) for name in DIFFERS)
            digits = "" if way["equal"] or way["failed"] else ", other digits"
            found.append((f"{way_text(way)}: {way['failed'] or _milliseconds(way)}{digits}", taken))
    return found


def _other(way: Mapping[str, Any], first: Mapping[str, Any]) -> str:
    """What is different from the first one, how long a step takes, and why it cannot be taken."""
    names = {"precision": way["precision"], "memory_format": way["memory_format"]}
    differs = [str(value) for name, value in names.items() if value != first[name]]
    if way["threads"] != first["threads"]:
        differs.append(way_text({**way, "memory_format": "contiguous", "precision": "float32"}))
    else:
        differs += [name for name in ("compiled", "recorded") if way.get(name) and not first.get(name)]
    told = ", ".join(differs) or "the same"
    if way["failed"]:
        return f"{told} cannot be computed ({way['failed']})"
    return f"{told} {_milliseconds(way)}" + ("" if way["equal"] else ", other digits")


def _milliseconds(way: Mapping[str, Any]) -> str:
    seconds = way["seconds"]
    return "–" if seconds is None else f"{1000 * seconds:.3g} ms"

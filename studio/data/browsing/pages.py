"""Some samples at a time as texts, pictures and sounds: what a browser shows of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.data.browsing.opened import Opened
from studio.data.browsing.seen import DECODED, WORDS, Seen
from studio.data.cells import Sound
from studio.data.raw import Array, DataError

THUMB = 96
"""The longest side of a small picture, in pixels."""
WAVE = 96
"""Points of the outline of a sound."""
BEGINNING = 240
"""Letters of a text that are shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """A sample: its row in the source, its name, its part ("" for none), its cells by column, what is true.

    `picture` (height, width, channels; bytes), `mask` (height, width; classes) and `wave` (low and high of
    each stretch) are None where there is none; `wrong` says why it could not be read.
    """

    row: int
    key: str
    part: str
    excluded: bool
    cells: tuple[str, ...]
    label: str
    weight: float = 1.0
    relabelled: bool = False
    picture: Array | None = None
    mask: Array | None = None
    wave: Array | None = None
    wrong: str = ""


def page(opened: Opened, rows: Array, side: int = THUMB) -> list[Row]:
    """These samples; one that cannot be read says why. `side` is the longest side of the pictures."""
    cells, wrong = _texts(opened, rows)
    labels = _labels(opened, rows)
    changes = opened.data.changes
    relabelled = {key for of in changes.labels.values() for key in of}
    found: list[Row] = []
    for at, row in enumerate(rows.tolist()):
        key = opened.key(row)
        drawn, failure = _drawn(opened, row, side)
        found.append(
            Row(
                row,
                key,
                opened.part(row),
                bool(opened.excluded[row]),
                tuple(column[at] for column in cells),
                labels[at],
                changes.weights.get(key, 1.0),
                key in relabelled,
                wrong=failure or wrong,
                **drawn,
            )
        )
    return found


def drawable(opened: Opened) -> tuple[Seen, ...]:
    """The columns that can be drawn: a picture, its mask, or a sound."""
    kinds = {one.kind: one for one in reversed(list(opened.columns.values())) if one.kind in DECODED}
    if "image" in kinds:
        return tuple(kinds[kind] for kind in ("image", "mask") if kind in kinds)
    return tuple(kinds[kind] for kind in ("mask", "audio") if kind in kinds)[:1]


def pixels(value: Any, side: int = 0, bounds: tuple[float, float] | None = None) -> Array:  # noqa: ANN401
    """A picture as bytes (height, width, 1 or 3), at most `side` pixels high and wide where that is given.

    `bounds` are black and white; where they are not known, the picture's own darkest and lightest are.
    """
    array = np.asarray(value)
    array = array[None] if array.ndim == 2 else array
    array = array[:3] if array.shape[0] >= 3 else array[:1]
    array = _thinned(array, side)
    if array.dtype != np.uint8:
        low, high = bounds or ((float(array.min()), float(array.max())) if array.size else (0.0, 1.0))
        array = np.clip((array.astype(np.float32) - low) * (255.0 / ((high - low) or 1.0)), 0, 255)
    return np.ascontiguousarray(array.astype(np.uint8).transpose(1, 2, 0))


def outline(sound: Sound, points: int = WAVE) -> Array:
    """The lowest and highest value of each stretch of a sound, (2, points)."""
    wave = np.asarray(sound.wave).reshape(-1, np.asarray(sound.wave).shape[-1]).mean(axis=0)
    if not len(wave):
        return np.zeros((2, 1), np.float32)
    begins = np.unique(np.linspace(0, len(wave) - 1, points).astype(np.int64))
    return np.stack([np.minimum.reduceat(wave, begins), np.maximum.reduceat(wave, begins)])


def titles(opened: Opened) -> tuple[str, ...]:
    """The columns that a table shows."""
    return tuple(name for name, one in opened.columns.items() if one.kind not in DECODED)


def _thinned(array: Array, side: int) -> Array:
    """Large pictures smaller, by the mean of whole blocks."""
    step = -(-max(array.shape[1:]) // side) if side else 1
    if step < 2:
        return array
    height, width = (max(1, size // step) for size in array.shape[1:])
    cut = array[:, : height * step, : width * step]
    if cut.shape[1] < step or cut.shape[2] < step:
        return array[:, ::step, ::step]
    return cut.reshape(len(array), height, step, width, step).mean(axis=(2, 4)).astype(array.dtype)


def _texts(opened: Opened, rows: Array) -> tuple[list[list[str]], str]:
    found: list[list[str]] = []
    wrong = ""
    for name in titles(opened):
        try:
            column = opened.columns[name]
            found.append([text[:BEGINNING] for text in column.texts(rows)])
        except DataError as error:
            found.append([""] * len(rows))
            wrong = error.message
    return found, wrong


def _labels(opened: Opened, rows: Array) -> list[str]:
    """What is true of each sample, as words."""
    told = [one.texts(rows) for one in opened.targets if one.kind in WORDS or one.scalar]
    return [", ".join(texts) for texts in zip(*told, strict=True)] if told else [""] * len(rows)


def _drawn(opened: Opened, row: int, side: int) -> tuple[Mapping[str, Any], str]:
    """What can be drawn of a sample, and why it cannot."""
    found: dict[str, Any] = {}
    try:
        for one in drawable(opened):
            value = one.cells.take(np.array([row]))[0]
            if isinstance(value, Sound):
                found["wave"] = outline(value)
            elif one.kind == "mask":
                found["mask"] = _thin_mask(np.asarray(value), side)
            else:
                found["picture"] = pixels(value, side, one.bounds)
    except DataError as error:
        return found, error.message
    return found, ""


def _thin_mask(mask: Array, side: int) -> Array:
    """Classes are never mixed: every so many pixels are left out."""
    step = max(1, -(-max(mask.shape) // side)) if side else 1
    return np.ascontiguousarray(mask[::step, ::step])

"""What can be drawn of the data, as plain values: which figures there are, and each when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np

from studio.data.browsing import relations
from studio.data.browsing.opened import NOWHERE, Opened
from studio.data.browsing.pages import pixels
from studio.data.browsing.seen import Seen
from studio.data.cells import Sound
from studio.data.findings import spread
from studio.data.raw import Array, DataError
from studio.data.splits import PARTS
from studio.data.transforms import masks
from studio.data.transforms.pictures import resized

MOST, MOST_FILES = 100_000, 2_000
"""Samples a figure is made of: of plain values, and of files that have to be decoded."""
BINS = 40
MOST_CLASSES = 30
WINDOW, HOP = 512, 256


@dataclass(frozen=True, slots=True)
class Bars:
    """A number for each name, by part (or "" for all); `edges` where the names are stretches of numbers, and
    `dates` where those are days since 1970.
    """

    title: str
    names: tuple[str, ...]
    series: Mapping[str, tuple[float, ...]]
    edges: tuple[float, ...] = ()
    axis: str = ""
    note: str = ""
    dates: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """Places, each with how many samples are there."""

    title: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    counts: tuple[int, ...]
    axes: tuple[str, str] = ("", "")
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures (height, width, channels; bytes), each with its name."""

    title: str
    names: tuple[str, ...]
    pixels: tuple[Array, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Heat:
    """Loudness in decibels by frequency (down the first dimension, lowest first) and time."""

    title: str
    values: Array
    seconds: float
    hertz: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ranks:
    """Columns by how much they have to do with the target, 0 to 1 (or -1 to 1), the strongest first."""

    title: str
    names: tuple[str, ...]
    values: tuple[float, ...]
    measures: tuple[str, ...]
    note: str = ""


Figure = Bars | Points | Pictures | Heat | Ranks


@dataclass(frozen=True, slots=True)
class Offer:
    """A figure that can be had: what it is called, and how it is made. Making raises DataError."""

    name: str
    make: Callable[[Opened], Figure]


def offers(opened: Opened) -> tuple[Offer, ...]:
    """All figures that the data allows, targets first."""
    found: list[Offer] = []
    ordered = [*opened.targets, *opened.inputs]
    for one in ordered:
        found += _of_column(one)
    for target in opened.targets:
        if _relates(target) and any(_relates(one) for one in opened.inputs):
            name = f"What goes with {target.name}"
            found.insert(1, Offer(name, partial(_ranks, target=target)))
    return tuple(found)


def _relates(one: Seen) -> bool:
    return one.scalar and one.kind != "time"


def _of_column(one: Seen) -> list[Offer]:
    if one.kind == "category" and not one.shape:
        return [Offer(f"{one.name}: classes", partial(_classes, column=one))]
    if one.scalar:
        return [Offer(f"{one.name}: histogram", partial(_histogram, column=one))]
    if one.kind == "text":
        return [Offer(f"{one.name}: lengths", partial(_lengths, column=one))]
    if one.kind == "image":
        return [
            Offer(f"{one.name}: mean", partial(_means, column=one)),
            Offer(f"{one.name}: sizes", partial(_sizes, column=one)),
        ]
    if one.kind == "mask":
        return [Offer(f"{one.name}: classes", partial(_mask_classes, column=one))]
    return (
        [Offer(f"{one.name}: spectrogram", partial(_spectrogram, column=one))] if one.kind == "audio" else []
    )


def _rows(opened: Opened, most: int = MOST) -> tuple[Array, str]:
    """The rows a figure is made of, spread over all that are used, and a word where they are not all."""
    used = opened.used
    rows = used[spread(len(used), most)]
    return rows, f"of {len(rows):,} of {len(used):,} samples" if len(rows) < len(used) else ""


def _by_part(opened: Opened, rows: Array) -> dict[str, Array]:
    """Which of the rows are in each part; all together where there are no parts."""
    parts = opened.parts[rows]
    if (parts == NOWHERE).all():
        return {"": np.ones(len(rows), bool)}
    return {part: parts == at for at, part in enumerate(PARTS) if (parts == at).any()}


def _classes(opened: Opened, column: Seen) -> Figure:
    rows, note = _rows(opened)
    words = column.words(rows)
    names = column.names(words)
    array = np.array(["" if word is None else word for word in words])
    counted = {name: int((array == name).sum()) for name in names}
    if len(names) > MOST_CLASSES:
        names = sorted(names, key=lambda name: -counted[name])[:MOST_CLASSES]
        note = f"{note}, the {MOST_CLASSES} commonest of {len(counted)}".strip(", ")
    series = {
        part: tuple(float((array[inside] == name).sum()) for name in names)
        for part, inside in _by_part(opened, rows).items()
    }
    return Bars(f"Samples of each class of {column.name}", tuple(names), series, note=note)


def _histogram(opened: Opened, column: Seen) -> Figure:
    rows, note = _rows(opened)
    bars = _binned(opened, rows, column.numbers(rows), f"Values of {column.name}", column.name, note)
    if column.kind != "time":
        return bars
    names = tuple(f"{date_of(a)} – {date_of(b)}" for a, b in pairwise(bars.edges))
    return replace(bars, names=names, dates=True)


def date_of(days: float) -> str:
    """A day since 1970 as it is written, with the hour where it does not begin then."""
    moment = np.datetime64(round(days * 24 * 60), "m")
    return str(moment).replace("T", " ").removesuffix(" 00:00")


def _mask_classes(opened: Opened, column: Seen) -> Figure:
    """The points of each class, in all masks; what does not count is not counted."""
    rows, note = _rows(opened, MOST_FILES)
    steps = opened.planned[column.of].steps if column.of in opened.planned else ()
    params = next((one.params for one in steps if one.type == "MaskClasses"), {"names": "", "ignore": None})
    counted: list[dict[int, int]] = []
    for _, values in column.parts(rows):
        for value in values:
            found, counts = np.unique(np.asarray(value), return_counts=True)
            counted.append(dict(zip(found.tolist(), counts.tolist(), strict=True)))
    values = np.array(sorted({value for one in counted for value in one}), np.int64)
    state = masks.learn_values([[values]], params)
    series = {
        part: tuple(
            float(sum(one.get(value, 0) for one, there in zip(counted, inside, strict=True) if there))
            for value in state["values"]
        )
        for part, inside in _by_part(opened, rows).items()
    }
    return Bars(f"Points of each class of {column.name}", masks.class_names(params, state), series, note=note)


def _lengths(opened: Opened, column: Seen) -> Figure:
    rows, note = _rows(opened)
    lengths = np.array([len((word or "").split()) for word in column.words(rows)], np.float64)
    return _binned(opened, rows, lengths, f"Words in {column.name}", "words", note)


def _binned(opened: Opened, rows: Array, values: Array, title: str, axis: str, note: str) -> Bars:
    there = np.isfinite(values)
    missing = int((~there).sum())
    if not there.any():
        raise DataError("There are no values to draw.", "Choose another figure.")
    whole = bool((values[there] == np.round(values[there])).all())
    reach = values[there].max() - values[there].min()
    count = int(min(BINS, reach + 1)) if whole and reach < BINS else BINS
    low, high = values[there].min(), values[there].max()
    edges = (
        np.linspace(low - 0.5, high + 0.5, count + 1)
        if count < BINS
        else np.linspace(low, high or 1.0, BINS + 1)
    )
    edges = edges if edges[0] < edges[-1] else np.linspace(low - 0.5, low + 0.5, 2)
    series = {
        part: tuple(np.histogram(values[inside & there], edges)[0].astype(float).tolist())
        for part, inside in _by_part(opened, rows).items()
    }
    names = tuple(f"{a:.4g} – {b:.4g}" for a, b in pairwise(edges))
    told = ", ".join(filter(None, [note, f"{missing:,} missing" if missing else ""]))
    return Bars(title, names, series, tuple(edges.tolist()), axis, told)


def _sizes(opened: Opened, column: Seen) -> Figure:
    rows, note = _rows(opened, MOST_FILES)
    sizes = [np.asarray(value).shape for _, values in column.parts(rows) for value in values]
    found, counts = np.unique(
        np.array([(shape[-1], shape[-2]) for shape in sizes]), axis=0, return_counts=True
    )
    return Points(
        f"Sizes of {column.name}",
        tuple(found[:, 0].astype(float).tolist()),
        tuple(found[:, 1].astype(float).tolist()),
        tuple(counts.tolist()),
        ("width", "height"),
        note,
    )


def _means(opened: Opened, column: Seen) -> Figure:
    """The mean of all pictures, and of each class, brought to one size where they are of several."""
    rows, note = _rows(opened, MOST_FILES)
    target = next((one for one in opened.targets if one.kind == "category" and not one.shape), None)
    words = target.words(rows) if target else [None] * len(rows)
    shapes = [np.asarray(value).shape for _, values in column.parts(rows) for value in values]
    channels, height, width = (int(np.median([shape[at] for shape in shapes])) for at in range(3))
    sums: dict[str, Array] = {}
    counts: dict[str, int] = {}
    at = 0
    for _, values in column.parts(rows):
        for value in values:
            array = _in_size(np.asarray(value), channels, (width, height))
            for name in ("all", words[at]):
                if name is not None:
                    sums[name] = sums.get(name, 0.0) + array
                    counts[name] = counts.get(name, 0) + 1
            at += 1
    names = ["all", *(target.names(words) if target else [])][: MOST_CLASSES + 1]
    means = {name: sums[name] / counts[name] for name in names if name in counts}
    bounds = column.bounds or (
        min(float(m.min()) for m in means.values()),
        max(float(m.max()) for m in means.values()),
    )
    drawn = tuple(pixels(mean, 256, bounds) for mean in means.values())
    if len(set(shapes)) > 1:
        note = ", ".join(filter(None, [note, f"brought to {width} × {height}"]))
    return Pictures(f"Mean of {column.name}", tuple(means), drawn, note)


def _in_size(picture: Array, channels: int, size: tuple[int, int]) -> Array:
    """A picture of a size, with so many channels."""
    if picture.shape[-1] != size[0] or picture.shape[-2] != size[1]:
        picture = resized(picture, size)
    if len(picture) != channels:
        picture = np.repeat(picture[:3].mean(axis=0, keepdims=True), channels, axis=0)
    return picture.astype(np.float64)


def _spectrogram(opened: Opened, column: Seen) -> Figure:
    rows, _ = _rows(opened, 1)
    sound = column.cells.take(rows[:1])[0]
    assert isinstance(sound, Sound)
    wave = np.asarray(sound.wave, np.float64).reshape(-1, sound.wave.shape[-1]).mean(axis=0)
    wave = np.pad(wave, (0, max(0, WINDOW - len(wave))))[: HOP * 2048]
    begins = np.arange(0, len(wave) - WINDOW + 1, HOP)
    frames = np.stack([wave[at : at + WINDOW] for at in begins]) * np.hanning(WINDOW)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    loud = 10 * np.log10(np.maximum(power, power.max() * 1e-8 + 1e-20))
    named = opened.key(int(rows[0])) if opened.table.keys is not None else f"row {int(rows[0]) + 1}"
    note = f"of {named}"
    return Heat(f"Spectrogram of {column.name}", loud.T, len(wave) / sound.rate, sound.rate / 2, note)


def _ranks(opened: Opened, target: Seen) -> Figure:
    rows, note = _rows(opened)
    inputs = [one for one in opened.inputs if _relates(one)]
    found = [(one.name, *relations.strength(one, target, rows)) for one in inputs]
    ranked = sorted(found, key=lambda one: -abs(one[1]))[:MOST_CLASSES]
    if len(found) > len(ranked):
        note = f"{note}, the {len(ranked)} strongest of {len(found)}".strip(", ")
    return Ranks(
        f"What goes with {target.name}",
        tuple(name for name, _, _ in ranked),
        tuple(value for _, value, _ in ranked),
        tuple(measure for _, _, measure in ranked),
        note,
    )

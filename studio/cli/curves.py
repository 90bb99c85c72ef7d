"""A run's curves as a picture, for machines without a display."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, NamedTuple

from studio.errors import StudioError
from studio.train.events import EpochEnded, Event, Progress, Started
from studio.train.history import by_member

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

GROUND, LINE, TEXT, SECONDARY = "#ffffff", "#dcdfe6", "#1d2129", "#616a7b"
TRAIN, RAW, VALIDATION = "#2f6fe4", "#c7d8f8", "#d9731a"
WIDTH, HEIGHT, MARGIN, TOP = 560, 400, 64, 56
SCALE = 2
Points = list[tuple[float, float]]


class Curve(NamedTuple):
    """One line of a plot; x is the epoch."""

    name: str
    colour: str
    points: Points


def draw_curves(events: Sequence[Event], path: Path, title: str) -> None:
    """Write a PNG with one plot of the loss and one of each metric. Raises StudioError."""
    from PIL import Image, ImageDraw

    ends = [event for event in events if isinstance(event, EpochEnded)]
    names = ["loss", *sorted({name for end in ends for name in end.train} - {"loss"})]
    image = Image.new("RGB", (WIDTH * len(names) * SCALE, HEIGHT * SCALE), GROUND)
    pen = ImageDraw.Draw(image)
    for at, name in enumerate(names):
        _plot(pen, at * WIDTH, f"{title}: {name}", _curves(name, events, ends))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, "PNG")
    except OSError as error:
        raise StudioError(f"{path}: the picture cannot be written: {error.strerror or error}") from error


def _curves(name: str, events: Sequence[Event], ends: Sequence[EpochEnded]) -> list[Curve]:
    steps = _steps(events) if name == "loss" else []
    train = _means((end.epoch, end.train[name]) for end in ends if name in end.train)
    validation = _means((end.epoch, end.validation[name]) for end in ends if name in end.validation)
    drawn = [Curve("", RAW, steps), Curve("train", TRAIN, train), Curve("validation", VALIDATION, validation)]
    return [
        curve._replace(points=[point for point in curve.points if math.isfinite(point[1])])
        for curve in drawn
        if curve.points
    ]


def _means(values: Iterable[tuple[int, float]]) -> Points:
    """The value of each epoch; with several seeds their mean."""
    found: dict[int, list[float]] = {}
    for epoch, value in values:
        found.setdefault(epoch, []).append(value)
    return [(float(epoch), mean(of)) for epoch, of in sorted(found.items())]


def _steps(events: Sequence[Event]) -> Points:
    """The loss of every step, by epoch; with several seeds that of the first."""
    events = by_member(events)[0]
    per_epoch = next((event.steps_per_epoch for event in events if isinstance(event, Started)), 1)
    return [
        ((event.step - len(event.losses) + 1 + at) / max(per_epoch, 1), loss)
        for event in events
        if isinstance(event, Progress)
        for at, loss in enumerate(event.losses)
    ]


def _plot(pen: ImageDraw, left: int, title: str, curves: Sequence[Curve]) -> None:
    points = [point for curve in curves for point in curve.points]
    _text(pen, left + MARGIN, 16, title, TEXT, 15)
    if not points:
        _text(pen, left + MARGIN, HEIGHT / 2, "nothing was trained", SECONDARY)
        return
    heights = _ticks(min(y for _, y in points), max(y for _, y in points))
    low, high, last = heights[0], heights[-1], max(x for x, _ in points) or 1.0

    def at(x: float, y: float) -> tuple[float, float]:
        across = left + MARGIN + x / last * (WIDTH - MARGIN - 20)
        return across * SCALE, (HEIGHT - 44 - (y - low) / (high - low) * (HEIGHT - 44 - TOP)) * SCALE

    for value in heights:
        pen.line([at(0, value), at(last, value)], LINE, SCALE)
        _text(pen, left + 12, at(0, value)[1] / SCALE - 7, f"{value:.4g}", SECONDARY)
    for epoch in _ticks(0, last):
        if epoch <= last:
            _text(pen, at(epoch, low)[0] / SCALE - 4, HEIGHT - 38, f"{epoch:g}", SECONDARY)
    _text(pen, left + WIDTH / 2, HEIGHT - 20, "epoch", SECONDARY)
    for number, curve in enumerate(curves):
        pen.line([at(x, y) for x, y in curve.points], curve.colour, (1 if curve.colour == RAW else 2) * SCALE)
        if curve.name:
            _text(pen, left + WIDTH - 90 * (len(curves) - number), 36, curve.name, curve.colour)


def _ticks(low: float, high: float) -> list[float]:
    """Some four to seven round numbers around the values."""
    rough = (high - low or abs(high) or 1.0) / 5
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(at * step, 12) for at in range(first, max(last, first + 1) + 1)]


def _text(pen: ImageDraw, x: float, y: float, text: str, colour: str, size: int = 12) -> None:
    from PIL import ImageFont

    pen.text((x * SCALE, y * SCALE), text, fill=colour, font=ImageFont.load_default(size * SCALE))

"""Which lines a plot shows for a metric, and how: the current run's, over an earlier one in grey or several
in colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from studio.ui.contrast import readable
from studio.ui.monitor.legend import Entry, Style
from studio.ui.monitor.series import Abscissa, Band, History, Line, Part, Smoothed
from studio.ui.monitor.trace import Trace
from studio.ui.theme import HUES, Tokens, family_colour

OVERLAY_STYLES: tuple[Style, ...] = ("line", "dashes", "dots")
FEW_POINTS = 60
LINE = 3.0
"""The least contrast of a line that means something."""


@dataclass(frozen=True, slots=True)
class Options:
    """What all plots share: the abscissa, a logarithmic scale for losses, smoothing as a share of the run."""

    abscissa: Abscissa = "step"
    log: bool = False
    smoothing: float = 0.01


@dataclass(frozen=True, slots=True)
class Stroke:
    """One line to draw: whose points, which values over them, and how."""

    history: History
    line: Line
    trace: Trace
    entry: Entry | None
    colour: str
    pale: bool = False
    behind: bool = False
    fine: bool = False
    dimmed: bool = False
    band: Band | None = None

    @property
    def points(self) -> bool:
        """Whether its points are marked: few and far between."""
        return self.entry is not None and self.entry.style == "points" and len(self.line) <= FEW_POINTS


class Smoothing:
    """The smoothed twins of lines, kept as long as the span stays the same."""

    def __init__(self) -> None:
        self._share = 0.0
        self._twins: dict[Line, Smoothed] = {}

    def of(self, line: Line, history: History, share: float) -> Trace:
        """The values of a line, smoothed over a share of its run."""
        if share != self._share:
            self._share, self._twins = share, {}
        span = share * history.reach
        twin = self._twins.get(line)
        if twin is None or twin.span != span:
            twin = self._twins[line] = Smoothed(span)
        twin.follow(line)
        return twin.value


def validation_colour(tokens: Tokens) -> str:
    """Orange; on a light ground darker, so that it can be told from it."""
    return readable(family_colour("Activation"), tokens.panel, tokens.text, least=LINE)


def earlier_colour(tokens: Tokens) -> str:
    """The grey of an earlier run."""
    return readable(tokens.faint, tokens.panel, tokens.text, least=LINE)


def compared_colours(tokens: Tokens) -> tuple[str, ...]:
    """The colours of runs that are compared: neither the blue nor the orange of the current one."""
    found = (
        HUES["green"],
        HUES["purple"],
        HUES["red"],
        HUES["teal"],
        tokens.text,
        family_colour("Merge"),
        family_colour("Recurrent"),
        tokens.secondary,
    )
    return tuple(readable(colour, tokens.panel, tokens.text, least=LINE) for colour in found)


def looks(count: int, tokens: Tokens) -> list[tuple[str, Style] | None]:
    """Colour and style of each earlier run: one alone is grey; None for more than can be told apart."""
    if count == 1:
        return [(earlier_colour(tokens), "line")]
    colours = compared_colours(tokens)
    styles = len(OVERLAY_STYLES)
    apart = [
        (colours[at % len(colours)], OVERLAY_STYLES[at % styles])
        for at in range(min(count, len(colours) * styles))
    ]
    return [*apart, *[None] * (count - len(apart))]


def strokes(
    metric: str,
    current: History | None,
    earlier: Sequence[History],
    options: Options,
    smoothing: Smoothing,
    tokens: Tokens,
) -> list[Stroke]:
    """The lines of a metric, back to front."""
    found = [
        stroke
        for history, look in zip(earlier, looks(len(earlier), tokens), strict=True)
        for stroke in _earlier(metric, history, look, options, smoothing, tokens)
    ]
    if current is not None and current.before is not None:
        found += _before(metric, current.before, options, smoothing, tokens)
    return found + (_current(metric, current, options, smoothing, tokens) if current else [])


def _earlier(
    metric: str,
    history: History,
    look: tuple[str, Style] | None,
    options: Options,
    smoothing: Smoothing,
    tokens: Tokens,
) -> list[Stroke]:
    """One line: validation where there is any, else training."""
    colour, style = look or (earlier_colour(tokens), "line")
    fine = colour == earlier_colour(tokens)
    line = history.line(metric, "validation")
    part = _named("validation" if line else "train")
    about = _about(history, part)
    if look is None:
        text = QCoreApplication.translate("Curves", "{run}; grey, as there are more runs than colours")
        about = text.format(run=about)
    entry = Entry(history.name, colour, style, numbered=True, part=part, about=about)
    if line := line or history.line(metric, "train"):
        return [Stroke(history, line, line.value, entry, colour, behind=True, fine=fine)]
    if line := history.line(metric, "steps"):
        trace = smoothing.of(line, history, options.smoothing) if options.smoothing else line.value
        return [Stroke(history, line, trace, entry, colour, behind=True, fine=fine)]
    return []


def _named(part: Part) -> str:
    """What a part is called."""
    tr = QCoreApplication.translate
    return tr("Curves", "validation") if part == "validation" else tr("Curves", "train")


def _about(history: History, part: str) -> str:
    """A line's tooltip: whose it is, and of which part."""
    return f"{history.name}, {part}" if history.name else part


def _before(
    metric: str, history: History, options: Options, smoothing: Smoothing, tokens: Tokens
) -> list[Stroke]:
    """What the run that this one was forked from did until then, in the same colours but dimmed."""
    found: list[Stroke] = []
    steps, epochs = history.line(metric, "steps"), history.line(metric, "train")
    if (strong := steps if metric == "loss" and steps else epochs) is not None:
        smooth = strong is steps and options.smoothing > 0
        trace = smoothing.of(strong, history, options.smoothing) if smooth else strong.value
        found.append(Stroke(history, strong, trace, None, tokens.accent, dimmed=True))
    if line := history.line(metric, "validation"):
        found.append(Stroke(history, line, line.value, None, validation_colour(tokens), dimmed=True))
    return found


def _bands(metric: str, history: History, tokens: Tokens) -> list[Stroke]:
    """Of a run of several seeds, the mean of those that are over, with a band as wide as they lie apart."""
    tr = QCoreApplication.translate
    parts: tuple[tuple[Part, str, str], ...] = (
        ("train", tokens.accent, tr("Curves", "train, mean of {count}")),
        ("validation", validation_colour(tokens), tr("Curves", "validation, mean of {count}")),
    )
    found: list[Stroke] = []
    for part, colour, text in parts:
        if (band := history.band(metric, part)) is not None:
            entry = Entry(text.format(count=band.count), colour)
            found.append(Stroke(history, band.line, band.line.value, entry, colour, band=band))
    return found


def _current(
    metric: str, history: History, options: Options, smoothing: Smoothing, tokens: Tokens
) -> list[Stroke]:
    found = _bands(metric, history, tokens)
    if found and history.over:
        return found
    name = _named("train")
    train = Entry(name, tokens.accent, about=_about(history, name))
    steps, epochs = history.line(metric, "steps"), history.line(metric, "train")
    per_step = metric == "loss" and steps is not None
    smooth = per_step and options.smoothing > 0
    told = len(epochs) if epochs is not None else 0
    if steps and (smooth or (not per_step and len(steps) > told)):  # else it tells less than the epochs do
        found.append(Stroke(history, steps, steps.value, None, tokens.accent, pale=True))
    if steps and smooth:
        trace = smoothing.of(steps, history, options.smoothing)
        found.append(Stroke(history, steps, trace, train, tokens.accent))
    elif strong := steps if per_step else epochs:
        found.append(Stroke(history, strong, strong.value, train, tokens.accent))
    if line := history.line(metric, "validation"):
        colour = validation_colour(tokens)
        name = _named("validation")
        entry = Entry(name, colour, "points", about=_about(history, name))
        found.append(Stroke(history, line, line.value, entry, colour))
    return found

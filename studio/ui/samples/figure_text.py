"""A figure as text: its values line by line, and the legend of its colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.ui.described import part_title
from studio.ui.monitor.wording import grouped
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.data.browsing.figures import Figure


def told(figure: Figure) -> list[str]:
    """The values of a figure, a line each."""
    return {
        "Bars": _bars,
        "Points": _points,
        "Pictures": lambda one: list(one.names),
        "Heat": lambda one: [f"{one.seconds:.2f} s", f"0 – {one.hertz:,.0f} Hz"],
        "Ranks": _ranks,
    }[type(figure).__name__](figure)


def legend_html(figure: Figure, tokens: Tokens) -> str:
    """The colours of the parts, where there are several."""
    series = getattr(figure, "series", {})
    if len(series) < 2:
        return ""
    marks = [f'<span style="color:{colour_of(part, tokens)}">■</span> {part_title(part)}' for part in series]
    return "&nbsp;&nbsp; ".join(marks)


def colour_of(part: str, tokens: Tokens) -> str:
    """The colour of a part of the data, as in the bar of the parts."""
    return {"validation": tokens.warn, "test": tokens.ok}.get(part, tokens.accent)


def _bars(figure: Figure) -> list[str]:
    parts = list(figure.series)
    lines: list[str] = []
    for at, name in enumerate(figure.names):
        counts = [round(figure.series[part][at]) for part in parts]
        if not sum(counts) and figure.edges:
            continue
        by_part = [f"{part_title(part)} {grouped(count)}" for part, count in zip(parts, counts, strict=True)]
        total = grouped(sum(counts))
        lines.append(f"{name}: {total}" + (f" ({', '.join(by_part)})" if len(parts) > 1 else ""))
    return lines


def _points(figure: Figure) -> list[str]:
    ranked = sorted(zip(figure.counts, figure.x, figure.y, strict=True), reverse=True)
    return [f"{x:g} × {y:g}: {grouped(count)}" for count, x, y in ranked]


def _ranks(figure: Figure) -> list[str]:
    rows = zip(figure.names, figure.values, figure.measures, strict=True)
    return [f"{name}: {value:.2f} ({measure})" for name, value, measure in rows]

"""The schedule of the learning rate as a program says it: a function of the step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.catalog.registry import checked_values, registry
from studio.interchange.program.pieces import training as pieces
from studio.interchange.pytorch.lines import statement
from studio.project.project import Setting

Values = Mapping[str, Any]
Function = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The lines of a program's function `make_schedule`, and the functions that they call."""

    lines: tuple[str, ...]
    functions: tuple[Function, ...]


def written_schedule(setting: Setting) -> Schedule | None:
    """A schedule in a program; None for a rate that never changes."""
    values = _values(setting.type, setting.params)
    warm = float(values["warmup"])
    if setting.type in ("Constant", "Plateau") and not warm:
        return None
    functions: list[Function] = []
    body = _body(setting.type, values, functions)
    called = registry().component("schedule", setting.type)
    about = called.doc[:1].lower() + called.doc[1:] if called else setting.type
    lines = [
        "def make_schedule(steps: int, per_epoch: int) -> Schedule:",
        '    """The factor of the learning rate at each step.',
        "",
        f"    {about[:1].upper()}{about[1:]}.",
        '    """',
        *body,
    ]
    return Schedule(tuple(lines), tuple(dict.fromkeys(functions)))


def _values(type: str, params: Values) -> Values:
    component = registry().component("schedule", type)
    assert component is not None
    return checked_values(component.params, params)[0]


def _body(type: str, values: Values, functions: list[Function]) -> list[str]:
    """The lines of a function of `steps` that gives the schedule."""
    warm = float(values["warmup"])
    lines: list[str] = []
    if warm:
        functions.append(pieces.warmed)
        lines.append(f"    warm = min(round({warm!r} * per_epoch), steps)")
        lines.append("    steps = max(1, steps - warm)")
    if type == "Chained":
        functions.append(pieces.chained)
        lines.append(f"    turn = min(steps, round({float(values['until'])!r} * per_epoch))")
        lines += _link("first", values, functions, "max(1, turn)")
        lines += _link("second", values, functions, "max(1, steps - turn)")
        made = "chained(first, second, turn)"
    else:
        made = f"lambda step: {_factor(type, values, functions)}"
    return [*lines, *statement(4, "return ", f"warmed({made}, warm)" if warm else made)]


def _link(which: str, values: Values, functions: list[Function], steps: str) -> list[str]:
    """One part of a chain, which takes so many steps, as a function within the other."""
    type = str(values[which])
    settings = _values(type, values[f"{which}_settings"])
    return [
        "",
        f"    def {which}(step: int) -> float:",
        *statement(8, "return ", _factor(type, settings, functions, steps)),
        *([] if which == "first" else [""]),
    ]


def _factor(type: str, values: Values, functions: list[Function], steps: str = "steps") -> str:
    """The expression of the factor at a `step` of so many steps."""
    number = {name: float(one) for name, one in values.items() if isinstance(one, int | float)}
    if type == "CosineRestarts":
        functions += [pieces.restarts, pieces.between]
        period = f"max(1.0, {number['period']!r} * per_epoch)"
        return f"restarts(step, {period}, {int(number['growth'])}, {number['least']!r})"
    if type == "OneCycle":
        functions += [pieces.one_cycle, pieces.between]
        given = f"{number['rise']!r}, {number['start']!r}, {number['end']!r}"
        return f"one_cycle(step, {steps}, {given}{'' if values['shape'] == 'cos' else ', straight=True'})"
    if type == "Cosine":
        functions.append(pieces.between)
        return f"between(1.0, {number['least']!r}, step / {steps})"
    if type == "Linear":
        over = steps if values["over"] is None else f"max(1, round({number['over']!r} * per_epoch))"
        change = f"{number['end'] - number['start']!r} * min(step, {over}) / {over}"
        return f"{number['start']!r} + {change}"
    if type == "Polynomial":
        return f"(1.0 - min(step, {steps}) / {steps}) ** {number['power']!r}"
    return _by_epoch(type, values, number)


def _by_epoch(type: str, values: Values, number: Mapping[str, float]) -> str:
    """Factors that change from epoch to epoch."""
    if type == "Step":
        return f"{number['factor']!r} ** (step // per_epoch // {int(number['every'])})"
    if type == "MultiStep":
        given = values["at"]
        at = sorted(given if isinstance(given, tuple | list) else (given,))
        return f"{number['factor']!r} ** bisect_right({at}, step // per_epoch)"
    if type == "Exponential":
        return f"{number['factor']!r} ** (step // per_epoch)"
    return "1.0"

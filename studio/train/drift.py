"""How far a run that repeats another one strays from it: which digits of which curves, and what changed."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.catalog.registry import values_of
from studio.catalog.settings import TRAINING
from studio.errors import StudioError
from studio.project.project import Project
from studio.project.storage import dumps
from studio.train.events import EpochEnded, Event, Finished, Progress
from studio.train.fork import begin_alike
from studio.train.history import by_member, read_events
from studio.train.runs import RunInfo, create_run, data_folder, read_json, read_run, run_project, write_run

DIGITS = 16
"""More than a double holds: equal."""
Points = dict[int, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve of both runs: points in common, how many are equal, where they first differ (a step, or an
    epoch), the fewest leading digits in common, and the largest relative difference.
    """

    name: str
    by: str
    points: int
    equal: int
    first: int | None = None
    digits: int = DIGITS
    largest: float = 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """Something that the numbers depend on and that is not as it was."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Drift:
    """What came of repeating a run: the curves of both, and what has changed between them."""

    run: str
    original: str
    curves: tuple[Curve, ...]
    changes: tuple[Change, ...]
    missing: int = 0
    """Points that only one of both has."""

    @property
    def none(self) -> bool:
        """Whether all that they report is equal to the last digit."""
        return not self.missing and self.common_equal

    @property
    def common_equal(self) -> bool:
        """Whether all that both report is, where one reports more."""
        return bool(self.curves) and all(curve.equal == curve.points for curve in self.curves)


def repeat(run: Path, runs_dir: Path | None = None) -> tuple[Project, Path, Path]:
    """Make a run that repeats another as far as that went: its project, its data's folder, and its own. It
    begins where a forked one began. Raises StudioError.
    """
    info, project, folder = read_run(run), run_project(run), data_folder(run)
    until = _until(info, project)
    path = create_run(project, folder, runs_dir or run.parent)
    try:
        if info.parent:
            begin_alike(run, path)
        way = {key: value for key, value in read_json(run).items() if key == "way"}
        write_run(path, {**read_json(path), "reproduces": str(info.path.resolve()), **way, **until})
    except StudioError:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return project, folder, path


def _until(info: RunInfo, project: Project) -> dict[str, tuple[int, int]]:
    """Whole epochs and steps after which the copy of a run that was ended early ends too. Those of several
    seeds have no common end: their copy goes on. Raises StudioError.
    """
    seeds = values_of(TRAINING, project.training.options)["seeds"]
    if info.status not in ("running", "stopped", "interrupted") or seeds != 1:
        return {}
    events = read_events(info.path)
    step = max((one.step for one in events if isinstance(one, Progress | EpochEnded)), default=0)
    if not step:
        message = f"{info.name}: was ended before its first step: there is nothing to repeat."
        raise StudioError(message, "Resume it, or train anew.")
    return {"until": (max((one.epoch for one in events if isinstance(one, EpochEnded)), default=0), step)}


def drift(run: Path, original: Path) -> Drift:
    """Compare a run with the one that it repeats. Raises StudioError."""
    before, after = _curves(read_events(original)), _curves(read_events(run))
    names = list(dict.fromkeys((*before, *after)))
    curves = [_curve(key, before.get(key, {}), after.get(key, {})) for key in names]
    missing = sum(len(before.get(key, {}).keys() ^ after.get(key, {}).keys()) for key in names)
    return Drift(
        run=read_run(run).name,
        original=read_run(original).name,
        curves=tuple(curve for curve in curves if curve.points),
        changes=tuple(_changes(original, run)),
        missing=missing,
    )


def _curves(events: Sequence[Event]) -> dict[tuple[str, str], Points]:
    """The values of each curve by step (losses) or epoch; the final ones of the test part at 0."""
    seeds = by_member(events)
    if len(seeds) == 1:
        return _of_one(events)
    return {
        (f"seed {at}: {name}", by): points
        for at, seed in enumerate(seeds, 1)
        for (name, by), points in _of_one(seed).items()
    }


def _of_one(events: Sequence[Event]) -> dict[tuple[str, str], Points]:
    found: dict[tuple[str, str], Points] = {}
    for event in events:
        if isinstance(event, Progress):
            steps = found.setdefault(("loss of each step", "step"), {})
            first = event.step - len(event.losses) + 1
            steps |= {first + at: loss for at, loss in enumerate(event.losses)}
        elif isinstance(event, EpochEnded):
            for part, values in (("training", event.train), ("validation", event.validation)):
                for name, value in values.items():
                    found.setdefault((f"{part} {name}", "epoch"), {})[event.epoch] = value
        elif isinstance(event, Finished):
            for name, value in event.test.items():
                found[f"test {name}", "end"] = {0: value}
    return found


def _curve(key: tuple[str, str], before: Points, after: Points) -> Curve:
    shared = sorted(before.keys() & after.keys())
    unequal = [at for at in shared if not _same(before[at], after[at])]
    apart = [_apart(before[at], after[at]) for at in unequal]
    largest = max(apart, default=0.0)
    return Curve(
        name=key[0],
        by=key[1],
        points=len(shared),
        equal=len(shared) - len(unequal),
        first=unequal[0] if unequal else None,
        digits=_digits(largest),
        largest=largest,
    )


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def _apart(one: float, other: float) -> float:
    """The difference relative to the larger of both."""
    if not (math.isfinite(one) and math.isfinite(other)):
        return math.inf
    return abs(one - other) / max(abs(one), abs(other))


def _digits(apart: float) -> int:
    """Leading digits that numbers so far apart have in common."""
    if apart == 0:
        return DIGITS
    return max(0, min(DIGITS, math.floor(-math.log10(apart)))) if math.isfinite(apart) else 0


def _changes(original: Path, run: Path) -> Iterator[Change]:
    before, after = read_run(original), read_run(run)
    for what, old, new in (
        ("", {"device": before.device, "seed": before.seed}, {"device": after.device, "seed": after.seed}),
        ("", before.environment, after.environment),
        ("data: ", _flat(before.data), _flat(after.data)),
        ("git: ", before.git, after.git),
    ):
        for name in dict.fromkeys((*old, *new)):
            if old and old.get(name) != new.get(name):
                yield Change(f"{what}{name}", _word(old.get(name)), _word(new.get(name)))
    if dumps(run_project(original)) != dumps(run_project(run)):
        yield Change("project", "as it was trained", "edited")


def _flat(values: Mapping[str, Any], start: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        deeper: dict[str, Any] | None = (
            _flat(value, f"{start}{name} ") if isinstance(value, Mapping) else None
        )
        found |= {f"{start}{name}": value} if deeper is None else deeper
    return found


def _word(value: object) -> str:
    return "–" if value is None else str(value)

"""All checks in their order, and the one function that runs them; answers are remembered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from studio.catalog.registry import values_of
from studio.catalog.settings import DATA
from studio.data.browsing.opened import Opened, open_data
from studio.data.checks import (
    classes,
    columns,
    duplicates,
    files,
    grouping,
    leaks,
    near,
    outliers,
    spellings,
    texts,
    whole,
)
from studio.data.checks.look import Bounds, Cancelled, Exclude, Flaw, Look
from studio.data.pipeline import Asked
from studio.data.raw import DataError
from studio.project.project import Data

LEVELS = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Check:
    """A kind of flaw. `quick` ones open no files and fit nothing: they run by themselves."""

    name: str
    title: str
    find: Callable[[Look], list[Flaw]]
    quick: bool = True


CHECKS: tuple[Check, ...] = (
    Check("absent", "Files that are gone or empty", files.absent),
    Check("unreadable", "Files that cannot be read", files.unreadable, quick=False),
    Check("unfit", "Rare values that training would stop at", whole.unfit, quick=False),
    Check("missing", "Missing values", columns.missing),
    Check("classes", "Targets that are no class", classes.no_class),
    Check("spellings", "Classes that are written in several ways", spellings.spellings),
    Check("stand_ins", "Numbers that stand for missing values", outliers.stand_ins),
    Check("encodings", "Texts in a wrong encoding", texts.wrong_encodings),
    Check("constant", "Columns that say nothing", columns.constant),
    Check("repeated", "Columns that are there twice", columns.repeated),
    Check("unseen", "Classes that are missing in a part", classes.unseen),
    Check("tiny", "Parts that are too small", classes.tiny),
    Check("groups", "Groups that a random split tears apart", grouping.groups),
    Check("imbalance", "Rare classes", classes.imbalance),
    Check("outliers", "Numbers far from all others", outliers.outliers),
    Check("duplicates", "Equal samples", duplicates.duplicates, quick=False),
    Check("conflicts", "Equal inputs with different targets", duplicates.conflicts, quick=False),
    Check("near", "Samples that are almost equal", near.near_duplicates, quick=False),
    Check("pictures", "Odd pictures", outliers.odd_pictures, quick=False),
    Check("leaks", "Columns that give the target away", leaks.leaks, quick=False),
)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, errors first; the checks that were carried out, and whether all that were asked for."""

    flaws: tuple[Flaw, ...]
    done: tuple[str, ...]
    whole: bool = True
    samples: int = 0
    seconds: float = 0.0

    @property
    def errors(self) -> int:
        """How many flaws are errors."""
        return sum(one.level == "error" for one in self.flaws)


Moved = Callable[[float, str], None]
_known: dict[tuple[Asked, str, Bounds], tuple[Flaw, ...]] = {}
MOST_KNOWN = 200


def check_data(
    data: Data,
    folder: Path,
    quick: bool = False,
    bounds: Bounds | None = None,
    moved: Moved = lambda share, title: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Report:
    """Look the data over; raises DataError where the source cannot be read.

    `moved` is told the share that is done and what is looked at. Stops where `cancelled()`; what was
    found until then counts.
    """
    begun = time.perf_counter()
    opened = open_data(data, folder)
    asked = Asked(data, folder, values_of(DATA, data.options))
    wanted = [one for one in CHECKS if one.quick or not quick]
    found: list[Flaw] = list(_unusable(opened))
    done: list[str] = []
    look = Look(opened, bounds or Bounds(), cancelled)
    for at, check in enumerate(wanted):
        told = _within(moved, at, len(wanted), check.title)
        told(0.0)
        try:
            found += _remembered(check, replace(look, moved=told), asked)
        except Cancelled:
            break
        done.append(check.name)
    flaws = tuple(sorted(found, key=lambda one: (LEVELS.index(one.level), not one.fixes)))
    return Report(flaws, tuple(done), len(done) == len(wanted), opened.samples, time.perf_counter() - begun)


def _within(moved: Moved, at: int, of: int, title: str) -> Callable[[float], None]:
    return lambda share: moved((at + share) / of, title)


def _remembered(check: Check, look: Look, asked: Asked) -> tuple[Flaw, ...]:
    key = (asked, check.name, look.bounds)
    if key not in _known:
        look.go_on()
        while len(_known) >= MOST_KNOWN:
            _known.pop(next(iter(_known)))
        _known[key] = _carried_out(check, look)
    return _known[key]


def _carried_out(check: Check, look: Look) -> tuple[Flaw, ...]:
    """What a check finds; values that it cannot have are a finding too. No repair leaves all samples out."""
    try:
        return tuple(_with_samples_left(flaw, look.opened) for flaw in check.find(look))
    except DataError as error:
        return (Flaw(check.name, "error", f"{check.title}: {error.message}", error.hint),)


def _with_samples_left(flaw: Flaw, opened: Opened) -> Flaw:
    fixes = [one for one in flaw.fixes if not isinstance(one.edit, Exclude) or one.edit.leaves_some(opened)]
    return replace(flaw, fixes=tuple(fixes))


def _unusable(opened: Opened) -> Iterable[Flaw]:
    """Why the samples cannot be used as the settings are."""
    if opened.error is not None:
        error = opened.error
        yield Flaw("settings", "error", error.message, error.hint, fixes=error.fixes)
    used = opened.ready.raw.warnings if opened.ready is not None else ()
    of_columns = (one for one in used if (one.field or "").startswith("data.fields."))
    for problem in (*opened.table.warnings, *of_columns):
        yield Flaw("settings", "note", problem.message, problem.hint)

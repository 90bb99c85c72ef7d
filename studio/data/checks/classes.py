"""Classes that are rare, or missing in a part; parts that are too small; targets that are no class."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from studio.catalog.registry import values_of
from studio.catalog.settings import DATA
from studio.data.browsing.opened import NOWHERE
from studio.data.browsing.seen import Seen
from studio.data.checks.look import Flaw, Look, counted
from studio.data.raw import Array
from studio.data.splits import PARTS
from studio.errors import Fix
from studio.project import sample_edits
from studio.project.params import Value

UNEVEN = 10.0
"""How many times as often as the rarest class the commonest is, from which it is told."""
SMALL, TINY = 100, 20
"""Samples of training and of the other parts below which figures mean little."""
MOST_WEIGHT = 10.0
TITLES = {"train": "training", "validation": "validation", "test": "test"}


def imbalance(look: Look) -> list[Flaw]:
    """Classes that are much rarer than others."""
    found: list[Flaw] = []
    for target, words, rows in _classes(look):
        names, counts = np.unique(words, return_counts=True)
        if len(names) < 2 or counts.max() < UNEVEN * counts.min():
            continue
        rare = names[counts * UNEVEN <= counts.max()]
        most, least = names[counts.argmax()], names[counts.argmin()]
        chosen = rows[np.isin(words, rare)]
        found.append(
            Flaw(
                "imbalance",
                "warning",
                f"{target.name}: {most} has {counted(int(counts.max()), 'samples')}, {least} only "
                f"{int(counts.min()):,}{look.looked_at(rows)}.",
                "A network may do well by never saying the rare ones. Look at the confusion, not at accuracy "
                "alone.",
                len(chosen),
                tuple(chosen.tolist()),
                target.name,
                (_weights(look, words, rows, names, counts, rare),),
            )
        )
    return found


def unseen(look: Look) -> list[Flaw]:
    """Classes that one part has and another has not."""
    found: list[Flaw] = []
    for target, words, rows in _classes(look):
        parts = look.in_parts(rows)
        there = [set(words[parts == at].tolist()) for at in range(len(PARTS))]
        for at in (1, 2):
            new = sorted(there[at] - there[0])
            if new and there[0]:
                found.append(_unseen(look, target, at, new, rows[(parts == at) & np.isin(words, new)]))
        absent = sorted(there[0] - there[2])
        if absent and there[2]:
            found.append(_untested(look, target, absent, rows[(parts == 0) & np.isin(words, absent)]))
    return found


def tiny(look: Look) -> list[Flaw]:
    """Parts with too few samples, and classes with too few."""
    if look.opened.ready is None:
        return []
    counts = [int((look.opened.parts == at).sum()) for at in range(len(PARTS))]
    found: list[Flaw] = []
    for part, count, least in zip(PARTS, counts, (SMALL, TINY, TINY), strict=True):
        if 0 < count < least:
            sentence = f"The {TITLES[part]} part has only {counted(count, 'samples')}."
            hint = (
                "Little can be learned from it."
                if part == "train"
                else "What is measured on it means little."
            )
            rows = np.flatnonzero(look.opened.parts == PARTS.index(part))
            found.append(Flaw("tiny", "warning", sentence, hint, count, tuple(rows.tolist())))
        if count == 0 and part != "train":
            found.append(_empty(look, part))
    return found


def _empty(look: Look, part: str) -> Flaw:
    """A part without samples: it has no share, or all that there are stay together."""
    options = values_of(DATA, look.opened.data.options)
    how, share = options["split"], float(str(options[part]))
    sentence, ready = f"The {TITLES[part]} part is empty", look.opened.ready
    if ready is None or how not in ("shares", "groups", "folds") or round(ready.raw.samples * share) < 1:
        hint = "Give it a share in the data settings to measure on it."
        return Flaw("tiny", "note", f"{sentence}.", hint)
    sentence += f", though its share is {share:.0%}"
    targets = (one.classes for one in ready.raw.fields.values() if one.role == "target")
    if options["stratify"] and any(2 * len(names or ()) > ready.raw.samples for names in targets):
        hint = "Take the target as numbers, or put stratify off in the data settings."
        return Flaw("tiny", "warning", f"{sentence}: most classes have one sample.", hint)
    if how == "groups":
        hint = f"Choose a split_column with more groups than {options['split_column']}, or split by shares."
        fix = Fix("Split by shares", partial(_with_option, "split", "shares"))
        return Flaw("tiny", "warning", f"{sentence}: there are too few groups.", hint, fixes=(fix,))
    if not options["duplicates_together"]:
        return Flaw("tiny", "note", f"{sentence}.", "Bring more samples, or make its share larger.")
    hint = "Put duplicates_together off in the data settings, or bring samples that differ more."
    fix = Fix("Let equal samples into several parts", partial(_with_option, "duplicates_together", False))
    sentence += ": equal samples stay together, and too few differ."
    return Flaw("tiny", "warning", sentence, hint, fixes=(fix,))


def no_class(look: Look) -> list[Flaw]:
    """Targets whose number stands for no class."""
    found: list[Flaw] = []
    rows = look.rows()
    for target in look.opened.targets:
        if target.kind != "category" or target.classes is None:
            continue
        values = target.cells.take(rows)
        if not isinstance(values, np.ndarray) or values.dtype.kind not in "iuf":
            continue
        wrong = rows[(values < 0) | (values >= len(target.classes))]
        if len(wrong):
            found.append(
                Flaw(
                    "range",
                    "error",
                    f"{target.name}: {counted(len(wrong), 'samples')} hold a number that is none of the "
                    f"{len(target.classes)} classes, such as {look.named(wrong.tolist())}.",
                    "Classes are numbered from 0.",
                    len(wrong),
                    tuple(wrong.tolist()),
                    target.name,
                    (look.exclude(wrong.tolist(), "samples"),),
                )
            )
    return found


def _classes(look: Look) -> list[tuple[Seen, Array, Array]]:
    """Targets with classes: the column, the class of each sample in a part, and its row."""
    rows = look.rows()
    rows = rows[look.in_parts(rows) != NOWHERE]
    found: list[tuple[Seen, Array, Array]] = []
    for target in look.opened.targets:
        if target.kind == "category" and not target.shape and len(rows):
            words = target.words(rows)
            there = np.array([word is not None for word in words], bool)
            found.append((target, np.array([word for word in words if word is not None]), rows[there]))
    return found


def _weights(look: Look, words: Array, rows: Array, names: Array, counts: Array, rare: Array) -> Fix:
    weights: dict[str, float] = {}
    for name in rare.tolist():
        count = int(counts[names == name][0])
        weight = round(min(MOST_WEIGHT, float(counts.max()) / count), 2)
        weights |= dict.fromkeys(look.opened.keys(rows[words == name].tolist()), weight)
    what = f"{len(rare)} rare classes" if len(rare) > 1 else str(rare[0])
    return Fix(f"Show {what} more often", partial(_weigh, weights))


def _weigh(weights: dict[str, float], project: Any) -> Any:  # noqa: ANN401
    return sample_edits.weigh(project, weights)


def _unseen(look: Look, target: Seen, at: int, names: list[str], rows: Array) -> Flaw:
    listed = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    return Flaw(
        "unseen",
        "error",
        f"{target.name}: {listed} {'is' if len(names) == 1 else 'are'} in the {TITLES[PARTS[at]]} part and "
        "never in training.",
        "It cannot be learned. Split in another way (stratified), or leave these samples out.",
        len(rows),
        tuple(rows.tolist()),
        target.name,
        (*_in_all_parts(look), look.exclude(rows.tolist(), "samples")),
    )


def _in_all_parts(look: Look) -> tuple[Fix, ...]:
    """Split so that every part has its share of each class, where that is switched off."""
    options = values_of(DATA, look.opened.data.options)
    if options["stratify"] or options["split"] not in ("shares", "folds"):
        return ()
    return (Fix("Give every part its share of each class", partial(_with_option, "stratify", True)),)


def _with_option(name: str, value: Value, project: Any) -> Any:  # noqa: ANN401
    return sample_edits.with_option(project, name, value)


def _untested(look: Look, target: Seen, names: list[str], rows: Array) -> Flaw:
    listed = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    verb = "is" if len(names) == 1 else "are"
    return Flaw(
        "unseen",
        "warning",
        f"{target.name}: {listed} {verb} never in the test part.",
        "Nothing is measured about it.",
        len(rows),
        tuple(rows.tolist()),
        target.name,
        _in_all_parts(look),
    )

"""Inputs that give the target away: a single column that alone predicts it."""

from __future__ import annotations

import warnings

import numpy as np

from studio.data.browsing.seen import WORDS, Seen
from studio.data.checks.look import Flaw, Look
from studio.data.raw import Array

SUSPICIOUS = 0.985
"""Score of a single column from which it is too good to be true."""
FOLDS, LEAST = 3, 30
PER_CLASS = 4
"""Leaves of the tree for each class."""
FORGIVING = 100
"""From so many samples on, one that is told wrong does not count: its label may well be what is wrong, and in
a rare class it would weigh too much.
"""


def leaks(look: Look) -> list[Flaw]:
    """Columns whose own small tree predicts the target almost without mistakes, on other samples."""
    inputs = [one for one in look.opened.inputs if one.scalar]
    rows = look.rows(look.bounds.fitted)
    if len(look.opened.inputs) < 2 or len(rows) < LEAST:
        return []
    found: list[Flaw] = []
    for target in look.opened.targets:
        if target.kind != "category" and not target.scalar:
            continue
        truth = _truth(target, rows)
        for at, column in enumerate(inputs):
            look.go_on(at / len(inputs))
            score, apart = single_score(column, rows, truth, target.kind == "category")
            if score >= SUSPICIOUS or apart:
                found.append(_leak(look, column, target, rows, (score, apart)))
    return found


def single_score(column: Seen, rows: Array, truth: Array, classes: bool) -> tuple[float, bool]:
    """How well one column predicts: the mean share of each class told right, or of the variance; and
    whether a single one of many samples is told wrong.
    """
    values = np.nan_to_num(column.numbers(rows), nan=-1e30).astype(np.float64)
    there = np.isfinite(truth)
    values, truth = np.clip(values[there], -1e30, 1e30), truth[there]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _share_right(values, truth) if classes else (_explained(values, truth), False)


def _share_right(values: Array, truth: Array) -> tuple[float, bool]:
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier

    kinds, counts = np.unique(truth, return_counts=True)
    kept = np.isin(truth, kinds[counts >= FOLDS])
    values, truth = values[kept], truth[kept]
    kinds, places, counts = np.unique(truth, return_inverse=True, return_counts=True)
    if len(kinds) < 2:
        return 0.0, False
    model = DecisionTreeClassifier(max_leaf_nodes=max(16, PER_CLASS * len(kinds)), random_state=0)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    told = cross_val_predict(model, values[:, None], truth, cv=folds)
    right = np.bincount(places, weights=told == truth, minlength=len(kinds))
    apart = len(truth) >= FORGIVING and right.sum() == len(truth) - 1 and right.min() > 0
    return float((right / counts).mean()), bool(apart)


def _explained(values: Array, truth: Array) -> float:
    from sklearn.model_selection import KFold, cross_val_score
    from sklearn.tree import DecisionTreeRegressor

    if len(truth) < LEAST or truth.std() == 0:
        return 0.0
    model = DecisionTreeRegressor(max_leaf_nodes=256, min_samples_leaf=3, random_state=0)
    folds = KFold(FOLDS, shuffle=True, random_state=0)
    return float(cross_val_score(model, values[:, None], truth, cv=folds, scoring="r2").mean())


def _truth(target: Seen, rows: Array) -> Array:
    return target.numbers(rows)


def _leak(look: Look, column: Seen, target: Seen, rows: Array, told: tuple[float, bool]) -> Flaw:
    score, apart = told
    if counts_up(column, rows):
        sentence = (
            f"{column.name} only counts the samples, and predicts {target.name} in {score:.1%}: "
            f"the samples are in order of {target.name}{look.looked_at(rows)}."
        )
        hint = "New samples have no such number. Leave it out."
    else:
        what = f"{score:.1%} of the classes" if target.kind == "category" else f"{score:.1%} of the variance"
        what = "all samples but one" if apart else what
        sentence = f"{column.name} alone predicts {target.name}: {what}{look.looked_at(rows)}."
        hint = "Is it known before the target is? If not, leave it out."
    return Flaw("leaks", "warning", sentence, hint, len(rows), (), column.name, look.leave_out([column]))


def counts_up(column: Seen, rows: Array) -> bool:
    """Whether a column is a number that grows from sample to sample."""
    if column.kind in WORDS or column.kind == "time":
        return False
    values = column.numbers(rows)
    if not np.isfinite(values).all():
        return False
    return bool((values == np.round(values)).all() and (np.diff(values) > 0).all())

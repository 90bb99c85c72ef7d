"""Which functions make a metric of a loss in a program: what gathers of every batch, and what finishes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from studio.catalog.metrics import places
from studio.catalog.registry import Compares, Turn
from studio.interchange.program.pieces import metrics as pieces

Function = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Written:
    """A metric in a program: the expressions that gather and that finish, and the functions to copy."""

    gather: str
    finish: str
    functions: tuple[Callable[..., object], ...]


_OF_NUMBERS: Mapping[str, tuple[Function, ...]] = {
    "mae": (pieces.absolute_errors, pieces.mean),
    "mse": (pieces.squared_errors, pieces.mean),
    "rmse": (pieces.squared_errors, pieces.root_of_mean, pieces.mean),
    "r2": (pieces.variances, pieces.explained),
}
_BY_COUNTS: Mapping[str, Function] = {
    "precision": pieces.precision,
    "recall": pieces.recall,
    "f1": pieces.f1,
    "dice": pieces.f1,
    "iou": pieces.iou,
}
_RANKED: Mapping[str, Function] = {
    "auroc": pieces.auroc,
    "average_precision": pieces.average_precision,
}


def written_metric(name: str, compares: Compares, turn: Turn) -> Written:
    """A metric that a loss reports, as a program computes it."""
    if name in _OF_NUMBERS:
        gather, finish, *others = _OF_NUMBERS[name]
        return Written(gather.__name__, finish.__name__, (gather, finish, *others))
    classes, logs = compares == "classes", turn == "exp"
    threshold = "0.0" if turn == "sigmoid" or compares == "signs" else "0.5"
    if name in _BY_COUNTS:
        return _counted(_BY_COUNTS[name], threshold, classes)
    if name in _RANKED:
        of = _RANKED[name]
        found = (
            (pieces.class_shares_of_logs if logs else pieces.class_shares)
            if classes
            else pieces.chance_shares
        )
        return Written(
            found.__name__, f"partial(over_columns, of={of.__name__})", (found, pieces.over_columns, of)
        )
    if name == "perplexity":
        found = pieces.surprise_of_logs if logs else pieces.surprise
        return Written(found.__name__, "exp_of_mean", (found, pieces.mean, pieces.exp_of_mean))
    return _accuracy(name, threshold, classes)


def _counted(finish: Function, threshold: str, classes: bool) -> Written:
    """What is made of counts per class."""
    gather = "class_counts" if classes else _at("chance_counts", threshold)
    counted = pieces.class_counts if classes else pieces.chance_counts
    return Written(gather, finish.__name__, (counted, pieces.macro, finish))


def _accuracy(name: str, threshold: str, classes: bool) -> Written:
    """Accuracy, perhaps within several places."""
    if (count := places(name)) is not None:
        return Written(f"partial(hits_within, places={count})", "mean", (pieces.hits_within, pieces.mean))
    if classes:
        return Written("hits", "mean", (pieces.hits, pieces.mean))
    return Written(_at("yes_or_no", threshold), "mean", (pieces.yes_or_no, pieces.mean))


def _at(function: str, threshold: str) -> str:
    return f"partial({function}, threshold={threshold})"

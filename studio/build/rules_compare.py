"""Checks of what the less common losses compare, and what the checks of all losses share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from studio.build import fixes
from studio.build.plan import Dim, TensorType
from studio.build.site import Site, Tensor
from studio.catalog.registry import Compares
from studio.errors import Fix, Problem
from studio.project.fields import Field

Rule = Callable[[Site, TensorType, TensorType, Tensor], Iterator[Problem]]
"""(site, type of the first tensor, type of the target, the target)"""


def alike(site: Site) -> Iterator[Problem]:
    """Results that are compared with each other have one shape."""
    first = site.tensors[0]
    for other in site.tensors[1:]:
        if (
            first.type
            and other.type
            and other.type.shape != first.type.shape
            and site.layer.compares != "sequence"
        ):
            yield site.problem(
                f"{first.port} and {other.port} must have one shape; they are {first.type} and {other.type}",
                "Take both from layers of one size, or from one layer.",
                other.port,
                *shape_fixes(site, other.type, first.type, other.port),
            )
            return


def variance(site: Site, guess: TensorType) -> Iterator[Problem]:
    """There is one variance for every number predicted."""
    other = site.at("variance")
    if other is not None and other.type is not None and other.type.shape != guess.shape:
        yield site.problem(
            f"the variance must have the prediction's shape, {guess}; it is {other.type}",
            "Two Linear layers of one size, side by side, give mean and variance.",
            "variance",
            *shape_fixes(site, other.type, guess, "variance"),
        )


def not_negative(site: Site, target: Tensor) -> Iterator[Problem]:
    """Counts are 0 or more."""
    field = target.field
    if field is not None and field.low is not None and field.low < 0:
        yield site.problem(
            f"{site.layer.type} takes counts of at least 0; {field.name} goes down to {field.low}",
            "For numbers of any sign take MSE, L1 or Huber.",
            "target",
            *(fixes.retype(site.name, one) for one in ("MSE", "Huber")),
        )


def one_number(site: Site, result: TensorType) -> Problem | None:
    """A loss is one number, whatever the batch."""
    if not result.shape:
        return None
    formula = site.values.get("formula")
    return site.problem(
        f"the formula comes to {result}, not to one number",
        "Put mean(…) or sum(…) around it.",
        "formula",
        *([fixes.set_param(site.name, "formula", f"mean({formula})")] if isinstance(formula, str) else []),
    )


def _signs(site: Site, first: TensorType, truth: TensorType, target: Tensor) -> Iterator[Problem]:
    """Pairs of one shape, and a yes or no for each."""
    second = site.at("second")
    if second is not None and second.type is not None and second.type.shape != first.shape:
        yield site.problem(
            f"first and second must have one shape; they are {first} and {second.type}",
            "Take both from layers of one size, or from one layer.",
            "second",
            *shape_fixes(site, second.type, first, "second"),
        )
        return
    vectors = site.layer.type == "CosineEmbedding"
    if vectors and len(first.shape) != 2:
        yield site.problem(
            f"CosineEmbedding compares vectors, N×D; it gets {first}",
            "Flatten makes a vector of each sample.",
            "first",
            *([fixes.insert("Flatten", site.name, "first")] if len(first.shape) > 2 else []),
        )
        return
    count = class_count(target.field) if target.field else None
    if count is not None and count > 2:
        yield site.problem(
            f"{site.layer.type} takes yes or no; {named(target)} has {count} classes",
            "The target has two classes, or numbers that are 1 for yes and −1 or 0 for no.",
            "target",
        )
        return
    wanted = first.shape[:1] if vectors else first.shape
    if _values(truth.shape) != _values(wanted):
        yield site.problem(
            f"{named(target)} must hold one yes or no for each {'pair' if vectors else 'value'}; "
            f"it is {truth}, {site.tensors[0].port} is {first}",
            "Give the layer before as many outputs as there are targets.",
            site.tensors[0].port,
            *([] if vectors else shape_fixes(site, first, _shaped(truth), site.tensors[0].port)),
        )


def _labels(site: Site, scores: TensorType, truth: TensorType, target: Tensor) -> Iterator[Problem]:
    """A list of classes for each sample, as long as there are classes."""
    if scores.shape != truth.shape or len(scores.shape) != 2:
        yield site.problem(
            f"{site.layer.type} takes N×classes and lists as long of classes; it gets {scores} and {truth}",
            "Lists are filled up with −1. For 0 or 1 for each class take MultiLabelSoftMargin.",
            "prediction",
            *shape_fixes(site, scores, truth),
        )
    elif target.field and target.field.high is not None and _beyond(target.field, scores.shape[1]):
        yield _beyond_problem(site, target.field, scores)


def _distribution(site: Site, guess: TensorType, truth: TensorType, target: Tensor) -> Iterator[Problem]:
    """Shares against shares."""
    field = target.field
    if truth.dtype == "int64":
        yield site.problem(
            f"{site.layer.type} compares shares; {named(target)} holds whole numbers",
            "For one class per sample take NLL after LogSoftmax, or CrossEntropy on what is before it.",
            "target",
            *(fixes.retype(site.name, one) for one in ("NLL", "CrossEntropy")),
        )
    elif guess.shape != truth.shape:
        yield site.problem(
            f"{site.layer.type} needs prediction and target of one shape; they are {guess} and {truth}",
            "There is one share for each class.",
            "prediction",
            *shape_fixes(site, guess, truth),
        )
    elif field and not site.values.get("log_target") and field.low is not None and field.low < 0:
        yield site.problem(
            f"{site.layer.type} takes shares of at least 0; {field.name} goes down to {field.low}",
            "Set log_target if these are logarithms of shares.",
            "log_target",
            fixes.set_param(site.name, "log_target", True),
        )


def _sequence(site: Site, guess: TensorType, truth: TensorType, target: Tensor) -> Iterator[Problem]:
    """Steps of scores against a row of symbols."""
    if len(guess.shape) != 3:
        yield site.problem(
            f"CTC takes N×T×classes: scores at each step; it gets {guess}",
            "A recurrent layer or a convolution over time, then Linear and LogSoftmax, give them.",
            "prediction",
        )
    elif len(truth.shape) != 2:
        yield site.problem(
            f"CTC compares with a row of symbols for each sample, N×S; {named(target)} is {truth}",
            "Short rows are filled up with the blank.",
            "target",
        )
    else:
        yield from _symbols(site, guess, truth, target)


def _symbols(site: Site, guess: TensorType, truth: TensorType, target: Tensor) -> Iterator[Problem]:
    steps, classes, longest, blank = guess.shape[1], guess.shape[2], truth.shape[1], site.values["blank"]
    if isinstance(classes, int) and isinstance(blank, int) and blank >= classes:
        yield site.problem(
            f"the blank is class {blank}; the prediction has the classes 0 to {classes - 1}",
            "The blank is one of the classes.",
            "blank",
            fixes.set_param(site.name, "blank", 0),
        )
    elif target.field and _beyond(target.field, classes):
        yield _beyond_problem(site, target.field, guess)
    elif (
        isinstance(steps, int)
        and isinstance(longest, int)
        and longest > steps
        and not site.values["zero_infinity"]
    ):
        yield site.warning(
            f"a target of {longest} symbols may be longer than the {steps} steps of the prediction",
            "The loss of such a sample is infinite; zero_infinity leaves it out.",
            "zero_infinity",
            fixes.set_param(site.name, "zero_infinity", True),
        )


def _formula(site: Site, guess: TensorType, truth: TensorType, target: Tensor) -> Iterator[Problem]:
    """Prediction and target of a written loss: shapes that differ are stretched over each other."""
    if guess.shape != truth.shape and _values(guess.shape) == _values(truth.shape):
        yield site.problem(
            f"prediction and target hold as many values, but in other shapes: {guess} and {truth}",
            "Shapes that differ would be stretched over each other and wrong values compared.",
            site.tensors[0].port,
            *shape_fixes(site, guess, truth, site.tensors[0].port),
        )
    elif guess.shape != truth.shape and site.values.get("metrics"):
        yield site.problem(
            f"the metrics compare prediction and target of one shape; they are {guess} and {truth}",
            "Report no metrics of this loss.",
            "metrics",
            fixes.set_param(site.name, "metrics", (), "Report no metrics"),
        )
    elif guess.shape != truth.shape:
        yield site.warning(
            f"prediction and target differ in shape: {guess} and {truth}",
            "The smaller is stretched over the larger wherever the formula joins them.",
            site.tensors[0].port,
        )


RULES: Mapping[Compares, Rule] = {
    "signs": _signs,
    "labels": _labels,
    "distribution": _distribution,
    "sequence": _sequence,
    "": _formula,
}


def class_count(field: Field) -> int | None:
    """How many classes a field has, as far as is known."""
    if field.classes is not None:
        return len(field.classes)
    return int(field.high) + 1 if field.high is not None and field.dtype == "int64" else None


def named(target: Tensor) -> str:
    """The target in a message."""
    return target.field.name if target.field else "the target"


def shape_fixes(site: Site, guess: TensorType, truth: TensorType, port: str = "prediction") -> list[Fix]:
    """Reshape where the values are as many; else the number of outputs, or Flatten first."""
    ours, theirs = guess.shape[1:], truth.shape[1:]
    count = _values(theirs)
    if count is None:
        return []
    if _values(ours) == count and theirs:
        sizes = theirs[0] if len(theirs) == 1 else theirs
        label = f"Insert Reshape to {'×'.join(map(str, theirs))}"
        return [fixes.insert("Reshape", site.name, port, {"shape": _ints(sizes)}, label)]
    if _values(ours) == count and len(ours) == 1:
        params = {"dim": 1, "index": 0}
        return [fixes.insert("Select", site.name, port, params, "Insert Select to take the one value")]
    if len(ours) == 1 == len(theirs):
        return [fixes.set_output_size(site.name, port, count)]
    if len(ours) > 1 and len(theirs) == 1:
        return [fixes.insert_head(site.name, port, count)]
    return []


def _beyond(field: Field, classes: object) -> bool:
    return field.high is not None and isinstance(classes, int) and field.high >= classes


def _beyond_problem(site: Site, field: Field, scores: TensorType) -> Problem:
    classes, wanted = scores.shape[-1], int(field.high or 0) + 1
    return site.problem(
        f"{field.name} holds classes up to {wanted - 1}; the prediction ends at {_int(classes) - 1}",
        "There must be one score per class.",
        "prediction",
        fixes.set_output_size(site.name, "prediction", wanted),
    )


def _values(sizes: tuple[object, ...]) -> int | None:
    """How many values there are, the batch left out; None where that is open."""
    result = 1
    for size in sizes:
        if isinstance(size, int):
            result *= size
        elif size != Dim():
            return None
    return result


def _shaped(truth: TensorType) -> TensorType:
    return truth if len(truth.shape) > 1 else TensorType((*truth.shape, 1))


def _ints(sizes: object) -> int | tuple[int, ...]:
    if isinstance(sizes, tuple):
        return tuple(size for size in sizes if isinstance(size, int))
    return _int(sizes)


def _int(size: object) -> int:
    assert isinstance(size, int)
    return size

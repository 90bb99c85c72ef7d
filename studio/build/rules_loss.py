"""Checks of a loss: its target exists, and prediction and target belong together in shape and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from studio.build import fixes
from studio.build.plan import Dim, TensorType
from studio.build.site import Site, Tensor
from studio.errors import Fix, Problem
from studio.project.fields import Field

CLASSES = frozenset({"torch.nn.CrossEntropyLoss", "torch.nn.NLLLoss"})
NUMBERS = frozenset({"torch.nn.MSELoss", "torch.nn.L1Loss", "torch.nn.HuberLoss", "torch.nn.SmoothL1Loss"})
SHARES = frozenset({"torch.nn.BCEWithLogitsLoss", "torch.nn.BCELoss"})

SETTLED = CLASSES | NUMBERS | SHARES
"""Losses about which the checks here leave torch nothing to say."""


def target_field(site: Site) -> Iterator[Problem]:
    """A loss that names a target which the data does not have."""
    target = next((port for port in site.layer.inputs if port.from_option), None)
    if target is None or not site.fields or any(a.edge.target.port == target.name for a in site.arrivals):
        return
    option = target.from_option or ""
    name = str(site.values[option])
    if name in site.fields:
        return
    fitting = suitable_targets(site.layer.target, site.fields)
    ranked = sorted(fitting, key=lambda one: one not in get_close_matches(name, fitting, 3, 0.5))
    yield site.problem(
        f"the data has no field {name} to compare with" if name else "no field to compare with is chosen",
        f"The data has {', '.join(site.fields)}.",
        option,
        *(fixes.set_param(site.name, option, one, f"Compare with {one}") for one in ranked[:3]),
    )


def suitable_targets(target: str | None, fields: Mapping[str, Field]) -> list[str]:
    """Fields that a loss can compare with, targets of the data first."""
    whole = target in CLASSES
    fitting = [one for one in fields.values() if target in SHARES or (one.dtype == "int64") == whole]
    return [one.name for one in sorted(fitting, key=lambda one: one.role != "target")]


def prediction_and_target(site: Site) -> Iterator[Problem]:
    """Shapes, kinds and ranges of prediction and target."""
    prediction, target = site.at("prediction"), site.at("target")
    if site.layer.category != "Loss" or not prediction or not target:
        return
    if prediction.type is None or target.type is None:
        return
    if prediction.type.shape[:1] != (Dim(),):
        yield site.problem(
            f"the prediction has one result per sample first; it is {prediction.type}",
            "Permute, Select or Mean brings it into the form N×….",
            "prediction",
        )
    elif site.layer.target in CLASSES:
        yield from _classes(site, prediction.type, target.type, target)
    else:
        yield from _numbers(site, prediction.type, target.type, target)


def _classes(site: Site, scores: TensorType, truth: TensorType, target: Tensor) -> Iterator[Problem]:
    field = target.field
    if truth.dtype != "int64":
        yield site.problem(
            f"{site.layer.type} compares with classes (whole numbers); {_named(target)} holds {truth.dtype}",
            "For numbers take MSE, L1 or Huber.",
            "target",
            *_better_fields(site),
            *(fixes.retype(site.name, one) for one in ("MSE", "BCEWithLogits")),
        )
    elif len(scores.shape) != len(truth.shape) + 1 or scores.shape[2:] != truth.shape[1:]:
        wanted = "×".join(("N", "classes", *map(str, truth.shape[1:])))
        too_many = len(truth.shape) == 1 and len(scores.shape) > 2
        insert = [fixes.flatten_scores(site.name, "prediction")] if too_many else []
        yield site.problem(
            f"the prediction must be {wanted} for a target of {truth}; it is {scores}",
            "Flatten and Linear give one score per class." if too_many else "One score per class is needed.",
            "prediction",
            *insert,
        )
    elif field is not None:
        yield from _class_count(site, scores, field)


def _class_count(site: Site, scores: TensorType, field: Field) -> Iterator[Problem]:
    count, given = class_count(field), scores.shape[1]
    if count is None or not isinstance(given, int) or given == count:
        return
    classes, outputs = ("class" if count == 1 else "classes"), ("output" if given == 1 else "outputs")
    text = f"{field.name} has {count} {classes}; the prediction has {given} {outputs}"
    fix = fixes.set_output_size(site.name, "prediction", count)
    if given < count:
        yield site.problem(text, "There must be one score per class.", "prediction", fix)
    else:
        yield site.warning(text, "Some outputs stand for no class.", "prediction", fix)


def class_count(field: Field) -> int | None:
    """How many classes a field has, as far as is known."""
    if field.classes is not None:
        return len(field.classes)
    return int(field.high) + 1 if field.high is not None and field.dtype == "int64" else None


def _numbers(site: Site, guess: TensorType, truth: TensorType, target: Tensor) -> Iterator[Problem]:
    if truth.dtype == "int64":
        yield from _indices(site, guess, truth, target)
        return
    if guess.shape != truth.shape:
        yield site.problem(
            f"{site.layer.type} needs prediction and target of one shape; they are {guess} and {truth}",
            "Shapes that differ would be stretched over each other and wrong values compared.",
            "prediction",
            *_shape_fixes(site, guess, truth),
        )
        return
    field = target.field
    if site.layer.target in SHARES and field and _outside(field):
        yield site.problem(
            f"{site.layer.type} takes targets from 0 to 1; {field.name} has {field.low} to {field.high}",
            "For numbers take MSE, L1 or Huber.",
            "target",
            *(fixes.retype(site.name, one) for one in ("MSE", "Huber")),
        )


def _outside(field: Field) -> bool:
    return (field.low is not None and field.low < 0) or (field.high is not None and field.high > 1)


def _indices(site: Site, guess: TensorType, truth: TensorType, target: Tensor) -> Iterator[Problem]:
    """Class indices against a loss for numbers: only 0 and 1 make sense, as yes and no."""
    count = class_count(target.field) if target.field else None
    if site.layer.target not in SHARES or (count is not None and count > 2):
        has = f"{count} classes" if count else "whole numbers"
        yield site.problem(
            f"{site.layer.type} compares numbers; {_named(target)} holds {has}",
            "For classes take CrossEntropy, with one output per class.",
            "target",
            fixes.retype(site.name, "CrossEntropy"),
            *_better_fields(site),
        )
    elif guess.shape not in (truth.shape, (*truth.shape, 1)):
        yield site.problem(
            f"the prediction must be {truth}×1, a score for yes; it is {guess}",
            "For one score per class take CrossEntropy.",
            "prediction",
            *_shape_fixes(site, guess, TensorType((*truth.shape, 1))),
            fixes.retype(site.name, "CrossEntropy"),
        )


def _shape_fixes(site: Site, guess: TensorType, truth: TensorType) -> list[Fix]:
    """Reshape where the values are as many; else the number of outputs, or Flatten first."""
    ours, theirs = guess.shape[1:], truth.shape[1:]
    count = _product(theirs)
    if count is None:
        return []
    if _product(ours) == count and theirs:
        sizes = theirs[0] if len(theirs) == 1 else theirs
        label = f"Insert Reshape to {'×'.join(map(str, theirs))}"
        return [fixes.insert("Reshape", site.name, "prediction", {"shape": _ints(sizes)}, label)]
    if _product(ours) == count and len(ours) == 1:
        params = {"dim": 1, "index": 0}
        return [
            fixes.insert("Select", site.name, "prediction", params, "Insert Select to take the one value")
        ]
    if len(ours) == 1 == len(theirs):
        return [fixes.set_output_size(site.name, "prediction", count)]
    if len(ours) > 1 and len(theirs) == 1:
        return [fixes.insert_head(site.name, "prediction", count)]
    return []


def _product(sizes: tuple[object, ...]) -> int | None:
    result = 1
    for size in sizes:
        if not isinstance(size, int):
            return None
        result *= size
    return result


def _ints(sizes: object) -> int | tuple[int, ...]:
    if isinstance(sizes, tuple):
        return tuple(size for size in sizes if isinstance(size, int))
    assert isinstance(sizes, int)
    return sizes


def _named(target: Tensor) -> str:
    return target.field.name if target.field else "the target"


def _better_fields(site: Site) -> list[Fix]:
    wired = any(arrival.edge.target.port == "target" for arrival in site.arrivals)
    if wired or not site.fields:
        return []
    targets = [n for n in suitable_targets(site.layer.target, site.fields) if site.fields[n].role == "target"]
    return [fixes.set_param(site.name, "target", one, f"Compare with {one}") for one in targets[:2]]

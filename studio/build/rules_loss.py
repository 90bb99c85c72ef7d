"""Checks of a loss: its target exists, and prediction and target belong together in shape and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from studio.build import fixes, rules_compare
from studio.build.plan import Dim, TensorType
from studio.build.rules_compare import class_count as class_count
from studio.build.rules_compare import named, shape_fixes
from studio.build.site import Site, Tensor
from studio.catalog.registry import Layer
from studio.errors import Fix, Problem
from studio.project.fields import Field

FOR_CLASSES = "For classes take CrossEntropy, with one output per class."


def target_field(site: Site) -> Iterator[Problem]:
    """A loss that names a target which the data does not have."""
    target = next((port for port in site.layer.inputs if port.from_option), None)
    if target is None or not site.fields or any(a.edge.target.port == target.name for a in site.arrivals):
        return
    option = target.from_option or ""
    name = str(site.values[option])
    if name in site.fields:
        return
    fitting = suitable_targets(site.layer, site.fields)
    ranked = sorted(fitting, key=lambda one: one not in get_close_matches(name, fitting, 3, 0.5))
    yield site.problem(
        f"the data has no field {name} to compare with" if name else "no field to compare with is chosen",
        f"The data has {', '.join(site.fields)}.",
        option,
        *(fixes.set_param(site.name, option, one, f"Compare with {one}") for one in ranked[:3]),
    )


def suitable_targets(layer: Layer | None, fields: Mapping[str, Field]) -> list[str]:
    """Fields that a loss can compare with, targets of the data first."""
    compares = layer.compares if layer else ""
    either = compares in ("chances", "counts", "signs", "labels", "sequence", "")
    fitting = [one for one in fields.values() if either or (one.dtype == "int64") == (compares == "classes")]
    return [one.name for one in sorted(fitting, key=lambda one: one.role != "target")]


def prediction_and_target(site: Site) -> Iterator[Problem]:
    """Shapes, kinds and ranges of what a loss compares."""
    if site.layer.category != "Loss" or any(one.type is None for one in site.tensors):
        return
    for tensor in site.tensors:
        if tensor.type is not None and tensor.type.shape[:1] != (Dim(),):
            yield site.problem(
                f"the {tensor.port} has one result per sample first; it is {tensor.type}",
                "Permute, Select or Mean brings it into the form N×….",
                tensor.port,
            )
            return
    prediction, target = site.tensors[0], site.at("target")
    if target is None or prediction.type is None or target.type is None:
        yield from rules_compare.alike(site)
    elif site.layer.compares == "classes":
        yield from _classes(site, prediction.type, target.type, target)
    elif site.layer.compares in rules_compare.RULES:
        yield from rules_compare.RULES[site.layer.compares](site, prediction.type, target.type, target)
    else:
        yield from _numbers(site, prediction.type, target.type, target)


def _classes(site: Site, scores: TensorType, truth: TensorType, target: Tensor) -> Iterator[Problem]:
    field = target.field
    if truth.dtype != "int64":
        yield site.problem(
            f"{site.layer.type} compares with classes (whole numbers); {named(target)} holds {truth.dtype}",
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
    else:
        yield from _class_weights(site, scores)
        if field is not None:
            yield from _class_count(site, scores, field)


def _class_weights(site: Site, scores: TensorType) -> Iterator[Problem]:
    given, classes = site.values.get("class_weights"), scores.shape[1]
    count = len(given.split(",")) if isinstance(given, str) and given not in ("", "balanced") else classes
    if isinstance(classes, int) and count != classes:
        yield site.problem(
            f"there are {count} class weights for {classes} classes",
            "Give one number for each class, with commas between, or balanced.",
            "class_weights",
            fixes.set_param(site.name, "class_weights", "balanced"),
        )


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


def _numbers(site: Site, guess: TensorType, truth: TensorType, target: Tensor) -> Iterator[Problem]:
    if truth.dtype == "int64":
        yield from _indices(site, guess, truth, target)
        return
    if site.layer.compares == "counts":
        yield from rules_compare.not_negative(site, target)
    yield from rules_compare.variance(site, guess)
    if guess.shape != truth.shape:
        yield site.problem(
            f"{site.layer.type} needs prediction and target of one shape; they are {guess} and {truth}",
            "Shapes that differ would be stretched over each other and wrong values compared.",
            "prediction",
            *shape_fixes(site, guess, truth),
        )
        return
    field = target.field
    if site.layer.compares == "chances" and field and _outside(field):
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
    counts = site.layer.compares == "counts"
    if not counts and (site.layer.compares != "chances" or (count is not None and count > 2)):
        has = f"{count} classes" if count else "whole numbers"
        yield site.problem(
            f"{site.layer.type} compares numbers; {named(target)} holds {has}",
            FOR_CLASSES,
            "target",
            fixes.retype(site.name, "CrossEntropy"),
            *_better_fields(site),
        )
    elif guess.shape not in (truth.shape, (*truth.shape, 1)):
        yield site.problem(
            f"the prediction must be {truth}×1, {'a number' if counts else 'a score for yes'}; it is {guess}",
            "For one score per class take CrossEntropy.",
            "prediction",
            *shape_fixes(site, guess, TensorType((*truth.shape, 1))),
            fixes.retype(site.name, "CrossEntropy"),
        )


def _better_fields(site: Site) -> list[Fix]:
    wired = any(arrival.edge.target.port == "target" for arrival in site.arrivals)
    if wired or not site.fields:
        return []
    targets = [n for n in suitable_targets(site.layer, site.fields) if site.fields[n].role == "target"]
    return [fixes.set_param(site.name, "target", one, f"Compare with {one}") for one in targets[:2]]

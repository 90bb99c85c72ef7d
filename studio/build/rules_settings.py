"""Checks of the settings of data and training, as far as they can be told without reading the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from math import prod

from studio.build import fixes
from studio.build.plan import Step
from studio.build.whole import Whole
from studio.catalog.registry import Component, Kind, checked_values
from studio.catalog.settings import DATA, TRAINING
from studio.errors import Fix, Problem
from studio.project import edits
from studio.project.params import Param, Value, shown
from studio.project.project import Project, Setting


def wrong_options(whole: Whole) -> Iterator[Problem]:
    """An option of the data or the training out of its bounds, or one that does not exist."""
    project = whole.project
    yield from _options("data", DATA, project.data.options)
    yield from _options("training", TRAINING, project.training.options)


def _options(part: str, params: tuple[Param, ...], given: Mapping[str, Value]) -> Iterator[Problem]:
    _, wrong = checked_values(params, given)
    known = {param.name: param for param in params}
    for name, text in wrong.items():
        param = known[name]
        label = f"Set {name} back to {shown(param.default)}"
        fix = Fix(label, lambda project, name=name: _without_option(project, part, name))
        yield Problem("error", f"{part}: {text}", param.doc + ".", None, f"{part}.{name}", (fix,))
    for name in given:
        if name not in known:
            fix = Fix(f"Remove {name}", lambda project, name=name: _without_option(project, part, name))
            near = get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]}?" if near else "It has no effect."
            text = f"{part}: there is no setting {name}"
            yield Problem("warning", text, hint, None, f"{part}.{name}", (fix,))


def _without_option(project: Project, part: str, name: str) -> Project:
    if part == "data":
        kept = {key: value for key, value in project.data.options.items() if key != name}
        return replace(project, data=replace(project.data, options=kept))
    kept = {key: value for key, value in project.training.options.items() if key != name}
    return replace(project, training=replace(project.training, options=kept))


def wrong_components(whole: Whole) -> Iterator[Problem]:
    """An unknown optimizer or schedule, or a parameter of one out of its bounds."""
    training = whole.project.training
    yield from _component(whole, "optimizer", training.optimizer)
    yield from _component(whole, "schedule", training.schedule)


def _component(whole: Whole, kind: Kind, setting: Setting) -> Iterator[Problem]:
    component = whole.registry.component(kind, setting.type)
    if component is None:
        offered = [one.type for one in whole.registry.components(kind)]
        near = get_close_matches(setting.type, offered, 1, 0.4) or offered[:1]
        yield Problem(
            "error",
            f"training: there is no {kind} called {setting.type}",
            f"Choose one of {', '.join(offered)}.",
            None,
            f"training.{kind}",
            tuple(_choose(kind, one) for one in near),
        )
        return
    yield from _component_values(kind, component, setting)


def _component_values(kind: Kind, component: Component, setting: Setting) -> Iterator[Problem]:
    _, wrong = checked_values(component.params, setting.params)
    for name, text in wrong.items():
        kept = {key: value for key, value in setting.params.items() if key != name}
        fix = Fix(f"Set {name} back to its default", _setter(kind, replace(setting, params=kept)))
        message = f"training: {component.type}: {text}"
        doc = next(param.doc for param in component.params if param.name == name)
        yield Problem("error", message, f"{doc}.", None, f"training.{kind}.{name}", (fix,))


def _choose(kind: Kind, type: str) -> Fix:
    return Fix(f"Choose {type}", _setter(kind, Setting(type)))


def _setter(kind: Kind, setting: Setting) -> Callable[[Project], Project]:
    set_one = edits.set_optimizer if kind == "optimizer" else edits.set_schedule
    return lambda project: set_one(project, setting)


def batch_larger_than_part(whole: Whole) -> Iterator[Problem]:
    """A batch that is never full."""
    values, wrong = checked_values(TRAINING, whole.project.training.options)
    size, samples = values["batch_size"], whole.parts.get("train", 0)
    if "batch_size" in wrong or not samples or not isinstance(size, int) or size <= samples:
        return
    part = "1 sample" if samples == 1 else f"{samples} samples"
    yield Problem(
        "warning",
        f"training: a batch of {size} is larger than the training part of {part}",
        "Every epoch is then a single step.",
        None,
        "training.batch_size",
        (fixes.set_training("batch_size", max(1, min(64, samples // 10))),),
    )


def batch_of_one(whole: Whole) -> Iterator[Problem]:
    """One sample a step where a layer compares the samples of a batch with each other."""
    alone = whole.parts.get("train") == 1
    if not alone and whole.project.training.options.get("batch_size") != 1:
        return
    for step in whole.plan.every_step():
        sizes = step.inputs[0].at(1) if step.inputs else ()
        if "BatchNorm" in step.layer.type and prod(sizes[2:]) == 1:
            yield _too_few_for(step, alone)
            return


def _too_few_for(step: Step, alone: bool) -> Problem:
    need = f"too few for {step.name}: {step.layer.type} needs several"
    other = "LayerNorm, which looks at each sample by itself"
    if alone:
        hint = f"Take more data, lower the shares of validation and test, or take {other}."
        return Problem("error", f"data: one sample to train on is {need}", hint, None, "data.source")
    return Problem(
        "error",
        f"training: one sample a step is {need}",
        f"Take a larger batch, or {other}.",
        None,
        "training.batch_size",
        (fixes.set_training("batch_size", 2),),
    )


def no_data(whole: Whole) -> Iterator[Problem]:
    """A drawing with a loss but without data."""
    told = any(problem.field and problem.field.startswith("data") for problem in whole.problems)
    if whole.plan.losses and whole.fields is not None and not whole.fields and not told:
        yield Problem(
            "warning",
            "There is no data to train on",
            "Choose where the samples come from in the data settings.",
            None,
            "data.source",
        )

"""Doubts about settings that are allowed and yet keep a training from doing what it should."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from studio.build import fixes
from studio.build.whole import Whole
from studio.catalog.metrics import reported_names
from studio.catalog.registry import Kind, checked_values
from studio.catalog.settings import DATA, TRAINING
from studio.errors import Fix, Problem
from studio.project import edits
from studio.project.params import Value
from studio.project.project import Project, Setting

MANY = 300
"""Parameters for each sample that are far too many."""
FEW = 10_000
"""Samples from which on nobody counts them as few."""


def _training(whole: Whole) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of the training, and what the optimizer is set to; defaults stand in for wrong ones."""
    training = whole.project.training
    options, _ = checked_values(TRAINING, training.options)
    return options, _set(whole, "optimizer", training.optimizer)


def _set(whole: Whole, kind: Kind, setting: Setting) -> dict[str, Any]:
    component = whole.registry.component(kind, setting.type)
    return checked_values(component.params, setting.params)[0] if component else {}


def _doubt(field: str, message: str, hint: str, *fixes: Fix) -> Problem:
    return Problem("warning", f"training: {message}", hint, None, f"training.{field}", fixes)


def standing_still(whole: Whole) -> Iterator[Problem]:
    """A learning rate or a limit of the gradient of 0: no step changes anything."""
    options, optimizer = _training(whole)
    kind = whole.project.training.optimizer
    if optimizer.get("lr") == 0:
        kept = {name: value for name, value in kind.params.items() if name != "lr"}
        label = "Set lr back to its default"
        yield _doubt(
            "optimizer.lr",
            f"{kind.type}: with a rate of 0 nothing is ever learned",
            "Usual rates are 0.0001 to 0.1.",
            Fix(label, lambda project: edits.set_optimizer(project, Setting(kind.type, kept))),
        )
    if options["clip_norm"] == 0:
        yield _doubt(
            "clip_norm",
            "a gradient clipped to 0 teaches nothing",
            "Leave it empty for no limit; a usual limit is 1.",
            fixes.set_training("clip_norm", 1.0),
            fixes.set_training("clip_norm", None),
        )


def vain_patience(whole: Whole) -> Iterator[Problem]:
    """A patience that can never run out, or that has no validation to judge by."""
    options, _ = _training(whole)
    patience, epochs = options["patience"], options["epochs"]
    if patience is None or options["validate_steps"] is not None:
        return
    if patience >= epochs:
        yield _doubt(
            "patience",
            f"a patience of {patience} never runs out in {_epochs(epochs)}",
            "It stops the training after so many epochs without a better validation.",
            *([fixes.set_training("patience", max(1, epochs // 3))] if epochs > 1 else []),
            fixes.set_training("patience", None),
            fixes.set_training("epochs", 3 * patience),
        )
    elif whole.project.data.options.get("validation") == 0:
        yield _doubt(
            "patience",
            "patience has no validation loss to judge by",
            "The share of validation is 0.",
            _validated(),
            fixes.set_training("patience", None),
        )


def unknown_judge(whole: Whole) -> Iterator[Problem]:
    """A metric to judge epochs by that no loss reports."""
    options, _ = _training(whole)
    wanted, known = str(options["best_by"]), reported_names(whole.plan.losses)
    if not whole.plan.losses or wanted in ("", *known):
        return
    if any(wanted.startswith(f"{name} (") for name in known):  # told in units that only the data know
        return
    near = get_close_matches(wanted, known, 1, 0.4)
    yield Problem(
        "error",
        f"training: no loss reports {wanted}, by which epochs are to be judged",
        f"There are: {', '.join(known)}. Others can be chosen as metrics of a loss.",
        None,
        "training.best_by",
        tuple(fixes.set_training("best_by", one) for one in dict.fromkeys((*near, "loss"))),
    )


def unfit_precision(whole: Whole) -> Iterator[Problem]:
    """float16 where it cannot be computed in, or where nothing is gained by it."""
    options, _ = _training(whole)
    if options["precision"] != "float16":
        return
    better = (fixes.set_training("precision", "bfloat16"), fixes.set_training("precision", "float32"))
    if whole.project.training.optimizer.type == "LBFGS":
        yield Problem(
            "error",
            "training: LBFGS cannot compute in float16",
            "It compares losses that are too close to each other.",
            None,
            "training.precision",
            better,
        )
    elif options["device"] == "cpu":
        yield _doubt(
            "precision",
            "float16 is slow on the CPU, and some layers cannot be computed in it there",
            "bfloat16 has the range of float32 and needs no scaled gradients.",
            *better,
        )


def mean_of_one(whole: Whole) -> Iterator[Problem]:
    """A mean over the ends of epochs that begins in none of them."""
    options, _ = _training(whole)
    if options["average"] == "swa" and options["epochs"] == 1:
        yield _doubt(
            "average",
            "a mean over the ends of epochs takes more than one epoch",
            "With one it is the weights at its end.",
            fixes.set_training("average", "ema"),
            fixes.set_training("epochs", 10),
        )


def _validated() -> Fix:
    share: Value = next(param.default for param in DATA if param.name == "validation")
    return Fix(f"Set validation to {share}", lambda project: edits.set_data(project, validation=share))


def vain_schedule(whole: Whole) -> Iterator[Problem]:
    """A schedule whose first change comes after the last epoch, or whose warm-up takes them all."""
    setting = whole.project.training.schedule
    values = _set(whole, "schedule", setting)
    epochs: int = _training(whole)[0]["epochs"]
    every, warmup = values.get("every"), values.get("warmup")
    if isinstance(every, int) and every >= epochs > 1:
        yield _doubt(
            "schedule.every",
            f"{setting.type}: the rate changes every {every} epochs, and there are {epochs}",
            "It then never changes.",
            _scheduled(setting, "every", max(1, epochs // 3)),
            fixes.set_training("epochs", 3 * every),
        )
    if isinstance(warmup, int | float) and warmup >= epochs:
        yield _doubt(
            "schedule.warmup",
            f"{setting.type}: the rate rises for {warmup:g} epochs, and there are {epochs}",
            "It then never reaches what was set.",
            _scheduled(setting, "warmup", max(0.1, round(epochs / 10, 1))),
        )


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"


def _scheduled(setting: Setting, name: str, value: Value) -> Fix:
    def edit(project: Project) -> Project:
        return edits.set_schedule(project, Setting(setting.type, {**setting.params, name: value}))

    return Fix(f"Set {name} to {value}", edit)


def too_many_parameters(whole: Whole) -> Iterator[Problem]:
    """Far more to learn than there is to learn from, but for random data, which is there for a try."""
    if whole.project.data.source.type == "Random":
        return
    samples = whole.parts.get("train", 0)
    total = sum(cost.parameters for cost in whole.costs.values())
    if not whole.plan.losses or not 0 < samples < FEW or total < MANY * samples:
        return
    share = MANY * samples / total
    ranked = sorted(whole.costs, key=lambda one: -whole.costs[one].parameters)
    name, largest = ranked[0], whole.costs[ranked[0]].parameters
    steps = {step.name: step for step in whole.plan.steps}
    smaller = (fix for one in ranked[:3] if one in steps for fix in _smaller(one, steps[one].kwargs, share))
    yield Problem(
        "warning",
        f"{name}: the network has {total:,} parameters for {samples:,} samples, {largest:,} of them here",
        "It can learn every sample by heart and then says little about others. Make it smaller, pool before "
        "it, or take more data.",
        name,
        None,
        (*smaller, fixes.pool_before(name, "input")),
    )


def _smaller(name: str, kwargs: Mapping[str, Any], share: float) -> Iterator[Fix]:
    """Fewer outputs of a large layer; a last resort where hardly any would be left."""
    size = next((one for one in fixes.SIZES if isinstance(kwargs.get(one), int)), None)
    if size is None:
        return
    wide = int(kwargs[size])
    narrower = int(wide * share * 0.8)
    if narrower >= 4:
        width = 1 << (narrower.bit_length() - 1)
        yield fixes.set_param(
            name, size, width, f"Set {size} of {name} to {width}", int(16 * width < wide) * 2
        )

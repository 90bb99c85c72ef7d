"""Everything a run works with, made ready from its job: plan, network, data, optimizer, schedule, place."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import torch
from torch import Tensor

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Checked, LossStep, Plan
from studio.build.requirements import settled
from studio.catalog.registry import checked_values
from studio.catalog.settings import TRAINING
from studio.data.augment.running import Augmenter
from studio.data.prepare import Prepared, prepare
from studio.errors import StudioError
from studio.train.balance import balanced, target_field
from studio.train.devices import choose_device, choose_threads
from studio.train.failures import TrainingError, failing_node
from studio.train.job import Job
from studio.train.metrics.own_units import OwnUnits, own_units
from studio.train.objective import Ledger, NodeError, Objective, Outcome
from studio.train.samples import Batch, Samples, batch_sizes
from studio.train.schedule import Schedule, make_schedule
from studio.train.seeding import seed_all
from studio.train.updates import Search, Update, make_update, optimizer_values, roles_of

MOST_WORKERS = 8


@dataclass
class Place:
    """How far a run has come: whole epochs, steps within the next and in all, and the best epoch so far.

    `ranked` are the loss and the number of the best epochs, the best first, where several are kept.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    best: float | None = None
    best_epoch: int = 0
    waited: int = 0
    ranked: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])


@dataclass
class Work:
    """A run made ready."""

    job: Job
    options: Mapping[str, Any]
    plan: Plan
    prepared: Prepared
    device: torch.device
    threads: int
    network: Network
    objective: Objective
    ledger: Ledger
    parts: Mapping[str, Samples]
    sizes: list[int]
    schedule: Schedule
    rate: float
    units: Mapping[str, OwnUnits] = field(default_factory=dict)
    place: Place = field(default_factory=Place)
    update: Update | Search | None = None
    trained: dict[str, Tensor] = field(default_factory=dict)
    best_weights: dict[str, Tensor] = field(default_factory=dict)
    last_loss: float | None = None
    unshown: list[float] = field(default_factory=list)
    last_rate: float = 0.0
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def epochs(self) -> int:
        """Epochs in all."""
        return int(self.options["epochs"])

    @property
    def latest_loss(self) -> float | None:
        """The last training loss that was read."""
        return self.unshown[-1] if self.unshown else self.last_loss

    @property
    def batch_size(self) -> int:
        """Samples of a step."""
        return int(self.options["batch_size"])

    def learning_rate(self) -> float:
        """The rate of the next step."""
        return self.rate * self.schedule(self.place.epoch + 1, self.place.step)

    def step(self, batch: Batch, count: int) -> None:
        """Train on a batch of so many samples."""
        outcome = self.outcome(batch)
        if self.update is None:
            gradients = self._first_gradients(outcome.total)
        else:
            gradients = torch.autograd.grad(outcome.total, self._parameters)
        self._apply(gradients, outcome.total, batch)
        self.ledger.add(outcome, count)
        self.place.step += 1
        self.place.batch += 1

    def close(self) -> None:
        """End the processes that make samples."""
        for one in self.parts.values():
            one.close()

    def outcome(self, batch: Batch) -> Outcome:
        """The losses of a batch; an exception names its node."""
        try:
            return self.objective(batch)
        except NodeError:
            raise
        except Exception as error:
            node = failing_node(error, self.network)
            if node is None:
                raise
            raise NodeError(node) from error

    def prepare_update(self, names: Sequence[str]) -> Update | Search:
        """Make the optimizer over the parameters that have a gradient; the drawing may leave some without."""
        known = dict(self.network.named_parameters())
        self.trained = {name: known[name] for name in names}
        self._parameters = list(self.trained.values())
        self._strides = [one.stride() for one in self._parameters]
        setting, roles = self.job.project.training.optimizer, roles_of(self.network)
        self.update = make_update(setting, self.trained, roles, bool(self.options["decay_all"]))
        return self.update

    def _first_gradients(self, total: Tensor) -> tuple[Tensor, ...]:
        if not total.requires_grad:
            message = "No layer that leads to a loss has anything to learn."
            hint = "Add a layer with weights, such as Linear, before the loss"
            frozen = any(not one.requires_grad for one in self.network.parameters())
            raise TrainingError(message, f"{hint}, or switch off freeze." if frozen else f"{hint}.")
        named = {name: one for name, one in self.network.named_parameters() if one.requires_grad}
        gradients = cast(
            Sequence[Tensor | None], torch.autograd.grad(total, list(named.values()), allow_unused=True)
        )
        found = {name: one for name, one in zip(named, gradients, strict=True) if one is not None}
        self.prepare_update(list(found))
        return tuple(found.values())

    def _apply(self, gradients: Sequence[Tensor], loss: Tensor, batch: Batch) -> None:
        """Take the step; some optimizers compute the loss of the batch again on the way."""
        self.last_rate = self.learning_rate()
        if isinstance(self.update, Search):
            self.update.search(loss, self._laid(gradients), lambda: self._again(batch), self.last_rate)
        else:
            assert self.update is not None
            self.update(self._laid(gradients), self.last_rate)

    def _again(self, batch: Batch) -> tuple[Tensor, list[Tensor]]:
        total = self.outcome(batch).total
        return total, self._laid(torch.autograd.grad(total, self._parameters))

    def _laid(self, gradients: Sequence[Tensor]) -> list[Tensor]:
        """Gradients clipped, and lying in memory as parameters do: the kernels read both in order."""
        laid = [
            one if one.stride() == stride else torch.empty_like(parameter).copy_(one)
            for one, stride, parameter in zip(gradients, self._strides, self._parameters, strict=True)
        ]
        if self.options["clip_norm"] is not None:
            laid = clipped(laid, float(self.options["clip_norm"]))
        return laid


def clipped(gradients: list[Tensor], most: float) -> list[Tensor]:
    """Gradients scaled so that their common norm is at most `most`, as torch.nn.utils.clip_grad_norm_."""
    norms = torch.stack(torch._foreach_norm(gradients))  # pyright: ignore
    factor = (most / (torch.linalg.vector_norm(norms) + 1e-6)).clamp(max=1.0)
    return list(torch._foreach_mul(gradients, factor))  # pyright: ignore


def make_ready(job: Job) -> Work:
    """Check, read the data, and build. Raises StudioError with what is wrong."""
    options = _options(job)
    prepared = prepare(job.project.data, job.folder)
    checked = _checked(job, prepared)
    plan = balanced(checked.plan, prepared.parts["train"].tensors)
    device = choose_device(str(options["device"]))
    threads = choose_threads(
        int(options["threads"]), checked.total.multiply_adds * int(options["batch_size"])
    )
    torch.set_num_threads(threads)
    fields = needed_fields(plan)
    _check_values(plan, prepared, fields)
    seed_all(int(options["seed"]))
    network = Network(plan).to(device)
    workers = _workers(job.project.data.options.get("workers"))
    changes = {"train": augmenter(prepared, plan)}
    parts = {
        name: Samples(part, fields, device, workers, changes.get(name))
        for name, part in prepared.parts.items()
    }
    units = own_units(plan, prepared.ways)
    sizes = batch_sizes(parts["train"].seen, int(options["batch_size"]), network)
    training = job.project.training
    return Work(
        job=job,
        options=options,
        plan=plan,
        prepared=prepared,
        device=device,
        threads=threads,
        network=network,
        objective=Objective(plan, network),
        ledger=Ledger(plan, units),
        units=units,
        parts=parts,
        sizes=sizes,
        schedule=make_schedule(training.schedule, int(options["epochs"]), len(sizes)),
        rate=float(optimizer_values(training.optimizer)["lr"]),
    )


def augmenter(prepared: Prepared, plan: Plan) -> Augmenter | None:
    """What changes the training batches at random; None where nothing does."""
    if not prepared.augment:
        return None
    widths = {
        field: loss.inputs[0].shape[1]
        for loss in plan.losses
        if (field := target_field(plan, loss)) is not None and len(loss.inputs[0].shape) > 1
    }
    classes = {field: width for field, width in widths.items() if isinstance(width, int)}
    return Augmenter(prepared.fields, prepared.augment, classes)


def _workers(chosen: object) -> int:
    """Processes that read files ahead: as set, else one less than there are cores."""
    return chosen if isinstance(chosen, int) else max(1, min((os.cpu_count() or 2) - 1, MOST_WORKERS))


def needed_fields(plan: Plan) -> list[str]:
    """The fields that a step of training takes."""
    compared = [field for loss in plan.losses for field in loss.fields]
    return list(dict.fromkeys([*(step.field for step in plan.inputs), *compared]))


def _options(job: Job) -> dict[str, Any]:
    options, wrong = checked_values(TRAINING, job.project.training.options)
    for message in wrong.values():
        raise StudioError(f"{message}.", "Correct it in the training settings.")
    return options


def _checked(job: Job, prepared: Prepared) -> Checked:
    sizes = {name: len(part) for name, part in prepared.parts.items()}
    checker = Checker()
    checked = checker.check(job.project, prepared.fields, parts=sizes)
    if not checked.errors and any(step.type.open for step in checked.plan.inputs):
        checked = checker.check(settled(job.project, prepared.fields), prepared.fields, parts=sizes)
    if checked.errors:
        first = checked.errors[0]
        node = ".".join((*first.path, first.node)) if first.node else None
        raise TrainingError(first.message, first.hint, node)
    if not checked.plan.losses:
        raise TrainingError(
            "The drawing has no loss.", "Add a loss, such as CrossEntropy, and wire the prediction to it."
        )
    return checked


def _check_values(plan: Plan, prepared: Prepared, fields: Sequence[str]) -> None:
    """Values that would spoil training without a word, or stop it with an obscure one."""
    for name, part in prepared.parts.items():
        for key in fields:
            tensor = part.tensors.get(key)
            if tensor is None:  # it comes batch by batch; the loss tells
                continue
            if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
                bad = ~tensor.isfinite().reshape(len(tensor), -1).all(1)
                row = int(part.rows[int(bad.nonzero()[0])])
                message = (
                    f"The field {key} holds values that are no numbers, first in sample {row} ({name} part)."
                )
                raise TrainingError(message, "Replace or leave out these samples.")
        for loss in plan.losses:
            _check_classes(loss, plan, part.tensors, part.rows, name)
    for loss in plan.losses:
        _check_several(loss, plan, prepared)


def _check_classes(loss: LossStep, plan: Plan, tensors: Mapping[str, Tensor], rows: Any, part: str) -> None:  # noqa: ANN401
    field = target_field(plan, loss)
    if field is None or loss.layer.compares != "classes" or not len(rows):
        return
    if field not in tensors:
        return
    classes, labels = loss.inputs[0].shape[1], tensors[field]
    wrong = (labels < 0) | (labels >= int(str(classes)))
    wrong &= labels != loss.kwargs.get("ignore_index", -100)
    if bool(wrong.any()):
        at = int(wrong.reshape(len(labels), -1).any(1).nonzero()[0])
        message = (
            f"{loss.name}: the field {field} has the class {int(labels[wrong][0])} in sample {int(rows[at])} "
            f"({part} part), and the prediction has places for the classes 0 to {int(str(classes)) - 1}."
        )
        raise TrainingError(
            message, "Make the last layer as wide as there are classes, or correct the labels.", loss.name
        )


def _check_several(loss: LossStep, plan: Plan, prepared: Prepared) -> None:
    """Where all samples of the training part are of one class, a network is soon right and has learned
    nothing.
    """
    field = target_field(plan, loss)
    labels = prepared.parts["train"].tensors.get(field or "") if loss.layer.compares == "classes" else None
    if labels is None or len(labels) < 2 or not bool((labels == labels.flatten()[0]).all()):
        return
    at, classes = int(labels.flatten()[0]), prepared.fields[str(field)].classes or ()
    value = f", {classes[at]}" if 0 <= at < len(classes) else ""
    raise TrainingError(
        f"{loss.name}: all {len(labels):,} samples of the training part are of one class of {field}{value}.",
        "There is nothing to learn: choose another target, bring other samples, or split in another way.",
        loss.name,
    )

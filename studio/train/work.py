"""Everything a run works with, made ready from its job: plan, network, data, optimizer, schedule, place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Checked, Plan
from studio.build.requirements import settled
from studio.catalog.registry import checked_values
from studio.catalog.settings import TRAINING
from studio.data.augment.running import Augmenter
from studio.data.prepare import Prepared, prepare
from studio.errors import StudioError
from studio.train.averaging import Average, make_average
from studio.train.balance import balanced, target_field
from studio.train.devices import choose_device, choose_threads
from studio.train.events import Metrics
from studio.train.failures import TrainingError, failing_node
from studio.train.full_step import FullStep
from studio.train.job import Job
from studio.train.judging import Judge, make_judge
from studio.train.layout import Layout, lay_out
from studio.train.metrics.own_units import OwnUnits, own_units
from studio.train.objective import Ledger, NodeError, Objective, Outcome
from studio.train.place import Place as Place
from studio.train.place import total_steps
from studio.train.precision import Scaler, values_in
from studio.train.samples import Batch, Samples, batch_sizes
from studio.train.schedule import Schedule, make_schedule
from studio.train.seeding import seed_all
from studio.train.statistics.watch import Watch, make_watch
from studio.train.tape import Taped
from studio.train.team import ALONE, Steering, Team
from studio.train.updates import Again, Search, Update, make_update, optimizer_values, roles_of
from studio.train.value_checks import check_values

if TYPE_CHECKING:
    from studio.train.ways.measuring import Measuring
    from studio.train.ways.way import Way

MOST_WORKERS = 8


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
    judge: Judge
    layout: Layout = "contiguous"
    multiply_adds: int = 0
    measuring: Measuring | None = None
    way: Way | None = None
    """How it is computed, where that is not what the settings say."""
    taped: Taped | None = None
    watch: Watch | None = None
    """Who looks at the layers in some of the steps."""
    tap: Callable[[Sequence[Tensor]], None] | None = None
    """Takes the gradients of a step that is looked at."""
    team: Team = ALONE
    average: Average | None = None
    full: FullStep | None = None
    units: Mapping[str, OwnUnits] = field(default_factory=dict)
    place: Place = field(default_factory=Place)
    until: Sequence[int] | None = None
    """Epochs and steps after which it ends, where it repeats a run that was ended there."""
    update: Update | Search | None = None
    trained: dict[str, Tensor] = field(default_factory=dict)
    best_weights: dict[str, Tensor] = field(default_factory=dict)
    last_loss: float | None = None
    unshown: list[float] = field(default_factory=list)
    last_rate: float = 0.0
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    best_metrics: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def epochs(self) -> int:
        """Epochs in all."""
        return int(self.options["epochs"])

    @property
    def total_steps(self) -> int:
        """Steps in all."""
        return total_steps(self.options, len(self.sizes))

    @property
    def done(self) -> bool:
        """Whether there is nothing left to train, and the last epoch was closed."""
        place = self.place
        return place.epoch >= self.epochs or (place.step >= self.total_steps and not place.batch)

    @property
    def impatient(self) -> bool:
        """Whether there was no better validation for as long as was to be waited."""
        patience = self.options["patience"]
        return patience is not None and self.place.waited >= patience

    @property
    def validate_steps(self) -> int | None:
        """Steps from one validation to the next, where they are not counted in epochs."""
        return self.options["validate_steps"] if len(self.parts["validation"]) else None

    @property
    def latest_loss(self) -> float | None:
        """The last training loss that was read."""
        return self.unshown[-1] if self.unshown else self.last_loss

    @property
    def batch_size(self) -> int:
        """Samples of a step."""
        return int(self.options["batch_size"])

    def new_ledger(self) -> Ledger:
        """A ledger for one more pass."""
        return Ledger(self.plan, self.units, self.team)

    def learning_rate(self) -> float:
        """The rate of the next step."""
        return self.rate * self.schedule(self.place.epoch + 1, self.place.step)

    def stepper(self, control: Steering) -> Callable[[Batch, int], None]:
        """What trains on a batch of so many samples: the plain step where nothing is set that needs more."""
        if self.full is not None:
            self.full.control = control
        step = self.full or self.step
        return step if self.watch is None else self.watch.around(step)

    def step(self, batch: Batch, count: int) -> None:
        """Train on a batch of so many samples."""
        taped = self.taped(batch) if self.taped and self.update and self.tap is None else None
        outcome, gradients = taped or self._differentiated(batch)
        self.apply(gradients, outcome.total, lambda: self._again(batch))
        self.ledger.add(outcome, count)
        self.place.step += 1
        self.place.batch += 1

    def _differentiated(self, batch: Batch) -> tuple[Outcome, Sequence[Tensor]]:
        outcome = self.outcome(batch)
        return outcome, self.gradients(outcome.total)

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

    def validation_due(self, ending: bool) -> bool:
        """Whether the epoch that is over ends with a validation; always where the training is `ending`."""
        place, every = self.place, self.validate_steps
        if place.validated == place.step:
            return False
        last = ending or place.epoch + 1 >= self.epochs or place.step >= self.total_steps
        if every is not None:
            return last or place.step % every == 0
        return last or (place.epoch + 1) % int(self.options["validate_every"]) == 0

    def judged(self, metrics: Metrics, epoch: int) -> bool:
        """Note how good the weights are in an epoch (from 1), and whether they are the best so far."""
        place, value = self.place, self.judge.of(metrics)
        mark = place.best if place.mark is None else place.mark
        place.waited, place.validated = place.waited + 1, place.step
        if self.judge.gains(value, mark):
            place.mark, place.waited = value, 0
        better = not place.best_epoch or self.judge.better(value, place.best)
        if better:
            place.best, place.best_epoch, place.best_step = value, epoch, place.step
            place.best_loss = metrics["loss"]
        self.schedule.epoch_ended(epoch, metrics["loss"])
        return better

    def averaged(self, control: Steering) -> AbstractContextManager[None]:
        """The network with the weights that are validated and kept: their mean where there is one."""
        if self.average is None:
            return nullcontext()
        return self.average.shown(lambda: self._through(control))

    def _through(self, control: Steering) -> Iterator[None]:
        """The training part through the network, batch by batch, until told to stop."""
        samples, size = self.parts["train"], self.batch_size
        for start in range(0, len(samples), size):
            self.team.look()
            if control.stopping:
                return
            self.objective.values(self.team.between(samples, start, start + size))
            yield

    def prepare_update(self, names: Sequence[str]) -> Update | Search:
        """Make the optimizer over the parameters that have a gradient; the drawing may leave some without."""
        known = self.team.own(dict(self.network.named_parameters()))
        self.trained = {name: known[name] for name in names}
        self._parameters = list(self.trained.values())
        self._strides = [one.stride() for one in self._parameters]
        setting, roles = self.job.project.training.optimizer, roles_of(self.network)
        self.update = make_update(setting, self.trained, roles, bool(self.options["decay_all"]))
        return self.update

    def gradients(self, total: Tensor) -> Sequence[Tensor]:
        """The gradients of all that learns."""
        if self.update is None:
            return self._first_gradients(total)
        return cast(Sequence[Tensor], self.team.gradients(total, self._parameters))

    def _first_gradients(self, total: Tensor) -> tuple[Tensor, ...]:
        if not total.requires_grad:
            message = "No layer that leads to a loss has anything to learn."
            hint = "Add a layer with weights, such as Linear, before the loss"
            frozen = any(not one.requires_grad for one in self.network.parameters())
            raise TrainingError(message, f"{hint}, or switch off freeze." if frozen else f"{hint}.")
        named = {name: one for name, one in self.network.named_parameters() if one.requires_grad}
        own = self.team.own(named)
        gradients = self.team.gradients(total, list(own.values()), unused=True)
        found = {name: one for name, one in zip(named, gradients, strict=True) if one is not None}
        self.prepare_update(list(found))
        return tuple(found.values())

    def apply(self, gradients: Sequence[Tensor], loss: Tensor, again: Again) -> None:
        """Take the step; some optimizers compute the loss of the batch again on the way."""
        self.last_rate = self.learning_rate()
        if self.tap is not None:
            self.tap(gradients)
        if isinstance(self.update, Search):
            self.update.search(self.team.total(loss), self.laid(gradients), again, self.last_rate)
        else:
            assert self.update is not None
            self.update(self.laid(gradients), self.last_rate)

    def _again(self, batch: Batch) -> tuple[Tensor, list[Tensor]]:
        total = self.outcome(batch).total
        return self.team.total(total), self.laid(self.gradients(total))

    def laid(self, gradients: Sequence[Tensor]) -> list[Tensor]:
        """Gradients clipped, and lying in memory as parameters do: the kernels read both in order."""
        laid = [
            one if one.stride() == stride else torch.empty_like(parameter).copy_(one)
            for one, stride, parameter in zip(gradients, self._strides, self._parameters, strict=True)
        ]
        if self.options["clip_norm"] is not None:
            laid = clipped(laid, float(self.options["clip_norm"]), self.team)
        return laid


def clipped(gradients: list[Tensor], most: float, team: Team = ALONE) -> list[Tensor]:
    """Gradients scaled so that their common norm is at most `most`, as torch.nn.utils.clip_grad_norm_."""
    norms = torch.stack(torch._foreach_norm(gradients))  # pyright: ignore
    factor = (most / (team.norm(norms) + 1e-6)).clamp(max=1.0)
    return list(torch._foreach_mul(gradients, factor))  # pyright: ignore


def make_ready(job: Job, team: Team = ALONE) -> Work:
    """Check, read the data, and build. Raises StudioError with what is wrong."""
    options = _options(job)
    prepared = prepare(job.project.data, job.folder)
    checked = _checked(job, prepared)
    plan = balanced(checked.plan, prepared.parts["train"].tensors)
    device = team.device(choose_device(str(options["device"])))
    multiply_adds = checked.total.multiply_adds * int(options["batch_size"]) // team.world
    threads = choose_threads(int(options["threads"]), multiply_adds, team.neighbours)
    torch.set_num_threads(threads)
    check_values(plan, prepared, needed_fields(plan))
    seed_all(int(options["seed"]))
    network = Network(plan).to(device)
    layout = lay_out(network, options, job.project.training.optimizer.type)
    workers = _workers(job.project.data.options.get("workers"), team.neighbours)
    parts = _parts(prepared, plan, device, workers)
    units = own_units(plan, prepared.ways)
    sizes = batch_sizes(parts["train"].seen, int(options["batch_size"]) * int(options["accumulate"]), network)
    training = job.project.training
    ledger, precision = Ledger(plan, units, team), str(options["precision"])
    work = Work(
        job=job,
        options=options,
        plan=plan,
        prepared=prepared,
        device=device,
        threads=threads,
        network=network,
        objective=Objective(plan, network, values_in(precision, network.values, device)),
        layout=layout,
        multiply_adds=multiply_adds,
        ledger=ledger,
        units=units,
        parts=parts,
        sizes=sizes,
        schedule=make_schedule(
            training.schedule, int(options["epochs"]), len(sizes), total_steps(options, len(sizes))
        ),
        rate=float(optimizer_values(training.optimizer)["lr"]),
        judge=make_judge(options, ledger.known),
        team=team,
        average=make_average(network, options),
    )
    work.full = _full_step(work)
    team.join(work)
    work.watch = make_watch(work)
    return work


def _full_step(work: Work) -> FullStep | None:
    """The step that the settings need; None where the plain one does."""
    halved = work.options["precision"] == "float16"
    average = work.average if work.average is not None and work.average.by_step else None
    if halved and work.job.project.training.optimizer.type == "LBFGS":
        raise TrainingError(
            "L-BFGS cannot compute in float16: it compares losses too close to each other.",
            "Set precision to bfloat16 or float32, or choose another optimizer, in the training settings.",
        )
    if not halved and average is None and work.options["accumulate"] == 1:
        return None
    return FullStep(work, Scaler(work.device) if halved else None, average)


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


def _parts(prepared: Prepared, plan: Plan, device: torch.device, workers: int) -> dict[str, Samples]:
    """The parts of the data with the fields that a step takes."""
    fields, changes = needed_fields(plan), {"train": augmenter(prepared, plan)}
    return {
        name: Samples(part, fields, device, workers, changes.get(name))
        for name, part in prepared.parts.items()
    }


def _workers(chosen: object, neighbours: int) -> int:
    """Processes that read files ahead: as set, else one less than there are cores for each that trains."""
    if isinstance(chosen, int):
        return chosen
    return max(1, min((os.cpu_count() or 2) // neighbours - 1, MOST_WORKERS))


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

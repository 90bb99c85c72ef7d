"""Which way to compute a run is the fastest here: measured beside it, a piece at a time between its steps.

Each way has a copy of the network and computes the same batches of the run's own data. Only a way whose
losses and gradients are the same to the last bit may be taken, so that the run's digits are those that it
would have had anyway. The random numbers of the run are left where they are.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from studio.build.network import Network
from studio.train.devices import WORTH_THREADS, available_cores
from studio.train.layout import lay
from studio.train.objective import Objective
from studio.train.room import room
from studio.train.samples import Batch
from studio.train.seeding import random_state, restore_random_state, seed_all
from studio.train.showing import EVALUATED
from studio.train.state import snapshot
from studio.train.tape import Taped, recordable
from studio.train.updates import Search
from studio.train.ways.way import Way, values_by, way_of

if TYPE_CHECKING:
    from studio.train.work import Work

FEWEST, ROUNDS = 3, 5
"""How often each way is timed, in turns, as far as the run is long enough; its fastest step counts."""
COMPARED = 3
"""Steps that go into comparing digits."""
SHARE = 0.02
"""Of the steps of a run that may go into measuring."""
GAIN = 0.95
"""The share of the present time that another way must stay below."""
MEMORY = 0.25
"""Of the memory that is free, that copies of the network may take."""
LARGE_STEP = WORTH_THREADS // 10
"""Multiply-adds of a step from which another number of threads is worth a look."""
COMPILING = 30_000
"""Steps that a run must have left for compiling, which takes about a minute, to be worth a look."""


@dataclass
class Trial:
    """A way, and what came of it so far: nothing yet, whether its digits are equal, or why it cannot be."""

    way: Way
    network: Network | None = None
    objective: Objective | None = None
    taped: Taped | None = None
    seconds: float = float("inf")
    equal: bool = False
    failed: str = ""

    def saved(self) -> dict[str, object]:
        """As values for JSON."""
        seconds = None if self.seconds == float("inf") else float(f"{self.seconds:.3g}")
        return {**self.way.saved(), "seconds": seconds, "equal": self.equal, "failed": self.failed}


@dataclass
class Measuring:
    """Trials of some ways, the first of them the one in use; done piece by piece."""

    work: Work
    trials: list[Trial]
    rounds: int = ROUNDS
    _weights: dict[str, Tensor] = field(default_factory=dict[str, Tensor])
    _expected: list[list[Tensor]] = field(default_factory=list[list[Tensor]])
    _pieces: Iterator[None] | None = None

    def go_on(self) -> bool:
        """Do one more piece, which takes about as long as a step; whether that was the last."""
        self._pieces = self._pieces or self._all()
        with _kept_random(int(self.work.options["seed"])), _kept_threads():
            return next(self._pieces, self) is self

    @property
    def chosen(self) -> int:
        """The number of the fastest way that is equal; the one in use where none is much faster."""
        first = self.trials[0]
        apt = [one for one in self.trials if one.equal and one.seconds < GAIN * first.seconds]
        return self.trials.index(min(apt, key=lambda one: one.seconds)) if apt else 0

    def _all(self) -> Iterator[None]:
        self._weights = snapshot(self.work)  # the run goes on meanwhile
        for trial in self.trials:
            yield from self._attempt(trial, self._compared(trial))
            if self.trials[0].failed:
                return
        self._expected, self._weights = [], {}
        for _ in range(self.rounds):
            for trial in self.trials:
                if not trial.failed:
                    yield from self._attempt(trial, self._timed(trial))

    def _attempt(self, trial: Trial, pieces: Iterator[None]) -> Iterator[None]:
        """What cannot be computed in one way only counts that one out."""
        try:
            yield from pieces
        except Exception as error:
            trial.failed = str(error).strip().partition("\n")[0][:200] or type(error).__name__
            trial.network = trial.objective = trial.taped = None

    def _compared(self, trial: Trial) -> Iterator[None]:
        """Whether all digits are equal: of a whole batch, of the last one, and of one that is validated."""
        torch.set_num_threads(trial.way.threads)
        self._prepare(trial)
        trial.equal = True
        for number, batch in enumerate(self._batches()):
            torch.set_num_threads(trial.way.threads)
            found = self._step(trial, batch) if number < 2 else self._look(trial, batch)
            if trial is self.trials[0]:
                self._expected.append(found)
            elif not all(map(torch.equal, found, self._expected[number])):
                trial.equal = False
            yield

    def _timed(self, trial: Trial) -> Iterator[None]:
        """A step to get warm, and one that counts."""
        batch = next(self._batches())
        torch.set_num_threads(trial.way.threads)
        self._step(trial, batch)
        _wait(self.work.device)
        began = time.perf_counter()
        self._step(trial, batch)
        _wait(self.work.device)
        trial.seconds = min(trial.seconds, time.perf_counter() - began)
        yield

    def _prepare(self, trial: Trial) -> None:
        work = self.work
        network = trial.network = Network(work.plan).to(work.device)
        network.load_state_dict(self._weights)
        lay(network, trial.way.memory_format)
        values = values_by(trial.way, network, work.device, work.batch_size)
        trial.objective = Objective(work.plan, network, values)
        if trial.way.recorded:
            named = dict(network.named_parameters())
            learning = {name: named[name] for name in work.trained}
            trial.taped = Taped(network, trial.objective, lambda: learning, work.batch_size)
            network.train()
            trial.taped.record(next(self._batches(1)))  # another one than those that are compared

    def _batches(self, begin: int = 0) -> Iterator[Batch]:
        """A whole batch, as many behind the first as `begin` says, one like the last, one to be validated."""
        work, samples = self.work, self.work.parts["train"]
        indices = samples.order(int(work.options["seed"]), 1)[begin * work.batch_size :]
        for size in (work.batch_size, work.sizes[-1] % work.batch_size or work.batch_size):
            yield samples.take(indices[:size])
        yield (work.parts["validation"] if len(work.parts["validation"]) else samples).between(
            0, EVALUATED * work.batch_size
        )

    def _step(self, trial: Trial, batch: Batch) -> list[Tensor]:
        """The losses of a batch and all gradients."""
        assert trial.network is not None
        assert trial.objective is not None
        seed_all(int(self.work.options["seed"]))
        trial.network.train()
        taped = trial.taped(batch) if trial.taped is not None else None
        if taped is None:
            outcome = trial.objective(batch)
            named = dict(trial.network.named_parameters())
            learning = [named[name] for name in self.work.trained]
            taped = outcome, torch.autograd.grad(outcome.total, learning)
        outcome, gradients = taped
        return [outcome.total.detach(), *outcome.losses, *gradients]

    def _look(self, trial: Trial, batch: Batch) -> list[Tensor]:
        """What the network says without gradients."""
        assert trial.network is not None
        assert trial.objective is not None
        trial.network.eval()
        with torch.no_grad():
            outcome = trial.objective(batch)
        return [*outcome.losses, *(one for pair in outcome.compared for one in pair)]


def make_measuring(work: Work) -> Measuring | None:
    """The trials that a run is long enough for; None where there is nothing to try."""
    ways, rounds = ways_tried(work)
    size = sum(one.numel() * one.element_size() for one in work.network.parameters())
    if len(ways) < 2 or size * (len(ways) + 3) > MEMORY * room(work.job.project):
        return None
    return Measuring(work, [Trial(way) for way in ways], rounds)


def ways_tried(work: Work) -> tuple[Sequence[Way], int]:
    """The ways that a run has steps enough to try, and how often each is timed."""
    left = work.total_steps - work.place.step
    ways, steps = list(_ways(work, left)), int(SHARE * left)
    while len(ways) > 1 and len(ways) * (COMPARED + 2 * FEWEST) > steps:
        ways.pop()
    return ways, min(ROUNDS, (steps // len(ways) - COMPARED) // 2)


def _ways(work: Work, left: int) -> Iterator[Way]:
    """The way in use, and those that differ from it in one thing that the settings leave open, the ones first
    from which most is to be expected.
    """
    present, options = way_of(work), work.options
    yield present
    if work.team.world > 1:  # each would find something else
        return
    for threads in _threads(work) if not options["threads"] else ():
        yield replace(present, threads=threads)
    if options["precision"] == "auto":
        yield replace(present, precision="bfloat16")
    if not present.compiled and _can_record(work):
        yield replace(present, recorded=True)
    if options["memory_format"] == "auto" and present.memory_format == "channels_last":
        yield replace(present, memory_format="contiguous")
    if options["compile"] == "auto" and left >= COMPILING:
        yield replace(present, compiled=True)


def _can_record(work: Work) -> bool:
    """Whether a step is the plain one, on the CPU, and there is a batch to record beside that to compare."""
    plain = work.device.type == "cpu" and work.full is None and not isinstance(work.update, Search)
    return plain and len(work.sizes) > 2 and recordable(work.plan)


def _threads(work: Work) -> Sequence[int]:
    cores = available_cores()
    if work.device.type != "cpu" or work.multiply_adds < LARGE_STEP:
        return ()
    return [one for one in dict.fromkeys((1, cores // 2, cores - 1, cores)) if one not in (0, work.threads)]


@contextmanager
def _kept_random(seed: int) -> Generator[None]:
    kept = random_state()
    seed_all(seed)
    try:
        yield
    finally:
        restore_random_state(*kept)


@contextmanager
def _kept_threads() -> Generator[None]:
    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)

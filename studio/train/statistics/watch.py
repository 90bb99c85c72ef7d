"""Measures the layers of a run in some of its steps: about once a second, for half a hundredth of its time.

The step that is looked at computes what it would compute anyway, to the last bit; all others run without a
hook. What is measured stays on the device until the losses are read, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from studio.build.observing import Observer
from studio.train.events import LayersMeasured, Warned
from studio.train.failures import out_of_memory
from studio.train.precision import values_in
from studio.train.seeding import random_state, restore_random_state
from studio.train.statistics.numbers import Reduced, Statistics, activation, norms, reduced, weights

if TYPE_CHECKING:
    from studio.train.report import Report
    from studio.train.samples import Batch
    from studio.train.work import Work

Step = Callable[["Batch", int], None]
SHORTEST, LONGEST = 0.3, 1.0
"""Seconds from one measuring to the next: at first, and once the run has gone on for a while."""
SOONER = 0.1
"""Of the time that the run has gone on, from one to the next at first: then much happens."""
SHARE, AT_ONCE = 0.005, 0.005
"""The part of a run's time that goes into measuring at most, beside some seconds that may be spent at once:
where a look takes long, it is taken less often.
"""
_sub: Any = torch._foreach_sub  # pyright: ignore


@dataclass
class Look:
    """What one step has shown so far."""

    given: dict[str, list[Reduced]] = field(default_factory=dict[str, list[Reduced]])
    names: list[str] = field(default_factory=list[str])
    gradients: Tensor | None = None
    before: list[Tensor] = field(default_factory=list[Tensor])
    weights: Tensor | None = None
    updates: Tensor | None = None
    epoch: int = 0
    step: int = 0


class Watch:
    """Looks at the layers of a run, from time to time."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._observer = Observer(work.network, self._see)
        self._nodes = self._observer.nodes
        self._known = frozenset(self._nodes)
        self._inputs = tuple(self._observer.inputs)
        self._armed = False
        self._clock = time.thread_time if work.device.type == "cpu" else time.perf_counter
        """What a run's time is: on the CPU that of this thread, since others may be in its way."""
        self._began, self._spent = self._clock(), 0.0
        self._took = 0.0
        """What the step that was looked at took beside, until it is known what one takes that is not."""
        self._first = self._next = time.perf_counter()
        self._look: Look | None = None
        self._given_up = ""

    def attend(self, report: Report) -> None:
        """Between two steps: tell what was seen, and decide whether to look at the next one."""
        look, self._look = self._look, None
        if self._given_up:
            report(Warned(report.clock(), self._given_up, "Training goes on without them."))
            self._work.watch = None
            return
        if look is not None:
            with self._own():
                told = self._told(look)
                report(LayersMeasured(report.clock(), look.epoch, look.step, told, self._inputs))
        if not self._armed:
            self._armed = self._work.team.agreed(self._due())

    def _due(self) -> bool:
        if time.perf_counter() < self._next:
            return False
        return self._spent + self._took <= AT_ONCE + SHARE * (self._clock() - self._began)

    def around(self, step: Step) -> Step:
        """The step, looked at where that is due."""
        if not self._armed and not self._took:
            return step

        def looked_at(batch: Batch, count: int) -> None:
            if self._armed:
                self._observe(step, batch, count)
            elif self._took:
                self._compare(step, batch, count)
            else:
                step(batch, count)

        return looked_at

    def _observe(self, step: Step, batch: Batch, count: int) -> None:
        work, began, spent = self._work, self._now(), self._spent
        look, before = Look(), work.place.step
        self._look, work.tap = look, self._tap
        try:
            if work.way is not None and work.way.compiled:
                self._look_aside(batch, work.way.precision)
            else:
                self._observer.open()
            step(batch, count)
        finally:
            self._observer.close()
            work.tap = None
        if work.place.step == before:  # told to stop in the middle
            self._look = None
            return
        self._armed = False
        look.epoch, look.step = work.place.epoch + 1, work.place.step
        with self._own():
            self._after(look)
        if work.device.type != "cpu":  # the whole step stands for what the look cost
            self._spent = spent + self._now() - began
        else:
            self._took = spent + self._now() - began - self._spent
        now = time.perf_counter()
        self._next = now + min(max(SHORTEST, (now - self._first) * SOONER), LONGEST)

    def _compare(self, step: Step, batch: Batch, count: int) -> None:
        """What is looked at is not done as quickly: that counts as time for looking, too."""
        began, took = self._clock(), self._took
        step(batch, count)
        self._took = 0.0
        self._spent += max(0.0, took - (self._clock() - began))

    def _look_aside(self, batch: Batch, precision: str) -> None:
        """What is compiled cannot be looked into: the same once more, which leaves no trace."""
        work = self._work
        buffers = [(one, one.detach().clone()) for one in work.network.buffers()]
        state = random_state()
        values = values_in(precision, work.network.values, work.device)
        with self._own(), torch.no_grad():
            self._observer.open()
            try:
                values({key: one[: work.batch_size] for key, one in batch.items()})
            finally:
                self._observer.close()
                restore_random_state(*state)
                for one, kept in buffers:
                    one.copy_(kept)

    def _see(self, path: str, values: Tensor) -> None:
        """Take what a node gives."""
        if self._look is None or not values.is_floating_point() or not values.numel():
            return
        with self._own():
            self._look.given.setdefault(path, []).append(reduced(values))

    def _tap(self, gradients: Sequence[Tensor]) -> None:
        """Take the gradients of a step that is about to be made."""
        self._observer.close()  # some optimizers compute the losses again
        look = self._look
        if look is None:
            return
        with self._own():
            look.names = list(self._work.trained)
            look.gradients = self._work.team.norms(norms(gradients))
            look.before = [one.detach().clone() for one in self._work.trained.values()]

    def _after(self, look: Look) -> None:
        """How far the step has moved the weights."""
        work = self._work
        if look.before:
            now = [one.detach() for one in work.trained.values()]
            look.updates = work.team.norms(norms(_sub(now, look.before)))
        own = work.team.own(dict(work.network.named_parameters()))
        others = [name for name in own if name not in work.trained]
        known = look.before or [one.detach() for one in work.trained.values()]
        look.names = [*work.trained, *others]
        if look.names:
            look.weights = work.team.norms(norms([*known, *(own[name] for name in others)]))
        look.before = []

    def _told(self, look: Look) -> Mapping[str, Statistics]:
        """The statistics of each node that has any."""
        moments = _rows([one.moments for found in look.given.values() for one in found])
        parts = {
            path: activation([(one.count, next(moments)) for one in found])
            for path, found in look.given.items()
        }
        before, gradients, updates = map(_listed, (look.weights, look.gradients, look.updates))
        learned: dict[str, list[int]] = {}
        for at, name in enumerate(look.names):
            for path in self._owners(name):
                learned.setdefault(path, []).append(at)
        found: dict[str, Statistics] = {}
        for path in self._nodes:
            own = learned.get(path, ())
            sides = ([one[at] for at in own if at < len(one)] for one in (before, gradients, updates))
            if one := {**parts.get(path, {}), **weights(*sides)}:
                found[path] = one
        return found

    def _owners(self, name: str) -> Iterable[str]:
        """The nodes that a parameter belongs to: its own, and the blocks around that."""
        parts = name.split(".")
        prefixes = ("/".join(parts[:size]) for size in range(1, len(parts)))
        return [one for one in prefixes if one in self._known]

    @contextmanager
    def _own(self) -> Generator[None]:
        """Time that goes into looking. Where memory does not suffice for it, the run goes on without."""
        began = self._clock()
        try:
            yield
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error) or self._work.team.world > 1:  # others would wait for this one
                raise
            self._look, self._armed = None, False
            self._given_up = "Memory does not suffice for the statistics of layers."
        finally:
            self._spent += self._clock() - began

    def _now(self) -> float:
        if self._work.device.type == "cuda":
            torch.cuda.synchronize(self._work.device)
        return self._clock()


def make_watch(work: Work) -> Watch | None:
    """Who looks at the layers of a run, where the settings ask for it."""
    return Watch(work) if work.options["layer_statistics"] else None


def _rows(tensors: Sequence[Tensor]) -> Iterator[Any]:
    """The numbers of small tensors, read at once."""
    return iter(torch.stack(list(tensors)).tolist() if tensors else [])


def _listed(values: Tensor | None) -> list[float]:
    return [] if values is None else values.tolist()

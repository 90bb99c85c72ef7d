"""The side of PyTorch: the program's own training, epoch by epoch; it hands over data, weights and order."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import torch

from studio.catalog.trust import trust
from studio.data.augment.running import batch_seed
from studio.interchange.beside.comparable import comparable
from studio.interchange.beside.differences import of_training
from studio.interchange.beside.handover import Handover
from studio.interchange.beside.side import SHOWN, Order, Tell, serve
from studio.interchange.beside.spec import hand_over
from studio.project import storage
from studio.train.beginning import begin
from studio.train.control import Control
from studio.train.events import Event, Warned
from studio.train.failures import diverged
from studio.train.job import Job
from studio.train.objective import NotFiniteError
from studio.train.report import Report
from studio.train.runs import create_run
from studio.train.showing import measure
from studio.train.work import Work, make_ready


class TorchSide:
    """A run made ready as every training is; the folder of the run is the one of the handover."""

    def __init__(self) -> None:
        self._work: Work
        self._hand: Handover

    def prepare(self, order: Order) -> Mapping[str, Any]:
        """Read the data, and hand over all that the other side needs."""
        trust().take(order["trusted"])
        project, notes = comparable(storage.loads(order["project"]), order["epochs"])
        self._hand = Handover(Path(order["handover"]))
        folder = Path(order["folder"])
        run_dir = create_run(project, folder, self._hand.folder / "runs")
        work = self._work = make_ready(Job(project, folder, run_dir))
        notes += (*of_training(project, work.plan), *self._begun())
        hand_over(work, self._hand)
        per_epoch = len(work.sizes)
        return {
            "notes": list(dict.fromkeys(notes)),
            "epochs": min(work.epochs, -(-work.total_steps // per_epoch)),
            "steps_per_epoch": per_epoch,
            "batch_size": work.batch_size,
            "samples": work.parts["train"].seen,
            "parameters": sum(one.numel() for one in work.network.parameters()),
            "threads": work.threads,
            "versions": {"torch": torch.__version__},
        }

    def _begun(self) -> list[str]:
        """Take the weights that the settings name, if any; what is told about them."""
        warned: list[str] = []

        def hear(event: Event) -> None:
            if isinstance(event, Warned):
                warned.append(event.message)

        report = Report(self._work.job.run_dir, hear)
        begin(self._work, report)
        report.close()
        return warned

    def epoch(self, order: Order, tell: Tell) -> Mapping[str, Any]:
        """Train an epoch as the engine does, tell the losses, and validate."""
        work, epoch = self._work, int(order["epoch"])
        samples, place, seed = work.parts["train"], work.place, int(work.options["seed"])
        sizes = work.sizes[: work.total_steps - place.step]
        indices = samples.order(seed, epoch)[: sum(sizes)]
        rates = [work.rate * work.schedule(epoch, place.step + at) for at in range(len(sizes))]
        self._hand.write_epoch(epoch, indices.numpy(), rates)
        seeds = (batch_seed(seed, epoch, batch) for batch in count())
        step = work.stepper(Control())
        work.network.train()
        began = time.perf_counter()
        due = began + SHOWN
        for size, batch in zip(sizes, work.team.batches(samples, indices, sizes, seeds), strict=True):
            step(batch, size)
            if time.perf_counter() >= due:
                self._tell(tell)
                due = time.perf_counter() + SHOWN
        self._tell(tell)
        seconds = time.perf_counter() - began
        return {"seconds": seconds, "samples": sum(sizes), **self._closed(epoch)}

    def _closed(self, epoch: int) -> dict[str, float | None]:
        work = self._work
        train = work.ledger.metrics()
        validation = measure(work, work.parts["validation"], Control()) or {}
        work.judged(validation or train, epoch)
        work.place.epoch, work.place.batch = epoch, 0
        work.ledger = work.new_ledger()
        return {"train": train["loss"], "validation": validation.get("loss")}

    def _tell(self, tell: Tell) -> None:
        """Read the losses and tell them. Raises TrainingError for one that is no number."""
        work = self._work
        try:
            losses = work.ledger.read()
        except NotFiniteError as error:
            step = work.place.step - error.waiting + 1 + error.index
            last = error.before[-1] if error.before else work.last_loss
            raise diverged(error.value, work.place.epoch + 1, step, last, work.last_rate, None) from None
        if losses:
            work.last_loss = losses[-1]
            tell({"told": "losses", "step": work.place.step, "losses": losses})


def main() -> None:
    """Serve in this process."""
    serve(TorchSide)

"""How good a run is on a part of its data: metrics, confusion of classes, and samples, the worst first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from studio.analysis.answers import Reading, loss_reading
from studio.analysis.examples import Compared, Sample, worst_samples
from studio.build.network import Network
from studio.build.plan import LossStep, Plan
from studio.data.pipeline import Learned, read_data
from studio.data.prepare import Part, prepare
from studio.data.raw import Array, DataError, RawData
from studio.errors import StudioError
from studio.project.fields import Field
from studio.project.project import Data
from studio.train.balance import balanced
from studio.train.checkpoint import load_fields, load_learned, load_network, load_scales
from studio.train.metrics.own_units import OwnUnits, own_units
from studio.train.objective import Ledger, NodeError, NotFiniteError, Objective
from studio.train.runs import data_folder, run_project
from studio.train.samples import Samples
from studio.train.work import needed_fields

PartName = Literal["train", "validation", "test"]
BATCH = 512
MOST_SAMPLES = 200


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often each class (row) was taken for each (column)."""

    classes: tuple[str, ...]
    counts: Array


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Metrics named as those of training, confusions by loss node, and up to 200 samples, the worst first."""

    part: str
    count: int
    metrics: Mapping[str, float]
    confusions: Mapping[str, Confusion]
    samples: tuple[Sample, ...]


def evaluate(
    run: Path,
    part: PartName = "test",
    checkpoint: str = "best",
    folder: Path | None = None,
) -> Evaluation:
    """Measure a run on a part of its data, on the CPU. Raises StudioError.

    `folder` is where relative paths of the data start, where that is no longer where it was.
    """
    network, plan = load_network(run, checkpoint)
    project = run_project(run)
    where = data_folder(run) if folder is None else folder
    learned = load_learned(run)
    raw = _read(run, plan, project.data, where, learned)
    _check_same(run, plan, load_fields(run), raw.fields)
    prepared = prepare(project.data, where, load_scales(run), learned)
    rows = prepared.parts[part]
    if not len(rows):
        raise StudioError(
            f"The {part} part of {project.name} is empty.",
            "Give it a share of the data in the data settings and train anew, or choose another part.",
        )
    plan = balanced(plan, prepared.parts["train"].tensors)
    metrics, compared = _measured(run, plan, network, rows, own_units(plan, prepared.ways))
    samples = worst_samples(plan, prepared.fields, raw, rows.rows, compared, MOST_SAMPLES, prepared.ways)
    confusions = {
        loss.name: found
        for loss in plan.losses
        if (found := _confusion(loss, loss_reading(plan, loss, prepared.fields), compared[loss.name]))
    }
    return Evaluation(part, len(rows), metrics, confusions, samples)


def _read(run: Path, plan: Plan, data: Data, where: Path, learned: Learned | None) -> RawData:
    """The data as the run saw it; where that cannot be, what has changed since."""
    try:
        return read_data(data, where, learned).raw
    except DataError:
        _check_same(run, plan, load_fields(run), read_data(data, where).raw.fields)
        raise


def _check_same(run: Path, plan: Plan, then: Mapping[str, Field], now: Mapping[str, Field]) -> None:
    """Refuse data whose fields are no longer what the network was made for."""
    for name in needed_fields(plan):
        if name not in now:
            raise StudioError(
                f"{run.name}: the data has no field {name} any more.", "Train anew on this data."
            )
        old, new = then[name], now[name]
        for what, before, after in (
            ("shape", old.shape, new.shape),
            ("type", old.dtype, new.dtype),
            ("classes", old.classes, new.classes),
        ):
            if before != after:
                raise StudioError(
                    f"{run.name}: the data has changed since the run: {name} had the {what} {before}, "
                    f"now it has {after}.",
                    "Bring the data back as it was, or train anew on this data.",
                )


def _measured(
    run: Path, plan: Plan, network: Network, part: Part, units: Mapping[str, OwnUnits]
) -> tuple[dict[str, float], Compared]:
    """All metrics, and what each loss compared for all samples."""
    objective, ledger = Objective(plan, network), Ledger(plan, units)
    samples = Samples(part, needed_fields(plan), torch.device("cpu"))
    found: list[list[tuple[Tensor, ...]]] = [[] for _ in plan.losses]
    with torch.inference_mode():
        for start in range(0, len(part), BATCH):
            stop = min(start + BATCH, len(part))
            try:
                outcome = objective(samples.between(start, stop))
                ledger.add(outcome, stop - start)
                ledger.read()
            except NotFiniteError as error:
                raise StudioError(
                    f"{run.name}: the loss is {error.value} for a sample among {start + 1} to {stop}.",
                    "Evaluate the best checkpoint, or train with a smaller learning rate.",
                ) from None
            except NodeError as error:
                raise StudioError(f"{run.name}: {error.node} failed: {error.__cause__}") from error
            for kept, tensors in zip(found, outcome.compared, strict=True):
                kept.append(tensors)
        samples.close()
        whole = [tuple(torch.cat(side) for side in zip(*kept, strict=True)) for kept in found]
    return ledger.metrics(), {loss.name: one for loss, one in zip(plan.losses, whole, strict=True)}


def _confusion(loss: LossStep, reading: Reading, compared: tuple[Tensor, ...]) -> Confusion | None:
    """None where numbers are compared. Samples whose class does not count (ignored ones) are left out."""
    if reading.classes is None:
        return None
    count = len(reading.classes)
    target = compared[loss.ports.index("target")]
    said = reading.values(compared[0]).argmax(1)
    truth = target.reshape(-1).numpy().astype(np.int64)
    kept = (truth >= 0) & (truth < count)
    counts = np.bincount(truth[kept] * count + said[kept], minlength=count * count)
    return Confusion(reading.classes, counts.reshape(count, count))

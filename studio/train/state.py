"""The whole state of a run, to and from its checkpoints, so that it goes on as if it had never stopped."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import torch
from torch import Tensor

from studio.errors import StudioError
from studio.train.checkpoint import (
    MODEL,
    has_checkpoint,
    load_checkpoint,
    model_tensors,
    save_checkpoint,
    save_data,
)
from studio.train.kept import epoch_name
from studio.train.seeding import random_state, restore_random_state
from studio.train.work import Place, Work

OPTIMIZER = "optimizer."
STEP, AVERAGE = "step.", "average."
LEDGER = "ledger."


def save_best(work: Work) -> None:
    """Write the weights of the best epoch. Raises OSError."""
    tensors = {MODEL + name: one for name, one in work.best_weights.items()}
    place = work.place
    judged = {"best_by": work.judge.metric, "value": place.best}
    if work.judge.metric == "loss":
        judged = {"loss": place.best}
    content = {"epoch": place.best_epoch, "step": place.best_step, **judged}
    save_checkpoint(work.job.run_dir, "best", tensors, content)


def whole_state(work: Work, seconds: float) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """All that an exact resume needs: tensors, which training goes on to change, and values for JSON.

    Every loss must have been read.
    """
    random_tensors, random_values = random_state()
    ledger_tensors, ledger_values = work.ledger.state()
    optimizer = work.update.state() if work.update else {}
    tensors = {
        **{MODEL + name: one for name, one in work.network.state_dict().items()},
        **{OPTIMIZER + name: one for name, one in optimizer.items()},
        **{LEDGER + name: one for name, one in ledger_tensors.items()},
        **{STEP + name: one for name, one in (work.full.state() if work.full else {}).items()},
        **{AVERAGE + name: one for name, one in (work.average.state() if work.average else {}).items()},
        **random_tensors,
    }
    content = {
        "epoch": work.place.epoch,
        "step": work.place.step,
        "place": asdict(work.place),
        "seconds": seconds,
        "threads": work.threads,
        "metrics": work.metrics,
        "last_loss": work.latest_loss,
        "trained": list(work.trained),
        "ledger": ledger_values,
        "schedule": work.schedule.state(),
        "random": random_values,
    }
    return tensors, content


def save_last(work: Work, seconds: float) -> None:
    """Write everything. Every loss must have been read. Raises OSError."""
    save_checkpoint(work.job.run_dir, "last", *whole_state(work, seconds))


def keep_data(work: Work) -> None:
    """Write how the data looks and was normalised. Raises OSError."""
    prepared = work.prepared
    save_data(work.job.run_dir, prepared.fields, prepared.scales, prepared.learned, prepared.ways)


def restore(work: Work, name: str = "last", own: bool = True) -> float:
    """Bring a run made ready to a checkpoint; the seconds trained before. Raises StudioError.

    One that is not its `own` is another run's: of the best epochs so far nothing is known then.
    """
    tensors, content = load_checkpoint(work.job.run_dir, name)
    try:
        work.network.load_state_dict(model_tensors(tensors))
        if content["trained"]:
            work.prepare_update(content["trained"]).load(_part(tensors, OPTIMIZER, work.device))
        if work.full is not None:
            work.full.load(_part(tensors, STEP, work.device))
        if work.average is not None:
            work.average.load(_part(tensors, AVERAGE, work.device))
        work.ledger.load(_part(tensors, LEDGER, work.device), content["ledger"])
        work.schedule.load(content.get("schedule", {}))
        work.place = Place(**content["place"])
        if not own:
            work.place = replace(work.place, best=None, best_epoch=0, waited=0, ranked=[])
        work.threads = content["threads"]
        work.last_loss = content["last_loss"]
        work.metrics = content.get("metrics", {})
        seconds = float(content["seconds"])
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        message = f"{work.job.run_dir.name}: the {name} checkpoint does not fit this project ({error})."
        raise StudioError(message, "Start a new run: the drawing or the settings have changed.") from error
    if work.place.best_epoch:
        best = _best(work)
        work.best_weights = {name: one.to(work.device) for name, one in model_tensors(best).items()}
    torch.set_num_threads(work.threads)
    restore_random_state(tensors, content["random"])
    return seconds


def carry_weights(work: Work, name: str) -> int:
    """Take a checkpoint's weights wherever name and shape match; the epoch that it stood at.

    Raises StudioError where it cannot be read.
    """
    tensors, content = load_checkpoint(work.job.run_dir, name)
    before, own = model_tensors(tensors), work.network.state_dict()
    fitting = {key: one for key, one in before.items() if key in own and own[key].shape == one.shape}
    work.network.load_state_dict(fitting, strict=False)
    return int(content["epoch"])


def _best(work: Work) -> dict[str, Tensor]:
    """The best epoch's tensors; where that checkpoint is damaged, from the epoch's own if it was kept."""
    run_dir, own = work.job.run_dir, epoch_name(work.place.best_epoch)
    try:
        return load_checkpoint(run_dir, "best")[0]
    except StudioError:
        if not has_checkpoint(run_dir, own):
            raise
        return load_checkpoint(run_dir, own)[0]


def snapshot(work: Work) -> dict[str, Tensor]:
    """A copy of the weights as they are now."""
    return {name: one.detach().clone() for name, one in work.network.state_dict().items()}


def is_finite(work: Work) -> bool:
    """Whether all weights are numbers."""
    floating = [one for one in work.network.state_dict().values() if one.is_floating_point()]
    return not floating or bool(torch.stack([one.isfinite().all() for one in floating]).all())


def _part(tensors: dict[str, Tensor], prefix: str, device: torch.device) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): one.to(device) for name, one in tensors.items() if name.startswith(prefix)
    }

"""The whole state of a run, to and from its checkpoints, so that it goes on as if it had never stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
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


def save_best(work: Work, folder: Path, weights: Mapping[str, Tensor]) -> None:
    """Write the weights of the best epoch into a run's folder. Raises OSError."""
    tensors = {MODEL + name: one for name, one in weights.items()}
    place = work.place
    content = {
        "epoch": place.best_epoch,
        "step": place.best_step,
        "loss": place.best_loss,
        "best_by": work.judge.metric,
        "value": place.best,
        "metrics": work.best_metrics,
    }
    save_checkpoint(folder, "best", tensors, content)


def whole_state(work: Work, seconds: float) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """All that an exact resume needs: tensors, which training goes on to change, and values for JSON.

    Every loss must have been read.
    """
    own, random_values = _of_this_process(work)
    _, ledger_values = work.ledger.state()
    others = work.team.gathered((own, random_values))[1:]
    optimizer = work.team.whole(work.update.state()) if work.update else {}
    tensors = {
        **{MODEL + name: one for name, one in work.team.whole(work.network.state_dict()).items()},
        **{OPTIMIZER + name: one for name, one in optimizer.items()},
        **{AVERAGE + name: one for name, one in (work.average.state() if work.average else {}).items()},
        **own,
        **{f"{_rank(at)}{name}": one for at, (of, _) in enumerate(others, 1) for name, one in of.items()},
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
    if others:
        content["ranks"] = [values for _, values in others]
    return tensors, content


def _of_this_process(work: Work) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """What each process of a run has of its own: what its metrics gathered, a step that is not yet whole, and
    its random numbers.
    """
    random_tensors, random_values = random_state()
    gathered, _ = work.ledger.state()
    tensors = {
        **{LEDGER + name: one for name, one in gathered.items()},
        **{STEP + name: one for name, one in (work.full.state() if work.full else {}).items()},
        **random_tensors,
    }
    return {
        name: one.detach().cpu() for name, one in tensors.items()
    } if work.team.world > 1 else tensors, random_values


def _rank(number: int) -> str:
    """What the names of the tensors of a process begin with; those of the first with nothing."""
    return f"rank{number}." if number else ""


def keep_data(work: Work, folder: Path) -> None:
    """Write how the data looks and was normalised into a run's folder. Raises OSError."""
    prepared = work.prepared
    save_data(folder, prepared.fields, prepared.scales, prepared.learned, prepared.ways)


def restore(work: Work, name: str = "last", own: bool = True) -> float:
    """Bring a run made ready to a checkpoint; the seconds trained before. Raises StudioError.

    One that is not its `own` is another run's: of the best epochs so far nothing is known then.
    """
    tensors, content = work.team.shared(lambda: load_checkpoint(work.job.run_dir, name))
    alike = 1 + len(content.get("ranks", ())) == work.team.world
    try:
        work.network.load_state_dict(work.team.parted_like(model_tensors(tensors)))
        if content["trained"]:
            kept = work.team.parted_like(_part(tensors, OPTIMIZER, work.device))
            work.prepare_update(content["trained"]).load(kept)
        if work.average is not None:
            work.average.load(_part(tensors, AVERAGE, work.device))
        _restore_process(work, tensors, content, alike)
        work.schedule.load(content.get("schedule", {}))
        work.place = Place(**content["place"])
        if not own:
            place = work.place
            work.place = Place(place.epoch, place.batch, place.step, validated=place.validated)
        work.threads = content["threads"] if alike else work.threads
        work.last_loss = content["last_loss"]
        work.metrics = content.get("metrics", {})
        seconds = float(content["seconds"])
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        message = f"{work.job.run_dir.name}: the {name} checkpoint does not fit this project ({error})."
        raise StudioError(message, "Start a new run: the drawing or the settings have changed.") from error
    if work.place.best_epoch:
        best = model_tensors(work.team.shared(lambda: _best(work)))
        weights = {name: one.to(work.device) for name, one in best.items()}
        work.best_weights = work.team.parted_like(weights)
    torch.set_num_threads(work.threads)
    if alike or not work.team.rank:
        prefix = _rank(work.team.rank)
        kept = {key.removeprefix(prefix): one for key, one in tensors.items() if key.startswith(prefix)}
        values = content["ranks"][work.team.rank - 1] if work.team.rank else content["random"]
        restore_random_state(kept, values)
    return seconds


def _restore_process(work: Work, tensors: dict[str, Tensor], content: dict[str, Any], alike: bool) -> None:
    """What each process had of its own. Where there were others, the first takes over what all had gathered,
    and a step that was not whole begins anew.
    """
    rank, device = work.team.rank, work.device
    if alike:
        if work.full is not None:
            work.full.load(_part(tensors, _rank(rank) + STEP, device))
        work.ledger.load(_part(tensors, _rank(rank) + LEDGER, device), content["ledger"])
        return
    work.ledger.load({} if rank else _part(tensors, LEDGER, device), content["ledger"])
    for number in range(1, 1 + len(content.get("ranks", ()))) if not rank else ():
        work.ledger.absorb(_part(tensors, _rank(number) + LEDGER, device))


def carry_weights(work: Work, name: str) -> int:
    """Take a checkpoint's weights wherever name and shape match; the epoch that it stood at.

    Raises StudioError where it cannot be read.
    """
    tensors, content = work.team.shared(lambda: load_checkpoint(work.job.run_dir, name))
    before, own = model_tensors(tensors), work.network.state_dict()
    fitting = {key: one for key, one in before.items() if key in own and own[key].shape == one.shape}
    work.network.load_state_dict(work.team.parted_like(fitting), strict=False)
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


def snapshot(work: Work, before: Mapping[str, Tensor] | None = None) -> dict[str, Tensor]:
    """A copy of the weights as they are now, laid over one taken before: that costs a third of a new one."""
    there, own = before or {}, work.network.state_dict()
    return {name: _copied(one.detach(), there.get(name)) for name, one in own.items()}


def is_finite(work: Work) -> bool:
    """Whether all weights are numbers."""
    tensors = work.team.own(work.network.state_dict()).values()
    floating = [one.detach() for one in tensors if one.is_floating_point() and one.numel()]
    ends = [end for one in floating for end in torch.aminmax(one)]  # where one is NaN, both are
    finite = not ends or bool(torch.stack(ends).isfinite().all())
    return not bool(work.team.total(torch.tensor(0.0 if finite else 1.0)))


def _copied(one: Tensor, over: Tensor | None) -> Tensor:
    if over is not None and (over.shape, over.dtype, over.device) == (one.shape, one.dtype, one.device):
        return over.copy_(one)
    return one.clone()


def _part(tensors: dict[str, Tensor], prefix: str, device: torch.device) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): one.to(device) for name, one in tensors.items() if name.startswith(prefix)
    }

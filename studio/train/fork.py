"""A run that begins where another one stood, with its weights where they fit an edited drawing."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

from studio.build.plan import Plan
from studio.catalog.registry import values_of
from studio.catalog.settings import DATA, TRAINING
from studio.errors import StudioError
from studio.project.edits import set_training
from studio.project.files import write_atomic
from studio.project.graph import Graph
from studio.project.project import Project
from studio.train.events import EpochEnded, Validated
from studio.train.history import BEFORE, copy_until, read_before, read_events
from studio.train.kept import START, named
from studio.train.rescue import holder_of
from studio.train.runs import create_run, read_json, read_run, run_project, write_run

FREE = (
    *("epochs", "max_steps", "max_minutes", "keep_best", "keep_every", "patience", "least_gain"),
    *("validate_every", "validate_steps", "device", "threads", "host", "clip_norm"),
)
"""Settings that may differ where everything goes on as it was."""
LISTS = ("kept", "fresh", "dropped")
MODEL = "model."
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Weight:
    """One tensor of the network; `before` is its shape in the earlier run where that is another."""

    name: str
    shape: tuple[int, ...]
    before: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Fork:
    """What a fork would do. `whole` ones go on exactly as the run would have: optimizer, order and all."""

    run: Path
    checkpoint: str
    epoch: int
    step: int
    epochs: int
    whole: bool
    kept: tuple[Weight, ...]
    fresh: tuple[Weight, ...]
    dropped: tuple[Weight, ...]
    other_parts: bool = False
    """Whether the samples are others, or parted in another way."""


def plan_fork(run: Path, which: str, project: Project, plan: Plan) -> Fork:
    """What would be kept, initialised afresh and dropped. `which` is a checkpoint or an epoch's number.

    The epochs are those of the settings; they count from the beginning of the earlier run. Raises
    StudioError.
    """
    name = named(run, which)
    content, before = _described(run, name)
    after = network_shapes(plan)
    kept, fresh, dropped = compare(before, after)
    earlier = run_project(run)
    whole = "place" in content and not fresh and not dropped and _alike(earlier, project)
    return Fork(
        run=run,
        checkpoint=name,
        epoch=int(content["epoch"]),
        step=int(content.get("step", 0)),
        epochs=int(cast(int, values_of(TRAINING, project.training.options)["epochs"])),
        whole=whole,
        kept=kept,
        fresh=fresh,
        dropped=dropped,
        other_parts=_parting(earlier) != _parting(project),
    )


def create_fork(fork: Fork, project: Project, folder: Path, runs_dir: Path) -> Path:
    """Make the folder of a run that begins there; it needs the other no more. Raises StudioError, also where
    nothing would be left to train.
    """
    project, (content, _) = set_training(project, epochs=fork.epochs), _described(fork.run, fork.checkpoint)
    seconds = _seconds(fork, content)
    _refuse_over(fork, project, seconds)
    path = create_run(project, folder, runs_dir)
    there, here = holder_of(fork.run, fork.checkpoint) / "checkpoints", path / "checkpoints"
    try:
        weights = f"{START}.{content['sha256'][:12]}.safetensors"
        shutil.copyfile(there / content["file"], here / weights)
        told = {**content, "file": weights, "seconds": seconds}
        write_atomic(here / f"{START}.json", json.dumps(told, indent=1).encode())
        copy_until(fork.run, path, fork.step)
        write_atomic(path / "fork.json", json.dumps(_told(fork), indent=1).encode())
        parent = {"id": read_run(fork.run).id, "path": str(fork.run.resolve()), **_place(fork)}
        done = {"epochs_done": fork.epoch, "step": fork.step}
        write_run(path, {**read_json(path), "parent": parent, **done})
    except (OSError, ValueError, KeyError) as error:
        shutil.rmtree(path, ignore_errors=True)
        hint = "Choose another checkpoint, or make room on the disk."
        raise StudioError(f"{fork.run.name}: cannot be forked: {error}", hint) from error
    return path


def begin_alike(run: Path, path: Path) -> None:
    """Let a run that was just made begin as another one did, which was forked. Raises StudioError where what
    that one began with is gone.
    """
    there, here = run / "checkpoints", path / "checkpoints"
    try:
        content = json.loads((there / f"{START}.json").read_text("utf-8"))
        shutil.copyfile(there / Path(content["file"]).name, here / Path(content["file"]).name)
        for file in (f"checkpoints/{START}.json", "fork.json", BEFORE):
            shutil.copyfile(run / file, path / file)
        raw = read_json(run)
        begun = {"epochs_done": raw["parent"]["epoch"], "step": raw["parent"]["step"]}
        write_run(path, {**read_json(path), "parent": raw["parent"], **begun})
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{run.name}: was forked, and what it began with is gone or cannot be read: {error}"
        hint = "Restore its folder from a copy, or repeat the run that it came from."
        raise StudioError(message, hint) from error


def read_fork(run_dir: Path) -> Fork | None:
    """How a run was forked; None where it was not. Raises StudioError."""
    try:
        raw: dict[str, Any] = json.loads((run_dir / "fork.json").read_text("utf-8"))
        lists: dict[str, Any] = {key: tuple(_weight(one) for one in raw[key]) for key in LISTS}
        values: dict[str, Any] = {**raw, **lists, "run": Path(raw["run"])}
        return Fork(**values)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StudioError(f"{run_dir / 'fork.json'}: cannot be read: {error}") from error


def compare(
    before: Shapes, after: Shapes
) -> tuple[tuple[Weight, ...], tuple[Weight, ...], tuple[Weight, ...]]:
    """Which tensors are kept, which are initialised afresh, and which are dropped."""
    kept = [Weight(name, shape) for name, shape in after.items() if before.get(name) == shape]
    fresh = [
        Weight(name, shape, before.get(name)) for name, shape in after.items() if before.get(name) != shape
    ]
    dropped = [Weight(name, shape) for name, shape in before.items() if name not in after]
    return tuple(kept), tuple(fresh), tuple(dropped)


def network_shapes(plan: Plan) -> dict[str, tuple[int, ...]]:
    """The shapes of a plan's weights, by the names of state_dict, without making them."""
    import torch

    from studio.build.network import Network

    with torch.device("meta"):
        state = Network(plan).state_dict()
    return {name: tuple(one.shape) for name, one in state.items()}


def _described(run: Path, name: str) -> tuple[dict[str, Any], dict[str, tuple[int, ...]]]:
    """What a checkpoint says, and the shapes of its weights, whose values are not read."""
    folder = holder_of(run, name) / "checkpoints"
    try:
        content = json.loads((folder / f"{name}.json").read_text("utf-8"))
        with (folder / Path(content["file"]).name).open("rb") as stream:
            header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
        shapes = {
            key.removeprefix(MODEL): tuple(one["shape"])
            for key, one in header.items()
            if key.startswith(MODEL)
        }
    except FileNotFoundError as error:
        raise StudioError(f"{run.name}: there is no {name} checkpoint.", "Train the run first.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "Choose another checkpoint of the run."
        raise StudioError(f"{folder / name}.json: cannot be read: {error}", hint) from error
    return content, shapes


def _seconds(fork: Fork, content: Mapping[str, Any]) -> float:
    """Seconds trained until there; of the best weights, whose file does not say it, by the curves."""
    if "seconds" in content:
        return float(content["seconds"])
    events = (*read_before(fork.run), *read_events(fork.run))
    judged = [one for one in events if isinstance(one, EpochEnded | Validated)]
    return max((one.time for one in judged if one.step <= fork.step), default=0.0)


def _refuse_over(fork: Fork, project: Project, seconds: float) -> None:
    """Raises StudioError where the settings end the training by where it would begin."""
    values = values_of(TRAINING, project.training.options)
    done = {
        "epochs": ("epoch", fork.epoch),
        "max_steps": ("step", fork.step),
        "max_minutes": ("minute", seconds / 60.0),
    }
    for name, (unit, so_far) in done.items():
        most = cast("float | None", values[name])
        if most is None or most > so_far:
            continue
        told, more = f"{round(so_far, 3)}", math.ceil(so_far + most)
        raise StudioError(
            f"{fork.run.name}: the {fork.checkpoint} checkpoint stands at {unit} {told}, and {name} is "
            f"{most:.9g}: nothing is left to train.",
            f"It counts from the beginning of that run: set {name} to more than {told} in the training "
            f"settings (--set training.{name}={more}).",
        )


def _alike(before: Project, after: Project) -> bool:
    """Whether training goes on as it would have: the same network, data, optimizer and settings."""
    return _essence(before) == _essence(after)


def _essence(project: Project) -> tuple[object, ...]:
    training = project.training
    values = values_of(TRAINING, training.options)
    settings = {name: value for name, value in values.items() if name not in FREE}
    blocks = {name: (_drawn(block.graph), block.arguments) for name, block in project.blocks.items()}
    data = replace(project.data, extra={})
    schedule, optimizer = training.schedule, training.optimizer.type
    return _drawn(project.graph), blocks, data, settings, schedule, optimizer, dict(project.constants)


def _parting(project: Project) -> tuple[object, ...]:
    """By what it is settled which samples a run trains on."""
    data, kept_apart = project.data, ("normalize", "workers")
    values = {name: one for name, one in values_of(DATA, data.options).items() if name not in kept_apart}
    return data.source.type, dict(data.source.params), values


def _drawn(graph: Graph) -> tuple[object, ...]:
    """A graph without what only says where it lies."""
    nodes = {name: replace(node, position=(0.0, 0.0), note="") for name, node in graph.nodes.items()}
    return nodes, {(edge.source, edge.target) for edge in graph.edges}


def _place(fork: Fork) -> dict[str, Any]:
    return {"checkpoint": fork.checkpoint, "epoch": fork.epoch, "step": fork.step, "whole": fork.whole}


def _told(fork: Fork) -> dict[str, Any]:
    return {**asdict(fork), "run": str(fork.run)}


def _weight(raw: Mapping[str, Any]) -> Weight:
    before = raw["before"]
    return Weight(raw["name"], tuple(raw["shape"]), None if before is None else tuple(before))

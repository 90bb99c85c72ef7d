"""Checkpoints: weights (for "last" all that an exact resume needs) as safetensors, described by a JSON file.

The JSON file is what counts: it names its safetensors file, whose name holds its checksum, and is replaced
atomically after that file is whole. At every moment there is the old checkpoint or the new one, never a half.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
from torch import Tensor

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Plan
from studio.data.pipeline import Learned
from studio.data.prepare import scales_from_json, scales_to_json
from studio.data.scale import Scale
from studio.data.ways import Way, ways_from_json, ways_to_json
from studio.errors import StudioError
from studio.project.fields import Field
from studio.project.files import new_file, put, write_atomic
from studio.train.kept import list_kept, named
from studio.train.rescue import holder_of, sweep
from studio.train.runs import run_project

FORMAT = 1
MODEL = "model."


def save_checkpoint(
    run_dir: Path, name: str, tensors: Mapping[str, Tensor], content: Mapping[str, Any]
) -> None:
    """Write a checkpoint; `content` goes into the JSON file. Raises OSError; the old one is then whole.

    The run's folder must be there: where it was moved away none is made in its place.
    """
    folder = run_dir / "checkpoints"
    folder.mkdir(exist_ok=True)
    try:
        with new_file(folder / name) as new:
            _write(new, {key: one.detach().cpu().contiguous() for key, one in tensors.items()})
            with new.open("rb") as written:
                digest = hashlib.file_digest(written, "sha256").hexdigest()
            file = folder / f"{name}.{digest[:12]}.safetensors"
            put(new, file)
        described = {"format": FORMAT, "file": file.name, "sha256": digest, **content}
        write_atomic(folder / f"{name}.json", json.dumps(described, indent=1).encode())
    finally:
        sweep(folder, name)


def load_checkpoint(run_dir: Path, name: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors and the content of a checkpoint. Raises StudioError where it is missing or damaged."""
    folder = holder_of(run_dir, name) / "checkpoints"
    try:
        content = json.loads((folder / f"{name}.json").read_text("utf-8"))
        data = (folder / Path(content["file"]).name).read_bytes()
    except FileNotFoundError as error:
        raise StudioError(
            f"{run_dir.name}: there is no {name} checkpoint.", "Train the run first."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{folder / name}.json: cannot be read: {error}"
        raise StudioError(message, _others(run_dir, name)) from error
    if hashlib.sha256(data).hexdigest() != content.get("sha256"):
        raise StudioError(
            f"{folder / content['file']}: it has changed since it was written.", _others(run_dir, name)
        )
    return safetensors.torch.load(data), content


def drop_checkpoint(run_dir: Path, name: str) -> None:
    """Delete a checkpoint, first what names its weights. What cannot be deleted stays."""
    folder = run_dir / "checkpoints"
    with contextlib.suppress(OSError):
        (folder / f"{name}.json").unlink(missing_ok=True)
        for file in folder.glob(f"{name}.*.safetensors"):
            file.unlink()


def has_checkpoint(run_dir: Path, name: str) -> bool:
    """Whether there is one."""
    return (holder_of(run_dir, name) / "checkpoints" / f"{name}.json").is_file()


def model_tensors(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights among a checkpoint's tensors, under the names of state_dict."""
    return {key.removeprefix(MODEL): one for key, one in tensors.items() if key.startswith(MODEL)}


def load_network(run: Path, which: str = "best") -> tuple[Network, Plan]:
    """The trained network of a run in eval mode, on the CPU, and its plan. Raises StudioError.

    `which` is a checkpoint's name, or the number of an epoch that was kept.
    """
    which = named(run, which)
    checked = Checker().check(run_project(run), load_fields(run))
    if checked.errors:
        problem = checked.errors[0]
        raise StudioError(f"{run.name}: its project has a problem: {problem.message}", problem.hint)
    tensors, _ = load_checkpoint(run, which)
    network = Network(checked.plan)
    try:
        network.load_state_dict(model_tensors(tensors))
    except RuntimeError as error:
        raise StudioError(f"{run.name}: the {which} checkpoint does not fit its project: {error}") from error
    return network.eval(), checked.plan


def save_data(
    run_dir: Path,
    fields: Mapping[str, Field],
    scales: Mapping[str, Scale],
    learned: Learned,
    ways: Mapping[str, Way],
) -> None:
    """Keep what the data looked like and how it was normalised. Raises OSError."""
    described = json.dumps([asdict(field) for field in fields.values()], indent=1, ensure_ascii=False)
    write_atomic(run_dir / "fields.json", described.encode())
    write_atomic(run_dir / "scales.json", json.dumps(scales_to_json(scales), indent=1).encode())
    steps = {name: [dict(state) for state in states] for name, states in learned.items()}
    write_atomic(run_dir / "learned.json", json.dumps(steps, ensure_ascii=False).encode())
    write_atomic(run_dir / "steps.json", json.dumps(ways_to_json(ways), ensure_ascii=False).encode())


def load_fields(run_dir: Path) -> dict[str, Field]:
    """The fields of the data that the run was trained on. Raises StudioError."""
    fields = [_field(one) for one in _read(run_dir / "fields.json")]
    return {field.name: field for field in fields}


def load_scales(run_dir: Path) -> dict[str, Scale]:
    """How the run's inputs were normalised. Raises StudioError."""
    return scales_from_json(_read(run_dir / "scales.json"))


def load_learned(run_dir: Path) -> Learned | None:
    """What the columns' steps learned in the run; None where it is older than them. Raises StudioError."""
    if not (run_dir / "learned.json").exists():
        return None
    return {name: tuple(states) for name, states in _read(run_dir / "learned.json").items()}


def load_ways(run_dir: Path) -> dict[str, Way]:
    """How fields are made of what is given; none where the run is older than that. Raises StudioError."""
    if not (run_dir / "steps.json").exists():
        return {}
    return ways_from_json(_read(run_dir / "steps.json"), load_learned(run_dir) or {})


def _field(values: Mapping[str, Any]) -> Field:
    known: dict[str, Any] = dict(values)
    known["shape"] = tuple(known["shape"])
    known["classes"] = None if known["classes"] is None else tuple(known["classes"])
    return Field(**known)


def _read(file: Path) -> Any:  # noqa: ANN401
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise StudioError(f"{file}: cannot be read: {error}", "Train the run anew.") from error


def _write(file: Path, tensors: dict[str, Tensor]) -> None:
    """Tensors as they lie in memory, none copied on the way. Raises OSError."""
    try:
        safetensors.torch.save_file(tensors, file)
    except safetensors.SafetensorError as error:
        found = re.search(r"os error (\d+)", str(error))
        raise OSError(int(found[1]), os.strerror(int(found[1]))) if found else OSError(str(error)) from error


def _others(run_dir: Path, name: str) -> str:
    """What can be used in place of a damaged checkpoint."""
    whole = [one for one in list_kept(run_dir) if one.name != name and not one.problem]
    if not whole:
        return "There is no other: train the run anew."
    told = ", ".join(f"{one.name} (epoch {one.epoch})" for one in whole)
    return f"These are still as they were written: {told}."

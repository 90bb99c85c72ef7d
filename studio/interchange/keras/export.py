"""Writes a drawing as Keras: source with its weights beside it, a .keras file, or a SavedModel.

All of it is built in a process of its own, and held against the network on real samples before it is written.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from torch import Tensor

from studio.build.plan import Plan
from studio.errors import StudioError
from studio.interchange.exported import Exported
from studio.interchange.extras import needed
from studio.interchange.keras.comparing import CLOSE, job_of, network_of
from studio.interchange.keras.missing import missing_twins
from studio.interchange.keras.running import run_jobs
from studio.interchange.keras.source import to_keras
from studio.interchange.samples_for import samples_for
from studio.interchange.whole_files import unwritable, write_whole
from studio.project.project import Project

Form = Literal["weights", "keras", "savedmodel"]
Stopped = Callable[[], bool]
SAMPLES = 8
WEIGHTS = ".weights.h5"
LOADING = 'Load the weights with  build_model().load_weights("{}")'
CLASSES = "Import the source before loading the model: it holds layers of its own ({})."


def never() -> bool:
    """For an export that nobody stops."""
    return False


def export_keras(
    project: Project,
    plan: Plan,
    path: Path,
    weights: Mapping[str, Tensor] | None = None,
    folder: Path | None = None,
    stopped: Stopped = never,
) -> Exported:
    """Write the source, and its weights beside it where there are some.

    `folder` is where the project's data are read from. Raises StudioError where something has no twin, Keras
    is missing or computes something else, or a file cannot be written.
    """
    refuse_missing(plan)
    largest, count, beside = save_weights(project, plan, path, weights, folder or path.parent, stopped)
    write_whole(path, to_keras(project, plan).encode())
    loading = [LOADING.format(one.name) for one in beside]
    return Exported((path, *beside), largest, (*_notes(plan), *loading), count)


def save_weights(
    project: Project,
    plan: Plan,
    path: Path,
    weights: Mapping[str, Tensor] | None,
    folder: Path,
    stopped: Stopped = never,
) -> tuple[float, int, list[Path]]:
    """Compare, and write the weights beside the source at a path where there are any.

    The largest difference, the number of samples, and the files. Raises StudioError.
    """
    forms: tuple[Form, ...] = () if weights is None else ("weights",)
    with tempfile.TemporaryDirectory(prefix="neuroloom-keras-") as held:
        largest, count = _checked(project, plan, weights, folder, forms, Path(held), stopped)
        if weights is None:
            return largest, count, []
        beside = path.with_suffix(WEIGHTS)
        write_whole(beside, (Path(held) / f"model{WEIGHTS}").read_bytes())
    return largest, count, [beside]


def refuse_missing(plan: Plan) -> None:
    """Raises StudioError where something has no twin, saying what comes nearest."""
    absent = [str(one) for one in missing_twins(plan) if not one.said]
    if absent:
        raise StudioError(
            f"Keras has no twin of {' '.join(absent)}", "Change that, or export PyTorch instead."
        )


def export_keras_model(
    project: Project,
    plan: Plan,
    path: Path,
    weights: Mapping[str, Tensor] | None = None,
    folder: Path | None = None,
    form: Literal["keras", "savedmodel"] = "keras",
    stopped: Stopped = never,
) -> Exported:
    """Write the model with its weights: a .keras file, or a SavedModel, which is a folder.

    Raises StudioError as `export_keras`; a SavedModel needs TensorFlow.
    """
    if form == "savedmodel":
        needed("tensorflow", "tensorflow", "keras")
        _replaceable(path)
    with tempfile.TemporaryDirectory(prefix="neuroloom-keras-") as held:
        where = Path(held)
        largest, count = _checked(project, plan, weights, folder or path.parent, (form,), where, stopped)
        if form == "keras":
            write_whole(path, (where / "model.keras").read_bytes())
        else:
            _move(where / "model", path)
    own = _own_layers(to_keras(project, plan))
    notes = (CLASSES.format(", ".join(own)),) if own and form == "keras" else ()
    return Exported((path,), largest, (*_notes(plan), *notes), count)


def _checked(
    project: Project,
    plan: Plan,
    weights: Mapping[str, Tensor] | None,
    folder: Path,
    forms: tuple[Form, ...],
    held: Path,
    stopped: Stopped,
) -> tuple[float, int]:
    """Build, compare and save in a child: the largest difference, and the number of samples."""
    absent = [str(one) for one in missing_twins(plan) if not one.said]
    if absent:
        raise StudioError(
            f"Keras has no twin of {' '.join(absent)}", "Change that, or export PyTorch instead."
        )
    names = {"weights": f"model{WEIGHTS}", "keras": "model.keras", "savedmodel": "model"}
    samples = samples_for(project, plan, folder, SAMPLES)
    save = {form: held / names[form] for form in forms}
    job = job_of(project, plan, network_of(plan, weights), samples, save)
    (told,) = run_jobs([job], "tensorflow" if "savedmodel" in forms else "", stopped)
    largest = _difference(told)
    return largest, min((len(one) for one in samples.values()), default=0)


def _difference(told: Mapping[str, Any]) -> float:
    if "error" in told:
        raise StudioError("Keras could not build the model.", str(told["error"]))
    largest = float(told["difference"])
    if not largest <= CLOSE:
        raise StudioError(
            f"Keras says something else than the network: {largest:.1e} apart, {CLOSE:.0e} are allowed.",
            "Nothing was written.",
        )
    return largest


def _notes(plan: Plan) -> tuple[str, ...]:
    return tuple(str(one) for one in missing_twins(plan))


def _own_layers(source: str) -> list[str]:
    """The classes that a source registers."""
    return [line[6:].partition("(")[0] for line in source.splitlines() if line.startswith("class ")]


def _replaceable(path: Path) -> None:
    """Only a SavedModel or an empty folder is written over."""
    if path.is_file() or (path.is_dir() and any(path.iterdir()) and not (path / "saved_model.pb").is_file()):
        raise StudioError(f"{path} is there already and is no SavedModel.", "Choose another name.")


def _move(made: Path, path: Path) -> None:
    """Put a folder in its place, which may be on another disk."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        near = Path(tempfile.mkdtemp(prefix=".neuroloom-", dir=path.parent))
        try:
            shutil.copytree(made, near / "new")
            if path.exists():
                path.rename(near / "old")
            (near / "new").rename(path)
        finally:
            shutil.rmtree(near, ignore_errors=True)
    except OSError as error:
        raise unwritable(path, error) from error

"""One import from its source to the project's file with the weights beside it."""

from __future__ import annotations

import contextlib
import faulthandler
import io
import os
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import torch

from studio.errors import StudioError
from studio.interchange.foreign.faults import place_of, said
from studio.interchange.foreign.finding import find
from studio.interchange.foreign.kept_code import with_code
from studio.interchange.foreign.shapes import EXAMPLE, InputShape, tensors
from studio.interchange.imported import Imported, Told
from studio.interchange.refused import refuse_pt2
from studio.interchange.whole_files import write_whole
from studio.project.storage import dumps, save

Progress = Callable[[str], None]
SUFFIX = ".safetensors"
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be imported: a source (an .onnx file, or see finding.py), inputs, and its arguments."""

    source: str
    inputs: tuple[InputShape, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    name: str = ""


@dataclass(frozen=True, slots=True)
class Brought:
    """An import that is written: its files, and how much it is."""

    imported: Imported
    path: Path
    weights: Path | None
    drawn: int
    """Nodes before they were folded."""

    @property
    def told(self) -> list[Told]:
        """What is told of it, the same of several nodes once."""
        return gathered(self.imported.report)


def bring(asked: Asked, path: Path, progress: Progress) -> Brought:
    """Import and write the project's file and, beside it, the weights. Raises StudioError, and then nothing
    is written. Code that a module has runs, but for ONNX, where there is none.
    """
    path = path.absolute()
    refuse_pt2(Path(asked.source))
    if asked.source.lower().endswith(".onnx"):
        from studio.interchange.onnx.reading import drawn as in_blocks
        from studio.interchange.onnx.reading import read_onnx

        flat = read_onnx(Path(asked.source), progress)
        imported, drawn = in_blocks(flat, progress), len(flat.project.graph.nodes)
    else:
        imported, drawn = _from_module(asked, progress)
    if asked.name:
        imported = replace(imported, project=replace(imported.project, name=asked.name))
    progress("Writing the files …")
    return written(imported, path, drawn)


def _from_module(asked: Asked, progress: Progress) -> tuple[Imported, int]:
    from studio.interchange.folding.folding import folded
    from studio.interchange.foreign.left_out import left_out
    from studio.interchange.laid_out import laid_out
    from studio.interchange.modules.importing import import_module

    progress(f"Running the code of {asked.source} …")
    with _as_before() as printed:
        found = find(asked.source, asked.arguments, Path.cwd())
    shapes = asked.inputs or found.inputs
    if not shapes:
        raise StudioError(f"What does {asked.source} take?", f"Give --input. {EXAMPLE}")
    args, kwargs = tensors(shapes, found.module)
    progress("Recording what it does …")
    with _as_before():
        flat = _drawn(lambda: import_module(found.module, args, kwargs, found.name))
        flat = with_code(flat, found.file) if found.file is not None else flat
        flat = replace(flat, report=(*flat.report, *left_out(found.module, args, kwargs)))
    progress("Folding what it repeats into blocks …")
    imported = folded(flat)
    progress("Laying the drawing out …")
    imported = replace(imported, project=laid_out(imported.project))
    if text := printed.getvalue().strip():
        told = Told("warning", None, f"When it was loaded it printed: {text[:LONGEST]}")
        imported = replace(imported, report=(*imported.report, told))
    return imported, len(flat.project.graph.nodes)


def _drawn(run: Callable[[], Imported]) -> Imported:
    """What a run gives; an error of foreign code is told with its place."""
    try:
        return run()
    except StudioError as error:
        place = place_of(error.__cause__) if error.__cause__ is not None else ""
        raise StudioError(f"{error.message}{place}", error.hint) from error
    except (SystemExit, RecursionError) as error:
        raise StudioError(f"It ended while it ran{place_of(error)}.", "Run it by itself first.") from error
    except Exception as error:  # A module may hold and do anything: what reads it cannot know it all.
        message = f"It cannot be drawn: {said(error)}{place_of(error)}."
        raise StudioError(message, "Import a part of it that is a plain network.") from error


@contextlib.contextmanager
def _as_before() -> Generator[io.StringIO]:
    """Foreign code changes nothing for good: the folder, torch's settings. What it prints is kept aside."""
    folder, dtype, printed = Path.cwd(), torch.get_default_dtype(), io.StringIO()
    grad, threads, device = torch.is_grad_enabled(), torch.get_num_threads(), torch.get_default_device()
    environment, leave = dict(os.environ), os._exit  # pyright: ignore[reportPrivateUsage] - the name of it
    if not faulthandler.is_enabled():
        faulthandler.enable(sys.__stderr__ or 2)  # what ends the process natively is told with its line
    with contextlib.redirect_stdout(printed):
        try:
            os._exit = _ended(leave)
            yield printed
        finally:
            os._exit = leave
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(environment)
            torch.set_default_dtype(dtype)
            torch.set_grad_enabled(grad)
            if torch.get_default_device() != device:
                torch.set_default_device(device)
            if torch.get_num_threads() != threads:
                torch.set_num_threads(threads)


def _ended(leave: Callable[[int], NoReturn]) -> Callable[[int], NoReturn]:
    """os._exit as an error that can be told; processes that the code begins end as they did."""
    own = os.getpid()

    def end(status: int) -> NoReturn:
        if os.getpid() != own:
            leave(status)
        raise SystemExit(status)

    return end


def written(imported: Imported, path: Path, drawn: int) -> Brought:
    """The project and its weights as files: both, or none where one cannot be written."""
    project, weights = imported.project, path.with_suffix(SUFFIX) if imported.weights else None
    if weights is not None:
        options = {**project.training.options, "weights": weights.name}
        project = replace(project, training=replace(project.training, options=options))
    dumps(project)  # told before anything is written
    if weights is not None:
        _write_weights(imported, weights)
    try:
        save(project, path)
    except StudioError:
        if weights is not None:
            weights.unlink(missing_ok=True)
        raise
    return Brought(replace(imported, project=project), path, weights, drawn)


def _write_weights(imported: Imported, path: Path) -> None:
    from safetensors.torch import save as packed

    data = packed({name: one.detach().clone().contiguous() for name, one in imported.weights.items()})
    write_whole(path, data)


def gathered(report: Sequence[Told]) -> list[Told]:
    """What is told, the same of several nodes once."""
    nodes: dict[Told, list[str]] = {}
    for one in report:
        nodes.setdefault(replace(one, node=None), []).extend([one.node] if one.node else [])
    return [replace(one, node=", ".join(names) or None) for one, names in nodes.items()]


def in_the_way(path: Path) -> Path | None:
    """A file that an import to this path would write over."""
    return next((one for one in (path, path.with_suffix(SUFFIX)) if one.exists()), None)

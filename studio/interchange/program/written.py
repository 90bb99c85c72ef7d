"""A project as one program: its data, its network, its training and its evaluation, with a command line.

With the settings, the seed and the data of a run it gives the same losses, epoch by epoch. It imports
nothing of this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor

from studio.build.plan import Plan
from studio.errors import StudioError
from studio.interchange.exported import Exported
from studio.interchange.program.begun import planned, program_path, training_options
from studio.interchange.program.data import data_code
from studio.interchange.program.made import Made
from studio.interchange.program.objective import returning
from studio.interchange.program.places import beside
from studio.interchange.pytorch.check import Weights, compared, save_tensors
from studio.interchange.pytorch.source import Module, module_of
from studio.interchange.whole_files import write_whole
from studio.project.project import Project
from studio.train.balance import balanced
from studio.train.metrics.own_units import own_units
from studio.train.work import needed_fields

RESERVED = frozenset({"Objective", "Meter", "Plateau", "MeanWeights", "Together", "Batch", "Compared"})
"""Classes of a program; those of the drawing are called otherwise."""


@dataclass(frozen=True, slots=True)
class Program:
    """The text, and the class of the network in it; the tensors that it loads from a file beside it; and what
    it leaves out or does otherwise. With `plain_data` it reads the data itself.
    """

    text: str
    network: str
    plan: Plan
    beside: Mapping[str, Tensor] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    plain_data: bool = True


def to_pytorch_program(project: Project, plan: Plan, folder: Path, out: Path | None = None) -> str:
    """The program as text. Relative paths of the data start from `folder`; the program will be `out`.

    Raises StudioError where the data cannot be read, or there is nothing to train.
    """
    return make_program(project, plan, folder, out).text


def export_pytorch_program(
    project: Project,
    plan: Plan,
    path: Path,
    folder: Path | None = None,
    weights: Weights | None = None,
    target: Path | None = None,
) -> Exported:
    """Write the whole program, the files that it loads and, where there are any, weights beside it.

    Relative paths of the data start from `folder`. `target` is where the program will lie in the end, if
    that is another place. What it leaves out is in the notes. Raises StudioError.
    """
    folder = folder or path.absolute().parent
    trained = path.with_suffix(".safetensors").name if weights is not None else ""
    made = make_program(project, plan, folder, target or path, trained)
    write_whole(path, made.text.encode())
    paths = [path]
    if made.beside:
        paths.append(beside(path, "rows" if made.plain_data else "data"))
        save_tensors(made.beside, paths[-1])
    if weights is None:
        return Exported(tuple(paths), notes=made.notes)
    paths.append(path.with_suffix(".safetensors"))
    save_tensors(weights, paths[-1])
    found, count = compared(project, made.plan, made.text, made.network, weights, folder)
    return Exported(tuple(paths), found, made.notes, count)


def make_program(
    project: Project, plan: Plan, folder: Path, out: Path | None = None, trained: str = ""
) -> Program:
    """The program with all that belongs to it; `trained` names the file of weights beside it.

    Raises StudioError.
    """
    options = training_options(project, plan)
    code, prepared = data_code(project, folder, needed_fields(plan))
    checked = planned(project, prepared)
    own = balanced(checked.plan, prepared.parts["train"].tensors)
    network = returning(own)
    module = module_of(project, network, RESERVED)
    _check_names(module)
    path = out or program_path(project, folder)
    units = own_units(own, prepared.ways)
    made = Made(project, checked, own, options, prepared, code, module, units, path, folder, trained)
    return Program(made.text(), module.name, network, code.beside, made.notes, code.plain)


def _check_names(module: Module) -> None:
    """Refuse a class of the user's own that is called as one of a program's. Raises StudioError."""
    taken = sorted(RESERVED & set(module.own_names))
    if taken:
        raise StudioError(
            f"The Python layer {taken[0]} is called as a class of the program.", "Call it otherwise."
        )

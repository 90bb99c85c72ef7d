"""samples and layers: what ships with the program."""

from __future__ import annotations

import shutil
from argparse import Namespace
from difflib import get_close_matches
from pathlib import Path

from studio.catalog.registry import Layer, Port, registry
from studio.cli.say import UsageError, program, say, table
from studio.errors import StudioError
from studio.places import shipped
from studio.project.params import FilePath, Param, shown
from studio.project.project import Project
from studio.project.storage import load

SUFFIX = ".loom"


def samples(arguments: Namespace) -> int:
    """neuroloom samples [NAME [DEST]]: list the samples, or copy one with its data."""
    found = {path.stem: path for path in sorted(shipped("samples").glob(f"*{SUFFIX}"))}
    if arguments.name is None:
        rows = [["sample", "what it shows"]]
        rows += [[name, load(path).notes.partition("\n")[0]] for name, path in found.items()]
        say(table(rows))
        return 0
    name = arguments.name.removesuffix(SUFFIX)
    if name not in found:
        raise UsageError(f"there is no sample {name}", f"There are: {', '.join(found)}")
    target = _copy(found[name], Path(arguments.dest or "."))
    say(f"copied to {target}; open it with: {program()} {target}")
    return 0


def _copy(sample: Path, dest: Path) -> Path:
    """Copy a sample and the data that lies beside it; nothing is overwritten. Raises StudioError."""
    target = dest if dest.suffix == SUFFIX else dest / sample.name
    data = [(sample.parent / one, target.parent / one) for one in _own_data(load(sample))]
    for source, copy in ((sample, target), *data):
        if copy.exists() and copy.read_bytes() != source.read_bytes():
            raise StudioError(f"{copy} is there already and differs.", "Name another folder or file.")
    try:
        for source, copy in ((sample, target), *data):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
    except OSError as error:
        raise StudioError(f"{target}: cannot be written: {error.strerror or error}") from error
    return target


def _own_data(project: Project) -> list[str]:
    """The files of a project's data that are named relative to it."""
    source = project.data.source
    component = registry().component("source", source.type)
    params = component.params if component else ()
    named = [str(source.params.get(param.name, "")) for param in params if isinstance(param, FilePath)]
    return [name for name in named if name and not Path(name).is_absolute()]


def layers(arguments: Namespace) -> int:
    """neuroloom layers [NAME]: list the layers by family, or explain one."""
    known = registry()
    if arguments.name is None:
        for family, members in known.families().items():
            say(f"{family}\n{table([['  layer', 'what it does'], *_listed(members)])}\n")
        return 0
    name = str(arguments.name)
    by_name = {type.lower(): type for type in known.layers}
    layer = known.layer(by_name.get(name.lower(), name))
    if layer is None:
        near = get_close_matches(name.lower(), by_name, 3)
        hint = (
            f"Perhaps: {', '.join(by_name[one] for one in near)}" if near else "`neuroloom layers` lists all."
        )
        raise UsageError(f"there is no layer {arguments.name}", hint)
    _explain(layer)
    return 0


def _listed(members: list[Layer]) -> list[list[str]]:
    return [[f"  {layer.type}", layer.doc.partition("\n")[0]] for layer in members]


def _explain(layer: Layer) -> None:
    say(f"{layer.type} ({layer.category})\n{layer.doc}")
    if layer.all_params:
        rows = [["parameter", "default", "meaning"], *map(_param_row, layer.all_params)]
        say(f"\n{table(rows)}")
    rows = [["port", "", "meaning"]]
    rows += [_port_row(port, "in") for port in layer.inputs] + [
        _port_row(port, "out") for port in layer.outputs
    ]
    say(f"\n{table(rows)}")
    for title, text in (
        ("formula", layer.formula),
        ("use", layer.use),
        ("often followed by", ", ".join(layer.follows)),
    ):
        if text:
            say(f"\n{title}: {text}")
    for url in filter(None, (layer.url, layer.paper)):
        say(f"\n{url}")


def _param_row(param: Param) -> list[str]:
    default = "" if param.default is None else shown(param.default)
    return [param.name, default, param.doc]


def _port_row(port: Port, side: str) -> list[str]:
    notes = [note for note, holds in (("optional", port.optional), ("several", port.variadic)) if holds]
    return [port.name, ", ".join([side, *notes]), port.doc]

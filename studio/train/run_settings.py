"""What a run was trained with, as one flat table of names and values, and which of them differ. No torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from studio.catalog.registry import registry, values_of
from studio.catalog.settings import DATA, TRAINING
from studio.errors import StudioError
from studio.project.graph import Graph
from studio.project.params import Value
from studio.project.project import Project, Setting
from studio.train.runs import run_project

Settings = Mapping[str, Value]


def run_settings(run: Path) -> Settings:
    """The settings of a run; none where its project cannot be read."""
    file = run / "project.loom"
    try:
        stat = file.stat()
        return _of_file(run, stat.st_mtime_ns, stat.st_size)
    except (OSError, StudioError):
        return {}


def settings_of(project: Project) -> Settings:
    """Training, optimizer, schedule, data, and every parameter of every node, by the names of --set."""
    training = project.training
    found: dict[str, Value] = {
        f"training.{name}": value for name, value in values_of(TRAINING, training.options).items()
    }
    found |= _setting("optimizer", training.optimizer)
    found |= _setting("schedule", training.schedule)
    found |= _setting("data.source", project.data.source)
    found |= {f"data.{name}": value for name, value in values_of(DATA, project.data.options).items()}
    found |= {f"constant {name}": value for name, value in project.constants.items()}
    found |= _nodes("", project.graph)
    for name, block in project.blocks.items():
        found |= _nodes(f"{name}/", block.graph)
    return found


def differing(settings: Iterable[Settings]) -> list[str]:
    """The names whose values are not the same in all; nodes that some lack are left to their own table."""
    every = list(settings)
    names = dict.fromkeys(name for one in every for name in one)
    return [name for name in names if len({repr(one.get(name)) for one in every}) > 1]


@lru_cache(maxsize=1024)
def _of_file(run: Path, changed: int, size: int) -> Settings:
    """The settings of a project's file of this time and size."""
    return settings_of(run_project(run))


def _setting(kind: str, setting: Setting) -> dict[str, Value]:
    component = registry().component(kind.removeprefix("data."), setting.type)  # type: ignore[arg-type]
    values = component.values(setting.params) if component else setting.params
    return {kind: setting.type, **{f"{kind}.{name}": value for name, value in values.items()}}


def _nodes(start: str, graph: Graph) -> dict[str, Value]:
    """Every node's type and parameters, defaults too: what was never set is compared with what was."""
    found: dict[str, Value] = {}
    for name, node in graph.nodes.items():
        layer = registry().layer(node.type)
        found[f"{start}{name}"] = f"{node.type} (muted)" if node.muted else node.type
        values = {one.name: one.default for one in layer.all_params} if layer else {}
        found |= {f"{start}{name}.{key}": value for key, value in {**values, **node.params}.items()}
    return found

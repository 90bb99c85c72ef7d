"""The project: the drawing with its data and training settings. An edit is a function Project -> Project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from studio.project.block import Block
from studio.project.graph import Graph
from studio.project.params import Value

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Setting:
    """A component chosen from the catalog (an optimizer, a data source, …) and the parameters set on it."""

    type: str
    params: Mapping[str, Value] = field(default_factory=dict)
    extra: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Seal the mappings."""
        _seal(self, "params", "extra")


@dataclass(frozen=True, slots=True)
class Data:
    """Where samples come from and how they are split and normalised; `options` as catalog.settings.DATA
    declares.
    """

    source: Setting = field(default_factory=lambda: Setting("None"))
    options: Mapping[str, Value] = field(default_factory=dict)
    extra: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Seal the mappings."""
        _seal(self, "options", "extra")


@dataclass(frozen=True, slots=True)
class Training:
    """How the network is trained; `options` as catalog.settings.TRAINING declares (epochs, batch_size, seed,
    …).
    """

    optimizer: Setting = field(default_factory=lambda: Setting("Adam"))
    schedule: Setting = field(default_factory=lambda: Setting("Constant"))
    options: Mapping[str, Value] = field(default_factory=dict)
    extra: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Seal the mappings."""
        _seal(self, "options", "extra")


@dataclass(frozen=True, slots=True)
class Project:
    """All that a .loom file holds. `name` is a title; the file's name is not part of the value.

    `blocks` are sub-graphs by name, `constants` the names that formulas in the main graph can read.
    """

    name: str = "untitled"
    graph: Graph = field(default_factory=Graph)
    data: Data = field(default_factory=Data)
    training: Training = field(default_factory=Training)
    notes: str = ""
    blocks: Mapping[str, Block] = field(default_factory=dict)
    constants: Mapping[str, Value] = field(default_factory=dict)
    format: int = FORMAT
    extra: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Seal the mapping."""
        _seal(self, "blocks", "constants", "extra")

    @property
    def node_count(self) -> int:
        """The nodes of the main graph and of all blocks."""
        return len(self.graph.nodes) + sum(len(block.graph.nodes) for block in self.blocks.values())

    def with_graph(self, graph: Graph) -> Project:
        """The same project with another drawing."""
        return replace(self, graph=graph)


def _seal(value: object, *names: str) -> None:
    """Give a frozen value mappings of its own that nobody can write to."""
    for name in names:
        object.__setattr__(value, name, MappingProxyType(dict(getattr(value, name))))

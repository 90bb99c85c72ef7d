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
class FieldSetting:
    """What was decided about one column of the data; what is left open here follows from the data.

    `kind` is one of catalog.kinds.KINDS, `role` "input", "target" or "ignore", `missing` a way of
    catalog.kinds.MISSING, `odd` one of catalog.kinds.ODD; "" leaves each open. `transforms` are applied to
    every sample, in order (None: those proposed for the kind); `augment` only in training, at random.
    """

    kind: str = ""
    role: str = ""
    missing: str = ""
    odd: str = ""
    transforms: tuple[Setting, ...] | None = None
    augment: tuple[Setting, ...] = ()
    extra: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Seal the mapping."""
        _seal(self, "extra")


@dataclass(frozen=True, slots=True)
class SampleChanges:
    """What was corrected about single samples; the files they come from stay as they are.

    Samples go by their key: a path below the source's folder, or the number of the row. `labels` gives
    classes by column and key, `weights` how often a sample is seen in an epoch (1.0 where none is given).
    """

    excluded: tuple[str, ...] = ()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Seal the mappings, and bring the keys into order."""
        object.__setattr__(self, "excluded", tuple(sorted(set(self.excluded))))
        labels = {name: MappingProxyType(dict(of)) for name, of in self.labels.items() if of}
        object.__setattr__(self, "labels", MappingProxyType(labels))
        _seal(self, "weights")


@dataclass(frozen=True, slots=True)
class Data:
    """Where samples come from, what their columns are, and how they are split and normalised; `options` as
    catalog.settings.DATA declares.
    """

    source: Setting = field(default_factory=lambda: Setting("None"))
    options: Mapping[str, Value] = field(default_factory=dict)
    extra: Mapping[str, Value] = field(default_factory=dict)
    fields: Mapping[str, FieldSetting] = field(default_factory=dict)
    changes: SampleChanges = field(default_factory=SampleChanges)

    def __post_init__(self) -> None:
        """Seal the mappings."""
        _seal(self, "options", "fields", "extra")


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

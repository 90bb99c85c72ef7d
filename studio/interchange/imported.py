"""What an importer gives: a project, its weights, and what is to be told about how it came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from studio.errors import Severity
from studio.project.project import Project

ModulePath = tuple[str, ...]
"""Where a module lies in another: ("layer1", "0", "conv1"); () is the whole."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to tell about an import; `node` is None where it is about the whole."""

    severity: Severity
    node: str | None
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What the original made of some tensors: by the names of Input nodes, and of Output nodes."""

    inputs: Mapping[str, Tensor]
    results: Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Imported:
    """A project with the weights of its Network (the keys of its state_dict).

    `largest_difference` is that of the network's results from the original's, relative to the largest value
    of each result, on `trials`: new inputs, and another number of samples. None where it was not measured.

    `origin` says for nodes which module made them, and `classes` what class each of these modules has; the
    nodes lie in the graph in the order in which the original ran them.
    """

    project: Project
    weights: Mapping[str, Tensor]
    report: tuple[Told, ...] = ()
    largest_difference: float | None = None
    origin: Mapping[str, ModulePath] = field(default_factory=dict)
    classes: Mapping[ModulePath, str] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()

"""A whole project after all its nodes were looked at: what the checks of the drawing's form look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.build.machine import Machine
from studio.build.ordering import Structure
from studio.build.plan import Cost, Plan, TensorType
from studio.catalog.registry import Registry
from studio.errors import Problem
from studio.project.fields import Field
from studio.project.graph import Endpoint
from studio.project.project import Project


@dataclass(frozen=True, slots=True)
class Whole:
    """A project with what is known of it.

    `ends` are the losses and outputs that take part, `used` all nodes that they depend on, `missing` required
    ports without a wire by node, `problems` what was found at the nodes. `fields` is None while the data is
    not known, `parts` the number of samples of each part, empty while not known. `costs` are those of the
    nodes that are used. `inside`: it is the drawing of a block. `room` is how many bytes of memory a training
    may take, and `machine` where it runs; None while not known.
    """

    project: Project
    registry: Registry
    structure: Structure
    plan: Plan
    types: Mapping[Endpoint, TensorType]
    ends: tuple[str, ...]
    used: frozenset[str]
    missing: Mapping[str, tuple[str, ...]]
    problems: tuple[Problem, ...]
    fields: Mapping[str, Field] | None
    parts: Mapping[str, int]
    learns: bool
    costs: Mapping[str, Cost] = field(default_factory=dict)
    inside: bool = False
    room: float | None = None
    machine: Machine | None = None

"""The check of a project: its problems, its plan, and the type of every wire.

Incremental: a node is looked at again only when it, or what arrives at it, has changed. torch and networkx
are imported at the first check, not with this module, so that a window can be on screen before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.build.plan import Checked, Plan, Step
from studio.build.sizes import Requirement
from studio.catalog.blocks import catalog_of
from studio.catalog.registry import Registry, registry
from studio.catalog.trust import trust
from studio.errors import Problem
from studio.project.fields import Field
from studio.project.formulas import facts_of
from studio.project.graph import Edge, Graph
from studio.project.project import Project

if TYPE_CHECKING:
    from studio.build.machine import Machine
    from studio.build.ordering import Structure
    from studio.build.uses import Uses
    from studio.build.walk import Memory, Walk
    from studio.build.whole import Whole


class Checker:
    """Checks project values one after the other; what two of them share is worked out once."""

    def __init__(self, catalog: Registry | None = None) -> None:
        self._registry = catalog or registry()
        self._memory: Memory | None = None
        self._uses: Uses | None = None
        self._basis: tuple[Mapping[str, Field] | None, int] | None = None
        self._structure: tuple[tuple[Edge, ...], frozenset[str], Structure] | None = None
        self._given: tuple[Any, ...] = ()
        self._required: tuple[Plan, Mapping[str, Requirement]] | None = None
        self._aside = False
        self._unmet = False

    def check(
        self,
        project: Project,
        fields: Mapping[str, Field] | None = None,
        data_problems: tuple[Problem, ...] = (),
        parts: Mapping[str, int] | None = None,
        room: float | None = None,
        machine: Machine | None = None,
    ) -> Checked:
        """Check a project. `fields` is None while the data is not known, {} where there is none; `parts` are
        the numbers of samples by part, where known, `room` the bytes of memory that a training may take, and
        `machine` where it is to run.

        Data that cannot be read is not known: one problem says so, not one more for each field.
        """
        from studio.build.scope import Scope
        from studio.build.uses import Uses
        from studio.build.walk import Memory, Walk

        self._given = (fields, data_problems, parts, room, machine)
        if not fields and any(problem.severity == "error" for problem in data_problems):
            fields = None

        if self._memory is None or (fields, trust().version) != self._basis:
            self._memory, self._uses, self._basis = Memory(), None, (fields, trust().version)
        self._uses = self._uses or Uses()
        graph = project.graph
        structure = self._structured(graph)
        catalog = catalog_of(project, self._registry)
        self._uses.begin(project.blocks, catalog)
        scope = Scope({**project.constants, **facts_of(fields or {})})
        walk = Walk(graph, catalog, fields, self._memory, scope, self._uses)
        walk.run(structure.order)
        known = (data_problems, parts or {}, room, machine)
        checked = _concluded(project, catalog, structure, walk, fields, *known)
        opened = not self._aside and any(step.type.open for step in checked.plan.inputs)
        return self._with_requirements(checked, fields) if opened and not checked.errors else checked

    @property
    def fields(self) -> Mapping[str, Field]:
        """The fields of the data as of the last check, empty where they were not known."""
        return (self._basis[0] if self._basis else None) or {}

    def trial(self, project: Project) -> Checked:
        """What a check of this value would say, with the data of the last one; nothing of it is kept."""
        aside = Checker(self._registry)
        aside._aside = not self._unmet
        aside._memory = self._memory.copied() if self._memory else None
        aside._uses = self._uses.copied() if self._uses else None
        aside._basis, aside._structure = self._basis, self._structure
        return aside.check(project, *self._given)

    def _with_requirements(self, checked: Checked, fields: Mapping[str, Field] | None) -> Checked:
        """What a sound drawing demands of the sizes that are left open; found anew only for another plan."""
        from studio.build.rules_open import unmet_by_data
        from studio.build.trials import requirements_of

        if self._required is None or self._required[0] != checked.plan:
            self._required = (checked.plan, requirements_of(checked.plan))
        requirements = self._required[1]
        told = tuple(unmet_by_data(checked.plan, requirements, fields))
        self._unmet = bool(told)
        return replace(checked, requirements=requirements, problems=_ranked((*checked.problems, *told)))

    def _structured(self, graph: Graph) -> Structure:
        """The drawing's order, worked out again only when nodes or wires came or went."""
        from studio.build.ordering import structure_of

        names = frozenset(graph.nodes)
        known = self._structure
        if known is None or known[1] != names or (known[0] is not graph.edges and known[0] != graph.edges):
            known = (graph.edges, names, structure_of(graph))
            self._structure = known
        return known[2]


def _concluded(
    project: Project,
    catalog: Registry,
    structure: Structure,
    walk: Walk,
    fields: Mapping[str, Field] | None,
    data_problems: tuple[Problem, ...],
    parts: Mapping[str, int],
    room: float | None,
    machine: Machine | None,
) -> Checked:
    """Put the nodes' answers together: the plan, and the checks of the whole."""
    from studio.build.assembly import plan_of
    from studio.build.dimensions import with_classes
    from studio.build.ordering import upstream
    from studio.build.whole import Whole

    answers = walk.answers
    ends = tuple(name for name in answers if _is_end(project, catalog, name))
    used = frozenset(upstream(project.graph, ends)) if ends else frozenset(answers)
    steps = {name: one.made for name, one in answers.items() if isinstance(one.made, Step)}
    plan = plan_of(project.graph, answers, used, structure.order)
    costs = {name: one.cost for name, one in answers.items() if one.cost and name in used}
    problems = (*data_problems, *(problem for one in answers.values() for problem in one.problems))
    whole = Whole(
        project=project.with_graph(walk.resolved()),
        registry=catalog,
        structure=structure,
        plan=plan,
        types=walk.types,
        ends=ends,
        used=used,
        missing={name: one.missing for name, one in answers.items() if one.missing},
        problems=problems,
        fields=fields,
        parts=parts,
        learns=any(cost.parameters for cost in costs.values()),
        costs=costs,
        room=room,
        machine=machine,
    )
    inner = {name: one.turns for name, one in answers.items() if one.turns}
    types = with_classes(walk.types, plan.losses)
    checked = Checked(
        project, plan, (), types, costs, steps, inner=inner, fields=fields, parts=parts, room=room
    )
    return replace(checked, problems=_ranked(_told(checked, whole, walk)))


def _told(checked: Checked, whole: Whole, walk: Walk) -> Iterator[Problem]:
    """What nodes say, then their insides, then the whole."""
    from studio.build import rules
    from studio.build.told import spoken, told_once
    from studio.build.tracing import traced

    yield from traced(whole.problems, checked.project.graph, walk.types)
    yield from map(spoken, told_once(told for one in walk.answers.values() for told in one.told))
    yield from (problem for rule in rules.WHOLE for problem in rule(whole))
    yield from rules.doubts(whole)
    yield from (problem for rule in rules.PLACED for problem in rule(checked))


def _is_end(project: Project, catalog: Registry, name: str) -> bool:
    layer = catalog.layer_of(project.graph.nodes[name])
    return layer is not None and bool(layer.inputs) and not layer.outputs and layer.block is None


def _ranked(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Errors before warnings, each in the order found."""
    return tuple(sorted(problems, key=lambda problem: problem.severity == "warning"))

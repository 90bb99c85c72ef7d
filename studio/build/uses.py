"""Uses of blocks: a block's graph looked at with what arrives at a node that places it.

Uses that bring the same share one answer, and what an edit has not touched is not looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from studio.build import rules, rules_blocks
from studio.build.assembly import plan_of
from studio.build.evaluation import Answer, is_broken, problems_of
from studio.build.family import Closure, Family, names_read
from studio.build.ordering import Structure, structure_of, upstream
from studio.build.plan import Checked, Cost, Plan, Step, TensorType
from studio.build.rules_compare import class_count
from studio.build.scope import Scope
from studio.build.site import Site
from studio.build.summary import of_turns
from studio.build.told import Told, lifted, mistake, told_once
from studio.build.tracing import traced
from studio.build.walk import Memory, Walk
from studio.build.whole import Whole
from studio.catalog.registry import Registry
from studio.errors import Problem
from studio.project.block import Block, block_name, ports
from studio.project.expressions import is_formula
from studio.project.fields import Field
from studio.project.graph import Graph
from studio.project.params import Value
from studio.project.project import Project

MOST_TURNS = 2000
"""How many answers are remembered; the oldest make room."""
MOST_STEPS = 100_000
"""How many steps a use of a block may come to."""

Types = tuple[TensorType | None, ...]
Fields = tuple[Field | None, ...]
"""The fields of the data that arrive as they are, where it is known which whole numbers they hold."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One pass through a block: what is known of its inside, its problems, what leaves it, and its steps."""

    checked: Checked
    told: tuple[Told, ...]
    outputs: Types
    steps: int

    @property
    def is_sound(self) -> bool:
        """Whether it can be built."""
        errors = any(one.problem.severity == "error" for one in self.told)
        return not errors and None not in self.outputs


@dataclass(frozen=True, slots=True)
class _Given:
    """What a use brings to a turn."""

    arguments: Mapping[str, Value]
    overrides: Mapping[str, Value]
    index: int | None
    types: Types
    fields: Fields


@dataclass(slots=True)
class _Remembered:
    closure: Closure
    memory: Memory
    turn: Turn


class Uses:
    """Answers for nodes that place blocks, over many checks."""

    def __init__(self) -> None:
        self.family = Family()
        self._catalog: Registry | None = None
        self._turns: dict[Any, _Remembered] = {}
        self._latest: dict[str, Memory] = {}
        self._structures: dict[str, tuple[Graph, Structure]] = {}

    def copied(self) -> Uses:
        """One that remembers the same."""
        new = Uses()
        new.family, new._catalog = self.family.copied(), self._catalog
        new._turns, new._latest = dict(self._turns), dict(self._latest)
        new._structures = dict(self._structures)
        return new

    def begin(self, blocks: Mapping[str, Block], catalog: Registry) -> None:
        """Answer for these blocks from now on."""
        self.family.update(blocks)
        self._catalog = catalog
        for known in (self._latest, self._structures):
            for name in known.keys() - blocks.keys():
                del known[name]

    def closure(self, type: str) -> Closure:
        """What the answer for a node of this type depends on beside the node: () where it places no block."""
        name = block_name(type)
        return () if name is None else self.family.closure(name)

    def answer(self, site: Site, given: Value, inside: str | None) -> Answer:
        """The answer for a node that places a block: `given` are its overrides, `inside` where it stands."""
        name = block_name(site.layer.type)
        assert name is not None
        assert self._catalog is not None
        problems = [*problems_of(site), *rules_blocks.overrides(site, given, self._catalog)]
        misplaced = list(rules_blocks.placement(site, name, inside, self.family))
        if misplaced or any(is_formula(site.values[param.name]) for param in site.layer.params):
            missing = () if is_broken(site) else site.missing
            return Answer(problems=(*problems, *misplaced), missing=missing)
        turns = self._repeated(site, name)
        wrong = list(rules_blocks.results(site, name, turns[0].outputs, _arriving(site)))
        told = tuple(
            replace(one, problem=rules_blocks.override_at_fault(one.problem, site.name, given, inside))
            for one in _told(turns, site.name, name)
        )
        return _concluded(site, turns, problems, wrong, told)

    def _repeated(self, site: Site, name: str) -> list[Turn]:
        """The turns of a use, as far as they are known to work; shared weights have one for all."""
        assert self._catalog is not None
        values = site.values
        shared, repeat, overrides = values["shared"], values["repeat"], values["overrides"]
        assert isinstance(repeat, int)
        assert isinstance(overrides, Mapping)
        overrides = rules_blocks.effective(site.layer, overrides, self._catalog)
        arguments = {param.name: values[param.name] for param in site.layer.params}
        types, fields = _arriving(site), _counted(site)
        turns: list[Turn] = []
        for index in range(1 if shared else repeat):
            turn = self._turn(name, _Given(arguments, overrides, None if shared else index, types, fields))
            turns.append(turn)
            if not turn.is_sound or len(turn.outputs) > len(types):
                break
            given = len(turn.outputs)
            types, fields = (*turn.outputs, *types[given:]), (*[None] * given, *fields[given:])
        return turns

    def _turn(self, name: str, given: _Given) -> Turn:
        closure = self.family.closure(name)
        reads_index = "index" in self.family.reads(name) or "index" in names_read(given.overrides)
        index = given.index if reads_index else None
        key = (name, index, _frozen(given.arguments), _frozen(given.overrides), given.types, given.fields)
        known = self._turns.pop(key, None)
        if known is None or known.closure != closure:
            before = known.memory if known else self._latest.get(name)
            memory = before.copied() if before else Memory()
            known = _Remembered(closure, memory, self._walked(name, given, memory))
            self._latest[name] = memory
        self._turns[key] = known
        while len(self._turns) > MOST_TURNS:
            del self._turns[next(iter(self._turns))]
        return known.turn

    def _walked(self, name: str, given: _Given, memory: Memory) -> Turn:
        assert self._catalog is not None
        block = self.family.blocks[name]
        names = dict(given.arguments) if given.index is None else {**given.arguments, "index": given.index}
        inputs = [node.name for node in ports(block, "Input")]
        bound = dict(zip(inputs, given.types, strict=True))
        fields = {name: field for name, field in zip(inputs, given.fields, strict=True) if field}
        scope = Scope(names, given.overrides, bound, name, fields)
        walk = Walk(block.graph, self._catalog, None, memory, scope, self)
        structure = self._structure(name, block.graph)
        walk.run(structure.order)
        return self._inside(name, block, structure, walk, fields)

    def _structure(self, name: str, graph: Graph) -> Structure:
        known = self._structures.get(name)
        if known is None or (known[0].edges is not graph.edges and known[0].edges != graph.edges) or (
            known[0].nodes.keys() != graph.nodes.keys()
        ):  # fmt: skip
            known = (graph, structure_of(graph))
            self._structures[name] = known
        return known[1]

    def _inside(
        self, name: str, block: Block, structure: Structure, walk: Walk, fields: Mapping[str, Field]
    ) -> Turn:
        """What a walk through a block found, put together."""
        answers = walk.answers
        ends = tuple(node.name for node in ports(block, "Output"))
        used = frozenset(upstream(block.graph, ends))
        plan = plan_of(block.graph, answers, used, structure.order)
        costs = {node: one.cost for node, one in answers.items() if one.cost and node in used}
        whole = self._whole(structure, walk, plan, ends, used, costs, fields)
        found = traced(whole.problems, block.graph, walk.types)
        form = (problem for rule in rules.INSIDE for problem in rule(whole))
        own = [*found, *form, *rules.doubts(whole)]
        told = told_once([*map(Told, own), *(told for one in answers.values() for told in one.told)])
        checked = Checked(
            whole.project,
            plan,
            tuple(one.problem for one in told),
            walk.types,
            costs,
            {node: one.made for node, one in answers.items() if isinstance(one.made, Step)},
            inner={node: one.turns for node, one in answers.items() if one.turns},
            block=name,
        )
        types = {output.name: output.type for output in plan.outputs}
        steps = sum(one.steps for node, one in answers.items() if node in used and isinstance(one.made, Step))
        return Turn(checked, told, tuple(types.get(end) for end in ends), steps)

    def _whole(
        self,
        structure: Structure,
        walk: Walk,
        plan: Plan,
        ends: tuple[str, ...],
        used: frozenset[str],
        costs: Mapping[str, Cost],
        fields: Mapping[str, Field],
    ) -> Whole:
        """What the checks of a drawing's form look at."""
        assert self._catalog is not None
        answers = walk.answers
        return Whole(
            project=Project(graph=walk.resolved(), blocks=self.family.blocks),
            registry=self._catalog,
            structure=structure,
            plan=plan,
            types=walk.types,
            ends=ends,
            used=used,
            missing={name: one.missing for name, one in answers.items() if one.missing},
            problems=tuple(problem for one in answers.values() for problem in one.problems),
            fields=fields,
            parts={},
            learns=True,
            inside=True,
            costs=costs,
        )


def _arriving(site: Site) -> Types:
    """The types at the ports of a block, None where nothing known arrives."""
    tensors = (site.at(port.name) for port in site.layer.inputs)
    return tuple(tensor.type if tensor else None for tensor in tensors)


def _counted(site: Site) -> Fields:
    """The fields at the ports of a block whose whole numbers are known; others make no difference inside."""
    found = (tensor.field if (tensor := site.at(port.name)) else None for port in site.layer.inputs)
    return tuple(field if field and class_count(field) is not None else None for field in found)


def _told(turns: Iterable[Turn], use: str, block: str) -> tuple[Told, ...]:
    """The problems inside as the use sees them; what repeats have in common is told of the first."""
    found: dict[object, Told] = {}
    for number, turn in enumerate(turns, 1):
        for one in turn.told:
            message = one.problem.message + (f" (in repeat {number})" if number > 1 else "")
            problem = lifted(replace(one.problem, message=message), use, block)
            found.setdefault(mistake(one.problem), Told(problem, one.uses))
    return tuple(found.values())


def _concluded(
    site: Site, turns: list[Turn], problems: list[Problem], wrong: list[Problem], told: tuple[Told, ...]
) -> Answer:
    """The step of a use, where all of it is known and sound."""
    repeat, shared = site.values["repeat"], site.values["shared"]
    assert isinstance(repeat, int)
    whole = not wrong and len(turns) == (1 if shared else repeat)
    outputs = turns[-1].outputs if whole else ()
    steps = sum(turn.steps for turn in turns) * (repeat if shared else 1)
    if steps > MOST_STEPS and all(turn.is_sound for turn in turns):
        wrong.append(rules_blocks.too_large(site, steps, MOST_STEPS))
    cost = of_turns([turn.checked.total for turn in turns], repeat)
    made: Step | None = None
    types = site.inputs()
    known = not site.missing and len(types) == len(site.layer.inputs) and not is_broken(site)
    if whole and known and not wrong and all(turn.is_sound for turn in turns):
        made = Step(
            site.name,
            site.layer,
            {param.name: site.values[param.name] for param in site.layer.params},
            tuple(one.ref for one in site.tensors),
            tuple(one.port for one in site.tensors),
            types,
            tuple(type for type in outputs if type is not None),
            tuple(turn.checked.plan for turn in turns),
            repeat,
        )
    return Answer(
        made,
        outputs,
        (*problems, *wrong),
        () if is_broken(site) else site.missing,
        cost=cost if made else None,
        told=told,
        turns=() if steps > MOST_STEPS else tuple(turn.checked for turn in turns),
        steps=steps,
    )


def _frozen(value: object) -> object:
    """A value that can be looked up by, in which 1, 1.0 and True differ."""
    if isinstance(value, Mapping):
        table = cast(Mapping[str, object], value)
        return tuple((key, _frozen(table[key])) for key in sorted(table))
    if isinstance(value, tuple):
        return tuple(_frozen(one) for one in cast(tuple[object, ...], value))
    return type(value).__name__, value

"""How a shape came about: the nodes that a wrong tensor passed on its way, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from studio.build.plan import TensorType
from studio.errors import Problem
from studio.project.graph import Edge, Endpoint, Graph, Node

LINES = 6
TRACED = 50
"""Problems that get a trace: each walks back to an input."""
FARTHEST = 2000
SIGNS = "①②③④⑤⑥⑦⑧⑨"

Types = Mapping[Endpoint, TensorType]
Step = tuple[str, str]
"""A node that made a shape, and its line."""


def traced(problems: Iterable[Problem], graph: Graph, types: Types) -> tuple[Problem, ...]:
    """The problems; those about what arrives at a node with the nodes that made it."""
    told: list[Problem] = []
    count = 0
    for problem in problems:
        if count < TRACED and not problem.trace and _about_arrivals(problem, graph, types):
            problem = replace(problem, trace=trace(problem, graph, types))
            count += 1
        told.append(problem)
    return tuple(told)


def trace(problem: Problem, graph: Graph, types: Types) -> tuple[str, ...]:
    """The lines for one problem; where several wires meet, each goes on with its own sign."""
    ways = [_way(edge, graph, types) for edge in _wires(problem, graph, types)]
    if len(ways) == 1:
        return tuple(_shortened([line for _, line in ways[0]], LINES))
    shared = _shared(ways)
    lines = _shortened([line for _, line in ways[0][:shared]], max(3, LINES - 2 * len(ways)))
    for sign, way in zip(SIGNS, ways, strict=False):
        own = way[max(shared, len(way) - 2) :]
        lines += [f"{sign} {line}" for _, line in own] or [f"{sign} straight on"]
    return tuple(lines)


def _about_arrivals(problem: Problem, graph: Graph, types: Types) -> bool:
    """Whether an error keeps its node from giving anything, though all that arrives is known."""
    name = problem.node
    if problem.severity != "error" or problem.path or problem.field is None:
        return False
    if name is None or name not in graph.nodes:
        return False
    stopped = not any(end.node == name for end in map(_source, graph.outgoing(name)) if end in types)
    return stopped and bool(_wires(problem, graph, types))


def _wires(problem: Problem, graph: Graph, types: Types) -> list[Edge]:
    """The wires at the port that the problem names; all where it names a parameter."""
    arriving = graph.incoming(problem.node or "")
    here = [edge for edge in arriving if edge.target.port == problem.field] or list(arriving)
    return here if all(_source(edge) in types for edge in here) else []


def _way(edge: Edge, graph: Graph, types: Types) -> list[Step]:
    """The nodes from an input to the beginning of a wire."""
    steps: list[Step] = []
    seen: set[str] = set()
    while len(seen) < FARTHEST:
        source, node = _source(edge), graph.nodes.get(edge.source.node)
        if node is None or node.name in seen:
            break
        seen.add(node.name)
        if source in types and not node.muted:
            steps.append((node.name, _line(node, source, types[source])))
        before = graph.incoming(node.name)
        if not before:
            break
        edge = before[0]
    return steps[::-1]


def _line(node: Node, source: Endpoint, type: TensorType) -> str:
    kind = "" if node.type == "Input" else f" ({node.type.rpartition(':')[2]})"
    port = "" if source.port == "output" else f".{source.port}"
    dtype = "" if type.dtype == "float32" else f" {type.dtype}"
    return f"{node.name}{port}{kind}: {type.pill}{dtype}"


def _shared(ways: list[list[Step]]) -> int:
    """How many nodes all ways begin with."""
    count = 0
    for steps in zip(*ways, strict=False):
        if len({name for name, _ in steps}) > 1:
            break
        count += 1
    return count


def _shortened(lines: list[str], most: int) -> list[str]:
    """The first line and the last ones; how many are left out in between."""
    if len(lines) <= most:
        return lines
    kept = most - 2
    return [lines[0], f"… {len(lines) - kept - 1} more …", *(lines[-kept:] if kept else [])]


def _source(edge: Edge) -> Endpoint:
    return Endpoint(edge.source.node, edge.source.port)

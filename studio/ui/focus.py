"""Which graph is looked at: a path of block nodes from the main graph inwards, () for the main graph.

"layer1.2" in a path is the third repeat of the node layer1, "layer1" the first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from studio.build.scope import Scope, resolve
from studio.catalog.blocks import layer_of
from studio.project.block import block_name, graph_of
from studio.project.expressions import Names, resolved
from studio.project.fields import Field
from studio.project.formulas import facts_of
from studio.project.graph import Node
from studio.project.project import Project

Path = tuple[str, ...]
Fields = Mapping[str, Field] | None
DEEPEST = 12
MOST_USES = 200
MOST_TURNS = 24


def block_at(project: Project, path: Path) -> str | None:
    """The block that a path leads into, None in the main graph; the path must be a way that there is."""
    return block_name(_followed(project, path)[1] or "") if path else None


def valid(project: Project, path: Path) -> Path:
    """As much of a path as there is in this project."""
    return _followed(project, path)[0]


def ways(project: Project) -> list[Path]:
    """Every path that there is: to the main graph, then into each use of a block, the outer ones first."""
    return [(), *(path for path, _ in _walk(project))]


def node_in(part: str) -> str:
    """The node that a part of a path names."""
    return part.partition(".")[0]


def turn_in(part: str) -> int:
    """Which repeat a part of a path names, from 0."""
    number = part.partition(".")[2]
    return int(number) if number.isdecimal() else 0


def uses_of(project: Project, block: str) -> list[Path]:
    """Every path into a block, the shortest first."""
    found = [path for path, name in _walk(project) if name == block]
    return sorted(found, key=lambda path: (len(path), path))


def looks_at(project: Project, block: str, fields: Fields = None) -> list[Path]:
    """Every path into a block, with one for each of its repeats that has weights of its own."""
    found: list[Path] = []
    for path in uses_of(project, block):
        node = _node_at(project, path)
        names = names_at(project, path[:-1], fields)
        repeat = resolved({"repeat": node.params.get("repeat", 1)}, names)[0]["repeat"]
        own = isinstance(repeat, int) and 1 < repeat <= MOST_TURNS and node.params.get("shared") is not True
        turns = range(repeat) if own and isinstance(repeat, int) else ()
        found += [(*path[:-1], f"{path[-1]}.{turn}") for turn in turns] or [path]
    return found


def same_way(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same: layer1 is its first repeat."""
    return [(node_in(a), turn_in(a)) for a in one] == [(node_in(b), turn_in(b)) for b in other]


def part_title(part: str) -> str:
    """A part of a path as it is written: layer1, or layer1 #3 for its third repeat."""
    return f"{node_in(part)} #{turn_in(part) + 1}" if "." in part else part


def _node_at(project: Project, path: Path) -> Node:
    """The node that a path ends at."""
    return graph_of(project, block_at(project, path[:-1])).nodes[node_in(path[-1])]


def way_to(project: Project, blocks: Collection[str]) -> Path | None:
    """A shortest path into one of these blocks, None where no node places any of them."""
    found = [path for path, name in _walk(project) if name in blocks]
    return min(found, key=len, default=None)


def holds(project: Project, outer: str, inner: str) -> bool:
    """Whether a block is another one, or places it at any depth."""
    waiting, seen = [outer], set[str]()
    while waiting:
        name = waiting.pop()
        if name == inner:
            return True
        if name not in seen:
            seen.add(name)
            kinds = (block_name(node.type) for node in graph_of(project, name).nodes.values())
            waiting.extend(kind for kind in kinds if kind is not None)
    return False


def _followed(project: Project, path: Path) -> tuple[Path, str | None]:
    """As much of a path as there is, and the type of its last node."""
    graph, type = project.graph, None
    for at, name in enumerate(path):
        node = graph.nodes.get(node_in(name))
        block = block_name(node.type) if node else None
        if node is None or block is None or block not in project.blocks:
            return path[:at], type
        graph, type = project.blocks[block].graph, node.type
    return path, type


def _walk(project: Project) -> Iterator[tuple[Path, str]]:
    """Every path with the block it leads into, breadth first; blocks that hold themselves end it."""
    waiting: list[tuple[Path, str | None]] = [((), None)]
    told = 0
    while waiting and told < MOST_USES:
        path, block = waiting.pop(0)
        if block is not None:
            told += 1
            yield path, block
        if len(path) >= DEEPEST:
            continue
        for name, node in graph_of(project, block).nodes.items():
            inner = block_name(node.type)
            if inner is not None and inner in project.blocks:
                waiting.append(((*path, name), inner))


def names_at(project: Project, path: Path, fields: Fields = None) -> Names:
    """What formulas can read in the graph that a path leads to: in the main one constants and facts of the
    data's fields (None: not known), in a block the arguments of that use.
    """
    return scope_at(project, path, fields).names


def scope_at(project: Project, path: Path, fields: Fields = None) -> Scope:
    """What formulas can read in the graph that a path leads to, and what that use says about its inside."""
    scope = Scope(names={**project.constants, **facts_of(fields or {})})
    graph = project.graph
    for name in path:
        node = graph.nodes[node_in(name)]
        block = project.blocks[block_name(node.type) or ""]
        layer = layer_of(name, block)
        params = resolve(node, scope, layer)[0].params
        names = {one.name: params.get(one.name, one.default) for one in block.arguments}
        overrides = params.get("overrides")
        inner = overrides if isinstance(overrides, Mapping) else {}
        own = {} if params.get("shared") is True else {"index": turn_in(name)}
        scope = Scope(names={**names, **own}, overrides=inner)
        graph = block.graph
    return scope

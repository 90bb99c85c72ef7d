"""The tree of the modules' calls: which nodes each made, in the order in which they ran."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from studio.interchange.folding.items import Group, Item, Reader
from studio.interchange.imported import ModulePath
from studio.project.graph import Graph

Placed = tuple[ModulePath, Item]


def reads_of(graph: Graph) -> dict[str, tuple[Reader, ...]]:
    """What each node reads."""
    found: dict[str, list[Reader]] = {name: [] for name in graph.nodes}
    for edge in graph.edges:
        found[edge.target.node].append((edge.target.port, edge.target.index, edge.source))
    return {name: tuple(reads) for name, reads in found.items()}


def in_order(items: Mapping[str, Item]) -> list[str]:
    """The names as they came, but everything behind what it reads. A cycle stays as it came."""
    done: dict[str, None] = {}
    waiting = list(reversed(list(items)))
    entered = set[str]()
    while waiting:
        name = waiting[-1]
        needed = [end.node for _, _, end in items[name].reads if end.node not in done]
        if name in done or name in entered or not needed:
            done[waiting.pop()] = None
        else:
            entered.add(name)
            waiting.extend(reversed(needed))
    return list(done)


def tree_of(items: Mapping[str, Item], origin: Mapping[str, ModulePath]) -> Group:
    """The calls of all modules; what reads nothing goes to those that read it first."""
    readers: dict[str, list[str]] = {}
    for name, item in items.items():
        for _, _, end in item.reads:
            readers.setdefault(end.node, []).append(name)
    ordered = in_order(items)
    sources = [
        name for name in ordered if not items[name].reads and items[name].type != "Input" and name in readers
    ]
    apart = set(sources)
    placed = [(origin.get(name, ()), items[name]) for name in ordered if name not in apart]
    fronts = _fronts(placed, sources, readers, items)
    return _grouped((), [one for at in range(len(placed)) for one in (*fronts.get(at, ()), placed[at])])


def _fronts(
    placed: Sequence[Placed], sources: list[str], readers: Mapping[str, list[str]], items: Mapping[str, Item]
) -> dict[int, list[Placed]]:
    """Before which place each source goes: before the first call, within the module that all its readers
    share, that reads it.
    """
    place = {item.holds[""]: (at, path) for at, (path, item) in enumerate(placed)}
    found: dict[int, list[Placed]] = {}
    sizes = Counter(path[:length] for path, _ in placed for length in range(len(path) + 1))
    for name in sources:
        reading = [place[one] for one in readers[name] if one in place]
        if not reading:
            continue
        shared = _shared([path for _, path in reading])
        shared = shared[:-1] if sizes[shared] == 1 else shared  # not within a single layer
        at, path = min(reading)
        depth = len(shared) + 1
        while len(path) >= depth and at > 0 and placed[at - 1][0][:depth] == path[:depth]:
            at -= 1
        found.setdefault(at, []).append((shared, items[name]))
    return found


def _shared(paths: Sequence[ModulePath]) -> ModulePath:
    """The module that all of these lie in."""
    low, high = min(paths), max(paths)
    length = next((at for at, one in enumerate(low) if high[at : at + 1] != (one,)), len(low))
    return low[:length]


def _grouped(path: ModulePath, placed: Sequence[Placed]) -> Group:
    """A call of a module: runs of what deeper modules did become groups of their own."""
    group, depth = Group(path), len(path)
    at = 0
    while at < len(placed):
        below = placed[at][0][: depth + 1]
        if len(below) <= depth:
            group.children.append(placed[at][1])
            at += 1
            continue
        end = at
        while end < len(placed) and placed[end][0][: depth + 1] == below:
            end += 1
        group.children.append(_grouped(below, placed[at:end]))
        at = end
    group.height = 1 + max((one.height for one in group.children if isinstance(one, Group)), default=0)
    return group

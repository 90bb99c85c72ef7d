"""What differs between two project values: what a view must redraw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studio.project.block import graph_of
from studio.project.graph import Edge, Graph, Mark
from studio.project.project import Project


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of nodes added, removed, and changed in place; edges added and removed (one that is bent another
    way is both); names of frames and notes added, removed and changed (all in one graph, the main one or a
    block's); which settings differ; and the names of all blocks that differ, come or go.
    """

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    modified: frozenset[str] = frozenset()
    edges_added: frozenset[Edge] = frozenset()
    edges_removed: frozenset[Edge] = frozenset()
    marks_added: frozenset[str] = frozenset()
    marks_removed: frozenset[str] = frozenset()
    marks_modified: frozenset[str] = frozenset()
    data: bool = False
    training: bool = False
    notes: bool = False
    blocks: frozenset[str] = frozenset()


def diff(old: Project, new: Project, block: str | None = None) -> Changes:
    """What has changed from `old` to `new`; nodes and edges are those of the main graph, or of a block."""
    return diff_graphs(graph_of(old, block), graph_of(new, block), old, new)


def diff_graphs(before: Graph, after: Graph, old: Project, new: Project) -> Changes:
    """What a view must redraw that showed `before` of `old` and is to show `after` of `new`."""
    shared = before.nodes.keys() & after.nodes.keys()
    marks, now = _marks(before, after)
    edges_before, edges_after = _other_edges(before, after), _other_edges(after, before)
    return Changes(
        added=frozenset(after.nodes.keys() - shared),
        removed=frozenset(before.nodes.keys() - shared),
        modified=frozenset(
            name
            for name in shared
            if before.nodes[name] is not after.nodes[name] and before.nodes[name] != after.nodes[name]
        ),
        edges_added=edges_after - edges_before,
        edges_removed=edges_before - edges_after,
        marks_added=frozenset(now.keys() - marks.keys()),
        marks_removed=frozenset(marks.keys() - now.keys()),
        marks_modified=frozenset(n for n in marks.keys() & now.keys() if marks[n] != now[n]),
        data=old.data != new.data,
        training=old.training != new.training,
        blocks=_changed_blocks(old, new),
        notes=(old.name, old.notes) != (new.name, new.notes),
    )


def _other_edges(graph: Graph, other: Graph) -> frozenset[Edge]:
    """The edges that are not the very same in another graph: comparing all of them by value takes long."""
    if graph.edges is other.edges:
        return frozenset()
    same = {id(edge) for edge in other.edges}
    return frozenset(edge for edge in graph.edges if id(edge) not in same)


def _marks(before: Graph, after: Graph) -> tuple[Mapping[str, Mark], Mapping[str, Mark]]:
    """The frames and notes of both; none where they are the very same."""
    if before.frames is after.frames and before.notes is after.notes:
        return {}, {}
    return before.marks, after.marks


def _changed_blocks(old: Project, new: Project) -> frozenset[str]:
    names = old.blocks.keys() | new.blocks.keys()
    same = old.blocks is new.blocks
    return frozenset() if same else frozenset(n for n in names if old.blocks.get(n) != new.blocks.get(n))

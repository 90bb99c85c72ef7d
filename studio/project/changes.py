"""What differs between two project values: what a view must redraw."""

from __future__ import annotations

from dataclasses import dataclass

from studio.project.graph import Edge
from studio.project.project import Project


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of nodes added, removed, and changed in place; edges added and removed; and which settings
    differ.
    """

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    modified: frozenset[str] = frozenset()
    edges_added: frozenset[Edge] = frozenset()
    edges_removed: frozenset[Edge] = frozenset()
    data: bool = False
    training: bool = False
    notes: bool = False


def diff(old: Project, new: Project) -> Changes:
    """What has changed from `old` to `new`."""
    before, after = old.graph, new.graph
    shared = before.nodes.keys() & after.nodes.keys()
    same_edges = before.edges is after.edges
    edges_before = frozenset() if same_edges else frozenset(before.edges)
    edges_after = frozenset() if same_edges else frozenset(after.edges)
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
        data=old.data != new.data,
        training=old.training != new.training,
        notes=(old.name, old.notes) != (new.name, new.notes),
    )

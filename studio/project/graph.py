"""Nodes, edges, frames and notes, and the graph they make: immutable values whose with_ and without_ methods
return new ones.
"""

from __future__ import annotations

import keyword
import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Any

from studio.project.params import Value

Position = tuple[float, float]
COLOURS = ("red", "orange", "yellow", "green", "teal", "blue", "purple", "grey")
"""The colours that nodes, frames and notes can have; each theme has its own shade of them."""


@dataclass(frozen=True, slots=True)
class Node:
    """A layer, input, loss or output on the canvas. Its name is its identity and the attribute's name in
    code.

    `params` holds only what was set (defaults come from the catalog); `extra` what the file held beyond this
    version's knowledge. `position` is the top left corner on the canvas, in pixels at 100 %. `colour` is one
    of COLOURS or empty; a `pinned` node stays where it is when the drawing is arranged by itself.
    """

    name: str
    type: str
    params: Mapping[str, Value] = field(default_factory=dict)
    position: Position = (0.0, 0.0)
    muted: bool = False
    note: str = ""
    extra: Mapping[str, Value] = field(default_factory=dict)
    colour: str = ""
    pinned: bool = False

    def __post_init__(self) -> None:
        """Seal the mappings."""
        object.__setattr__(self, "params", MappingProxyType(dict(self.params)))
        object.__setattr__(self, "extra", MappingProxyType(dict(self.extra)))

    def with_params(self, **values: Value) -> Node:
        """The same node with some parameters set."""
        return replace(self, params={**self.params, **values})


@dataclass(frozen=True, slots=True, order=True)
class Endpoint:
    """One end of an edge: a node's port, and the place within it where the port takes several edges."""

    node: str
    port: str
    index: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """A wire from an output port to an input port.

    `extra` is what the file held beyond this version's knowledge, as JSON text (edges must stay hashable).
    `bends` are the points that the wire is led through, from source to target.
    """

    source: Endpoint
    target: Endpoint
    extra: str = ""
    bends: tuple[Position, ...] = ()


def edge_key(edge: Edge) -> tuple[str, str, int, str, str, int, str, tuple[Position, ...]]:
    """The canonical order of edges: by target, then by source."""
    to, of = edge.target, edge.source
    return (to.node, to.port, to.index, of.node, of.port, of.index, edge.extra, edge.bends)


def _ends(edge: Edge) -> tuple[Endpoint, Endpoint]:
    return edge.source, edge.target


@dataclass(frozen=True, slots=True)
class Frame:
    """A titled rectangle behind nodes; what lies inside of it goes along when it is moved.

    `name` is its identity among the frames and notes of its graph and is shown nowhere.
    """

    name: str
    title: str = ""
    colour: str = ""
    position: Position = (0.0, 0.0)
    size: Position = (320.0, 240.0)
    extra: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Seal the mapping."""
        object.__setattr__(self, "extra", MappingProxyType(dict(self.extra)))


@dataclass(frozen=True, slots=True)
class Sticky:
    """A note that lies on the canvas; its text is Markdown. `name` is as a frame's."""

    name: str
    text: str = ""
    colour: str = ""
    position: Position = (0.0, 0.0)
    size: Position = (208.0, 144.0)
    extra: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Seal the mapping."""
        object.__setattr__(self, "extra", MappingProxyType(dict(self.extra)))


Mark = Frame | Sticky
MOST_MARKS = 10_000
"""How many frames, and how many notes, one graph may have."""


Side = Mapping[str, tuple[Edge, ...]]
Index = tuple[Side, Side]


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes by name, edges in canonical order, and by name the frames and notes, which share their names."""

    nodes: Mapping[str, Node] = field(default_factory=dict)
    edges: tuple[Edge, ...] = ()
    extra: Mapping[str, Value] = field(default_factory=dict)
    frames: Mapping[str, Frame] = field(default_factory=dict)
    notes: Mapping[str, Sticky] = field(default_factory=dict)
    _index: Index | None = field(default=None, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Seal the mappings and bring the edges into canonical order."""
        if not isinstance(self.nodes, MappingProxyType):
            object.__setattr__(self, "nodes", MappingProxyType(dict(self.nodes)))
        object.__setattr__(self, "edges", tuple(sorted(self.edges, key=edge_key)))
        for name in ("extra", "frames", "notes"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def marks(self) -> Mapping[str, Mark]:
        """The frames and notes together, by name."""
        return {**self.frames, **self.notes}

    def incoming(self, node: str) -> tuple[Edge, ...]:
        """The edges that end at a node, in canonical order."""
        return self._indexed()[0].get(node, ())

    def outgoing(self, node: str) -> tuple[Edge, ...]:
        """The edges that start at a node."""
        return self._indexed()[1].get(node, ())

    def current(self, edge: Edge) -> Edge | None:
        """The edge if it is there, else the one between the same ends: it may be bent another way by now."""
        there = [one for one in self.incoming(edge.target.node) if _ends(one) == _ends(edge)]
        return edge if edge in there else next(iter(there), None)

    def with_nodes(self, *nodes: Node) -> Graph:
        """Add nodes, or replace those of the same names."""
        return self._with(nodes={**self.nodes, **{node.name: node for node in nodes}})

    def without_nodes(self, names: Iterable[str]) -> Graph:
        """Remove nodes and every edge at them."""
        gone = frozenset(names)
        kept = {name: node for name, node in self.nodes.items() if name not in gone}
        edges = tuple(e for e in self.edges if e.source.node not in gone and e.target.node not in gone)
        return self._with(nodes=kept, edges=edges)

    def with_edges(self, *edges: Edge) -> Graph:
        """Add edges; one that is there already is not added twice."""
        sorted_edges = list(self.edges)
        for edge in edges:
            at = bisect_left(sorted_edges, edge_key(edge), key=edge_key)
            if at == len(sorted_edges) or sorted_edges[at] != edge:
                insort(sorted_edges, edge, key=edge_key)
        return self._with(edges=tuple(sorted_edges))

    def without_edges(self, *edges: Edge) -> Graph:
        """Remove edges."""
        gone = frozenset(edges)
        return self._with(edges=tuple(edge for edge in self.edges if edge not in gone))

    def with_marks(self, *marks: Mark) -> Graph:
        """Add frames and notes, or replace those of the same names."""
        frames = {one.name: one for one in marks if isinstance(one, Frame)}
        notes = {one.name: one for one in marks if isinstance(one, Sticky)}
        return replace(self, frames={**self.frames, **frames}, notes={**self.notes, **notes})

    def without_marks(self, names: Iterable[str]) -> Graph:
        """Remove frames and notes; what lies in a frame stays."""
        gone = frozenset(names)
        frames = {name: one for name, one in self.frames.items() if name not in gone}
        notes = {name: one for name, one in self.notes.items() if name not in gone}
        return replace(self, frames=frames, notes=notes)

    def _with(self, nodes: Mapping[str, Node] | None = None, edges: tuple[Edge, ...] | None = None) -> Graph:
        """A copy that skips sorting: both parts are canonical already."""
        new = object.__new__(Graph)
        sealed = self.nodes if nodes is None else MappingProxyType(nodes)
        for name, value in (
            ("nodes", sealed),
            ("edges", self.edges if edges is None else edges),
            ("extra", self.extra),
            ("frames", self.frames),
            ("notes", self.notes),
            ("_index", self._index if edges is None else reindexed(self, edges)),
        ):
            object.__setattr__(new, name, value)
        return new

    @property
    def index(self) -> Index | None:
        """The edges by target and by source, where anyone has asked for them yet."""
        return self._index

    def _indexed(self) -> Index:
        if self._index is None:
            into: dict[str, list[Edge]] = {}
            out: dict[str, list[Edge]] = {}
            for edge in self.edges:
                into.setdefault(edge.target.node, []).append(edge)
                out.setdefault(edge.source.node, []).append(edge)
            frozen = [{name: tuple(edges) for name, edges in side.items()} for side in (into, out)]
            object.__setattr__(self, "_index", (frozen[0], frozen[1]))
        assert self._index is not None
        return self._index


def reindexed(graph: Graph, edges: tuple[Edge, ...]) -> Index | None:
    """The index for other edges, made from a graph's own; None where it has none, or much differs."""
    if graph.index is None:
        return None
    before, after = {id(edge): edge for edge in graph.edges}, {id(edge): edge for edge in edges}
    gone = [before[key] for key in before.keys() - after.keys()]
    come = [after[key] for key in after.keys() - before.keys()]
    if len(gone) + len(come) > len(edges) // 4:
        return None
    into, out = dict(graph.index[0]), dict(graph.index[1])
    for edge in gone:
        for side, name in ((into, edge.target.node), (out, edge.source.node)):
            side[name] = tuple(one for one in side[name] if one is not edge)
            if not side[name]:
                del side[name]
    for edge in come:
        for side, name in ((into, edge.target.node), (out, edge.source.node)):
            side[name] = tuple(sorted((*side.get(name, ()), edge), key=edge_key))
    return into, out


@cache
def reserved_names() -> frozenset[str]:
    """Names that a layer cannot have, since torch.nn.Module uses them or generated code does."""
    module = """T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda
    double dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule
    half ipu load_state_dict modules mtia named_buffers named_children named_modules named_parameters
    parameters register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
    register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to
    to_empty
    train training type xpu zero_grad"""
    code = "self torch nn F math super int float bool str list tuple dict range len print Tensor"
    return frozenset(module.split()) | frozenset(code.split())


def name_error(name: str) -> str | None:
    """Why a node cannot have this name, or None if it can."""
    if not name.isidentifier() or keyword.iskeyword(name) or not name.isascii():
        return "a name is letters, digits and underscores, starts with a letter, and is no Python keyword"
    if name.startswith("_"):
        return "a name starts with a letter"
    if name in reserved_names():
        return f"PyTorch itself uses the name {name}"
    return None


def natural(name: str) -> tuple[Any, ...]:
    """A key that sorts conv2 before conv10."""
    return tuple(int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name))


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """A valid name close to `wanted` that is not taken: conv, conv1, conv2, …"""
    used = frozenset(taken)
    stem = (
        "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in wanted).strip("_") or "node"
    )
    stem = f"n{stem}" if stem[0].isdigit() else stem
    if stem not in used and name_error(stem) is None:
        return stem
    bare = stem.rstrip("0123456789") or stem
    number = 1
    while f"{bare}{number}" in used or name_error(f"{bare}{number}") is not None:
        number += 1
    return f"{bare}{number}"

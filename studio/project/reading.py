"""JSON values -> project: a wrong type is refused with one clear error, what is unknown is kept."""

from __future__ import annotations

from collections.abc import Container, Mapping, Set
from typing import Any, TypeVar

from studio.project.bends import MOST_BENDS
from studio.project.block import Argument, Block
from studio.project.data_text import read_data
from studio.project.graph import MOST_MARKS, Edge, Endpoint, Frame, Graph, Node, Position, Sticky
from studio.project.params import LONGEST, shown
from studio.project.project import Project, Training
from studio.project.strict_json import finite, index, line, refuse, whole_text
from studio.project.typed_json import (
    list_of,
    needed,
    object_of,
    read_setting,
    rest_of,
    truth_of,
    values_of,
)

MOST_NODES = 100_000
M = TypeVar("M", Frame, Sticky)


def read_project(content: Mapping[str, Any], where: str) -> Project:
    """The project that an object of the current format describes; `where` names the file; StudioError."""
    known = {"format", "name", "notes", "data", "training", "constants", "graph", "blocks"}
    blocks = object_of(content.get("blocks", {}), where, "blocks")
    project = Project(
        name=whole_text(content.get("name", "untitled"), where, "name"),
        graph=_read_graph(object_of(content.get("graph", {}), where, "graph"), where),
        blocks={
            whole_text(name, where, "blocks"): _read_block(one, where, name) for name, one in blocks.items()
        },
        constants=values_of(content.get("constants", {}), where, "constants"),
        data=read_data(object_of(content.get("data", {}), where, "data"), where),
        training=_read_training(object_of(content.get("training", {}), where, "training"), where),
        notes=_read_notes(content.get("notes", []), where),
        format=content["format"],
        extra=rest_of(content, known, where, ""),
    )
    if project.node_count > MOST_NODES:
        refuse(where, "", f"at most {MOST_NODES:,} nodes", f"{project.node_count:,}")
    return project


def _read_notes(notes: object, where: str) -> str:
    if isinstance(notes, str):
        return whole_text(notes, where, "notes")
    lines = list_of(notes, where, "notes")
    return "\n".join(whole_text(text, where, f"notes[{at}]") for at, text in enumerate(lines))


def _read_training(content: Mapping[str, Any], where: str) -> Training:
    return Training(
        optimizer=read_setting(content.get("optimizer", {"type": "Adam"}), where, "training.optimizer"),
        schedule=read_setting(content.get("schedule", {"type": "Constant"}), where, "training.schedule"),
        options=values_of(content.get("options", {}), where, "training.options"),
        extra=rest_of(content, {"optimizer", "schedule", "options"}, where, "training"),
    )


def _read_block(content: object, where: str, name: str) -> Block:
    table = object_of(content, where, f"block {shown(name)}")
    arguments = list_of(table.get("arguments", []), where, f"block {shown(name)}: arguments")
    return Block(
        graph=_read_graph(table, where, f"block {shown(name)}: ", {"arguments", "doc"}),
        arguments=tuple(_read_argument(one, where, f"block {shown(name)}: arguments") for one in arguments),
        doc=whole_text(table.get("doc", ""), where, f"block {shown(name)}: doc"),
    )


def _read_argument(content: object, where: str, place: str) -> Argument:
    table = object_of(content, where, place)
    values = values_of({"default": table.get("default")}, where, place)
    return Argument(
        name=whole_text(needed(table, "name", where, place), where, place),
        default=values["default"],
        doc=whole_text(table.get("doc", ""), where, place),
        extra=rest_of(table, {"name", "default", "doc"}, where, place),
    )


def _read_graph(
    content: Mapping[str, Any], where: str, place: str = "graph.", other: Set[str] = frozenset()
) -> Graph:
    nodes = list_of(content.get("nodes", []), where, f"{place}nodes")
    found: dict[str, Node] = {}
    for at, one in enumerate(nodes):
        node = _read_node(one, where, f"{place}nodes[{at}]")
        _refuse_second(found, node.name, "node", where, f"{place}nodes[{at}]")
        found[node.name] = node
    edges = list_of(content.get("edges", []), where, f"{place}edges")
    frames = _read_marks(content, "frames", Frame, set(), where, place)
    return Graph(
        nodes=found,
        edges=tuple(_read_edge(one, where, f"{place}edges[{at}]") for at, one in enumerate(edges)),
        extra=rest_of(content, {"nodes", "edges", "frames", "notes", *other}, where, place.rstrip(".: ")),
        frames=frames,
        notes=_read_marks(content, "notes", Sticky, frames.keys(), where, place),
    )


def _refuse_second(found: Container[str], name: str, kind: str, where: str, place: str) -> None:
    if name in found:
        hint = "Rename one of the two in a text editor (a merge of two versions may have left both)."
        refuse(where, place, "names that differ", f"a second {kind} {shown(name)}", hint)


def _read_marks(
    content: Mapping[str, Any], key: str, kind: type[M], taken: Set[str], where: str, place: str
) -> dict[str, M]:
    """The frames or the notes of a drawing; no two of both have the same name."""
    lines = list_of(content.get(key, []), where, f"{place}{key}")
    if len(lines) > MOST_MARKS:
        refuse(where, f"{place}{key}", f"at most {MOST_MARKS:,} {key} in one drawing", f"{len(lines):,}")
    found: dict[str, M] = {}
    for at, one in enumerate(lines):
        mark = _read_mark(one, kind, where, f"{place}{key}[{at}]")
        _refuse_second({*found, *taken}, mark.name, "frame or note", where, f"{place}{key}[{at}]")
        found[mark.name] = mark
    return found


def _read_mark(content: object, kind: type[M], where: str, place: str) -> M:
    table = object_of(content, where, place)
    name = whole_text(needed(table, "name", where, place), where, f"{place}.name")
    is_frame = issubclass(kind, Frame)
    place = f"{'frame' if is_frame else 'note'} {shown(name)}"
    words = "title" if is_frame else "text"
    text = whole_text(table.get(words, ""), where, f"{place}: {words}")
    if len(text.encode()) > LONGEST:
        refuse(where, f"{place}: {words}", "at most 64 KiB", f"{len(text.encode()):,} bytes")
    size = _pair(needed(table, "size", where, place), where, f"{place}: size")
    if min(size) <= 0:
        refuse(where, f"{place}: size", "two numbers above 0", shown(size))
    return kind(
        name,
        text,
        whole_text(table.get("colour", ""), where, f"{place}: colour"),
        _pair(table.get("position", [0, 0]), where, f"{place}: position"),
        size,
        rest_of(table, {"name", words, "colour", "position", "size"}, where, place),
    )


def _pair(value: object, where: str, place: str) -> Position:
    numbers = list_of(value, where, place)
    if len(numbers) != 2:
        refuse(where, place, "two numbers", f"{len(numbers)}")
    return finite(numbers[0], where, place), finite(numbers[1], where, place)


def _read_node(content: object, where: str, place: str) -> Node:
    table = object_of(content, where, place)
    name = whole_text(needed(table, "name", where, place), where, f"{place}.name")
    place = f"node {shown(name)}"
    known = {"name", "type", "params", "position", "muted", "note", "colour", "pinned"}
    return Node(
        name=name,
        type=whole_text(needed(table, "type", where, place), where, f"{place}: type"),
        params=values_of(table.get("params", {}), where, f"{place}: params"),
        position=_pair(table.get("position", [0, 0]), where, f"{place}: position"),
        muted=truth_of(table.get("muted", False), where, f"{place}: muted"),
        note=whole_text(table.get("note", ""), where, f"{place}: note"),
        extra=rest_of(table, known, where, place),
        colour=whole_text(table.get("colour", ""), where, f"{place}: colour"),
        pinned=truth_of(table.get("pinned", False), where, f"{place}: pinned"),
    )


def _read_edge(content: object, where: str, place: str) -> Edge:
    table = object_of(content, where, place)
    extra = rest_of(table, {"from", "to", "bends"}, where, place)
    bends = list_of(table.get("bends", []), where, f"{place}.bends")
    if len(bends) > MOST_BENDS:
        refuse(where, f"{place}.bends", f"at most {MOST_BENDS:,} points", f"{len(bends):,}")
    return Edge(
        source=_read_end(needed(table, "from", where, place), where, f"{place}.from"),
        target=_read_end(needed(table, "to", where, place), where, f"{place}.to"),
        extra=line(extra) if extra else "",
        bends=tuple(_pair(one, where, f"{place}.bends[{at}]") for at, one in enumerate(bends)),
    )


def _read_end(content: object, where: str, place: str) -> Endpoint:
    parts = list_of(content, where, place)
    if len(parts) not in (2, 3):
        refuse(where, place, "a node, a port and perhaps an index", f"{len(parts)} values")
    place_in_port = index(parts[2], where, place) if len(parts) == 3 else 0
    return Endpoint(whole_text(parts[0], where, place), whole_text(parts[1], where, place), place_in_port)

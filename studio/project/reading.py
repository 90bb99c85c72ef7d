"""JSON values -> project: a wrong type is refused with one clear error, what is unknown is kept."""

from __future__ import annotations

from collections.abc import Container, Mapping, Set
from typing import Any, TypeVar, cast

from studio.project.bends import MOST_BENDS
from studio.project.block import Argument, Block
from studio.project.graph import Edge, Endpoint, Frame, Graph, Node, Position, Sticky
from studio.project.params import LONGEST, Value, shown
from studio.project.project import Data, Project, Setting, Training
from studio.project.strict_json import finite, index, line, refuse, sealed, whole_text

MOST_NODES = 100_000
MOST_MARKS = 10_000
"""How many frames, and how many notes, one drawing may have."""
T = TypeVar("T")
M = TypeVar("M", Frame, Sticky)


def read_project(content: Mapping[str, Any], where: str) -> Project:
    """The project that an object of the current format describes; `where` names the file; StudioError."""
    known = {"format", "name", "notes", "data", "training", "constants", "graph", "blocks"}
    blocks = _object(content.get("blocks", {}), where, "blocks")
    project = Project(
        name=whole_text(content.get("name", "untitled"), where, "name"),
        graph=_read_graph(_object(content.get("graph", {}), where, "graph"), where),
        blocks={
            whole_text(name, where, "blocks"): _read_block(one, where, name) for name, one in blocks.items()
        },
        constants=_values(content.get("constants", {}), where, "constants"),
        data=_read_data(_object(content.get("data", {}), where, "data"), where),
        training=_read_training(_object(content.get("training", {}), where, "training"), where),
        notes=_read_notes(content.get("notes", []), where),
        format=content["format"],
        extra=_rest(content, known, where, ""),
    )
    if project.node_count > MOST_NODES:
        refuse(where, "", f"at most {MOST_NODES:,} nodes", f"{project.node_count:,}")
    return project


def _read_notes(notes: object, where: str) -> str:
    if isinstance(notes, str):
        return whole_text(notes, where, "notes")
    lines = _list(notes, where, "notes")
    return "\n".join(whole_text(text, where, f"notes[{at}]") for at, text in enumerate(lines))


def _read_data(content: Mapping[str, Any], where: str) -> Data:
    return Data(
        source=_read_setting(content.get("source", {"type": "None"}), where, "data.source"),
        options=_values(content.get("options", {}), where, "data.options"),
        extra=_rest(content, {"source", "options"}, where, "data"),
    )


def _read_training(content: Mapping[str, Any], where: str) -> Training:
    return Training(
        optimizer=_read_setting(content.get("optimizer", {"type": "Adam"}), where, "training.optimizer"),
        schedule=_read_setting(content.get("schedule", {"type": "Constant"}), where, "training.schedule"),
        options=_values(content.get("options", {}), where, "training.options"),
        extra=_rest(content, {"optimizer", "schedule", "options"}, where, "training"),
    )


def _read_setting(content: object, where: str, place: str) -> Setting:
    table = _object(content, where, place)
    return Setting(
        type=whole_text(_needed(table, "type", where, place), where, f"{place}.type"),
        params=_values(table.get("params", {}), where, f"{place}.params"),
        extra=_rest(table, {"type", "params"}, where, place),
    )


def _read_block(content: object, where: str, name: str) -> Block:
    table = _object(content, where, f"block {shown(name)}")
    arguments = _list(table.get("arguments", []), where, f"block {shown(name)}: arguments")
    return Block(
        graph=_read_graph(table, where, f"block {shown(name)}: ", {"arguments", "doc"}),
        arguments=tuple(_read_argument(one, where, f"block {shown(name)}: arguments") for one in arguments),
        doc=whole_text(table.get("doc", ""), where, f"block {shown(name)}: doc"),
    )


def _read_argument(content: object, where: str, place: str) -> Argument:
    table = _object(content, where, place)
    values = _values({"default": table.get("default")}, where, place)
    return Argument(
        name=whole_text(_needed(table, "name", where, place), where, place),
        default=values["default"],
        doc=whole_text(table.get("doc", ""), where, place),
        extra=_rest(table, {"name", "default", "doc"}, where, place),
    )


def _read_graph(
    content: Mapping[str, Any], where: str, place: str = "graph.", other: Set[str] = frozenset()
) -> Graph:
    nodes = _list(content.get("nodes", []), where, f"{place}nodes")
    found: dict[str, Node] = {}
    for at, one in enumerate(nodes):
        node = _read_node(one, where, f"{place}nodes[{at}]")
        _refuse_second(found, node.name, "node", where, f"{place}nodes[{at}]")
        found[node.name] = node
    edges = _list(content.get("edges", []), where, f"{place}edges")
    frames = _read_marks(content, "frames", Frame, set(), where, place)
    return Graph(
        nodes=found,
        edges=tuple(_read_edge(one, where, f"{place}edges[{at}]") for at, one in enumerate(edges)),
        extra=_rest(content, {"nodes", "edges", "frames", "notes", *other}, where, place.rstrip(".: ")),
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
    lines = _list(content.get(key, []), where, f"{place}{key}")
    if len(lines) > MOST_MARKS:
        refuse(where, f"{place}{key}", f"at most {MOST_MARKS:,} {key} in one drawing", f"{len(lines):,}")
    found: dict[str, M] = {}
    for at, one in enumerate(lines):
        mark = _read_mark(one, kind, where, f"{place}{key}[{at}]")
        _refuse_second({*found, *taken}, mark.name, "frame or note", where, f"{place}{key}[{at}]")
        found[mark.name] = mark
    return found


def _read_mark(content: object, kind: type[M], where: str, place: str) -> M:
    table = _object(content, where, place)
    name = whole_text(_needed(table, "name", where, place), where, f"{place}.name")
    is_frame = issubclass(kind, Frame)
    place = f"{'frame' if is_frame else 'note'} {shown(name)}"
    words = "title" if is_frame else "text"
    text = whole_text(table.get(words, ""), where, f"{place}: {words}")
    if len(text.encode()) > LONGEST:
        refuse(where, f"{place}: {words}", "at most 64 KiB", f"{len(text.encode()):,} bytes")
    size = _pair(_needed(table, "size", where, place), where, f"{place}: size")
    if min(size) <= 0:
        refuse(where, f"{place}: size", "two numbers above 0", shown(size))
    return kind(
        name,
        text,
        whole_text(table.get("colour", ""), where, f"{place}: colour"),
        _pair(table.get("position", [0, 0]), where, f"{place}: position"),
        size,
        _rest(table, {"name", words, "colour", "position", "size"}, where, place),
    )


def _pair(value: object, where: str, place: str) -> Position:
    numbers = _list(value, where, place)
    if len(numbers) != 2:
        refuse(where, place, "two numbers", f"{len(numbers)}")
    return finite(numbers[0], where, place), finite(numbers[1], where, place)


def _read_node(content: object, where: str, place: str) -> Node:
    table = _object(content, where, place)
    name = whole_text(_needed(table, "name", where, place), where, f"{place}.name")
    place = f"node {shown(name)}"
    known = {"name", "type", "params", "position", "muted", "note", "colour", "pinned"}
    return Node(
        name=name,
        type=whole_text(_needed(table, "type", where, place), where, f"{place}: type"),
        params=_values(table.get("params", {}), where, f"{place}: params"),
        position=_pair(table.get("position", [0, 0]), where, f"{place}: position"),
        muted=_truth(table.get("muted", False), where, f"{place}: muted"),
        note=whole_text(table.get("note", ""), where, f"{place}: note"),
        extra=_rest(table, known, where, place),
        colour=whole_text(table.get("colour", ""), where, f"{place}: colour"),
        pinned=_truth(table.get("pinned", False), where, f"{place}: pinned"),
    )


def _read_edge(content: object, where: str, place: str) -> Edge:
    table = _object(content, where, place)
    extra = _rest(table, {"from", "to", "bends"}, where, place)
    bends = _list(table.get("bends", []), where, f"{place}.bends")
    if len(bends) > MOST_BENDS:
        refuse(where, f"{place}.bends", f"at most {MOST_BENDS:,} points", f"{len(bends):,}")
    return Edge(
        source=_read_end(_needed(table, "from", where, place), where, f"{place}.from"),
        target=_read_end(_needed(table, "to", where, place), where, f"{place}.to"),
        extra=line(extra) if extra else "",
        bends=tuple(_pair(one, where, f"{place}.bends[{at}]") for at, one in enumerate(bends)),
    )


def _read_end(content: object, where: str, place: str) -> Endpoint:
    parts = _list(content, where, place)
    if len(parts) not in (2, 3):
        refuse(where, place, "a node, a port and perhaps an index", f"{len(parts)} values")
    place_in_port = index(parts[2], where, place) if len(parts) == 3 else 0
    return Endpoint(whole_text(parts[0], where, place), whole_text(parts[1], where, place), place_in_port)


def _object(value: object, where: str, place: str) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], _of(dict, "an object", value, where, place))


def _list(value: object, where: str, place: str) -> list[Any]:
    return _of(list, "a list", value, where, place)


def _of(kind: type[T], words: str, value: object, where: str, place: str) -> T:
    if not isinstance(value, kind):
        refuse(where, place, words, shown(value))
    return value


def _truth(value: object, where: str, place: str) -> bool:
    return _of(bool, "true or false", value, where, place)


def _needed(table: Mapping[str, Any], key: str, where: str, place: str) -> object:
    if key not in table:
        keys = ", ".join(list(table)[:6]) or "none"
        refuse(where, place, f'the key "{key}"', f"only these: {keys}")
    return table[key]


def _values(content: object, where: str, place: str) -> Mapping[str, Value]:
    return cast(Mapping[str, Value], sealed(_object(content, where, place), where, place, 1))


def _rest(table: Mapping[str, Any], known: Set[str], where: str, place: str) -> dict[str, Value]:
    """What this version does not know, kept to be written back."""
    return {
        whole_text(key, where, place): sealed(value, where, f"{place}.{key}".strip("."), 2)
        for key, value in table.items()
        if key not in known
    }

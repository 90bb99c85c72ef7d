"""Project -> canonical text: the order of keys and lines of a .loom file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from studio.project.block import Argument, Block
from studio.project.data_text import data_parts
from studio.project.graph import MOST_MARKS, Edge, Endpoint, Frame, Graph, Mark, Node, Position
from studio.project.params import LARGEST, LONGEST, Value, shown
from studio.project.project import Project, Setting
from studio.project.strict_json import finite, index, line, parse, refuse, sealed, whole_text


def project_text(project: Project) -> str:
    """The text of a project. Raises StudioError for a value that could not be read back equal."""
    head = {
        "format": line(project.format),
        "name": line(whole_text(project.name, "", "name")),
        "notes": _block([line(whole_text(text, "", "notes")) for text in _lines(project.notes)], 1, "[]"),
        "data": _table(
            {"source": _setting(project.data.source, "data.source")}
            | _options(project.data.options, "data.options")
            | {key: _block(lines, 2, "{}") for key, lines in data_parts(project.data).items()}
            | _extra(project.data.extra, "data")
        ),
        "training": _table(
            {
                "optimizer": _setting(project.training.optimizer, "training.optimizer"),
                "schedule": _setting(project.training.schedule, "training.schedule"),
            }
            | _options(project.training.options, "training.options")
            | _extra(project.training.extra, "training")
        ),
        "graph": _table(graph_lines(project.graph)),
    }
    if project.constants:
        head["constants"] = line(sealed(project.constants, "", "constants", 1))
    if project.blocks:
        blocks = {name: _block_table(name, project.blocks[name]) for name in sorted(project.blocks)}
        head["blocks"] = _table(blocks)
    return _table(head | _extra(project.extra, ""), 0) + "\n"


def _block_table(name: str, block: Block) -> str:
    place = f"block {shown(name)}"
    whole_text(name, "", place)
    parts: dict[str, str] = {}
    if block.doc:
        parts["doc"] = line(whole_text(block.doc, "", place))
    if block.arguments:
        parts["arguments"] = _block([_argument_line(one, place) for one in block.arguments], 3, "[]")
    return _table(parts | graph_lines(block.graph, 3), 2)


def _argument_line(argument: Argument, place: str) -> str:
    known: dict[str, Value] = {
        "name": whole_text(argument.name, "", place),
        "default": sealed(argument.default, "", place, 1),
    }
    if argument.doc:
        known["doc"] = whole_text(argument.doc, "", place)
    return _one_line(known, argument.extra, place)


def graph_lines(graph: Graph, indent: int = 2) -> dict[str, str]:
    """The parts of a graph as JSON texts by key: nodes, edges, frames and notes sorted, one on each line."""
    nodes = [_node_line(graph.nodes[name]) for name in sorted(graph.nodes)]
    edges = [_edge_line(edge) for edge in graph.edges]
    parts = {"nodes": _block(nodes, indent, "[]"), "edges": _block(edges, indent, "[]")}
    twice = sorted(graph.frames.keys() & graph.notes.keys())
    if twice:
        refuse("", "graph", "frames and notes with names that differ", shown(twice[0]))
    for key, marks in (("frames", graph.frames), ("notes", graph.notes)):
        if len(marks) > MOST_MARKS:
            refuse("", f"graph.{key}", f"at most {MOST_MARKS:,} {key} in one drawing", f"{len(marks):,}")
        if marks:
            parts[key] = _block([_mark_line(marks[name]) for name in sorted(marks)], indent, "[]")
    return parts | _extra(graph.extra, "graph")


def _table(parts: Mapping[str, str], indent: int = 1) -> str:
    return _block([f"{line(key)}: {value}" for key, value in parts.items()], indent, "{}")


def _block(lines: Iterable[str], indent: int, brackets: str) -> str:
    """Lines in brackets, one below the other; nothing between the brackets where there are none."""
    pad = "\n" + "  " * indent
    inside = ",".join(f"{pad}  {one}" for one in lines)
    return f"{brackets[0]}{inside}{pad}{brackets[1]}" if inside else brackets


def _lines(notes: str) -> list[str]:
    return notes.split("\n") if notes else []


def _setting(setting: Setting, place: str) -> str:
    params = {"params": _ordered(setting.params, place)} if setting.params else {}
    known = {"type": whole_text(setting.type, "", place), **params}
    return _one_line(known, setting.extra, place)


def _options(options: Mapping[str, Value], place: str) -> dict[str, str]:
    return {"options": line(sealed(options, "", place, 1))} if options else {}


def _extra(extra: Mapping[str, Value], place: str) -> dict[str, str]:
    return {key: line(sealed(extra[key], "", f"{place}.{key}".strip("."), 2)) for key in sorted(extra)}


def _node_line(node: Node) -> str:
    place = f"node {shown(node.name)}"
    known: dict[str, Value] = {
        "name": whole_text(node.name, "", place),
        "type": whole_text(node.type, "", place),
    }
    if node.params:
        known["params"] = _ordered(node.params, place)
    known["position"] = _pair(node.position, place)
    if node.muted:
        known["muted"] = True
    if node.note:
        known["note"] = whole_text(node.note, "", place)
    if node.colour:
        known["colour"] = whole_text(node.colour, "", place)
    if node.pinned:
        known["pinned"] = True
    return _one_line(known, node.extra, place)


def _edge_line(edge: Edge) -> str:
    place = f"edge to {shown(edge.target.node)}"
    known = {"from": _end(edge.source, place), "to": _end(edge.target, place)}
    if edge.bends:
        known["bends"] = tuple(_pair(one, place) for one in edge.bends)
    extra = cast(Mapping[str, Value], parse(edge.extra, place)) if edge.extra else {}
    return _one_line(known, extra, place)


def _mark_line(mark: Mark) -> str:
    kind, words, text = (
        ("frame", "title", mark.title) if isinstance(mark, Frame) else ("note", "text", mark.text)
    )
    place = f"{kind} {shown(mark.name)}"
    known: dict[str, Value] = {"name": whole_text(mark.name, "", place)}
    if text:
        known[words] = whole_text(text, "", place)
    if mark.colour:
        known["colour"] = whole_text(mark.colour, "", place)
    if len(text.encode(errors="replace")) > LONGEST:
        refuse("", f"{place}: {words}", "at most 64 KiB", f"{len(text.encode(errors='replace')):,} bytes")
    if min(mark.size) <= 0:
        refuse("", f"{place}: size", "two numbers above 0", shown(mark.size))
    known |= {"position": _pair(mark.position, place), "size": _pair(mark.size, place)}
    return _one_line(known, mark.extra, place)


def _pair(numbers: Position, place: str) -> Value:
    return tuple(_short(finite(one, "", place)) for one in numbers)


def _end(end: Endpoint, place: str) -> Value:
    names = (whole_text(end.node, "", place), whole_text(end.port, "", place))
    return (*names, index(end.index, "", place)) if end.index else names


def _one_line(known: Mapping[str, Value], extra: Mapping[str, Value], place: str) -> str:
    """A table on one line: what this version knows in its own order, then what it does not, sorted."""
    parts = {key: line(value) for key, value in known.items()} | {
        key: line(sealed(extra[key], "", f"{place}.{key}", 2)) for key in sorted(extra) if key not in known
    }
    return "{" + ", ".join(f"{line(key)}: {value}" for key, value in parts.items()) + "}"


def _ordered(values: Mapping[str, Value], place: str) -> Value:
    return sealed(values, "", place, 1)


def _short(number: float) -> float | int:
    """A whole number without its ".0", as far as whole numbers are read back."""
    return int(number) if abs(number) <= LARGEST and number == int(number) else number

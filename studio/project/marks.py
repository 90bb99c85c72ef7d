"""Edits of frames and notes: placed, changed, copied, and moved with what lies inside a frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from studio.project import bends
from studio.project.arranging import Box
from studio.project.graph import Frame, Graph, Mark, Node, Position, Sticky, free_name
from studio.project.params import LONGEST
from studio.project.project import Project

LEAST_FRAME: Position = (96.0, 72.0)
LEAST_NOTE: Position = (72.0, 48.0)
"""How small frames and notes can be made."""
PADDING, BAR, STEP = 24.0, 28.0, 8.0
"""Between a frame and what it is drawn around, how high its title's bar is, and the grid of its edges."""
NODE: Position = (176.0, 64.0)
"""About how large a node is drawn, for who does not know it better."""


def add_frame(
    project: Project, title: str, position: Position, size: Position, colour: str = ""
) -> tuple[Project, str]:
    """Lay a frame; also returns its name."""
    name = free_name("frame", project.graph.marks)
    return _with(project, Frame(name, title, colour, _floats(position), _floats(size))), name


def add_note(
    project: Project, text: str, position: Position, size: Position | None = None, colour: str = "yellow"
) -> tuple[Project, str]:
    """Lay a note; also returns its name."""
    name = free_name("note", project.graph.marks)
    note = Sticky(name, text, colour, _floats(position))
    return _with(project, replace(note, size=_floats(size)) if size else note), name


def resize(project: Project, name: str, position: Position, size: Position) -> Project:
    """Give a frame or note another place and size; it gets no smaller than it can be."""
    mark = project.graph.marks[name]
    least = LEAST_FRAME if isinstance(mark, Frame) else LEAST_NOTE
    size = (max(least[0], float(size[0])), max(least[1], float(size[1])))
    return _with(project, replace(mark, position=_floats(position), size=size))


def write(project: Project, name: str, text: str) -> Project:
    """Give a frame another title, or a note another text; what is longer than a file may hold is cut off."""
    mark = project.graph.marks[name]
    text = text.encode(errors="replace")[:LONGEST].decode(errors="ignore")
    return _with(project, replace(mark, title=text) if isinstance(mark, Frame) else replace(mark, text=text))


def paint(project: Project, colour: str, nodes: Iterable[str] = (), marks: Iterable[str] = ()) -> Project:
    """Give nodes, frames and notes a colour, or none with an empty one."""
    graph, there = project.graph, project.graph.marks
    graph = graph.with_nodes(*(replace(graph.nodes[name], colour=colour) for name in nodes))
    return project.with_graph(graph.with_marks(*(replace(there[name], colour=colour) for name in marks)))


def delete(project: Project, names: Iterable[str]) -> Project:
    """Remove frames and notes; what lies in a frame stays."""
    return project.with_graph(project.graph.without_marks(names))


def framed(inner: Box) -> Box:
    """The frame around a box, on the grid, with room for its title."""
    left, top = _down(inner.x - PADDING), _down(inner.y - PADDING - BAR)
    right, bottom = _down(inner.x + inner.width + PADDING), _down(inner.y + inner.height + PADDING)
    return Box(left, top, right + STEP - left, bottom + STEP - top)


def _down(length: float) -> float:
    return length // STEP * STEP


@dataclass(frozen=True, slots=True)
class Carried:
    """What goes along with something: names of nodes, names of frames and notes."""

    nodes: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()


def carried(graph: Graph, frames: Iterable[str], boxes: Mapping[str, Box] | None = None) -> Carried:
    """What lies inside of frames: nodes with their middle, other frames and notes wholly.

    `boxes` says where the nodes are drawn and how large.
    """
    nodes: set[str] = set()
    marks: set[str] = set()
    for name in frames:
        whole = box_of(graph.frames[name])
        nodes |= {one for one, node in graph.nodes.items() if _middle_in(_drawn(node, boxes), whole)}
        marks |= {one for one, mark in graph.marks.items() if one != name and within(box_of(mark), whole)}
    return Carried(frozenset(nodes), frozenset(marks))


def _drawn(node: Node, boxes: Mapping[str, Box] | None) -> Box:
    known = boxes.get(node.name) if boxes else None
    return known or Box(*node.position, *NODE)


def box_of(mark: Mark) -> Box:
    """Where a frame or note lies."""
    return Box(*mark.position, *mark.size)


def within(inner: Box, outer: Box) -> bool:
    """Whether a box lies wholly in another."""
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


def point_in(point: Position, box: Box) -> bool:
    """Whether a point lies in a box."""
    return within(Box(*point, 0.0, 0.0), box)


def _middle_in(box: Box, outer: Box) -> bool:
    return point_in((box.x + box.width / 2, box.y + box.height / 2), outer)


def nodes_box(graph: Graph, names: Iterable[str]) -> Box:
    """The box around some nodes, of which there is at least one."""
    box = around(_drawn(graph.nodes[name], None) for name in names)
    assert box is not None
    return box


def around(boxes: Iterable[Box]) -> Box | None:
    """The smallest box around boxes, None around none."""
    known = list(boxes)
    if not known:
        return None
    left, top = min(box.x for box in known), min(box.y for box in known)
    right, bottom = max(box.x + box.width for box in known), max(box.y + box.height for box in known)
    return Box(left, top, right - left, bottom - top)


def among(graph: Graph, nodes: Iterable[str], marks: Iterable[str] = ()) -> frozenset[str]:
    """The frames and notes chosen, and those that lie wholly among the nodes, frames and notes chosen."""
    there = graph.marks
    chosen = frozenset(marks) & there.keys()
    drawn = [_drawn(graph.nodes[name], None) for name in nodes if name in graph.nodes]
    whole = around([*drawn, *(box_of(there[name]) for name in chosen)])
    if whole is None:
        return chosen
    return chosen | {name for name, mark in there.items() if within(box_of(mark), whole)}


def piece(graph: Graph, nodes: Iterable[str], marks: Iterable[str] = ()) -> Graph:
    """Some nodes with the wires between them, and frames and notes chosen or lying among them."""
    wanted = frozenset(nodes)
    chosen = among(graph, wanted, marks)
    return Graph(
        {name: node for name, node in graph.nodes.items() if name in wanted},
        tuple(edge for edge in graph.edges if edge.source.node in wanted and edge.target.node in wanted),
        frames={name: one for name, one in graph.frames.items() if name in chosen},
        notes={name: one for name, one in graph.notes.items() if name in chosen},
    )


def placed(graph: Graph, coming: Iterable[Mark], offset: Position) -> Graph:
    """A graph with more frames and notes, moved by `offset`, under names that are free in it."""
    taken = set(graph.marks)
    new: list[Mark] = []
    for mark in coming:
        name = free_name(mark.name, taken)
        taken.add(name)
        new.append(replace(mark, name=name, position=_moved(mark.position, offset)))
    return graph.with_marks(*new) if new else graph


def shift(project: Project, nodes: Iterable[str], marks: Iterable[str], offset: Position) -> Project:
    """Move nodes, frames, notes and the bends of wires that start and end in moved nodes."""
    graph = project.graph
    there = graph.marks
    places = {name: _moved(graph.nodes[name].position, offset) for name in nodes}
    graph = bends.moved_along(graph, places)
    graph = graph.with_nodes(*(replace(graph.nodes[name], position=at) for name, at in places.items()))
    moved = [replace(there[name], position=_moved(there[name].position, offset)) for name in marks]
    return project.with_graph(graph.with_marks(*moved))


def followed(project: Project, places: Mapping[str, Position], boxes: Mapping[str, Box]) -> Project:
    """Put nodes at places; frames are drawn around what they carried, their notes stay beside it.

    `boxes` says where the nodes are drawn now and how large. Wires between moved nodes are led anew.
    """
    graph = project.graph
    new = {name: replace(boxes[name], x=x, y=y) for name, (x, y) in places.items()}
    there = {**graph.marks}
    settled: set[str] = set()
    frames = sorted(graph.frames.values(), key=lambda one: (one.size[0] * one.size[1], one.name))
    for frame in frames:  # inner ones first: the outer ones go around them
        inside = carried(graph, [frame.name], boxes)
        if not inside.nodes & places.keys():
            continue
        before = around(boxes[name] for name in inside.nodes)
        after = around(new.get(name, boxes[name]) for name in inside.nodes)
        assert before is not None
        assert after is not None
        for name in inside.marks - settled:
            at = _moved(there[name].position, (after.x - before.x, after.y - before.y))
            there[name] = replace(there[name], position=at)
        whole = around([after, *(box_of(there[name]) for name in inside.marks)])
        assert whole is not None
        body = framed(whole)
        there[frame.name] = replace(frame, position=(body.x, body.y), size=(body.width, body.height))
        settled |= {frame.name, *inside.marks}
    graph = bends.straightened(graph, places)
    nodes = (replace(graph.nodes[name], position=at) for name, at in places.items())
    changed = (one for name, one in there.items() if name in settled)
    return project.with_graph(graph.with_nodes(*nodes).with_marks(*changed))


def corner(graph: Graph) -> Position | None:
    """The top left corner of all that is drawn, None where nothing is."""
    places = [one.position for one in (*graph.nodes.values(), *graph.marks.values())]
    return (min(x for x, _ in places), min(y for _, y in places)) if places else None


def _moved(position: Position, offset: Position) -> Position:
    return position[0] + offset[0], position[1] + offset[1]


def _floats(pair: Position) -> Position:
    return float(pair[0]), float(pair[1])


def _with(project: Project, mark: Mark) -> Project:
    return project.with_graph(project.graph.with_marks(mark))

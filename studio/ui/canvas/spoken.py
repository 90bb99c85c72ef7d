"""The parts of a drawing as a screen reader has them, and what it says of each: plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication, QRectF

from studio.project.graph import Edge, Endpoint, Frame, Graph, Mark
from studio.ui.canvas.lines import Line, chain_of, lines_of
from studio.ui.canvas.scene import GraphScene
from studio.ui.words import declared, type_title

_translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Part:
    """A node, frame or note by its name; a wire, or a value by its label, with the node it goes into."""

    kind: Literal["node", "wire", "value", "mark"]
    name: str
    label: str = ""
    edge: Edge | None = None


def is_there(scene: GraphScene, part: Part) -> bool:
    """Whether the drawing has the part now."""
    graph = scene.project.graph
    if part.edge is not None:
        return part.edge in scene.edges
    if part.kind == "mark":
        return part.name in graph.frames or part.name in graph.notes
    return part.name in graph.nodes and (part.kind == "node" or _line(scene, part) is not None)


def is_frame(scene: GraphScene, part: Part) -> bool:
    """Whether the part is a frame."""
    return part.kind == "mark" and part.name in scene.project.graph.frames


def parts_in(scene: GraphScene, part: Part) -> list[Part]:
    """What a part holds: a node, its wires in and its values."""
    name = part.name
    if part.kind != "node" or name not in scene.project.graph.nodes:
        return []
    wires = [Part("wire", name, edge=edge) for edge in scene.project.graph.incoming(name)]
    return wires + [Part("value", name, label) for label, _ in node_lines(scene, name)]


def title(scene: GraphScene, part: Part) -> str:
    """What is said of a part first."""
    if part.edge is not None:
        return wire_title(scene, part.edge)
    if part.kind == "mark":
        return mark_title(scene.project.graph.marks[part.name])
    return node_title(scene, part.name) if part.kind == "node" else line_title(_line(scene, part) or ("", ""))


def story(scene: GraphScene, part: Part) -> str:
    """What is said of a part to who wants more."""
    return node_story(scene, part.name) if part.kind == "node" else ""


def value(scene: GraphScene, part: Part) -> str:
    """The value, where the part is one."""
    line = _line(scene, part) if part.kind == "value" else None
    return line[1] if line else ""


def place(scene: GraphScene, part: Part) -> QRectF:
    """Where on the canvas a part lies."""
    if part.edge is not None:
        return scene.edges[part.edge].bounds
    if part.kind == "mark":
        mark = scene.project.graph.marks[part.name]
        return QRectF(*mark.position, *mark.size)
    return scene.nodes[part.name].body


def node_title(scene: GraphScene, name: str) -> str:
    """Name, type, output shapes and problems: "conv1, Conv2d, output 32×28×28, 1 problem: …"."""
    node = scene.project.graph.nodes[name]
    parts = [name, type_title(node.type), *_outputs(scene, name)]
    if node.muted:
        parts.append(_translate("Canvas", "muted"))
    return ", ".join([*parts, *_problems(scene, name)])


def node_story(scene: GraphScene, name: str) -> str:
    """What else there is to know: the inputs with their shapes, the parameters shown, what the layer does."""
    layer = scene.layer_of(name)
    inputs = [wire_into(scene, edge) for edge in scene.project.graph.incoming(name)]
    values = [line_title(line) for line in node_lines(scene, name)]
    if node_note := scene.project.graph.nodes[name].note:
        values.append(_translate("Canvas", "note: {text}").format(text=node_note))
    hints = [problem.hint for problem in scene.problems(name) if problem.hint]
    doc = declared(layer.doc) if layer else _translate("Canvas", "Unknown layer; it is kept as it is.")
    return ". ".join(part.rstrip(".") for part in (*hints, ", ".join(inputs), ", ".join(values), doc) if part)


def node_lines(scene: GraphScene, name: str) -> list[Line]:
    """Label and value of each parameter that the node tells."""
    node, layer = scene.project.graph.nodes[name], scene.layer_of(name)
    chain = chain_of(node, layer, scene.names)
    repeated = [(_translate("Canvas", "repeat"), chain[1])] if chain else []
    return [*lines_of(node, layer, scene.names), *repeated]


def line_title(line: Line) -> str:
    """A parameter with its value."""
    return " ".join(part for part in line if part)


def wire_title(scene: GraphScene, edge: Edge) -> str:
    """Where a wire leads from and to, and what passes through it."""
    source, target = port_title(scene, edge.source, "out"), port_title(scene, edge.target, "in")
    ends = _translate("Canvas", "Wire {source} → {target}").format(source=source, target=target)
    return ", ".join([ends, *_passing(scene, edge)])


def wire_into(scene: GraphScene, edge: Edge) -> str:
    """A wire as its target has it: "input ← conv1, 32×28×28"."""
    text = _translate("Canvas", "{port} ← {source}")
    ends = text.format(port=edge.target.port, source=port_title(scene, edge.source, "out"))
    return ", ".join([ends, *_passing(scene, edge)])


def port_title(scene: GraphScene, end: Endpoint, side: str) -> str:
    """A node's name, with the port where it has several of them."""
    node = scene.project.graph.nodes.get(end.node)
    layer = scene.registry.layer_of(node) if node else None
    ports = (layer.inputs if side == "in" else layer.outputs) if layer else ()
    return end.node if len(ports) == 1 and ports[0].name == end.port else f"{end.node}.{end.port}"


def mark_title(mark: Mark) -> str:
    """A frame's title or a note's text."""
    if isinstance(mark, Frame):
        return _translate("Canvas", "Frame {title}").format(title=mark.title).strip()
    return _translate("Canvas", "Note: {text}").format(text=mark.text)


def reading_order(graph: Graph) -> list[str]:
    """The nodes from the inputs on, each after all that feed it; those in a circle last."""
    waiting = dict.fromkeys(graph.nodes, 0)
    for edge in graph.edges:
        if edge.target.node in waiting and edge.source.node in waiting:
            waiting[edge.target.node] += 1
    ready = _by_place(graph, (name for name, count in waiting.items() if not count))[::-1]
    found: list[str] = []
    while ready:
        name = ready.pop()
        found.append(name)
        del waiting[name]
        fed = [edge.target.node for edge in graph.outgoing(name) if edge.target.node in waiting]
        for other in fed:
            waiting[other] -= 1
        ready += _by_place(graph, {other for other in fed if not waiting[other]})[::-1]
    return [*found, *_by_place(graph, waiting)]


def _line(scene: GraphScene, part: Part) -> Line | None:
    return next((line for line in node_lines(scene, part.name) if line[0] == part.label), None)


def _by_place(graph: Graph, names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (graph.nodes[name].position[::-1], name))


def _outputs(scene: GraphScene, name: str) -> Iterator[str]:
    layer = scene.layer_of(name)
    ports = layer.outputs if layer else ()
    for port in ports:
        type = scene.tensor(Endpoint(name, port.name))
        if type is not None:
            title = _translate("Canvas", "output") if len(ports) == 1 else port.name
            yield f"{title} {type.pill}"


def _problems(scene: GraphScene, name: str) -> Iterator[str]:
    problems = scene.problems(name)
    if len(problems) == 1:
        yield _translate("Canvas", "1 problem: {text}").format(text=problems[0].message)
    elif problems:
        told = "; ".join(problem.message for problem in problems)
        yield _translate("Canvas", "{count} problems: {text}").format(count=len(problems), text=told)


def _passing(scene: GraphScene, edge: Edge) -> Iterator[str]:
    type = scene.tensor(edge.source)
    if type is not None:
        yield type.pill
    item = scene.edges.get(edge)
    if item is not None and item.wrong:
        yield _translate("Canvas", "does not fit")

"""What Find looks through: the texts of nodes, frames and notes, inside blocks too, and which of them fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from studio.build.plan import Checked
from studio.catalog.blocks import catalog_of
from studio.catalog.registry import Layer, Registry
from studio.project.block import graph_of
from studio.project.expressions import Names
from studio.project.graph import Frame, Graph, Node
from studio.project.project import Project
from studio.ui.canvas.lines import lines_of
from studio.ui.focus import Path, block_at, names_at, ways
from studio.ui.port_layer import layer_in
from studio.ui.words import type_title

Pattern = tuple[str, re.Pattern[str]]
_TIMES = re.compile(r"(?<=\d)\s*[x*,]\s*(?=\d)")


Texts = tuple[tuple[str, str], ...]
"""Each text as it is told, and as it is searched."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A node with what it can be found by."""

    path: Path
    """The block nodes that lead to it."""
    block: str | None
    node: str
    title: str
    """Name and type as they are searched."""
    facts: Texts
    """Parameters, shapes and the note."""
    problems: Texts
    mark: bool = False
    """Whether it is a frame or note."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A node, or a frame or note where `mark`, that fits, and the text that does: empty where name or type
    do.
    """

    path: Path
    block: str | None
    node: str
    why: str = ""
    mark: bool = False

    @property
    def place(self) -> tuple[str | None, str, bool]:
        """What tells it from the other hits."""
        return self.block, self.node, self.mark


def entries_of(project: Project, checked: Checked | None, known: Registry) -> list[Entry]:
    """Every node of the main graph and, once for each use, of the blocks; in each graph as the wires lead,
    then its frames and notes.
    """
    registry = catalog_of(project, known)
    return [entry for path in ways(project) for entry in _entries_at(project, path, checked, registry)]


def hits_of(entries: Sequence[Entry], query: str) -> list[Hit]:
    """The nodes that fit; one inside of a block once, in the first use where it does.

    All of what is typed has to be in one text. Sentences of problems name other nodes and their parameters
    too, so they count where nothing else fits; at last, each word may be in a text of its own.
    """
    wanted = searched(query)
    if not wanted:
        return []
    return (
        _hits(entries, [wanted], lambda one: one.facts)
        or _hits(entries, [wanted], lambda one: one.problems)
        or _hits(entries, wanted.split(), lambda one: one.facts)
        or _hits(entries, wanted.split(), lambda one: one.facts + one.problems)
    )


def searched(text: str) -> str:
    """A text as it is compared: small letters, "64×8×8" and "64, 8, 8" the same, no signs between."""
    bare = " ".join(re.sub(r"[=:]", " ", text.casefold().replace("×", "x")).split())
    return _TIMES.sub("x", bare)


def _hits(entries: Sequence[Entry], words: Sequence[str], texts: Callable[[Entry], Texts]) -> list[Hit]:
    found: dict[tuple[str | None, str, bool], Hit] = {}
    patterns = [_pattern(word) for word in words]
    for entry in entries:
        key = (entry.block, entry.node, entry.mark)
        if key in found:
            continue
        reasons = [_reason(entry, pattern, texts) for pattern in patterns]
        if all(reason is not None for reason in reasons):
            why = next((reason for reason in reasons if reason), "")
            found[key] = Hit(entry.path, entry.block, entry.node, why, entry.mark)
    return list(found.values())


def _reason(entry: Entry, wanted: Pattern, texts: Callable[[Entry], Texts]) -> str | None:
    """The text that holds what is wanted; empty for name and type, None where there is none."""
    plain, whole = wanted
    if plain in entry.title:
        return ""
    return next((told for told, text in texts(entry) if plain in text and whole.search(text)), None)


def _pattern(wanted: str) -> Pattern:
    """A word, and where it fits: numbers do so whole, 64 is not in 640."""
    before = r"(?<![\d.])" if wanted[0].isdigit() else ""
    after = r"(?!\.?\d)" if wanted[-1].isdigit() else ""
    return wanted, re.compile(before + re.escape(wanted) + after)


def _entries_at(project: Project, path: Path, checked: Checked | None, registry: Registry) -> Iterator[Entry]:
    block = block_at(project, path)
    names = names_at(project, path, checked.fields if checked is not None else None)
    here = checked.inside(path) if checked is not None and path else checked
    shapes, problems = _shapes(here), _problems(here, len(path))
    graph = graph_of(project, block)
    for node in _in_order(graph):
        layer = layer_in(registry, node, block)
        title = searched(f"{node.name} {type_title(node.type)}")
        facts = _texts((*_own_texts(node, layer, names), *shapes.get(node.name, ())))
        yield Entry(path, block, node.name, title, facts, _texts(problems.get(node.name, ())))
    for mark in sorted(graph.marks.values(), key=lambda one: (one.position[1], one.position[0], one.name)):
        words = mark.title if isinstance(mark, Frame) else mark.text
        yield Entry(path, block, mark.name, "", _texts(words.splitlines()), (), mark=True)


def _in_order(graph: Graph) -> list[Node]:
    """The nodes as the wires lead; as they lie, left to right, where wires lead in a circle."""
    placed = sorted(graph.nodes.values(), key=lambda one: (*one.position, one.name))
    before = {
        node.name: [edge.source.node for edge in graph.incoming(node.name) if edge.source.node in graph.nodes]
        for node in placed
    }
    try:
        return [graph.nodes[name] for name in TopologicalSorter(before).static_order()]
    except CycleError:
        return placed


def _texts(told: Iterable[str]) -> Texts:
    return tuple((one, searched(one)) for one in told)


def _own_texts(node: Node, layer: Layer | None, names: Names) -> Iterator[str]:
    """Its parameters as the node shows them, texts and formulas as they were typed, and its note."""
    for label, value in lines_of(node, layer, names):
        yield f"{label} {value}"
    for name, value in node.params.items():
        if isinstance(value, str):
            yield f"{name} {value}"
    if node.note:
        yield node.note


def _shapes(checked: Checked | None) -> dict[str, list[str]]:
    """The shapes of each node's outputs."""
    found: dict[str, list[str]] = {}
    for end, type in checked.types.items() if checked else ():
        found.setdefault(end.node, []).append(type.pill)
    return found


def _problems(checked: Checked | None, depth: int) -> dict[str, list[str]]:
    """The sentences about each node of a graph that lies so deep."""
    found: dict[str, list[str]] = {}
    for problem in checked.problems if checked else ():
        if problem.node is not None and len(problem.path) == depth:
            found.setdefault(problem.node, []).extend(one for one in (problem.message, problem.hint) if one)
    return found

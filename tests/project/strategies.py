"""Random projects, and random sequences of edits, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from studio.project import arguments, bends, block_edits, edits, marks, placements
from studio.project.block import Argument, Block, graph_of, within
from studio.project.graph import COLOURS, Edge, Endpoint, Frame, Graph, Node, Sticky, name_error
from studio.project.params import LARGEST
from studio.project.project import Data, FieldSetting, Project, SampleChanges, Setting, Training

TYPES = st.sampled_from(
    ["Input", "Output", "Conv2d", "Linear", "Add", "CrossEntropy", "FromTheFuture", "block:a", "block:b"]
)
TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12)
NUMBERS = st.integers(-LARGEST, LARGEST) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
TABLES = st.dictionaries(TEXTS, VALUES, max_size=3)
EXTRA = st.dictionaries(TEXTS.map(lambda text: f"x_{text}"), VALUES, max_size=2)
COORDINATES = st.floats(-1e6, 1e6)
POSITIONS = st.tuples(COORDINATES, COORDINATES)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,3}", fullmatch=True).filter(lambda name: name_error(name) is None)
ENDS = st.builds(Endpoint, NAMES | TEXTS, st.sampled_from(["input", "output", "inputs"]), st.integers(0, 3))
BENDS = st.lists(POSITIONS, max_size=3).map(tuple)
EDGES = st.builds(Edge, ENDS, ENDS, st.sampled_from(["", '{"colour": "red"}']), BENDS)
COLOUR = st.sampled_from(["", *COLOURS, "ultraviolet"])
LENGTHS = st.floats(1.0, 1e6)
SIZES = st.tuples(LENGTHS, LENGTHS)
SETTINGS = st.builds(Setting, TEXTS, TABLES, EXTRA)
STEPS = st.lists(SETTINGS, max_size=2).map(tuple)
FIELDS = st.builds(FieldSetting, TEXTS, TEXTS, TEXTS, TEXTS, st.none() | STEPS, STEPS, EXTRA)
LABELS = st.dictionaries(TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=2), max_size=2)
WEIGHTS = st.dictionaries(TEXTS, st.floats(0.0, 1e3), max_size=2)
CHANGES = st.builds(SampleChanges, st.lists(TEXTS, max_size=3).map(tuple), LABELS, WEIGHTS)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    names = draw(st.lists(NAMES | TEXTS, unique=True, max_size=5))
    nodes = {
        name: Node(
            name,
            draw(TYPES),
            draw(TABLES),
            draw(POSITIONS),
            draw(st.booleans()),
            draw(TEXTS),
            draw(EXTRA),
            draw(COLOUR),
            draw(st.booleans()),
        )
        for name in names
    }
    graph = Graph(nodes, tuple(draw(st.lists(EDGES, max_size=4))), draw(EXTRA))
    kinds = st.lists(st.sampled_from([Frame, Sticky]), max_size=3)
    titles = draw(st.lists(NAMES | TEXTS, unique=True, min_size=3, max_size=3))
    return graph.with_marks(*(draw(_mark(*one)) for one in zip(draw(kinds), titles, strict=False)))


def _mark(kind: type[Frame] | type[Sticky], name: str) -> st.SearchStrategy[Frame | Sticky]:
    return st.builds(kind, st.just(name), TEXTS, COLOUR, POSITIONS, SIZES, EXTRA)


ARGUMENTS = st.builds(Argument, NAMES | TEXTS, VALUES, TEXTS, EXTRA)
BLOCKS = st.builds(Block, graphs(), st.lists(ARGUMENTS, max_size=2).map(tuple), TEXTS)
PROJECTS = st.builds(
    Project,
    name=TEXTS,
    graph=graphs(),
    data=st.builds(Data, SETTINGS, TABLES, EXTRA, st.dictionaries(TEXTS, FIELDS, max_size=2), CHANGES),
    training=st.builds(Training, SETTINGS, SETTINGS, TABLES, EXTRA),
    notes=TEXTS,
    blocks=st.dictionaries(st.sampled_from(["a", "b"]) | TEXTS, BLOCKS, max_size=2),
    constants=TABLES,
    format=st.integers(1, 3),
    extra=EXTRA,
)


@st.composite
def edited(draw: st.DrawFn, project: Project) -> Project:
    """The project after one random edit that a person could make, in the main drawing or in a block."""
    if draw(st.integers(0, 3)):
        return _edited(draw, project)
    if project.blocks and draw(st.booleans()):
        block = draw(st.sampled_from(sorted(project.blocks)))
        return within(project, block, lambda seen: _edited(draw, seen))
    try:
        return _edited_blocks(draw, project)
    except ValueError:
        return project


def _edited_blocks(draw: st.DrawFn, project: Project) -> Project:
    """One edit of blocks, their arguments and their uses; ValueError where it cannot be."""
    names = sorted(project.blocks)
    inside = draw(st.none() | st.sampled_from(names)) if names else None
    nodes = sorted(graph_of(project, inside).nodes)
    number = draw(st.integers(0, 8))
    if not names or number <= 1:
        chosen = draw(st.lists(st.sampled_from(nodes), max_size=3)) if nodes else []
        lying = draw(_some_marks(graph_of(project, inside)))
        return block_edits.make_block(project, chosen, draw(NAMES), inside, lying)[0]
    block = draw(st.sampled_from(names))
    if number == 2 and nodes:
        return block_edits.unpack(project, draw(st.sampled_from(nodes)), inside)[0]
    if number == 3 and nodes:
        return placements.rename_node(project, inside, draw(st.sampled_from(nodes)), draw(NAMES))
    if number == 4:
        return placements.rename_block(project, block, draw(NAMES))
    if number == 5:
        return placements.delete_block(project, block)
    return _edited_arguments(draw, project, block, number)


def _edited_arguments(draw: st.DrawFn, project: Project, block: str, number: int) -> Project:
    there = [one.name for one in project.blocks[block].arguments]
    nodes = sorted(project.blocks[block].graph.nodes)
    if not there or number == 6:
        return arguments.add_argument(project, block, Argument(draw(NAMES), draw(VALUES)))
    if number == 7 and nodes:
        promoted = arguments.promote(project, block, draw(st.sampled_from(nodes)), "bias", draw(NAMES), True)
        return draw(st.sampled_from([promoted, project]))
    one = draw(st.sampled_from(there))
    if draw(st.booleans()):
        return arguments.remove_argument(project, block, one)
    return arguments.rename_argument(project, block, one, draw(NAMES))


def _some_marks(graph: Graph) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(sorted(graph.marks)), max_size=2) if graph.marks else st.just([])


def _edited_marks(draw: st.DrawFn, project: Project) -> Project:
    """One edit of frames, notes, colours or bends."""
    graph = project.graph
    number = draw(st.integers(0, 6))
    names = sorted(graph.marks)
    nodes = draw(st.lists(st.sampled_from(sorted(graph.nodes)), max_size=3)) if graph.nodes else []
    if number == 0:
        return marks.add_frame(project, draw(TEXTS), draw(POSITIONS), draw(SIZES), draw(COLOUR))[0]
    if number == 1:
        return marks.add_note(project, draw(TEXTS), draw(POSITIONS))[0]
    if number == 2 and graph.edges:
        wire = draw(st.sampled_from(graph.edges))
        return project.with_graph(bends.bent(graph, wire, draw(BENDS)))
    if number == 3:
        return marks.shift(project, nodes, draw(_some_marks(graph)), draw(POSITIONS))
    if number == 4:
        return marks.paint(project, draw(COLOUR), nodes, draw(_some_marks(graph)))
    if not names:
        return project
    name = draw(st.sampled_from(names))
    if number == 5:
        return marks.write(project, name, draw(TEXTS))
    resized = marks.resize(project, name, draw(POSITIONS), draw(SIZES))
    return draw(st.sampled_from([resized, marks.delete(project, [name])]))


def _edited(draw: st.DrawFn, project: Project) -> Project:
    graph = project.graph
    names = sorted(graph.nodes)
    if draw(st.integers(0, 3)) == 0:
        return _edited_marks(draw, project)
    if not names:
        return edits.add_node(project, draw(TYPES), draw(POSITIONS), draw(TABLES))[0]
    some = st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True)
    one = st.sampled_from(names)
    number = draw(st.integers(0, 11))
    if number <= 1:
        return edits.add_node(project, draw(TYPES), draw(POSITIONS), draw(TABLES))[0]
    if number <= 4:
        variadic = draw(st.booleans())
        target = Endpoint(draw(one), "inputs" if variadic else "input")
        return edits.connect(project, Endpoint(draw(one), "output"), target, variadic)
    if number == 5:
        wires = draw(st.lists(st.sampled_from(graph.edges), max_size=2)) if graph.edges else []
        return edits.disconnect(project, *wires)
    return _edited_more(draw, project, number, some, one)


def _edited_more(draw, project, number, some, one) -> Project:
    if number == 6:
        return edits.delete(project, draw(some))
    if number == 7:
        return edits.move(project, {name: draw(POSITIONS) for name in draw(some)})
    if number == 8:
        new = draw(NAMES.filter(lambda name: name not in project.graph.nodes))
        return edits.rename(project, draw(one), new)
    if number == 9:
        return edits.set_params(project, draw(one), draw(TABLES))
    if number == 10:
        text = edits.copy_text(project, draw(some), chosen=draw(_some_marks(project.graph)))
        return edits.paste(project, text, draw(POSITIONS))[0]
    lying = draw(_some_marks(project.graph))
    doubled, _ = edits.duplicate(project, draw(some), (20.0, 20.0), lying)
    return edits.set_muted(doubled, draw(some), draw(st.booleans()))

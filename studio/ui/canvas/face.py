"""What one node shows: its texts, ports and size, as a plain value laid out at 100 %."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from studio.catalog.registry import Layer, Port
from studio.errors import Problem, Severity
from studio.project.expressions import Names
from studio.project.graph import COLOURS, Edge, Endpoint, Node
from studio.ui.canvas.ink import fonts
from studio.ui.canvas.lines import NO_NAMES, Line, chain_of, lines_of, shares_weights
from studio.ui.theme import GRID
from studio.ui.words import type_title

Side = Literal["in", "out"]
HEADER = 32
ROW = 18
FIRST_PORT = 16
LEFT, RIGHT = 16.0, 12.0
LEAST_WIDTH, MOST_WIDTH = 120, 264
MOST_ROWS = 6
LONGEST_VALUE = 120.0
PIN = 14
"""Room for the pin behind a name."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A port's circle: which endpoint it is, and where. `small`: it may stay unconnected."""

    side: Side
    port: str
    index: int
    x: float
    y: float
    small: bool = False
    label: str = ""
    variadic: bool = False

    @property
    def key(self) -> tuple[Side, str, int]:
        """What tells it from the node's other spots."""
        return (self.side, self.port, self.index)


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter's line: name left, value right, and the height of its middle; how wrong the value is."""

    label: str
    value: str
    y: float
    wrong: Severity | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """The links of a repeated block: how many are drawn, what is said beside them, and their height."""

    links: int
    text: str
    shared: bool
    y: float


@dataclass(frozen=True, slots=True)
class Face:
    """Everything that a node's picture depends on, but for the theme and the zoom."""

    name: str
    type: str
    family: str | None
    width: float
    height: float
    rows: tuple[Row, ...]
    spots: tuple[Spot, ...]
    stacked: bool = False
    """A block: drawn as a card on others."""
    chain: Chain | None = None
    muted: bool = False
    colour: str = ""
    """The colour that people gave it."""
    pinned: bool = False
    """It stays where it is when the drawing is arranged."""
    noted: bool = False
    """Whether something is written about it."""
    share: float | None = None
    errors: int = 0
    warnings: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """What the last check said about a node."""

    share: float | None = None
    problems: tuple[Problem, ...] = ()


UNCHECKED = State()


def make_face(
    node: Node,
    layer: Layer | None,
    incoming: Iterable[Edge],
    outgoing: Iterable[Edge],
    state: State,
    names: Names = NO_NAMES,
) -> Face:
    """Lay a node out; `names` are those that formulas in its parameters can read."""
    ins = tuple(_inputs(layer, [edge.target for edge in incoming]))
    outs = tuple(_outputs(layer, [edge.source for edge in outgoing]))
    free = max(_labelled(ins), _labelled(outs))
    values = tuple(_placed(lines_of(node, layer, names), _beside(layer, ins), free))
    width = _width(node, values, ins, outs)
    bottom = max([HEADER, *(row.y + ROW / 2 for row in values), *(s.y + ROW / 2 for s in ins + outs)])
    chain = _chain(node, layer, names, bottom)
    height = _on_grid((chain.y + ROW / 2 if chain else bottom) + (8 if values else 2))
    face = Face(
        name=node.name,
        type=type_title(node.type),
        family=layer.category if layer else None,
        width=width,
        height=height,
        rows=tuple(_fitted(row, width) for row in values),
        spots=ins + tuple(_moved(spot, width) for spot in outs),
        stacked=layer is not None and layer.block is not None,
        chain=chain,
        muted=node.muted,
        colour=node.colour if node.colour in COLOURS else "",
        pinned=node.pinned,
        noted=bool(node.note.strip()),
    )
    return with_state(face, state) if state != UNCHECKED else face


def with_state(face: Face, state: State) -> Face:
    """The face as another check has it; the layout stays."""
    errors = sum(problem.severity == "error" for problem in state.problems)
    wrong = {one.field: one.severity for one in reversed(state.problems) if not one.path}
    rows = tuple(
        row if row.wrong == wrong.get(row.label) else replace(row, wrong=wrong.get(row.label))
        for row in face.rows
    )
    return replace(face, share=state.share, errors=errors, warnings=len(state.problems) - errors, rows=rows)


def _inputs(layer: Layer | None, ends: list[Endpoint]) -> Iterator[Spot]:
    ports = layer.inputs if layer else ()
    row = 0
    for port in ports:
        used = max((end.index + 1 for end in ends if end.port == port.name), default=0)
        for index in range(used + 1 if port.variadic else 1):
            free = port.variadic and index == used and used > 0
            label = "" if row == 0 or port.variadic else port.name
            small = free or (port.from_option is not None and used == 0)
            yield Spot("in", port.name, index, 0, FIRST_PORT + row * ROW, small, label, port.variadic)
            row += 1
    known = {port.name for port in ports}
    strange = [end for end in ends if end.port not in known]
    for end in sorted(set(strange)) if strange else ():
        yield Spot("in", end.port, end.index, 0, FIRST_PORT + row * ROW, label=end.port)
        row += 1


def _outputs(layer: Layer | None, ends: list[Endpoint]) -> Iterator[Spot]:
    ports = layer.outputs if layer else ()
    known = {port.name for port in ports}
    unknown = sorted({end.port for end in ends if end.port not in known})
    for row, port in enumerate((*ports, *(Port(name, "") for name in unknown))):
        yield Spot("out", port.name, 0, 0, FIRST_PORT + row * ROW, label=port.name if row else "")


def _beside(layer: Layer | None, ins: tuple[Spot, ...]) -> dict[str, float]:
    """The height of each port that stands for the same thing as an option, by that option."""
    return {
        port.from_option: spot.y
        for port in (layer.inputs if layer else ())
        for spot in ins
        if port.from_option and spot.port == port.name
    }


def _chain(node: Node, layer: Layer | None, names: Names, bottom: float) -> Chain | None:
    told = chain_of(node, layer, names)
    return Chain(told[0], told[1], shares_weights(node, layer), bottom + ROW / 2) if told else None


def _labelled(spots: tuple[Spot, ...]) -> int:
    """How many rows below the header ports take."""
    return max(len(spots) - 1, 0)


def _placed(lines: list[Line], beside: dict[str, float], taken: int) -> Iterator[Row]:
    row = taken
    for label, value in lines[:MOST_ROWS]:
        if label not in beside:
            row += 1
        yield Row(label, value, beside.get(label, FIRST_PORT + row * ROW))
    if len(lines) > MOST_ROWS:
        yield Row(f"+ {len(lines) - MOST_ROWS}", "", FIRST_PORT + (row + 1) * ROW)


def _width(node: Node, rows: tuple[Row, ...], ins: tuple[Spot, ...], outs: tuple[Spot, ...]) -> float:
    font = fonts()
    header = font.width(font.name, node.name) + font.width(font.type, type_title(node.type)) + 20
    header += PIN if node.pinned else 0
    pairs = [
        font.width(font.label, row.label) + min(font.width(font.value, row.value), LONGEST_VALUE) + 20
        for row in rows
    ]
    labels = (
        [font.width(font.label, one.label) for one in ins],
        [font.width(font.label, one.label) for one in outs],
    )
    both = max(labels[0], default=0.0) + max(labels[1], default=0.0) + 20
    return min(max(_on_grid(max(header, both, *pairs, 0) + LEFT + RIGHT), LEAST_WIDTH), MOST_WIDTH)


def _fitted(row: Row, width: float) -> Row:
    font = fonts()
    room = width - LEFT - RIGHT - 12 - font.width(font.label, row.label)
    value = font.elided(font.value, row.value, max(room, 24))
    return row if value == row.value else replace(row, value=value)


def _moved(spot: Spot, x: float) -> Spot:
    return Spot("out", spot.port, spot.index, x, spot.y, spot.small, spot.label)


def _on_grid(length: float) -> float:
    return -(-length // GRID) * GRID

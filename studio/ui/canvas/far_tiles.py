"""What is seen of a drawing from afar, gathered tile by tile: only tiles that are in sight are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainterPath

from studio.ui.canvas import hues
from studio.ui.canvas.edge_item import EdgeItem
from studio.ui.canvas.face import Face
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.mark_item import MarkItem
from studio.ui.canvas.node_item import NodeItem
from studio.ui.canvas.scene import GraphScene
from studio.ui.theme import Tokens

TILE = 2000.0
"""How long a tile is on the canvas: about a hundred nodes lie in one."""
Coloured = list[tuple[QColor, list[QRectF]]]
Key = tuple[int, int] | None
LONG = None
"""The tile of wires that are longer than a tile: it is always in sight."""


@dataclass(slots=True, eq=False)
class Tile:
    """Nodes whose middle lies in one square of the canvas, and wires whose middle does."""

    nodes: list[NodeItem] = field(default_factory=list[NodeItem])
    bounds: QRectF = field(default_factory=QRectF)
    """Around all that is drawn of it."""
    plates: Coloured = field(default_factory=Coloured)
    tints: Coloured = field(default_factory=Coloured)
    struck: list[QLineF] = field(default_factory=list[QLineF])
    """The lines through muted nodes."""
    names: list[tuple[str, float, float, float]] = field(
        default_factory=list[tuple[str, float, float, float]]
    )
    """Each node's name, its left edge, the height of its middle, and its width."""
    lowest: float = 0.0
    """The height of the lowest node."""
    wires: QPainterPath = field(default_factory=QPainterPath)
    wrong: QPainterPath = field(default_factory=QPainterPath)
    grown: Coloured = field(default_factory=Coloured)
    """The plates with room for their names."""
    grown_for: float = 0.0
    """The zoom at which they are as high as that."""


def tiles_of(scene: GraphScene) -> list[Tile]:
    """All tiles of a scene; the last ones lie over the others."""
    tiles: dict[Key, Tile] = {LONG: Tile()}
    for node in scene.nodes.values():
        tiles.setdefault(_key(node.body), Tile()).nodes.append(node)
    for tile in tiles.values():
        _fill(tile, scene.look.ink)
    for wire in scene.edges.values():
        _lay(wire, tiles)
    return list(tiles.values())


def grouped(nodes: Iterable[NodeItem], ink: Ink) -> Coloured:
    """The nodes' rectangles by the colour of their family."""
    groups: dict[str | None, list[QRectF]] = {}
    for item in nodes:
        groups.setdefault(item.face.family, []).append(item.body)
    return [(ink.family(family), rects) for family, rects in groups.items()]


def mark_plates(
    scene: GraphScene, items: Sequence[MarkItem], ground: Callable[[Tokens, str], QColor]
) -> list[tuple[QColor, QColor, QRectF]]:
    """Ground, line and rectangle of frames or notes."""
    tokens = scene.look.ink.tokens
    return [(ground(tokens, one.mark.colour), hues.line(tokens, one.mark.colour), one.body) for one in items]


def _key(rect: QRectF) -> Key:
    centre = rect.center()
    return int(centre.x() // TILE), int(centre.y() // TILE)


def _fill(tile: Tile, ink: Ink) -> None:
    tile.plates, tile.tints = grouped(tile.nodes, ink), _tinted(tile.nodes, ink)
    for item in tile.nodes:
        body, face = item.body, item.face
        tile.bounds = tile.bounds.united(body)
        tile.names.append((_title(face), body.x(), body.center().y(), body.width()))
        if face.muted:
            tile.struck.append(QLineF(body.bottomLeft(), body.topRight()))
    tile.lowest = min((item.body.height() for item in tile.nodes), default=0.0)


def _lay(wire: EdgeItem, tiles: dict[Key, Tile]) -> None:
    bounds = wire.bounds
    key = LONG if max(bounds.width(), bounds.height()) > TILE else _key(bounds)
    tile = tiles.setdefault(key, Tile())
    tile.bounds = tile.bounds.united(bounds)
    (tile.wrong if wire.wrong else tile.wires).addPath(wire.path)


def _tinted(nodes: Iterable[NodeItem], ink: Ink) -> Coloured:
    """The rectangles of nodes that people gave a colour, by that."""
    groups: dict[str, list[QRectF]] = {}
    for item in nodes:
        if item.face.colour:
            groups.setdefault(item.face.colour, []).append(item.body)
    return [(hues.line(ink.tokens, colour), rects) for colour, rects in groups.items()]


def _title(face: Face) -> str:
    """A node's name as it is read from afar, marked where something is wrong, with a block's repeats."""
    name = f"{face.name} {face.chain.text}" if face.chain is not None else face.name
    return f"! {name}" if face.errors else name

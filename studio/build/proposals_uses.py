"""Candidate repairs for a shape that does not fit inside of a block: an argument that its use sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from studio.build import fixes
from studio.build.plan import Checked, TensorType
from studio.build.view import View
from studio.catalog.blocks import catalog_of
from studio.errors import Fix
from studio.project.block import block_name, graph_of, within
from studio.project.graph import Node
from studio.project.params import Int
from studio.project.project import Project

RANK = -4
"""One use is changed, and the block stays what it is: that comes before all edits of the block."""
MOST_VALUES = 4


def arguments(view: View, checked: Checked) -> Iterator[Fix]:
    """Each whole number that a use sets, as one of the sizes that arrive; the outermost use first."""
    catalog, block = catalog_of(checked.project), None
    for depth, part in enumerate(view.problem.path):
        name = part.partition(".")[0]
        graph = graph_of(checked.project, block)
        if name not in graph.nodes:
            return
        use = graph.nodes[name]
        layer = catalog.layer_of(use)
        known = checked.inside(view.problem.path[:depth]) if depth else checked
        arriving = [known.types.get(edge.source) for edge in graph.incoming(name)]
        meeting = _sizes(map(view.arriving, view.wires()))
        for param in layer.params if layer else ():
            value = use.params.get(param.name, param.default)
            if isinstance(param, Int) and isinstance(value, int):
                wanted = [*_sizes(arriving), *_scaled(value, meeting), *meeting]
                yield from _set(use, param.name, wanted, block, RANK + depth)
        block = block_name(use.type)


def _set(use: Node, param: str, values: list[int], block: str | None, rank: int) -> Iterator[Fix]:
    for value in list(dict.fromkeys(values))[:MOST_VALUES]:
        fix = fixes.set_param(use.name, param, value, f"Set {param} of {use.name} to {value}", rank)

        def edit(project: Project, fix: Fix = fix) -> Project:
            return within(project, block, fix.edit)

        yield Fix(fix.label, edit, rank)


def _scaled(value: int, sizes: list[int]) -> Iterator[int]:
    """What makes one of the sizes that meet as large as another, where it grows with the value."""
    for one in sizes:
        for other in sizes:
            if one != other and (value * other) % one == 0:
                yield value * other // one


def _sizes(types: Iterable[TensorType | None]) -> list[int]:
    """The channels or features of tensors."""
    return [
        size
        for type in types
        if type is not None and len(type.shape) > 1
        for size in dict.fromkeys((type.shape[1], type.shape[-1]))
        if isinstance(size, int)
    ]

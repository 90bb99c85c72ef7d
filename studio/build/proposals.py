"""Candidate repairs that need a view of the whole drawing: its order, and what is before the mistake.

They are worked out for the problems that are shown, after the check, and tried like all others. A candidate
may well be wrong; the trial tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from studio.build import fixes, rewiring
from studio.build.joining import brought, joins, numbers
from studio.build.plan import Checked, Dim, TensorType
from studio.build.proposals_uses import arguments
from studio.build.rules_graph import plausible_sources
from studio.build.told import in_block
from studio.build.view import View
from studio.errors import Fix, Problem
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint
from studio.project.params import Value

MERGES = frozenset({"Merge", "Arithmetic"})
DIMENSIONS = ("3d", "2d", "1d")


def proposals(checked: Checked, problem: Problem, fields: Mapping[str, Field]) -> Iterator[Fix]:
    """Repairs for one problem, in any order; each has its rank. `fields` are those of the data, if known."""
    view = View(checked, problem, fields)
    if view.name not in view.graph.nodes or problem.severity != "error":
        return
    if problem.block and problem.trace:
        yield from arguments(view, checked)
    for propose in (*_OF_SHAPES, *_OF_WIRES) if problem.trace else _OF_WIRES:
        for fix in propose(view):
            yield in_block(problem.block, fix) if problem.block else fix


def _meeting(view: View) -> Iterator[Fix]:
    """Wires that meet and differ."""
    layer = view.layer
    if layer is not None and layer.category in MERGES and len(view.graph.incoming(view.name)) > 1:
        edges = view.wires() if layer.inputs[0].variadic else list(view.graph.incoming(view.name))
        yield from joins(view, edges)


def _for_each_sample(view: View) -> Iterator[Fix]:
    """A fixed or learned tensor that stands once for all, made one for each sample."""
    wires = view.graph.incoming(view.name)
    samples = [edge for edge in wires if _is_batch(view.arriving(edge))]
    for edge in wires if samples else ():
        layer = view.layer_of(edge.source.node) if edge.source.node in view.graph.nodes else None
        if layer is not None and layer.port("batch", "in") and not _is_batch(view.arriving(edge)):
            port = Endpoint(edge.source.node, "batch")
            label = f"Repeat {edge.source.node} for each sample of {samples[0].source.node}"
            yield rewiring.feed(port, samples[0].source, label, rank=-3)


def _is_batch(type: TensorType | None) -> bool:
    return type is not None and type.shape[:1] == (Dim(),)


def _reordered(view: View) -> Iterator[Fix]:
    """The node put before the one that feeds it, or that one taken out."""
    for edge in view.wires()[:1]:
        before = view.layer_of(edge.source.node) if edge.source.node in view.graph.nodes else None
        if before is None or not before.inputs or before.block is not None:
            continue
        yield rewiring.swap(edge.source.node, view.name, rank=-2)
        if before.category == "Shape":
            yield rewiring.take_out(edge.source.node, rank=2 if len(view.wires()) > 1 else -1)


def _retyped(view: View) -> Iterator[Fix]:
    """The same layer for another number of dimensions."""
    kind = re.fullmatch(r"(.*)[123]d", view.node.type)
    wire = next(iter(view.wires()), None)
    found = view.arriving(wire) if wire else None
    if kind is None or found is None:
        return
    for dims in (*DIMENSIONS, ""):
        type = kind.group(1) + dims
        if type != view.node.type and view.has(type):
            yield fixes.ranked(fixes.retype(view.name, type), -1)
    if len(found.shape) == 2 and "Conv" in view.node.type:
        yield fixes.ranked(fixes.retype(view.name, "Linear"), 0)


def _left_out(view: View) -> Iterator[Fix]:
    """The drawing without the node, where it has one input and nothing to learn."""
    layer = view.layer
    learns = ("Convolution", "Linear", "Recurrent", "Attention", "Embedding", "Loss", "Data", "Block")
    if layer is None or len(view.graph.incoming(view.name)) != 1 or not layer.outputs:
        return
    crowded = layer.category == "Pooling" and view.problem.field == "kernel_size"
    rank = 5 if layer.category in learns else -1 if crowded else 3
    yield rewiring.take_out(view.name, rank=rank)


def _scores(view: View) -> Iterator[Fix]:
    """One result per sample from a map or a sequence of results."""
    wire = next(iter(view.wires()), None)
    found = view.arriving(wire) if wire else None
    if wire is None or found is None or view.layer is None or view.layer.category != "Loss":
        return
    size = view.target_size()
    if len(found.shape) > 3 and found.shape[1] == size:
        yield fixes.insert_into(wire, "GlobalAvgPool", {}, "Insert GlobalAvgPool: the mean over the map", -1)
    if len(found.shape) == 3 and found.shape[-1] == size:
        last: Mapping[str, Value] = {"dim": 1, "index": -1}
        yield fixes.insert_into(wire, "Select", last, "Insert Select to take the last step", -1)
        yield fixes.insert_into(wire, "Mean", {"dim": 1}, "Insert Mean over the steps", 1)
    if len(found.shape) > 2:
        row: list[tuple[str, Mapping[str, Value]]] = [("Flatten", {}), ("Linear", {"out_features": size})]
        yield fixes.insert_row(wire, row, f"Insert Flatten and Linear to {size} before {view.name}", 3)
    target = view.target()
    if target is not None and len(target.shape) == len(found.shape) > 2:
        yield from brought(view, wire, found, target)
    if target is not None and len(target.shape) == len(found.shape) - 1 > 1:
        map_of_scores = (*found.shape[:2], *target.shape[1:])
        yield from brought(view, wire, found, TensorType(map_of_scores, found.dtype))


def _classes(view: View) -> Iterator[Fix]:
    """Cross-entropy with a score for each class where a loss for numbers is given classes."""
    layer, wire = view.layer, next(iter(view.graph.incoming(view.name)), None)
    kinds = ("numbers", "chances", "counts")
    if layer is None or wire is None or view.problem.field != "target" or layer.compares not in kinds:
        return
    size, found = view.target_size(), view.arriving(wire)
    if size < 2 or (found is not None and found.shape[1:] == (size,)):
        return
    made, sized = (
        fixes.retype(view.name, "CrossEntropy"),
        fixes.set_output_size(view.name, wire.target.port, size),
    )
    label = f"Make it CrossEntropy, with {size} outputs before it"
    yield Fix(label, lambda project: sized.edit(made.edit(project)), -3)


def _sequences(view: View) -> Iterator[Fix]:
    """A picture or a row as a sequence, for layers that read one."""
    layer, wire = view.layer, next(iter(view.wires()), None)
    found = view.arriving(wire) if wire else None
    sizes = numbers(found) if found else None
    if layer is None or sizes is None or wire is None or layer.category not in ("Recurrent", "Attention"):
        return
    if len(sizes) == 3 and sizes[0] == 1:
        shape: Value = (sizes[1], sizes[2])
        label = f"Insert Reshape to {sizes[1]}×{sizes[2]}: the rows become the sequence"
        yield fixes.insert_into(wire, "Reshape", {"shape": shape}, label, -1)
    if len(sizes) == 3:
        row: list[tuple[str, dict[str, Value]]] = [("Flatten", {"start_dim": 2}), ("Permute", {})]
        label = "Insert Flatten and Permute: the pixels become the sequence"
        yield fixes.insert_row(wire, row, label, -1)
    if len(sizes) == 1:
        label = f"Insert Reshape to {sizes[0]}×1: the values become the sequence"
        yield fixes.insert_into(wire, "Reshape", {"shape": (sizes[0], 1)}, label, -1)


def _roomier(view: View) -> Iterator[Fix]:
    """Room for a window: a border, or one reduction less on the way."""
    if view.problem.field != "kernel_size":
        return
    kernel, padding = view.value(view.name, "kernel_size"), view.value(view.name, "padding")
    if isinstance(kernel, int) and padding == 0 and kernel > 1:
        yield fixes.ranked(fixes.set_param(view.name, "padding", kernel // 2), 1)
    for edge in view.wires()[:1]:
        for name in view.above(edge):
            layer = view.layer_of(name)
            if layer is not None and layer.category == "Pooling":
                yield rewiring.take_out(name, rank=2)
                return
    if view.value(view.name, "dilation") not in (1, None):
        yield fixes.ranked(fixes.set_param(view.name, "dilation", 1), -1)


def _cast(view: View) -> Iterator[Fix]:
    """Numbers of the kind that the node computes with."""
    wire = next(iter(view.wires()), None)
    found = view.arriving(wire) if wire else None
    if wire is None or found is None or view.layer is None:
        return
    wanted = "int64" if wire.target.port in view.layer.integers else "float32"
    if found.dtype != wanted:
        label = f"Insert Cast to {wanted} before {view.name}"
        yield fixes.insert_into(wire, "Cast", {"dtype": wanted}, label, 4 if view.layer.is_module else 0)
    if wanted == "float32" and found.dtype == "int64":
        words: list[tuple[str, Mapping[str, Value]]] = [("Embedding", {}), ("Flatten", {})]
        yield fixes.insert_row(wire, words, f"Insert Embedding and Flatten before {view.name}", 1)


def _turned(view: View) -> Iterator[Fix]:
    """A matrix turned round, or brought to the size that the other asks for."""
    if view.node.type != "MatMul":
        return
    wires = {edge.target.port: edge for edge in view.graph.incoming(view.name)}
    for port in ("other", "input"):
        edge = wires.get(port)
        found = view.arriving(edge) if edge else None
        if edge and found and len(found.shape) >= 3:
            last = len(found.shape) - 1
            params: dict[str, Value] = {"dim0": last - 1, "dim1": last}
            label = f"Insert Transpose between {edge.source.node} and {view.name}"
            yield fixes.insert_into(edge, "Transpose", params, label, 0 if port == "other" else 1)
    yield from _projected(view, wires)


def _projected(view: View, wires: dict[str, Edge]) -> Iterator[Fix]:
    left, right = wires.get("input"), wires.get("other")
    inner = view.arriving(right) if right else None
    if left and inner and len(inner.shape) > 1 and isinstance(inner.shape[-2], int):
        size = inner.shape[-2]
        label = f"Insert Linear to {size} between {left.source.node} and {view.name}"
        yield fixes.insert_into(left, "Linear", {"out_features": size}, label, 2)


def _states(view: View) -> Iterator[Fix]:
    """A recurrent layer's states lie layer by layer: the last layer's is one result per sample."""
    wire = next(iter(view.wires()), None)
    found = view.arriving(wire) if wire else None
    if wire is None or found is None or found.shape[1:2] != (Dim(),):
        return
    select: tuple[str, Mapping[str, Value]] = ("Select", {"dim": 0, "index": -1})
    label = f"Insert Select to take the last of {found.shape[0]} before {view.name}"
    yield fixes.insert_row(wire, [select], label)
    if view.layer is not None and view.layer.category == "Loss":
        size = view.target_size()
        label = f"Insert Select and Linear to {size} before {view.name}"
        yield fixes.insert_row(wire, [select, ("Linear", {"out_features": size})], label, 1)
    if len(found.shape) == 2:
        yield fixes.insert_into(wire, "Permute", {"dims": (1, 0)}, "", 1)


def _other_sources(view: View) -> Iterator[Fix]:
    """Another node for a wire that leads back, or that comes from nowhere."""
    for edge in view.wires()[:2]:
        if view.arriving(edge) is not None:
            continue
        for before in view.graph.incoming(edge.source.node)[:1]:
            if edge.source.node != view.name:
                yield rewiring.feed(edge.target, before.source)
        for source in plausible_sources(view.graph, view.known.types, view.node)[:2]:
            yield rewiring.feed(edge.target, source, rank=1)


_OF_WIRES: tuple[Callable[[View], Iterator[Fix]], ...] = (_other_sources,)
_OF_SHAPES: tuple[Callable[[View], Iterator[Fix]], ...] = (
    _states,
    _for_each_sample,
    _meeting,
    _reordered,
    _retyped,
    _sequences,
    _roomier,
    _cast,
    _turned,
    _left_out,
    _scores,
    _classes,
)

"""Candidate repairs where tensors that meet differ: bring one of them to the shape of the other."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from studio.build import fixes
from studio.build.plan import TensorType
from studio.build.view import View
from studio.errors import Fix
from studio.project.graph import Edge
from studio.project.params import Value

CONV = {3: "Conv1d", 4: "Conv2d", 5: "Conv3d"}
MAX_POOL = {3: "MaxPool1d", 4: "MaxPool2d", 5: "MaxPool3d"}
ADAPTIVE = {3: "AdaptiveAvgPool1d", 4: "AdaptiveAvgPool2d", 5: "AdaptiveAvgPool3d"}
SLIGHT = 4
"""Sizes that differ by no more than that differ by a border."""


def joins(view: View, edges: list[Edge]) -> Iterator[Fix]:
    """Repairs for wires that meet, each brought to the first that differs from it."""
    known = [(edge, view.arriving(edge)) for edge in edges]
    typed = [(edge, type) for edge, type in known if type is not None]
    if len(typed) < 2:
        return
    first, one = typed[0]
    second, other = next(((e, t) for e, t in typed[1:] if not _fits(view, t, one)), typed[1])
    yield from brought(view, second, other, one)
    yield from (fixes.ranked(fix, fix.rank + 1) for fix in brought(view, first, one, other))


def _fits(view: View, one: TensorType, other: TensorType) -> bool:
    if len(one.shape) != len(other.shape):
        return False
    return all(
        a == b for at, (a, b) in enumerate(zip(one.shape, other.shape, strict=True)) if at != view.free
    )


def brought(view: View, edge: Edge, have: TensorType, want: TensorType) -> Iterator[Fix]:
    """One wire's tensor made like another."""
    ours, theirs = numbers(have), numbers(want)
    if ours is None or theirs is None:
        return
    if len(ours) != len(theirs):
        yield from _ranks(edge, ours, theirs)
    elif len(ours) == 1:
        yield from _sizes(view, edge, theirs[0])
        yield fixes.ranked(fixes.insert_into(edge, "Linear", {"out_features": theirs[0]}), 4)
    elif ours[1:] == theirs[1:]:
        yield from _sizes(view, edge, theirs[0])
        yield fixes.ranked(_convolution(edge, len(have.shape), theirs[0], 1), 2)
    else:
        yield from _grids(view, edge, ours, theirs)
        if len(ours) == 2 and ours[0] == theirs[0]:
            yield from _sizes(view, edge, theirs[1])
            yield fixes.ranked(fixes.insert_into(edge, "Linear", {"out_features": theirs[1]}), 4)


def numbers(type: TensorType) -> list[int] | None:
    """The sizes without the batch, None where one of them is open."""
    sizes = [size for size in type.shape[1:] if isinstance(size, int)]
    return sizes if len(sizes) == len(type.shape) - 1 else None


def _sizes(view: View, edge: Edge, size: int) -> Iterator[Fix]:
    """Let the layer that decides how many channels or features come give as many."""
    setter = fixes.size_setter(view.drawing, edge.source.node)
    if setter is not None:
        label = f"Set {setter[1]} of {setter[0]} to {size}"
        yield fixes.set_param(setter[0], setter[1], size, label)


def _convolution(edge: Edge, rank: int, channels: int, stride: int) -> Fix:
    kind = CONV.get(rank, "Conv2d")
    params: dict[str, Value] = {"out_channels": channels, "kernel_size": 1}
    if stride > 1:
        params["stride"] = stride
    name = f"1×1 {kind}" if rank == 4 else kind
    step = f" with stride {stride}" if stride > 1 else ""
    label = f"Insert {name} to {channels} channels{step} after {edge.source.node}"
    return fixes.insert_into(edge, kind, params, label)


def _ranks(edge: Edge, ours: list[int], theirs: list[int]) -> Iterator[Fix]:
    """Fewer or more dimensions."""
    if len(theirs) == 1 and len(ours) > 1:
        yield fixes.insert_into(edge, "Flatten", {})
        label = f"Insert GlobalAvgPool between {edge.source.node} and {edge.target.node}"
        yield fixes.ranked(fixes.insert_into(edge, "GlobalAvgPool", {}, label), 1)
        rows: list[tuple[str, dict[str, Value]]] = [("Flatten", {}), ("Linear", {"out_features": theirs[0]})]
        label = f"Insert Flatten and Linear to {theirs[0]} after {edge.source.node}"
        yield fixes.insert_row(edge, rows, label, 2)
    elif len(ours) == 1 and len(theirs) == 2:
        yield fixes.ranked(fixes.insert_into(edge, "Unsqueeze", {"dim": 1}), 2)
    elif len(ours) == 1:
        ones: Value = (ours[0], *[1] * (len(theirs) - 1))
        label = f"Insert Reshape to {'×'.join(map(str, (ours[0], *[1] * (len(theirs) - 1))))}"
        yield fixes.ranked(fixes.insert_into(edge, "Reshape", {"shape": ones}, label), 2)


def _grids(view: View, edge: Edge, ours: list[int], theirs: list[int]) -> Iterator[Fix]:
    """Maps of other sizes: borders, strides, pooling, or stretching."""
    rank, small, large = len(ours) + 1, ours[1:], theirs[1:]
    same_channels = ours[0] == theirs[0] or view.free == 1
    if all(a <= b for a, b in zip(small, large, strict=True)):
        yield from _borders(view, edge, small, large)
    ratios = {_ratio(a, b) for a, b in zip(small, large, strict=True)}
    shrink = ratios.pop() if len(ratios) == 1 else None
    if shrink is not None and shrink > 1:
        channels = ours[0] if view.free == 1 else theirs[0]
        yield fixes.ranked(_convolution(edge, rank, channels, shrink), 1)
        if same_channels and rank in MAX_POOL:
            yield fixes.ranked(fixes.insert_into(edge, MAX_POOL[rank], {"kernel_size": shrink}), 2)
    grow = {_ratio(b, a) for a, b in zip(small, large, strict=True)}
    factor = grow.pop() if len(grow) == 1 else None
    if factor is not None and factor > 1 and same_channels:
        upsample = fixes.insert_into(edge, "Upsample", {"scale_factor": float(factor)})
        yield fixes.ranked(upsample, -2 if view.free == 1 else 1)
    yield from _stretched(edge, rank, ours, theirs, same_channels)
    if ours[0] != theirs[0] and view.free != 1:
        yield from _sizes_and_grids(view, edge, rank, ours, theirs)


def _stretched(
    edge: Edge, rank: int, ours: list[int], theirs: list[int], same_channels: bool
) -> Iterator[Fix]:
    """To the size of the other, whatever the two are."""
    if not same_channels:
        return
    size = theirs[1] if len(set(theirs[1:])) == 1 else tuple(theirs[1:])
    text = "×".join(map(str, theirs[1:]))
    if all(a > b for a, b in zip(ours[1:], theirs[1:], strict=True)) and rank in ADAPTIVE:
        kind = ADAPTIVE[rank]
        label = f"Insert {kind} to {text} after {edge.source.node}"
        yield fixes.ranked(fixes.insert_into(edge, kind, {"output_size": size}, label), 4)
    else:
        label = f"Insert Upsample to {text} after {edge.source.node}"
        params: dict[str, Value] = {"size": size, "scale_factor": None}
        yield fixes.ranked(fixes.insert_into(edge, "Upsample", params, label), 3)


def _sizes_and_grids(view: View, edge: Edge, rank: int, ours: list[int], theirs: list[int]) -> Iterator[Fix]:
    """Both channels and sizes differ, and no stride brings one to the other."""
    kind = CONV.get(rank, "Conv2d")
    size = theirs[1] if len(set(theirs[1:])) == 1 else tuple(theirs[1:])
    larger = all(a > b for a, b in zip(ours[1:], theirs[1:], strict=True))
    resize: tuple[str, dict[str, Value]] = (
        (ADAPTIVE.get(rank, "AdaptiveAvgPool2d"), {"output_size": size})
        if larger
        else ("Upsample", {"size": size, "scale_factor": None})
    )
    row = [resize, (kind, {"out_channels": theirs[0], "kernel_size": 1})]
    label = f"Insert {resize[0]} and 1×1 {kind} after {edge.source.node}"
    yield fixes.insert_row(edge, row, label, 5)


def _ratio(large: int, small: int) -> int | None:
    """How many times a stride must be for `large` to become `small`."""
    stride = round(large / small) if small else 0
    return stride if stride > 0 and ceil(large / stride) == small else None


def _borders(view: View, edge: Edge, small: list[int], large: list[int]) -> Iterator[Fix]:
    """Borders that a convolution lost, given back there, or put around what it gives."""
    lost = {b - a for a, b in zip(small, large, strict=True)}
    if len(lost) == 1:
        for name in view.above(edge):
            node = view.graph.nodes[name]
            kernel = view.value(name, "kernel_size")
            step, padding = view.value(name, "stride"), view.value(name, "padding")
            if "Conv" in node.type and isinstance(kernel, int) and isinstance(padding, int) and step == 1:
                wanted = padding + next(iter(lost)) // 2
                if wanted >= kernel:
                    break
                yield fixes.set_param(name, "padding", wanted, f"Set padding of {name} to {wanted}")
                break
    for name in view.above(edge):
        stride = view.value(name, "stride")
        if isinstance(stride, int) and stride > 1:
            yield fixes.ranked(fixes.set_param(name, "stride", 1, f"Set stride of {name} to 1"), 2)
            break
    if max(lost) <= SLIGHT:
        sides = [
            n
            for a, b in reversed(list(zip(small, large, strict=True)))
            for n in ((b - a) // 2, b - a - (b - a) // 2)
        ]
        label = f"Insert Pad to {'×'.join(map(str, large))} after {edge.source.node}"
        yield fixes.ranked(fixes.insert_into(edge, "Pad", {"pad": tuple(sides)}, label), 2)

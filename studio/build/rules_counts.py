"""Checks of parameters that must go with each other or with sizes: divisors, orders, places, borders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import ceil, gcd

from studio.build import fixes
from studio.build.plan import TensorType
from studio.build.rules_values import bounds, halves, shared_out, spread, unshuffled, whole_numbers
from studio.build.site import Site
from studio.errors import Problem
from studio.project.params import Value, shown

HEADS = {
    "MultiheadAttention": "num_heads",
    "TransformerEncoderLayer": "nhead",
    "TransformerDecoderLayer": "nhead",
}


Rule = Callable[[Site], Iterator[Problem]]


def together(site: Site) -> Iterable[Problem]:
    """All checks of this file that a layer's type or family asks for."""
    layer = site.layer
    rules = OF.get(layer.category, ())
    if layer.type != layer.category:
        rules = (*rules, *OF.get(layer.type, ()))
    return [problem for rule in rules for problem in rule(site)] if rules else ()


def _size(type: TensorType | None, axis: int) -> int | None:
    """A size that is known."""
    if type is None or not -len(type.shape) <= axis < len(type.shape):
        return None
    size = type.shape[axis]
    return size if isinstance(size, int) else None


def heads(site: Site) -> Iterator[Problem]:
    """Features that cannot be shared out evenly among the heads of attention."""
    name = HEADS.get(site.layer.type)
    count, size = site.values.get(name or ""), _size(site.first, -1)
    if name is None or not isinstance(count, int) or size is None or size % count == 0:
        return
    fitting = max(one for one in range(1, min(count, size) + 1) if size % one == 0)
    yield site.problem(
        f"{size} features cannot be shared evenly by {count} heads",
        f"Each head takes as many features as the others: {size} divides by {_divisors(size)}.",
        name,
        fixes.set_param(site.name, name, fitting),
        fixes.set_output_size(site.name, site.tensors[0].port, -(-size // count) * count),
    )


def _divisors(size: int) -> str:
    found = [one for one in range(1, min(size, 512) + 1) if size % one == 0]
    return ", ".join(map(str, found[:8])) + (" …" if len(found) > 8 else "")


def groups(site: Site) -> Iterator[Problem]:
    """Channels that cannot be cut into groups of one size."""
    channels = _size(site.first, 1)
    if site.layer.category == "Convolution" and channels is not None:
        yield from _filters(site, channels)
    count = site.values.get("num_groups")
    if (
        site.layer.type == "GroupNorm"
        and isinstance(count, int)
        and channels is not None
        and channels % count
    ):
        fitting = max(one for one in range(1, min(count, channels) + 1) if channels % one == 0)
        yield site.problem(
            f"{channels} channels cannot be cut into {count} groups of one size",
            f"{channels} divides by {_divisors(channels)}.",
            "num_groups",
            fixes.set_param(site.name, "num_groups", fitting),
            fixes.set_output_size(site.name, "input", -(-channels // count) * count),
        )


def _filters(site: Site, channels: int) -> Iterator[Problem]:
    count, filters = site.values.get("groups"), site.values.get("out_channels")
    if not isinstance(count, int) or not isinstance(filters, int) or count < 1:
        return
    common = gcd(channels, filters)
    if channels % count == 0 and filters % count == 0:
        return
    what = f"{channels} channels" if channels % count else f"{filters} filters"
    fitting = max(one for one in range(1, count + 1) if common % one == 0)
    change = [fixes.set_param(site.name, "groups", fitting)]
    if channels % count == 0:
        change.append(fixes.set_param(site.name, "out_channels", -(-filters // count) * count))
    yield site.problem(
        f"{what} cannot be cut into {count} groups of one size",
        "Both the channels that come in and the filters must divide by the groups.",
        "groups",
        *change,
        fixes.set_output_size(site.name, "input", -(-channels // count) * count),
    )


def same_with_stride(site: Site) -> Iterator[Problem]:
    """A border that should keep the size, at a stride that does not."""
    stride, kernel = site.values.get("stride"), site.values.get("kernel_size")
    steps = stride if isinstance(stride, tuple) else (stride,)
    if site.values.get("padding") != "same" or all(step == 1 for step in steps):
        return
    border = kernel // 2 if isinstance(kernel, int) else 1
    yield site.problem(
        "padding same keeps the size; a stride makes it smaller",
        f"A border of {border} on each side lets a window stand on every value.",
        "padding",
        fixes.set_param(site.name, "padding", border),
        fixes.set_param(site.name, "stride", 1),
    )


def pooled_border(site: Site) -> Iterator[Problem]:
    """Pooling whose border is wider than half its window: some windows would see nothing else."""
    kernel, padding = site.values.get("kernel_size"), site.values.get("padding", 0)
    pooling = site.layer.category == "Pooling" and "Unpool" not in site.layer.type
    if not pooling or not isinstance(kernel, int) or not isinstance(padding, int) or 2 * padding <= kernel:
        return
    yield site.problem(
        f"a border of {padding} is wider than half the window of {kernel}",
        "Some windows would see nothing but border.",
        "padding",
        fixes.set_param(site.name, "padding", kernel // 2),
        fixes.set_param(site.name, "kernel_size", 2 * padding),
    )


def orders(site: Site) -> Iterator[Problem]:
    """An order of dimensions that leaves one out or names one twice."""
    dims, first = site.values.get("dims"), site.first
    if site.layer.type != "Permute" or not isinstance(dims, tuple) or first is None:
        return
    rank = len(first.shape)
    given = [one % rank for one in dims if isinstance(one, int) and -rank <= one < rank]
    if len(given) < len(dims) or sorted(given) == list(range(rank)):
        return
    whole = (*dict.fromkeys(given), *(axis for axis in range(rank) if axis not in given))
    yield site.problem(
        f"{', '.join(map(str, dims))} is no order of the {rank} dimensions of {first}",
        f"Each of 0 to {rank - 1} stands in it once; 0 is the batch.",
        "dims",
        fixes.set_param(site.name, "dims", whole),
    )


def places(site: Site) -> Iterator[Problem]:
    """A place beyond the end of a dimension."""
    name = "index" if site.layer.type == "Select" else "indices"
    dim, given = site.values.get("dim"), site.values.get(name)
    size = _size(site.first, dim) if isinstance(dim, int) else None
    if size is None or given is None:
        return
    wanted = [one for one in (given if isinstance(given, tuple) else (given,)) if isinstance(one, int)]
    kept = tuple(one for one in wanted if -size <= one < size)
    beyond = [one for one in wanted if one not in kept]
    if not beyond or size == 0:
        return
    nearest = size - 1 if beyond[0] > 0 else 0
    yield site.problem(
        f"there is no place {beyond[0]} along dimension {dim}; it has {size} (0 to {size - 1})",
        "−1 is the last." if name == "index" else "Places count from 0.",
        name,
        fixes.set_param(site.name, name, kept or nearest),
        *([fixes.set_param(site.name, name, -1)] if name == "index" else []),
    )


def vanishing(site: Site) -> Iterator[Problem]:
    """A picture made so much smaller that nothing is left of it."""
    first, scale = site.first, site.values.get("scale_factor")
    if first is None or site.values.get("size") is not None or not isinstance(scale, float | int):
        return
    least = min((size for size in first.shape[2:] if isinstance(size, int) and size > 0), default=None)
    if least is not None and int(least * scale) == 0:
        yield site.problem(
            f"with a scale_factor of {shown(scale)} nothing is left of a size of {least}",
            "The result has the input's size times scale_factor, rounded down.",
            "scale_factor",
            fixes.set_param(site.name, "scale_factor", ceil(1000 / least) / 1000),
        )


def flattened(site: Site) -> Iterator[Problem]:
    """A row of dimensions to join that ends before it starts."""
    first = site.first
    start, end = site.values.get("start_dim"), site.values.get("end_dim")
    if (
        site.layer.type != "Flatten"
        or first is None
        or not isinstance(start, int)
        or not isinstance(end, int)
    ):
        return
    rank = len(first.shape)
    if start % rank <= end % rank or not (-rank <= start < rank and -rank <= end < rank):
        return
    turned: dict[str, Value] = {"start_dim": end % rank, "end_dim": start % rank}
    label = f"Join dimensions {end % rank} to {start % rank}"
    yield site.problem(
        f"it starts at dimension {start} and ends before, at {end}",
        "1 to −1 joins all but the batch.",
        "start_dim",
        fixes.ranked(fixes.set_params(site.name, turned, label), 1),
        fixes.set_params(site.name, {"start_dim": 1, "end_dim": -1}, "Join all dimensions but the batch"),
    )


def single_numbers(site: Site) -> Iterator[Problem]:
    """One number per sample where a layer takes a row of them."""
    first = site.first
    if site.layer.category not in ("Linear", "Normalization") or first is None or len(first.shape) != 1:
        return
    port = site.tensors[0].port
    label = f"Insert Reshape to 1 before {site.name}"
    yield site.problem(
        f"{site.layer.type} takes a row of values per sample; it gets one number each, {first}",
        "Reshape to 1 makes a row of one value.",
        port,
        fixes.insert("Reshape", site.name, port, {"shape": 1}, label),
    )


OF: Mapping[str, tuple[Rule, ...]] = {
    **dict.fromkeys(HEADS, (heads,)),
    "Convolution": (groups, same_with_stride),
    "GroupNorm": (groups,),
    "Pooling": (pooled_border,),
    "Permute": (orders,),
    "Select": (places,),
    "IndexSelect": (places,),
    "Upsample": (vanishing,),
    "Flatten": (flattened,),
    "Linear": (single_numbers,),
    "Normalization": (single_numbers,),
    "RReLU": (bounds,),
    "Parameter": (spread,),
    "Constant": (whole_numbers,),
    "GLU": (halves,),
    "PixelShuffle": (shared_out,),
    "ChannelShuffle": (shared_out,),
    "PixelUnshuffle": (unshuffled,),
}
"""The checks by the type or the family of a layer."""

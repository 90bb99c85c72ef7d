"""Checks of layers that rearrange tensors: the batch stays where it is, and pieces make up the whole."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, prod

from studio.build import fixes
from studio.build.plan import Dim, TensorType
from studio.build.site import Site
from studio.errors import Fix, Problem
from studio.project.params import Value, shown

TAKING = frozenset(
    {"Select", "Slice", "IndexSelect", "Gather", "Split", "Chunk", "Unbind", "Squeeze", "Unflatten",
     "RepeatInterleave", "Roll", "Flip"}
)  # fmt: skip
"""Layers that take parts of dimensions or move their places."""
MEETING = frozenset({"Where", "Compare", "Power", "Gate"})
"""Layers whose tensors meet value by value, beside those that an operator joins."""
MOVING = frozenset({"Permute", "Transpose", "Unsqueeze"})
"""Layers that give dimensions another place."""


def truth_values(site: Site) -> Iterator[Problem]:
    """Whole numbers at a mask, or anything but truth values at a condition."""
    for tensor in site.tensors:
        dtype = tensor.type.dtype if tensor.type and tensor.port in site.layer.truths else "bool"
        condition = site.layer.type == "Where"
        if dtype != "bool" and (condition or "int" in dtype):
            marks: dict[str, Value] = {"operator": "greater" if condition else "equal", "value": 0.0}
            label = f"Insert Compare ({marks['operator']} 0) before {site.name}"
            yield site.problem(
                f"{tensor.port} takes true or false (bool); it gets {dtype}",
                "Compare says where something holds, such as where a token is padding (equal to 0).",
                tensor.port,
                fixes.insert("Compare", site.name, tensor.port, marks, label),
            )


def batch_touched(site: Site) -> Iterator[Problem]:
    """A dimension that a layer would take apart is the batch: its result would not hold all samples."""
    first = site.first
    if first is None or site.layer.type not in TAKING:
        return
    name = "dims" if "dims" in site.values else "dim"
    dims = _numbers(site.values[name])
    if _is_batch(first, dims):
        yield site.problem(
            f"dimension {shown(site.values[name])} of {first} is the batch; {site.layer.type} would mix "
            "or lose samples",
            "Results must not depend on which samples stand beside each other. Take another dimension.",
            name,
            *_others(site, name, len(first.shape)),
        )


def batch_moved(site: Site) -> Iterator[Problem]:
    """The batch, which comes first, would come somewhere else."""
    first = site.first
    if first is None or site.layer.type not in MOVING or not _is_batch(first, (0,)):
        return
    rank = len(first.shape)
    order, repair = _order(site, rank)
    if order and order[0] != 0 and sorted(order) == list(range(rank)):
        yield site.warning(
            f"the batch would no longer come first: {first} becomes "
            f"{TensorType(tuple(first.shape[axis] for axis in order))}",
            "Layers expect the batch as dimension 0. The first state of a recurrent layer is the exception.",
            repair[0],
            fixes.set_param(site.name, *repair),
        )


def _order(site: Site, rank: int) -> tuple[list[int], tuple[str, Value]]:
    """Where each dimension comes from, and the value that would keep the batch first."""
    values = site.values
    if site.layer.type == "Permute":
        dims = [dim % rank for dim in _numbers(values["dims"])]
        return dims, ("dims", (0, *(dim for dim in dims if dim)))
    if site.layer.type == "Transpose":
        order = list(range(rank))
        one, two = (_numbers(values[name])[0] % rank for name in ("dim0", "dim1"))
        order[one], order[two] = order[two], order[one]
        return order, ("dim1", min(2, rank - 1)) if two == 0 else ("dim0", 1)
    return [], ("dim", 1)


def pieces(site: Site) -> Iterator[Problem]:
    """Pieces that do not make up the dimension which they are cut from."""
    first = site.first
    if first is None or site.layer.type not in ("Split", "Chunk", "Unbind"):
        return
    dim = _numbers(site.values["dim"])[0]
    size = first.shape[dim] if -len(first.shape) <= dim < len(first.shape) else None
    if site.layer.type == "Unbind" and size is not None and not isinstance(size, int):
        yield site.problem(
            f"dimension {dim} of {first} is left open; Unbind gives every place an output of its own",
            "Take a dimension whose size is known; Select takes one place of any.",
            "dim",
        )
    if isinstance(size, int):
        yield from {"Split": _split, "Chunk": _chunk, "Unbind": _unbind}[site.layer.type](site, dim, size)


def _split(site: Site, dim: int, size: int) -> Iterator[Problem]:
    sizes, count = site.values["split_size_or_sections"], len(site.layer.outputs)
    each = sizes if isinstance(sizes, int) else None
    if each and ceil(size / each) != count:
        found = ceil(size / each)
        even = (
            [fixes.set_param(site.name, "split_size_or_sections", size // count)] if size % count == 0 else []
        )
        yield site.problem(
            f"pieces of {each} cut a dimension of {size} into {found}; outputs is {count}",
            "Every piece has an output of its own.",
            "outputs",
            fixes.set_param(site.name, "outputs", found),
            *even,
        )
    elif each is None and sum(_numbers(sizes)) != size:
        given = _numbers(sizes)
        yield site.problem(
            f"pieces of {' + '.join(map(str, given))} make {sum(given)}; dimension {dim} has {size}",
            "The sizes must add up to the dimension.",
            "split_size_or_sections",
            *_filling(site, given, size),
        )


def _filling(site: Site, given: tuple[int, ...], size: int) -> list[Fix]:
    """Equal pieces, as many; or the last one as large as what is left."""
    found: list[Fix] = []
    if size % len(given) == 0:
        found.append(fixes.set_param(site.name, "split_size_or_sections", (size // len(given),) * len(given)))
    rest = size - sum(given[:-1])
    if rest > 0:
        found.append(fixes.set_param(site.name, "split_size_or_sections", (*given[:-1], rest)))
    return found


def _chunk(site: Site, dim: int, size: int) -> Iterator[Problem]:
    wanted = len(site.layer.outputs)
    found = ceil(size / max(1, ceil(size / wanted)))
    if found != wanted:
        yield site.problem(
            f"dimension {dim} of {size} cannot be cut into {wanted} equal pieces; it gives {found}",
            "A number of pieces that divides the size always works.",
            "chunks",
            fixes.set_param(site.name, "chunks", max(n for n in range(1, wanted) if size % n == 0)),
        )


def _unbind(site: Site, dim: int, size: int) -> Iterator[Problem]:
    wanted = len(site.layer.outputs)
    if size != wanted:
        yield site.problem(
            f"dimension {dim} has {size} places; outputs is {wanted}",
            "Unbind gives every place an output of its own.",
            "outputs",
            *([fixes.set_param(site.name, "outputs", size)] if size <= 64 else []),
        )


def pairs_of_states(site: Site) -> Iterator[Problem]:
    """Tensors that only go in together, one of them missing."""
    there = {tensor.port for tensor in site.tensors}
    lacking = [name for name in site.layer.together if name not in there]
    if lacking and len(lacking) < len(site.layer.together):
        given = next(name for name in site.layer.together if name in there)
        wires = [one.edge for one in site.arrivals if one.edge.target.port == given]
        yield site.problem(
            f"{given} goes in together with {lacking[0]}, where nothing arrives",
            f"Connect {lacking[0]} too, or remove the wire to {given}.",
            lacking[0],
            *(fixes.remove_wire(edge) for edge in wires),
        )


def crossed_batches(site: Site) -> Iterator[Problem]:
    """Tensors that meet value by value, the samples of one with another dimension: N×5 and N×1×5."""
    types = [tensor.type for tensor in site.tensors if tensor.type]
    if not (site.layer.joined or site.layer.type in MEETING) or len(types) < 2:
        return
    longest = max(types, key=lambda type: len(type.shape))
    for tensor, found in zip(site.tensors, types, strict=False):
        gap = len(longest.shape) - len(found.shape)
        if not gap or not _is_batch(found, (0,)) or not _is_batch(longest, (0,)) or longest.shape[gap] != 1:
            continue
        yield site.problem(
            f"{found} and {longest} would meet from the last dimension on: every sample with every other",
            "Unsqueeze gives the shorter one the dimension that it lacks.",
            tensor.port,
            *(
                fixes.insert_into(one.edge, "Unsqueeze", {"dim": 1})
                for one in site.arrivals
                if one.ref == tensor.ref and gap == 1
            ),
        )
        return


def too_long(site: Site) -> Iterator[Problem]:
    """A sequence longer than there are learned positions."""
    first = site.first
    if first is None or site.layer.type != "LearnedPositions" or len(first.shape) != 3:
        return
    length, held = first.shape[1], site.values["num_positions"]
    if isinstance(length, int) and isinstance(held, int) and length > held:
        yield site.problem(
            f"the sequence has {length} places; there are {held} learned positions",
            "There must be a position for every place.",
            "num_positions",
            fixes.set_param(site.name, "num_positions", length),
        )


def unfilled(site: Site) -> Iterator[Problem]:
    """A constant whose numbers do not fill its shape."""
    if site.layer.type != "Constant":
        return
    given, shape = site.values["value"], _numbers(site.values["shape"])
    if isinstance(given, tuple) and len(given) not in (1, prod(shape)):
        yield site.problem(
            f"{len(given)} numbers do not fill the shape {'×'.join(map(str, shape))}; it holds {prod(shape)}",
            "Give one number for all places, or one for each.",
            "value",
            fixes.set_param(site.name, "shape", len(given)),
            fixes.set_param(site.name, "value", given[0]),
        )


def _numbers(value: Value) -> tuple[int, ...]:
    items = value if isinstance(value, tuple) else (value,)
    return tuple(one for one in items if isinstance(one, int))


def _is_batch(type: TensorType, dims: tuple[int, ...]) -> bool:
    rank = len(type.shape)
    return any(-rank <= dim < rank and type.shape[dim] == Dim() for dim in dims)


def _others(site: Site, name: str, rank: int) -> list[Fix]:
    """The next dimension, where it is a single one."""
    value = site.values[name]
    return [fixes.set_param(site.name, name, 1)] if isinstance(value, int) and rank > 1 else []

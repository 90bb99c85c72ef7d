"""Output shapes by arithmetic of what rearranges, joins and reads tensors.

Each rule takes the input shapes and all arguments and returns the output shapes; where the input does not fit
it raises ValueError, and torch says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, prod
from typing import Any

from studio.catalog.registry import Shape, Shapes
from studio.catalog.shape_rules import Rule, need

Values = Mapping[str, Any]


def permute(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """The dimensions in another order."""
    shape = _input(shapes)
    dims = [_axis(dim, len(shape)) for dim in _items(values["dims"])]
    need(sorted(dims) == list(range(len(shape))))
    return (tuple(shape[dim] for dim in dims),)


def transpose(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """Two dimensions change places."""
    sizes = list(_input(shapes))
    one, two = (_axis(values[name], len(sizes)) for name in ("dim0", "dim1"))
    sizes[one], sizes[two] = sizes[two], sizes[one]
    return (tuple(sizes),)


def squeeze(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """Dimensions of size 1 are gone; others stay as they are."""
    shape = _input(shapes)
    dims = [_axis(dim, len(shape)) for dim in _items(values["dim"])]
    need(len(set(dims)) == len(dims))
    return (tuple(size for axis, size in enumerate(shape) if axis not in dims or size != 1),)


def unsqueeze(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """A dimension of size 1 is put in."""
    shape = _input(shapes)
    dim = _axis(values["dim"], len(shape) + 1)
    return ((*shape[:dim], 1, *shape[dim:]),)


def unflatten(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """One dimension becomes several with as many values; one size may be -1."""
    shape = _input(shapes)
    dim = _axis(values["dim"], len(shape))
    return ((*shape[:dim], *_filled(values["unflattened_size"], shape[dim]), *shape[dim + 1 :]),)


def reshape(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """Each sample in a new shape with as many values; one size may be -1."""
    shape = _input(shapes)
    return ((shape[0], *_filled(values["shape"], prod(shape[1:]))),)


def expand(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """Dimensions of size 1 of each sample are stretched; -1 keeps a size."""
    shape, wanted = _input(shapes), _items(values["sizes"])
    need(len(wanted) == len(shape) - 1)
    pairs = list(zip(shape[1:], wanted, strict=True))
    need(all(size in (1, new) or new == -1 for size, new in pairs) and all(new != 0 for new in wanted))
    return ((shape[0], *(size if new == -1 else new for size, new in pairs)),)


def repeat(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """Each dimension of each sample so many times as long."""
    shape, times = _input(shapes), _items(values["repeats"])
    need(len(times) == len(shape) - 1)
    return ((shape[0], *(size * count for size, count in zip(shape[1:], times, strict=True))),)


def select(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """One place along a dimension, which is gone."""
    shape = _input(shapes)
    dim = _axis(values["dim"], len(shape))
    need(-shape[dim] <= values["index"] < shape[dim])
    return ((*shape[:dim], *shape[dim + 1 :]),)


def cut(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """Some places along a dimension, as Python counts them."""
    shape = _input(shapes)
    dim = _axis(values["dim"], len(shape))
    kept = range(shape[dim])[values["start"] : values["stop"] : values["step"]]
    return ((*shape[:dim], len(kept), *shape[dim + 1 :]),)


def split(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """Pieces of the sizes given, or of one size with the rest at the end."""
    shape, sizes = _input(shapes), values["split_size_or_sections"]
    dim = _axis(values["dim"], len(shape))
    if isinstance(sizes, int):
        return _pieces(shape, dim, sizes)
    need(sum(sizes) == shape[dim])
    return tuple((*shape[:dim], size, *shape[dim + 1 :]) for size in sizes)


def chunk(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """So many pieces of equal size; the last may be shorter."""
    shape = _input(shapes)
    dim = _axis(values["dim"], len(shape))
    found = _pieces(shape, dim, max(1, ceil(shape[dim] / values["chunks"])))
    need(len(found) == values["chunks"])
    return found


def unbind(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """One tensor for every place along a dimension, which is gone."""
    shape = _input(shapes)
    dim = _axis(values["dim"], len(shape))
    return ((*shape[:dim], *shape[dim + 1 :]),) * shape[dim]


def counted(rule: Rule, count: int) -> Rule:
    """The rule, as long as it gives so many results."""

    def exactly(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
        found = rule(shapes, values)
        need(len(found) == count)
        return found

    return exactly


def stack(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """Equal shapes side by side along a new dimension."""
    first, *rest = shapes["inputs"]
    need(all(shape == first for shape in rest))
    dim = _axis(values["dim"], len(first) + 1)
    return ((*first[:dim], 1 + len(rest), *first[dim:]),)


def equal(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """Several tensors of one shape to one of that shape."""
    first, *rest = shapes["inputs"]
    need(all(shape == first for shape in rest))
    return (first,)


def dims_there(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """A function along dimensions, which must be there and differ: the input's shape."""
    shape = _input(shapes)
    dims = [_axis(dim, len(shape)) for dim in _items(values["dims"])]
    need(len(set(dims)) == len(dims))
    return (shape,)


def rolled(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """Places moved along dimensions, by one number for each."""
    dims = _items(values["dims"])
    need(len(_items(values["shifts"])) == len(dims))
    shape = _input(shapes)
    for dim in dims:
        _axis(dim, len(shape))
    return (shape,)


def pad(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """Room on both sides of the last dimensions; only constants fill any tensor."""
    shape, room = list(_input(shapes)), _items(values["pad"])
    need(values["mode"] == "constant" and len(room) % 2 == 0 and len(room) // 2 <= len(shape))
    for index in range(len(room) // 2):
        shape[-1 - index] += room[2 * index] + room[2 * index + 1]
    need(all(size > 0 for size in shape))
    return (tuple(shape),)


def matmul(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
    """…×n×k and …×k×m to …×n×m; the dimensions before are matched, sizes of 1 stretched."""
    left, right = _input(shapes), shapes["other"][0]
    need(len(left) >= 2 and len(right) >= 2 and left[-1] == right[-2])
    rows, columns = left[-2:-1], right[-1:]
    return ((*broadcast(left[:-2], right[:-2]), *rows, *columns),)


def broadcast(*shapes: Shape) -> Shape:
    """The shape of tensors that meet value by value: sizes of 1 are stretched."""
    rank = max(map(len, shapes))
    columns = zip(*((1,) * (rank - len(shape)) + shape for shape in shapes), strict=True)
    sizes = [set(column) - {1} for column in columns]
    need(all(len(column) <= 1 for column in sizes))
    return tuple(column.pop() if column else 1 for column in sizes)


def recurrent(states: int) -> Rule:
    """RNN and GRU (one state) and LSTM (two), batch first: the sequence, then each state; torch unrolls them
    on meta.
    """

    def rule(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
        shape = _input(shapes)
        need(len(shape) == 3 and shape[2] == values["input_size"] and shape[1] >= 1)
        directions = 2 if values["bidirectional"] else 1
        hidden = values["hidden_size"]
        given = values.get("proj_size", 0) or hidden
        need(given <= hidden and (given < hidden or not values.get("proj_size")))
        layers = values["num_layers"] * directions
        ends = ((layers, shape[0], given), (layers, shape[0], hidden))[:states]
        starts = [shapes[name][0] for name in ("hidden", "cell")[:states] if name in shapes]
        need(not starts or starts == list(ends))
        return ((shape[0], shape[1], directions * given), *ends)

    return rule


def cell(states: int) -> Rule:
    """RNNCell and GRUCell (one state) and LSTMCell (two): each state after one step."""

    def rule(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
        shape = _input(shapes)
        need(len(shape) == 2 and shape[1] == values["input_size"])
        state = (shape[0], values["hidden_size"])
        starts = [shapes[name][0] for name in ("hidden", "cell")[:states] if name in shapes]
        need(len(starts) in (0, states) and all(start == state for start in starts))
        return (state,) * states

    return rule


def attending(*ports: str) -> Rule:
    """A Transformer over sequences of N×L×features: the shape of the last port."""

    def rule(shapes: Shapes, values: Values) -> tuple[Shape, ...]:
        found = [shapes[port][0] for port in ports]
        size = values["d_model"]
        need(size % values["nhead"] == 0)
        need(all(len(one) == 3 and one[2] == size and one[0] == found[0][0] for one in found))
        return (found[-1],)

    return rule


def _pieces(shape: Shape, dim: int, size: int) -> tuple[Shape, ...]:
    starts = range(0, shape[dim], size)
    return tuple((*shape[:dim], min(size, shape[dim] - at), *shape[dim + 1 :]) for at in starts)


def _filled(wanted: int | tuple[int, ...], held: int) -> tuple[int, ...]:
    """Sizes for as many values, with -1 for what is left."""
    sizes = _items(wanted)
    rest = prod(size for size in sizes if size != -1)
    need(sizes.count(-1) <= 1 and all(size >= -1 for size in sizes) and rest > 0)
    need(held % rest == 0 if -1 in sizes else held == rest)
    return tuple(held // rest if size == -1 else size for size in sizes)


def _input(shapes: Shapes) -> Shape:
    return shapes["input"][0]


def _items(value: int | tuple[int, ...]) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else value


def _axis(dim: int, rank: int) -> int:
    need(-rank <= dim < rank)
    return dim % rank

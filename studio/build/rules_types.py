"""Checks of what arrives at a layer: dimensions, kind of values, sizes; and what torch refused, in words.

What a layer takes is read off its declaration and example, so that a new layer is covered by being declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from math import prod
from typing import Any

from studio.build import fixes
from studio.build.plan import Dim, Size, TensorType
from studio.build.shapes import Failure
from studio.build.site import Site
from studio.catalog.registry import Layer
from studio.errors import Fix, Problem
from studio.project.params import Value, shown

SPATIAL = {1: "N×C×L", 2: "N×C×H×W", 3: "N×C×D×H×W"}
BY_DIMENSIONS = frozenset({"Convolution", "Pooling", "Normalization", "Regularization"})
SEQUENCES = frozenset({"Recurrent", "Attention"})
NAMES = {3: ("the batch", "channels", "length"), 4: ("the batch", "channels", "height", "width")}


def expected(layer: Layer) -> tuple[tuple[int, ...], str]:
    """The numbers of dimensions that a layer takes, and how they read; () where it takes any."""
    dims = re.search(r"(\d)d$", layer.target or "")
    if dims and layer.category in BY_DIMENSIONS:
        size = int(dims.group(1))
        if layer.category == "Normalization" and size == 1:
            return (2, 3), "N×C or N×C×L"
        return (size + 2,), SPATIAL[size]
    if layer.category in SEQUENCES and layer.example and layer.is_module:
        rank = len(layer.example.inputs[layer.inputs[0].name][0])
        return (rank,), "N×L×features" if rank == 3 else "N×features"
    return (), ""


def dimensions(site: Site) -> Iterator[Problem]:
    """A layer for images gets rows, say; torch would take some of these for one sample without batch."""
    ranks, words = expected(site.layer)
    for tensor in site.tensors:
        if ranks and tensor.type and len(tensor.type.shape) not in ranks:
            found = tensor.type
            yield site.problem(
                f"{site.layer.type} takes {words}; it gets {found}",
                _rank_hint(found, ranks, words),
                tensor.port,
                *_rank_fixes(site.name, tensor.port, found, ranks),
            )
            return


def _rank_hint(found: TensorType, ranks: tuple[int, ...], words: str) -> str:
    if len(found.shape) > max(ranks):
        return f"Flatten or Select takes dimensions away, so that it becomes {words}."
    return f"Reshape gives each sample the dimensions that are missing, so that it becomes {words}."


def _rank_fixes(name: str, port: str, found: TensorType, ranks: tuple[int, ...]) -> list[Fix]:
    shape, rank = found.shape, ranks[-1]
    if shape[:1] != (Dim(),) or not all(isinstance(size, int) for size in shape[1:]):
        return []
    sizes = [size for size in shape[1:] if isinstance(size, int)]
    if len(shape) > rank:
        start = rank - 1
        params: Mapping[str, Value] = {} if start == 1 else {"start_dim": start}
        return [fixes.insert("Flatten", name, port, params, f"Insert Flatten before {name}")]
    lacking = rank - len(shape)
    square = round(prod(sizes) ** 0.5)
    choices = [(*(1,) * lacking, *sizes)]
    if rank == 4 and len(sizes) == 1 and square * square == sizes[0]:
        choices.insert(0, (1, square, square))
    return [
        fixes.insert("Reshape", name, port, {"shape": one}, f"Insert Reshape to {'×'.join(map(str, one))}")
        for one in choices
    ]


def kinds_of_values(site: Site) -> Iterator[Problem]:
    """Whole numbers where the layer computes with fractions, or the other way round."""
    for tensor in site.tensors:
        if tensor.type is None or (site.layer.category == "Loss" and tensor.port == "target"):
            continue
        whole = tensor.type.dtype == "int64"
        if tensor.port in site.layer.integers and not whole:
            yield site.problem(
                f"{site.layer.type} takes whole numbers (int64); it gets {tensor.type.dtype}",
                "It looks numbers up, such as the index of a word or a class. Linear takes fractions.",
                tensor.port,
                *_other_fields(site, tensor.port, "int64"),
            )
        elif tensor.port not in site.layer.integers and whole and _computes(site.layer):
            yield site.problem(
                f"{site.layer.type} takes fractions (float32); it gets whole numbers (int64)",
                "Embedding turns whole numbers, such as indices of words or classes, into vectors.",
                tensor.port,
                fixes.insert("Embedding", site.name, tensor.port),
                *_other_fields(site, tensor.port, "float32"),
            )


def _computes(layer: Layer) -> bool:
    return layer.is_module and layer.category not in ("Shape", "Pooling", "Data")


def _other_fields(site: Site, port: str, dtype: str) -> list[Fix]:
    """Another field of the data for the Input node right before, where one has the right kind."""
    tensor = site.at(port)
    arrival = next((one for one in site.arrivals if one.edge.target.port == port), None)
    if not tensor or not tensor.field or not arrival or not site.fields:
        return []
    node = arrival.edge.source.node
    fitting = [one.name for one in site.fields.values() if one.dtype == dtype and one.role == "input"]
    return [fixes.set_param(node, "field", one, f"Let {node} take the field {one}") for one in fitting[:2]]


def dims_in_range(site: Site) -> Iterator[Problem]:
    """A parameter that names a dimension which the tensor does not have."""
    first = site.tensors[0].type if site.tensors else None
    if first is None:
        return
    rank = len(first.shape)
    for param in site.layer.params:
        value = site.values[param.name]
        wanted = value if isinstance(value, tuple) else (value,)
        if param.name not in ("dim", "dims", "start_dim", "end_dim", "dim0", "dim1"):
            continue
        beyond = [one for one in wanted if isinstance(one, int) and not -rank <= one < rank]
        if beyond:
            yield site.problem(
                f"there is no dimension {beyond[0]}; {first} has {rank} (0 to {rank - 1})",
                "0 is the batch, −1 the last dimension.",
                param.name,
                fixes.set_param(site.name, param.name, rank - 1)
                if param.name != "dims"
                else fixes.set_param(site.name, "dims", tuple(range(rank))),
            )


def windows(site: Site) -> Iterator[Problem]:
    """A filter or window that is larger than what it slides over."""
    ranks, _ = expected(site.layer)
    first = site.tensors[0].type if site.tensors else None
    kernel = site.values.get("kernel_size")
    transposed = "Transpose" in site.layer.type
    if first is None or kernel is None or len(ranks) != 1 or transposed:
        return
    padding = site.values.get("padding", 0)
    if isinstance(padding, str):
        return
    dims = ranks[0] - 2
    sizes = first.shape[2:]
    window, border, gap = (_each(v, dims) for v in (kernel, padding, site.values.get("dilation", 1)))
    reach = [gap[i] * (window[i] - 1) + 1 for i in range(dims)]
    room = [size + 2 * border[i] if isinstance(size, int) else None for i, size in enumerate(sizes)]
    if any(space is not None and reach[i] > space for i, space in enumerate(room)):
        fitting = tuple(min(window[i], space) if space else window[i] for i, space in enumerate(room))
        value: Value = fitting[0] if len(set(fitting)) == 1 else fitting
        yield site.problem(
            f"a window of {_times(reach)} does not fit into {_times(sizes)}",
            "Take a smaller kernel_size or more padding, or fewer poolings and strides before it.",
            "kernel_size",
            fixes.set_param(site.name, "kernel_size", value),
        )


def idle_dropout(site: Site) -> Iterator[Problem]:
    """Dropout between the layers of a recurrent layer that has one."""
    if site.values.get("num_layers") == 1 and site.values.get("dropout"):
        yield site.warning(
            f"dropout acts between layers; this {site.layer.type} has one",
            "It has no effect here. A Dropout node behind it acts on its result.",
            "dropout",
            fixes.set_param(site.name, "dropout", 0.0),
            fixes.set_param(site.name, "num_layers", 2),
        )


def _each(value: Value, dims: int) -> tuple[int, ...]:
    items = tuple(v for v in (value if isinstance(value, tuple) else (value,)) if isinstance(v, int))
    return items * dims if len(items) == 1 else items


def _times(sizes: Iterable[object]) -> str:
    return "×".join(map(str, sizes))


def refused(site: Site, failure: Failure, kwargs: Mapping[str, Any]) -> Problem:
    """What torch refused, with our own sentence in front."""
    if site.layer.joined or site.layer.as_list:
        return _unequal(site, failure)
    special = {"MatMul": _matmul, "Reshape": _reshape}.get(site.layer.type)
    if special:
        return special(site, failure)
    field = next((name for name in kwargs if re.search(rf"\b{name}\b", failure.text)), None)
    shapes = " and ".join(map(str, dict.fromkeys(site.inputs())))
    if failure.stage == "construct":
        values = ", ".join(f"{name}={shown(value)}" for name, value in kwargs.items() if _telling(site, name))
        fixing = _divisor_fixes(site, kwargs, failure.text)
        text = f"{site.layer.type} cannot be made with {values} (its input is {shapes})"
        return site.problem(text, f"PyTorch says: {failure.text}", _field(site, field), *fixing)
    if failure.stage in ("batch", "derive"):
        text = f"{site.layer.type} cannot work on {shapes}: {failure.text}"
        return site.problem(text, _example_hint(site.layer), site.tensors[0].port, *_single_number(site))
    hint = " ".join(one for one in (f"PyTorch says: {failure.text}.", _example_hint(site.layer)) if one)
    return site.problem(f"{site.layer.type} cannot work on {shapes}", hint, _field(site, field))


def _telling(site: Site, name: str) -> bool:
    param = next((one for one in site.layer.params if one.name == name), None)
    return param is None or param.essential or site.values[name] != param.default


def _field(site: Site, name: str | None) -> str | None:
    if name and any(param.name == name for param in site.layer.all_params):
        return name
    return site.tensors[0].port if site.tensors else None


def _divisor_fixes(site: Site, kwargs: Mapping[str, Any], text: str) -> list[Fix]:
    """For "a must be divisible by b": the largest divisor up to the number that was set."""
    if "divisible" not in text and "divide" not in text:
        return []
    sizes = [kwargs[name] for name in site.layer.derived if isinstance(kwargs.get(name), int)]
    sizes += [kwargs["out_channels"]] if "out_channels" in kwargs else []
    for name in ("groups", "num_heads", "nhead", "num_groups"):
        if isinstance(kwargs.get(name), int):
            best = max(n for n in range(1, kwargs[name] + 1) if all(size % n == 0 for size in _whole(sizes)))
            return [fixes.set_param(site.name, name, best)]
    return []


def _whole(sizes: list[Any]) -> list[int]:
    return [size for size in sizes if isinstance(size, int) and not isinstance(size, bool)]


def _single_number(site: Site) -> list[Fix]:
    """One number per sample becomes a row of one."""
    first = site.tensors[0]
    if first.type and first.type.shape == (Dim(),):
        label = f"Insert Reshape to 1 before {site.name}"
        return [fixes.insert("Reshape", site.name, first.port, {"shape": 1}, label)]
    return []


def _example_hint(layer: Layer) -> str:
    if layer.example is None:
        return ""
    shapes = [_times(("N", *shape[1:])) for one in layer.example.inputs.values() for shape in one]
    return f"{layer.type} works on {' and '.join(shapes)}, for example."


def _unequal(site: Site, failure: Failure) -> Problem:
    """Tensors that cannot be joined: which two differ, and in what."""
    types = site.inputs()
    free = _axis(site.values.get("dim"), types[0]) if site.layer.as_list else None
    for other in types[1:]:
        axis = _difference(types[0], other, free)
        if axis is not None:
            return _differing(site, types[0], other, axis, free)
    text = f"{site.layer.type} cannot join {' and '.join(map(str, types))}"
    return site.problem(text, f"PyTorch says: {failure.text}", site.tensors[0].port)


def _axis(dim: Value, type: TensorType) -> int | None:
    return dim % len(type.shape) if isinstance(dim, int) and type.shape else None


def _difference(one: TensorType, other: TensorType, free: int | None) -> int | None:
    """The first axis in which two types cannot be joined, -1 where their numbers of dimensions differ."""
    if len(one.shape) != len(other.shape):
        return -1
    for axis, (a, b) in enumerate(zip(one.shape, other.shape, strict=True)):
        broadcast = free is None and (a == 1 or b == 1)
        if axis != free and a != b and not broadcast:
            return axis
    return None


def _differing(site: Site, one: TensorType, other: TensorType, axis: int, free: int | None) -> Problem:
    names = NAMES.get(len(one.shape), ())
    where = "the number of dimensions" if axis < 0 else f"dimension {axis}"
    where = names[axis] if 0 <= axis < len(names) else where
    but = "" if free is None else f" but for dimension {free}"
    port = site.tensors[0].port
    return site.problem(
        f"{site.layer.type} needs equal shapes{but}; {one.pill} and {other.pill} differ in {where}",
        _joining_hint(one, other, axis),
        port,
        *_joining_fixes(site, one, other, axis),
    )


def _joining_hint(one: TensorType, other: TensorType, axis: int) -> str:
    if axis < 0:
        return "Flatten the one with more dimensions, or Reshape the other."
    if axis == 1 and len(one.shape) == 4:
        return (
            "Give the last convolution of both branches the same out_channels; a 1×1 Conv2d changes channels."
        )
    return "Give both branches the same stride, padding and sizes."


def _joining_fixes(site: Site, one: TensorType, other: TensorType, axis: int) -> list[Fix]:
    """Bring the second wire to the first one's shape, where one layer can do so."""
    edges = [arrival.edge for arrival in site.arrivals if arrival.ref is not None]
    at = next((i for i, arrival in enumerate(site.arrivals) if arrival.type == other), None)
    if at is None or at >= len(edges):
        return []
    if axis == 1 and len(one.shape) == 4 and one.shape[2:] == other.shape[2:]:
        params: dict[str, Value] = {"out_channels": _int(one.shape[1]), "kernel_size": 1}
        return [fixes.insert_into(edges[at], "Conv2d", params)]
    if axis in (1, -1) and len(one.shape) == 2 == len(other.shape):
        return [fixes.insert_into(edges[at], "Linear", {"out_features": _int(one.shape[1])})]
    if axis < 0 and (len(one.shape) == 2 or len(other.shape) == 2):
        longer = at if len(other.shape) > 2 else 0
        return [fixes.insert_into(edges[longer], "Flatten", {})]
    return []


def _int(size: Size) -> int:
    return size if isinstance(size, int) else 1


def _matmul(site: Site, failure: Failure) -> Problem:
    left, right = site.inputs()[:2]
    return site.problem(
        f"MatMul needs n×k and k×m, the k of both equal; it gets {left} and {right}",
        f"Permute turns a matrix round. PyTorch says: {failure.text}.",
        "other",
    )


def _reshape(site: Site, failure: Failure) -> Problem:
    found = site.inputs()[0]
    held = prod(size for size in found.shape[1:] if isinstance(size, int))
    return site.problem(
        f"{found.pill} is {held} values per sample; they do not fit the shape {shown(site.values['shape'])}",
        "The sizes multiplied must give as many values; one may be −1, which stands for what is left.",
        "shape",
        fixes.set_param(site.name, "shape", -1),
    )

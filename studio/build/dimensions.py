"""What the dimensions of every tensor are called: N, C, H, W, T, features; from the data through all layers.

Names follow from a layer's declaration: its rule, its parameter `dim`, or the form of tensor that it takes
(N×C×H×W). Where none of these tells, a dimension keeps its name as long as it keeps size and place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from studio.build.plan import LossStep
from studio.build.rules_types import expected
from studio.build.site import Site
from studio.build.sizes import BATCH, Dim, Size, TensorType, of_batch, symbol
from studio.catalog.name_rules import FEATURES, Names
from studio.catalog.registry import Layer
from studio.project.graph import Endpoint

BY_RANK: Mapping[int, Names] = {
    1: (FEATURES,),
    2: ("T", FEATURES),
    3: ("C", "H", "W"),
    4: ("C", "D", "H", "W"),
}
CLASSES = "classes"
Types = Mapping[Endpoint, TensorType]
WIDTHS = frozenset({"Linear", "Recurrent", "Attention", "Embedding"})
"""Families whose results have features in the last dimension."""
ADDED = frozenset({"Embedding"})
"""Families that add such a dimension."""


def input_type(shape: Sequence[int | str], dtype: str, axes: str = "") -> TensorType:
    """The type of a field: a size is a number, the name of an open one, or −1 for one without a name."""
    names = _input_names(shape, dtype, axes)
    sizes: list[Size] = [
        symbol(size) if isinstance(size, str) else symbol(_letter(name, at)) if size == -1 else size
        for at, (size, name) in enumerate(zip(shape, names, strict=True))
    ]
    return TensorType((Dim(), *sizes), dtype, (BATCH, *names))


def declared_type(site: Site) -> TensorType | None:
    """What an Input brings: its field of the data; where its shape has open sizes, those stay open; without
    such a field its shape alone. None where neither is known.
    """
    field = (site.fields or {}).get(str(site.values["field"]))
    shape, axes = given_shape(site), str(site.values["axes"])
    if field is None:
        return input_type(shape, str(site.values["dtype"]), axes) if shape is not None else None
    whole = input_type(field.shape, field.dtype, axes)
    return input_type(shape, field.dtype, axes) if shape is not None and fits(shape, whole) else whole


def given_shape(site: Site) -> tuple[int | str, ...] | None:
    """The shape that is set on an Input."""
    shape = site.values["shape"]
    items = shape if isinstance(shape, tuple) else (shape,)
    return None if shape is None else tuple(one for one in items if isinstance(one, int | str))


def fits(shape: tuple[int | str, ...], type: TensorType) -> bool:
    """Whether a shape leaves sizes of a type open and has the others just so."""
    sizes = type.shape[1:]
    opened = any(not isinstance(one, int) or one == -1 for one in shape)
    same = (
        one == size for one, size in zip(shape, sizes, strict=False) if isinstance(one, int) and one != -1
    )
    return opened and len(shape) == len(sizes) and all(same)


def named(
    layer: Layer, kwargs: Mapping[str, Any], inputs: tuple[TensorType, ...], outputs: tuple[TensorType, ...]
) -> tuple[TensorType, ...]:
    """A layer's output types with names for their dimensions."""
    given = tuple(_names_of(type) for type in inputs)
    try:
        ruled = layer.names(given, kwargs) if layer.names and given else None
    except (IndexError, KeyError, TypeError):  # a dimension that is not there is told by the checks
        ruled = ()
    done: list[TensorType] = []
    for at, type in enumerate(outputs):
        if ruled is None:
            names = _followed(layer, kwargs, inputs, given, type)
        else:
            names = ruled[at] if at < len(ruled) and len(ruled[at]) == len(type.shape) else ()
        names = names or _kept(inputs, given, type)
        done.append(type.called(_completed(layer, names, type)))
    return tuple(done)


def with_classes(types: Types, losses: Iterable[LossStep]) -> Types:
    """The types with the scores that losses compare with class indices named so."""
    found = dict(types)
    for loss in losses:
        ref = loss.prediction
        if loss.layer.compares == "classes" and isinstance(ref, Endpoint) and ref in types:
            names = _names_of(types[ref])
            if len(names) > 1:
                found[ref] = types[ref].called((names[0], CLASSES, *names[2:]))
    return found


def _input_names(shape: Sequence[int | str], dtype: str, axes: str) -> Names:
    said = tuple(part.strip() for part in axes.split(",") if part.strip())
    if len(said) == len(shape):
        return said
    usual = BY_RANK.get(len(shape), ("",) * len(shape))
    if dtype == "int64":
        usual = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}.get(len(shape), usual)
    return tuple(size if isinstance(size, str) else name for size, name in zip(shape, usual, strict=True))


def _letter(name: str, at: int) -> str:
    """A symbol for an open size that has none."""
    return {FEATURES: "F", "": f"S{at + 1}"}.get(name, name)


def _names_of(type: TensorType) -> Names:
    return type.names or ("",) * len(type.shape)


def _followed(
    layer: Layer,
    kwargs: Mapping[str, Any],
    inputs: tuple[TensorType, ...],
    given: tuple[Names, ...],
    type: TensorType,
) -> Names:
    """Names in place, less those of dimensions that are gone, more those that are new; () where unclear."""
    rank = len(type.shape)
    if layer.category == "Custom":
        return ()
    if layer.joined or layer.category == "Merge":
        return (
            _merged(given, rank) if rank == max(map(len, given), default=0) else _about(kwargs, given, rank)
        )
    if not given:
        return ()
    if len(given[0]) == rank:
        return given[0]
    if len(given[0]) + 1 == rank and layer.category in ADDED:
        return (*given[0], FEATURES)
    return _about(kwargs, given, rank)


def _merged(given: tuple[Names, ...], rank: int) -> Names:
    """Tensors laid over each other from the last dimension on: the first name that one of them has."""
    columns = zip(*(("",) * (rank - len(names)) + names for names in given), strict=True)
    return tuple(next((name for name in column if name), "") for column in columns)


def _about(kwargs: Mapping[str, Any], given: tuple[Names, ...], rank: int) -> Names:
    """The dimensions that the parameter `dim` speaks of are gone, or one is new there."""
    dim = kwargs.get("dim")
    dims = [one for one in (dim if isinstance(dim, tuple) else (dim,)) if isinstance(one, int)]
    names = given[0] if given else ()
    if dims and len(names) - len(dims) == rank:
        gone = {one % len(names) for one in dims}
        return tuple(name for at, name in enumerate(names) if at not in gone)
    if len(dims) == 1 and len(names) + 1 == rank:
        at = dims[0] % rank
        return (*names[:at], "", *names[at:])
    return ()


def _kept(inputs: tuple[TensorType, ...], given: tuple[Names, ...], type: TensorType) -> Names:
    """The first input's names from both ends, as long as sizes stay."""
    size, names = type.shape, [""] * len(type.shape)
    if inputs:
        before, called = inputs[0].shape, given[0]
        most = min(len(size), len(before))
        start = next((at for at in range(most) if size[at] != before[at]), most)
        end = next((at for at in range(most - start) if size[-1 - at] != before[-1 - at]), most - start)
        names[:start] = called[:start]
        if end:
            names[-end:] = called[-end:]
    return tuple(names)


def _completed(layer: Layer, names: Names, type: TensorType) -> Names:
    """Names with the batch's in its place, and those that the layer's form gives."""
    found = list(names)
    form = _form(layer, len(found)) if "" in found else ()
    for at, size in enumerate(type.shape):
        if found[at] == BATCH and not of_batch(size):
            found[at] = ""
        if not found[at]:
            found[at] = BATCH if size == Dim() else form[at] if form else ""
    if layer.category == "Convolution" and len(found) > 1:
        found[1] = "C"
    if layer.category in WIDTHS and len(found) > 1 and not of_batch(type.shape[-1]) and not layer.names:
        found[-1] = FEATURES
    return tuple(found)


def _form(layer: Layer, rank: int) -> Names:
    """The names of the form that a layer is declared to take, for that number of dimensions."""
    _, words = expected(layer)
    forms = (tuple(form.split("×")) for form in words.split(" or "))
    return next((form for form in forms if len(form) == rank and words), ())

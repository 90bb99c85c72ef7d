"""A column as a field: its values after its steps, which learn from the training part alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np

from studio.data.cells import CHUNK, FEW, Decoded, Held, Sound, Values, chunks
from studio.data.columns import Planned
from studio.data.decoding.pictures import reduced
from studio.data.findings import is_missing, spread
from studio.data.lazy import Lazy, uniform
from studio.data.raw import Array, DataError, class_field, number_field
from studio.data.scale import Scale
from studio.data.transforms import TRANSFORMS
from studio.data.transforms.step import About, Chain, State, Step, applied
from studio.project.fields import Field
from studio.project.project import Setting

IN_MEMORY = 512 * 2**20
"""Bytes of one field that are made at once; larger ones stay as they are until they are asked for."""
DECODED = ("image", "mask", "audio")
"""Kinds whose values are files to decode: made when they are asked for."""
Form = tuple[str, Callable[[Any], bool]]
ONE_VALUE: Form = "one value", lambda value: not np.ndim(value)
PICTURE: Form = "a picture", lambda value: np.ndim(value) in (2, 3)
FORMS: Mapping[str, Form] = {
    "audio": ("a sound", lambda value: isinstance(value, Sound)),
    **dict.fromkeys(("image", "mask"), PICTURE),
    **dict.fromkeys(("category", "text", "time"), ONE_VALUE),
}
"""What a sample of a kind that has steps looks like."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Made:
    """Values (an array, or Lazy), what is known of them, and what each step learned.

    `scale` is the last step where that is done batch by batch.
    """

    array: Any
    field: Field
    states: tuple[State, ...] = ()
    parts: tuple[str, ...] = ()
    """What the numbers that one value became are called."""
    scale: Scale | None = None


def make(one: Planned, kept: Array, train: Array, states: tuple[State, ...] | None) -> Made:
    """A column's values at the rows `kept`; its steps learn from the rows `train`, or have learned before.

    Raises DataError with the column's name.
    """
    if one.ready and one.column.field is not None:
        return Made(_ready(one, kept), replace(one.column.field, role=one.role))
    one = replace(one, column=replace(one.column, cells=reduced(one.column.cells, one.steps)))
    if one.steps:
        _check_form(one, kept)
    chain: Chain = ()
    for at, setting in enumerate(one.steps):
        state = states[at] if states is not None else _learned(one, chain, setting, kept, train)
        chain = (*chain, Step(setting.type, TRANSFORMS[setting.type], dict(setting.params), state))
    states = tuple(step.state for step in chain)
    last = chain[-1] if chain and one.kind == "image" and chain[-1].transform.scale is not None else None
    if last is not None:
        chain = chain[:-1]
    array = _values(one, chain, kept)
    about = _about(one, chain)
    held = one.column.cells
    known = isinstance(held, Held) and not chain and held.finite and len(kept) == len(held)
    bounds = held.bounds if isinstance(held, Held) and known else None
    field = _field(one, array, about, bounds)
    return Made(array, field, states, about.parts, scale=None if last is None else _scale(last, field))


def _check_form(one: Planned, kept: Array) -> None:
    """Refuse values that are not of the form of the column's kind, which may have been chosen by hand."""
    word, fits = FORMS.get(one.kind, ("", lambda _: True))
    first = next(iter(_told(one, lambda: one.column.cells.take(kept[:1]))), None)
    if first is None or is_missing(first) or fits(first):
        return
    has = "×".join(map(str, np.shape(first))) + " values" if np.ndim(first) else "one value"
    raise DataError(
        f"{one.name}: it is said to be {one.kind}, which takes {word} in each sample, and each has {has}.",
        "Choose another kind for the column.",
        f"fields.{one.name}",
    )


def _scale(last: Step, field: Field) -> Scale | None:
    assert last.transform.scale is not None
    low, high = (0.0, 1.0) if field.low is None or field.high is None else (field.low, field.high)
    return last.transform.scale(last.params, last.state, low, high)


def only_names(one: Planned) -> bool:
    """Whether a column's steps learn nothing but the names of its classes."""
    return all(TRANSFORMS[step.type].from_all or TRANSFORMS[step.type].fit is None for step in one.steps)


def _ready(one: Planned, kept: Array) -> Any:  # noqa: ANN401
    """Values that need nothing done to them: as they are held, or small ones as an array."""
    cells = one.column.cells
    if isinstance(cells, Held) and len(kept) == len(cells):
        return cells.values
    lazy = _asked_for(one, (), kept)
    large = lazy.nbytes > IN_MEMORY or getattr(cells, "on_demand", False)
    return lazy if large else _told(one, lazy.whole)


def _learned(one: Planned, before: Chain, setting: Setting, kept: Array, train: Array) -> State:
    """What a step learns from what comes out of the steps before."""
    transform = TRANSFORMS[setting.type]
    if transform.fit is None:
        return {}
    rows = kept if transform.from_all else train
    rows = rows if transform.most is None else rows[spread(len(rows), transform.most)]
    size = FEW if isinstance(one.column.cells, Decoded) else CHUNK
    state = _told(one, partial(transform.fit, _parts(one, before, rows, size), setting.params))
    if transform.then is None:
        return state
    return _told(one, partial(transform.then, _parts(one, before, train, size), setting.params, state))


def _parts(one: Planned, before: Chain, rows: Array, size: int) -> Iterator[Values]:
    return (applied(before, part) for part in chunks(one.column.cells, rows, size))


def _told(one: Planned, work: Callable[[], T]) -> T:
    """Do it; what goes wrong is told with the column's name."""
    try:
        return work()
    except DataError as error:
        if error.message.startswith(one.name):
            raise
        raise DataError(f"{one.name}: {error.message}", error.hint, f"fields.{one.name}") from error


def _values(one: Planned, chain: Chain, kept: Array) -> Any:  # noqa: ANN401
    """Small columns as an array, large and decoded ones as they are asked for."""
    if not chain and isinstance(one.column.cells, Held) and len(kept) == len(one.column.cells):
        return one.column.cells.values
    lazy = _asked_for(one, chain, kept)
    decoded = one.kind in DECODED and not isinstance(one.column.cells, Held)
    decoded = decoded or getattr(one.column.cells, "on_demand", False)
    return lazy if lazy.nbytes > IN_MEMORY or decoded else _told(one, lazy.whole)


def _asked_for(one: Planned, chain: Chain, kept: Array) -> Lazy:
    cells = one.column.cells
    sample = _told(one, lambda: uniform(one.name, applied(chain, cells.take(kept[:2]))))
    rows = None if len(kept) == len(cells) else kept
    return Lazy(one.name, cells, chain, (len(kept), *sample.shape[1:]), sample.dtype, rows)


def _about(one: Planned, chain: Chain) -> About:
    found = About(picture=one.kind == "image")
    if one.column.field is not None and one.kind in ("image", "mask"):
        ready = one.column.field
        found = About(ready.classes, ready.low, ready.high, ready.picture)
    for step in chain:
        if step.transform.about is not None:
            found = step.transform.about(step.params, step.state)
        elif step.transform.gives:
            found = About()
    return found


def _field(
    one: Planned,
    array: Any,  # noqa: ANN401
    about: About,
    bounds: tuple[float, float] | None,
) -> Field:
    """The field that values make, whose `bounds` may be known."""
    if about.classes is not None and array.ndim == 1:
        return class_field(one.name, about.classes, one.role)
    if about.index and array.ndim == 1:
        return Field(one.name, (), "int64", None, one.role, about.low, about.high)
    if isinstance(array, Lazy):
        byte = about.picture and array.dtype.kind == "u"
        low, high = (0.0, float(np.iinfo(array.dtype).max)) if byte else (about.low, about.high)
        whole = array.dtype.kind in "iu" and array.dtype.itemsize > 1 and not byte
        shape = array.shape[1:] or (1,)
        dtype = "int64" if whole or about.classes is not None else "float32"
        return Field(one.name, shape, dtype, about.classes, one.role, low, high, about.picture)
    if bounds is not None and array.dtype.kind == "f" and array.ndim == 1 and about.classes is None:
        return Field(one.name, (1,), "float32", None, one.role, *bounds, about.picture)
    made = array[:, None] if array.ndim == 1 else array
    field = number_field(one.name, made, one.role, about.picture)
    low = field.low if about.low is None else about.low
    high = field.high if about.high is None else about.high
    return replace(field, classes=about.classes, low=low, high=high)


def missing(one: Planned, rows: Array) -> Array:
    """Which of these rows lack a value in a column."""
    absent = getattr(one.column.cells, "absent", None)
    if absent is not None:
        return absent(rows)
    if isinstance(one.column.cells, Held):
        held = one.column.cells
        return np.zeros(len(rows), bool) if held.finite else _absent(np.asarray(held.values[rows]))
    found = [
        np.fromiter((is_missing(value) for value in part), bool, len(part))
        if isinstance(part, list)
        else _absent(part)
        for part in chunks(one.column.cells, rows)
    ]
    return np.concatenate(found) if found else np.zeros(0, bool)


def _absent(values: Array) -> Array:
    if values.dtype.kind == "M":
        return np.isnat(values)
    if values.dtype.kind != "f":
        return np.zeros(len(values), bool)
    return np.asarray(np.isnan(values).reshape(len(values), -1).any(1))

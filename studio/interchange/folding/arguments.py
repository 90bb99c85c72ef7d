"""What differs between the uses of a block becomes arguments of it; what is alike everywhere stays inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from studio.project.block import OWN_PARAMS, Argument
from studio.project.graph import free_name
from studio.project.params import Value

Params = Mapping[str, Value]
MOST = 8
"""Where more than so many values differ, a block says less than two blocks do."""
RENAMED = {"repeat": "depth", "overrides": "changes", "shared": "tied"}


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of a block; what its items get, with formulas; and the values of each use."""

    arguments: tuple[Argument, ...]
    items: tuple[dict[str, Value], ...]
    uses: tuple[dict[str, Value], ...]


def given_of(
    names: Sequence[str], items: Sequence[Sequence[Params]], default: Callable[[int, str], Value]
) -> Given:
    """Arguments for the parameters that differ; `items` has for each use the parameters of each item.

    `names` are those of the items. A parameter that some do not set has its `default` (item, name) there.
    """
    inner: list[dict[str, Value]] = []
    found: dict[str, tuple[Value, ...]] = {}
    for at, name in enumerate(names):
        rows = [use[at] for use in items]
        params: dict[str, Value] = {}
        for key in dict.fromkeys(key for row in rows for key in row):
            values = tuple(row[key] if key in row else default(at, key) for row in rows)
            if all(_same(one, values[0]) for one in values):
                params[key] = values[0]
            else:
                params[key] = _formula(values, found, key, name, names)
        inner.append(params)
    arguments = tuple(Argument(name, values[0]) for name, values in found.items())
    uses = tuple({name: values[at] for name, values in found.items()} for at in range(len(items)))
    return Given(arguments, tuple(inner), uses)


def _formula(
    values: tuple[Value, ...],
    found: dict[str, tuple[Value, ...]],
    key: str,
    item: str,
    items: Sequence[str],
) -> str:
    """The formula for values that differ: of an argument that there is, or of a new one."""
    for name, known in found.items():
        if all(_same(one, other) for one, other in zip(values, known, strict=True)):
            return f"= {name}"
    for name, known in found.items():
        times = _times(values, known)
        if times:
            return f"= {times} * {name}"
        parts = _times(known, values)
        if parts:
            return f"= {name} // {parts}"
    wanted = RENAMED.get(key, key) if key in OWN_PARAMS else key
    wanted = wanted if wanted not in found else f"{item}_{wanted}"
    name = free_name(wanted, {*found, *OWN_PARAMS})
    found[name] = values
    return f"= {name}"


def _times(values: tuple[Value, ...], known: tuple[Value, ...]) -> int:
    """By what whole number above 1 all values are larger than others, 0 where there is none."""
    pairs = list(zip(values, known, strict=True))
    if not all(type(one) is int and type(other) is int and other > 0 for one, other in pairs):
        return 0
    ratios = {one / other for one, other in pairs if isinstance(one, int) and isinstance(other, int)}
    ratio = next(iter(ratios))
    return int(ratio) if len(ratios) == 1 and ratio > 1 and ratio.is_integer() else 0


def _same(one: Value, other: Value) -> bool:
    return type(one) is type(other) and one == other

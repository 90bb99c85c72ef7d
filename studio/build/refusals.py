"""What torch refused, told in our own words: which layer, what it needs, what it got, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import prod
from typing import Any

from studio.build import fixes
from studio.build.plan import Dim, TensorType
from studio.build.rules_open import depends_on_open
from studio.build.shapes import Failure, infer
from studio.build.site import Site
from studio.catalog.registry import Layer
from studio.errors import Fix, Problem
from studio.project.params import Value, shown


def refused(site: Site, failure: Failure, kwargs: Mapping[str, Any]) -> Problem:
    """What torch refused, with our own sentence in front."""
    if site.layer.code and failure.text.startswith("line "):
        line, _, text = failure.text.partition(": ")
        return site.problem(f"{line} of its source fails: {text}", "Correct the source.", "source")
    if failure.stage == "open":
        return depends_on_open(site, failure)
    if site.layer.joined or site.layer.as_list:
        return _unequal(site, failure)
    special = {"MatMul": _matmul, "Reshape": _reshape}.get(site.layer.type)
    if special:
        return special(site, failure)
    field = _named(site, failure.text)
    shapes = " and ".join(map(str, dict.fromkeys(site.inputs())))
    if failure.stage == "construct":
        told = {name for name in kwargs if re.search(rf"\b{name}\b", failure.text, re.IGNORECASE)}
        names = told or {name for name in kwargs if _telling(site, name, kwargs[name])}
        values = ", ".join(f"{name}={shown(value)}" for name, value in kwargs.items() if name in names)
        fixing = _divisor_fixes(site, kwargs, failure.text)
        given = f" (its input is {shapes})" if shapes else ""
        text = f"{site.layer.type} cannot be made with {values}{given}"
        return site.problem(text, _said(failure), field, *fixing, *([] if fixing else _resets(site)))
    if failure.stage in ("batch", "derive"):
        text = f"{site.layer.type} cannot work on {shapes}: {failure.text}"
        return site.problem(text, _example_hint(site.layer), site.tensors[0].port, *_single_number(site))
    hint = " ".join(one for one in (_said(failure), _example_hint(site.layer)) if one)
    return site.problem(f"{site.layer.type} cannot work on {shapes}", hint, field, *_resets(site))


def empty(site: Site, result: TensorType) -> Problem:
    """A result without a single value."""
    changed = [one for one in site.layer.params if one.name != "dim" and site.values[one.name] != one.default]
    resets = (fixes.reset_param(site.name, param.name, param.default) for param in changed)
    return site.problem(
        f"nothing is left of {site.inputs()[0]}: the result is {result}",
        "A size of 0 holds no values.",
        changed[0].name if changed else site.tensors[0].port,
        *resets,
    )


def _resets(site: Site) -> list[Fix]:
    """Parameters whose default torch takes in place of what was set."""
    ports = tuple(tensor.port for tensor in site.tensors)
    set_ones = [param for param in site.layer.params if site.values[param.name] != param.default]
    found: list[Fix] = []
    for param in set_ones:
        values = {one.name: site.values[one.name] for one in site.layer.params if one.applies(site.values)}
        if not infer(site.layer, {**values, param.name: param.default}, ports, site.inputs()).failure:
            found.append(fixes.reset_param(site.name, param.name, param.default))
    return found


def _said(failure: Failure) -> str:
    return f"PyTorch says: {failure.text.rstrip('. ')}."


def _telling(site: Site, name: str, value: object) -> bool:
    """Whether an argument is worth naming: read off the input, essential, or set by the user."""
    param = next((one for one in site.layer.params if one.name == name), None)
    if param is None:
        return not isinstance(value, bool)
    return param.essential or site.values[name] != param.default


def _named(site: Site, text: str) -> str | None:
    """The parameter that torch names first, else the first port."""
    found = {
        match.start(): param.name
        for param in site.layer.params
        if (match := re.search(rf"\b{param.name}\b", text, re.IGNORECASE))
    }
    first = site.tensors[0].port if site.tensors else None
    return found[min(found)] if found else first


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
    shapes = [times(("N", *shape[1:])) for one in layer.example.inputs.values() for shape in one]
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
    return site.problem(text, _said(failure), site.tensors[0].port)


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
    where = "the number of dimensions"
    if axis >= 0:
        name = one.axis(axis) if len(one.names) > axis and one.names[axis] else other.axis(axis)
        where = f"{name}: {one.shape[axis]} and {other.shape[axis]}"
    but = "" if free is None else f" but for dimension {free}"
    port = site.tensors[0].port
    batched = one.shape[:1] == other.shape[:1]
    shapes = f"{one.pill} and {other.pill}" if batched else f"{one} and {other}"
    return site.problem(
        f"{site.layer.type} needs equal shapes{but}; {shapes} differ in {where}",
        _joining_hint(one, other, axis),
        port,
    )


def _joining_hint(one: TensorType, other: TensorType, axis: int) -> str:
    if axis < 0:
        return "Flatten the one with more dimensions, or Reshape the other."
    if axis == 1 and len(one.shape) > 3 and one.shape[2:] != other.shape[2:]:
        return "Sizes differ too. A 1×1 convolution with a stride brings the larger to both of the other's."
    if axis == 1 and len(one.shape) == 4:
        return (
            "Give the last convolution of both branches the same out_channels; a 1×1 Conv2d changes channels."
        )
    return "Give both branches the same stride, padding and sizes."


def _matmul(site: Site, failure: Failure) -> Problem:
    left, right = site.inputs()[:2]
    return site.problem(
        f"MatMul needs n×k and k×m, the k of both equal; it gets {left} and {right}",
        f"Permute turns a matrix round. {_said(failure)}",
        "other",
    )


def _reshape(site: Site, failure: Failure) -> Problem:
    found = site.inputs()[0]
    held = prod(size for size in found.shape[1:] if isinstance(size, int))
    wanted = shown(site.values["shape"])
    if len(found.open) > 0:
        return site.problem(
            f"{found.pill} depends on {', '.join(sorted(found.open))}; not always does it fit {wanted}",
            "−1 in the shape stands for a size that follows from the others.",
            "shape",
            fixes.set_param(site.name, "shape", -1),
        )
    return site.problem(
        f"{found.pill} is {held} values per sample; they do not fit the shape {wanted}",
        "The sizes multiplied must give as many values; one may be −1, which stands for what is left.",
        "shape",
        fixes.set_param(site.name, "shape", -1),
    )


def times(sizes: Iterable[object]) -> str:
    return "×".join(map(str, sizes))

"""Layers that join tensors in Keras, and arithmetic between tensors and with numbers."""

from __future__ import annotations

from operator import itemgetter

from studio.build.plan import Step
from studio.interchange.keras.twin import (
    HERE,
    Arrays,
    Module,
    Said,
    Site,
    Twin,
    adds_first,
    array,
    said,
)
from studio.interchange.pytorch.text import literal

COMPARED = {
    "greater": "greater",
    "greater_equal": "greater_equal",
    "less": "less",
    "less_equal": "less_equal",
    "equal": "equal",
    "not_equal": "not_equal",
}
"""Keras' operations by the comparisons of the catalog."""
EACH = {
    "Sqrt": "sqrt",
    "Rsqrt": "rsqrt",
    "Exp": "exp",
    "Log": "log",
    "Sin": "sin",
    "Cos": "cos",
    "Abs": "abs",
}
"""Operations on every value by itself."""


def alike(step: Step) -> bool:
    """Whether all tensors have one shape, with a batch in front."""
    shapes = {one.shape for one in step.inputs}
    return len(shapes) == 1 and len(next(iter(shapes))) > 1 and not isinstance(next(iter(shapes))[0], int)


def listed(site: Site) -> str:
    """All tensors in a list."""
    return f"[{', '.join(site.inputs)}]"


def _merged(layer: str, sign: str) -> Twin:
    """A merging layer of Keras where shapes are alike, else the operator, which stretches."""

    def write(site: Site) -> Said:
        if all(map(alike, site.uses)) and len(site.inputs) > 1:
            return said(site.layer(layer, on=listed(site)))
        last = [sign == "+" and not adds_first(one.shape) for one in site.step.inputs]
        inputs = [name for _, name in sorted(zip(last, site.inputs, strict=True), key=itemgetter(0))]
        return said(f" {sign} ".join(inputs))

    return Twin(write)


def _stacked(layer: str, function: str) -> Twin:
    """A merging layer of Keras; one tensor is its own mean."""

    def write(site: Site) -> Said:
        if all(map(alike, site.uses)) and len(site.inputs) > 1:
            return said(site.layer(layer, on=listed(site)))
        return said(f"ops.{function}(ops.stack({listed(site)}), axis=0)")

    return Twin(write)


def _concat(site: Site) -> Said:
    if not site.known("dim"):
        return said(f"ops.concatenate({listed(site)}, axis={site.text('dim')})")
    place = site.axis(site.value("dim"))
    axis = "" if place == site.rank() - 1 else f"axis={place}"
    return said(site.layer("Concatenate", axis, on=listed(site)))


def _stack(site: Site) -> Said:
    return said(f"ops.stack({listed(site)}, axis={site.text('dim')})")


def _gate(site: Site) -> Said:
    share = f"ops.sigmoid({site.inputs[1]})"
    if len(site.inputs) == 2:
        return said(f"{share} * {HERE}")
    return said(f"{share} * {HERE} + (1 - {share}) * {site.inputs[2]}")


def _operator(sign: str) -> Twin:
    return Twin(lambda site: said(f" {sign} ".join(site.inputs)))


def _each(name: str) -> Twin:
    return Twin(lambda site: said(f"ops.{name}({HERE})"))


def _clamp(site: Site) -> Said:
    low, high = site.values["min"], site.values["max"]
    if low is None and high is None:
        return said(HERE)
    if low is None:
        return said(f"ops.minimum({HERE}, {literal(high)})")
    if high is None:
        return said(f"ops.maximum({HERE}, {literal(low)})")
    return said(f"ops.clip({HERE}, {literal(low)}, {literal(high)})")


def _power(site: Site) -> Said:
    return said(f"{HERE} ** {site.inputs[1] if len(site.inputs) > 1 else site.text('exponent')}")


def _compare(site: Site) -> Said:
    other = site.inputs[1] if len(site.inputs) > 1 else site.text("value")
    return said(f"ops.{COMPARED[site.value('operator')]}({HERE}, {other})")


def _where(site: Site) -> Said:
    return said(f"ops.where({', '.join(site.inputs)})")


def _scale(site: Site) -> Said:
    """A number, or a small layer where it is learned."""
    if not site.step.layer.is_module:
        return said(f"{HERE} * {site.text('factor')}")
    dim = site.value("dim")
    axis = "" if dim is None else f"axis={site.axis(dim)}"
    factor = site.keyword("factor", "factor", 1.0)
    return said(site.layer("Scale", axis, factor, by=""), copies=("Scale",))


def _scale_weights(module: Module) -> Arrays:
    return {"": [array(module.weight)]}


def _cosine(site: Site) -> Said:
    first, second = site.inputs
    axis = f"axis={site.axis(site.value('dim'))}"
    eps = site.text("eps")
    lengths = " * ".join(
        f"ops.maximum(ops.sqrt(ops.sum({one} ** 2, {axis})), {eps})" for one in (first, second)
    )
    return said(f"ops.sum({first} * {second}, {axis}) / ({lengths})", orders=("torch",))


def _distance(site: Site) -> Said:
    first, second = site.inputs
    power = site.value("p")
    ends = f"axis=-1, keepdims={site.text('keepdim')}"
    apart = f"ops.abs({first} - {second} + {site.text('eps')})"
    return said(
        f"ops.sum({apart} ** {power!r}, {ends}) ** {1 / power!r}" if power else f"ops.sum({apart}, {ends})"
    )


def _distance_lacks(step: Step) -> str:
    power = step.kwargs["p"]
    usual = 0 < power < float("inf")
    return "" if usual else "Only norms between 0 and infinity have a twin; take p of 1 or 2."


def _einsum(site: Site) -> Said:
    return said(f"ops.einsum({', '.join([site.text('equation'), *site.inputs])})")


MERGE = {
    "Add": _merged("Add", "+"),
    "Multiply": _merged("Multiply", "*"),
    "Average": _stacked("Average", "mean"),
    "Maximum": _stacked("Maximum", "max"),
    "Minimum": _stacked("Minimum", "min"),
    "Concat": Twin(_concat),
    "Stack": Twin(_stack, "torch"),
    "Gate": Twin(_gate),
    "Subtract": _operator("-"),
    "Divide": _operator("/"),
    "MatMul": Twin(lambda site: said(" @ ".join(site.inputs)), "torch"),
    "Einsum": Twin(_einsum, "torch"),
    "Scale": Twin(_scale, weights=_scale_weights),
    "Power": Twin(_power),
    **{name: _each(function) for name, function in EACH.items()},
    "Negate": Twin(lambda site: said(f"-{HERE}")),
    "Clamp": Twin(_clamp),
    "Compare": Twin(_compare),
    "Where": Twin(_where),
    "CosineSimilarity": Twin(_cosine, "torch"),
    "PairwiseDistance": Twin(_distance, "torch", lacks=_distance_lacks),
}

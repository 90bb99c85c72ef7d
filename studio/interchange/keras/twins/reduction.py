"""Reductions in Keras; over the places of an image, the channels stay last."""

from __future__ import annotations

from studio.build.plan import Step
from studio.interchange.keras.twin import HERE, Order, Said, Site, Twin, said
from studio.interchange.pytorch.text import literal


def dims_of(site: Site) -> tuple[int, ...]:
    """The dimensions of torch that go, counted from the front."""
    given = site.value("dim")
    return tuple(one % site.rank() for one in (given if isinstance(given, tuple) else (given,)))


def order_after(site: Site, dims: tuple[int, ...]) -> Order:
    """The order of a result without some dimensions: without channels there is but one."""
    return "torch" if 1 in dims or 0 in dims else site.order


def _along(site: Site) -> str:
    """The arguments `axis` and `keepdims`."""
    places = tuple(sorted(site.axis(dim) for dim in dims_of(site)))
    text = literal(places) if len(places) > 1 else str(*places)
    return ", ".join(filter(None, (f"axis={text}", site.keyword("keepdims", "keepdim", False))))


def _order(site: Site) -> Order:
    return site.order if site.value("keepdim") else order_after(site, dims_of(site))


def _reduced(name: str) -> Twin:
    return Twin(lambda site: said(f"ops.{name}({HERE}, {_along(site)})", orders=(_order(site),)))


def _variance(site: Site) -> Said:
    """Keras divides by the count; torch by the count less the correction."""
    call = f"ops.var({HERE}, {_along(site)})"
    correction = site.value("correction")
    if correction:
        sizes = [site.size(dim) for dim in dims_of(site)]
        if all(size.isdigit() for size in sizes):
            count = 1
            for size in sizes:
                count *= int(size)
            call += f" * {count} / {count - correction}"
        else:
            count_text = " * ".join(sizes)
            call += f" * ({count_text}) / ({count_text} - {correction})"
    return said(call, orders=(_order(site),))


def _variance_lacks(step: Step) -> str:
    dims = step.kwargs["dim"]
    shape = step.inputs[0].shape
    sizes = [shape[one] for one in (dims if isinstance(dims, tuple) else (dims,))]
    if step.kwargs["correction"] and not all(isinstance(size, int) for size in sizes):
        return "Over a size that is open, Keras divides by the count; set correction to 0."
    return ""


def _norm(site: Site) -> Said:
    along = _along(site)
    power = float(site.value("ord"))
    special = {
        float("inf"): f"ops.max(ops.abs({HERE}), {along})",
        float("-inf"): f"ops.min(ops.abs({HERE}), {along})",
        0.0: f'ops.sum(ops.cast({HERE} != 0, "float32"), {along})',
        1.0: f"ops.sum(ops.abs({HERE}), {along})",
        2.0: f"ops.sqrt(ops.sum(ops.square({HERE}), {along}))",
    }
    call = special.get(power, f"ops.sum(ops.abs({HERE}) ** {power!r}, {along}) ** {1 / (power or 1)!r}")
    return said(call, orders=(_order(site),))


def _argmax(site: Site) -> Said:
    return said(f"ops.argmax({HERE}, {_along(site)})", orders=(_order(site),))


def _cumsum(site: Site) -> Said:
    return said(f"ops.cumsum({HERE}, axis={site.axis(site.value('dim'))})")


REDUCTION = {
    "Mean": _reduced("mean"),
    "Sum": _reduced("sum"),
    "Max": _reduced("max"),
    "Min": _reduced("min"),
    "Variance": Twin(_variance, lacks=_variance_lacks),
    "Norm": Twin(_norm),
    "ArgMax": Twin(_argmax),
    "Cumsum": Twin(_cumsum),
}

"""Parts of tensors in Keras: places along a dimension, and pieces as tensors of their own."""

from __future__ import annotations

from itertools import accumulate

from studio.build.plan import Step
from studio.interchange.keras.twin import HERE, Order, Said, Site, Twin, said
from studio.interchange.pytorch.text import literal

UNEVEN = "Keras takes places only where the other dimensions are alike; cut them with Slice before."
OPEN = "Keras cuts only sizes that are known; set the Input's shape to whole numbers."


def _at(site: Site, place: str) -> str:
    """An index that takes a place along the node's dimension."""
    axis = site.axis(site.value("dim"))
    if axis == site.rank() - 1 and axis > 1:
        return f"{HERE}[..., {place}]"
    return f"{HERE}[{':, ' * axis}{place}]"


def _select(site: Site) -> Said:
    gone = site.value("dim") % site.rank()
    order: Order = "torch" if gone <= 1 else site.order
    return said(_at(site, site.text("index")), orders=(order,))


def _slice(site: Site) -> Said:
    start, stop, step = (site.values[name] for name in ("start", "stop", "step"))
    place = f"{'' if start == 0 else literal(start)}:{'' if stop is None else literal(stop)}"
    return said(_at(site, place + ("" if step == 1 else f":{literal(step)}")))


def _places(site: Site) -> Said:
    chosen = site.value("indices")
    listed = list(chosen) if isinstance(chosen, tuple) else [chosen]
    return said(f"ops.take({HERE}, {listed!r}, axis={site.axis(site.value('dim'))})")


def _gather(site: Site) -> Said:
    return said(f"ops.take_along_axis({HERE}, {site.inputs[1]}, axis={site.value('dim') % site.rank()})")


def _gather_lacks(step: Step) -> str:
    shape, taken = step.inputs[0].shape, step.inputs[1].shape
    dim = step.kwargs["dim"] % len(shape)
    alike = all(one == other for at, (one, other) in enumerate(zip(shape, taken, strict=True)) if at != dim)
    return "" if alike else UNEVEN


def _assigned(site: Site, call: str, orders: Order) -> Said:
    """A call whose results go to the outputs, in their order."""
    names = [site.outputs[port.name] for port in site.step.layer.outputs]
    target = ", ".join(names) if len(names) > 1 else f"[{names[0]}]"
    return said((target, call), orders=(orders,) * len(names))


def _split(site: Site) -> Said:
    """Split and Chunk: the places where one piece ends."""
    dim = site.value("dim") % site.rank()
    lengths = [int(str(one.shape[dim])) for one in site.step.outputs]
    axis = f"axis={site.axis(dim)}"
    if len(set(lengths)) == 1:
        return _assigned(site, f"ops.split({HERE}, {len(lengths)}, {axis})", site.order)
    ends = list(accumulate(lengths))[:-1]
    return _assigned(site, f"ops.split({HERE}, {ends!r}, {axis})", site.order)


def _split_lacks(step: Step) -> str:
    dim = step.kwargs["dim"]
    return "" if all(isinstance(one.shape[dim], int) for one in step.outputs) else OPEN


def _unbind(site: Site) -> Said:
    dim = site.value("dim") % site.rank()
    order: Order = "torch" if dim <= 1 else site.order
    count = len(site.step.layer.outputs)
    return _assigned(site, f"ops.unstack({HERE}, {count}, axis={site.axis(dim)})", order)


PARTS = {
    "Select": Twin(_select),
    "Slice": Twin(_slice),
    "IndexSelect": Twin(_places),
    "Gather": Twin(_gather, "torch", lacks=_gather_lacks),
    "Split": Twin(_split, lacks=_split_lacks),
    "Chunk": Twin(_split, lacks=_split_lacks),
    "Unbind": Twin(_unbind),
}

"""Shapes in Keras: torch counts an image's values channels first, which a Permute says where it matters."""

from __future__ import annotations

from collections.abc import Sequence

from studio.build.plan import Step
from studio.build.sizes import TensorType
from studio.interchange.keras.twin import HERE, Order, Said, Site, Twin, Wanted, narrowed, said
from studio.interchange.pytorch.text import literal

OPEN = "Keras lets one size of a new shape stay open; set the Input's shape to whole numbers."


def _flat_order(step: Step) -> Wanted:
    """As it is where the channels' place makes no difference."""
    shape = step.inputs[0].shape
    alike = len(shape) < 3 or shape[1] == 1 or set(shape[2:]) == {1}
    return "any" if alike and _whole(step) else "torch"


def _whole(step: Step) -> bool:
    rank = len(step.inputs[0].shape)
    return step.kwargs.get("start_dim", 1) == 1 and step.kwargs.get("end_dim", -1) in (-1, rank - 1)


def _flatten(site: Site) -> Said:
    if all(map(_whole, site.uses)):
        return said(site.layer("Flatten"), orders=("torch",))
    return reshaped(site)


def sizes(types: Sequence[TensorType]) -> list[str] | None:
    """The sizes of a sample as code, −1 for one that is open; None where more are."""
    shape = types[0].shape[1:]
    fixed = [
        isinstance(size, int) and all(one.shape[at] == size for one in types)
        for at, size in enumerate(shape, 1)
    ]
    if fixed.count(False) > 1:
        return None
    return [str(size) if known else "-1" for size, known in zip(shape, fixed, strict=True)]


def reshaped(site: Site) -> Said:
    """A Reshape to what comes out."""
    found = sizes([step.outputs[0] for step in site.uses])
    if found is None:
        found = _differing([step.outputs[0] for step in site.uses], site)
        if found.count("-1") > 1 and "shape" in site.values:
            return said(site.layer("Reshape", site.sizes("shape")), orders=("torch",))
    text = f"({', '.join(found)}{',' if len(found) == 1 else ''})"
    return said(site.layer("Reshape", text), orders=("torch",))


def _differing(types: Sequence[TensorType], site: Site) -> list[str]:
    """Sizes that the uses of a block have in different numbers: those of the input that are the same ones."""
    found: list[str] = []
    for at, size in enumerate(types[0].shape[1:], 1):
        every = [one.shape[at] for one in types]
        same = [
            place
            for place in range(1, site.rank())
            if all(use.inputs[0].shape[place] == one for use, one in zip(site.uses, every, strict=True))
        ]
        fixed = str(size) if len(set(every)) == 1 else "-1"
        found.append(site.size(same[0]) if same and fixed == "-1" else fixed)
    return found


def reshape_lacks(step: Step) -> str:
    """Whether more than one size stays open, or the batch does not stay."""
    return OPEN if sizes(step.outputs[:1]) is None or not _batch_kept(step) else ""


def _batch_kept(step: Step) -> bool:
    return step.inputs[0].shape[:1] == step.outputs[0].shape[:1]


def _flatten_lacks(step: Step) -> str:
    return "" if _whole(step) else reshape_lacks(step)


def moved(site: Site, dims: Sequence[int]) -> Said:
    """Dimensions in another order: nothing at all where the tensor lies so already."""
    rank = site.rank()
    stored = list(range(rank)) if site.order == "torch" else [0, *range(2, rank), 1]
    orders: tuple[Order, ...] = ("torch", "last") if rank > 2 else ("torch",)
    wanted = {one: list(dims) if one == "torch" else [dims[0], *dims[2:], dims[1]] for one in orders}
    for one in orders:
        if wanted[one] == stored:
            return Said((), (one,))
    places = tuple(stored.index(dim) for dim in wanted["torch"])
    if places[0] == 0:
        return said(site.layer("Permute", literal(places[1:])), orders=("torch",))
    return said(f"ops.transpose({HERE}, {literal(places)})", orders=("torch",))


def _permute(site: Site) -> Said:
    return moved(site, site.value("dims"))


def _transpose(site: Site) -> Said:
    dims = list(range(site.rank()))
    one, other = site.value("dim0"), site.value("dim1")
    dims[one], dims[other] = dims[other], dims[one]
    return moved(site, dims)


def _squeeze(site: Site) -> Said:
    given = site.value("dim")
    dims = [one % site.rank() for one in (given if isinstance(given, tuple) else (given,))]
    gone = [one for one in dims if site.type().shape[one] == 1]
    if not gone:
        return Said((), (site.order,))
    order: Order = "torch" if 1 in gone or 0 in gone else site.order
    axes = tuple(sorted(site.axis(dim) for dim in gone))
    return said(
        f"ops.squeeze({HERE}, axis={literal(axes) if len(axes) > 1 else str(*axes)})", orders=(order,)
    )


def _unsqueeze(site: Site) -> Said:
    return said(f"ops.expand_dims({HERE}, axis={site.text('dim')})")


def _expand(site: Site) -> Said:
    """Copies along each dimension of 1 that grows."""
    calls: list[str] = []
    for dim, wanted in enumerate(site.step.outputs[0].shape):
        if dim and site.type().shape[dim] == 1 and wanted != 1:
            calls.append(f"ops.repeat({HERE}, {wanted}, axis={site.axis(dim)})")
    return said(*calls) if calls else Said((), (site.order,))


def _expand_lacks(step: Step) -> str:
    if len(step.inputs[0].shape) != len(step.outputs[0].shape):
        return "Keras stretches dimensions that are there; put an Unsqueeze before it."
    grown = zip(step.inputs[0].shape, step.outputs[0].shape, strict=True)
    return "" if all(one == to or isinstance(to, int) for one, to in grown) else OPEN


def _repeat(site: Site) -> Said:
    given = site.value("repeats")
    counts = (1, *(given if isinstance(given, tuple) else (given,)))
    counts = (1,) * (site.rank() - len(counts)) + counts
    if site.order == "last" and len(counts) == site.rank():
        counts = (counts[0], *counts[2:], counts[1])
    return said(f"ops.tile({HERE}, {literal(counts)})")


def _repeat_takes(step: Step) -> Wanted:
    return "any" if len(step.outputs[0].shape) == len(step.inputs[0].shape) else "torch"


def _interleave(site: Site) -> Said:
    return said(f"ops.repeat({HERE}, {site.text('repeats')}, axis={site.axis(site.value('dim'))})")


def _cast(site: Site) -> Said:
    dtype = narrowed(site.value("dtype"))
    return said(f'ops.cast({HERE}, "{dtype}")')


def _narrowed(step: Step) -> str:
    wanted = step.kwargs["dtype"]
    if narrowed(wanted) == wanted:
        return ""
    return f"Keras computes in {narrowed(wanted)} here, since not every backend has {wanted}."


SHAPE = {
    "Flatten": Twin(_flatten, _flat_order, lacks=_flatten_lacks),
    "Reshape": Twin(reshaped, "torch", lacks=reshape_lacks),
    "View": Twin(reshaped, "torch", lacks=reshape_lacks),
    "Unflatten": Twin(reshaped, "torch", lacks=reshape_lacks),
    "Permute": Twin(_permute, as_is=True),
    "Transpose": Twin(_transpose, as_is=True),
    "Squeeze": Twin(_squeeze),
    "Unsqueeze": Twin(_unsqueeze, "torch"),
    "Expand": Twin(_expand, lacks=_expand_lacks),
    "Repeat": Twin(_repeat, _repeat_takes),
    "RepeatInterleave": Twin(_interleave),
    "Cast": Twin(_cast, differs=_narrowed),
}

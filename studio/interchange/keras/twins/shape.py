"""Shapes in Keras: torch counts an image's values channels first, which a Permute says where it matters."""

from __future__ import annotations

from collections.abc import Sequence

from studio.build.plan import Step
from studio.build.sizes import TensorType
from studio.interchange.keras.twin import Order, Said, Site, Twin, Wanted, said

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
    fixed = [isinstance(size, int) and all(one.shape[at] == size for one in types)
             for at, size in enumerate(shape, 1)]  # fmt: skip
    if fixed.count(False) > 1:
        return None
    return [str(size) if known else "-1" for size, known in zip(shape, fixed, strict=True)]


def reshaped(site: Site, order: Order = "torch") -> Said:
    """A Reshape to what comes out."""
    found = sizes([step.outputs[0] for step in site.uses]) or []
    text = f"({', '.join(found)}{',' if len(found) == 1 else ''})"
    return said(site.layer("Reshape", text), orders=(order,))


def reshape_lacks(step: Step) -> str:
    """Whether more than one size stays open."""
    return OPEN if sizes(step.outputs[:1]) is None or not _batch_kept(step) else ""


def _batch_kept(step: Step) -> bool:
    return step.inputs[0].shape[:1] == step.outputs[0].shape[:1]


def _flatten_lacks(step: Step) -> str:
    return "" if _whole(step) else reshape_lacks(step)


SHAPE = {
    "Flatten": Twin(_flatten, _flat_order, lacks=_flatten_lacks),
    "Reshape": Twin(reshaped, "torch", lacks=reshape_lacks),
    "View": Twin(reshaped, "torch", lacks=reshape_lacks),
    "Unflatten": Twin(reshaped, "torch", lacks=reshape_lacks),
}

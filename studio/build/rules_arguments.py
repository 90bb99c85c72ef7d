"""Checks of parameters against what arrives: dimensions there are, windows that fit, idle settings."""

from __future__ import annotations

from collections.abc import Iterator

from studio.build import fixes
from studio.build.refusals import times
from studio.build.rules_types import expected
from studio.build.site import Site
from studio.build.sizes import of_batch
from studio.errors import Problem
from studio.project.params import Value

ADDING = ("Unsqueeze", "Stack")
"""Layers whose dimension is one of the result, which has one more."""


def dims_in_range(site: Site) -> Iterator[Problem]:
    """A parameter that names a dimension which the tensor does not have."""
    first = site.first
    if first is None:
        return
    rank = len(first.shape) + (site.layer.type in ADDING)
    for param in site.layer.params:
        value = site.values[param.name]
        wanted = value if isinstance(value, tuple) else (value,)
        if param.name not in ("dim", "dims", "start_dim", "end_dim", "dim0", "dim1"):
            continue
        beyond = [one for one in wanted if isinstance(one, int) and not -rank <= one < rank]
        if beyond:
            yield site.problem(
                f"there is no dimension {beyond[0]}; {first} has {len(first.shape)} (0 to {rank - 1})",
                "0 is the batch, −1 the last dimension.",
                param.name,
                fixes.set_param(site.name, param.name, rank - 1)
                if param.name != "dims"
                else fixes.set_param(site.name, "dims", tuple(range(rank))),
                fixes.reset_param(site.name, param.name, param.default),
            )


def windows(site: Site) -> Iterator[Problem]:
    """A filter or window that is larger than what it slides over."""
    ranks, _ = expected(site.layer)
    first = site.first
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
    rounded = (
        _each(site.values.get("stride") or kernel, dims) if site.values.get("ceil_mode") else (1,) * dims
    )
    room = [
        size + 2 * border[i] + rounded[i] - 1 if isinstance(size, int) else None
        for i, size in enumerate(sizes)
    ]
    if any(space is not None and reach[i] > space for i, space in enumerate(room)):
        fitting = tuple(
            min(window[i], size) if isinstance(size, int) else window[i] for i, size in enumerate(sizes)
        )
        value: Value = fitting[0] if len(set(fitting)) == 1 else fitting
        yield site.problem(
            f"a window of {times(reach)} does not fit into {times(sizes)}",
            "Take a smaller kernel_size or more padding, or fewer poolings and strides before it.",
            "kernel_size",
            fixes.set_param(site.name, "kernel_size", value),
        )


def batch_mixed(site: Site) -> Iterator[Problem]:
    """A parameter that names the batch as its dimension."""
    first = site.first
    if first is None:
        return
    for param in site.layer.params:
        value = site.values[param.name]
        dims = value if isinstance(value, tuple) else (value,)
        axes = [one % len(first.shape) for one in dims if isinstance(one, int) and first.shape]
        if param.name == "dim" and any(of_batch(first.shape[axis]) for axis in axes):
            yield site.warning(
                f"dimension {value} is the batch: samples of one step would be mixed with each other",
                "Results would then depend on which samples stand beside each other.",
                param.name,
                *([fixes.set_param(site.name, param.name, -1)] if len(first.shape) > 1 else []),
            )


def output_padding(site: Site) -> Iterator[Problem]:
    """A transposed convolution pads its result by less than its stride or dilation; meta lets more pass."""
    padding, ranks = site.values.get("output_padding"), expected(site.layer)[0]
    if padding is None or not ranks:
        return
    dims = ranks[0] - 2
    added, stride, gap = (
        _each(site.values.get(n, 1), dims) for n in ("output_padding", "stride", "dilation")
    )
    if any(one >= max(step, wide) for one, step, wide in zip(added, stride, gap, strict=True)):
        yield site.problem(
            f"output_padding of {times(added)} is too large for a stride of {times(stride)}",
            "It must be smaller than the stride or the dilation.",
            "output_padding",
            fixes.set_param(site.name, "output_padding", 0),
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

"""Pooling in Keras: torch's borders and windows that hang over the edge are said before it."""

from __future__ import annotations

from typing import Any

from studio.build.plan import Step
from studio.interchange.keras.twin import HERE, Given, Said, Site, Twin, is_known, pair, plain, said
from studio.interchange.pytorch.text import literal

OVERHANG = "Keras has no windows that hang over an edge whose place is not known; set ceil_mode off."


def _step(site: Site) -> Given:
    """The stride, which is the window's size where none is given."""
    given = site.values["stride"]
    return site.values["kernel_size"] if given is None else given


def _border(site: Site, dims: int) -> tuple[tuple[int, int], ...]:
    """What is added before and behind each dimension, so that the last window hangs over nothing."""
    kernel, border = (pair(site.value(name), dims) for name in ("kernel_size", "padding"))
    if not site.step.kwargs.get("ceil_mode"):
        return tuple((one, one) for one in border)
    stride = pair(site.value("stride") or site.value("kernel_size"), dims)
    sizes, wanted = site.type().shape[2:], site.step.outputs[0].shape[2:]
    found: list[tuple[int, int]] = []
    for size, after, window, step, one in zip(sizes, wanted, kernel, stride, border, strict=True):
        reach = (after - 1) * step + window if isinstance(after, int) else 0
        behind = max(reach - size - one, 0) if isinstance(size, int) else one
        found.append((one, behind))
    return tuple(found)


def _pool(site: Site, kind: str, border: str = "") -> str:
    stride = _step(site)
    strides = "" if stride == site.values["kernel_size"] else f"strides={literal(stride)}"
    return site.layer(kind, site.text("kernel_size"), strides, border)


def _edges(sides: tuple[tuple[int, int], ...], value: str) -> str:
    """An expression that adds a border of some value."""
    return f"ops.pad({HERE}, {literal(((0, 0), *sides, (0, 0)))}, constant_values={value})"


def _is_same(site: Site, dims: int, sides: tuple[tuple[int, int], ...]) -> bool:
    """Whether Keras' "same" has the same border."""
    kernel = pair(site.value("kernel_size"), dims)
    steps = set(pair(_step(site), dims)) if is_known(_step(site)) else set[Any]()
    return steps == {1} and all(a == b and 2 * a == k - 1 for (a, b), k in zip(sides, kernel, strict=True))


def max_pool(dims: int) -> Twin:
    """MaxPoolNd; beyond the edge lies minus infinity."""

    def write(site: Site) -> Said:
        sides = _border(site, dims)
        if site.used("indices"):
            size, step = pair(site.value("kernel_size"), dims), pair(_step(site), dims)
            call = f"max_pool_with_places({HERE}, {literal(size)}, {literal(step)}, {literal(sides)})"
            names = f"{site.outputs['output']}, {site.outputs['indices']}"
            return said((names, call), orders=("last", "last"), copies=("max_pool_with_places",))
        if not any(map(any, sides)):
            return said(_pool(site, f"MaxPooling{dims}D"), orders=("last", "last"))
        if _is_same(site, dims, sides):
            return said(_pool(site, f"MaxPooling{dims}D", 'padding="same"'), orders=("last", "last"))
        before = _edges(sides, 'float("-inf")')
        return said(before, _pool(site, f"MaxPooling{dims}D"), orders=("last", "last"))

    return Twin(write, "last", lacks=_max_lacks)


def _max_lacks(step: Step) -> str:
    if set(pair(step.kwargs["dilation"], 1)) != {1}:
        return "Keras has no pooling with gaps; take a window as large as its reach, without dilation."
    return _open_edge(step)


def _open_edge(step: Step) -> str:
    known = all(isinstance(size, int) for size in step.inputs[0].shape[2:])
    return OVERHANG if step.kwargs.get("ceil_mode") and not known else ""


def avg_pool(dims: int) -> Twin:
    """AvgPoolNd; where the border does not count, the mean of the values is divided by that of ones."""

    def write(site: Site) -> Said:
        sides = _border(site, dims)
        kind = f"AveragePooling{dims}D"
        divisor = site.step.kwargs.get("divisor_override")
        if not any(map(any, sides)):
            calls = [_pool(site, kind)]
        elif _plain_edge(site, sides):
            alike = all(a == b for a, b in sides)
            text = plain(tuple(a for a, _ in sides)) if alike else literal(sides if dims > 1 else sides[0])
            calls = [f"layers.ZeroPadding{dims}D({text})({HERE})", _pool(site, kind)]
        else:
            size, step = pair(site.value("kernel_size"), dims), pair(_step(site), dims)
            given = pair(site.value("padding"), dims) if site.value("count_include_pad") else (0,) * dims
            texts = ", ".join(map(literal, (size, step, sides, given)))
            return said(f"average_pool({HERE}, {texts})", orders=("last",), copies=("average_pool",))
        if divisor is not None:
            window = 1
            for one in pair(site.value("kernel_size"), dims):
                window *= one
            calls.append(f"{HERE} * {window / divisor!r}")
        return said(*calls, orders=("last",))

    return Twin(write, "last", lacks=_open_edge)


def _plain_edge(site: Site, sides: tuple[tuple[int, int], ...]) -> bool:
    """Whether every place of the border counts as a zero."""
    return site.value("count_include_pad") and all(a == b for a, b in sides)


def adaptive(dims: int, word: str) -> Twin:
    """AdaptiveAvgPoolNd or AdaptiveMaxPoolNd; over everything where one place is left."""
    over_all = {"Average": "GlobalAveragePooling", "Max": "GlobalMaxPooling"}[word]

    def write(site: Site) -> Said:
        if site.known("output_size") and set(pair(site.value("output_size"), dims)) == {1}:
            call = site.layer(f"{over_all}{dims}D", "keepdims=True")
        else:
            call = site.layer(f"Adaptive{word}Pooling{dims}D", site.text("output_size"))
        return said(call, orders=("last",))

    return Twin(write, "last", lacks=_adaptive_lacks)


def _adaptive_lacks(step: Step) -> str:
    if len(step.outputs) > 1:
        return "Keras does not tell the places of its largest values; use a MaxPool with return_indices."
    return ""


def over_all(word: str) -> Twin:
    """GlobalAvgPool and GlobalMaxPool."""

    def write(site: Site) -> Said:
        rank = site.rank()
        keep = site.keyword("keepdims", "keepdim", False)
        if 3 <= rank <= 5:
            return said(site.layer(f"Global{word}Pooling{rank - 2}D", keep))
        return said(site.layer("Identity"))

    return Twin(write, "last")


def lp_pool(dims: int) -> Twin:
    """LPPoolNd: the root of the sum of powers, which is a mean times the window's size."""

    def write(site: Site) -> Said:
        power = site.text("norm_type")
        window = 1
        for one in pair(site.value("kernel_size"), dims):
            window *= one
        calls = (f"{HERE} ** {power}", _pool(site, f"AveragePooling{dims}D"))
        return said(*calls, f"ops.relu({window} * {HERE}) ** (1 / {power})", orders=("last",))

    def lacks(step: Step) -> str:
        return (
            "Set ceil_mode off: Keras has no windows that hang over here." if step.kwargs["ceil_mode"] else ""
        )

    return Twin(write, "last", lacks=lacks)


def max_unpool(dims: int) -> Twin:
    """MaxUnpoolNd, by scattering."""

    def write(site: Site) -> Said:
        wanted = tuple(int(str(size)) for size in site.step.outputs[0].shape[2:])
        call = site.layer("MaxUnpooling", literal(wanted), on=f"[{HERE}, {site.inputs[1]}]", by="")
        return said(call, orders=("last",), copies=("MaxUnpooling",))

    def lacks(step: Step) -> str:
        if all(isinstance(size, int) for size in step.outputs[0].shape[2:]):
            return ""
        return "MaxUnpool needs a size that is known; give the Input its height and width."

    return Twin(write, "last", lacks=lacks)


POOLING = {
    **{f"MaxPool{dims}d": max_pool(dims) for dims in (1, 2, 3)},
    **{f"AvgPool{dims}d": avg_pool(dims) for dims in (1, 2, 3)},
    **{f"AdaptiveAvgPool{dims}d": adaptive(dims, "Average") for dims in (1, 2, 3)},
    **{f"AdaptiveMaxPool{dims}d": adaptive(dims, "Max") for dims in (1, 2, 3)},
    **{f"LPPool{dims}d": lp_pool(dims) for dims in (1, 2)},
    **{f"MaxUnpool{dims}d": max_unpool(dims) for dims in (1, 2, 3)},
    "GlobalAvgPool": over_all("Average"),
    "GlobalMaxPool": over_all("Max"),
}

"""Borders, upsampling, shuffles and windows in Keras; what it computes otherwise than torch is a function."""

from __future__ import annotations

from studio.build.plan import Step
from studio.interchange.keras.twin import HERE, Said, Site, Twin, pair, said
from studio.interchange.pytorch.text import literal

OPEN = "This needs sizes that are known; set the Input's shape to whole numbers."


def _known(step: Step) -> str:
    known = all(
        isinstance(size, int) for one in (*step.inputs[:1], *step.outputs[:1]) for size in one.shape[1:]
    )
    return "" if known else OPEN


def _sides(site: Site) -> list[tuple[int, int]]:
    """What is added before and behind each dimension, in the order of the tensor's dimensions."""
    given = site.value("pad")
    rank = site.rank()
    found = [(0, 0)] * rank
    for at in range(len(given) // 2):
        found[site.axis(rank - 1 - at)] = (given[2 * at], given[2 * at + 1])
    return found


def _pad(site: Site) -> Said:
    sides = _sides(site)
    mode, value = site.value("mode"), site.value("value")
    if mode != "constant":
        call = f"bordered({HERE}, {literal(tuple(sides[1:]))}, {literal(mode)})"
        return said(call, copies=("bordered",))
    kept = tuple((max(one, 0), max(other, 0)) for one, other in sides)
    calls = [_cut(sides)] if any(one < 0 for side in sides for one in side) else []
    filled = f", constant_values={literal(value)}" if value else ""
    if any(map(any, kept)):
        calls.append(f"ops.pad({HERE}, {literal(kept)}{filled})")
    return said(*calls)


def _cut(sides: list[tuple[int, int]]) -> str:
    """An index that leaves out what negative sides take away."""
    places = [f"{-one if one < 0 else ''}:{other if other < 0 else ''}" for one, other in sides]
    return f"{HERE}[{', '.join(places)}]"


def _pad_lacks(step: Step) -> str:
    return "" if step.kwargs["mode"] == "constant" else _known(step)


def _upsample(site: Site) -> Said:
    dims = site.rank() - 2
    size, factor, mode = (site.value(name) for name in ("size", "scale_factor", "mode"))
    corners = bool(site.step.kwargs.get("align_corners"))
    whole = size is None and float(factor).is_integer()
    plain = mode == "nearest" or (mode == "bilinear" and not corners)
    if whole and plain:
        kind = "" if mode == "nearest" else 'interpolation="bilinear"'
        return said(site.layer(f"UpSampling{dims}D", f"size={int(factor)}", kind), orders=("last",))
    wanted = tuple(int(str(one)) for one in site.step.outputs[0].shape[2:])
    given = [HERE, literal(wanted), literal(mode)]
    given += [] if size is not None else [f"factor={factor!r}"]
    given += ["align_corners=True"] if corners else []
    return said(f"resized({', '.join(given)})", orders=("last",), copies=("resized",))


def _upsample_lacks(step: Step) -> str:
    mode, factor = step.kwargs["mode"], step.kwargs["scale_factor"]
    plain = mode == "nearest" or (mode == "bilinear" and not step.kwargs.get("align_corners"))
    return "" if plain and step.kwargs["size"] is None and float(factor).is_integer() else _known(step)


def _function(name: str, *params: str) -> Twin:
    """A function of the source on channels that come last."""

    def write(site: Site) -> Said:
        given = ", ".join([HERE, *map(site.text, params)])
        return said(f"{name}({given})", copies=(name,))

    return Twin(write, "last", lacks=_known)


def _windows(name: str, *before: str) -> Twin:
    """Unfold and Fold, as torch counts their values."""

    def write(site: Site) -> Said:
        names = (*before, "kernel_size", "dilation", "padding", "stride")
        given = ", ".join([HERE, *(literal(pair(site.value(one), 2)) for one in names)])
        return said(f"{name}({given})", orders=("torch",), copies=(name,))

    return Twin(write, "torch", lacks=_known)


def _roll(site: Site) -> Said:
    dims = site.value("dims")
    places = tuple(site.axis(one) for one in dims) if isinstance(dims, tuple) else site.axis(dims)
    return said(f"ops.roll({HERE}, {site.text('shifts')}, axis={literal(places)})")


def _flip(site: Site) -> Said:
    dims = site.value("dims")
    places = tuple(site.axis(one) for one in dims) if isinstance(dims, tuple) else site.axis(dims)
    return said(f"ops.flip({HERE}, axis={literal(places)})")


RESIZE = {
    "Pad": Twin(_pad, lacks=_pad_lacks),
    "Upsample": Twin(_upsample, "last", lacks=_upsample_lacks),
    "PixelShuffle": _function("pixel_shuffle", "upscale_factor"),
    "PixelUnshuffle": _function("pixel_unshuffle", "downscale_factor"),
    "ChannelShuffle": _function("channel_shuffle", "groups"),
    "Unfold": _windows("unfold"),
    "Fold": _windows("fold", "output_size"),
    "Roll": Twin(_roll),
    "Flip": Twin(_flip),
}

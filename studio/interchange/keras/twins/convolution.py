"""Convolutions in Keras: channels last, with torch's borders said by layers of their own."""

from __future__ import annotations

from typing import Any

from studio.build.plan import Step
from studio.interchange.keras.twin import (
    HERE,
    Arrays,
    Module,
    Said,
    Site,
    Twin,
    array,
    is_known,
    pair,
    plain,
    said,
)
from studio.interchange.pytorch.text import literal


def border(site: Site, dims: int) -> tuple[str, str, tuple[str, ...]]:
    """What comes before a convolution, its argument `padding`, and pieces: torch pads both sides alike."""
    given = site.values["padding"]
    mode = site.step.kwargs.get("padding_mode", "zeros")
    if given == "valid" or given == 0:
        return "", "", ()
    if mode == "zeros" and _is_same(site, dims):
        return "", 'padding="same"', ()
    amounts = _amounts(site, dims)
    if mode != "zeros":
        return f"bordered({HERE}, {literal(amounts)}, {literal(mode)})", "", ("bordered",)
    alike = all(before == after for before, after in amounts)
    text = plain(tuple(before for before, _ in amounts)) if alike else literal(amounts)
    return f"layers.ZeroPadding{dims}D({text})({HERE})", "", ()


def _amounts(site: Site, dims: int) -> tuple[tuple[Any, Any], ...]:
    """What is added before and behind each dimension."""
    given = site.values["padding"]
    if given != "same":
        return tuple((one, one) for one in pair(given, dims))
    kernel, gaps = (pair(site.step.kwargs[name], dims) for name in ("kernel_size", "dilation"))
    totals = [gap * (size - 1) for size, gap in zip(kernel, gaps, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


def _is_same(site: Site, dims: int) -> bool:
    """Whether Keras' "same" adds as much on both sides, in every use."""
    return all(_use_is_same(step, dims) for step in site.uses)


def _use_is_same(step: Step, dims: int) -> bool:
    if step.kwargs["padding"] in ("same", "valid"):
        return step.kwargs["padding"] == "same"
    names = ("kernel_size", "stride", "padding", "dilation")
    kernel, stride, padding, dilation = (pair(step.kwargs[name], dims) for name in names)
    reach = zip(kernel, padding, dilation, strict=True)
    return set(stride) == {1} and all(2 * border == gap * (size - 1) for size, border, gap in reach)


def _strides(site: Site, dims: int, alike: bool = False) -> tuple[str, str]:
    """The argument `strides`, or what takes every so manieth place where the layer cannot step so."""
    given, gaps = site.values["stride"], site.values["dilation"]
    if given == 1:
        return "", ""
    known = is_known(given)
    both = gaps != 1 and set(pair(gaps, dims)) != {1}
    uneven = alike and known and len(set(pair(given, dims))) > 1
    if both or uneven:
        steps = ", ".join(f"::{literal(one)}" for one in pair(given, dims))
        return "", f"{HERE}[:, {steps}]"
    return f"strides={literal(given)}", ""


def convolution(dims: int) -> Twin:
    """ConvNd, which is a DepthwiseConvND where each channel has filters of its own."""

    def write(site: Site) -> Said:
        if dims < 3 and all(step.kwargs["groups"] == step.inputs[0].shape[1] != 1 for step in site.uses):
            return depth(site, dims, _multiplier(site))
        before, padding, copies = border(site, dims)
        strides, behind = _strides(site, dims)
        made = site.layer(
            f"Conv{dims}D",
            site.text("out_channels"),
            site.text("kernel_size"),
            strides,
            padding,
            site.keyword("dilation_rate", "dilation", 1),
            site.keyword("groups", "groups", 1),
            site.keyword("use_bias", "bias", True),
        )
        return said(*filter(None, (before, made, behind)), orders=("last",), copies=copies)

    return Twin(write, "last", conv_weights)


def _multiplier(site: Site) -> str:
    """How many filters each channel has, where a convolution is written with groups."""
    ratios = {step.kwargs["out_channels"] // step.kwargs["groups"] for step in site.uses}
    if len(ratios) == 1:
        return str(ratios.pop())
    return f"{site.text('out_channels')} // {site.size(1)}"


def depth(site: Site, dims: int, multiplier: str) -> Said:
    """A convolution of every channel by itself."""
    before, padding, copies = border(site, dims)
    strides, behind = _strides(site, dims, alike=True)
    made = site.layer(
        f"DepthwiseConv{dims}D",
        site.text("kernel_size"),
        strides,
        padding,
        "" if multiplier == "1" else f"depth_multiplier={multiplier}",
        site.keyword("dilation_rate", "dilation", 1),
        site.keyword("use_bias", "bias", True),
    )
    return said(*filter(None, (before, made, behind)), orders=("last",), copies=copies)


def depthwise(dims: int) -> Twin:
    """DepthwiseConvNd."""

    def write(site: Site) -> Said:
        return depth(site, dims, literal(site.options.get("depth_multiplier", 1)))

    return Twin(write, "last", conv_weights)


def separable(dims: int) -> Twin:
    """SeparableConvNd."""

    def write(site: Site) -> Said:
        before, padding, copies = border(site, dims)
        strides, behind = _strides(site, dims, alike=True)
        made = site.layer(
            f"SeparableConv{dims}D",
            site.text("out_channels"),
            site.text("kernel_size"),
            strides,
            padding,
            site.keyword("depth_multiplier", "depth_multiplier", 1),
            site.keyword("dilation_rate", "dilation", 1),
            site.keyword("use_bias", "bias", True),
        )
        return said(*filter(None, (before, made, behind)), orders=("last",), copies=copies)

    def weights(module: Module) -> Arrays:
        return {"": [*depth_arrays(module.depthwise), *conv_arrays(module.pointwise)]}

    return Twin(write, "last", weights)


def transposed(dims: int) -> Twin:
    """ConvTransposeNd: what torch does not give is cropped."""

    def write(site: Site) -> Said:
        padded, crop = _cropped(site, dims)
        made = site.layer(
            f"Conv{dims}DTranspose",
            site.text("out_channels"),
            site.text("kernel_size"),
            site.keyword("strides", "stride", 1),
            site.keyword("dilation_rate", "dilation", 1),
            site.keyword("use_bias", "bias", True),
        )
        return said(*filter(None, (padded, made, crop)), orders=("last",))

    return Twin(write, "last", transposed_weights, _transposed_lacks)


def _cropped(site: Site, dims: int) -> tuple[str, str]:
    """What comes before and behind, so that the size is torch's.

    Keras gives (size − 1)·stride + max(kernel, stride). Where torch adds more at the end than it takes away,
    one more place of zeros goes in.
    """
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    settings = zip(*(pair(site.value(name), dims) for name in names), strict=True)
    cuts: list[tuple[int, int]] = []
    grown: list[tuple[int, int]] = []
    for kernel, stride, border, added, gap in settings:
        behind = border - added + max(stride - (gap * (kernel - 1) + 1), 0)
        grown.append((0, 1 if behind < 0 else 0))
        cuts.append((border, behind + stride if behind < 0 else behind))
    padded = f"layers.ZeroPadding{dims}D({_sides(grown)})({HERE})" if any(map(any, grown)) else ""
    crop = f"layers.Cropping{dims}D({_sides(cuts)})({HERE})" if any(map(any, cuts)) else ""
    return padded, crop


def _sides(sides: list[tuple[int, int]]) -> str:
    if len({one for side in sides for one in side}) == 1:
        return str(sides[0][0])
    return literal(tuple(sides) if len(sides) > 1 else sides[0])


def _transposed_lacks(step: Step) -> str:
    if step.kwargs["groups"] != 1:
        return "Keras has no transposed convolution with groups; take one for each group, on Splits."
    if set(pair(step.kwargs["dilation"], 1)) != {1} and set(pair(step.kwargs["stride"], 1)) != {1}:
        return "Keras has no dilation beside a stride here; take a larger kernel instead."
    return ""


def conv_arrays(module: Module) -> list[Any]:
    """The kernel of a convolution in Keras' order, and its bias."""
    kernel = array(module.weight)
    found = [kernel.transpose(*range(2, kernel.ndim), 1, 0)]
    return found if module.bias is None else [*found, array(module.bias)]


def depth_arrays(module: Module) -> list[Any]:
    """The kernel of a depthwise convolution, and its bias."""
    kernel = array(module.weight)
    channels = module.groups
    split = kernel.reshape(channels, kernel.shape[0] // channels, *kernel.shape[2:])
    found = [split.transpose(*range(2, split.ndim), 0, 1)]
    return found if module.bias is None else [*found, array(module.bias)]


def conv_weights(module: Module) -> Arrays:
    """The weights of a convolution, depthwise where it filters every channel by itself."""
    alone = module.groups == module.in_channels and module.weight.ndim < 5
    return {"": depth_arrays(module) if alone else conv_arrays(module)}


def transposed_weights(module: Module) -> Arrays:
    """The weights of a transposed convolution."""
    return {"": conv_arrays(module)}


CONVOLUTION = {
    "Conv1d": convolution(1),
    "Conv2d": convolution(2),
    "Conv3d": convolution(3),
    "DepthwiseConv1d": depthwise(1),
    "DepthwiseConv2d": depthwise(2),
    "SeparableConv1d": separable(1),
    "SeparableConv2d": separable(2),
    "ConvTranspose1d": transposed(1),
    "ConvTranspose2d": transposed(2),
    "ConvTranspose3d": transposed(3),
}

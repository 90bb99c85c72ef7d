"""Transforms of pictures and of the masks that say the class of each of their points."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Choice, Float, Floats, Int, Text

_SIZE = (
    Int("width", 64, "Points across", low=1, high=16384, essential=True),
    Int("height", 64, "Points down", low=1, high=16384, essential=True),
)
_FILL = Float("fill", 0.0, "Value of the points that are added; in a mask those count for nothing")
TRANSFORMS: tuple[Component, ...] = (
    Component(
        "Resize",
        "transform",
        "Bring pictures to one size",
        params=(
            *_SIZE,
            Choice(
                "keep",
                "stretch",
                "Where the sides are in another proportion: stretch changes it, crop cuts off what is over, "
                "pad adds what is missing",
                options=("stretch", "crop", "pad"),
                essential=True,
            ),
            Choice(
                "by",
                "bilinear",
                "How points between points are found; masks always take the nearest",
                options=("bilinear", "nearest"),
            ),
            Float(
                "fill",
                0.0,
                "Value of the points that pad adds; in a mask those count for nothing",
                when=("keep", ("pad",)),
            ),
        ),
    ),
    Component("CenterCrop", "transform", "Keep the middle of a picture", params=_SIZE),
    Component(
        "PadPicture",
        "transform",
        "Add points around a smaller picture, the same on both sides",
        params=(*_SIZE, _FILL),
    ),
    Component("Grayscale", "transform", "Make colour grey"),
    Component("Color", "transform", "Make grey pictures three channels, as networks for colour take them"),
    Component(
        "Normalize",
        "transform",
        "Subtract a mean from each channel and divide by a deviation; takes the place of the settings' own",
        params=(
            Choice(
                "by",
                "learned",
                "learned from the training part; imagenet's, as networks trained on it expect them; or given",
                options=("learned", "imagenet", "given"),
                essential=True,
            ),
            Floats(
                "mean",
                (0.5,),
                "Of each channel, or one for all, of values from 0 to 1",
                when=("by", ("given",)),
            ),
            Floats(
                "deviation",
                (0.5,),
                "Of each channel, or one for all, of values from 0 to 1",
                low=1e-6,
                when=("by", ("given",)),
            ),
        ),
    ),
    Component(
        "Rescale", "transform", "Bring values to 0 … 1 and no further; takes the place of the settings' own"
    ),
    Component(
        "MaskClasses",
        "transform",
        "The number of each point's class, from the values or colours in a mask",
        params=(
            Text("names", "", "Names of the classes in the order of their values, with commas between"),
            Int(
                "ignore",
                None,
                "The value of points that do not count; nothing takes 255 where the others count up from 0, "
                "-1 none",
                low=-1,
                high=2**24,
                optional=True,
            ),
        ),
    ),
)

"""Random changes of the samples in training, new in every epoch; masks of a picture move with it."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Choice, Float

_SHARE = Float("share", 0.5, "Share of the samples that are changed", low=0.0, high=1.0)
_BEYOND = Choice(
    "beyond",
    "edge",
    "What is seen beyond the picture: its edge drawn out, its mirror image, or 0 (in a mask: does not count)",
    options=("edge", "mirror", "zero"),
    advanced=True,
)
GEOMETRY: tuple[Component, ...] = (
    Component(
        "Flip",
        "augmentation",
        "Mirror pictures",
        params=(
            Float("across", 0.5, "Share that is mirrored left to right", low=0.0, high=1.0, essential=True),
            Float("upside", 0.0, "Share that is turned upside down", low=0.0, high=1.0),
        ),
    ),
    Component(
        "RandomCrop",
        "augmentation",
        "Take a random part of the picture and bring it to full size",
        params=(
            Float("least", 0.5, "Share of the picture's area that is kept at least", low=0.01, high=1.0,
                  essential=True),
            Float("stretch", 1.33, "How much wider or higher the part may be at most", low=1.0, high=10.0),
        ),
    ),
    Component(
        "Shift",
        "augmentation",
        "Move pictures aside",
        params=(
            Float("most", 0.1, "As a share of width and height", low=0.0, high=1.0, essential=True),
            _BEYOND,
        ),
    ),
    Component(
        "Rotate",
        "augmentation",
        "Turn pictures",
        params=(
            Float("degrees", 15.0, "To either side at most", low=0.0, high=180.0, essential=True),
            _BEYOND,
        ),
    ),
    Component(
        "Zoom",
        "augmentation",
        "Make pictures smaller and larger about their middle",
        params=(
            Float("least", 0.9, "Smallest factor", low=0.05, high=20.0, essential=True),
            Float("most", 1.1, "Largest factor", low=0.05, high=20.0, essential=True),
            _BEYOND,
        ),
    ),
)  # fmt: skip
LOOKS: tuple[Component, ...] = (
    Component(
        "ColorJitter",
        "augmentation",
        "Change brightness, contrast, saturation and hue",
        params=(
            Float("brightness", 0.2, "By up to this share", low=0.0, high=1.0, essential=True),
            Float("contrast", 0.2, "By up to this share", low=0.0, high=1.0),
            Float("saturation", 0.2, "By up to this share, of pictures in colour", low=0.0, high=1.0),
            Float("hue", 0.0, "By up to this share of the circle of colours", low=0.0, high=0.5),
        ),
    ),
    Component(
        "Grayscale",
        "augmentation",
        "Take the colour out of some pictures",
        params=(Float("share", 0.1, "Share of the samples that are changed", low=0.0, high=1.0,
                      essential=True),),
    ),
    Component(
        "Blur",
        "augmentation",
        "Blur pictures",
        params=(
            Float("least", 0.1, "Smallest radius, in points", low=0.01, high=20.0),
            Float("most", 1.5, "Largest radius, in points", low=0.01, high=20.0, essential=True),
            _SHARE,
        ),
    ),
    Component(
        "Noise",
        "augmentation",
        "Add a random number to every value",
        params=(
            Float("deviation", 0.05, "Of the numbers, as a share of the range of values (of their deviation "
                  "where none is known)", low=0.0, high=10.0, essential=True),
        ),
    ),
    Component(
        "Erase",
        "augmentation",
        "Cover a random part of the picture with its mean colour",
        params=(
            Float("least", 0.02, "Smallest share of the area", low=0.0, high=1.0),
            Float("most", 0.2, "Largest share of the area", low=0.0, high=1.0, essential=True),
            _SHARE,
        ),
    ),
)  # fmt: skip
_MIXES = (
    Float("alpha", 0.2, "How evenly two samples are mixed: small numbers leave most as they are", low=0.01,
          high=100.0, essential=True),
)  # fmt: skip
MIXES: tuple[Component, ...] = (
    Component("Mixup", "augmentation", "Show two samples through each other; targets are mixed alike",
              params=_MIXES),
    Component(
        "Cutmix",
        "augmentation",
        "Put a part of another picture into a picture; targets are mixed by area",
        params=(
            Float("alpha", 1.0, "How evenly two samples are mixed: small numbers leave most as they are",
                  low=0.01, high=100.0, essential=True),
        ),
    ),
)  # fmt: skip
AUGMENTATIONS: tuple[Component, ...] = (*GEOMETRY, *LOOKS, *MIXES)

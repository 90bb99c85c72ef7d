"""Transforms of single samples, and random changes in training, one file per kind of data; data/transforms/
carries them out.
"""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.catalog.transforms import (
    augmentations,
    classes,
    dates,
    numbers,
    pictures,
    sound_augmentations,
    sounds,
    texts,
)

TRANSFORMS: tuple[Component, ...] = (
    *numbers.TRANSFORMS,
    *classes.TRANSFORMS,
    *dates.TRANSFORMS,
    *texts.TRANSFORMS,
    *sounds.TRANSFORMS,
    *pictures.TRANSFORMS,
)
AUGMENTATIONS: tuple[Component, ...] = (
    *augmentations.AUGMENTATIONS,
    *sound_augmentations.AUGMENTATIONS,
)

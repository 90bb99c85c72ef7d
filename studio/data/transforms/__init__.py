"""Transforms of values by name, one file per kind of data; catalog/transforms.py has their parameters."""

from __future__ import annotations

from collections.abc import Mapping

from studio.data.transforms import classes, dates, masks, numbers, pictures, scaling, sounds, texts
from studio.data.transforms.step import Transform

TRANSFORMS: Mapping[str, Transform] = {
    **numbers.TRANSFORMS,
    **scaling.TRANSFORMS,
    **classes.TRANSFORMS,
    **dates.TRANSFORMS,
    **texts.TRANSFORMS,
    **sounds.TRANSFORMS,
    **pictures.TRANSFORMS,
    **masks.TRANSFORMS,
}

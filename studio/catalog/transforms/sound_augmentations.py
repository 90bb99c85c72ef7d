"""Random changes of sounds in training, new in every epoch."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Float, Int

AUGMENTATIONS: tuple[Component, ...] = (
    Component(
        "TimeShift",
        "augmentation",
        "Let sounds begin earlier or later",
        params=(Float("most", 0.1, "As a share of the length", low=0.0, high=1.0, essential=True),),
    ),
    Component(
        "Gain",
        "augmentation",
        "Make sounds louder and quieter",
        params=(Float("decibels", 6.0, "By up to so many decibels", low=0.0, high=60.0, essential=True),),
    ),
    Component(
        "SpecAugment",
        "augmentation",
        "Cover some moments and some pitches with the mean of the sound",
        params=(
            Int("times", 2, "Stretches of time that are covered", low=0, high=20, essential=True),
            Float("time", 0.1, "Longest of them, as a share of the length", low=0.0, high=1.0),
            Int("bands", 2, "Bands of pitch that are covered", low=0, high=20, essential=True),
            Float("band", 0.15, "Widest of them, as a share of all pitches", low=0.0, high=1.0),
            Float("share", 1.0, "Share of the sounds that are changed", low=0.0, high=1.0),
        ),
    ),
)

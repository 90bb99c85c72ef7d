"""Transforms of sounds: one rate, one channel, one length, and the frequencies they are made of."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Bool, Choice, Float, Int

_FFT = (
    Int("window", 1024, "Samples that the frequencies of one moment are taken from", low=16, high=65_536,
        essential=True),
    Int("hop", 256, "Samples from one moment to the next", low=1, high=65_536, essential=True),
)  # fmt: skip
_DECIBELS = Bool(
    "decibels",
    True,
    "Whether loudness is told in decibels, as it is heard, rather than as power",
    essential=True,
)

TRANSFORMS: tuple[Component, ...] = (
    Component("Mono", "transform", "One channel: the mean of all"),
    Component(
        "Resample",
        "transform",
        "Another rate, the same for all sounds",
        params=(
            Int("rate", 16_000, "Samples a second", low=100, high=768_000, essential=True),
        ),
    ),
    Component(
        "PadSound",
        "transform",
        "Sounds of one length: shorter ones are filled up with silence, longer ones cut",
        params=(
            Float(
                "seconds",
                None,
                "How long; nothing for a length that most sounds of the training part have",
                low=0.001,
                high=3600.0,
                optional=True,
                essential=True,
            ),
            Choice(
                "place",
                "begin",
                "Which part stays: the begin, or the middle (then silence comes on both sides)",
                options=("begin", "middle"),
            ),
        ),
    ),
    Component(
        "TrimSilence",
        "transform",
        "Leave out what is quiet before and after a sound",
        params=(
            Float(
                "below", -40.0, "Decibels below the loudest moment that count as silence", low=-120.0,
                high=-1.0, essential=True,
            ),
        ),
    ),
    Component(
        "Loudness",
        "transform",
        "All sounds equally loud",
        params=(
            Choice(
                "by",
                "mean",
                "What is made equal: the mean (root of the mean square), or the highest peak",
                options=("mean", "peak"),
                essential=True,
            ),
            Float("level", -20.0, "Decibels below the loudest that can be", low=-60.0, high=0.0),
        ),
    ),
    Component(
        "Spectrogram",
        "transform",
        "How strong each frequency is at each moment: channels × frequencies × moments",
        params=(*_FFT, _DECIBELS),
    ),
    Component(
        "MelSpectrogram",
        "transform",
        "How strong each pitch is at each moment, pitches spaced as they are heard: channels × pitches × "
        "moments",
        params=(
            *_FFT,
            Int("pitches", 64, "Bands of pitch", low=1, high=1024, essential=True),
            Float("lowest", 0.0, "Lowest frequency, in Hz", low=0.0, high=384_000.0),
            Float(
                "highest", None, "Highest frequency, in Hz; nothing for half the rate", low=1.0,
                high=384_000.0, optional=True,
            ),
            _DECIBELS,
        ),
    ),
)  # fmt: skip

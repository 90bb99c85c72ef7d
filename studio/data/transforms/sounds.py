"""Transforms of sounds: one rate, one channel, one length, and the frequencies they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import gcd
from typing import cast

import numpy as np

from studio.data.cells import Sound, Values
from studio.data.raw import Array, DataError
from studio.data.transforms.spectra import decibels, mel_bands, power
from studio.data.transforms.step import About, Params, State, Transform

AUDIO = frozenset({"audio"})
SPECTRUM = "spectrum"
LEARNED_FROM = 512
"""Sounds that a length is learned from: each has to be decoded for that."""
PERCENTILE = 95.0


def _each(values: Values, change: Callable[[Sound], Sound]) -> Values:
    if not all(isinstance(one, Sound) for one in values):
        raise DataError(
            "The column is to hold sounds, and holds other values.", "Choose another kind for it."
        )
    return [change(one) for one in cast("list[Sound]", values)]


def _mono(values: Values, params: Params, state: State) -> Values:
    return _each(values, lambda one: Sound(one.wave.mean(axis=0, keepdims=True, dtype=np.float32), one.rate))


def _resample(values: Values, params: Params, state: State) -> Values:
    return _each(values, lambda one: resampled(one, int(params["rate"])))


def resampled(sound: Sound, rate: int) -> Sound:
    """A sound at another rate, by a polyphase filter."""
    if sound.rate == rate:
        return sound
    from scipy.signal import resample_poly

    common = gcd(sound.rate, rate)
    wave = resample_poly(sound.wave, rate // common, sound.rate // common, axis=-1)
    return Sound(np.ascontiguousarray(wave, np.float32), rate)


def _learn_seconds(parts: Iterable[Values], params: Params) -> State:
    if params["seconds"] is not None:
        return {"seconds": float(params["seconds"])}
    lengths: list[float] = []
    for part in parts:
        lengths += [one.wave.shape[-1] / one.rate for one in cast("list[Sound]", part)]
    if not lengths:
        raise DataError("The training part has no sound to learn a length from.", "Set a length.", "fields")
    return {"seconds": rounded(float(np.percentile(lengths, PERCENTILE)))}


def rounded(seconds: float) -> float:
    """A length as a person would set it, never shorter."""
    step = 0.1 if seconds < 10 else 1.0
    return max(round(float(np.ceil(seconds / step - 1e-6)) * step, 1), step)


def _pad(values: Values, params: Params, state: State) -> Values:
    return _each(values, lambda one: _of_length(one, float(state["seconds"]), params["place"] == "middle"))


def _of_length(sound: Sound, seconds: float, middle: bool) -> Sound:
    wanted = max(round(seconds * sound.rate), 1)
    there = sound.wave.shape[-1]
    lacking = abs(wanted - there)
    before = lacking // 2 if middle else 0
    if there >= wanted:
        return Sound(sound.wave[:, before : before + wanted], sound.rate)
    return Sound(np.pad(sound.wave, ((0, 0), (before, lacking - before))), sound.rate)


def _trim(values: Values, params: Params, state: State) -> Values:
    share = 10 ** (float(params["below"]) / 20)
    return _each(values, lambda one: _without_silence(one, share))


def _without_silence(sound: Sound, share: float) -> Sound:
    """A sound from its first to its last loud sample; one that is silent throughout stays."""
    loud = np.abs(sound.wave).max(axis=0)
    places = np.flatnonzero(loud > share * loud.max()) if loud.max() > 0 else np.array([], np.int64)
    return Sound(sound.wave[:, places[0] : places[-1] + 1], sound.rate) if len(places) else sound


def _loudness(values: Values, params: Params, state: State) -> Values:
    level = 10 ** (float(params["level"]) / 20)
    return _each(values, lambda one: _as_loud(one, level, str(params["by"])))


def _as_loud(sound: Sound, level: float, by: str) -> Sound:
    wave = sound.wave
    now = np.abs(wave).max() if by == "peak" else np.sqrt(np.square(wave, dtype=np.float64).mean())
    return Sound((wave * np.float32(level / now)), sound.rate) if now > 0 else sound


def _spectrogram(values: Values, params: Params, state: State) -> Values:
    return [_told(_power(one, params), params) for one in cast("list[Sound]", values)]


def _mel(values: Values, params: Params, state: State) -> Values:
    found: list[Array] = []
    for one in cast("list[Sound]", values):
        bands = mel_bands(one.rate, params["window"], params["pitches"], params["lowest"], params["highest"])
        found.append(_told(np.matmul(bands, _power(one, params)), params))
    return found


def _power(sound: Sound, params: Params) -> Array:
    return power(sound.wave, int(params["window"]), int(params["hop"]))


def _told(values: Array, params: Params) -> Array:
    return decibels(values) if params["decibels"] else values


def _about_spectrum(params: Params, state: State) -> About:
    return About(picture=True)


TRANSFORMS = {
    "Mono": Transform(AUDIO, _mono),
    "Resample": Transform(AUDIO, _resample),
    "PadSound": Transform(AUDIO, _pad, _learn_seconds, most=LEARNED_FROM),
    "TrimSilence": Transform(AUDIO, _trim),
    "Loudness": Transform(AUDIO, _loudness),
    "Spectrogram": Transform(AUDIO, _spectrogram, gives=SPECTRUM, about=_about_spectrum),
    "MelSpectrogram": Transform(AUDIO, _mel, gives=SPECTRUM, about=_about_spectrum),
}

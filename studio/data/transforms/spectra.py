"""Frequencies of sounds over time, as torch.stft and torchaudio's MelSpectrogram compute them, without torch:
processes that load samples are small and start at once.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from studio.data.raw import Array, DataError

QUIETEST = 1e-10
"""Power that counts as silence: -100 dB."""
AT_ONCE = 4096
"""Moments that are computed at once."""


def power(wave: Array, window: int, hop: int) -> Array:
    """Power of (channels, samples) as float32 (channels, window // 2 + 1, 1 + samples // hop).

    A Hann window around each moment; both ends are mirrored.
    """
    samples = wave.shape[-1]
    padded = np.pad(wave, ((0, 0), (window // 2, window // 2)), "reflect" if samples > 1 else "edge")
    moments = 1 + samples // hop
    frames = np.lib.stride_tricks.sliding_window_view(padded, window, axis=-1)[:, ::hop][:, :moments]
    found = np.empty((len(wave), window // 2 + 1, moments), np.float32)
    for start in range(0, moments, AT_ONCE):
        spectrum = np.fft.rfft(frames[:, start : start + AT_ONCE] * _hann(window), axis=-1)
        found[:, :, start : start + AT_ONCE] = np.square(np.abs(spectrum)).transpose(0, 2, 1)
    return found


def decibels(values: Array) -> Array:
    """Power in decibels, 0 for power 1."""
    return (10 * np.log10(np.maximum(values, QUIETEST))).astype(np.float32)


@lru_cache(maxsize=16)
def mel_bands(rate: int, window: int, pitches: int, lowest: float, highest: float | None) -> Array:
    """Weights (pitches, window // 2 + 1) of triangles that are equally wide on the mel scale.

    mel = 2595 log10(1 + Hz / 700), by O'Shaughnessy. Raises DataError where a band would hold no frequency.
    """
    top = rate / 2 if highest is None else min(highest, rate / 2)
    if lowest >= top:
        raise DataError(
            f"The lowest frequency, {lowest:g} Hz, is not below the highest, {top:g} Hz.",
            "Lower it.",
            "fields",
        )
    edges = _hertz(np.linspace(_mel(lowest), _mel(top), pitches + 2))
    frequencies = np.linspace(0, rate / 2, window // 2 + 1)
    rising = (frequencies - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - frequencies) / (edges[2:] - edges[1:-1])[:, None]
    bands = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    if not bands.any(axis=1).all():
        raise DataError(
            f"{pitches} bands of pitch are too many for a window of {window} samples at {rate} Hz: "
            "some hold no frequency.",
            "Take fewer bands, or a larger window.",
            "fields",
        )
    return bands


@lru_cache(maxsize=4)
def _hann(window: int) -> Array:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)).astype(np.float32)


def _mel(hertz: float) -> float:
    return 2595.0 * np.log10(1.0 + hertz / 700.0)


def _hertz(mel: Array) -> Array:
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)

"""Sounds from files (WAV, FLAC, OGG, MP3, …): decoded when asked for; durations from the header alone."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from studio.data.cells import Sound
from studio.data.raw import DataError

LONGEST = 2**28
"""Numbers of one sound (channels × samples) that are decoded: 1 GiB."""
THREADS = 8
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SoundHeader:
    """What a sound's file says about it without being decoded."""

    rate: int
    frames: int
    channels: int
    format: str

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.frames / self.rate


def read_header(path: Path) -> SoundHeader:
    """Rate, length and channels. Raises DataError that names the file."""

    def look(file: Any) -> SoundHeader:  # noqa: ANN401
        return SoundHeader(file.samplerate, file.frames, file.channels, file.format)

    return _checked(path.name, _opened(path, path.name, look))


def sound(path: Path) -> Sound:
    """A whole sound; of any channels and bits, as float32. Raises DataError that names the file."""
    return _whole(path, path.name)


def sound_of(content: bytes, name: str) -> Sound:
    """A sound from the bytes of its file; `name` tells it in messages. Raises DataError."""
    return _whole(content, name)


def _whole(source: Path | bytes, name: str) -> Sound:
    def decode(file: Any) -> Sound:  # noqa: ANN401
        _checked(name, SoundHeader(file.samplerate, file.frames, file.channels, file.format))
        wave = file.read(dtype="float32", always_2d=True).T
        return Sound(np.ascontiguousarray(wave), int(file.samplerate))

    found = _opened(source, name, decode)
    if not found.wave.size:
        raise _empty(name)
    if not np.isfinite(found.wave).all():
        raise DataError(f"{name} holds values that are no numbers (NaN or infinity).", "Save the sound anew.")
    return found


def scan(paths: Sequence[Path]) -> list[SoundHeader | str]:
    """The header of each sound, or why it has none."""

    def look(path: Path) -> SoundHeader | str:
        try:
            return read_header(path)
        except DataError as error:
            return error.message

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(look, paths))


def _checked(name: str, header: SoundHeader) -> SoundHeader:
    if header.frames <= 0 or header.rate <= 0 or header.channels <= 0:
        raise _empty(name)
    if header.frames * header.channels > LONGEST:
        raise DataError(
            f"{name} is {header.seconds / 60:.0f} minutes long, more than is read at once.",
            "Cut it into shorter files.",
        )
    return header


def _empty(name: str) -> DataError:
    return DataError(f"{name} holds no sound: its length is 0.", "Replace or leave out the file.")


def _opened(source: Path | bytes, name: str, work: Callable[[Any], T]) -> T:
    """Open a sound, do something with it, close it."""
    import soundfile

    try:
        empty = not source if isinstance(source, bytes) else source.stat().st_size == 0
        if empty:
            raise DataError(f"{name} is an empty file.", "Replace or leave out the file.")
        with soundfile.SoundFile(io.BytesIO(source) if isinstance(source, bytes) else source) as file:
            return work(file)
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror or error}.") from None
    except soundfile.LibsndfileError as error:
        raise DataError(
            f"{name} is no sound that can be read ({error.error_string}).",
            "It takes WAV, FLAC, OGG, MP3 and AIFF; replace or leave out the file.",
        ) from None
    except (RuntimeError, ValueError, TypeError) as error:
        raise DataError(f"{name} cannot be read as a sound ({error}).") from None

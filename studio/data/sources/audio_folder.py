"""Sounds in folders, one folder a class; or in one folder, without classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.cells import Decoded
from studio.data.decoding.sounds import SoundHeader, scan, sound
from studio.data.findings import SUFFIXES
from studio.data.raw import DataError
from studio.data.sources.class_folders import classed, without_broken
from studio.data.sources.walking import folder_of, walk
from studio.data.table import SourceColumn, Table
from studio.data.transforms.sounds import PERCENTILE, rounded
from studio.project.project import Setting

USUAL_RATE = 16_000
"""Samples a second that speech and most other sounds are told apart by."""
WINDOWS = 32
"""About so many windows a second, as a power of 2."""


def files(params: Mapping[str, Any], folder: Path) -> Sequence[Path]:
    """All sounds."""
    try:
        return walk(folder_of(params, folder), SUFFIXES["audio"]).paths
    except DataError:
        return ()


def read(params: Mapping[str, Any], folder: Path) -> Table:
    """`sound`, and `label` where there are folders of classes; a sound's key is its path below the folder."""
    found = classed(walk(folder_of(params, folder), SUFFIXES["audio"]), params["classes"], "sounds")
    headers = scan(found.paths)
    broken = {at: one for at, one in enumerate(headers) if isinstance(one, str)}
    found = without_broken(found, broken, params["broken"], "sounds")
    whole = [one for one in headers if isinstance(one, SoundHeader)]
    columns = {
        "sound": SourceColumn(Decoded(found.paths, sound), "audio", "input", steps=usual_steps(whole)),
        **found.label_column(),
    }
    return Table(
        columns,
        keys=found.names,
        warnings=found.warnings,
        validation=found.rows("validation"),
        test=found.rows("test"),
    )


def usual_steps(headers: Sequence[SoundHeader]) -> tuple[Setting, ...]:
    """What makes pictures of sounds: one channel, one rate, one length, and pitches over time."""
    rate = min(USUAL_RATE, max(one.rate for one in headers)) if headers else USUAL_RATE
    lengths = [one.seconds for one in headers]
    seconds = {"seconds": rounded(float(np.percentile(lengths, PERCENTILE)))} if lengths else {}
    window = 2 ** round(np.log2(rate / WINDOWS))
    return (
        Setting("Mono"),
        Setting("Resample", {"rate": rate}),
        Setting("PadSound", seconds),
        Setting("MelSpectrogram", {"window": int(window), "hop": int(window) // 2}),
    )

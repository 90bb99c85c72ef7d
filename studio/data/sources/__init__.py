"""Readers of data sources, one file per family, and the one function that reads any of them."""

from __future__ import annotations

import os
import threading
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from studio.catalog.registry import checked_values, registry
from studio.data.files import texts_of
from studio.data.progress import progress
from studio.data.raw import DataError, RawData
from studio.data.sources import (
    arrays,
    arrow,
    audio_folder,
    excel,
    hdf5,
    hugging_face,
    idx,
    image_folder,
    image_masks,
    json_lines,
    parquet,
    python_data,
    random_data,
    safetensors_file,
    scikit,
    table,
    text_folder,
    text_lines,
    time_series,
)
from studio.data.table import Table, table_of
from studio.project.project import Setting

READERS: dict[str, ModuleType] = {
    "ScikitLearn": scikit,
    "CSV": table,
    "Parquet": parquet,
    "Arrow": arrow,
    "JSONLines": json_lines,
    "Excel": excel,
    "TimeSeries": time_series,
    "Arrays": arrays,
    "SafeTensors": safetensors_file,
    "HDF5": hdf5,
    "HuggingFace": hugging_face,
    "PythonData": python_data,
    "IDX": idx,
    "ImageFolder": image_folder,
    "ImageMasks": image_masks,
    "TextFolder": text_folder,
    "TextLines": text_lines,
    "AudioFolder": audio_folder,
    "Random": random_data,
}
Stamp = tuple[str, int, int]
Key = tuple[str, tuple[tuple[str, Any], ...], str, tuple[Stamp, ...]]
WAIT = 0.2
"""Seconds after which one who waits looks whether what it wants is still wanted."""
_one_at_a_time = threading.Lock()


def read_table(setting: Setting, folder: Path, key: Key | None = None) -> Table:
    """All columns of a source, relative paths from `folder`; raises DataError. Remembers the last two.

    `key` is what `source_key` has just told, where that is known: looking at many files takes a while.
    """
    key = key or source_key(setting, folder)
    while not _one_at_a_time.acquire(timeout=WAIT):
        progress.check()
    try:
        found = _read(*key)
    finally:
        _one_at_a_time.release()
    return found if isinstance(found, Table) else table_of(found)


def source_key(setting: Setting, folder: Path) -> Key:
    """What the samples depend on: source, parameters, folder, and size and time of each file."""
    component = registry().component("source", setting.type)
    if component is None or setting.type not in READERS:
        raise _unknown(setting.type)
    values, wrong = checked_values(component.params, setting.params)
    for param, message in wrong.items():
        raise DataError(f"{message}.", "Correct it in the data settings.", param)
    reader = READERS[setting.type]
    stamps = tuple(stamp(path) for path in texts_of(reader.files(values, folder)))
    if hasattr(reader, "state"):
        stamps = (*stamps, (reader.state(values, folder), 0, 0))
    return setting.type, tuple(values.items()), str(folder), stamps


def _unknown(type: str) -> DataError:
    if type == "None":
        return DataError("No data is chosen.", "Choose a source in the data settings.", "source")
    known = ", ".join(READERS)
    return DataError(f"There is no data source {type}.", f"Choose one of {known}.", "source")


@lru_cache(maxsize=2)
def _read(
    type: str, values: tuple[tuple[str, Any], ...], folder: str, stamps: tuple[Stamp, ...]
) -> RawData | Table:
    """Read a source; `stamps` are there so that a changed file is read anew."""
    return READERS[type].read(dict(values), Path(folder))


def stamp(path: str | Path) -> Stamp:
    """Path, time and size of a file; -1 where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return str(path), -1, -1
    return str(path), found.st_mtime_ns, found.st_size

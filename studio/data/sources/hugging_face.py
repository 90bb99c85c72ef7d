"""Data sets of Hugging Face's library `datasets`: saved in a folder, or by name where the user asks for it.

No program that comes with a data set is run; nothing is downloaded unless that is switched on.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import numpy as np

from studio.data.raw import Array, DataError, identifier, present, target_names
from studio.data.sources.array_parts import TARGETS
from studio.data.sources.hub_columns import TEXT, HubRows, column_of
from studio.data.splits import NAMES
from studio.data.table import SourceColumn, Table
from studio.errors import Problem

if TYPE_CHECKING:
    from datasets import Dataset

INSTALL = "Install it: pip install 'neuroloom[huggingface]'."
SECONDS = 5.0
"""How long an answer is waited for."""
STATES = ("dataset_dict.json", "state.json", "dataset_info.json")
Splits = Mapping[str, "Dataset"]


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The files that change whenever the set is saved anew."""
    place = present(params["path"], folder)
    if not place or not place[0].is_dir():
        return ()
    inner = (state for part in sorted(place[0].iterdir()) for state in part.glob("state.json"))
    return tuple(one for one in (*(place[0] / name for name in STATES), *inner) if one.is_file())


def read(params: Mapping[str, Any], folder: Path) -> Table:
    """Each feature as a column, all splits one after the other; validation and test are those of the set."""
    where = _where(params, folder)
    splits, left_out = _parts(where, opened(*where))
    first = next(iter(splits.values()))
    named = target_names(params["target"])
    for name in named:
        if name not in first.column_names:
            known = ", ".join(first.column_names)
            raise DataError(f"The data set has no column {name}.", f"Its columns are {known}.", "target")
    columns: dict[str, SourceColumn] = {}
    for name, inside, feature in _features(first.features):
        is_target = name in named if named else _is_target(name, feature)
        key = identifier("_".join((name, *inside)), columns)
        counts = tuple(len(one) for one in splits.values())
        rows = HubRows(where, tuple(splits), counts, name, inside)
        columns[key] = column_of(rows, feature, "target" if is_target else "")
    return Table(
        columns,
        missing="zero" if not named else "error",
        validation=_rows(splits, "validation"),
        test=_rows(splits, "test"),
        warnings=left_out,
    )


Where = tuple[str, str, bool, int]
"""Folder or name, configuration, whether it is a folder, and the time of its newest file."""


def _where(params: Mapping[str, Any], folder: Path) -> Where:
    path = str(params["path"]).strip()
    if not path:
        raise DataError("No data set is chosen.", "Choose a folder, or write a name such as user/name.")
    place = present(path, folder)
    if place:
        if not place[0].is_dir():
            raise DataError(f"{place[0]} is a file, not a folder.", "Choose the folder of the data set.")
        stamp = max((one.stat().st_mtime_ns for one in files(params, folder)), default=0)
        return str(place[0]), "", True, stamp
    if not params["download"]:
        raise DataError(
            f"There is no folder {path}.",
            "If it is the name of a data set on Hugging Face, switch download on; else choose the folder.",
            "path",
        )
    return path, str(params["config"]).strip(), False, 0


@lru_cache(maxsize=2)
def opened(path: str, config: str, is_folder: bool, stamp: int) -> Splits:
    """The parts of a data set by name. Raises DataError."""
    try:
        import datasets
    except ImportError:
        raise DataError(
            "Data sets of Hugging Face need the package datasets, which is not installed.", INSTALL, "source"
        ) from None
    datasets.disable_progress_bars()
    try:
        if is_folder:
            found: Any = datasets.load_from_disk(path)
        else:
            with _offline(unless=_reachable()):
                found = datasets.load_dataset(path, config or None)
    except Exception as error:  # the library, and those it uses, raise a dozen kinds
        raise _not_had(path, is_folder, error) from None
    return found if isinstance(found, dict) else {"train": found}


def _reachable() -> bool:
    """Whether the place that names stand for answers; where a proxy stands between, that is not asked."""
    from huggingface_hub import constants

    if {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} & os.environ.keys():
        return True
    host = urlsplit(constants.ENDPOINT).hostname or ""
    try:
        socket.create_connection((host, 443), SECONDS).close()
    except OSError:
        return False
    return True


@contextmanager
def _offline(*, unless: bool) -> Generator[None]:
    """Have the library take what it has kept, and not try for half a minute to reach anything."""
    from datasets import config
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    if not unless:
        constants.HF_HUB_OFFLINE = config.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = config.HF_HUB_OFFLINE = before


def _not_had(path: str, is_folder: bool, error: Exception) -> DataError:
    name, said = type(error).__name__, str(error).strip().partition("\n")[0][:200]
    if is_folder:
        return DataError(
            f"{path} cannot be read as a saved data set ({said}).",
            "Save it with Dataset.save_to_disk, or choose the folder that was made by it.",
        )
    if name in ("DatasetNotFoundError", "RepositoryNotFoundError"):
        return DataError(f"There is no public data set {path} on Hugging Face.", "Correct the name.")
    if "script" in said.lower():
        return DataError(
            f"The data set {path} comes with a program of its own, which is not run.",
            "Choose one that holds its data as files.",
        )
    if "config" in said.lower():
        return DataError(f"{path}: {said}", "Name one of them as the configuration.", "config")
    if isinstance(error, OSError) or "Connect" in name or "Offline" in name or "HTTP" in name.upper():
        return DataError(
            f"The data set {path} is not on this computer, and Hugging Face cannot be reached ({name}).",
            "Connect to the internet, or choose a folder of a saved data set.",
        )
    return DataError(f"The data set {path} cannot be loaded ({name}: {said}).", "Choose another one.")


def _parts(where: Where, splits: Splits) -> tuple[dict[str, Dataset], tuple[Problem, ...]]:
    """The splits for training, validation and test, and a warning about others."""
    found: dict[str, Dataset] = {}
    others: list[str] = []
    for name, one in splits.items():
        part = NAMES.get(name.lower())
        if part is None or part in {NAMES[known.lower()] for known in found}:
            others.append(name)
        else:
            found[name] = one
    if not any(NAMES[name.lower()] == "train" for name in found):
        largest = max(splits, key=lambda name: len(splits[name]))
        found, others = {largest: splits[largest]}, [name for name in splits if name != largest]
    if not sum(len(one) for one in found.values()):
        raise DataError(f"The data set {where[0]} holds no samples.", "Choose another one.")
    names = next(iter(found.values())).column_names
    for name, one in found.items():
        if one.column_names != names:
            raise DataError(f"The part {name} of {where[0]} has other columns.", "Save all parts alike.")
    if not others:
        return found, ()
    text = f"The parts {', '.join(others)} of the data set are left out; used: {', '.join(found)}."
    return found, (Problem("warning", text, "Save them as a set of their own to use them."),)


def _features(features: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    """Each column, its features within features one by one: name, way to the inner one, feature."""
    for name, feature in features.items():
        if isinstance(feature, dict):
            inner = cast("Mapping[str, Any]", feature)
            yield from ((name, (one, *way), last) for one, way, last in _features(inner))
        elif type(feature).__name__ == "Translation":
            yield from ((name, (one,), TEXT) for one in feature.languages)
        else:
            yield name, (), feature


def _rows(splits: Splits, part: str) -> Array | None:
    first = 0
    for name, one in splits.items():
        if NAMES.get(name.lower()) == part:
            return np.arange(first, first + len(one))
        first += len(one)
    return None


def _is_target(name: str, feature: object) -> bool:
    return name.lower() in TARGETS or type(feature).__name__ == "ClassLabel"

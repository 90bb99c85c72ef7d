"""Pictures in folders, one folder a class; or in one folder, without classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.data.cells import Decoded
from studio.data.decoding.scanning import scan
from studio.data.findings import SUFFIXES
from studio.data.raw import DataError
from studio.data.sources.class_folders import classed, without_broken
from studio.data.sources.walking import folder_of, walk
from studio.data.table import SourceColumn, Table


def files(params: Mapping[str, Any], folder: Path) -> Sequence[Path]:
    """All pictures."""
    try:
        return walk(folder_of(params, folder), SUFFIXES["image"]).paths
    except DataError:
        return ()


def read(params: Mapping[str, Any], folder: Path) -> Table:
    """`image`, and `label` where there are folders of classes; the key is the path below the folder."""
    found = classed(walk(folder_of(params, folder), SUFFIXES["image"]), params["classes"], "pictures")
    scanned = scan(found.paths)
    found = without_broken(found, scanned.broken, params["broken"], "pictures")
    image = Decoded(found.paths, scanned.decoder(params["colours"]))
    sizes = scanned.sizes[scanned.whole]
    return Table(
        {"image": SourceColumn(image, "image", "input", sizes=sizes), **found.label_column()},
        test=found.rows("test"),
        validation=found.rows("validation"),
        keys=found.names,
        warnings=found.warnings,
    )

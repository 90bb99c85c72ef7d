"""Sources of arrays in files of their own kinds."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import FilePath, Text

_TARGET = Text(
    "target", "", "The arrays to predict, with commas between; nothing for y, label, labels or target"
)

SOURCES: tuple[Component, ...] = (
    Component(
        "SafeTensors",
        "source",
        "Arrays in a safetensors file, whose first dimension is the sample",
        params=(
            FilePath("path", "", "The file", patterns=("*.safetensors",), essential=True),
            _TARGET,
        ),
    ),
    Component(
        "HDF5",
        "source",
        "Arrays in an HDF5 file, whose first dimension is the sample; large ones are read as they are needed",
        params=(
            FilePath("path", "", "The file", patterns=("*.h5", "*.hdf5", "*.hdf"), essential=True),
            _TARGET,
            Text("arrays", "", "The arrays to take, with commas between; nothing for all"),
        ),
    ),
)

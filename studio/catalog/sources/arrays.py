"""Sources of arrays in files, and of data sets as other libraries save them."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Bool, FilePath, Text

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
    Component(
        "HuggingFace",
        "source",
        "A data set as Hugging Face's library saves it, in a folder or by its name",
        params=(
            FilePath(
                "path", "", "The folder of a saved data set, or a name such as user/name", essential=True
            ),
            Text("target", "", "The columns to predict, with commas between; nothing for classes and label"),
            Text("config", "", "Which of several configurations a data set has, by name"),
            Bool(
                "download",
                False,
                "Whether a data set that goes by its name may be downloaded from huggingface.co",
                essential=True,
            ),
        ),
    ),
)

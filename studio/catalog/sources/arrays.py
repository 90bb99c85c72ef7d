"""Sources of arrays in files, and of data sets as other libraries save them."""

from __future__ import annotations

from studio.catalog.data_python import TEMPLATE
from studio.catalog.registry import Component
from studio.project.params import Bool, Code, FilePath, Int, Text

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
    Component(
        "PythonData",
        "source",
        "A Python function of your own that gives a torch Dataset, a list of samples or arrays; it runs only "
        "after you trusted it",
        params=(
            Code("code", TEMPLATE, "The text, unless it is in a file", essential=True, when=("path", ("",))),
            FilePath("path", "", "The file with the text", patterns=("*.py",)),
            Text("function", "", "The function; nothing for the last one that takes no arguments"),
            Text("target", "", "The fields to predict, with commas between; nothing for y, label and target"),
            Int("seconds", 300, "How long it may take", low=1, high=86_400, advanced=True),
        ),
    ),
)

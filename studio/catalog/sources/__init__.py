"""Data sources; data/sources/ reads them."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.catalog.sources import arrays, pictures, sounds, tables, texts
from studio.project.params import Choice, FilePath, Int, Ints, Text

SOURCES: tuple[Component, ...] = (
    Component("None", "source", "No data chosen yet"),
    Component(
        "ScikitLearn",
        "source",
        "A small real data set that ships with scikit-learn",
        params=(
            Choice(
                "dataset",
                "digits",
                "Which set",
                options=("digits", "iris", "wine", "breast_cancer", "diabetes"),
                essential=True,
            ),
        ),
    ),
    *tables.TABLES,
    Component(
        "Arrays",
        "source",
        "NumPy arrays: an .npz file, or an .npy file, whose first dimension is the sample",
        params=(
            FilePath("path", "", "The file", patterns=("*.npz", "*.npy"), essential=True),
            Text(
                "target",
                "",
                "The arrays to predict, with commas between; nothing for y, label, labels or target",
            ),
        ),
    ),
    Component(
        "IDX",
        "source",
        "Images and labels in MNIST's own format, packed with gzip or not",
        params=(
            FilePath(
                "folder",
                "",
                "The folder that holds the four files, or the training images alone",
                essential=True,
            ),
        ),
    ),
    *arrays.SOURCES,
    *pictures.SOURCES,
    *texts.SOURCES,
    *sounds.SOURCES,
    Component(
        "Random",
        "source",
        "Random numbers of a chosen shape, to try a drawing or measure its speed",
        params=(
            Ints("shape", (3, 32, 32), "Shape of one sample", low=1, lengths=(1, 2, 3, 4, 5), essential=True),
            Choice(
                "content",
                "numbers",
                "What the input holds: numbers, or tokens (whole numbers that stand for words)",
                options=("numbers", "tokens"),
            ),
            Int(
                "vocabulary",
                1000,
                "How many different tokens there are",
                low=2,
                high=10_000_000,
                when=("content", ("tokens",)),
            ),
            Int(
                "segments",
                1,
                "Parts that each text has; from 2 on, the field segment says which one a token belongs to",
                low=1,
                high=1000,
                when=("content", ("tokens",)),
            ),
            Choice(
                "target",
                "classes",
                "What to predict: a class for each sample, numbers, a class for each place (class map), "
                "a token for each token, or nothing; all follow from the input, so that they can be learned",
                options=("classes", "numbers", "class map", "tokens", "none"),
            ),
            Int(
                "classes",
                10,
                "How many classes there are",
                low=2,
                high=1_000_000,
                when=("target", ("classes", "class map")),
            ),
            Int(
                "outputs",
                1,
                "How many numbers are to be predicted",
                low=1,
                high=1_000_000,
                when=("target", ("numbers",)),
            ),
            Int("samples", 256, "How many samples", low=1, high=10_000_000),
            Int("seed", 0, "Other numbers for another seed", low=0),
        ),
    ),
)

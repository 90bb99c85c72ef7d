"""Data sources; data/sources/ reads them."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Choice, FilePath, Text

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
    Component(
        "CSV",
        "source",
        "A table in a text file, one sample a row, the columns' names in the first",
        params=(
            FilePath("path", "", "The file", patterns=("*.csv", "*.tsv", "*.txt"), essential=True),
            Text(
                "target",
                "",
                "The column to predict, or several with commas between; nothing for the last column",
            ),
            Text("ignore", "", "Columns to leave out, with commas between"),
            Choice(
                "target_kind",
                "auto",
                "What is predicted: classes, or numbers; auto takes texts, and few whole numbers that come "
                "up often, as classes",
                options=("auto", "classes", "numbers"),
            ),
            Choice(
                "missing",
                "error",
                "Missing values (empty, NA, NaN, null, ?): error names the first, skip leaves such rows out",
                options=("error", "skip"),
            ),
        ),
    ),
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
)

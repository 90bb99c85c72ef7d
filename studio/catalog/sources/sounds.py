"""Sources of sounds in folders."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Choice, FilePath

SOURCES: tuple[Component, ...] = (
    Component(
        "AudioFolder",
        "source",
        "Sounds (WAV, FLAC, OGG, MP3) in folders, one folder a class; folders train, val and test at the top "
        "are those parts",
        params=(
            FilePath("folder", "", "The folder that holds the folders of the classes", essential=True),
            Choice(
                "classes",
                "first",
                "What names the class of a sound in folders within folders: the first folder, the last one, "
                "or the path of all",
                options=("first", "last", "path"),
            ),
            Choice(
                "broken",
                "error",
                "Sounds that cannot be read: error names them and trains nothing, skip leaves them out",
                options=("error", "skip"),
            ),
        ),
    ),
)

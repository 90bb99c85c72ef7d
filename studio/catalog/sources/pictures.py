"""Sources of pictures in folders."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Choice, FilePath

_COLOURS = Choice(
    "colours",
    "auto",
    "What is read: auto takes grey where all pictures are grey, else colour; grey and colour make all alike",
    options=("auto", "grey", "colour"),
)
_BROKEN = Choice(
    "broken",
    "error",
    "Pictures that cannot be read: error names them and trains nothing, skip leaves them out",
    options=("error", "skip"),
)
SOURCES: tuple[Component, ...] = (
    Component(
        "ImageFolder",
        "source",
        "Pictures in folders, one folder a class; folders train, val and test at the top are those parts",
        params=(
            FilePath("folder", "", "The folder that holds the folders of the classes", essential=True),
            Choice(
                "classes",
                "first",
                "What names the class of a picture in folders within folders: the first folder, the last "
                "one, or the path of all",
                options=("first", "last", "path"),
            ),
            _COLOURS,
            _BROKEN,
        ),
    ),
    Component(
        "ImageMasks",
        "source",
        "Pictures and their masks, which say the class of each point: files of one name in two folders",
        params=(
            FilePath("folder", "", "The folder of the pictures", essential=True),
            FilePath("masks", "", "The folder of the masks", essential=True),
            _COLOURS,
            _BROKEN,
        ),
    ),
)

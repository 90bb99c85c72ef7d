"""Pictures and masks that say the class of each point: files of one name in two folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from studio.data.cells import Decoded
from studio.data.decoding.pictures import mask
from studio.data.decoding.scanning import Scan, scan
from studio.data.findings import SUFFIXES, picture_of_mask
from studio.data.raw import DataError
from studio.data.sources.class_folders import Classed, without_broken
from studio.data.sources.walking import Found, folder_of, part_of, walk
from studio.data.table import SourceColumn, Table
from studio.errors import Problem

Pair = tuple[str, str]


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """All pictures and all masks."""
    try:
        images, masks = _found(params, folder)
    except DataError:
        return ()
    return (*images.paths, *masks.paths)


def read(params: Mapping[str, Any], folder: Path) -> Table:
    """`image` and `mask`; a sample's key is its picture's path below the folder."""
    images, masks = _found(params, folder)
    pairs, warnings = _paired(images, masks)
    covers = {one: masks.root / other for one, other in pairs}
    pictures = tuple(one for one, _ in pairs)
    found = Classed(images.root, tuple(covers), None, part_of(pictures), tuple(warnings))
    seen = scan(found.paths)
    scanned = _together(seen, scan(list(covers.values())), found.paths, list(covers.values()))
    found = without_broken(found, scanned.broken, params["broken"], "pictures and masks")
    sizes = scanned.sizes[scanned.whole]
    image = Decoded(found.paths, seen.decoder(params["colours"]))
    cover = Decoded([covers[name] for name in found.names], mask)
    return Table(
        {
            "image": SourceColumn(image, "image", "input", sizes=sizes),
            "mask": SourceColumn(cover, "mask", "target", sizes=sizes),
        },
        test=found.rows("test"),
        validation=found.rows("validation"),
        keys=found.names,
        warnings=found.warnings,
    )


def _found(params: Mapping[str, Any], folder: Path) -> tuple[Found, Found]:
    root, other = folder_of(params, folder), folder_of(params, folder, "masks")
    if root == other:
        raise DataError("Pictures and masks are in one folder.", "Choose the folder of the masks.", "masks")
    images, masks = (walk(one, SUFFIXES["image"]) for one in (root, other))
    inner = tuple(one for one in images.names if not (root / one).is_relative_to(other))
    outer = tuple(one for one in masks.names if not (other / one).is_relative_to(root))
    return replace(images, names=inner), replace(masks, names=outer or masks.names)


def _paired(images: Found, masks: Found) -> tuple[list[Pair], list[Problem]]:
    """Pictures with their masks, and what has no partner."""
    for found, param in ((images, "folder"), (masks, "masks")):
        if not found.names:
            raise DataError(f"{found.root} holds no pictures.", "Choose another folder.", param)
    by_stem = {_stem(one): one for one in masks.names}
    by_stem.update({_bare(one): one for one in masks.names})
    pairs = [(one, by_stem[stem]) for one in images.names if (stem := _bare(one)) in by_stem]
    if not pairs:
        raise DataError(
            f"No picture in {images.root} has a mask of its name in {masks.root}: "
            f"{PurePosixPath(images.names[0]).name} and {PurePosixPath(masks.names[0]).name}, for one.",
            "A mask is called as its picture: a.jpg and a.png, or a_mask.png.",
            "masks",
        )
    return pairs, _alone(images, [one for one, _ in pairs])


def _stem(name: str) -> str:
    return picture_of_mask(_bare(name))


def _bare(name: str) -> str:
    """Without the ending."""
    return str(PurePosixPath(name).with_suffix(""))


def _alone(images: Found, paired: Sequence[str]) -> list[Problem]:
    count = len(images.names) - len(paired)
    if not count:
        return []
    having = frozenset(paired)
    first = next(one for one in images.names if one not in having)
    text = f"{count} pictures have no mask and are left out, the first is {first}."
    return [Problem("warning", text, "Add their masks.", field="data.masks")]


def _together(image: Scan, cover: Scan, pictures: Sequence[Path], covers: Sequence[Path]) -> Scan:
    """What is wrong with either; a mask must be as large as its picture."""
    broken = {**cover.broken, **image.broken}
    for at in np.flatnonzero((image.sizes != cover.sizes).any(axis=1)).tolist():
        if at not in broken:
            (height, width), (rows, columns) = image.sizes[at], cover.sizes[at]
            broken[at] = (
                f"{covers[at]} is {columns}×{rows} points large, its picture {pictures[at].name} "
                f"{width}×{height}."
            )
    sizes = image.sizes.copy()
    sizes[list(broken)] = 0
    return Scan(sizes, image.looks, dict(sorted(broken.items())))

"""Layers that installed packages add, by the entry point group `neuroloom.layers`.

A package names in its pyproject.toml, under [project.entry-points."neuroloom.layers"], an object that is a
Layer or a list of them. What is wrong with one package never keeps the others from loading.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.catalog.registry import Layer

GROUP = "neuroloom.layers"


@dataclass(frozen=True, slots=True)
class Plugins:
    """The layers that were found, and a sentence for each entry point that could not be used."""

    layers: tuple[Layer, ...] = ()
    faults: tuple[str, ...] = ()


def installed(taken: Iterable[str]) -> Plugins:
    """What the installed packages add; `taken` are the types of layers that ship with the program."""
    if not _any_named():
        return Plugins()
    from importlib.metadata import entry_points

    layers: dict[str, Layer] = {}
    faults: list[str] = []
    used = set(taken)
    for entry in entry_points(group=GROUP):
        try:
            for layer in _layers(entry.load()):
                if layer.type in used:
                    raise ValueError(f"there is a layer {layer.type} already")
                used.add(layer.type)
                layers[layer.type] = layer
        except Exception as error:  # a package of somebody else's may raise anything
            faults.append(f"{entry.name} ({entry.value}): {type(error).__name__}: {error}")
    return Plugins(tuple(layers.values()), tuple(faults))


def _any_named() -> bool:
    """Whether any package names the group: looking at all of them properly takes longer than the window."""
    return any(f"[{GROUP}]" in text for text in _texts())


def _texts() -> Iterator[str]:
    for folder in sys.path:
        for file in Path(folder or ".").glob("*-info/entry_points.txt"):
            try:
                yield file.read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue


def _layers(found: object) -> list[Layer]:
    every = list(found) if isinstance(found, list | tuple) else [found]
    layers = [one for one in every if isinstance(one, Layer)]
    if not layers or len(layers) < len(every):
        raise TypeError("it is no Layer and no list of them")
    return layers

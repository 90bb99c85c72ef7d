"""neuroloom trust: show the Python that a project wants to run, and agree to it."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from studio.catalog.blocks import catalog_of
from studio.catalog.data_python import python_of
from studio.catalog.trust import text_to_trust, trust
from studio.cli.say import say
from studio.errors import StudioError
from studio.project.project import Project
from studio.project.storage import load
from studio.train.runs import data_folder, run_project


def trust_project(arguments: Namespace) -> int:
    """neuroloom trust FILE|RUN [--yes]: read each own layer, then trust it or not."""
    path = Path(arguments.source)
    project = run_project(path) if path.is_dir() else load(path)
    folder = data_folder(path) if path.is_dir() else path.parent
    texts = (*own_texts(project), *_of_the_data(project, folder))
    waiting = dict.fromkeys(one for one in texts if not trust().holds(one))
    if not waiting:
        say("Nothing in it waits for trust.")
        return 0
    refused = 0
    for text in waiting:
        say(f"\n{text}\n")
        if arguments.yes or _agreed():
            _keep(text)
        else:
            refused += 1
    return 1 if refused else 0


def own_texts(project: Project) -> Iterator[str]:
    """The sources and dotted paths of all nodes of the user's own."""
    known = catalog_of(project)
    for graph in (project.graph, *(block.graph for block in project.blocks.values())):
        for node in graph.nodes.values():
            layer = known.layer_of(node)
            if layer is not None and text_to_trust(layer):
                yield text_to_trust(layer)


def _of_the_data(project: Project, folder: Path) -> tuple[str, ...]:
    """The text that gives the data, where one does."""
    try:
        text = python_of(project.data.source, folder)
    except OSError as error:
        raise StudioError(f"{error.filename} cannot be read: {error.strerror}.") from error
    return (text,) if text else ()


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise StudioError("Nobody can be asked here.", "Read the source, then add --yes.")
    return input("Trust this and let it run? [y/N] ").strip().lower() in ("y", "yes")


def _keep(text: str) -> None:
    try:
        trust().add(text)
    except OSError as error:
        raise StudioError(f"What is trusted cannot be saved: {error.strerror or error}") from error
    say("trusted")

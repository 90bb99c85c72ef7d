"""File paths in the settings: relative to the project's folder, so that it moves with what it reads."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from studio.catalog.registry import registry
from studio.errors import Problem
from studio.project.params import FilePath, Value
from studio.project.project import Project

HIGHEST = 2
"""Folders a relative path may climb: further up, the data does not belong to the project."""


def rebase(project: Project, old_folder: Path, new_folder: Path) -> Project:
    """The project with the relative paths of its data and weights naming the same files from `new_folder`."""
    given = project.training.options.get("weights")
    if isinstance(given, str) and given and not Path(given).is_absolute():
        moved = {**project.training.options, "weights": relative_path(old_folder / given, new_folder)}
        project = replace(project, training=replace(project.training, options=moved))
    source = project.data.source
    component = registry().component("source", source.type)
    changed: dict[str, Value] = {}
    for param in component.params if component else ():
        value = source.params.get(param.name)
        if isinstance(param, FilePath) and isinstance(value, str) and value and not Path(value).is_absolute():
            changed[param.name] = relative_path(old_folder / value, new_folder)
    if not changed:
        return project
    params = replace(source, params={**source.params, **changed})
    return replace(project, data=replace(project.data, source=params))


def missing_weights(project: Project, folder: Path) -> tuple[Problem, ...]:
    """That the file of weights to begin with is not there, where one is named."""
    given = project.training.options.get("weights")
    if not isinstance(given, str) or not given or (folder / given).is_file():
        return ()
    message = f"There is no file of weights {folder / given}."
    hint = "Choose the file in the training settings, or leave it empty to begin with fresh weights."
    return (Problem("error", message, hint, field="training.weights"),)


def relative_path(file: Path, folder: Path) -> str:
    """How a project in `folder` names a file: relative where near, with forward slashes, else in full."""
    full = Path(os.path.abspath(file))
    try:
        near = Path(os.path.relpath(full, os.path.abspath(folder)))
    except ValueError:  # another drive
        return full.as_posix()
    return near.as_posix() if near.parts.count("..") <= HIGHEST else full.as_posix()

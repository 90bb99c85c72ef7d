"""A small real project for the panels' tests, with an error and a warning in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from studio.build.check import Checker
from studio.build.plan import Checked
from studio.data.describe import describe
from studio.project import edits
from studio.project.graph import Endpoint
from studio.project.params import Value
from studio.project.project import Data, Project, Setting

NODES: Mapping[str, tuple[str, Mapping[str, Value]]] = {
    "images": ("Input", {"field": "image"}),
    "conv1": ("Conv2d", {"out_channels": 32, "padding": "same"}),
    "act": ("ReLU", {}),
    "flat": ("Flatten", {}),
    "head": ("Linear", {"out_features": 10}),
    "loss": ("CrossEntropy", {"label_smoothing": 0.1}),
    "conv2": ("Conv2d", {"out_channels": 16}),
    "merge": ("Add", {}),
}
WIRES = (
    ("images", "conv1", "input"),
    ("conv1", "act", "input"),
    ("act", "flat", "input"),
    ("flat", "head", "input"),
    ("head", "loss", "prediction"),
    ("images", "conv2", "input"),
)


def digits(wrong: bool = True) -> Project:
    """A network for the digits; `wrong`: with an Add of two shapes that differ, and a parameter too many."""
    project = Project(name="digits", data=Data(Setting("ScikitLearn")))
    for name, (type_, params) in NODES.items():
        project, _ = edits.add_node(project, type_, (0, 0), params, name)
    for source, target, port in WIRES:
        project = edits.connect(project, Endpoint(source, "output"), Endpoint(target, port))
    if wrong:
        project = edits.set_params(project, "act", {"slope": 0.1})
    else:
        return edits.delete(project, ("merge", "conv2"))
    for source in ("conv2", "conv1"):
        project = edits.connect(project, Endpoint(source, "output"), Endpoint("merge", "inputs"), True)
    return project


def checked(project: Project) -> Checked:
    """A real check against the real data."""
    description = describe(project.data, Path.cwd())
    return Checker().check(project, description.fields, description.problems, description.parts)

"""Layers of the user's own: a class kept in the project, and any importable module by its dotted path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.catalog.adapting import adaptable
from studio.catalog.module_source import find_class
from studio.catalog.python_source import Signature, SourceError, read_class, read_layer
from studio.catalog.registry import Example, Layer
from studio.project.params import Code, Text

TEMPLATE = '''"""A layer of your own: __init__ becomes the form, forward the ports."""

import torch
from torch import Tensor, nn


class Scale(nn.Module):
    """Multiplies each feature by a learned number."""

    def __init__(self, in_features: int, start: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((in_features,), start))

    def forward(self, input: Tensor) -> Tensor:
        return input * self.weight
'''
EXAMPLE = Example({"input": ((2, 3),)})


def _from_source(layer: Layer, values: Mapping[str, Any]) -> Layer:
    try:
        found = read_layer(values["source"])
    except SourceError:
        return layer
    return _shaped(layer, found, found.name, values["source"])


def _from_path(layer: Layer, values: Mapping[str, Any]) -> Layer:
    try:
        found = read_class(find_class(values["path"]))
    except SourceError:
        return layer
    return _shaped(layer, found, values["path"], "")


def _shaped(layer: Layer, found: Signature, target: str, code: str) -> Layer:
    """The declaration with the ports and the form of a class; the node's own names stay its own."""
    own = {param.name for param in layer.options}
    return replace(
        layer,
        target=target,
        code=code,
        doc=found.doc or layer.doc,
        params=tuple(param for param in found.params if param.name not in own),
        derived=found.derived,
        inputs=found.inputs,
        outputs=found.outputs,
        returns=found.returns,
    )


CUSTOM: tuple[Layer, ...] = (
    adaptable(
        Layer(
            type="PythonLayer",
            category="Custom",
            doc="A class of your own, kept in the project; it runs once you have trusted its text.",
            target="Scale",
            options=(Code("source", TEMPLATE, "The class, with what it imports", essential=True),),
            example=EXAMPLE,
            url="https://docs.pytorch.org/docs/stable/notes/modules.html",
            formula="y = forward(x)",
            use="For what no layer here can do. Exported code holds the text as it is.",
            keywords=("code", "own", "class", "source", "custom"),
        ),
        _from_source,
    ),
    adaptable(
        Layer(
            type="Module",
            category="Custom",
            doc="Any nn.Module that can be imported, by its dotted path; its arguments become the form.",
            target="torch.nn.Identity",
            options=(
                Text(
                    "path",
                    "torch.nn.Identity",
                    "Package, module and class, such as torch.nn.Mish",
                    essential=True,
                ),
            ),
            example=EXAMPLE,
            url="https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html",
            formula="y = module(x)",
            use="For layers of an installed package. It is imported only once you have trusted the path.",
            keywords=("import", "package", "library", "custom"),
        ),
        _from_path,
    ),
)

"""Layers of the user's own: a formula, a class kept in the project, any importable module by its path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.catalog.adapting import adaptable
from studio.catalog.formula import read_formula
from studio.catalog.module_source import find_class
from studio.catalog.python_source import Signature, SourceError, read_class, read_layer
from studio.catalog.registry import Example, Layer, Port
from studio.catalog.template import TEMPLATE
from studio.project.params import Code, Text

EXAMPLE = Example({"input": ((2, 3),)})


def _from_formula(layer: Layer, values: Mapping[str, Any]) -> Layer:
    try:
        formula = read_formula(values["expression"])
    except ValueError:
        return layer
    ports = tuple(Port(name, f"The tensor {name}") for name in formula.names)
    return replace(layer, inputs=ports, source=formula.code)


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
            type="Expression",
            category="Custom",
            doc="One line of arithmetic on tensors; every name in it becomes an input.",
            target="studio.build.formulas.expression",
            params=(
                Text(
                    "expression",
                    "x * sigmoid(x)",
                    "The formula, such as a * sigmoid(b) or softmax(q @ transpose(k, 1, 2), -1)",
                    essential=True,
                ),
            ),
            inputs=(Port("x", "The tensor x"),),
            example=Example({"a": ((2, 3),), "b": ((2, 3),)}, {"expression": "a * sigmoid(b)"}),
            url="https://docs.pytorch.org/docs/stable/torch.html",
            formula="y = a · sigmoid(b), or what you write",
            use="For a small computation that would take several nodes. It is never run as Python at large.",
            keywords=("formula", "lambda", "math", "custom"),
        ),
        _from_formula,
    ),
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

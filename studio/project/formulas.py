"""Formulas in drawings: which names they read, what these are where the drawing is, and values put in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from studio.project.expressions import is_formula, names_in, substituted
from studio.project.fields import Field
from studio.project.graph import Graph, Node
from studio.project.params import Value
from studio.project.project import Project


def names_read(nodes: Iterable[Node]) -> frozenset[str]:
    """The names that the formulas of nodes read."""
    values = (value for node in nodes for value in node.params.values())
    return frozenset(name for value in values for name in names_of(value))


def names_of(value: Value) -> frozenset[str]:
    """The names that a value reads, if it is a formula."""
    return names_in(value) if isinstance(value, str) and is_formula(value) else frozenset()


def known(project: Project, block: str | None) -> dict[str, Value]:
    """What formulas can read: the project's constants, or in a block its arguments with their defaults."""
    if block is None or block not in project.blocks:
        return dict(project.constants)
    values: dict[str, Value] = {}
    for one in project.blocks[block].arguments:
        default = one.default
        formula = isinstance(default, str) and is_formula(default)
        values[one.name] = substituted(str(default), values) if formula else default
    return values


def facts_of(fields: Mapping[str, Field]) -> dict[str, Value]:
    """What formulas in the main graph can read of the data: image.shape; label.classes, their number; and
    text.count, how many whole numbers there are from 0 on.
    """
    found: dict[str, Value] = {}
    for name, one in fields.items():
        if name.isidentifier():
            found[f"{name}.shape"] = one.shape
            found |= {f"{name}.classes": len(one.classes)} if one.classes is not None else {}
            if one.dtype == "int64" and one.high is not None:
                found[f"{name}.count"] = int(one.high) + 1
    return found


def put(value: Value, values: Mapping[str, Value]) -> Value:
    """A value, with others in the place of names where it is a formula that reads them."""
    if not isinstance(value, str) or not names_of(value) & values.keys():
        return value
    return substituted(value, values)


def with_values(graph: Graph, values: Mapping[str, Value]) -> Graph:
    """A graph whose formulas have values (or formulas of other names) in the place of names."""
    nodes = ((node, filled(node, values)) for node in graph.nodes.values())
    changed = [new for old, new in nodes if new is not old]
    return graph.with_nodes(*changed) if changed else graph


def filled(node: Node, values: Mapping[str, Value]) -> Node:
    """A node whose formulas have values in the place of names."""
    found = {key: put(one, values) for key, one in node.params.items() if names_of(one) & values.keys()}
    return node.with_params(**found) if found else node

"""Checks about sizes that the data leaves open: arguments that need one number, data that does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from studio.build import fixes
from studio.build.dimensions import fits, given_shape, input_type
from studio.build.plan import Plan
from studio.build.requirements import Requirements, unmet
from studio.build.shapes import Failure
from studio.build.site import Site
from studio.build.sizes import Dim, TensorType
from studio.catalog.blocks import catalog_of
from studio.catalog.registry import checked_values
from studio.errors import Fix, Problem
from studio.project import edits
from studio.project.fields import Field
from studio.project.params import Value
from studio.project.project import Project

POOLING = {1: "AdaptiveAvgPool1d", 2: "AdaptiveAvgPool2d", 3: "AdaptiveAvgPool3d"}
JOINING = frozenset({"Flatten", "Reshape"})
POOLED = 4
"""The size that an adaptive pooling is proposed with."""
SETTLED = 64
"""The size that an open one is proposed to be set to."""
Edit = Callable[[Project], Project]


def depends_on_open(site: Site, failure: Failure) -> Problem:
    """An argument, such as the width of a Linear, that would follow from a size which is open."""
    port = site.tensors[0].port
    found = site.inputs()[0]
    text = f"{failure.text}, and a layer has one number there" if " be " in failure.text else failure.text
    names = sorted(found.open)
    are = "are" if len(names) > 1 else "is"
    return site.problem(
        text[:1].lower() + text[1:],
        f"{' and '.join(names)} {are} left open. Pool to a fixed size before, or set a size on the Input.",
        port,
        *_turns(site, port, found),
        *_poolings(site.name, port, found),
        _set_sizes(names),
    )


def open_shape(site: Site) -> Iterator[Problem]:
    """A shape with open sizes on an Input whose field of the data has another shape."""
    if site.layer.type != "Input" or "field" in site.wrong or "shape" in site.wrong:
        return
    shape, field = given_shape(site), (site.fields or {}).get(str(site.values["field"]))
    if field is None or shape is None or all(isinstance(one, int) and one != -1 for one in shape):
        return
    held = input_type(field.shape, field.dtype)
    if not fits(shape, held):
        wanted = "×".join("?" if one == -1 else str(one) for one in shape)
        yield site.problem(
            f"the shape {wanted} is not that of the field {field.name}, {held.pill}",
            "What is a number must be the data's; the others are left open.",
            "shape",
            fixes.reset_param(site.name, "shape", None),
        )


def unmet_by_data(
    plan: Plan, requirements: Requirements, fields: Mapping[str, Field] | None
) -> Iterator[Problem]:
    """Data whose sizes are not what the drawing demands."""
    for step in plan.inputs:
        field = (fields or {}).get(step.field)
        told = unmet(field.name, step.type, field.shape, requirements) if field else None
        if told:
            yield Problem("error", f"{step.name}: {told[0]}", told[1], step.name, "shape")


def _turns(site: Site, port: str, found: TensorType) -> list[Fix]:
    """Features before places for what takes channels first; the mean over places before they are joined."""
    by_channels = site.layer.category in ("Convolution", "Normalization", "Pooling")
    if len(found.shape) == 3 and by_channels:
        params = {"dims": (0, 2, 1)}
        return [fixes.insert("Permute", site.name, port, params, f"Insert Permute before {site.name}")]
    if len(found.shape) == 2 and len(found.open) == 1:
        edit = _before_joining(site.name, port, "Mean", {"dim": 1})
        return [Fix("Insert Mean over dimension 1 in place of joining", edit)]
    return []


def _poolings(name: str, port: str, found: TensorType) -> list[Fix]:
    """Pooling before the dimensions were joined: to a few places, or to one."""
    size = next((one for one in found.shape if isinstance(one, Dim) and one.open), None)
    rank = sum(symbol != "N" for symbol in size.terms[0][0]) if size else 0
    if rank not in POOLING:
        return []
    layer = POOLING[rank]
    each, one = "×".join([str(POOLED)] * rank), "×".join("1" * rank)
    labels = {
        POOLED: f"Insert {layer} to {each} before the dimensions are joined",
        1: f"Insert {layer} to {one}: the mean of each channel",
    }
    return [
        Fix(label, _before_joining(name, port, layer, {"output_size": size}))
        for size, label in labels.items()
    ]


def _before_joining(name: str, port: str, layer: str, params: Mapping[str, Value]) -> Edit:
    """A new layer in front of the one that joins dimensions, else right before the node."""

    def edit(project: Project) -> Project:
        graph = project.graph
        direct = edge = next((e for e in graph.incoming(name) if e.target.port == port), None)
        while edge is not None and graph.nodes[edge.target.node].type not in JOINING:
            edge = next(iter(graph.incoming(edge.source.node)), None)
        edge = edge or direct
        return project if edge is None else fixes.insert_on(project, edge, layer, params)

    return fixes.on_node(name, edit)


def _set_sizes(names: list[str]) -> Fix:
    """Numbers for open sizes on every Input that has them."""

    def edit(project: Project) -> Project:
        for node in project.graph.nodes.values():
            layer = catalog_of(project).layer(node.type)
            if layer is None or layer.type != "Input":
                continue
            shape = checked_values(layer.all_params, node.params)[0]["shape"]
            items = shape if isinstance(shape, tuple) else (shape,)
            settled = tuple(SETTLED if one in names or one == -1 else one for one in items)
            if settled != items:
                project = edits.set_params(project, node.name, {"shape": settled})
        return project

    return Fix(f"Set {' and '.join(names)} to {SETTLED}", edit)

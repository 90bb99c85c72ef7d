"""Checks of what arrives at a layer: its number of dimensions and its kind of values.

What a layer takes is read off its declaration and example, so that a new layer is covered by being declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import prod

from studio.build import fixes
from studio.build.plan import Dim, TensorType
from studio.build.site import Site
from studio.catalog.registry import Layer
from studio.errors import Fix, Problem
from studio.project.params import Value

SPATIAL = {1: "N×C×L", 2: "N×C×H×W", 3: "N×C×D×H×W"}
BY_DIMENSIONS = frozenset({"Convolution", "Pooling", "Normalization", "Regularization"})
SEQUENCES = frozenset({"Recurrent", "Attention"})


def expected(layer: Layer) -> tuple[tuple[int, ...], str]:
    """The numbers of dimensions that a layer takes, and how they read; () where it takes any."""
    dims = re.search(r"(\d)d$", layer.target or "")
    if dims and layer.category in BY_DIMENSIONS:
        size = int(dims.group(1))
        if layer.category == "Normalization" and size == 1:
            return (2, 3), "N×C or N×C×L"
        return (size + 2,), SPATIAL[size]
    if layer.category in SEQUENCES and layer.example and layer.is_module:
        rank = len(layer.example.inputs[layer.inputs[0].name][0])
        return ((rank,), {2: "N×features", 3: "N×L×features"}[rank]) if rank < 4 else ((), "")
    return (), ""


def dimensions(site: Site) -> Iterator[Problem]:
    """A layer for images gets rows, say; torch would take some of these for one sample without batch."""
    ranks, words = expected(site.layer)
    checked = site.layer.example.inputs if site.layer.example else {}
    for tensor in site.tensors:
        if ranks and tensor.port in checked and tensor.type and len(tensor.type.shape) not in ranks:
            found = tensor.type
            yield site.problem(
                f"{site.layer.type} takes {words}; it gets {found}",
                _rank_hint(found, ranks, words),
                tensor.port,
                *_rank_fixes(site.name, tensor.port, found, ranks),
            )
            return


def _rank_hint(found: TensorType, ranks: tuple[int, ...], words: str) -> str:
    if len(found.shape) > max(ranks):
        return f"Flatten or Select takes dimensions away, so that it becomes {words}."
    return f"Reshape gives each sample the dimensions that are missing, so that it becomes {words}."


def _rank_fixes(name: str, port: str, found: TensorType, ranks: tuple[int, ...]) -> list[Fix]:
    shape, rank = found.shape, ranks[-1]
    if shape[:1] != (Dim(),) or not all(isinstance(size, int) for size in shape[1:]):
        return []
    sizes = [size for size in shape[1:] if isinstance(size, int)]
    if len(shape) > rank:
        start = rank - 1
        params: Mapping[str, Value] = {} if start == 1 else {"start_dim": start}
        return [fixes.insert("Flatten", name, port, params, f"Insert Flatten before {name}")]
    lacking = rank - len(shape)
    square = round(prod(sizes) ** 0.5)
    choices = [(*(1,) * lacking, *sizes)]
    if rank == 4 and len(sizes) == 1 and square * square == sizes[0]:
        choices.insert(0, (1, square, square))
    return [
        fixes.insert("Reshape", name, port, {"shape": one}, f"Insert Reshape to {'×'.join(map(str, one))}")
        for one in choices
    ]


def kinds_of_values(site: Site) -> Iterator[Problem]:
    """Whole numbers where the layer computes with fractions, or the other way round."""
    for tensor in site.tensors:
        if tensor.type is None or (site.layer.category == "Loss" and tensor.port == "target"):
            continue
        whole = tensor.type.dtype == "int64"
        if tensor.port in site.layer.integers and not whole:
            yield site.problem(
                f"{site.layer.type} takes whole numbers (int64); it gets {tensor.type.dtype}",
                "It looks numbers up, such as the index of a word or a class. Linear takes fractions.",
                tensor.port,
                *_other_fields(site, tensor.port, "int64"),
            )
        elif tensor.port in (*site.layer.integers, *site.layer.truths) or not _computes(site.layer):
            continue
        elif tensor.type.dtype == "bool":
            yield site.problem(
                f"{site.layer.type} takes fractions (float32); it gets truth values (bool)",
                "Cast turns them into 0 and 1.",
                tensor.port,
                fixes.insert(
                    "Cast", site.name, tensor.port, {"dtype": "float32"}, f"Insert Cast before {site.name}"
                ),
                *_other_fields(site, tensor.port, "float32"),
            )
        elif whole:
            yield site.problem(
                f"{site.layer.type} takes fractions (float32); it gets whole numbers (int64)",
                "Embedding turns whole numbers, such as indices of words or classes, into vectors.",
                tensor.port,
                fixes.insert("Embedding", site.name, tensor.port),
                *_other_fields(site, tensor.port, "float32"),
            )


def _computes(layer: Layer) -> bool:
    """Whether it is known to compute with fractions; what code of the user's own takes, it says itself."""
    return layer.is_module and layer.category not in ("Shape", "Pooling", "Data", "Custom")


def _other_fields(site: Site, port: str, dtype: str) -> list[Fix]:
    """Another field of the data for the Input node right before, where one has the right kind."""
    tensor = site.at(port)
    arrival = next((one for one in site.arrivals if one.edge.target.port == port), None)
    if not tensor or not tensor.field or not arrival or not site.fields:
        return []
    node = arrival.edge.source.node
    fitting = [one.name for one in site.fields.values() if one.dtype == dtype and one.role == "input"]
    return [fixes.set_param(node, "field", one, f"Let {node} take the field {one}", 2) for one in fitting[:2]]

"""Checks of the user's own layers: source that Python understands, a path that leads somewhere, and trust."""

from __future__ import annotations

import re
from collections.abc import Iterator

from studio.build import custom, fixes
from studio.build.site import Site
from studio.build.whole import Whole
from studio.catalog.formula import read_formula
from studio.catalog.module_source import find_class
from studio.catalog.python_source import SourceError, read_class, read_layer, told
from studio.errors import Fix, Problem
from studio.project.graph import free_name


def readable(site: Site) -> Iterator[Problem]:
    """Source or a path that no layer can be made of."""
    error = unreadable(site)
    if error is None:
        return
    if site.layer.type == "Expression":
        hint = "Write arithmetic on names, such as a * sigmoid(b); each name becomes an input."
        yield site.problem(str(error), hint, "expression", *_readable_formulas(site))
    elif site.layer.type == "PythonLayer":
        yield site.problem(
            told(error) if isinstance(error, SourceError) else str(error),
            "The text must define one, as in class MyLayer(nn.Module).",
            "source",
        )
    else:
        hint = "Write package.module.Class, as in torch.nn.Mish, of a package that is installed here."
        reset = fixes.reset_param(site.name, "path", "torch.nn.Identity")
        yield site.problem(str(error), hint, "path", reset)


def _readable_formulas(site: Site) -> Iterator[Fix]:
    """The formula with all brackets closed, the sum of what arrives, and the default."""
    text = str(site.values["expression"])
    arriving = dict.fromkeys(one.edge.target.port for one in site.arrivals)
    for better in (text + ")" * (text.count("(") - text.count(")")), " + ".join(arriving)):
        if _formula_error(better) is None:
            yield fixes.set_param(site.name, "expression", better)
    yield fixes.reset_param(site.name, "expression", site.layer.params[0].default)


def trusted(site: Site) -> Iterator[Problem]:
    """Python that the user has not agreed to run."""
    if unreadable(site) is not None or custom.is_trusted(site.layer):
        return
    what, field = ("its source", "source") if site.layer.code else (f"{site.layer.target}", "path")
    yield site.problem(
        f"{what} is not trusted yet, and so it is not run",
        "Python can do anything that you can do. Read it, then press Trust in the inspector "
        "(neuroloom trust on the command line).",
        field,
    )


def names_twice(whole: Whole) -> Iterator[Problem]:
    """Two sources whose classes share a name: exported code could hold only one of them."""
    first: dict[str, tuple[str, str]] = {}
    for node in whole.project.graph.nodes.values():
        layer = whole.registry.layer_of(node) if node.type == "PythonLayer" else None
        if layer is None or layer.target is None or not layer.code:
            continue
        name, code = first.setdefault(layer.target, (node.name, layer.code))
        if code != layer.code:
            renamed = free_name(layer.target, first)
            source = re.sub(rf"\b{layer.target}\b", renamed, layer.code)
            yield Problem(
                "error",
                f"{node.name}: its class {layer.target} has the name of another one, that of {name}",
                "In exported code both would be one. Rename one of the two.",
                node.name,
                "source",
                (
                    fixes.set_param(node.name, "source", source, f"Rename the class to {renamed}"),
                    fixes.set_param(node.name, "source", code, f"Take the source of {name}"),
                ),
            )


def barred(site: Site) -> bool:
    """Whether the layer cannot be made or may not run."""
    return unreadable(site) is not None or not custom.is_trusted(site.layer)


def unreadable(site: Site) -> ValueError | None:
    """Why no layer can be made of the source, the path or the formula."""
    try:
        if site.layer.type == "PythonLayer":
            read_layer(str(site.values["source"]))
        elif site.layer.type == "Module":
            read_class(find_class(str(site.values["path"])))
        elif site.layer.type == "Expression":
            return _formula_error(str(site.values["expression"]))
    except ValueError as error:
        return error
    return None


def _formula_error(text: str) -> ValueError | None:
    try:
        read_formula(text)
    except ValueError as error:
        return error
    return None

"""Checks of the user's own layers: source that Python understands, a path that leads somewhere, and trust."""

from __future__ import annotations

from collections.abc import Iterator

from studio.build import custom, fixes
from studio.build.site import Site
from studio.catalog.module_source import find_class
from studio.catalog.python_source import SourceError, read_class, read_layer, told
from studio.errors import Problem


def readable(site: Site) -> Iterator[Problem]:
    """Source or a path that no layer can be made of."""
    error = _unreadable(site)
    if error is None:
        return
    if site.layer.type == "PythonLayer":
        yield site.problem(
            told(error),
            "The text must define a class with a forward method: class MyLayer(nn.Module): …",
            "source",
        )
    else:
        hint = "Write package.module.Class, as in torch.nn.Mish, of a package that is installed here."
        reset = fixes.reset_param(site.name, "path", "torch.nn.Identity")
        yield site.problem(str(error), hint, "path", reset)


def trusted(site: Site) -> Iterator[Problem]:
    """Python that the user has not agreed to run."""
    if _unreadable(site) is not None or custom.is_trusted(site.layer):
        return
    what, field = ("its source", "source") if site.layer.code else (f"{site.layer.target}", "path")
    yield site.problem(
        f"{what} is not trusted yet, and so it is not run",
        "Python can do anything that you can do. Read it, then press Trust in the inspector "
        "(neuroloom trust on the command line).",
        field,
    )


def barred(site: Site) -> bool:
    """Whether the layer cannot be made or may not run."""
    return _unreadable(site) is not None or not custom.is_trusted(site.layer)


def _unreadable(site: Site) -> SourceError | None:
    try:
        if site.layer.type == "PythonLayer":
            read_layer(str(site.values["source"]))
        elif site.layer.type == "Module":
            read_class(find_class(str(site.values["path"])))
    except SourceError as error:
        return error
    return None

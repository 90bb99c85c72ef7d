"""An import, folded: drawn in blocks, its weights by their new keys, compared with the original again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from studio.build.check import Checker
from studio.build.network import Network
from studio.catalog.registry import registry
from studio.errors import StudioError
from studio.interchange.folding.drawn import main_graph
from studio.interchange.folding.fold import Folder
from studio.interchange.folding.items import flat_items
from studio.interchange.folding.tree import reads_of, tree_of
from studio.interchange.imported import Imported, Told
from studio.interchange.modules.comparing import largest_difference
from studio.project.graph import Endpoint

ACCURATE = 1e-5


def folded(imported: Imported) -> Imported:
    """The same network, what its modules repeat drawn once, as blocks.

    Where the folded drawing would not be the same network, the flat one stays, and it is told. The flat one
    has been compared on all trials: the last shows whether this one is the same.
    """
    found = _folded(imported)
    if not found.project.blocks:
        return found
    try:
        largest = measured(replace(found, trials=found.trials[-1:]))
        apart = largest is not None and largest > max(ACCURATE, imported.largest_difference or 0.0)
        why = f"its results would differ by {largest:.1e}" if apart else ""
    except (StudioError, RuntimeError, ValueError) as error:
        largest, why = None, str(error).strip().partition("\n")[0]
    if why:
        told = Told("warning", None, f"The drawing was left without blocks: {why}.")
        return replace(imported, report=(*imported.report, told))
    known = (one for one in (largest, found.largest_difference) if one is not None)
    return replace(found, largest_difference=max(known, default=None))


def _folded(imported: Imported) -> Imported:
    graph = imported.project.graph
    reads = reads_of(graph)
    readers: dict[Endpoint, list[str]] = {}
    for name, taken in reads.items():
        for _, _, end in taken:
            readers.setdefault(end, []).append(name)
    folder = Folder(readers, imported.classes, registry())
    items = flat_items(graph.nodes, reads, imported.origin)
    drawing, places = main_graph(folder.folded(tree_of(items, imported.origin)))
    return replace(
        imported,
        project=replace(imported.project, graph=drawing, blocks=folder.blocks),
        weights={_placed(key, places): tensor for key, tensor in imported.weights.items()},
        report=tuple(
            replace(one, node=_placed(one.node, places)) if one.node else one for one in imported.report
        ),
        origin={},
        classes={},
    )


def _placed(key: str, places: Mapping[str, str]) -> str:
    """A key of the flat state_dict, or a flat node's name, as it is in the blocks."""
    node, dot, rest = key.partition(".")
    return f"{places.get(node, node)}{dot}{rest}"


def measured(imported: Imported) -> float | None:
    """The largest difference of the drawing's results from the original's on its trials, None without any.

    Raises StudioError where the drawing has errors, RuntimeError where weights are missing or of other sizes.
    """
    checked = Checker().check(imported.project, {})
    if checked.errors:
        first = checked.errors[0]
        raise StudioError(f"{first.node}: {first.message}", first.hint)
    network = Network(checked.plan).eval()
    network.load_state_dict(dict(imported.weights))
    return largest_difference(checked, network, imported.trials) if imported.trials else None

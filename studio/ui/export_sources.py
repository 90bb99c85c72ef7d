"""Which networks can leave: the drawing as it is now, and every run with weights that were kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.errors import StudioError
from studio.project.graph import Graph
from studio.project.project import Project
from studio.train.rescue import holder_of
from studio.train.runs import RunInfo, list_runs, run_project


@dataclass(frozen=True, slots=True)
class Run:
    """A run to take weights from, and whether its network is the one that is drawn now."""

    info: RunInfo
    same: bool


def runs_with_weights(runs_dir: Path, project: Project) -> list[Run]:
    """Those whose best weights were kept, newest first."""
    found: list[Run] = []
    for info in list_runs(runs_dir):
        if (holder_of(info.path, "best") / "checkpoints" / "best.json").is_file():
            found.append(Run(info, _same(info.path, project)))
    return found


def _same(run: Path, project: Project) -> bool:
    try:
        trained = run_project(run)
    except StudioError:
        return False
    blocks = {name: _computed(block.graph) for name, block in project.blocks.items()}
    before = {name: _computed(block.graph) for name, block in trained.blocks.items()}
    return _computed(project.graph) == _computed(trained.graph) and blocks == before


def _computed(graph: Graph) -> object:
    """What a drawing computes, wherever its nodes lie."""
    nodes = {name: (node.type, dict(node.params), node.muted) for name, node in graph.nodes.items()}
    return nodes, {(edge.source, edge.target) for edge in graph.edges}

"""A model card says in words what a network takes and gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.build.check import Checker
from studio.data.describe import describe
from studio.interchange.model_card import model_card
from studio.project.graph import Edge, Endpoint, Node
from studio.project.project import Project
from studio.project.storage import load

SAMPLES = Path(__file__).parents[2] / "samples"


def card_of(project: Project) -> str:
    described = describe(project.data, SAMPLES)
    return model_card(Checker().check(project, described.fields, described.problems, described.parts))


@pytest.mark.parametrize(
    ("sample", "line"),
    [
        ("mlp_digits", "N×10, the logarithm of the share of each class of **label**"),
        ("linear_regression", "N×1, the value of **"),
    ],
)
def test_what_it_gives_is_called_by_what_it_says(sample: str, line: str) -> None:
    (told,) = [one for one in card_of(load(SAMPLES / f"{sample}.loom")).splitlines() if "Gives" in one]
    assert line in told
    assert "**loss**" not in told


def test_an_output_has_its_own_name_and_says_the_same() -> None:
    project = load(SAMPLES / "mlp_digits.loom")
    graph = project.graph
    loss = next(edge for edge in graph.edges if edge.target == Endpoint("loss", "prediction"))
    graph = graph.with_nodes(Node("digit", "Output"))
    graph = graph.with_edges(Edge(loss.source, Endpoint("digit", "input")))
    (told,) = [one for one in card_of(project.with_graph(graph)).splitlines() if "Gives" in one]
    assert told.startswith("- Gives **digit**: N×10, the logarithm of the share of each class")

"""Which ports new wires take."""

from __future__ import annotations

from studio.catalog.plugging import NO_DTYPES, Stuck, chained, fed, free_row, plugged
from studio.catalog.registry import registry
from studio.project import edits
from studio.project.graph import Endpoint
from studio.project.project import Project


def placed(*types: str) -> tuple[Project, list[str]]:
    """Nodes beside each other, and their names."""
    project, names = Project(), list[str]()
    for place, type in enumerate(types):
        project, name = edits.add_node(project, type, (place * 200, 0))
        names.append(name)
    return project, names


def wires(project: Project) -> set[str]:
    ends = ((edge.source.node, edge.target) for edge in project.graph.edges)
    return {f"{source}>{target.node}.{target.port}{target.index}" for source, target in ends}


def test_whole_numbers_go_where_whole_numbers_are_wanted() -> None:
    project, (field, loss) = placed("Input", "CrossEntropy")
    source = Endpoint(field, "output")
    label = plugged(project, registry(), source, loss, {source: "int64"})
    image = plugged(project, registry(), source, loss, {source: "float32"})
    assert label is not None
    assert image is not None
    assert wires(label) == {"input>cross_entropy.target0"}
    assert wires(image) == {"input>cross_entropy.prediction0"}


def test_where_nothing_fits_the_first_free_input_is_taken_and_none_where_all_are() -> None:
    project, (field, other, relu) = placed("Input", "Input", "ReLU")
    source = Endpoint(field, "output")
    once = plugged(project, registry(), source, relu, {source: "int64"})
    assert once is not None
    assert wires(once) == {"input>relu.input0"}
    assert plugged(once, registry(), Endpoint(other, "output"), relu) is None


def test_a_chain_keeps_what_is_there_and_says_what_cannot_be() -> None:
    project, names = placed("ReLU", "MSE", "GELU", "Tanh")
    project, stuck = chained(project, registry(), names)
    assert wires(project) == {"relu>mse.prediction0", "gelu>tanh.input0"}
    assert stuck == [Stuck("output", "mse", "gelu")]
    again, stuck = chained(project, registry(), ["tanh", "gelu"], NO_DTYPES)
    assert again is project
    assert stuck == [Stuck("cycle", "tanh", "gelu")]
    _, stuck = chained(project, registry(), ["relu", "tanh"])
    assert stuck == [Stuck("input", "relu", "tanh")]


def test_a_new_node_takes_in_as_many_as_it_has_inputs() -> None:
    project, names = placed("ReLU", "GELU", "Tanh", "Subtract")
    assert wires(fed(project, registry(), "subtract", names[:3])) == {
        "relu>subtract.input0", "gelu>subtract.other0",
    }  # fmt: skip
    project, names = placed("ReLU", "GELU", "Tanh")
    assert wires(fed(project, registry(), "tanh", names[:2])) == {"gelu>tanh.input0"}


def test_what_takes_or_gives_nothing_is_no_row_for_a_wire() -> None:
    project, names = placed("Input", "MSE", "ReLU")
    found = [free_row(project, registry(), [name]) for name in names]
    assert [row.names if row else () for row in found] == [(), (), ("relu",)]

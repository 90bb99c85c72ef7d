"""What is known of the data goes with it into blocks: tables there must have a row for every number."""

from __future__ import annotations

from dataclasses import replace

from studio.build.check import Checker
from studio.project.block import Block
from studio.project.fields import Field
from studio.project.graph import Node
from studio.project.project import Project
from tests.build.drawings import FIELDS, draw, node
from tests.build.test_block_problems import mended, only
from tests.build.test_blocks import block, check

TABLE = node("table", "Embedding", num_embeddings="= rows", embedding_dim=4)
PORTS = (node("ids", "Input"), node("y", "Output"))
BLOCKS = {
    "LookUp": block([*PORTS, TABLE], "ids > table", "table > y", rows=20),
    "Around": block(
        [*PORTS, node("inner", "block:LookUp", rows=9)], "ids > inner.ids", "inner.y > y"
    ),
    "Small": block([*PORTS, node("table", "Embedding", num_embeddings=9)], "ids > table", "table > y"),
    "Counted": block([*PORTS, TABLE, node("less", "Compare", operator="less", value=5.0),
                      node("count", "Cast", dtype="int64")],
                     "ids > less", "less > count", "count > table", "table > y", rows=2),
}  # fmt: skip


def words(type: str, blocks: dict[str, Block] | None = None, **arguments: int) -> Project:
    """Whole numbers from 0 to 19 into a use of a block."""
    row: list[Node] = [
        node("x", "Input", field="words"),
        node("use", f"block:{type}", **arguments),
        node("flatten", "Flatten"),
        node("fc", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    wires = ("x > use.ids", "use.y > flatten", "flatten > fc", "fc > loss.prediction")
    return replace(draw(row, *wires), blocks=blocks or BLOCKS)


def test_a_table_in_a_block_needs_a_row_for_every_number_of_the_data() -> None:
    assert check(words("LookUp")).problems == ()
    problem = only(check(words("LookUp", rows=9)))
    assert problem.message == "use.table: words holds numbers up to 19; the table ends at 8"
    assert (problem.path, problem.block, problem.field) == (("use",), "LookUp", "num_embeddings")


def test_the_first_fix_makes_the_table_in_the_block_longer() -> None:
    project = words("Small")
    assert mended(project, only(check(project))).problems == ()


def test_the_data_is_known_in_nested_blocks_and_behind_a_muted_node() -> None:
    problem = only(check(words("Around")))
    assert (problem.path, problem.block, problem.node) == (("use", "inner"), "LookUp", "table")
    inside = BLOCKS["Small"]
    muted = replace(node("rest", "Dropout"), muted=True)
    graph = inside.graph.without_edges(inside.graph.incoming("table")[0]).with_nodes(muted)
    graph = graph.with_edges(*draw([], "ids > rest", "rest > table").graph.edges)
    assert only(check(words("Muted", {"Muted": replace(inside, graph=graph)}))).node == "table"


def test_what_a_block_computes_is_no_field_of_the_data() -> None:
    assert check(words("Counted")).problems == ()


def test_a_check_sees_that_the_data_changed_and_uses_differ() -> None:
    checker = Checker()
    project = words("LookUp", rows=15)
    few = {**FIELDS, "words": Field("words", (7,), "int64", low=0.0, high=14.0)}
    assert checker.check(project, few).problems == ()
    assert len(checker.check(project, FIELDS).problems) == 1
    assert checker.check(project, few).problems == ()

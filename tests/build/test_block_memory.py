"""Checking stays incremental with blocks: an edit looks at what it touches, equal uses share an answer."""

from __future__ import annotations

from itertools import pairwise
from unittest.mock import patch

from studio.build import walk
from studio.build.check import Checker
from studio.build.evaluation import Answer
from studio.build.site import Site
from studio.project import edits
from studio.project.block import within
from studio.project.project import Project
from tests.build.drawings import FIELDS, node
from tests.build.test_blocks import block, chain, nested


class Counted:
    """How many nodes were looked at while it was in use."""

    def __init__(self) -> None:
        self.nodes: list[str] = []

    def __enter__(self) -> Counted:
        real = walk.evaluate

        def counting(site: Site) -> Answer:
            self.nodes.append(site.name)
            return real(site)

        self._patch = patch.object(walk, "evaluate", counting)
        self._patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.stop()


def large(count: int = 1000) -> Project:
    """A use of a block of many nodes, in a row, and a layer in front of it that is not in the block."""
    row = [
        node(f"n{k}", "Linear" if k % 2 else "Tanh", **({"out_features": 8} if k % 2 else {}))
        for k in range(count)
    ]
    names = ["x", *(one.name for one in row), "y"]
    made = block(
        [node("x", "Input"), *row, node("y", "Output")],
        *(f"{a} > {b}" for a, b in pairwise(names)),
    )
    return chain(
        node("flat", "Flatten"),
        node("stem", "Linear", out_features=8),
        node("use1", "block:Row"),
        node("use2", "block:Row"),
        node("relu", "ReLU"),
        blocks={"Row": made},
    )


def test_an_edit_elsewhere_looks_at_no_node_of_an_untouched_use() -> None:
    project, checker = large(), Checker()
    with Counted() as first:
        assert checker.check(project, FIELDS).errors == ()
    assert first.nodes.count("n500") == 1, "equal uses share their answer"
    with Counted() as second:
        checker.check(edits.set_params(project, "fc", {"bias": False}), FIELDS)
    assert second.nodes == ["fc"]
    with Counted() as third:
        checker.check(edits.set_params(project, "stem", {"bias": False}), FIELDS)
    assert sorted(third.nodes) == ["fc", "stem"]


def test_an_edit_inside_looks_at_what_is_behind_it_alone() -> None:
    project, checker = large(), Checker()
    checker.check(project, FIELDS)
    edited = within(project, "Row", lambda seen: edits.set_params(seen, "n901", {"bias": False}))
    with Counted() as counted:
        assert checker.check(edited, FIELDS).errors == ()
    assert counted.nodes == ["n901"]
    wider = within(project, "Row", lambda seen: edits.set_params(seen, "n997", {"out_features": 9}))
    with Counted() as counted:
        checker.check(wider, FIELDS)
    assert sorted(counted.nodes) == ["n901", "n997", "n998", "n999"]


def test_a_trial_leaves_the_checker_as_it_was() -> None:
    project, checker = large(50), Checker()
    checker.check(project, FIELDS)
    checker.trial(within(project, "Row", lambda seen: edits.set_params(seen, "n11", {"bias": False})))
    with Counted() as counted:
        checker.check(project, FIELDS)
    assert counted.nodes == []


def test_undo_gives_the_same_answer_again() -> None:
    project, checker = nested(), Checker()
    before = checker.check(project, FIELDS)
    checker.check(within(project, "Residual", lambda seen: edits.delete(seen, ["norm"])), FIELDS)
    again = checker.check(project, FIELDS)
    assert again.plan == before.plan
    assert dict(again.types) == dict(before.types)
    assert again.problems == before.problems

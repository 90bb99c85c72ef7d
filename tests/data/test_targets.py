"""Which column is predicted, and as what: as it is found, named, or chosen by the user."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.data.column_facts import ColumnFacts
from studio.data.describe import describe
from studio.project.field_edits import with_role
from studio.project.project import Data, Project, Setting
from studio.ui.import_look import Look, look

CSV = Setting("CSV", {"path": "t.csv"})


def taken(folder: Path, text: str, data: Data | None = None) -> Look:
    (folder / "t.csv").write_text(text, encoding="utf-8")
    return look(Project(), data or Data(CSV), folder, carried=data is not None)


def facts(seen: Look) -> dict[str, ColumnFacts]:
    return {one.name: one for one in seen.description.facts}


def target(seen: Look) -> tuple[str, str]:
    (found,) = [one for one in seen.description.facts if one.role == "target"]
    return found.name, found.kind


@pytest.mark.parametrize(
    ("write", "kind"),
    [
        (lambda at: f'"${at:,}"', "number"),
        (lambda at: f"{at / 1000:.1f}%", "number"),
        (lambda at: f"2026-01-{at % 28 + 1:02} 0{at % 9}:00", "time"),
        (lambda at: f"word{at % 3}", "category"),
        (lambda at: f"0{at % 4}", "category"),
    ],
)
def test_numbers_and_dates_that_are_written_as_texts_are_predicted_as_such(
    tmp_path: Path, write: object, kind: str
) -> None:
    rows = "".join(f"{at % 17},{write(1000 + 37 * at)}\n" for at in range(300))  # type: ignore[operator]
    seen = taken(tmp_path, "size,price\n" + rows)
    assert target(seen) == ("price", kind)
    if kind == "number":
        assert min(seen.description.parts.values()) > 20


ROWS = "".join(f"{at},{at % 2},{at % 11}.5,{('S', 'C', '')[at % 3]}\n" for at in range(120))


def test_another_target_brings_its_kind_and_leaves_no_rows_out(tmp_path: Path) -> None:
    first = taken(tmp_path, "No,Sank,Age,Port\n" + ROWS)
    assert target(first) == ("Port", "category")
    assert facts(first)["Port"].policy == "skip"
    chosen = with_role(first.data, ("Sank",), "target", ("Port",))
    seen = look(Project(), chosen, tmp_path)
    assert target(seen) == ("Sank", "category")
    assert facts(seen)["Port"].policy == "class"
    assert seen.description.samples == 120
    assert seen.network is not None
    assert {node.type for node in seen.network.graph.nodes.values()} >= {"CrossEntropy"}


@pytest.mark.parametrize(
    ("chosen", "kind"), [("auto", "category"), ("numbers", "number"), ("classes", "category")]
)
def test_what_the_source_says_of_targets_counts_for_another_one(
    tmp_path: Path, chosen: str, kind: str
) -> None:
    (tmp_path / "t.csv").write_text("No,Sank,Age,Port\n" + ROWS)
    data = Data(Setting("CSV", {"path": "t.csv", "target_kind": chosen, "target": "Age"}))
    found = describe(with_role(data, ("Sank",), "target", ("Age",)), tmp_path).facts
    assert [(one.name, one.kind) for one in found if one.role == "target"] == [("Sank", kind)]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("No,label,a,b", "label"),
        ("No,Survived,a,b", "Survived"),
        ("No,label,a,target", "target"),
        ("No,x,a,b", "b"),
    ],
)
def test_a_column_that_is_called_as_targets_are_is_predicted(tmp_path: Path, head: str, name: str) -> None:
    assert target(taken(tmp_path, f"{head}\n{ROWS}"))[0] == name


def test_what_names_the_samples_is_not_predicted(tmp_path: Path) -> None:
    rows = "".join(f"{at % 7},{at % 2},{at * 31 % 997}\n" for at in range(120))
    seen = taken(tmp_path, "x,z,row_id\n" + rows)
    assert target(seen) == ("z", "category")
    assert facts(seen)["row_id"].role == "ignore"


def test_the_only_text_beside_the_samples_names_is_read(tmp_path: Path) -> None:
    rows = "".join(f"{at},some tale of {at * 7 % 113} words and {at} more,{at % 2}\n" for at in range(200))
    seen = taken(tmp_path, "id,text,label\n" + rows)
    assert {name: one.role for name, one in facts(seen).items()} == {
        "id": "ignore",
        "text": "input",
        "label": "target",
    }
    assert seen.network is not None


def test_what_was_predicted_by_mistake_is_looked_at_anew(tmp_path: Path) -> None:
    rows = "".join(f"{at % 7},{at % 2},{{}}\n" for at in range(120)).split("\n")[:-1]
    named = taken(
        tmp_path, "x,label,file\n" + "\n".join(one.format(f"rec_{at:05}") for at, one in enumerate(rows))
    )
    assert (facts(named)["file"].kind, facts(named)["file"].role) == ("identifier", "ignore")
    told = taken(
        tmp_path, "x,label,told\n" + "\n".join(one.format(f"it was {at} then") for at, one in enumerate(rows))
    )
    assert (facts(told)["told"].kind, facts(told)["told"].role) == ("text", "input")


def test_dates_to_predict_are_scaled_as_numbers_are(tmp_path: Path) -> None:
    rows = "".join(f"{at % 7},2023-{at % 12 + 1:02}-{at % 28 + 1:02}\n" for at in range(120))
    found = facts(taken(tmp_path, "x,day\n" + rows))["day"]
    assert [step.type for step in found.steps] == ["Days", "Standardize"]

"""From tables in files of every kind to a trained run, and from it to predictions on new rows."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from samples.spreadsheets import write_xlsx
from studio.analysis.answer_table import answer_table, refused_text
from studio.analysis.evaluate import evaluate
from studio.analysis.predict import Predictor
from studio.errors import StudioError
from studio.project.graph import Node
from studio.project.project import Data, FieldSetting, Setting
from tests.analysis.drawings import classifier, graph, regressor, trained


def flowers(count: int = 120) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 2, count)
    return pl.DataFrame(
        {
            "length": (kind * 3 + rng.normal(0, 0.4, count)).round(3) + 5,
            "colour": [
                ("red", "white")[one] if luck < 0.9 else "blue"
                for one, luck in zip(kind, rng.random(count), strict=True)
            ],
            "day": [f"{1 + at % 28:02}/0{1 + at % 9}/2026" for at in range(count)],
            "species": [("rose", "lily")[one] for one in kind],
        }
    )


def write(folder: Path, type: str, frame: pl.DataFrame) -> str:
    name = {
        "CSV": "a.csv",
        "Parquet": "a.parquet",
        "Arrow": "a.arrow",
        "JSONLines": "a.jsonl",
        "Excel": "a.xlsx",
    }
    path = folder / name[type]
    if type == "CSV":
        frame.write_csv(path)
    elif type == "Parquet":
        frame.write_parquet(path)
    elif type == "Arrow":
        frame.write_ipc(path)
    elif type == "JSONLines":
        frame.write_ndjson(path)
    else:
        write_xlsx(path, {"flowers": [frame.columns, *frame.rows()]})
    return path.name


@pytest.mark.parametrize("type", ["CSV", "Parquet", "Arrow", "JSONLines", "Excel"])
def test_from_a_file_to_a_trained_model_to_new_rows(tmp_path: Path, type: str) -> None:
    frame = flowers()
    data = Data(Setting(type, {"path": write(tmp_path, type, frame)}))
    run = trained(classifier("features", 2, label="species"), data, tmp_path, 20)
    counts = evaluate(run).confusions["said"].counts
    assert np.trace(counts) > 0.9 * counts.sum()
    predictor = Predictor(run)
    assert [column.name for column in predictor.columns["features"]] == ["length", "colour", "day"]
    typed = predictor.predict(["5.1, red, 03/02/2026", "8.2; white; 25/12/2026"])
    assert [one.answers["said"].label for one in typed] == ["rose", "lily"]
    by_name = predictor.predict([{"day": "25/12/2026", "length": 8.2, "colour": "white"}])
    assert by_name[0].answers["said"].shares == typed[1].answers["said"].shares
    new = frame[:5].with_columns(pl.lit("x").alias("more")).select("more", "day", "colour", "length")
    found = predictor.predict([tmp_path / write(tmp_path, type, new)])
    assert [one.answers["said"].label for one in found] == frame["species"][:5].to_list()
    assert found[1].given.endswith("row 2")


def test_a_row_that_does_not_fit_is_told(tmp_path: Path) -> None:
    frame = flowers()
    data = Data(Setting("CSV", {"path": write(tmp_path, "CSV", frame)}))
    predictor = Predictor(trained(classifier("features", 2, label="species"), data, tmp_path, 1))
    for row, message in (
        ("5.1, red", "features takes 3 values, got 2."),
        ("5.1, green, 03/02/2026", "colour has no class 'green'."),
        ("long, red, 03/02/2026", "'long' is no number; expected one for length."),
        ("5.1, red, tomorrow", "'tomorrow' is no date or time; expected one for day."),
        (", red, 03/02/2026", "length: the value is missing."),
    ):
        with pytest.raises(StudioError) as caught:
            predictor.predict([row])
        assert caught.value.message == message
        assert caught.value.hint
    new = tmp_path / "new.csv"
    for text, message in (
        ("length,day\n5,03/02/2026\n", "new.csv has no column colour, which the network needs."),
        (
            "length,day,colour\n6,03/02/2026,pink\nx,03/02/2026,pink\n",
            "None of the 2 rows can be used: new.csv, row 2, column colour: colour has no class 'pink'. It",
        ),
    ):
        new.write_text(text)
        with pytest.raises(StudioError) as caught:
            predictor.predict([new])
        assert caught.value.message.startswith(message)


def test_good_rows_are_answered_and_bad_ones_told(tmp_path: Path) -> None:
    frame = flowers()
    data = Data(Setting("CSV", {"path": write(tmp_path, "CSV", frame)}))
    predictor = Predictor(trained(classifier("features", 2, label="species"), data, tmp_path, 5))
    new = tmp_path / "new.csv"
    lines = ["5,03/02/2026,red", "6,03/02/2026,pink", "x,morgen,red", "5,03/02/2026", "8.2,25/12/2026,white"]
    new.write_text("\n".join(["length,day,colour", *lines]))
    found = predictor.predict([new, "8.2, white, 25/12/2026"])
    assert [one.given.removeprefix(f"{new}, ") for one in found[:5]] == [f"row {at}" for at in range(1, 6)]
    assert [bool(one.answers) for one in found] == [True, False, False, False, True, True]
    assert found[4].answers["said"].shares == found[5].answers["said"].shares
    assert found[1].refused.startswith(
        "new.csv, row 3, column colour: colour has no class 'pink'. It takes one"
    )
    assert "new.csv, row 4, column length: 'x' is no number" in found[2].refused
    assert "new.csv, row 4, column day: 'morgen' is no date or time" in found[2].refused
    assert found[3].refused == "new.csv, row 5, column 3: expected 3 values, got 2."
    assert refused_text(found).startswith("3 of 6 have no answer, the first: new.csv, row 3, column colour")
    rows = list(csv.DictReader(io.StringIO(answer_table(found))))
    assert [row["said"] in ("rose", "lily") for row in rows] == [True, False, False, False, True, True]
    assert [bool(row["no answer because"]) for row in rows] == [False, True, True, True, False, False]
    assert float(rows[0]["said share"]) == pytest.approx(found[0].answers["said"].confidence, abs=1e-6)


def test_a_line_that_is_no_json_and_a_picture_that_is_none(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for at in range(16):
        Image.fromarray(random.integers(0, 255, (8, 8)).astype(np.uint8)).save(tmp_path / f"{at}.png")
    lines = [json.dumps({"shot": f"{at}.png", "kind": "ab"[at % 2]}) for at in range(16)]
    (tmp_path / "shots.jsonl").write_text("\n".join(lines))
    drawn = classifier("shot", 2, label="kind")
    predictor = Predictor(trained(drawn, Data(Setting("JSONLines", {"path": "shots.jsonl"})), tmp_path, 1))
    (tmp_path / "broken.png").write_bytes(b"GIF")
    new = tmp_path / "new.jsonl"
    new.write_text(
        '{"shot": "3.png"}\n{"shot": "gone.png"}\n{"shot": \n{"shot": "broken.png"}\n{"shot": "4.png"}'
    )
    found = predictor.predict([new])
    assert [bool(one.answers) for one in found] == [True, False, False, False, True]
    assert found[1].refused.startswith("new.jsonl, row 2, column shot: ")
    assert found[2].refused.startswith("new.jsonl, row 3: the line is no JSON")
    assert "it is none, whatever its name says" in found[3].refused


@pytest.mark.parametrize(
    "step", [Setting("Standardize"), Setting("RangeScale", {"low": -1.0, "high": 1.0}), Setting("Log")]
)
def test_numbers_are_told_in_their_own_units(tmp_path: Path, step: Setting) -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 2, 200)
    pl.DataFrame({"x": x, "price": np.exp(x) * 1000 if step.type == "Log" else x * 5000 + 10_000}).write_csv(
        tmp_path / "a.csv"
    )
    fields = {"price": FieldSetting(transforms=(step,))}
    data = Data(Setting("CSV", {"path": "a.csv"}), fields=fields)
    run = trained(regressor("features", "price"), data, tmp_path, 80, rate=0.1)
    (told,) = Predictor(run).predict(["1.0"])
    expected = 1000 * np.e if step.type == "Log" else 15_000
    assert told.answers["error"].numbers is not None
    assert float(told.answers["error"].numbers[0]) == pytest.approx(expected, rel=0.1)
    worst = evaluate(run).samples[0]
    assert float(worst.truth) > 900
    assert float(worst.prediction) == pytest.approx(float(worst.truth), rel=0.3)


def test_missing_values_of_new_rows_are_filled_as_learned(tmp_path: Path) -> None:
    frame = flowers().with_columns(
        pl.when(pl.int_range(pl.len()) % 7 == 0).then(None).otherwise("length").alias("length")
    )
    fields = {"length": FieldSetting(transforms=(Setting("Impute", {"flag": True}), Setting("Clip")))}
    data = Data(Setting("CSV", {"path": write(tmp_path, "CSV", frame)}), fields=fields)
    predictor = Predictor(trained(classifier("features", 2, label="species"), data, tmp_path, 2))
    one, other = predictor.predict([", red, 03/02/2026", "?, red, 03/02/2026"])
    assert one.answers["said"].shares == other.answers["said"].shares


def test_a_series_is_foretold(tmp_path: Path) -> None:
    times = np.arange(300)
    pl.DataFrame({"year": times + 1700, "x": np.sin(times / 3) + 2}).write_csv(tmp_path / "a.csv")
    data = Data(Setting("TimeSeries", {"path": "a.csv", "history": 12}))
    nodes = [
        Node("x", "Input", {"field": "history"}),
        Node("flat", "Flatten"),
        Node("fc", "Linear", {"out_features": 1}),
        Node("error", "MSE", {"target": "next"}),
    ]
    drawing = graph(nodes, "x > flat", "flat > fc", "fc > error.prediction")
    run = trained(drawing, data, tmp_path, 60)
    window = np.sin((np.arange(12) + 400) / 3)[:, None] + 2
    (told,) = Predictor(run).predict([window])
    numbers = told.answers["error"].numbers
    assert numbers is not None
    assert float(numbers[0]) == pytest.approx(np.sin(412 / 3) + 2, abs=0.15)


@pytest.mark.parametrize("encoding", ["CP1252", "UTF-8"])
def test_new_rows_may_be_written_as_the_table_of_the_training_or_as_utf_8(
    tmp_path: Path, encoding: str
) -> None:
    head = "größe;farbe;art\n"
    rows = [f"{at % 2 * 5 + at % 7 / 10};{('weiß', 'grün')[at % 2]};{'ab'[at % 2]}\n" for at in range(60)]
    (tmp_path / "alt.csv").write_bytes((head + "".join(rows)).encode("cp1252"))
    data = Data(Setting("CSV", {"path": "alt.csv", "encoding": "CP1252"}))
    run = trained(classifier("features", 2, label="art"), data, tmp_path, 20)
    (tmp_path / "neu.csv").write_bytes((head + "5,2;grün;\n0,3;weiß;\n").encode(encoding))
    found = Predictor(run).predict([tmp_path / "neu.csv"])
    assert [one.answers["said"].label for one in found] == ["b", "a"]


def test_a_built_in_set_takes_tables_of_new_rows(tmp_path: Path) -> None:
    run = trained(classifier("features", 3), Data(Setting("ScikitLearn", {"dataset": "iris"})), tmp_path, 5)
    predictor = Predictor(run)
    names = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
    rows = [("5.1", "3.5", "1.4", "0.2"), ("6.7", "x", "5.2", "2.3"), ("6.7", "3.0", "5.2", "2.3")]
    path = tmp_path / "new.csv"  # in another order, with a column of its own
    path.write_text(
        "\n".join([",".join([*reversed(names), "who"]), *(",".join([*reversed(row), "me"]) for row in rows)])
    )
    one, bad, other = predictor.predict([path])
    typed = predictor.predict([", ".join(rows[0]), dict(zip(names, map(float, rows[2]), strict=True))])
    assert [one.answers, other.answers] == [each.answers for each in typed]
    assert bad.refused == "new.csv, row 3, column sepal width (cm): 'x' is no number; expected one for " + (
        "sepal width (cm)."
    )
    path.write_text("a,b\n1,2\n")
    with pytest.raises(StudioError, match="has no column sepal length"):
        predictor.predict([path])

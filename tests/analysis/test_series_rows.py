"""Tables of new rows for runs that were trained on windows of series."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.analysis.predict import Predictor
from studio.errors import StudioError
from studio.project.graph import Node
from studio.project.project import Data, FieldSetting, Setting
from tests.analysis.drawings import graph, trained

HEAD = "day,shop,sold\n"


def rows(shop: str, first: int, count: int, begin: int = 0) -> str:
    """Each day one more than the day before."""
    return "".join(f"{begin + at},{shop},{first + at}\n" for at in range(count))


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shops")
    (folder / "shops.csv").write_text(HEAD + rows("north", 0, 40) + rows("south", 10, 40))
    source = Setting("TimeSeries", {"path": "shops.csv", "group": "shop", "time": "day", "history": 3})
    drawing = graph(
        [
            Node("x", "Input", {"field": "history"}),
            Node("flat", "Flatten"),
            Node("fc", "Linear", {"out_features": 1}),
            Node("error", "MSE", {"target": "next"}),
        ],
        *("x > flat", "flat > fc", "fc > error.prediction"),
    )
    scaled = {"next": FieldSetting(transforms=(Setting("Standardize"),))}
    return trained(drawing, Data(source, fields=scaled), folder, 100, 0.05)


def numbers(run: Path, path: Path) -> list[float]:
    found = Predictor(run).predict([path])
    return [float(np.ravel(np.asarray(one.answers["error"].numbers, float))[0]) for one in found]


def test_what_follows_the_newest_rows_of_each_series(shops: Path, tmp_path: Path) -> None:
    shuffled = (rows("south", 30, 6, 5) + rows("north", 20, 5, 5)).splitlines(keepends=True)[::-1]
    (tmp_path / "new.csv").write_text(HEAD + "".join(shuffled))
    assert numbers(shops, tmp_path / "new.csv") == pytest.approx([25, 36], abs=2)


def test_a_series_that_is_too_short_has_no_answer_and_says_why(shops: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text(HEAD + rows("north", 20, 2) + rows("south", 30, 6))
    short, answered = Predictor(shops).predict([tmp_path / "new.csv"])
    assert short.refused == "new.csv, north: 2 rows; the network looks at 3."
    assert answered.refused == ""
    (tmp_path / "new.csv").write_text(HEAD + rows("north", 20, 2))
    with pytest.raises(StudioError, match=r"new\.csv, north: 2 rows; the network looks at 3"):
        Predictor(shops).predict([tmp_path / "new.csv"])


def test_a_table_with_other_columns_is_told(shops: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("day,shop,sold,left\n" + "".join(f"{at},a,{at},3\n" for at in range(6)))
    with pytest.raises(StudioError, match=r"has 2 columns of numbers; the network looks at 1"):
        Predictor(shops).predict([tmp_path / "new.csv"])
    (tmp_path / "new.csv").write_text("day,sold\n" + "".join(f"{at},{at}\n" for at in range(6)))
    with pytest.raises(StudioError, match=r"has no column shop"):
        Predictor(shops).predict([tmp_path / "new.csv"])


def test_in_new_rows_too_the_last_value_before_stands_in(shops: Path, tmp_path: Path) -> None:
    whole = HEAD + rows("north", 20, 6)
    (tmp_path / "whole.csv").write_text(whole.replace("4,north,24", "4,north,23"))
    (tmp_path / "new.csv").write_text(
        whole.replace("4,north,24", "4,north,") + "0,south,\n1,south,\n2,south,\n"
    )
    answered, empty = Predictor(shops).predict([tmp_path / "new.csv"])
    assert empty.refused == "new.csv, south: sold has no value, so that nothing can stand in for it."
    (tmp_path / "new.csv").write_text(whole.replace("4,north,24", "4,north,"))
    assert answered.refused == ""
    assert numbers(shops, tmp_path / "new.csv") == numbers(shops, tmp_path / "whole.csv")

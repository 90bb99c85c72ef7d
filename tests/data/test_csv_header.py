"""Whether a CSV file's first row names the columns, or is a sample too."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.data.sources.csv_text import open_text

IRIS = "5.1,3.5,setosa\n4.9,3.0,virginica\n4.7,3.2,setosa\n6.1,2.9,virginica\n5.8,2.7,virginica\n"
SMS = "ham\tGo until the end\nspam\tWin a prize now\nham\tSee you later then\nham\tOk then\nspam\tCall us\n"


@pytest.mark.parametrize(
    "content",
    [
        IRIS,
        SMS,
        "0.6,1.4,Iris-virginica\n0.4,1.1,Iris-setosa\n0.3,1.0,Iris-setosa\n",
        "39, State, 13, Male\n" + "50, Private, 9, Female\n38, State, 7, Male\n" * 3,
        "2024-01-01,1.5,2.5\n2024-01-02,1.1,2.0\n2024-01-03,1.2,2.1\n",
        "1.5,2.5,\n1.1,2.0,\n1.2,2.1,\n",
    ],
    ids=["iris", "sms", "a class that comes once", "adult", "a date and numbers", "empty last cells"],
)
def test_a_first_row_like_the_others_is_a_sample(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.csv").write_text(content)
    text = open_text(tmp_path / "a.csv")
    assert text.numbered
    assert text.header[0] == "column1"
    assert len(list(text.rows())) == content.count("\n")


@pytest.mark.parametrize(
    "content",
    [
        "a,b,kind\n" + IRIS,
        "label\ttext\n" + SMS,
        "country,2019,2020,2021\nPeru,1,2,3\nChad,4,5,6\nMali,1,2,2\n",
        "country,1990,1995,2003\nPeru,1,2,3\nChad,4,5,6\nMali,1,2,2\n",
        ",0,1,2,label\n0,0.5,0.1,2.0,cat\n1,0.5,0.1,2.0,dog\n2,0.5,0.1,2.0,dog\n",
        "sample,1100.5,1102.5,1104.5\na,1,2,3\nb,4,5,6\nc,1,2,2\n",
        "text,spam\nhello you all,ham\nwin a prize,spam\nsee you soon,ham\nand so on,ham\n",
        "age,female\n20,male\n30,female\n40,male\n50,female\n",
        "name,kind\nRex,dog\nTom,cat\nname,kind\nJerry,cat\nFido,dog\n",
        "a,b\n1,x\n",
    ],
    ids=["names", "sms", "years", "some years", "pandas", "waves", "spam", "female", "twice", "one row"],
)
def test_a_first_row_of_names_stays_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.csv").write_text(content)
    assert not open_text(tmp_path / "a.csv").numbered

"""Recognising data: each kind by names and beginnings, what is said where nothing is known, bounds."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.catalog.registry import registry
from studio.data import folder_marks
from studio.data.describe import describe
from studio.data.recognise import recognise
from studio.project.project import Data


def known(*sources: str) -> tuple[str, ...]:
    """Those of some sources that there are."""
    return tuple(one for one in sources if registry().component("source", one) is not None)


def types(what: Path | str, folder: Path) -> list[str]:
    return [one.source.type for one in recognise(what, folder).proposals]


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (200, 30, 30)).save(path)


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    for name in ("cats", "dogs"):
        for number in range(3):
            picture(tmp_path / "pets" / name / f"{number}.png")
    return tmp_path / "pets"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.csv", "CSV"),
        ("a.TSV", "CSV"),
        ("a.parquet", "Parquet"),
        ("a.feather", "Arrow"),
        ("a.jsonl", "JSONLines"),
        ("a.xlsx", "Excel"),
        ("a.npz", "Arrays"),
        ("a.npy", "Arrays"),
        ("a.safetensors", "SafeTensors"),
        ("a.h5", "HDF5"),
        ("train-images-idx3-ubyte.gz", "IDX"),
        ("data.py", "PythonData"),
    ],
)
def test_files_by_their_names(tmp_path: Path, name: str, source: str) -> None:
    (tmp_path / name).write_bytes(b"anything")
    assert types(tmp_path / name, tmp_path)[:1] == list(known(source))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("größe;ort\n1,5;Köln\n", "CP1252"),
        ("城市,价格\n北京市,1\n上海市,2\n", "GBK"),
        ("都市;値\nとうきょう;1\n", "UTF-16"),
        ("都市;値\nとうきょう;1\nおおさか;2\n", "Shift-JIS"),
        ("город;цена\nМосква;1\nКазань;2\nТула;3\n", "CP1251"),
        ("도시;값\n서울;1\n부산;2\n", "EUC-KR"),
        ("größe;ort\n1,5;Köln\n", "UTF-8"),
    ],
)
def test_how_a_table_writes_its_letters(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode(encoding))
    first = recognise(path, tmp_path).proposals[0]
    assert first.source.params.get("encoding", "UTF-8") == encoding
    assert ("letters seem to be written as" in first.why) == (encoding != "UTF-8")


def test_the_encoding_is_found_behind_many_plain_rows(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n" + b"1,plain\n" * 100_000 + "2,Köln\n".encode("cp1252"))
    assert recognise(path, tmp_path).proposals[0].source.params["encoding"] == "CP1252"


@pytest.mark.parametrize("day", ["2025-01-01", "2025-01-01T07:00:00", "1.2.2025", "01.02.2025 10:00"])
def test_a_table_with_dates_may_be_a_series(tmp_path: Path, day: str) -> None:
    (tmp_path / "load.csv").write_text(f"time,load\n{day},3\n{day},4\n")
    assert types(tmp_path / "load.csv", tmp_path) == ["CSV", "TimeSeries"]


def test_files_by_their_beginnings(tmp_path: Path) -> None:
    (tmp_path / "table.txt").write_text("a;b\n1;2\n3;4\n")
    assert types(tmp_path / "table.txt", tmp_path)[0] == "CSV"
    np.save(tmp_path / "numbers.npy", np.zeros((3, 2)))
    (tmp_path / "numbers.npy").rename(tmp_path / "numbers")
    assert types(tmp_path / "numbers", tmp_path) == ["Arrays"]
    (tmp_path / "lines").write_text("one line of words\nand, another\n")
    assert types(tmp_path / "lines", tmp_path) == ["TextLines", "TextLines"]


def test_a_long_text_runs_on_and_a_short_one_has_lines(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Some words\nand others.\n")
    (tmp_path / "b.txt").write_text("Some words\nand others.\n" * 2000)
    first, second = (recognise(tmp_path / name, tmp_path).proposals[0].source for name in ("a.txt", "b.txt"))
    assert dict(first.params) == {"path": "a.txt"}
    assert dict(second.params) == {"path": "b.txt", "content": "running text"}


def test_texts_side_by_side_with_many_lines_are_a_class_each(tmp_path: Path) -> None:
    for name in ("happy", "sad"):
        (tmp_path / "moods").mkdir(exist_ok=True)
        (tmp_path / "moods" / f"{name}.txt").write_text(f"I am {name} today.\n" * 12)
    best = recognise(tmp_path / "moods", tmp_path).proposals[0]
    assert (best.source.type, dict(best.source.params)) == ("TextLines", {"path": "moods"})
    assert best.why == "2 texts, one a class, each line a sample: happy, sad"
    (tmp_path / "moods" / "glad.txt").write_text("I am glad.\n")
    assert recognise(tmp_path / "moods", tmp_path).proposals[0].source.type == "TextFolder"


def test_what_is_proposed_can_be_read(tmp_path: Path) -> None:
    rows = "".join(f"{n},{n % 7},{'ab'[n % 2]}\n" for n in range(60))
    (tmp_path / "t.csv").write_text("x,y,label\n" + rows)
    best = recognise("t.csv", tmp_path).proposals[0]
    assert best.source.params == {"path": "t.csv"}
    assert describe(Data(best.source), tmp_path).samples == 60


def test_class_folders(classes: Path, tmp_path: Path) -> None:
    found = recognise(classes, tmp_path)
    if not known("ImageFolder"):
        assert found.proposals == ()
        return
    assert found.proposals[0].source.type == "ImageFolder"
    assert list(found.proposals[0].source.params.values()) == ["pets"]
    assert found.proposals[0].why == "6 pictures in 2 folders, one a class: cats, dogs"
    assert "6 pictures" in found.told


def test_class_folders_within_parts(tmp_path: Path) -> None:
    for part in ("train", "val"):
        for name in ("x", "y", "z"):
            picture(tmp_path / "set" / part / name / "1.png")
    found = recognise(tmp_path / "set", tmp_path)
    assert "3 folders, one a class" in found.proposals[0].why


def test_parts_with_a_number_are_no_classes(tmp_path: Path) -> None:
    for number in range(3):
        picture(tmp_path / "set" / "train" / f"cat.{number}.png")
        picture(tmp_path / "set" / "test1" / f"{number}.png")
    best = recognise(tmp_path / "set", tmp_path).proposals[0]
    assert best.why == "6 pictures, without classes"
    described = describe(Data(best.source), tmp_path)
    assert described.parts["test"] == 3
    assert "label" not in described.fields


@pytest.mark.parametrize("ending", ["", "_mask", "-mask", "_seg", "_segmentation", "_gt", "_label"])
def test_pictures_and_masks(tmp_path: Path, ending: str) -> None:
    for number in range(3):
        picture(tmp_path / "set" / "images" / f"{number}.jpg")
        picture(tmp_path / "set" / "masks" / f"{number}{ending}.png")
    best = recognise(tmp_path / "set", tmp_path).proposals[0]
    assert best.source.type == "ImageMasks"
    assert dict(best.source.params) == {"folder": "set/images", "masks": "set/masks"}


def test_a_folder_with_one_table(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "people.csv").write_text("a,b\n1,2\n")
    (tmp_path / "set" / "notes.doc").write_text("x")
    best = recognise(tmp_path / "set", tmp_path).proposals[0]
    assert dict(best.source.params) == {"path": "set/people.csv"}
    picture(tmp_path / "set" / "photo.png")
    best = recognise(tmp_path / "set", tmp_path).proposals[0]
    assert best.source.type == "CSV"
    assert "which may list the files beside it" in best.why


def test_a_folder_of_tables_begins_with_the_one_to_train_on(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    for name in ("sample_submission", "test", "train_v2"):
        (tmp_path / "set" / f"{name}.csv").write_text("a,b\n1,2\n")
    found = recognise(tmp_path / "set", tmp_path).proposals
    names = ["set/train_v2.csv", "set/test.csv", "set/sample_submission.csv"]
    assert [one.source.params["path"] for one in found] == names


def test_a_folder_of_idx_files(tmp_path: Path) -> None:
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03")
    best = recognise(tmp_path / "mnist", tmp_path).proposals[0]
    assert (best.source.type, best.source.params["folder"]) == ("IDX", "mnist")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a.zip", "Unpack it first"),
        ("a.tar.gz", "Unpack it first"),
        ("a.pkl", "can run a program"),
        ("a.png", "a single picture"),
        ("a.mp3", "a single sound"),
        ("a.xyz", "ends in .xyz"),
        ("a", "without an ending"),
    ],
)
def test_what_cannot_be_taken_is_told(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / name).write_bytes(b"\x01\x02\x00\x03")
    found = recognise(tmp_path / name, tmp_path)
    assert found.proposals == ()
    assert says in found.told
    assert name.split("/")[-1] in found.told


def test_nothing_at_all(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert recognise(tmp_path / "empty", tmp_path).told == "The folder empty is empty."
    (tmp_path / "none.csv").write_bytes(b"")
    assert recognise(tmp_path / "none.csv", tmp_path).told == "none.csv is empty."
    assert "There is no" in recognise(tmp_path / "gone", tmp_path).told
    assert "neither a file" in recognise("just some words", tmp_path).told


def test_one_file_of_a_kind_is_counted_as_one(classes: Path, tmp_path: Path) -> None:
    (classes / "cats" / "notes.txt").write_text("hello")
    (classes / "cats" / "what.xyz").write_bytes(b"?")
    assert recognise(classes, tmp_path).told == "The folder pets: 6 pictures, 1 text, 1 other file."


def test_pasted_texts(tmp_path: Path) -> None:
    (tmp_path / "my table.csv").write_text("a,b\n1,2\n")
    path = tmp_path / "my table.csv"
    for text in (str(path), f'"{path}"\n', path.as_uri(), "my table.csv"):
        assert types(text, tmp_path) == ["CSV"], text
    assert types("breast cancer", tmp_path) == ["ScikitLearn"]
    for text in ("user/name", "https://huggingface.co/datasets/user/name"):
        found = recognise(text, tmp_path).proposals
        assert [one.source.type for one in found] == list(known("HuggingFace"))
        assert all("user/name" in one.source.params.values() for one in found)
    assert types("https://example.org/user/name", tmp_path) == []


def test_huge_folders_take_a_bounded_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_marks, "MOST_ENTRIES", 50)
    for name in ("a", "b"):
        (tmp_path / "many" / name).mkdir(parents=True)
        for number in range(60):
            (tmp_path / "many" / name / f"{number}.png").write_bytes(b"")
    found = recognise(tmp_path / "many", tmp_path)
    assert "the first 50 entries were looked at" in found.told


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    picture(tmp_path / "set" / "a" / "1.png")
    picture(tmp_path / "set" / "b" / "1.png")
    os.symlink(tmp_path / "set", tmp_path / "set" / "a" / "again")
    assert "2 pictures" in recognise(tmp_path / "set", tmp_path).told

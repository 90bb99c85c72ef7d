"""Tables that name pictures and sounds without their folder or their ending, or as Windows does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from studio.data.browsing.opened import open_data
from studio.data.browsing.pages import page
from studio.data.describe import Description, describe
from studio.project.project import Data, FieldSetting, Setting

DATA = Data(Setting("CSV", {"path": "t.csv"}))


def described(folder: Path, names: list[str]) -> Description:
    rows = "".join(f"{name},{'uv'[at % 2]}\n" for at, name in enumerate(names))
    (folder / "t.csv").write_text(f"picture,kind\n{rows}")
    return describe(DATA, folder)


@pytest.mark.parametrize(
    ("within", "ending", "named", "evidence"),
    [
        ("", ".png", "{}", "names of .png files, such as p0"),
        ("images", ".jpg", "{}", "names of .jpg files in images, such as p0"),
        ("images", ".PNG", "{}", "names of .PNG files in images, such as p0"),
        ("images", ".png", "{}.png", "paths of image files, such as p0.png"),
        ("images", ".png", "images\\{}.png", "paths of image files, such as images\\p0.png"),
        ("a/b", ".png", "b\\{}.png", "paths of image files, such as b\\p0.png"),
    ],
)
def test_pictures_are_found_where_they_are(
    tmp_path: Path, within: str, ending: str, named: str, evidence: str
) -> None:
    (tmp_path / within).mkdir(parents=True, exist_ok=True)
    for at in range(20):
        Image.new("L", (6, 6), at * 12).save(tmp_path / within / f"p{at}{ending}")
    found = described(tmp_path, [named.format(f"p{at}") for at in range(20)])
    assert found.problems == ()
    picture = found.facts[0]
    assert (picture.kind, picture.role, picture.evidence) == ("image", "input", evidence)
    seen = [row.picture for row in page(open_data(DATA, tmp_path), np.arange(20))]
    assert [one.mean() for one in seen if one is not None] == pytest.approx(
        [at * 12 for at in range(20)], abs=3
    )


def test_sounds_are_found_too_and_other_names_stay_names(tmp_path: Path) -> None:
    (tmp_path / "wavs").mkdir()
    for at in range(20):
        soundfile.write(tmp_path / "wavs" / f"LJ{at}.wav", np.sin(np.arange(800) * at / 99), 8000)
    sounds = described(tmp_path, [f"LJ{at}" for at in range(20)])
    assert (sounds.facts[0].kind, sounds.facts[0].evidence) == (
        "audio",
        "names of .wav files in wavs, such as LJ0",
    )
    assert described(tmp_path, [f"XY{at}" for at in range(40)]).facts[0].kind != "audio"
    elsewhere = described(tmp_path, [f"C:\\ann\\set\\wavs\\LJ{at}.wav" for at in range(20)])
    assert elsewhere.problems == ()
    assert (elsewhere.facts[0].kind, elsewhere.facts[0].evidence) == (
        "audio",
        "paths of audio files, such as C:\\ann\\set\\wavs\\LJ0.wav; found here, without C:/ann/set/",
    )


def test_a_file_that_is_not_there_is_told_by_where_it_should_be(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for at in range(19):
        Image.new("L", (6, 6), at * 12).save(tmp_path / "images" / f"p{at}.png")
    (problem,) = described(tmp_path, [f"p{at}" for at in range(20)]).errors
    assert (
        problem.message
        == f"t.csv, row 21, column picture: there is no file {tmp_path / 'images' / 'p19.png'}."
    )


def pictures(folder: Path, within: str, count: int = 20, named: str = "p{}.png") -> None:
    for at in range(count):
        path = folder / within / named.format(at)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (6, 6), at * 12).save(path)


@pytest.mark.parametrize(
    ("within", "listed", "found"),
    [
        ("img", "C:\\Users\\ann\\data\\img\\p{}.png", "found here, without C:/Users/ann/data/"),
        ("img", "/home/ann/data/img/p{}.png", "found here, without /home/ann/data/"),
        ("data/img", "/home/ann/data/img/p{}.png", "found here, without /home/ann/"),
        ("pictures", "/home/ann/data/img/p{}.png", "found in pictures, without /home/ann/data/img/"),
        ("sets/img", "\\\\server\\share\\img\\p{}.png", "found in sets, without //server/share/"),
        ("img", "data/img/p{}.png", "found here, without data/"),
        ("", "D:/p{}.png", "found here, without D:/"),
    ],
)
def test_paths_of_elsewhere_are_found_by_their_end(
    tmp_path: Path, within: str, listed: str, found: str
) -> None:
    pictures(tmp_path, within)
    told = described(tmp_path, [listed.format(at) for at in range(20)])
    assert told.problems == ()
    evidence = f"paths of image files, such as {listed.format(0)}"[
        : len("paths of image files, such as ") + 40
    ]
    assert told.facts[0].evidence == f"{evidence}; {found}"
    assert (told.facts[0].kind, told.facts[0].role, told.samples) == ("image", "input", 20)
    seen = [row.picture for row in page(open_data(DATA, tmp_path), np.arange(20))]
    assert [one.mean() for one in seen if one is not None] == pytest.approx([at * 12 for at in range(20)])


def test_pictures_of_elsewhere_in_folders_with_masks_to_predict(tmp_path: Path) -> None:
    for part in ("images", "masks"):
        pictures(tmp_path, part, named="{}/a.png")
    rows = "".join(f"E:\\w\\images\\{at}\\a.png,E:\\w\\masks\\{at}\\a.png\n" for at in range(20))
    (tmp_path / "t.csv").write_text(f"image,mask\n{rows}")
    told = describe(DATA, tmp_path)
    assert told.errors == ()
    assert [(one.kind, one.role) for one in told.facts] == [("image", "input"), ("mask", "target")]
    assert all(one.evidence.endswith("found here, without E:/w/") for one in told.facts)


def test_a_picture_of_elsewhere_that_is_missing_is_told_or_left_out(tmp_path: Path) -> None:
    pictures(tmp_path, "img", 19)
    names = [f"C:\\ann\\img\\p{at}.png" for at in range(20)]
    (problem,) = described(tmp_path, names).errors
    where = tmp_path / "img" / "p19.png"
    assert problem.message == f"t.csv, row 21, column picture: there is no file {where}."
    skipped = describe(replace(DATA, fields={"picture": FieldSetting(odd="skip")}), tmp_path)
    assert skipped.errors == ()
    assert skipped.samples == 19


def test_pictures_that_come_later_are_found_then(tmp_path: Path) -> None:
    names = [f"C:\\ann\\img\\p{at}.png" for at in range(20)]
    (problem,) = described(tmp_path, names).errors
    assert "row 2, column picture: there is no file" in problem.message
    pictures(tmp_path, "img")
    assert describe(DATA, tmp_path).problems == ()

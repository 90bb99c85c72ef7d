"""Tables that name pictures and sounds without their folder or their ending, or as Windows does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from studio.data.browsing.opened import open_data
from studio.data.browsing.pages import page
from studio.data.describe import Description, describe
from studio.project.project import Data, Setting

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


def test_a_file_that_is_not_there_is_told_by_where_it_should_be(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for at in range(19):
        Image.new("L", (6, 6), at * 12).save(tmp_path / "images" / f"p{at}.png")
    (problem,) = described(tmp_path, [f"p{at}" for at in range(20)]).errors
    assert (
        problem.message
        == f"t.csv, row 21, column picture: there is no file {tmp_path / 'images' / 'p19.png'}."
    )

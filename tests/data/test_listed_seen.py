"""Pictures, masks and sounds that a table lists are seen in the browser, in detail and by the checks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from studio.data.browsing.detail import detail
from studio.data.browsing.opened import open_data
from studio.data.browsing.pages import page
from studio.data.checks import check_data
from studio.project.project import Data, Setting

ROWS = np.arange(3)


def test_pictures_with_masks(tmp_path: Path) -> None:
    for at in range(12):
        pixels = np.random.default_rng(at).integers(0, 255, (8, 6, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{at}.png")
        Image.fromarray((pixels[..., 0] > 99).astype(np.uint8)).save(tmp_path / f"{at}_mask.png")
    (tmp_path / "t.csv").write_text(
        "picture,mask\n" + "".join(f"{at}.png,{at}_mask.png\n" for at in range(12))
    )
    opened = open_data(Data(Setting("CSV", {"path": "t.csv"})), tmp_path)
    for row in page(opened, ROWS):
        assert row.picture is not None
        assert row.mask is not None
        assert (row.picture.shape, row.mask.shape, row.wrong) == ((8, 6, 3), (8, 6), "")
    values = detail(opened, 0).values
    assert [one.before.split(",")[0] for one in values] == ["3×8×6 uint8", "8×6 uint8"]
    assert detail(opened, 2).path == tmp_path / "2.png"
    assert [flaw for flaw in check_data(opened.data, tmp_path).flaws if flaw.check != "tiny"] == []


def test_a_file_that_is_gone_and_one_that_is_not_named(tmp_path: Path) -> None:
    for at in range(9):
        Image.new("L", (8, 8), at * 20).save(tmp_path / f"{at}.png")
    listed = [f"{at}.png,{'uv'[at % 2]}" for at in range(10)]
    (tmp_path / "t.csv").write_text("\n".join(["picture,kind", *listed, ",u", ""]))
    opened = open_data(Data(Setting("CSV", {"path": "t.csv"})), tmp_path)
    assert opened.error is not None
    there, gone, none = page(opened, np.array([3, 9, 10]))
    assert there.picture is not None
    assert "9.png" in gone.wrong
    assert none.wrong == "Row 11 names no file."
    assert [one.label for one in (there, gone, none)] == ["v", "v", "u"]
    found = check_data(opened.data, tmp_path).flaws
    assert any("9.png" in flaw.sentence for flaw in found)


def test_sounds(tmp_path: Path) -> None:
    for at in range(6):
        soundfile.write(tmp_path / f"{at}.wav", np.sin(np.arange(800) * (at + 1) / 9), 8000)
    (tmp_path / "t.csv").write_text("sound,kind\n" + "".join(f"{at}.wav,{'uv'[at % 2]}\n" for at in range(6)))
    opened = open_data(Data(Setting("CSV", {"path": "t.csv"})), tmp_path)
    assert all(row.wave is not None and row.wave.max() > 0.9 for row in page(opened, ROWS))
    assert detail(opened, 0).values[0].before == "0.10 s at 8,000 Hz"

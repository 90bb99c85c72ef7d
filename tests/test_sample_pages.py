"""docs/samples.md and the README show every sample, as it is now."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from studio.places import shipped
from studio.project.storage import load

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "samples.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
AGAIN = "run make pages"


@pytest.mark.parametrize("path", sorted(shipped("samples").glob("*.loom")), ids=lambda path: path.stem)
def test_the_page_shows_a_sample_with_picture_and_notes(path: Path):
    assert f"![The drawing of {path.stem}](samples/{path.stem}.png)" in PAGE, AGAIN
    for line in load(path).notes.splitlines():
        assert line in PAGE, AGAIN
    with Image.open(ROOT / "docs" / "samples" / f"{path.stem}.png") as picture:
        assert picture.width == 800
        assert len(picture.getcolors(1_000_000) or []) > 50
    assert path.stem in README

"""Small files to import, and a window whose project lies beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.project.project import Project
from studio.ui.background import Background
from studio.ui.window import MainWindow
from tests.ui.imports.hands import PEOPLE


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return path


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    for at, name in enumerate(("cats", "dogs")):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(12):
            pixels = random.integers(0, 90, (16, 16, 3)).astype(np.uint8)
            pixels[..., at] += 120
            Image.fromarray(pixels).save(tmp_path / "pets" / name / f"{number}.png")
    return tmp_path / "pets"


@pytest.fixture
def ready(loaded: MainWindow, tmp_path: Path) -> Iterator[MainWindow]:
    """A window whose project lies beside the data."""
    loaded.session.new(Project(), tmp_path)
    yield loaded
    for background in loaded.findChildren(Background):
        background.close()

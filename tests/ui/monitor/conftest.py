"""Real runs for the monitor's panels: trained once by the real engine on real data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from studio.places import shipped
from studio.project.edits import set_training
from studio.project.storage import load
from studio.train.control import Control
from studio.train.engine import run
from studio.train.events import Event
from studio.train.job import Job
from studio.train.runs import create_run
from studio.ui.style import palette, stylesheet, text_font
from studio.ui.theme import Tokens


def train(sample: str, runs_dir: Path, **options: int) -> tuple[Path, list[Event]]:
    """Train a sample; its run and all events it reported."""
    folder = shipped("samples")
    project = set_training(load(folder / f"{sample}.loom"), **options)
    path = create_run(project, folder, runs_dir)
    events: list[Event] = []
    result = run(Job(project, folder, path), events.append, Control())
    assert result.failed is None, result.failed
    return path, events


@pytest.fixture(scope="session")
def runs_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("monitor") / "runs"


@pytest.fixture(scope="session")
def digits(runs_dir: Path) -> tuple[Path, list[Event]]:
    """A classifier of pictures, trained for eight epochs."""
    return train("mlp_digits", runs_dir, epochs=8)


@pytest.fixture(scope="session")
def diabetes(runs_dir: Path) -> tuple[Path, list[Event]]:
    """A regression on a table, trained for ten epochs."""
    return train("dense_regression", runs_dir, epochs=10)


@pytest.fixture(scope="session")
def two_losses(runs_dir: Path) -> tuple[Path, list[Event]]:
    """Two inputs, two loss nodes, trained for three epochs."""
    return train("two_inputs", runs_dir, epochs=3)


@pytest.fixture(scope="session")
def within(runs_dir: Path) -> tuple[Path, list[Event]]:
    """A classifier of pictures that is validated every eight steps, of twenty an epoch, and ends after 45."""
    return train("mlp_digits", runs_dir, epochs=5, validate_steps=8, max_steps=45)


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[Callable[[Tokens], None]]:
    """Dresses the application in a theme, as the window does; undone afterwards."""
    before = qapp.font(), QPalette(qapp.palette()), qapp.styleSheet(), qapp.style().name()
    qapp.setStyle("Fusion")

    def dress(tokens: Tokens) -> None:
        qapp.setFont(text_font())
        qapp.setPalette(palette(tokens))
        qapp.setStyleSheet(stylesheet(tokens))

    yield dress
    font, colours, sheet, style = before
    qapp.setStyle(style)
    qapp.setFont(font)
    qapp.setPalette(colours)
    qapp.setStyleSheet(sheet)

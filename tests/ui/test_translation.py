"""Every word of the program can be translated, and every control says what it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QSlider,
    QTabBar,
    QWidget,
)

from studio.places import shipped
from studio.project.block import OWN_PARAMS
from studio.project.storage import save
from tests.ui.nested import nested

MARK = "§"
SAMPLE = "cnn_digits"
NATIVE = {"qt_spinbox_lineedit", "qt_toolbar_ext_button"}


class Marked(QTranslator):
    """A language in which every text is itself with a mark in front."""

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str:
        return MARK + source

    def isEmpty(self) -> bool:
        return False


@pytest.fixture
def marked(qapp: QApplication) -> Iterator[None]:
    translator = Marked()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def texts(thing: QObject) -> list[str]:
    """What a widget or action shows."""
    if isinstance(thing, QAction):
        return [thing.text(), thing.toolTip()]
    found = [thing.toolTip(), thing.accessibleName()] if isinstance(thing, QWidget) else []
    if isinstance(thing, QAbstractButton | QLabel):
        found.append(thing.text())
    if isinstance(thing, QGroupBox):
        found.append(thing.title())
    if isinstance(thing, QLineEdit):
        found.append(thing.placeholderText())
    if isinstance(thing, QTabBar):
        found += [thing.tabText(index) for index in range(thing.count())]
    return found


def is_words(text: str) -> bool:
    """Whether a text has words of a language: two small letters in a row, and no mark."""
    bare = text.replace("&", "")
    lower = any(a.islower() and b.islower() for a, b in pairwise(bare))
    return MARK not in bare and lower and not bare.startswith("Ctrl+")


def data_of(path: Path) -> set[str]:
    """Words that are the same in every language: the project's own, torch's names, parameters' names."""
    from studio.catalog.registry import registry
    from studio.catalog.settings import DATA, TRAINING
    from studio.project.storage import load

    project = load(path)
    words = {project.name, path.stem, path.name, str(path), *project.notes.splitlines(), project.notes}
    for layer in registry().layers.values():
        words |= {layer.type, *(param.name for param in layer.all_params)}
    for kind in ("optimizer", "schedule", "source", "metric"):
        for one in registry().components(kind):
            words |= {one.type, kind, *(param.name for param in one.params)}
    words |= {param.name for param in (*DATA, *TRAINING)}
    words |= {sample.stem.replace("_", " ") for sample in shipped("samples").glob("*.loom")}
    words |= {"breast cancer", "diabetes", "digits", "iris", "wine"}
    for graph in (project.graph, *(block.graph for block in project.blocks.values())):
        for node in graph.nodes.values():
            words |= {node.name, node.type, *(str(value) for value in node.params.values())}
    for name, block in project.blocks.items():
        words |= {name, block.doc}
        words |= {text for one in block.arguments for text in (one.name, one.doc)}
        words |= {f"{one.name}  {one.default}" for one in block.arguments}
    return words | set(project.constants)


@pytest.mark.usefixtures("marked")
def test_every_text_of_the_window_goes_through_the_translation(open_window, qtbot, tmp_path: Path) -> None:
    path = tmp_path / f"{SAMPLE}.loom"
    shutil.copy(shipped("samples") / path.name, path)
    window = open_window(path)
    qtbot.waitUntil(lambda: window.session.checked is not None, timeout=60_000)
    known = data_of(path)
    things = [*window.findChildren(QWidget), *window.findChildren(QAction)]
    bare = {
        f"{type(thing).__name__}: {text}"
        for thing in things
        for text in texts(thing)
        if is_words(text) and text.replace("&", "") not in known
    }
    assert not bare, "\n".join(sorted(bare))


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("chosen", [(), ("first",), ("x",)])
def test_every_text_about_blocks_goes_through_the_translation(
    open_window, qtbot, tmp_path: Path, chosen: tuple[str, ...]
) -> None:
    path = tmp_path / "nested.loom"
    save(nested(), path)
    window = open_window(path)
    qtbot.waitUntil(lambda: window.session.checked is not None, timeout=60_000)
    window.session.look(("layer1",))
    window.panels.canvas.select(chosen)
    known = data_of(path) | OWN_PARAMS
    views = (window.panels.canvas, window.panels.inspector)
    shown = [one for view in views for one in view.findChildren(QWidget) if one.isVisible()]
    bare = {
        f"{type(thing).__name__}: {text}"
        for thing in shown
        for text in texts(thing)
        if is_words(text) and text.replace("&", "") not in known
    }
    assert not bare, "\n".join(sorted(bare))


def test_every_control_has_a_name_and_says_what_it_does(open_window, qtbot, tmp_path: Path) -> None:
    path = tmp_path / f"{SAMPLE}.loom"
    shutil.copy(shipped("samples") / path.name, path)
    window = open_window(path)
    qtbot.waitUntil(lambda: window.session.checked is not None, timeout=60_000)
    controls = (QAbstractButton, QComboBox, QLineEdit, QSlider)
    silent = [
        f"{type(one).__name__} {one.objectName()} in {type(one.parent()).__name__}"
        for one in window.findChildren(QWidget)
        if isinstance(one, controls)
        and one.objectName() not in NATIVE
        and one.isVisibleTo(window)
        and not (one.accessibleName() or getattr(one, "text", str)())
    ]
    assert not silent, "\n".join(sorted(silent))

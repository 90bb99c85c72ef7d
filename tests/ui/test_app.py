"""Starting and failing: what is loaded before the first paint, --reset, our own bugs, the system's theme."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QFileSystemWatcher
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from studio.places import user_folder
from studio.project.edits import add_node
from studio.project.storage import load
from studio.train.process_memory import resident
from studio.ui.contrast import contrast
from studio.ui.crash import ReportDialog
from studio.ui.icons import on_accent
from studio.ui.preferences import Preferences
from studio.ui.style import palette, stylesheet
from studio.ui.theme import DARK, LIGHT, Tokens
from studio.ui.watch import FileWatch
from studio.ui.window import MainWindow
from tests.ui.windows import LONG

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "networkx", "pyqtgraph", "sklearn", "numpy", "PIL", "safetensors")
FIRST_PAINT = f"""
import sys
from studio.ui import window
from studio.ui.app import run_app

class Window(window.MainWindow):
    def __init__(self, *parts):
        super().__init__(*parts)
        self.painted.connect(self.report)

    def report(self):
        print("painted with", [name for name in {HEAVY!r} if name in sys.modules])
        room = self.screen().availableGeometry().size()
        print("fits" if self.size().boundedTo(room) == self.size() else (self.size(), room))
        self.close()

import studio.ui.app
studio.ui.app.MainWindow = Window
sys.exit(run_app(sys.argv[1:]))
"""


def run_python(
    code: str, home: Path, *arguments: str, platform: str = "offscreen"
) -> subprocess.CompletedProcess[str]:
    """Run a program of ours in a process of its own."""
    environment = {**os.environ, "NEUROLOOM_HOME": str(home), "QT_QPA_PLATFORM": platform}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_nothing_heavy_is_loaded_before_the_first_paint(tmp_path: Path) -> None:
    done = run_python(FIRST_PAINT, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "painted with []"


def test_the_first_window_is_no_larger_than_the_screen(tmp_path: Path) -> None:
    small = {"name": "small", "x": 0, "y": 0, "width": 1280, "height": 800, "dpi": 96}
    screens = tmp_path / "screens.json"
    screens.write_text(json.dumps({"screens": [small]}))
    done = run_python(FIRST_PAINT, tmp_path, platform=f"offscreen:configfile={screens}")
    assert done.stdout.splitlines()[1:] == ["fits"], done.stderr


def test_reset_forgets_layout_and_preferences(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "preferences.json")
    preferences.set("theme", "light")
    (tmp_path / "layout.json").write_text("{}")
    done = run_python(FIRST_PAINT, tmp_path, "--reset")
    assert done.returncode == 0, done.stderr
    assert Preferences(tmp_path / "preferences.json").text("theme", "system") == "system"


def raise_in_hook(text: str) -> None:
    try:
        raise RuntimeError(text)
    except RuntimeError as error:
        sys.excepthook(RuntimeError, error, error.__traceback__)


def test_our_own_bug_is_reported_and_loses_nothing(
    window: MainWindow, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    project, _ = add_node(window.session.project, "ReLU", (0.0, 0.0), {}, "kept")
    window.session.commit(project, "Add")
    raise_in_hook("a bug of ours")
    qtbot.waitUntil(lambda: window.findChild(ReportDialog) is not None, timeout=LONG)
    dialog = window.findChild(ReportDialog)
    assert dialog is not None
    text = dialog.findChild(QPlainTextEdit)
    assert text is not None
    assert "RuntimeError: a bug of ours" in text.toPlainText()
    assert "PySide6" in text.toPlainText()
    copy = next(button for button in dialog.findChildren(QPushButton) if button.text() == "Copy")
    copy.click()
    assert QGuiApplication.clipboard().text() == text.toPlainText()
    copies = list((user_folder() / "recovery").glob("*.loom"))
    assert [("kept" in load(one).graph.nodes) for one in copies] == [True]
    dialog.close()
    assert window.isVisible()
    assert "a bug of ours" in capsys.readouterr().err


def test_a_bug_in_a_thread_is_reported_too(
    window: MainWindow, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    thread = threading.Thread(target=lambda: 1 // 0)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: window.findChild(ReportDialog) is not None, timeout=LONG)
    dialog = window.findChild(ReportDialog)
    assert dialog is not None
    dialog.close()
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.scheme)
def test_text_can_be_read_on_its_ground(tokens: Tokens) -> None:
    for ground in (tokens.window, tokens.panel, tokens.field, tokens.node):
        assert contrast(tokens.text, ground) >= 4.5
        assert contrast(tokens.secondary, ground) >= 4.5
    assert contrast(on_accent(tokens), tokens.accent) >= 4.5


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.scheme)
def test_the_stylesheet_is_filled_in(qapp: QApplication, tokens: Tokens) -> None:
    sheet = stylesheet(tokens)
    assert "@" not in sheet.partition("*/")[2]
    for line in sheet.splitlines():
        if "url(" in line:
            assert Path(line.partition("url(")[2].partition(")")[0]).exists(), line
    assert palette(tokens).window().color().name() == tokens.panel


def test_the_watch_sees_what_others_do_and_not_what_we_do(qtbot: QtBot, tmp_path: Path) -> None:
    path, watch = tmp_path / "one", FileWatch()
    path.write_text("ours")
    watch.follow(path)
    (tmp_path / "another").write_text("in the same folder")
    path.touch()
    with qtbot.assertNotEmitted(watch.changed, wait=500):
        pass
    assert not watch.differs()
    with qtbot.waitSignal(watch.changed, timeout=LONG):
        path.write_text("theirs")
    assert watch.differs()
    watch.follow(path)
    assert not watch.differs()
    with qtbot.waitSignal(watch.changed, timeout=LONG):
        path.unlink()
    watch.follow(None)
    assert watch.findChild(QFileSystemWatcher).files() == []


def test_memory_is_known_here() -> None:
    size = resident()
    assert size is not None
    assert 10_000_000 < size < 100_000_000_000

"""What is loaded behind the first paint, and by which thread."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pytestqt.qtbot import QtBot

from studio.ui.loading import Loading
from tests.ui.windows import LONG


def test_classes_of_qt_are_made_by_the_ui_thread_alone() -> None:
    """Before Python 3.12 PySide reads their table without a lock: one made elsewhere may end the process."""
    command = [sys.executable, "-m", "tests.ui.made_classes"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONG / 1000)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_library_that_cannot_be_loaded_is_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyqtgraph", None)
    loading = Loading()
    with qtbot.waitSignal(loading.failed, timeout=LONG) as told:
        loading.start()
    assert told.args
    assert "pyqtgraph" in told.args[0]
    assert not loading.is_ready
    loading.close()

"""Data that take long to be made ready: the command line says how far they are."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from studio.cli import reading
from studio.data import progress as watched
from studio.data.sources import csv_large
from studio.project.project import Data, Project, Setting
from studio.project.storage import save
from tests.cli.conftest import Call


def test_a_table_larger_than_memory_is_told(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEUROLOOM_HOME", str(tmp_path / "home"))
    path = tmp_path / "large.csv"
    path.write_text("a,b,y\n" + "".join(f"{at % 17}.5,{at % 5},{at % 3}\n" for at in range(3000)))
    save(Project(data=Data(Setting("CSV", {"path": "large.csv"}))), tmp_path / "mine.loom")
    monkeypatch.setattr(csv_large, "budget", lambda: 10_000)
    monkeypatch.setattr(csv_large, "PIECE", path.stat().st_size // 10)
    monkeypatch.setattr(reading, "EVERY_S", 0.01)
    note = watched.Progress.note

    def slowly(self: watched.Progress, share: float) -> None:
        note(self, share)
        time.sleep(0.05)

    monkeypatch.setattr(watched.Progress, "note", slowly)
    answer = call("data", tmp_path / "mine.loom")
    assert answer.code == 0, answer.err
    told = [line for line in answer.err.splitlines() if "large.csv is made ready" in line]
    assert 2 <= len(told) <= 11
    assert told[-1].endswith("%")
    again = call("data", tmp_path / "mine.loom")
    assert "made ready" not in again.err

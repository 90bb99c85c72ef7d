"""A run that failed since its decoding processes were ended again and again goes on from its checkpoint."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import numpy as np
import pytest
import torch
from PIL import Image

from studio.project.edits import set_data
from studio.project.project import Data, Setting
from studio.train.checkpoint import load_checkpoint
from studio.train.control import Control
from studio.train.engine import run
from studio.train.events import EpochEnded, Event, Failed, Finished, Saved, Started
from studio.train.job import Job
from studio.train.runs import create_run, read_events, read_run
from tests.train.drawings import digits

COUNT, BATCH = 160, 4


def photos(folder: Path) -> Path:
    """Pictures in class folders, the same in every folder."""
    draw = np.random.default_rng(0)
    for at in range(COUNT):
        place = folder / "photos" / "ab"[at % 2]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 255, (8, 8), np.uint8)).save(place / f"{at}.png")
    return folder


def kill_all_that_decode(over: Flag) -> None:
    while not over.wait(0.005):
        for one in multiprocessing.active_children():
            one.kill()


def test_a_run_whose_decoding_processes_were_killed_goes_on_bit_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.train.report.SHOWN", 0.0)
    monkeypatch.setattr("studio.train.engine.WITHIN_EPOCH", 0.0)
    monkeypatch.setattr("studio.train.saving.SHARE", 1.0)
    project = replace(
        digits(epochs=2, batch_size=BATCH), data=Data(Setting("ImageFolder", {"folder": "photos"}))
    )
    project = set_data(project, workers=2, normalize="none")  # which would read all pictures before
    paths: list[Path] = []
    for name in ("whole", "killed"):
        photos(tmp_path / name)
        paths.append(create_run(project, tmp_path / name, tmp_path / name / "runs"))
    whole, killed = paths
    run(Job(project, tmp_path / "whole", whole), lambda event: None, Control())
    over, told = Flag(), list[Event]()
    killer = Thread(target=kill_all_that_decode, args=(over,))

    def emit(event: Event) -> None:
        told.append(event)
        if isinstance(event, Saved) and not killer.is_alive():
            killer.start()

    failed = run(Job(project, tmp_path / "killed", killed), emit, Control()).failed
    over.set()
    killer.join()
    assert isinstance(failed, Failed)
    assert "processes that decode image were ended from outside 4 times" in failed.message
    assert not any(isinstance(one, EpochEnded) for one in told)
    assert read_run(killed).resumable
    resumed: list[Event] = []
    result = run(Job(project, tmp_path / "killed", killed, True), resumed.append, Control())
    assert result.failed is None
    (begun,) = [one for one in resumed if isinstance(one, Started)]
    assert begun.step > 0
    one, other = (load_checkpoint(path, "last")[0] for path in paths)
    assert all(torch.equal(one[name], other[name]) for name in one)
    first, second = (
        [event.test for event in read_events(path) if isinstance(event, Finished)] for path in paths
    )
    assert first == second[-1:]

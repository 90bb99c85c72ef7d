"""Settings that no training can be made of: told by the check, and no run is made of them."""

from __future__ import annotations

import pytest
import torch
from pytestqt.qtbot import QtBot

from studio.project.edits import set_params, set_training
from studio.train.runs import create_run, default_runs_dir, list_runs, read_json, read_run, write_run
from studio.ui.window import MainWindow
from tests.ui.windows import LONG, sample


def press_train(window: MainWindow, qtbot: QtBot, **options: object) -> None:
    """Open a sample, set something, and train once it is checked."""
    assert window.files.open_sample(sample("mlp_digits"))
    window.session.commit(set_training(window.session.project, **options), "Set")  # type: ignore[arg-type]
    window.training.start()
    qtbot.waitUntil(lambda: not window.training.active, timeout=LONG)


def test_several_seeds_by_several_processes_make_no_run(loaded: MainWindow, qtbot: QtBot) -> None:
    press_train(loaded, qtbot, seeds=2, processes=2)
    assert loaded.session.checked is not None
    (problem,) = loaded.session.checked.errors
    assert problem.field == "training.seeds"
    assert loaded.messages.texts() != []
    assert list_runs(default_runs_dir(loaded.session.path)) == []


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is CUDA here")
def test_cuda_that_is_not_there_makes_no_run(loaded: MainWindow, qtbot: QtBot) -> None:
    press_train(loaded, qtbot, device="cuda")
    assert "no CUDA device" in loaded.messages.texts()[-1]
    assert list_runs(default_runs_dir(loaded.session.path)) == []


def test_a_network_whose_layers_are_all_frozen_makes_no_run(loaded: MainWindow, qtbot: QtBot) -> None:
    assert loaded.files.open_sample(sample("mlp_digits"))
    project = loaded.session.project
    for name in [name for name, node in project.graph.nodes.items() if node.type == "Linear"]:
        project = set_params(project, name, {"freeze": True})
    loaded.session.commit(project, "Freeze")
    loaded.training.start()
    qtbot.waitUntil(lambda: not loaded.training.active, timeout=LONG)
    assert "there is nothing to train" in loaded.messages.texts()[-1]
    loaded.run_deeds.add_to_queue()
    assert list_runs(default_runs_dir(loaded.session.path)) == []


def test_a_run_without_a_checkpoint_is_neither_resumed_nor_forked(loaded: MainWindow, qtbot: QtBot) -> None:
    window = loaded
    assert window.files.open_sample(sample("mlp_digits"))
    run = create_run(window.session.project, window.session.folder, default_runs_dir(window.session.path))
    write_run(run, {**read_json(run), "status": "failed"})
    panel = window.panels.runs
    window.docks.reveal("runs")
    panel.set_folder(run.parent)
    panel.refresh()
    qtbot.waitUntil(lambda: [one.path for one in panel.shown] == [run], timeout=LONG)
    panel.select([run])
    enabled = {one.text(): one.isEnabled() for one in panel.view.actions()}
    assert not read_run(run).resumable
    assert not any(on for text, on in enabled.items() if text.startswith(("Resume", "Fork")))
    assert sum(text.startswith(("Resume", "Fork")) for text in enabled) == 2

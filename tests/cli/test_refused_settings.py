"""Settings that no training can be made of are refused before there is a run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from studio.places import shipped
from studio.project.edits import set_params
from studio.project.storage import load, save
from studio.train.runs import list_runs
from tests.cli.conftest import Call

DIGITS = shipped("samples") / "mlp_digits.loom"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (("seeds=2", "processes=2"), "several seeds cannot be trained by several processes"),
        (("sharding=fsdp", "processes=2", "average=ema"), "average 'ema' does not go together with sharding"),
        (("sharding=fsdp", "processes=2", "precision=float16"), "precision 'float16' does not go together"),
    ],
)
def test_what_contradicts_itself_makes_no_run(
    call: Call, tmp_path: Path, settings: tuple[str, ...], says: str
) -> None:
    answer = call("train", DIGITS, "--runs", tmp_path, *(f"--set=training.{setting}" for setting in settings))
    assert answer.code == 1
    assert says in answer.err
    assert "go on" not in answer.out
    assert list_runs(tmp_path) == []


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is CUDA here")
def test_cuda_that_is_not_there_makes_no_run(call: Call, tmp_path: Path) -> None:
    answer = call("train", DIGITS, "--device", "cuda", "--runs", tmp_path)
    assert answer.code != 0
    assert "no CUDA device" in answer.err
    assert list_runs(tmp_path) == []


@pytest.mark.parametrize("setting", ["seed", "max_steps"])
def test_a_number_that_is_too_large_is_told_the_largest(call: Call, tmp_path: Path, setting: str) -> None:
    answer = call("train", DIGITS, f"--set=training.{setting}=99999999999999999999999", "--runs", tmp_path)
    assert answer.code != 0
    assert f"{setting} takes a whole number from {int(setting != 'seed')} to {2**53}" in answer.err
    assert list_runs(tmp_path) == []


def test_a_run_that_failed_without_a_checkpoint_is_not_to_go_on(call: Call, tmp_path: Path) -> None:
    answer = call("train", DIGITS, "--runs", tmp_path, "--set=optimizer.lr=1e38", "--epochs=50")
    (run,) = list_runs(tmp_path)
    assert run.status == "failed"
    assert run.resumable == run.forkable == any((run.path / "checkpoints").iterdir())
    assert ("go on:" in answer.out) == run.resumable


def test_a_network_whose_layers_are_all_frozen_makes_no_run(call: Call, tmp_path: Path) -> None:
    project = load(DIGITS)
    weighty = [name for name, node in project.graph.nodes.items() if node.type == "Linear"]
    for name in weighty:
        project = set_params(project, name, {"freeze": True})
    save(project, tmp_path / "frozen.loom")
    answer = call("train", tmp_path / "frozen.loom", "--runs", tmp_path / "runs")
    assert answer.code != 0
    assert "all layers before it are frozen" in answer.err
    assert f"Switch off freeze in one of them ({', '.join(weighty[-3:])})." in answer.err
    assert list_runs(tmp_path / "runs") == []
    assert not (tmp_path / "runs").exists()
    assert (
        call("train", tmp_path / "frozen.loom", "--epochs", 1, f"--set={weighty[0]}.freeze=false").code == 0
    )

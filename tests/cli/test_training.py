"""train, evaluate and predict, on real data."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.cli.training import report
from studio.places import shipped
from studio.project.edits import set_training
from studio.project.storage import load
from studio.train.runs import read_run, run_project
from tests.cli.conftest import Call
from tests.train.drawings import train
from tests.train.test_resume import stop_at

SAMPLES = shipped("samples")
DIGITS = SAMPLES / "mlp_digits.loom"


def test_training_shows_bar_time_left_and_result(call: Call, tmp_path: Path):
    answer = call("train", DIGITS, "--epochs", "2", "--runs", tmp_path, "--curves", tmp_path / "curves.png")
    assert answer.code == 0
    first, one, two, *_ = answer.err.splitlines()
    assert first == ("mlp_digits-001 on cpu: 1,257 train, 270 validation, 270 test samples, 9,610 parameters")
    assert one.startswith("epoch 1/2 ██████████░░░░░░░░░░ loss ")
    assert "│ validation loss" in one
    assert one.endswith(" left")
    assert two.startswith("epoch 2/2 ████████████████████")
    assert "finished at epoch 2; best epoch 2" in answer.out
    assert "test part: loss" in answer.out
    assert f"run: {tmp_path / 'mlp_digits-001'}" in answer.out
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.size == (2240, 800)
        assert len(picture.getcolors(2_000_000) or []) > 50


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("max_steps=25", "ended by max_steps at epoch 2;"),
        ("max_minutes=0.002", "ended by max_minutes at epoch "),
    ],
)
def test_a_limit_that_ended_it_is_told(call: Call, tmp_path: Path, setting: str, says: str):
    given = ("--epochs", "5000", "--set", f"training.{setting}", "--runs", tmp_path)
    assert says in call("train", DIGITS, *given).out


def test_json_is_one_event_a_line(call: Call, tmp_path: Path):
    answer = call("train", DIGITS, "--epochs", "1", "--seed", "5", "--runs", tmp_path, "--json")
    events = [json.loads(line) for line in answer.out.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds[0] == "Started"
    assert kinds[-1] == "Finished"
    assert {"Progress", "EpochEnded", "Saved"} <= set(kinds)
    assert sum(len(event["losses"]) for event in events if event["event"] == "Progress") == 20
    assert read_run(tmp_path / "mlp_digits-001").seed == 5


def test_settings_for_one_run(call: Call, tmp_path: Path):
    changes = {
        "training.clip_norm": ("0.5", 0.5),
        "training.patience": ("none", None),
        "data.validation": ("0.3", 0.3),
        "data.stratify": ("off", False),
        "optimizer": ("AdamW", None),
        "optimizer.lr": ("0.01", 0.01),
        "schedule": ("Step", None),
        "schedule.every": ("2", 2),
        "hidden.out_features": ("32", 32),
        "loss.metrics": ("", ()),
    }
    sets = [part for key, (text, _) in changes.items() for part in ("--set", f"{key}={text}")]
    before = DIGITS.read_bytes()
    answer = call("train", DIGITS, "--epochs", "1", "--batch-size", "128", "--runs", tmp_path, *sets)
    assert answer.code == 0, answer.err
    ran = run_project(tmp_path / "mlp_digits-001")
    assert dict(ran.training.options) == {"batch_size": 128, "epochs": 1, "clip_norm": 0.5, "patience": None}
    assert dict(ran.data.options) == {"validation": 0.3, "stratify": False}
    assert (ran.training.optimizer.type, dict(ran.training.optimizer.params)) == ("AdamW", {"lr": 0.01})
    assert (ran.training.schedule.type, dict(ran.training.schedule.params)) == ("Step", {"every": 2})
    assert ran.graph.nodes["hidden"].params["out_features"] == 32
    assert ran.graph.nodes["loss"].params["metrics"] == ()
    assert DIGITS.read_bytes() == before


@pytest.mark.parametrize(
    ("given", "said", "hint"),
    [
        (["--epochs", "many"], "epochs takes a whole number from 1 to 1000000, not 'many'", ""),
        (["--epochs", "0"], "epochs takes a whole number", ""),
        (["--batch-size", "2.5"], "batch_size takes a whole number", ""),
        (["--device", "gpu"], "device takes one of auto, cpu, cuda, not 'gpu'", ""),
        (["--set", "optimizer"], "expected key=value", "--set optimizer.lr=0.01"),
        (["--set", "optimizer=Lion"], "there is no optimizer Lion", "SGD, Adam, AdamW"),
        (["--set", "optimizer.beta=1"], "there is no setting beta", "lr, momentum"),
        (["--set", "optimizer.lr=nan"], "lr takes a number of at least 0", ""),
        (["--set", "training.speed=1"], "there is no setting speed", "epochs, batch_size"),
        (["--set", "data.stratify=maybe"], "stratify takes on or off", ""),
        (["--set", "data.dataset=mnist"], "dataset takes one of digits, iris", ""),
        (["--set", "data.source=Cloud"], "there is no source Cloud", "CSV"),
        (["--set", "conv9.bias=on"], "the project has no node conv9", "hidden, image"),
        (["--set", "hidden.size=3"], "there is no setting size", "out_features, bias"),
        (["--set", "relu.x=3"], "there is no setting x", "none to set"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "-",
)
def test_settings_that_cannot_be_meant(call: Call, tmp_path: Path, given: list[str], said: str, hint: str):
    answer = call("train", DIGITS, "--runs", tmp_path, *given)
    assert answer.code == 2
    assert said in answer.err
    assert hint in answer.err
    assert list(tmp_path.iterdir()) == []


def test_train_needs_a_file_or_a_run(call: Call):
    answer = call("train")
    assert answer.code == 2
    assert "needs a FILE" in answer.err


def test_ctrl_c_stops_with_a_checkpoint_and_the_run_goes_on(call: Call, tmp_path: Path):
    command = [sys.executable, "-m", "studio", "train", str(DIGITS), "--epochs", "5000"]
    child = subprocess.Popen(
        [*command, "--runs", str(tmp_path), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    for line in child.stdout:
        if '"EpochEnded"' in line:
            break
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    assert "stopping after this step, with a checkpoint" in err
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["event"] for event in events][-2:] == ["Saved", "Finished"]
    assert events[-1]["reason"] == "stopped"
    run = tmp_path / "mlp_digits-001"
    stopped = read_run(run)
    assert stopped.status == "stopped"
    epochs = stopped.epochs_done + 2
    answer = call("train", "--resume", run, "--epochs", epochs)
    assert answer.code == 0, answer.err
    assert f"going on after epoch {stopped.epochs_done}" in answer.err
    assert read_run(run).epochs_done == epochs


def test_evaluate(call: Call, trained: Path):
    answer = call("evaluate", trained)
    assert answer.code == 0
    assert answer.out.startswith("test part, 270 samples: loss ")
    assert "true class down, predicted across" in answer.out
    assert "the worst:" in answer.out
    values = json.loads(call("evaluate", trained, "--json", "--part", "validation").out)
    assert values["count"] == 270
    assert values["metrics"]["accuracy"] > 0.9
    counts = np.array(values["confusions"]["loss"]["counts"])
    assert counts.sum() == 270
    assert np.trace(counts) / 270 == pytest.approx(values["metrics"]["accuracy"])


def test_predict_on_a_row_a_picture_and_an_array(call: Call, trained: Path, tmp_path: Path):
    from sklearn.datasets import load_digits

    digits = load_digits()
    np.save(tmp_path / "some.npy", digits.images[[0, 1, 3]].astype(np.float32))
    picture = Image.fromarray((digits.images[0] * 15.9).astype(np.uint8))
    picture.save(tmp_path / "zero.png")
    row = ",".join(map(str, digits.data[0]))
    answer = call("predict", trained, row, tmp_path / "zero.png", tmp_path / "some.npy", "--json")
    assert answer.code == 0, answer.err
    said = [next(iter(one["answers"].values()))["label"] for one in json.loads(answer.out)]
    assert said == ["0", "0", "0", "1", "3"]
    words = call("predict", trained, row)
    assert words.out.startswith(row)
    assert ": 0 (" in words.out
    assert "; then " in words.out


@pytest.mark.parametrize(
    ("given", "said"),
    [("1,2,3", "takes 64 values, got 3"), ("no_such.png", "no_such.png"), ("a,b", "64 values")],
)
def test_inputs_that_do_not_fit(call: Call, trained: Path, given: str, said: str):
    answer = call("predict", trained, given)
    assert answer.code == 3
    assert said in answer.err


def test_without_a_display_the_project_trains_in_the_terminal(tmp_path: Path):
    """The way of `make run` on a server: train, draw the curves, and say how to open the window."""
    assert _copy(tmp_path).name == "linear_regression.loom"
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    command = [sys.executable, "-m", "studio", "linear_regression.loom"]
    done = subprocess.run(
        [*command, "--train"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "there is no display here" in done.stderr
    assert "epoch 300/300" in done.stderr
    assert "xvfb-run -a " in done.stderr
    assert "neuroloom linear_regression.loom" in done.stderr
    assert (tmp_path / "runs" / "linear_regression-001" / "curves.png").stat().st_size > 5000
    only_open = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert only_open.returncode == 3
    assert "the window cannot open: there is no display here" in only_open.stderr


@pytest.mark.skipif(os.name == "nt", reason="needs pipes that break")
def test_a_run_whose_reader_goes_stops_with_a_checkpoint(tmp_path: Path):
    command = [sys.executable, "-m", "studio", "train", str(DIGITS), "--epochs", "100000", "--json"]
    child = subprocess.Popen(
        [*command, "--runs", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stderr is not None
    for line in child.stdout:
        if '"EpochEnded"' in line:
            break
    child.stdout.close()
    told = child.stderr.read()
    assert child.wait(60) == 0, told
    assert "stopping after this step, with a checkpoint" in told
    assert "disk" not in told
    child.stderr.close()
    run = read_run(tmp_path / "mlp_digits-001")
    assert (run.status, run.resumable) == ("stopped", True)


@pytest.mark.skipif(os.name == "nt", reason="needs pipes that break")
def test_a_run_whose_only_reader_goes_stops_too(tmp_path: Path):
    """Progress and messages go into the same pipe (`2>&1 | head`)."""
    command = [sys.executable, "-m", "studio", "train", str(DIGITS), "--epochs", "100000"]
    child = subprocess.Popen(
        [*command, "--runs", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert child.stdout is not None
    assert any("epoch" in line for line in child.stdout)
    child.stdout.close()
    assert child.wait(60) == 0
    run = read_run(tmp_path / "mlp_digits-001")
    assert (run.status, run.resumable) == ("stopped", True)


def _copy(folder: Path) -> Path:
    from studio.cli import main

    assert main(["samples", "linear_regression", str(folder)]) == 0
    assert load(folder / "linear_regression.loom").name == "linear_regression"
    assert (folder / "data" / "four_points.csv").exists()
    return folder / "linear_regression.loom"


def test_a_run_begins_where_another_one_stood(call: Call, tmp_path: Path):
    call("train", DIGITS, "--epochs", "3", "--set", "training.keep_every=2", "--runs", tmp_path)
    parent = tmp_path / "mlp_digits-001"
    exact = call("train", "--from", f"{parent}:2")
    assert exact.code == 0
    assert "from mlp_digits-001, epoch 2, to epoch 3, exactly" in exact.err
    assert read_run(tmp_path / "mlp_digits-002").test == read_run(parent).test
    wide = call(
        *("train", DIGITS, "--from", f"{parent}:2", "--epochs", "3", "--runs", tmp_path),
        *("--set", "hidden.out_features=20"),
    )
    assert "kept: scores.bias 10" in wide.err
    assert "initialised afresh: hidden.weight 20×64 (was 128×64)" in wide.err
    assert "parted in another way" not in wide.err
    parted = call("train", "--from", f"{parent}:2", "--set", "data.validation=0.3")
    assert "parted in another way: its weights may have been trained on some" in parted.err
    done = call("train", "--from", f"{parent}:2", "--epochs", "2")
    assert done.code == 3
    assert "stands at epoch 2, and epochs is 2" in done.err
    assert "--set training.epochs=4" in done.err
    missing = call("train", DIGITS, "--from", f"{parent}:9", "--runs", tmp_path)
    assert missing.code == 3
    assert "no checkpoint of epoch 9 was kept" in missing.err
    assert "2 (epoch)" in missing.err


def test_reproduce_says_that_every_digit_is_equal(call: Call, tmp_path: Path):
    call("train", DIGITS, "--epochs", "1", "--runs", tmp_path)
    answer = call("reproduce", tmp_path / "mlp_digits-001")
    assert answer.code == 0
    assert "are equal to the last digit" in answer.out
    told = json.loads(call("reproduce", tmp_path / "mlp_digits-001", "--json").out)
    assert told["equal"]
    assert told["changes"] == []


def test_a_run_of_two_processes_is_reproduced_by_two(call: Call, tmp_path: Path):
    call("train", DIGITS, "--epochs", "2", "--processes", "2", "--runs", tmp_path)
    answer = call("reproduce", tmp_path / "mlp_digits-001")
    assert answer.code == 0
    assert "are equal to the last digit" in answer.out
    assert "nothing else has changed" in answer.out


def test_a_run_that_ended_before_its_first_validation_is_to_go_on_first(tmp_path: Path, capsys):
    project = set_training(load(DIGITS), epochs=100, validate_every=100)
    run = train(project, tmp_path, steer=stop_at(1)).result
    assert report(run) == 0
    said = capsys.readouterr().out
    assert "no best epoch" in said
    assert f"train --resume {run.run_dir}" in said
    assert "evaluate" not in said

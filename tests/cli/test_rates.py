"""find-rate, and every setting of training on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from studio.places import shipped
from studio.project.storage import load
from studio.train.runs import run_project
from tests.cli.conftest import Call

DIGITS = shipped("samples") / "mlp_digits.loom"


def test_a_rate_is_proposed_with_the_command_that_uses_it(call: Call, tmp_path: Path):
    answer = call("find-rate", DIGITS, "--set", "optimizer=Adam")
    assert answer.code == 0, answer.err
    *rows, steepest, use = answer.out.splitlines()
    assert len(rows) > 15
    assert steepest.startswith("falls fastest at ")
    rate = use.rpartition("=")[2]
    assert use.startswith(f"use {rate}: ")
    assert 1e-4 < float(rate) < 0.1
    again = json.loads(call("find-rate", DIGITS, "--set", "optimizer=Adam", "--json").out)
    assert again["rate"] == float(rate)
    assert {"rate", "loss", "smoothed"} == set(again["tried"][0])
    assert (
        call("train", DIGITS, "--set", f"optimizer.lr={rate}", "--epochs", "1", "--runs", tmp_path).code == 0
    )


def test_where_nothing_can_be_learned_it_says_so(call: Call, tmp_path: Path):
    file = tmp_path / "wrong.loom"
    shutil.copy(DIGITS, file)
    assert call("find-rate", file, "--set", "training.best_by=nonsense").code == 1
    answer = call("find-rate", tmp_path / "none.loom")
    assert answer.code == 3
    assert "none.loom" in answer.err


def test_every_setting_on_the_command_line(call: Call, tmp_path: Path):
    changes = {
        "precision": ("bfloat16", "bfloat16"),
        "accumulate": ("2", 2),
        "best_by": ("accuracy", "accuracy"),
        "least_gain": ("0.01", 0.01),
        "validate_every": ("2", 2),
        "validate_steps": ("7", 7),
        "max_steps": ("15", 15),
        "max_minutes": ("5", 5.0),
        "average": ("ema", "ema"),
        "ema_decay": ("0.95", 0.95),
        "decay_all": ("off", False),
        "seed": ("3", 3),
    }
    given = [part for key, (text, _) in changes.items() for part in ("--set", f"training.{key}={text}")]
    answer = call("train", DIGITS, *given, "--runs", tmp_path)
    assert answer.code == 0, answer.err
    options = run_project(tmp_path / f"{load(DIGITS).name.replace(' ', '_')}-001").training.options
    assert {key: options[key] for key in changes} == {key: value for key, (_, value) in changes.items()}
    assert "ended by max_steps at epoch 2" in answer.out  # ten steps an epoch, fifteen in all
    assert "validation" in answer.err


def test_a_wrong_value_says_what_is_accepted(call: Call):
    answer = call("train", DIGITS, "--set", "training.precision=float8")
    assert answer.code == 2
    assert "float32, bfloat16, float16" in answer.err
    answer = call("train", DIGITS, "--set", "training.ema_decay=1.5")
    assert answer.code == 2
    assert "from 0 to 0.999999" in answer.err

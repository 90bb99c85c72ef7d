"""samples, layers, doctor, and what is no command."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.catalog.registry import registry
from studio.cli import doctor
from studio.places import shipped
from studio.project.storage import load
from tests.cli.conftest import Call


def test_the_list_of_samples(call: Call):
    answer = call("samples")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert [line.split()[0] for line in lines[2:]] == [
        path.stem for path in sorted(shipped("samples").glob("*.loom"))
    ]
    assert "Handwritten digits" in answer.out


def test_copying_a_sample_with_its_data(call: Call, tmp_path: Path):
    answer = call("samples", "two_inputs", tmp_path / "new")
    assert answer.code == 0
    assert str(tmp_path / "new" / "two_inputs.loom") in answer.out
    assert call("check", tmp_path / "new" / "two_inputs.loom").code == 0
    assert call("samples", "two_inputs", tmp_path / "new").code == 0
    assert call("samples", "mlp_digits", tmp_path / "mine.loom").code == 0
    assert load(tmp_path / "mine.loom").name == "mlp_digits"


def test_a_sample_overwrites_nothing(call: Call, tmp_path: Path):
    (tmp_path / "mlp_digits.loom").write_text("mine")
    answer = call("samples", "mlp_digits", tmp_path)
    assert answer.code == 3
    assert "is there already and differs" in answer.err
    assert (tmp_path / "mlp_digits.loom").read_text() == "mine"


def test_an_unknown_sample(call: Call):
    answer = call("samples", "imagenet")
    assert answer.code == 2
    assert "cnn_digits" in answer.err


def test_the_list_of_layers(call: Call):
    answer = call("layers")
    assert answer.code == 0
    for layer in registry().layers.values():
        assert f"  {layer.type} " in answer.out
        assert layer.doc.splitlines()[0] in answer.out


@pytest.mark.parametrize("name", ["Conv2d", "conv2d", "CrossEntropy", "Input", "Add"])
def test_a_layer_explained(call: Call, name: str):
    answer = call("layers", name)
    assert answer.code == 0
    layer = next(one for one in registry().layers.values() if one.type.lower() == name.lower())
    for param in layer.all_params:
        assert param.name in answer.out
        assert param.doc in answer.out
    for port in (*layer.inputs, *layer.outputs):
        assert port.doc in answer.out


def test_an_unknown_layer(call: Call):
    answer = call("layers", "Conv2")
    assert answer.code == 2
    assert "Conv2d" in answer.err


def test_doctor_tells_versions_devices_and_the_window(call: Call):
    import torch

    answer = call("doctor")
    assert answer.code == 0, answer.out
    assert torch.__version__ in answer.out
    assert "cpu (" in answer.out
    assert "can open" in answer.out
    assert "nothing needed is missing" in answer.out


def test_doctor_gives_the_command_for_what_is_missing(call: Call, monkeypatch: pytest.MonkeyPatch):
    found = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda name: None if name == "safetensors" else found(name))
    monkeypatch.setattr(doctor, "qt_problem", lambda: "Qt does not load: libEGL.so.1")
    answer = call("doctor")
    assert answer.code == 3
    assert "-m pip install safetensors" in answer.out
    assert "sudo apt-get install --no-install-recommends libegl1" in answer.out
    assert "nothing needed is missing" not in answer.out


def test_what_is_no_command_is_told(call: Call):
    answer = call("trian", "x.loom")
    assert answer.code == 2
    answer = call("trian")
    assert answer.code == 2
    assert "Did you mean `neuroloom train`?" in answer.err


def test_a_window_that_cannot_open_is_told(call: Call, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("QT_QPA_PLATFORM")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    answer = call(shipped("samples") / "cnn_digits.loom")
    assert answer.code == 3
    assert "the window cannot open: there is no display here" in answer.err
    assert "xvfb-run" in answer.err

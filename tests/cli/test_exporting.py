"""neuroloom export in every form: what is written is equal, and a failure leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.build.network import Network
from studio.cli.entry import main
from studio.errors import StudioError
from studio.interchange.export_process import Cancelled, Request, run_export
from studio.interchange.forms import FORMS
from studio.interchange.refused import refuse_pt2
from studio.interchange.weights_from import of_project
from studio.project import edits
from studio.project.storage import load, save

SAMPLES = Path(__file__).parents[2] / "samples"
DIGITS = SAMPLES / "mlp_digits.loom"


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_onnx_with_a_card(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "digits.onnx"
    assert main(["export", str(DIGITS), "--to", "onnx", "-o", str(out), "--card"]) == 0
    said = capsys.readouterr()
    assert f"wrote {out}\n" in said.out
    assert "largest difference on 8 samples: " in said.out
    assert "not trained" in said.err
    assert names(tmp_path) == ["digits.md", "digits.onnx", "digits.svg"]
    card = (tmp_path / "digits.md").read_text()
    assert "- `digits.onnx`" in card
    assert "- Takes **image**: N×1×8×8 (float32)" in card
    assert "These weights are those of no run" in card


def test_pt2_is_equal_and_is_never_opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "digits.pt2"
    assert main(["export", str(DIGITS), "--to", "pt2", "-o", str(out)]) == 0
    assert "largest difference on 8 samples: 0.0e+00" in capsys.readouterr().out
    network = torch.export.load(out).module()
    assert network(torch.zeros(5, 1, 8, 8)).shape == (5, 10)
    with pytest.raises(StudioError) as caught:
        refuse_pt2(out)
    assert "runs code" in caught.value.message
    assert main(["import", str(out), "-o", str(tmp_path / "a.loom")]) == 3
    assert "runs code" in capsys.readouterr().err


def test_weights_that_the_settings_name_leave(tmp_path: Path) -> None:
    project = load(DIGITS)
    trained = of_project(project, tmp_path)
    torch.manual_seed(8)
    other = {name: one.clone() for name, one in Network(trained.checked.plan).state_dict().items()}
    save_file(other, tmp_path / "given.safetensors")
    save(edits.set_training(project, weights="given.safetensors"), tmp_path / "a.loom")
    assert (
        main(["export", str(tmp_path / "a.loom"), "--to", "weights", "-o", str(tmp_path / "w.safetensors")])
        == 0
    )
    found = load_file(tmp_path / "w.safetensors")
    assert found.keys() == other.keys()
    assert all(torch.equal(found[name], one) for name, one in other.items())


def test_fresh_weights_are_those_that_a_training_begins_with(tmp_path: Path) -> None:
    one, again = of_project(load(DIGITS), tmp_path), of_project(load(DIGITS), tmp_path)
    assert not one.known
    assert all(torch.equal(again.weights[name], value) for name, value in one.weights.items())


@pytest.mark.parametrize("form", ["onnx", "pt2", "weights", "card", "keras-model"])
def test_a_name_that_ends_otherwise_is_refused(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(DIGITS), "--to", form, "-o", str(tmp_path / "a.txt")]) == 3
    assert f"expected a name that ends in {FORMS[form].suffix}" in capsys.readouterr().err
    assert not names(tmp_path)


def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "no" / "a.onnx"
    assert main(["export", str(DIGITS), "--to", "onnx", "-o", str(out)]) == 3
    assert f"{out} cannot be written" in capsys.readouterr().err


def test_the_process_tells_what_fails_and_leaves_nothing(tmp_path: Path) -> None:
    project = edits.set_training(load(DIGITS), weights="nowhere.safetensors")
    told: list[str] = []
    with pytest.raises(StudioError) as caught:
        run_export(Request("onnx", tmp_path / "a.onnx", project, tmp_path), told.append, lambda: False)
    assert "nowhere.safetensors" in caught.value.message
    assert told
    assert not names(tmp_path)


def test_the_process_ends_when_it_is_stopped(tmp_path: Path) -> None:
    told: list[str] = []
    request = Request("onnx", tmp_path / "a.onnx", load(DIGITS), tmp_path)
    with pytest.raises(Cancelled):
        run_export(request, told.append, lambda: bool(told))
    assert not names(tmp_path)


def test_a_file_that_was_there_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"before")
    project = edits.set_training(load(DIGITS), weights="nowhere.safetensors")
    save(project, tmp_path / "a.loom")
    assert main(["export", str(tmp_path / "a.loom"), "--to", "onnx", "-o", str(tmp_path / "a.onnx")]) == 1
    assert (tmp_path / "a.onnx").read_bytes() == b"before"


def test_every_form_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"  {name} " in said for name in FORMS)


def test_an_imported_network_predicts_and_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(DIGITS), "--to", "onnx", "-o", str(tmp_path / "digits.onnx")]) == 0
    file = tmp_path / "digits.loom"
    assert main(["import", str(tmp_path / "digits.onnx"), "-o", str(file)]) == 0
    np.save(tmp_path / "zeros.npy", np.zeros((1, 8, 8), np.float32))
    capsys.readouterr()
    assert main(["predict", str(file), str(tmp_path / "zeros.npy")]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{tmp_path / 'zeros.npy'}: ")
    project = load(DIGITS)
    weights = of_project(project, tmp_path).weights
    save_file(weights, tmp_path / "w.safetensors")
    save(edits.set_training(project, weights="w.safetensors"), tmp_path / "own.loom")
    assert main(["evaluate", str(tmp_path / "own.loom")]) == 0
    assert "test part, 270 samples" in capsys.readouterr().out
    assert main(["evaluate", str(DIGITS)]) == 3
    assert "no weights are named" in capsys.readouterr().err

"""What is left out of a project so that both frameworks can train it alike, and the optimizers' twins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.catalog.registry import registry
from studio.errors import StudioError
from studio.interchange.beside.comparable import comparable
from studio.interchange.beside.figures import Figures, in_training, relative
from studio.interchange.beside.told import Begun, EpochOver, Losses, Memory
from studio.interchange.keras.optimizers import twin_of
from studio.places import shipped
from studio.project import edits
from studio.project.project import FieldSetting, Setting
from studio.project.storage import load


def test_chance_is_left_out_and_told() -> None:
    project = load(shipped("samples") / "cnn_digits.loom")
    fields = {"image": FieldSetting(augment=(Setting("Flip"),))}
    project = replace(project, data=replace(project.data, fields=fields))
    project = edits.set_training(project, precision="bfloat16", average="ema", accumulate=2)
    found, notes = comparable(project, 7)
    assert found.graph.nodes["dropout"].params["p"] == 0.0
    assert found.graph.nodes["loss"].params["metrics"] == ()
    assert found.data.fields["image"].augment == ()
    assert found.training.options["epochs"] == 7
    assert found.training.options["precision"] == "float32"
    told = " ".join(notes)
    for word in ("dropout", "random changes", "precision (bfloat16)", "average (ema)", "accumulate"):
        assert word in told
    assert comparable(found, 7) == (found, (notes[-1],))  # accumulate stays, and stays told


def test_every_optimizer_has_a_twin_or_is_refused() -> None:
    refused: list[str] = []
    for component in registry().components("optimizer"):
        try:
            twin = twin_of(Setting(component.type))
        except StudioError as error:
            refused.append(error.message.rpartition(" ")[2].rstrip("."))
        else:
            assert twin.name.lower() == ("adam" if component.type == "RAdam" else component.type.lower())
    assert refused == ["Rprop", "ASGD", "LBFGS", "Muon"]


def test_figures_of_what_was_told() -> None:
    figures = Figures()
    figures.take(Begun(2, 2, 4, 8, 3, 1, (), {}))
    memory = Memory(ready=100, peak=160)
    for epoch, seconds in ((1, 9.0), (2, 0.5)):
        figures.take(Losses("pytorch", 2 * epoch, (1.0, 0.5)))
        figures.take(Losses("tensorflow", 2 * epoch, (1.0, 0.6)))
        figures.take(EpochOver("pytorch", epoch, 1.0, 2.0, seconds, 8, memory))
        assert len(figures.rows) == epoch - 1
        figures.take(EpochOver("tensorflow", epoch, 1.1, None, seconds, 8))
    assert [row.difference for row in figures.rows] == pytest.approx([0.1, 0.1])
    assert figures.rows[0].validation_difference is None
    assert figures.speed("pytorch") == 16.0  # the first epoch, in which all is made, does not count
    assert list(figures.losses["tensorflow"]) == [1.0, 0.6, 1.0, 0.6]
    assert in_training(figures.memory("pytorch")) == 60
    assert in_training(figures.memory("tensorflow")) is None
    assert relative(0.0, 1e-20) < 1e-6

"""Looking things up, and reading values against their declarations."""

from __future__ import annotations

import subprocess
import sys

import pytest

from studio.catalog.registry import Layer, Registry, checked_values, registry
from studio.project.params import Choices, Float, Floats, Int, Ints


def test_every_family_is_offered_with_its_layers() -> None:
    families = registry().families()
    data = [layer.type for layer in families["Data"]]
    assert data == ["Input", "Output", "Constant", "Buffer", "Parameter"]
    assert sum(map(len, families.values())) == len(registry().layers)


def test_an_earlier_name_finds_the_layer() -> None:
    layer = Layer("Dense", "Linear", "New name.", renamed=("FullyConnected",))
    assert Registry([layer], []).layer("FullyConnected") is layer
    assert Registry([layer], []).layer("Nothing") is None


def test_components_are_found_by_kind() -> None:
    types = [one.type for one in registry().components("optimizer")]
    assert types[:3] == ["SGD", "Adam", "AdamW"]
    assert len(types) == 14
    assert registry().component("schedule", "SGD") is None


def test_wrong_values_are_told_and_the_default_stands_in() -> None:
    params = (Int("size", 3, "A size", low=1), Float("rate", 0.1, "A rate", low=0.0))
    values, wrong = checked_values(params, {"size": 0, "rate": 1})
    assert values == {"size": 3, "rate": 1.0}
    assert wrong == {"size": "size takes a whole number of at least 1, not 0"}


@pytest.mark.parametrize(
    ("param", "given", "kept"),
    [
        (Int("a", 1, "x"), 2.0, 2),
        (Int("a", None, "x", optional=True), None, None),
        (Ints("a", 1, "x", lengths=(1, 2)), [3, 4], (3, 4)),
        (Ints("a", 1, "x", words=("same",)), "same", "same"),
        (Choices("a", (), "x", options=("p", "q")), ["q", "p", "q"], ("q", "p")),
        (Floats("a", 1.0, "x"), 2, 2.0),
        (Floats("a", 1.0, "x"), [1, 0.5], (1.0, 0.5)),
        (Floats("a", None, "x", optional=True), None, None),
    ],
)
def test_values_come_back_in_canonical_form(param, given, kept) -> None:
    assert param.check(given) == kept


@pytest.mark.parametrize(
    ("param", "given"),
    [
        (Int("a", 1, "x"), True),
        (Int("a", 1, "x"), 1.5),
        (Float("a", 1.0, "x"), float("nan")),
        (Ints("a", 1, "x", lengths=(1, 2)), (1, 2, 3)),
        (Ints("a", 1, "x"), ()),
        (Ints("a", 1, "x", words=("same",)), "valid"),
        (Choices("a", (), "x", options=("p",)), ["r"]),
        (Choices("a", (), "x", options=("p",)), 3),
        (Floats("a", 1.0, "x"), ()),
        (Floats("a", 1.0, "x"), (1.0, "two")),
        (Floats("a", 1.0, "x"), (1.0, True)),
        (Floats("a", 1.0, "x", low=0.0), (0.5, -1.0)),
        (Floats("a", 1.0, "x"), float("inf")),
    ],
)
def test_what_does_not_fit_is_refused_by_name(param, given) -> None:
    with pytest.raises(ValueError, match=r"^a takes "):
        param.check(given)


def test_reading_the_catalog_imports_neither_torch_nor_numpy_nor_qt() -> None:
    code = "import sys; from studio.catalog.registry import registry; registry(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"torch", "numpy", "networkx", "PySide6", "sklearn"} & set(loaded)

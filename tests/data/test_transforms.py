"""Every transform: it learns from the training part only, what it learned is JSON, and kinds are checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.catalog.registry import registry
from studio.data.cells import Held, Listed, Sound
from studio.data.columns import Planned, plan
from studio.data.findings import find_column
from studio.data.making import Made, make
from studio.data.pipeline import read_data
from studio.data.raw import DataError
from studio.data.table import SourceColumn, Table
from studio.data.transforms import TRANSFORMS
from studio.project.project import Data, FieldSetting, Setting

TRANSFORM_NAMES = [one.type for one in registry().components("transform")]
ROWS = 60
TRAIN = np.arange(40)
SHAPES = {"image": (3, 12, 10), "mask": (12, 10)}
KINDS = ("number", "category", "time", "text", "tokens", "audio", "image", "mask")
PARAMS = {"JoinRare": {"least": 3}, "CutTokens": {"length": 3}, "CenterCrop": {"width": 8, "height": 8}}


def values_of(kind: str, rng: np.random.Generator, count: int) -> Any:
    """Values of a kind; those of classes among few, which all come up in the training part."""
    if kind == "number":
        return rng.lognormal(size=count)
    if kind == "category":
        return [f"c{at % 5}" for at in rng.permutation(count)]
    if kind == "time":
        return np.datetime64("2026-01-01", "us") + rng.integers(0, 10**14, count)
    if kind == "text":
        return [" ".join(rng.choice(["a", "red", "house", "far", "away"], 6)) for _ in range(count)]
    if kind == "tokens":
        return [rng.integers(0, 9, int(rng.integers(3, 9))) for _ in range(count)]
    if kind == "audio":
        return [Sound(rng.uniform(-1, 1, (1, 4000)).astype(np.float32), 8000) for _ in range(count)]
    if kind == "mask":
        return rng.integers(0, 3, (count, *SHAPES[kind])).astype(np.int64)
    return rng.integers(0, 255, (count, *SHAPES[kind])).astype(np.uint8)


def kind_for(name: str) -> str:
    return next(kind for kind in KINDS if kind in TRANSFORMS[name].takes)


def cells(values: Any) -> Held | Listed:
    return Held(values) if isinstance(values, np.ndarray) else Listed(values)


def joined(first: Any, second: Any) -> Any:
    return np.concatenate([first, second]) if isinstance(first, np.ndarray) else [*first, *second]


@pytest.mark.parametrize("name", TRANSFORM_NAMES)
def test_nothing_is_learned_from_validation_and_test(name: str) -> None:
    kind = kind_for(name)
    rng = np.random.default_rng(0)
    training, held = values_of(kind, rng, len(TRAIN)), values_of(kind, rng, ROWS - len(TRAIN))
    others = values_of(kind, np.random.default_rng(9), ROWS - len(TRAIN))
    if kind == "number":
        others = others * 1000 + 5
    state, result = learned(name, joined(training, held), kind)
    again, same = learned(name, joined(training, others), kind)
    assert state == again
    assert_equal(result, same)
    if TRANSFORMS[name].fit is not None and not TRANSFORMS[name].from_all:
        moved, _ = learned(name, joined(changed(training, kind), held), kind)
        assert moved != state


def changed(training: Any, kind: str) -> Any:
    if kind in ("category", "text"):
        return [f"{value}x" for value in training]
    if kind == "tokens":
        return [np.tile(value, 3) for value in training]
    if kind == "audio":
        return [Sound(np.tile(one.wave * 0.5 + 0.1, 2), one.rate) for one in training]
    if kind == "time":
        return training - np.timedelta64(400, "D")
    return training // 2 if training.dtype.kind in "iu" else training * 3 + 1


def learned(name: str, values: Any, kind: str) -> tuple[Any, Any]:
    """What a transform learned, by way of JSON, and the training values after it."""
    from studio.data.making import _learned  # what it learns, also where its result makes no array
    from studio.data.transforms.step import Step

    component = registry().component("transform", name)
    assert component is not None
    setting = Setting(name, component.values(PARAMS.get(name, {})))
    one = Planned("column", SourceColumn(cells(values), kind), kind, "input", "error", (setting,), False, ())
    state = _learned(one, (), setting, np.arange(ROWS), TRAIN)
    read_back = json.loads(json.dumps(dict(state)))
    training = cells(values).take(TRAIN)
    result = Step(name, TRANSFORMS[name], setting.params, read_back)(training)
    assert_equal(result, Step(name, TRANSFORMS[name], setting.params, state)(training))
    return read_back, result


def assert_equal(one: Any, other: Any) -> None:
    assert len(one) == len(other)
    for first, second in zip(one, other, strict=True):
        if isinstance(first, Sound):
            assert np.array_equal(first.wave, second.wave)
        else:
            assert np.array_equal(first, second)


@pytest.mark.parametrize("name", TRANSFORM_NAMES)
def test_a_transform_refuses_kinds_it_does_not_take(name: str) -> None:
    wrong = next((kind for kind in ("number", "text", "time") if kind not in TRANSFORMS[name].takes), None)
    assert wrong is not None
    column = SourceColumn(cells(values_of(wrong, np.random.default_rng(0), 30)), wrong)
    settings = {"x": FieldSetting(transforms=(Setting(name),))}
    with pytest.raises(DataError, match=f"x: {name} works on .*, and here it gets {wrong}"):
        plan(Table({"x": column}), {"x": find_column("x", column)}, settings)


def after(values: Any, *steps: Setting, kind: str = "number", train: Any = None) -> Made:
    column = SourceColumn(cells(values), kind)
    settings = {"x": FieldSetting(transforms=steps)}
    one = plan(Table({"x": column}), {"x": find_column("x", column)}, settings)["x"]
    rows = np.arange(len(values))
    return make(one, rows, rows if train is None else train, None)


def test_numbers_come_out_as_they_should() -> None:
    values = np.array([0.0, 1, 2, 3, 100])
    assert after(values, Setting("Standardize")).array.std() == pytest.approx(1)
    ranged = after(values, Setting("RangeScale", {"low": -1.0, "high": 1.0})).array
    assert (ranged.min(), ranged.max()) == (-1, 1)
    assert after(values, Setting("RobustScale")).array[:4].tolist() == [-1, -0.5, 0, 0.5]
    assert after(values, Setting("Quantile", {"output": "uniform"})).array.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert after(-values, Setting("Sqrt")).array[-1] == -10
    assert after(-values, Setting("Power", {"exponent": 3.0})).array[2] == -8
    filled = after(np.array([1, np.nan, 3]), Setting("Impute", {"flag": True}))
    assert filled.array.tolist() == [[1, 0], [2, 1], [3, 0]]
    binned = after(values, Setting("Bin", {"count": 2}))
    assert binned.field.classes == ("below 2", "from 2")
    assert binned.array.tolist() == [0, 0, 1, 1, 1]
    ranks = after(np.random.default_rng(0).lognormal(size=2000), Setting("Quantile")).array
    assert (abs(ranks.mean()), ranks.std()) == pytest.approx((0, 1), abs=0.01)


@pytest.mark.parametrize("name", [name for name, one in TRANSFORMS.items() if one.undo is not None])
def test_what_can_be_undone_comes_back(name: str) -> None:
    values = np.random.default_rng(0).lognormal(size=200)
    one = after(values, Setting(name))
    transform = TRANSFORMS[name]
    component = registry().component("transform", name)
    assert transform.undo is not None
    assert component is not None
    back = transform.undo(
        np.asarray(one.array, np.float64), component.values(PARAMS.get(name, {})), one.states[0]
    )
    if name == "Quantile":  # the outermost have no rank of their own on a bell curve
        inner = (values > values.min()) & (values < values.max())
        back, values = back[inner], values[inner]
    assert np.allclose(back, values, rtol=1e-6)


def test_a_column_that_does_not_vary_is_shifted_only() -> None:
    for name in ("Standardize", "RangeScale", "RobustScale"):
        assert after(np.full(5, 7.0), Setting(name)).array.tolist() == [0] * 5


def test_classes_come_out_as_they_should() -> None:
    values = ["b", "a", "b", "c", "b", "a"]
    assert after(values, Setting("Classes"), kind="category").array.tolist() == [1, 0, 1, 2, 1, 0]
    order = Setting("Ordinal", {"order": "c, b, a"})
    assert after(values, order, kind="category").array.tolist() == [1, 2, 1, 0, 1, 2]
    with pytest.raises(DataError, match="x: The order leaves out c"):
        after(values, Setting("Ordinal", {"order": "a, b"}), kind="category")
    rare = (Setting("JoinRare", {"least": 2}), Setting("Classes"))
    assert after(values, *rare, kind="category").field.classes == ("a", "b", "other")
    hashed = after(values, Setting("Hash", {"places": 50}), kind="category")
    assert (hashed.field.shape, hashed.field.dtype, hashed.field.high) == ((), "int64", 49)
    assert hashed.array[0] == hashed.array[2] == hashed.array[4] != hashed.array[1]
    few = after(["b", None, "b", "a"], Setting("Classes", {"missing": "common"}), kind="category")
    assert few.array.tolist() == [1, 1, 1, 0]
    train = np.array([3])  # the training part knows a alone
    few = after(
        ["b", None, "b", "a"], Setting("Classes", {"missing": "common"}), kind="category", train=train
    )
    assert few.array.tolist() == [1, 0, 1, 0]
    numbers = after(np.array([10.0, 9, 100]), Setting("Classes"), kind="category")
    assert numbers.field.classes == ("9", "10", "100")


def test_what_a_value_becomes_is_stacked_under_names(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "size,day,kind,y\n"
        + "".join(f"{at if at % 5 else ''},2026-01-{at + 1:02},{'ab'[at % 2]},{at}.5\n" for at in range(28))
    )
    fields = {
        "size": FieldSetting(transforms=(Setting("Impute", {"flag": True}),)),
        "day": FieldSetting(transforms=(Setting("TimeOfYear"),)),
        "kind": FieldSetting(transforms=(Setting("OneHot"),)),
    }
    raw = read_data(Data(Setting("CSV", {"path": "a.csv"}), fields=fields), tmp_path).raw
    names = [column.name for column in raw.columns["features"]]
    assert names[:2] == ["size", "size missing"]
    assert names[-2:] == ["kind a", "kind b"]
    assert raw.fields["features"].shape == (len(names),)
    assert raw.arrays["features"][:, 1].tolist() == [float(at % 5 == 0) for at in range(28)]

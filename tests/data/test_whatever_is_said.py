"""Whatever is said of a column, it becomes a field or is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.catalog.kinds import KINDS
from studio.data.describe import describe
from studio.data.pipeline import read_data
from studio.data.raw import DataError
from studio.data.transforms import TRANSFORMS
from studio.project.project import Data, FieldSetting, Setting

DIGITS = Data(Setting("ScikitLearn", {"dataset": "digits"}))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("column", ["image", "label"])
def test_every_kind_with_every_step_is_a_field_or_refused(column: str, kind: str) -> None:
    for role in ("input", "target"):
        for steps in (None, *((Setting(name),) for name in TRANSFORMS)):
            said = FieldSetting(kind=kind, role=role, transforms=steps)
            found = describe(Data(DIGITS.source, fields={column: said}), Path())
            assert column in found.fields or found.problems


@pytest.mark.parametrize(
    ("column", "kind", "told"),
    [
        (
            "image",
            "audio",
            "image: it is said to be audio, which takes a sound .*, and each has 1×8×8 values",
        ),
        ("image", "category", "which takes one value in each sample, and each has 1×8×8 values"),
        ("label", "image", "which takes a picture in each sample, and each has one value"),
    ],
)
def test_values_of_another_form_than_their_kind_are_refused(column: str, kind: str, told: str) -> None:
    step = next(name for name, one in TRANSFORMS.items() if kind in one.takes)
    said = {column: FieldSetting(kind=kind, role="input", transforms=(Setting(step),))}
    with pytest.raises(DataError, match=told) as caught:
        read_data(Data(DIGITS.source, fields=said), Path())
    assert caught.value.param == f"fields.{column}"


def test_a_target_with_a_place_for_each_class_keeps_its_shares() -> None:
    said = {"label": FieldSetting(kind="category", role="target", transforms=(Setting("OneHot"),))}
    ready = read_data(Data(DIGITS.source, {"stratify": True}, fields=said), Path())
    classes = ready.raw.arrays["label"].argmax(1)
    for rows in ready.rows.values():
        assert max(abs((classes[rows] == one).mean() - (classes == one).mean()) for one in range(10)) < 0.01

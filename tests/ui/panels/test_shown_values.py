"""Single values as they are shown before and after steps."""

from __future__ import annotations

import numpy as np
import pytest

from studio.data.cells import Sound
from studio.project.fields import Field
from studio.ui.next_steps import transforms_for
from studio.ui.shown_value import shown_value


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2023-01-01", "2023-01-01"),
        ("2023-01-01T05:30", "2023-01-01 05:30:00"),
        ("2023-01-01T00:00:00.25", "2023-01-01 00:00:00.250000"),
        ("NaT", "missing"),
    ],
)
def test_a_moment_is_told_without_what_is_zero(moment: str, text: str) -> None:
    assert shown_value(np.datetime64(moment, "us"), "time").text == text


@pytest.mark.parametrize(("channels", "text"), [(1, "mono"), (2, "stereo"), (6, "6 channels")])
def test_a_sound_tells_its_channels(channels: int, text: str) -> None:
    sound = Sound(np.zeros((channels, 800), np.float32), 8000)
    assert shown_value(sound, "audio").text == f"0.10 s at 8000 Hz, {text}"


@pytest.mark.parametrize(
    ("type_", "shape", "params"),
    [
        ("CenterCrop", (3, 16, 24), {"width": 21, "height": 14}),
        ("CenterCrop", (3, 200, 300), {}),
        ("PadPicture", (3, 80, 100), {"width": 100, "height": 100}),
        ("PadPicture", (3, 16, 24), {}),
    ],
)
def test_a_step_that_cuts_or_pads_begins_with_a_size_that_can_be(
    type_: str, shape: tuple[int, ...], params: dict[str, int]
) -> None:
    field = Field("image", shape, picture=True)
    assert dict(transforms_for("image", (), field)[type_].params) == params
    assert dict(transforms_for("image", ())[type_].params) == {}

"""Steps that bring pictures to one size, colour and scale."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.data.pipeline import read_data
from studio.data.prepare import prepare
from studio.data.raw import DataError
from studio.project.project import Setting
from tests.data.photos import images, noise


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROLOOM_HOME", str(tmp_path / "home"))


PIXELS = np.arange(48, dtype=np.uint8).reshape(1, 4, 12) * 5


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    for at in range(3):
        Image.fromarray(PIXELS[0]).save(tmp_path / f"{at}.png")
    return tmp_path


def made(folder: Path, *steps: Setting) -> np.ndarray:
    return read_data(images(folder, steps), folder).raw.arrays["image"][0]


def test_resize_stretches_crops_and_pads(plain: Path) -> None:
    size = {"width": 4, "height": 4}
    nearest = {**size, "by": "nearest"}
    assert np.array_equal(made(plain, Setting("Resize", {**nearest, "keep": "crop"})), PIXELS[:, :, 4:8])
    assert np.array_equal(made(plain, Setting("Resize", nearest)), PIXELS[:, :, 1::3])
    padded = made(plain, Setting("Resize", {**nearest, "width": 12, "height": 8, "keep": "pad", "fill": 7.0}))
    assert np.array_equal(padded[:, 2:6], PIXELS)
    assert set(padded[:, :2].ravel()) == {7}
    exact = np.asarray(Image.fromarray(PIXELS[0]).resize((4, 4), Image.Resampling.BILINEAR))
    assert np.array_equal(made(plain, Setting("Resize", size))[0], exact)


def test_crop_pad_grey_and_colour(plain: Path) -> None:
    middle = made(plain, Setting("CenterCrop", {"width": 4, "height": 2}))
    assert np.array_equal(middle, PIXELS[:, 1:3, 4:8])
    wide = made(plain, Setting("PadPicture", {"width": 14, "height": 4}))
    assert np.array_equal(wide[:, :, 1:-1], PIXELS)
    colour = made(plain, Setting("Color"))
    assert colour.shape == (3, 4, 12)
    assert np.array_equal(made(plain, Setting("Color"), Setting("Grayscale")), PIXELS)


@pytest.mark.parametrize("type", ["CenterCrop", "PadPicture"])
def test_a_size_that_cannot_be_is_told(plain: Path, type: str) -> None:
    size = {"width": 13, "height": 5} if type == "CenterCrop" else {"width": 3, "height": 3}
    with pytest.raises(DataError, match=r"image: A picture of 12×4 points"):
        made(plain, Setting(type, size))


def test_grey_is_made_as_pillow_makes_it(tmp_path: Path) -> None:
    path = noise(tmp_path, "a.png", (30, 20))
    noise(tmp_path, "b.png", (30, 20))
    grey = made(tmp_path, Setting("Grayscale"))
    assert np.array_equal(grey[0], np.asarray(Image.open(path).convert("L")))


@pytest.mark.parametrize("how", ["standard", "none"])
def test_normalising_steps_take_the_place_of_the_settings_own(plain: Path, how: str) -> None:
    def trained(step: Setting) -> np.ndarray:
        data = replace(images(plain, (step,)), options={"normalize": how, "workers": 0})
        part = prepare(data, plain).parts["train"].streams["image"]
        return part.tensor(PIXELS[None]).numpy()[0, 0]

    assert np.allclose(trained(Setting("Rescale")), PIXELS[0] / 255)
    given = Setting("Normalize", {"by": "given", "mean": (0.25,), "deviation": (0.5,)})
    assert np.allclose(trained(given), (PIXELS[0] / 255 - 0.25) / 0.5, atol=1e-6)
    learned = trained(Setting("Normalize", {"by": "learned"}))
    assert np.allclose(learned, (PIXELS[0] - PIXELS.mean()) / PIXELS.std(), atol=1e-5)


def test_imagenets_numbers_are_those_of_three_channels(tmp_path: Path) -> None:
    for at in range(4):
        noise(tmp_path, f"{at}.png")
    steps = (Setting("Normalize", {"by": "imagenet"}),)
    scale = prepare(images(tmp_path, steps), tmp_path).scales["image"]
    assert np.allclose(scale.offset.ravel() / 255, (0.485, 0.456, 0.406))
    assert np.allclose(1 / scale.factor.ravel() / 255, (0.229, 0.224, 0.225))

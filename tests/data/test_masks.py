"""Pictures with masks: which go together, values as classes, both in register; to a trained model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from samples import make_pictures
from studio.data.describe import describe
from studio.data.pipeline import Ready, read_data
from studio.data.raw import DataError
from studio.project.graph import Node
from studio.project.project import Data, FieldSetting, Project, Setting, Training
from studio.train.events import EpochEnded
from tests.data.photos import noise, png_header
from tests.train.drawings import chain, train

RANDOM = np.random.default_rng(5)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROLOOM_HOME", str(tmp_path / "home"))


def settings(folder: Path, fields: dict[str, FieldSetting] | None = None, **params: str) -> Data:
    source = Setting(
        "ImageMasks", {"folder": str(folder / "images"), "masks": str(folder / "masks"), **params}
    )
    return Data(source, {"normalize": "none", "workers": 0}, fields=fields or {})


def save_mask(folder: Path, name: str, values: np.ndarray, palette: bool = False) -> None:
    path = folder / "masks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(values)
    if palette:
        image = image.convert("P")
        image.putdata(values.ravel().tolist())
        image.putpalette([0, 0, 0, 250, 10, 10, 10, 10, 250])
    image.save(path)


def pair(folder: Path, name: str, values: np.ndarray, **how: bool) -> None:
    noise(folder / "images", f"{name}.png", (values.shape[1], values.shape[0]))
    save_mask(folder, f"{name}.png", values, **how)


def values(*options: int, size: tuple[int, int] = (6, 8)) -> np.ndarray:
    found = RANDOM.choice(np.array(options, np.uint8), size)
    found.ravel()[: len(options)] = options
    return found


def read(folder: Path, fields: dict[str, FieldSetting] | None = None, **params: str) -> Ready:
    return read_data(settings(folder, fields, **params), folder)


@pytest.mark.parametrize("palette", [False, True])
def test_values_of_grey_and_of_a_palette_are_classes(tmp_path: Path, palette: bool) -> None:
    masks = [values(0, 1, 2) for _ in range(4)]
    for at, one in enumerate(masks):
        pair(tmp_path, str(at), one, palette=palette)
    ready = read(tmp_path)
    field = ready.raw.fields["mask"]
    assert (field.shape, field.dtype, field.classes, field.role) == (
        (6, 8),
        "int64",
        ("0", "1", "2"),
        "target",
    )
    assert np.array_equal(ready.raw.arrays["mask"][:], np.stack(masks))
    assert ready.key(2) == "2.png"


@pytest.mark.parametrize(
    ("found", "params", "classes", "ignored"),
    [
        ((0, 255), {}, ("0", "255"), 0),
        ((0, 1, 255), {}, ("0", "1"), 1),
        ((0, 1, 255), {"ignore": -1}, ("0", "1", "255"), 0),
        ((0, 100, 200), {"ignore": 100}, ("0", "200"), 1),
        ((0, 2), {"names": "paper, ink, stamp"}, ("paper", "ink", "stamp"), 0),
        ((0, 200), {"names": "paper, ink"}, ("paper", "ink"), 0),
    ],
)
def test_values_are_numbered_named_or_ignored(
    tmp_path: Path, found: tuple[int, ...], params: dict[str, object], classes: tuple[str, ...], ignored: int
) -> None:
    masks = [values(*found) for _ in range(4)]
    for at, one in enumerate(masks):
        pair(tmp_path, str(at), one)
    steps = FieldSetting(transforms=(Setting("MaskClasses", params),))
    ready = read(tmp_path, {"mask": steps})
    assert ready.raw.fields["mask"].classes == classes
    numbers = ready.raw.arrays["mask"][:]
    assert numbers.max() == (2 if "stamp" in classes else len(classes) - 1)
    assert ((numbers == -100).any()) == bool(ignored)


def test_colours_are_classes_too(tmp_path: Path) -> None:
    for at in range(3):
        noise(tmp_path / "images", f"{at}.jpg", (4, 2))
        pixels = np.zeros((2, 4, 3), np.uint8)
        pixels[1] = (255, 128, 0)
        save_mask(tmp_path, f"{at}.png", pixels)
    ready = read(tmp_path)
    assert ready.raw.fields["mask"].classes == ("#000000", "#ff8000")
    assert ready.raw.arrays["mask"][0].tolist() == [[0] * 4, [1] * 4]


def test_names_go_together_by_stem_and_what_is_alone_is_told(tmp_path: Path) -> None:
    for at in range(3):
        noise(tmp_path / "images", f"in/{at}.jpg", (8, 6))
        save_mask(tmp_path, f"in/{at}_mask.png", values(0, 1))
    noise(tmp_path / "images", "in/9.jpg", (8, 6))
    ready = read(tmp_path)
    assert ready.raw.samples == 3
    (problem,) = ready.raw.warnings
    assert "1 pictures have no mask" in problem.message
    assert "9.jpg" in problem.message


def test_parts_are_folders_in_both(tmp_path: Path) -> None:
    for part, count in (("train", 4), ("val", 2)):
        for at in range(count):
            pair(tmp_path, f"{part}/{at}", values(0, 1))
    assert len(read(tmp_path).rows["validation"]) == 2


def refused(folder: Path, fields: dict[str, FieldSetting] | None = None) -> DataError:
    with pytest.raises(DataError) as caught:
        read(folder, fields).raw.arrays["mask"][:]
    return caught.value


def test_no_mask_of_a_pictures_name(tmp_path: Path) -> None:
    noise(tmp_path / "images", "a.png")
    save_mask(tmp_path, "b.png", values(0, 1))
    error = refused(tmp_path)
    assert "No picture in" in error.message
    assert error.param == "masks"


def test_a_mask_of_another_size_is_named_or_left_out(tmp_path: Path) -> None:
    for at in range(4):
        pair(tmp_path, str(at), values(0, 1))
    save_mask(tmp_path, "2.png", values(0, 1, size=(5, 5)))
    assert "2.png is 5×5 points large, its picture 2.png 8×6" in refused(tmp_path).message
    described = describe(settings(tmp_path, broken="skip"), tmp_path)
    assert described.samples == 3
    assert "left out" in described.problems[0].message


def test_a_broken_mask_is_named(tmp_path: Path) -> None:
    for at in range(4):
        pair(tmp_path, str(at), values(0, 1))
    (tmp_path / "masks" / "1.png").write_bytes(b"")
    png_header(tmp_path / "masks" / "3.png", 50_000, 50_000)
    error = refused(tmp_path)
    assert "2 of 4 pictures and masks" in error.message
    assert "1.png cannot be read as a picture (it is empty)" in error.message


def test_masks_saved_as_jpeg_are_told(tmp_path: Path) -> None:
    for at in range(3):
        noise(tmp_path / "images", f"{at}.png", (60, 60))
        blurred = RANDOM.integers(0, 256, (60, 60, 3), dtype=np.uint8)
        path = tmp_path / "masks" / f"{at}.jpg"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(blurred).save(path)
    error = refused(tmp_path)
    assert "more than 256 different values" in error.message
    assert "JPEG" in error.hint


def test_names_that_do_not_fit_are_told(tmp_path: Path) -> None:
    for at in range(3):
        pair(tmp_path, str(at), values(0, 7, 9))
    steps = FieldSetting(transforms=(Setting("MaskClasses", {"names": "paper, ink"}),))
    error = refused(tmp_path, {"mask": steps})
    assert "2 names for 3 classes, whose values are 0, 7, 9" in error.message
    assert error.param == "fields.mask"


def striped(size: tuple[int, int]) -> np.ndarray:
    """Halves, left 0 and right 1."""
    found = np.zeros(size, np.uint8)
    found[:, size[1] // 2 :] = 1
    return found


@pytest.mark.parametrize("keep", ["stretch", "crop", "pad"])
def test_a_mask_stays_in_register_with_its_picture(tmp_path: Path, keep: str) -> None:
    for at, size in enumerate([(8, 16), (12, 12), (16, 8)]):
        half = striped(size)
        (tmp_path / "images").mkdir(exist_ok=True)
        Image.fromarray(half * 255).save(tmp_path / "images" / f"{at}.png")
        save_mask(tmp_path, f"{at}.png", half)
    steps = (Setting("Resize", {"width": 8, "height": 8, "keep": keep, "by": "nearest", "fill": 9.0}),)
    ready = read(tmp_path, {"image": FieldSetting(transforms=steps)})
    assert [step.type for step in ready.planned["mask"].steps] == ["MaskClasses", "Resize"]
    pictures, masks = ready.raw.arrays["image"][:][:, 0], ready.raw.arrays["mask"][:]
    assert masks.shape == (3, 8, 8)
    assert np.array_equal(pictures == 255, masks == 1)
    assert np.array_equal(pictures == 9, masks == -100)
    assert (masks == -100).any() == (keep == "pad")


def test_pictures_of_many_sizes_are_brought_to_one_with_their_masks(tmp_path: Path) -> None:
    for at, size in enumerate([(8, 16), (8, 16), (8, 16), (16, 8)]):
        pair(tmp_path, str(at), values(0, 1, size=size))
    ready = read(tmp_path)
    assert ready.raw.fields["image"].shape == (3, 8, 16)
    assert ready.raw.fields["mask"].shape == (8, 16)


def squares(folder: Path, count: int = 60) -> None:
    """A bright square somewhere on dark noise, and where it is."""
    for at in range(count):
        where = np.zeros((16, 16), np.uint8)
        top, left = RANDOM.integers(0, 10, 2)
        where[top : top + 6, left : left + 6] = 1
        pixels = RANDOM.integers(0, 90, (16, 16), dtype=np.uint8) + where * 120
        (folder / "images").mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / "images" / f"{at}.png")
        save_mask(folder, f"{at}.png", where * 255)


@pytest.mark.parametrize("augment", [(), ("Flip", "Rotate", "RandomCrop")])
def test_from_files_to_a_model_that_finds_the_squares(tmp_path: Path, augment: tuple[str, ...]) -> None:
    squares(tmp_path)
    fields = {"image": FieldSetting(augment=tuple(Setting(one) for one in augment))}
    graph = chain(
        Node("image", "Input", {"field": "image"}),
        Node("conv", "Conv2d", {"out_channels": 8, "padding": "same"}),
        Node("relu", "ReLU"),
        Node("scores", "Conv2d", {"out_channels": 2, "kernel_size": 1}),
        Node("loss", "CrossEntropy", {"target": "mask", "metrics": ("accuracy", "iou")}),
    )
    data = replace(settings(tmp_path, fields), options={"workers": 0})
    training = Training(Setting("Adam", {"lr": 0.05}), options={"epochs": 6, "batch_size": 8})
    ran = train(Project("squares", graph, data, training), tmp_path)
    assert ran.result.failed is None
    assert ran.of(EpochEnded)[-1].validation["iou"] > 0.85


def test_the_sheets_of_the_samples_script_are_pictures_and_masks(tmp_path: Path) -> None:
    make_pictures.sheets(tmp_path, 60)
    source = Setting("ImageMasks", {"folder": "sheets/images", "masks": "sheets/masks"})
    ready = read_data(Data(source), tmp_path)
    with np.load(make_pictures.SHEETS, allow_pickle=False) as found:
        assert np.array_equal(ready.raw.arrays["mask"][:], found["digit"][:60])
    assert ready.raw.fields["mask"].classes == tuple(map(str, range(11)))

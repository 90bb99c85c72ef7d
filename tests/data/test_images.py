"""Pictures in class folders: classes, parts, sizes, odd and broken files; from file to trained model."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from samples import make_pictures
from studio.data.decoding.headers import read_header
from studio.data.decoding.pictures import Reduced, colour_picture, grey_picture, picture
from studio.data.decoding.scanning import common_size, scan, told_sizes
from studio.data.describe import describe
from studio.data.pipeline import read_data, read_once
from studio.data.prepare import prepare
from studio.data.raw import DataError
from studio.project.graph import Node
from studio.project.project import Data, FieldSetting, Project, Setting, Training
from studio.train.checkpoint import load_checkpoint
from studio.train.events import EpochEnded
from tests.data.photos import digit_folders, images, noise, png_header
from tests.train.drawings import chain, train


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROLOOM_HOME", str(tmp_path / "home"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten cats and ten dogs."""
    place = tmp_path / "pictures"
    for kind in ("cat", "dog"):
        for at in range(10):
            noise(place, f"{kind}/{at}.{'png' if at % 2 else 'jpg'}")
    return place


def refused(folder: Path, **params: str) -> DataError:
    with pytest.raises(DataError) as caught:
        read_data(images(folder, **params), folder)
    return caught.value


def test_folders_are_classes_and_paths_are_keys(folder: Path) -> None:
    ready = read_data(images(folder), folder)
    assert ready.raw.fields["image"].shape == (3, 9, 12)
    assert ready.raw.fields["image"].picture
    assert ready.raw.fields["label"].classes == ("cat", "dog")
    assert ready.raw.fields["label"].role == "target"
    assert ready.key(0) == "cat/0.jpg"
    assert ready.raw.arrays["image"].dtype == np.uint8
    assert np.array_equal(ready.raw.arrays["image"][11], picture(folder / "dog/1.png"))


def test_folders_of_parts_are_the_parts(tmp_path: Path) -> None:
    for part, count in (("Train", 6), ("val", 2), ("test", 3)):
        for kind in ("cat", "dog"):
            for at in range(count):
                noise(tmp_path, f"{part}/{kind}/{at}.png")
    described = describe(images(tmp_path), tmp_path)
    assert described.parts == {"train": 12, "validation": 4, "test": 6}
    assert described.counts == {"label": (11, 11)}
    ready = read_data(images(tmp_path), tmp_path)
    assert {ready.key(row).split("/")[0] for row in ready.rows["validation"]} == {"val"}
    assert {ready.key(row).split("/")[0] for row in ready.rows["test"]} == {"test"}


def test_without_a_folder_of_tests_some_training_pictures_test(tmp_path: Path) -> None:
    for part, count in (("train", 10), ("val", 2)):
        for at in range(count):
            noise(tmp_path, f"{part}/a/{at}.png")
            noise(tmp_path, f"{part}/b/{at}.png")
    data = replace(images(tmp_path), options={"test": 0.2, "normalize": "none"})
    ready = read_data(data, tmp_path)
    assert {name: len(rows) for name, rows in ready.rows.items()} == {
        "train": 16,
        "validation": 4,
        "test": 4,
    }
    assert {ready.key(row).split("/")[0] for row in ready.rows["test"]} == {"train"}


@pytest.mark.parametrize(
    ("which", "classes"),
    [
        ("first", ("pets", "wild")),
        ("last", ("cat", "dog", "fox")),
        ("path", ("pets/cat", "pets/dog", "wild/fox")),
    ],
)
def test_folders_in_folders(tmp_path: Path, which: str, classes: tuple[str, ...]) -> None:
    for place in ("pets/cat", "pets/dog", "wild/fox"):
        for at in range(3):
            noise(tmp_path, f"{place}/{at}.png")
    ready = read_data(images(tmp_path, classes=which), tmp_path)
    assert ready.raw.fields["label"].classes == classes


def test_one_folder_without_classes_has_no_labels(tmp_path: Path) -> None:
    for at in range(5):
        noise(tmp_path, f"{at}.png")
    assert list(read_data(images(tmp_path), tmp_path).raw.fields) == ["image"]


def test_hidden_and_other_files_are_left_out_and_loops_not_followed(folder: Path) -> None:
    noise(folder, ".thumbs/x.png")
    noise(folder, "cat/.hidden.png")
    (folder / "cat" / "notes.txt").write_text("about cats")
    os.symlink(folder, folder / "cat" / "again")
    os.symlink(folder / "dog", folder / "hund")
    ready = read_data(images(folder), folder)
    assert ready.raw.samples == 30
    assert ready.raw.fields["label"].classes == ("cat", "dog", "hund")


def test_pictures_beside_the_classes_are_told(folder: Path) -> None:
    noise(folder, "stray.png")
    (problem,) = describe(images(folder), folder).problems
    assert problem.severity == "warning"
    assert "1 pictures lie in no class's folder" in problem.message
    assert "stray.png" in problem.message


def test_a_single_class_is_told(tmp_path: Path) -> None:
    noise(tmp_path, "cat/1.png")
    noise(tmp_path, "cat/2.png")
    told = [one.message for one in describe(images(tmp_path), tmp_path).problems]
    assert any("one class cat" in one for one in told)


def test_an_empty_folder_and_a_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    error = refused(tmp_path)
    assert "holds no pictures, but 1 other files" in error.message
    assert error.param == "folder"
    assert "is a file, not a folder" in refused(tmp_path / "a.txt").message
    assert "There is no" in refused(tmp_path / "nowhere").message


def empty(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])


def huge(path: Path) -> None:
    png_header(path, 50_000, 50_000)


def words(path: Path) -> None:
    path.write_text("this is no picture, whatever it is called")


BROKEN = {
    empty: "it is empty",
    truncated: "it is cut off",
    huge: "50000×50000 points large",
    words: "it is none, whatever its name says",
}


@pytest.mark.parametrize("spoil", BROKEN, ids=lambda one: one.__name__)
@pytest.mark.parametrize("name", ["cat/0.jpg", "cat/1.png"])
def test_a_broken_file_is_named_or_left_out(folder: Path, name: str, spoil: object) -> None:
    spoil(folder / name)  # type: ignore[operator]
    error = refused(folder)
    assert "1 of 20 pictures cannot be read" in error.message
    assert str(folder / name) in error.message
    assert BROKEN[spoil] in error.message
    assert error.param == "broken"
    described = describe(images(folder, broken="skip"), folder)
    assert described.samples == 19
    assert "1 of 20 pictures cannot be read and are left out" in described.problems[0].message
    assert described.problems[0].severity == "warning"
    with pytest.raises(DataError, match=r"(cat.[01]\.(jpg|png))"):
        picture(folder / name)


def test_many_broken_files_are_counted(folder: Path) -> None:
    for path in (folder / "cat").iterdir():
        empty(path)
    error = refused(folder)
    assert "10 of 20" in error.message
    assert "And 5 more." in error.message


def test_all_broken_is_an_error_also_where_they_are_skipped(tmp_path: Path) -> None:
    words(tmp_path / "a.png")
    assert "1 of 1 pictures" in refused(tmp_path, broken="skip").message


def test_what_breaks_in_the_middle_is_named_when_it_is_decoded(tmp_path: Path) -> None:
    path = noise(tmp_path, "a.png", (40, 40))
    content = bytearray(path.read_bytes())
    content[200:260] = b"\xff" * 60
    path.write_bytes(content)
    assert read_header(path).width == 40
    with pytest.raises(DataError, match=r"a\.png cannot be read"):
        picture(path)


def test_a_wrong_suffix_does_not_matter(tmp_path: Path) -> None:
    path = noise(tmp_path, "a.png")
    path.rename(tmp_path / "a.jpg")
    assert picture(tmp_path / "a.jpg").shape == (3, 9, 12)


def test_sixteen_bits_stay(tmp_path: Path) -> None:
    values = np.arange(0, 60000, 1000, np.uint16).reshape(6, 10)
    for at in range(4):
        Image.fromarray(values + at).save(tmp_path / f"{at}.png")
    ready = read_data(images(tmp_path), tmp_path)
    field = ready.raw.fields["image"]
    assert (field.dtype, field.low, field.high) == ("float32", 0.0, 65535.0)
    assert np.array_equal(ready.raw.arrays["image"][1][0], values + 1)
    part = prepare(images(tmp_path), tmp_path).parts["train"]
    assert part.streams["image"].tensor(values[None, None]).max() == 59000.0
    assert grey_picture(tmp_path / "0.png").max() == 59000 // 257


def test_grey_among_colour_becomes_colour(tmp_path: Path) -> None:
    noise(tmp_path, "a.png")
    noise(tmp_path, "b.png", mode="L")
    noise(tmp_path, "c.jpg", mode="CMYK")
    ready = read_data(images(tmp_path), tmp_path)
    assert ready.raw.arrays["image"][:].shape == (3, 3, 9, 12)
    grey = ready.raw.arrays["image"][1]
    assert np.array_equal(grey[0], grey[2])
    assert read_data(images(tmp_path, colours="grey"), tmp_path).raw.fields["image"].shape == (1, 9, 12)


def test_an_animation_shows_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (4, 3), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert picture(tmp_path / "a.gif")[:, 0, 0].tolist() == [255, 0, 0]


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1), 0)
    image.putpalette([0, 0, 0, 0, 200, 0])
    image.putpixel((1, 0), 1)
    image.save(tmp_path / "a.png", transparency=0)
    assert picture(tmp_path / "a.png")[:, 0].T.tolist() == [[255, 255, 255], [0, 200, 0]]
    Image.new("LA", (1, 1), (0, 0)).save(tmp_path / "b.png")
    assert picture(tmp_path / "b.png").tolist() == [[[255]]]


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_a_picture_is_turned_as_the_camera_was_held(tmp_path: Path, suffix: str) -> None:
    image = Image.new("RGB", (16, 8), "white")
    image.paste("black", (0, 0, 8, 8))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    path = tmp_path / f"a.{suffix}"
    image.save(path, exif=exif)
    assert read_header(path)[:2] == (8, 16)
    pixels = picture(path)
    assert pixels.shape == (3, 16, 8)
    assert pixels[0, :6].max() < 60
    assert pixels[0, -6:].min() > 200


XMP = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'


@pytest.mark.parametrize("size", [(1, 1), (13, 8), (64, 64)])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"subsampling": 0}, {"icc_profile": bytes(6000)}, {"xmp": XMP}]
)
def test_a_jpeg_is_unpacked_as_pillow_does(
    tmp_path: Path, size: tuple[int, int], mode: str, options: dict[str, Any]
) -> None:
    path = tmp_path / "a.jpg"
    shape = (size[1], size[0], 4)[: 2 if mode == "L" else 3]
    values = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    Image.fromarray(values if mode == "L" else values[..., : len(mode)], mode).save(path, **options)
    with Image.open(path) as image:
        upright = ImageOps.exif_transpose(image)
        grey, colour = (np.asarray(upright.convert(wanted)) for wanted in ("L", "RGB"))
    assert np.array_equal(colour_picture(path), colour.transpose(2, 0, 1))
    assert np.array_equal(grey_picture(path)[0], grey)
    assert np.array_equal(picture(path), grey[None] if mode == "L" else colour.transpose(2, 0, 1))
    assert read_header(path)[:2] == (size if "xmp" not in options else size[::-1])


def test_pictures_are_decoded_without_torch(tmp_path: Path) -> None:
    data = replace(digit_folders(tmp_path / "digits", 20), options={"workers": 1})
    sent = tmp_path / "sent"
    sent.write_bytes(pickle.dumps(read_data(data, tmp_path).raw.arrays["image"]))
    code = (
        "import pickle, sys; from pathlib import Path; import studio.data.stream;"
        f"print(pickle.loads(Path({str(sent)!r}).read_bytes())[3].shape, 'torch' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "(1, 8, 8) False"


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "webp", "tif", "ppm"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_headers_say_what_decoding_gives(tmp_path: Path, suffix: str, mode: str) -> None:
    path = noise(tmp_path, f"a.{suffix}", (21, 13), mode)
    header, found = read_header(path), picture(path)
    assert (header.height, header.width) == found.shape[1:]
    assert (header.look == "grey") == (len(found) == 1)


def test_sizes_are_told_and_one_is_proposed(tmp_path: Path) -> None:
    for at, size in enumerate([(10, 10), (10, 10), (10, 10), (30, 20)]):
        noise(tmp_path, f"{at}.png", size)
    ready = read_data(images(tmp_path), tmp_path)
    assert ready.findings["image"].evidence == "pictures of 2 sizes, 10×10 to 30×20"
    (step,) = ready.planned["image"].steps
    assert (step.type, step.params["width"], step.params["height"]) == ("Resize", 10, 10)
    assert ready.raw.arrays["image"][:].shape == (4, 3, 10, 10)


def test_a_common_size_is_that_of_most_or_the_median() -> None:
    assert common_size(np.array([[5, 6]] * 4)) is None
    assert common_size(np.array([[5, 6], [5, 6], [5, 6], [9, 9]])) == (6, 5)
    assert common_size(np.array([[100, 200], [110, 220], [120, 240]])) == (220, 110)
    assert common_size(np.array([[1000, 2000], [1100, 2200], [1200, 2400]])) == (224, 112)
    assert told_sizes(np.array([[5, 6]])) == "pictures of 6×5"


def test_a_large_jpeg_is_unpacked_at_a_part_of_its_size(tmp_path: Path) -> None:
    smooth = np.linspace(0, 255, 512).astype(np.uint8)
    Image.fromarray(np.repeat(np.repeat(smooth[None], 512, 0)[..., None], 3, 2)).save(tmp_path / "a.jpg")
    assert Reduced("", 32, 32)(tmp_path / "a.jpg").shape == (3, 64, 64)
    steps = (Setting("Resize", {"width": 32, "height": 32}),)
    found = read_data(images(tmp_path, steps), tmp_path).raw.arrays["image"][0]
    exact = np.asarray(Image.open(tmp_path / "a.jpg").resize((32, 32), Image.Resampling.BILINEAR))
    assert np.abs(found.transpose(1, 2, 0).astype(int) - exact).max() <= 2


def test_headers_are_read_once_while_files_stay(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_data(images(folder), folder)
    monkeypatch.setattr("studio.data.sources.image_folder.scan", lambda paths: pytest.fail("read again"))
    read_data(replace(images(folder), options={"test": 0.3}), folder)
    monkeypatch.setattr("studio.data.sources.image_folder.scan", scan)
    noise(folder, "cat/new.png")
    assert read_data(images(folder), folder).raw.samples == 21


def test_from_files_to_a_trained_model(tmp_path: Path) -> None:
    data = replace(digit_folders(tmp_path / "digits", 600), options={"workers": 1})
    graph = chain(
        Node("image", "Input", {"field": "image"}),
        Node("flatten", "Flatten"),
        Node("scores", "Linear", {"out_features": 10}),
        Node("loss", "CrossEntropy"),
    )
    training = Training(Setting("Adam", {"lr": 0.01}), options={"epochs": 8, "batch_size": 32})
    ran = train(Project("digits", graph, data, training), tmp_path)
    assert ran.result.failed is None
    assert ran.of(EpochEnded)[-1].validation["accuracy"] > 0.85
    assert load_checkpoint(ran.result.run_dir, "best")[0]["model.scores.weight"].shape == (10, 64)


def test_a_file_that_breaks_while_training_ends_the_run_with_its_name(tmp_path: Path) -> None:
    data = digit_folders(tmp_path / "digits", 100)
    path = sorted((tmp_path / "digits" / "3").iterdir())[0]
    content = bytearray(path.read_bytes())
    content[45:60] = b"\xff" * 15
    path.write_bytes(content)
    graph = chain(
        Node("image", "Input", {"field": "image"}),
        Node("flatten", "Flatten"),
        Node("scores", "Linear", {"out_features": 10}),
        Node("loss", "CrossEntropy"),
    )
    ran = train(
        Project("digits", graph, replace(data, options={"workers": 0, "test": 0.0}), Training()), tmp_path
    )
    assert ran.result.failed is not None
    assert str(path) in ran.result.failed.message


def test_a_column_of_paths_is_pictures_and_masks_in_register(tmp_path: Path) -> None:
    rows = ["photo,where,kind"]
    for at, size in enumerate([(16, 8)] * 5 + [(8, 8)] * 2):
        noise(tmp_path, f"p/{at}.jpg", size)
        noise(tmp_path, f"m/{at}.png", size, "L")
        rows.append(f"p/{at}.jpg,m/{at}.png,{'ab'[at % 2]}")
    (tmp_path / "list.csv").write_text("\n".join(rows))
    fields = {"where": FieldSetting(kind="mask", role="target")}
    data = Data(Setting("CSV", {"path": "list.csv"}), fields=fields)
    ready = read_data(data, tmp_path)
    assert ready.raw.fields["photo"].shape == (3, 8, 16)
    assert ready.raw.fields["where"].shape == (8, 16)
    assert [step.type for step in ready.planned["where"].steps] == ["MaskClasses", "Resize"]
    assert ready.raw.arrays["where"][:].shape == (7, 8, 16)
    (tmp_path / "p/3.jpg").write_bytes(b"")
    read_once.cache_clear()
    with pytest.raises(DataError, match=r"3\.jpg cannot be read as a picture \(it is empty\)"):
        read_data(data, tmp_path)


@pytest.mark.parametrize(("name", "least"), [("digits", 0.85), ("photos", 0.8)])
def test_the_pictures_of_the_samples_script_can_be_learned(tmp_path: Path, name: str, least: float) -> None:
    make_pictures.digits(tmp_path, 700)
    make_pictures.photos(tmp_path)
    data = Data(Setting("ImageFolder", {"folder": str(tmp_path / name)}), {"workers": 0})
    graph = chain(
        Node("image", "Input", {"field": "image"}),
        Node("pool", "AdaptiveAvgPool2d", {"output_size": (8, 8)}),
        Node("flatten", "Flatten"),
        Node("hidden", "Linear", {"out_features": 32}),
        Node("relu", "ReLU"),
        Node("scores", "Linear", {"out_features": 10 if name == "digits" else 2}),
        Node("loss", "CrossEntropy"),
    )
    training = Training(Setting("Adam", {"lr": 0.01}), options={"epochs": 12, "batch_size": 32})
    ran = train(Project(name, graph, data, training), tmp_path)
    assert ran.result.failed is None, ran.result.failed
    assert ran.result.finished.test["accuracy"] > least

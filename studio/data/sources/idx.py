"""Images and labels in MNIST's own format (IDX), packed or not; its test files become the test part."""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.raw import Array, DataError, RawData, class_field, located, present
from studio.project.fields import Field

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
DEBIAN = "/usr/share/datasets/fashion-mnist"
FASHION = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
TEST_WORDS = ("t10k", "test")


def files(params: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The files that will be read, as far as they are there."""
    try:
        return tuple(path for pair in _pairs(params["folder"], folder) for path in pair)
    except DataError:
        return present(params["folder"], folder)


def read(params: Mapping[str, Any], folder: Path) -> RawData:
    """`image` of shape (1, height, width) and `label`; the test files' rows come after those of training."""
    parts = [_part(images, labels) for images, labels in _pairs(params["folder"], folder)]
    shapes = {images.shape[1:] for images, _ in parts}
    if len(shapes) > 1:
        sizes = " and ".join("×".join(map(str, shape)) for shape in sorted(shapes))
        raise DataError(
            f"Training and test images differ in size: {sizes}.", "Use files of one set.", "folder"
        )
    images = np.concatenate([images for images, _ in parts]) if len(parts) > 1 else parts[0][0]
    labels = np.concatenate([labels for _, labels in parts]).astype(np.int64)
    count = int(labels.max()) + 1
    fashion = count == len(FASHION) and "fashion" in str(folder / params["folder"]).lower()
    classes = FASHION if fashion else tuple(map(str, range(count)))
    fields = {"image": _image_field(images), "label": class_field("label", classes)}
    first = len(parts[0][0])
    test = np.arange(first, len(images)) if len(parts) > 1 else None
    return RawData({"image": images, "label": labels}, fields, test)


def _image_field(images: Array) -> Field:
    low, high = (0.0, 255.0) if images.dtype == np.uint8 else (float(images.min()), float(images.max()))
    return Field("image", tuple(images.shape[1:]), low=low, high=high, picture=True)


def _pairs(setting: str, folder: Path) -> list[tuple[Path, Path]]:
    """(images, labels) of the training part and, where its files are there, of the test part."""
    debian = Path(setting) == Path(DEBIAN)
    install = "Install the package that holds it: apt install dataset-fashion-mnist" if debian else ""
    found = located(setting, folder, "folder", install)
    train = found if found.is_file() else _training_images(found, install)
    pairs = [(train, _labels_of(train))]
    for word in TEST_WORDS:
        test = _variant(train, "train", word)
        if test is not None:
            pairs.append((test, _labels_of(test)))
            break
    return pairs


def _training_images(folder: Path, hint: str) -> Path:
    try:
        listed = sorted(path for path in folder.iterdir() if "images" in path.name and "train" in path.name)
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror or error}.", "", "folder") from None
    plain = [path for path in listed if path.suffix != ".gz"]
    found = plain or listed  # unpacked files, where both are there, are quicker
    names = {path.name for path in found}
    if len(names) > 1:
        raise DataError(
            f"{folder} holds several sets of training images: {', '.join(sorted(names)[:4])}.",
            "Choose the file of the training images itself instead of the folder.",
            "folder",
        )
    if not found:
        raise DataError(
            f"{folder} holds no training images (train-images-idx3-ubyte, or the same with .gz).",
            hint or "Choose the folder that holds MNIST's four files.",
            "folder",
        )
    return found[0]


def _labels_of(images: Path) -> Path:
    found = _variant(images, "images", "labels")
    if found is None:
        expected = images.name.replace("images", "labels").replace("idx3", "idx1")
        raise DataError(
            f"{images.parent} holds {images.name} but not its labels, {expected}.",
            "Put the file of the labels beside the images.",
            "folder",
        )
    return found


def _variant(path: Path, old: str, new: str) -> Path | None:
    """The file beside `path` whose name has `new` for `old` (idx1 for idx3 with labels), packed or not."""
    if old not in path.name:
        return None
    name = path.name.replace(old, new)
    name = name.replace("idx3", "idx1") if new == "labels" else name
    bare = name.removesuffix(".gz")
    return next((file for one in (name, bare, f"{bare}.gz") if (file := path.with_name(one)).is_file()), None)


def _part(images_file: Path, labels_file: Path) -> tuple[Array, Array]:
    images, labels = _array(images_file), _array(labels_file)
    if images.ndim != 3:
        raise _wrong(
            images_file, f"holds {images.ndim} dimensions where images have 3 (count, height, width)"
        )
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise _wrong(labels_file, "holds no labels: those are one whole number from 0 on for each image")
    if len(images) != len(labels):
        raise DataError(
            f"{images_file.name} holds {len(images)} images and {labels_file.name} {len(labels)} labels.",
            "Use the two files of the same set.",
            "folder",
        )
    return images[:, None], labels


def _array(path: Path) -> Array:
    content = _content(path)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in TYPES or not content[3]:
        begins = content[:4].hex(" ") or "nothing"
        raise _wrong(path, f"is no IDX file: it begins with {begins}, expected 00 00, a type and a rank")
    rank = content[3]
    start = 4 + 4 * rank
    shape = tuple(int(size) for size in np.frombuffer(content[4:start].ljust(4 * rank, b"\0"), ">u4"))
    dtype = np.dtype(TYPES[content[2]])
    expected = start + math.prod(shape) * dtype.itemsize
    if len(content) != expected or not math.prod(shape):
        told = "×".join(map(str, shape))
        raise _wrong(path, f"says it holds {told} values, {expected} bytes, but has {len(content)} bytes")
    return (
        np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="), copy=False)
    )


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _wrong(path, f"cannot be unpacked, it is cut off or damaged ({error})") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.", "", "folder") from None


def _wrong(path: Path, what: str) -> DataError:
    return DataError(f"{path} {what}.", "Copy or download the file again.", "folder")

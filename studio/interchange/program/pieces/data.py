"""Reading, splitting and scaling data as programs do it: functions that are copied where they are used."""

# pyright: basic
from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor


def split_rows(
    count: int, validation: float, test: float, seed: int
) -> dict[str, np.ndarray]:
    """The rows of each part, at random."""
    tests = min(int(count * test + 0.5), count - 1)
    validations = min(int(count * validation + 0.5), count - 1 - tests)
    order = np.random.default_rng(seed).permutation(count)
    ends = (tests, tests + validations)
    names = ("test", "validation", "train")
    parts = dict(zip(names, np.split(order, ends), strict=True))
    return {name: np.sort(rows) for name, rows in reversed(parts.items())}


def split_by_class(
    labels: np.ndarray,
    validation: float,
    test: float,
    seed: int,
    test_rows: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """The rows of each part, at random, with equal shares of each class.

    `test_rows` are those of the test where the data themselves say so.
    """
    free = np.arange(len(labels))
    if test_rows is not None:
        free, test = np.setdiff1d(free, test_rows), 0.0
    order = np.random.default_rng(seed).permutation(free)
    classes = [order[labels[order] == one] for one in np.unique(labels[free])]
    sizes = np.array([len(rows) for rows in classes])
    tests = shares_of(sizes, test, sizes - 1)
    validations = shares_of(sizes, validation, sizes - 1 - tests)
    parts = np.zeros(len(labels), int)
    for rows, first, second in zip(classes, tests, validations, strict=True):
        parts[rows[:first]] = 2
        parts[rows[first : first + second]] = 1
    if test_rows is not None:
        parts[test_rows] = 2
    names = ("train", "validation", "test")
    return {name: np.flatnonzero(parts == at) for at, name in enumerate(names)}


def shares_of(sizes: np.ndarray, share: float, most: np.ndarray) -> np.ndarray:
    """How many of each class make a share of all, by the largest remainders."""
    most = np.maximum(most, 0)
    wanted, exact = int(np.floor(sizes.sum() * share + 0.5)), sizes * share
    given = np.minimum(np.floor(exact).astype(int), most)
    for at in np.argsort(given - exact, kind="stable"):
        if given.sum() < wanted and given[at] < most[at]:
            given[at] += 1
    return given


def split_with_test(
    count: int, test_rows: np.ndarray, validation: float, seed: int
) -> dict[str, np.ndarray]:
    """The rows of each part, at random, but for those that are the test's."""
    order = np.setdiff1d(np.arange(count), test_rows)
    order = np.random.default_rng(seed).permutation(order)
    held = min(int(len(order) * validation + 0.5), len(order) - 1)
    return {
        "train": np.sort(order[held:]),
        "validation": np.sort(order[:held]),
        "test": np.sort(test_rows),
    }


def split_by_time(
    first: np.ndarray, last: np.ndarray, validation: float, test: float
) -> dict[str, np.ndarray]:
    """The latest windows test, those before them validate, and none lies in two parts.

    `first` and `last` are the rows that each window covers.
    """
    moments = np.unique([first, last])
    count = len(moments)
    ends = np.append(moments, np.inf)
    begin = ends[count - round(count * (validation + test))]
    border = ends[count - round(count * test)]
    return {
        "train": np.flatnonzero(last < begin),
        "validation": np.flatnonzero((first >= begin) & (last < border)),
        "test": np.flatnonzero(first >= border),
    }


def standardized(
    array: np.ndarray, train: np.ndarray, axes: tuple[int, ...]
) -> np.ndarray:
    """Mean 0 and deviation 1, as the rows of the training part have them."""
    array = array if array.dtype == np.float64 else array.astype(np.float32)
    seen = array[train].astype(np.float64)
    mean = seen.mean(axes, keepdims=True)
    deviation = seen.std(axes, keepdims=True)
    factor = 1.0 / np.where(deviation > 1e-9 * np.abs(mean), deviation, 1.0)
    scaled = (array - mean.astype(array.dtype)) * factor.astype(array.dtype)
    return scaled.astype(np.float32)


def ranged(array: np.ndarray, train: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """From 0 to 1, as far as the rows of the training part go."""
    array = array if array.dtype == np.float64 else array.astype(np.float32)
    low = array[train].min(axes, keepdims=True).astype(np.float64)
    spread = array[train].max(axes, keepdims=True) - low
    factor = 1.0 / np.where(spread > 1e-9 * np.abs(low), spread, 1.0)
    scaled = (array - low.astype(array.dtype)) * factor.astype(array.dtype)
    return scaled.astype(np.float32)


def scaled(array: np.ndarray, offset: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """(value - offset) * factor."""
    array = array if array.dtype == np.float64 else array.astype(np.float32)
    shifted = array - offset.astype(array.dtype)
    return (shifted * factor.astype(array.dtype)).astype(np.float32)


def tokenized(
    pieces: list[list[str]], train: np.ndarray, vocabulary: int, least: int, length: int
) -> np.ndarray:
    """The numbers of each text's pieces: 0 fills up, 1 is what is unknown.

    Those that come up most often in the training part are known.
    """
    counts = Counter(one for row in train for one in pieces[row])
    often = sorted((-count, one) for one, count in counts.items() if count >= least)
    numbers = {one: at for at, (_, one) in enumerate(often[: vocabulary - 2], 2)}
    found = np.zeros((len(pieces), length), np.int64)
    for row, text in zip(found, pieces, strict=True):
        row[: len(text)] = [numbers.get(one, 1) for one in text[:length]]
    return found


def read_idx(path: Path) -> np.ndarray:
    """An array in MNIST's own format, packed or not."""
    found = path if path.exists() else path.with_name(f"{path.name}.gz")
    packed = found.read_bytes()
    content = gzip.decompress(packed) if found.suffix == ".gz" else packed
    kinds = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
    kind, dims = kinds[content[2]], content[3]
    shape = np.frombuffer(content, ">i4", dims, offset=4)
    return np.frombuffer(content, kind, offset=4 + 4 * dims).reshape(shape)


def one_hot(classes: list[str], values: list[str]) -> np.ndarray:
    """A place for each class, 1 where it is the value's."""
    return np.eye(len(classes))[numbered(classes, values)]


def numbered(classes: list[str], values: list[str]) -> np.ndarray:
    """The number of the class of each value."""
    numbers = {name: at for at, name in enumerate(classes)}
    return np.array([numbers[str(value).strip()] for value in values], np.int64)


def batches(count: int, size: int, seed: int, epoch: int) -> tuple[Tensor, ...]:
    """The rows of each batch of an epoch: their order follows from seed and epoch."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    return torch.randperm(count, generator=generator).split(size)


def joined(parts: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Batches for batch normalization, which cannot learn from one sample.

    The last joins the one before it where it would be alone.
    """
    if len(parts) > 1 and len(parts[-1]) == 1:
        return (*parts[:-2], torch.cat(parts[-2:]))
    return parts


def mixed(inputs: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Random mixtures of at most the first 4096 values of each sample."""
    flat = inputs.reshape(len(inputs), -1)[:, :4096].astype(np.float32)
    flat = (flat - flat.mean()) / max(float(flat.std()), 1e-6)
    mixture = random.standard_normal((flat.shape[1], count)).astype(np.float32)
    return flat @ mixture / np.sqrt(flat.shape[1])


def picture(path: Path, mode: str, size: tuple[int, int] | None = None) -> np.ndarray:
    """Channels, rows, columns of a picture, turned as its camera was held."""
    image = ImageOps.exif_transpose(Image.open(path))
    if image.has_transparency_data:
        front = image.convert("RGBA")
        white = Image.new("RGBA", front.size, "white")
        image = Image.alpha_composite(white, front)
    image = image.convert(mode)
    if size is not None:
        image = image.resize(size, Image.Resampling.BILINEAR)
    pixels = np.asarray(image)
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def in_order(count: int, size: int) -> Iterator[slice]:
    """Batches in their own order."""
    return (slice(start, start + size) for start in range(0, count, size))

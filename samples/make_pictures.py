"""Makes small real pictures of what ships with the samples: python samples/make_pictures.py FOLDER

digits/train/0 … 9/, digits/test/0 … 9/   scikit-learn's handwritten digits as PNG, one folder a class
photos/flower/, photos/temple/            parts of its two photographs, JPEG of different sizes
sheets/images/, sheets/masks/             sheets with two digits, and masks that say what each point is
sheets.csv                                the same, a row for the paths of each pair
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits, load_sample_images

SHEETS = Path(__file__).parent / "data" / "digit_sheets.npz"
TEST = 5
"""One digit of so many is kept for the test."""


def digits(folder: Path, count: int = 1797) -> None:
    """Write digits into folders of classes, within folders of parts."""
    found = load_digits()
    for at, (image, label) in enumerate(zip(found.images[:count], found.target[:count], strict=True)):
        place = folder / "digits" / ("test" if at % TEST == 0 else "train") / str(label)
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * (255 / 16)).astype(np.uint8)).save(place / f"{at:04}.png")


def photos(folder: Path, count: int = 60) -> None:
    """Write parts of photographs, so many of each."""
    random = np.random.default_rng(0)
    for kind, photo in zip(("temple", "flower"), load_sample_images().images, strict=True):
        place = folder / "photos" / kind
        place.mkdir(parents=True, exist_ok=True)
        for at in range(count):
            height, width = random.integers(48, 161, 2)
            top, left = (
                random.integers(0, photo.shape[0] - height),
                random.integers(0, photo.shape[1] - width),
            )
            part = np.ascontiguousarray(photo[top : top + height, left : left + width])
            Image.fromarray(part).save(place / f"{at:02}.jpg", quality=90)


def sheets(folder: Path, count: int = 300) -> None:
    """Write sheets and their masks; 0 is paper, n + 1 the digit n."""
    with np.load(SHEETS, allow_pickle=False) as found:
        pairs = list(zip(found["sheet"][:count], found["digit"][:count], strict=True))
    top = max(float(sheet.max()) for sheet, _ in pairs)
    for kind in ("images", "masks"):
        (folder / "sheets" / kind).mkdir(parents=True, exist_ok=True)
    for at, (sheet, digit) in enumerate(pairs):
        grey = np.clip(sheet.reshape(sheet.shape[-2:]) / top * 255, 0, 255).astype(np.uint8)
        Image.fromarray(grey).save(folder / "sheets" / "images" / f"{at:03}.png")
        Image.fromarray(digit.astype(np.uint8)).save(folder / "sheets" / "masks" / f"{at:03}.png")
    rows = [f"sheets/images/{at:03}.png,sheets/masks/{at:03}.png" for at in range(len(pairs))]
    (folder / "sheets.csv").write_text("\n".join(["sheet,mask", *rows]) + "\n", "utf-8")


if __name__ == "__main__":
    for make in (digits, photos, sheets):
        make(Path(sys.argv[1]))

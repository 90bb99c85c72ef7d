"""Pictures between files, fields and the eye: what is read gets a field's size, channels and values."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from studio.data.raw import Array
from studio.errors import StudioError
from studio.project.fields import Field

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm"})
MODES = {1: "L", 3: "RGB", 4: "RGBA"}
MODE_NAMES = {"L": "grey", "RGB": "colour", "RGBA": "colour with transparency"}


def read_picture(
    path: Path, field: Field, fitted: Callable[[tuple[int, ...]], tuple[int, ...]] | None = None
) -> tuple[Array, str]:
    """A picture as one raw sample of a field, and what was done to it in words. Raises StudioError.

    It gets the field's size; with `fitted` what that makes of its own shape.
    """
    if len(field.shape) != 3 or field.shape[0] not in MODES:
        shape = "×".join(map(str, field.shape)) or "a single number"
        raise StudioError(
            f"{path.name} is a picture, but {field.name} takes {shape}.",
            "Give numbers with commas between, or an .npy file of that shape.",
        )
    channels, height, width = field.shape
    mode = MODES[channels]
    picture = _opened(path)
    if fitted:
        _, height, width = fitted((channels, picture.height, picture.width))
    was = f"{picture.width}×{picture.height}"
    picture = _without_transparency(_eight_bits(picture), mode).convert(mode)
    picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    low = 0.0 if field.low is None else field.low
    high = 255.0 if field.high is None else field.high
    pixels = np.asarray(picture, np.float32).reshape(height, width, channels).transpose(2, 0, 1)
    values = pixels / 255.0 * (high - low) + low
    done = f"{path.name}: {was} made {width}×{height}, {MODE_NAMES[mode]}, values {low:g} to {high:g}"
    return values.astype(np.float32), done


def shown_picture(sample: Array, field: Field) -> Array:
    """A raw sample as bytes to show: (height, width) where it is grey, else (height, width, 3)."""
    pixels = np.asarray(sample, np.float32)
    low = float(pixels.min()) if field.low is None else field.low
    high = float(pixels.max()) if field.high is None else field.high
    scaled = (pixels - low) / ((high - low) or 1.0) * 255.0
    grey = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    if grey.ndim == 2:
        return grey
    return np.ascontiguousarray(grey[:3].transpose(1, 2, 0)) if len(grey) >= 3 else grey[0]


def _opened(path: Path) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(path) as opened:
                opened.load()
                return ImageOps.exif_transpose(opened)
        except FileNotFoundError:
            raise StudioError(f"There is no {path}.", "Choose another file.") from None
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise StudioError(f"{path.name} is too large a picture.", "Make it smaller first.") from None
        except (OSError, ValueError, SyntaxError) as error:
            raise StudioError(
                f"{path.name} cannot be read as a picture ({error}).", "Choose a PNG or JPEG file."
            ) from None


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Sixteen bits a pixel become eight: Pillow itself would cut them off at 255."""
    if not picture.mode.startswith("I"):
        return picture
    return Image.fromarray(np.clip(np.asarray(picture, np.float64) / 257.0, 0, 255).astype(np.uint8))


def _without_transparency(picture: Image.Image, mode: str) -> Image.Image:
    """What is transparent shows white, as on paper, where the field knows no transparency."""
    if mode == "RGBA" or not picture.has_transparency_data:
        return picture
    front = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", front.size, "white"), front)

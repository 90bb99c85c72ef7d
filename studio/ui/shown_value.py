"""One value of the data in a form that can be drawn: a picture, a curve, or words. Made off the UI thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QCoreApplication

MOST_CURVE = 400
"""Steps of a curve, each with its least and largest value."""
LONGEST_TEXT = 300
LARGEST_SIDE = 512
_tr = QCoreApplication.translate


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """`text` says it in words in any case; `pixels` are bytes (height × width × 1 or 3), `curve` pairs.

    `mask` (height × width) lies over the pixels, its classes as colours.
    """

    text: str
    pixels: Any = None
    mask: Any = None
    curve: tuple[tuple[float, float], ...] = ()


def shown_value(
    value: Any,  # noqa: ANN401
    kind: str,
    low: float | None = None,
    high: float | None = None,
    classes: tuple[str, ...] | None = None,
) -> Shown:
    """A value of a kind, as it is before, between or after the steps."""
    import numpy as np

    from studio.data.dates import told_moment

    if hasattr(value, "wave"):
        seconds = value.wave.shape[-1] / value.rate
        text = _tr("Value", "{seconds:.2f} s at {rate} Hz, {channels}")
        told = text.format(seconds=seconds, rate=value.rate, channels=_channels(value.wave.shape[0]))
        return Shown(told, curve=_curve(value.wave[0]))
    if isinstance(value, np.datetime64):
        return Shown(told_moment(value) or _tr("Value", "missing"))
    if value is None or isinstance(value, str | np.str_):
        return Shown(str(value if value is not None else _tr("Value", "missing"))[:LONGEST_TEXT])
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return Shown(str(value)[:LONGEST_TEXT])
    if array.ndim == 0:
        return Shown(_scalar(array, classes))
    return _array(array, kind, low, high)


def _channels(count: int) -> str:
    known = {1: _tr("Value", "mono"), 2: _tr("Value", "stereo")}
    return known.get(count) or _tr("Value", "{count} channels").format(count=count)


def with_mask(shown: Shown, mask: Any) -> Shown:  # noqa: ANN401
    """A picture under its mask; where there is no picture, the mask."""
    import numpy as np

    array = np.asarray(mask)
    step = max(1, max(array.shape) // LARGEST_SIDE)
    return replace(shown, mask=np.ascontiguousarray(array[::step, ::step]))


def _scalar(array: Any, classes: tuple[str, ...] | None) -> str:  # noqa: ANN401
    if classes is not None and 0 <= int(array) < len(classes):
        return classes[int(array)]
    return f"{float(array):.6g}"


def _array(array: Any, kind: str, low: float | None, high: float | None) -> Shown:  # noqa: ANN401
    shape = "×".join(map(str, array.shape))
    if kind == "audio" and array.ndim <= 2 and array.shape[-1] > 1 and (array.ndim == 1 or len(array) <= 2):
        return Shown(shape, curve=_curve(array.reshape(-1, array.shape[-1])[0]))
    if array.ndim in (2, 3) and min(array.shape[-2:]) > 1:
        return Shown(shape, pixels=_pixels(array, low, high, upright=kind != "audio"))
    flat = array.ravel()[:40]
    numbers = "  ".join(f"{float(one):.4g}" for one in flat)
    return Shown(f"{shape}:  {numbers}{' …' if array.size > 40 else ''}")


def _pixels(array: Any, low: float | None, high: float | None, *, upright: bool) -> Any:  # noqa: ANN401
    import numpy as np

    whole_bytes = array.dtype == np.uint8
    array = array if array.ndim == 3 else array[None]
    array = array[:3] if array.shape[0] >= 3 else array[:1]
    step = max(1, max(array.shape[1:]) // LARGEST_SIDE)
    array = np.asarray(array[:, ::step, ::step], np.float32)
    if not upright:
        array = array[:, ::-1]
    finite = array[np.isfinite(array)]
    if low is None and high is None and whole_bytes:
        low, high = 0.0, 255.0
    least = low if low is not None else float(finite.min()) if finite.size else 0.0
    most = high if high is not None else float(finite.max()) if finite.size else 1.0
    scaled = np.nan_to_num((array - least) * (255.0 / ((most - least) or 1.0)))
    return np.ascontiguousarray(np.clip(scaled, 0, 255).astype(np.uint8).transpose(1, 2, 0))


def _curve(wave: Any) -> tuple[tuple[float, float], ...]:  # noqa: ANN401
    """The least and the largest value of each piece, scaled so that the largest swing is 1."""
    import numpy as np

    pieces = np.array_split(np.asarray(wave, np.float32), min(MOST_CURVE, max(1, len(wave))))
    most = float(np.abs(wave).max()) if len(wave) else 0.0
    return tuple((float(one.min()) / (most or 1.0), float(one.max()) / (most or 1.0)) for one in pieces)

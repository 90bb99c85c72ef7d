"""What each augmentation works on; known without torch, so that settings can be checked without it."""

from __future__ import annotations

from collections.abc import Mapping

from studio.catalog.registry import checked_values, registry
from studio.data.raw import DataError
from studio.project.project import Setting

_PICTURES = frozenset({"image"})
TAKES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("Flip", "RandomCrop", "Shift", "Rotate", "Zoom"), _PICTURES),
    **dict.fromkeys(("ColorJitter", "Grayscale", "Blur", "Erase"), _PICTURES),
    "Noise": frozenset({"image", "audio", "number"}),
    "TimeShift": frozenset({"audio", "spectrum"}),
    "Gain": frozenset({"audio"}),
    "SpecAugment": frozenset({"spectrum"}),
    "Mixup": frozenset({"image", "audio", "spectrum"}),
    "Cutmix": _PICTURES,
}
MIXES = frozenset({"Mixup", "Cutmix"})
"""Those that mix samples and their targets."""


def checked_augment(name: str, kind: str, chosen: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """The random changes of a column with all their parameters, `kind` being what its steps make of it.

    Raises DataError for one that cannot be.
    """
    return tuple(_checked(name, kind, one) for one in chosen)


def _checked(name: str, kind: str, setting: Setting) -> Setting:
    component, where = registry().component("augmentation", setting.type), f"fields.{name}"
    if component is None or setting.type not in TAKES:
        known = ", ".join(TAKES)
        raise DataError(
            f"{name}: there is no augmentation {setting.type}.", f"Take it off, or choose {known}.", where
        )
    if kind not in TAKES[setting.type]:
        accepted = " or ".join(sorted(TAKES[setting.type]))
        raise DataError(
            f"{name}: {setting.type} works on {accepted}, and here it gets {kind}.", "Take it off.", where
        )
    values, wrong = checked_values(component.params, setting.params)
    for param, message in wrong.items():
        raise DataError(
            f"{name}, {setting.type}: {message} ({param}).", "Correct it in the field's form.", where
        )
    if "least" in values and "most" in values and float(values["least"]) > float(values["most"]):  # pyright: ignore
        raise DataError(
            f"{name}, {setting.type}: least ({values['least']}) is above most ({values['most']}).",
            "Correct it in the field's form.",
            where,
        )
    return Setting(setting.type, values)

"""What a drawing demands of the sizes that the data leaves open, in the window's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from studio.build.plan import Checked
    from studio.build.sizes import Requirement


def demands(name: str, checked: Checked) -> dict[str, str]:
    """By open sizes of an Input node of which the same is demanded ("H, W"), what that is."""
    step = next((one for one in checked.plan.inputs if one.name == name), None)
    if step is None or not checked.requirements:
        return {}
    from studio.build.requirements import of_input

    return worded(of_input(step.type, checked.requirements))


def worded(requirements: Mapping[str, Requirement]) -> dict[str, str]:
    """Sizes of which the same is demanded, and what in words."""
    groups: dict[Requirement, list[str]] = {}
    for name, one in requirements.items():
        groups.setdefault(one, []).append(name)
    return {", ".join(names): _words(one, len(names) > 1) for one, names in groups.items()}


def _words(one: Requirement, several: bool) -> str:
    translate = QCoreApplication.translate
    parts = [] if one else [translate("Inspector", "any size")]
    if one.multiple > 1 and several:
        parts.append(translate("Inspector", "multiples of {number}").format(number=one.multiple))
    elif one.multiple > 1:
        parts.append(translate("Inspector", "a multiple of {number}").format(number=one.multiple))
    if one.least > one.multiple:
        parts.append(translate("Inspector", "at least {number}").format(number=one.least))
    if one.most is not None:
        parts.append(translate("Inspector", "at most {number}").format(number=one.most))
    if one.exact > one.multiple:
        parts.append(translate("Inspector", "shown for multiples of {number}").format(number=one.exact))
    return ", ".join(parts)

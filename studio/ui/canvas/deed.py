"""One thing that can be done on the canvas by keys and menus, and what may keep it from being done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from studio.ui.actions import Shortcut
from studio.ui.canvas.scene import GraphScene

_translate = QCoreApplication.translate


def never() -> str:
    """Nothing is lacking."""
    return ""


@dataclass(frozen=True, slots=True)
class Deed:
    """A name that stays, what people read, the keys it has at first, and how it is done.

    `lacking` says why it cannot be done now; empty where it can. `everywhere`: its keys work in the whole
    window, not only while the canvas has the keyboard. `checked`: a switch, and whether it is on.
    """

    name: str
    text: str
    tip: str
    keys: tuple[Shortcut, ...]
    run: Callable[[], object]
    lacking: Callable[[], str] = never
    everywhere: bool = False
    checked: Callable[[], bool] | None = None


def chosen(scene: GraphScene, fewest: int = 1) -> Callable[[], str]:
    """That so many nodes are selected."""

    def lacking() -> str:
        if len(scene.chosen) >= fewest:
            return ""
        if fewest == 1:
            return _translate("Canvas", "Select a node first.")
        return _translate("Canvas", "Select {count} nodes or more first.").format(count=fewest)

    return lacking


def some(scene: GraphScene) -> Callable[[], str]:
    """That there are nodes at all."""
    return lambda: "" if scene.nodes else _translate("Canvas", "There are no nodes yet.")

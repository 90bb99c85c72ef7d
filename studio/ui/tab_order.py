"""Tab goes through what is seen from top to bottom, also through what was made later than its neighbours."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QScrollArea, QWidget

from studio.ui.contents import contents

TAB = Qt.FocusPolicy.TabFocus


def stop_beside(panel: QWidget, here: QWidget | None, on: bool) -> QWidget | None:
    """Where Tab leads from a widget in a panel, as its layouts lie, or Shift+Tab; None: out of the panel."""
    stops = [one for one in _stops(panel) if one.isVisible() and one.isEnabled()]
    at = next((n for n, one in enumerate(stops) if here and (one is here or one.isAncestorOf(here))), None)
    if at is None:
        return None
    to = at + (1 if on else -1)
    return stops[to] if 0 <= to < len(stops) else None


def _stops(widget: QWidget) -> Iterator[QWidget]:
    """What Tab stops at, in a widget; what has parts of its own for the keyboard knows their order itself."""
    if widget.focusPolicy() & TAB == TAB and not isinstance(widget, QScrollArea):
        yield widget
        return
    if isinstance(widget, QScrollArea):
        inner = widget.widget()
        if inner is not None:
            yield from _stops(inner)
        return
    layout = widget.layout()
    if layout is not None:
        yield from _in_layout(layout)


def _in_layout(layout: QLayout) -> Iterator[QWidget]:
    for one in contents(layout):
        yield from _stops(one) if isinstance(one, QWidget) else _in_layout(one)

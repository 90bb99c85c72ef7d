"""F6 and Shift+F6: the keyboard goes from the canvas to the panels, the toolbar, and round again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QTabBar, QWidget

from studio.ui.docks import Dock

if TYPE_CHECKING:
    from studio.ui.window import MainWindow

Area = Qt.DockWidgetArea
ORDER = (Area.LeftDockWidgetArea, Area.RightDockWidgetArea, Area.BottomDockWidgetArea, Area.TopDockWidgetArea)


class PanelWalk(QObject):
    """Knows where the keyboard was last in each part of the window, and goes back there."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._last: dict[QWidget, QWidget] = {}
        QApplication.instance().focusChanged.connect(self._remember)

    def next(self) -> None:
        """Go on to the next part."""
        self._step(1)

    def previous(self) -> None:
        """Go back to the part before."""
        self._step(-1)

    def parts(self) -> list[QWidget]:
        """The canvas, the panels that are seen, and the toolbar, in their order."""
        window = self._window
        docks = sorted((dock for dock in window.docks.all() if dock.widget().isVisible()), key=self._rank)
        parts = [window.panels.canvas, *(dock.widget() for dock in docks), window.toolbar]
        return [part for part in parts if self._entry(part) is not None]

    def _rank(self, dock: Dock) -> tuple[int, int, int]:
        area = self._window.dockWidgetArea(dock)
        place = dock.mapTo(self._window, dock.rect().topLeft()) if not dock.isFloating() else dock.pos()
        return (ORDER.index(area) if area in ORDER else len(ORDER), place.x(), place.y())

    def _step(self, by: int) -> None:
        parts = self.parts()
        here = self._part_of(QApplication.focusWidget())
        at = parts.index(here) + by if here in parts else 0
        part = parts[at % len(parts)]
        last = self._last.get(part)
        kept = last is not None and shiboken6.isValid(last) and part.isAncestorOf(last) and _takes(last)
        target = last if kept else self._entry(part)
        if target is not None:
            target.window().activateWindow()
            target.setFocus(Qt.FocusReason.TabFocusReason)

    def _part_of(self, widget: QWidget | None) -> QWidget | None:
        """The part that a widget is in; the tabs of panels belong to the panel in front."""
        window = self._window
        docks = [dock for dock in window.docks.all() if shiboken6.isValid(dock)]  # the window may be going
        parts = [window.panels.canvas, window.toolbar, *(dock.widget() for dock in docks)]
        if isinstance(widget, QTabBar) and widget.parentWidget() is window:
            return next((part for part in parts if part.isVisible() and self._tabs(part) is widget), None)
        while widget is not None and widget not in parts:
            widget = widget.parentWidget()
        return widget

    def _entry(self, part: QWidget) -> QWidget | None:
        """Where the keyboard goes in a part; the tabs of a panel in which nothing can be done yet."""
        return _first_in(part) or self._tabs(part)

    def _tabs(self, part: QWidget) -> QTabBar | None:
        dock = part.parentWidget()
        if not isinstance(dock, Dock):
            return None
        bars = self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        shown = (
            bar for bar in bars if bar.isVisible() and bar.tabText(bar.currentIndex()) == dock.windowTitle()
        )
        return next(shown, None)

    def _remember(self, old: QWidget | None, _new: QWidget | None) -> None:
        part = self._part_of(old) if old is not None else None
        if part is not None and old is not None:
            self._last[part] = old


def _holds(part: QWidget, widget: QWidget) -> bool:
    return part is widget or part.isAncestorOf(widget)


def _takes(widget: QWidget) -> bool:
    tabs = widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus
    return tabs and widget.isVisible() and widget.isEnabled()


def _first_in(part: QWidget) -> QWidget | None:
    """The first widget in a part that takes the keyboard.

    Qt's own chain of tabs is not asked: it leads out of the part, and each wrapper that it gives out dies
    with the widget before it.
    """
    first = part.focusProxy() or part
    inside = (first, *part.findChildren(QWidget))
    return next((one for one in inside if _holds(part, one) and _takes(one)), None)

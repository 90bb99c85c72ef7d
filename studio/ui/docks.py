"""The docks around the canvas: one per panel, with a slim title where it stands alone, a tab elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QTabBar,
    QTabWidget,
    QToolButton,
    QWidget,
)

from studio.ui.icons import SMALL, picture, tinted
from studio.ui.tab_order import stop_beside
from studio.ui.theme import DARK, Tokens

LEFT, RIGHT, BOTTOM = 240, 300, 280
"""Widths of the docks left and right, height of those below."""
BOTTOM_SHARE = 0.3
"""The most of the window's height that the docks below take at first."""
Area = Qt.DockWidgetArea


class Dock(QDockWidget):
    """One panel that can be moved, floated and closed; its name is what the saved layout knows it by."""

    def __init__(self, name: str, title: str, widget: QWidget) -> None:
        super().__init__(title)
        self.setObjectName(name)
        self.plain_title = title
        self.setWidget(widget)
        # Qt leaves what is behind a tab visible, off the screen: the keyboard would walk through it.
        policy = widget.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        widget.setSizePolicy(policy)
        self.visibilityChanged.connect(widget.setVisible)
        self._title: DockTitle | None = None
        self._tokens = DARK
        self._none = QWidget()
        self.setTitleBarWidget(self._none)

    def show_title(self, shown: bool) -> None:
        """Have a title of its own, or leave it to the tab."""
        if shown and self._title is None:
            self._title = DockTitle(self)
            self._title.tint(self._tokens)
        wanted = self._title if shown and self._title else self._none
        if self.titleBarWidget() is not wanted:
            self.titleBarWidget().hide()
            self.setTitleBarWidget(wanted)
            wanted.show()

    def focusNextPrevChild(self, next: bool) -> bool:
        # Forms grow while they are looked at; Qt would come to their fields last of all in the window.
        stop = stop_beside(self.widget(), QApplication.focusWidget(), next)
        if stop is None:
            return super().focusNextPrevChild(next)
        stop.setFocus(Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason)
        return True

    def tint(self, tokens: Tokens) -> None:
        """Draw the buttons in a theme's colours."""
        self._tokens = tokens
        if self._title is not None:
            self._title.tint(tokens)


class DockTitle(QWidget):
    """The title of a dock that stands alone: it is dragged here, floated and closed."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self.setObjectName("panelTitle")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 2, 4, 2)
        row.setSpacing(2)
        label = QLabel(dock.windowTitle())
        dock.windowTitleChanged.connect(label.setText)
        row.addWidget(label, 1)
        self._float = self._button(self.tr("Take {} out of the window, or put it back").format(label.text()))
        self._float.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self._close = self._button(self.tr("Close {}; View, Panels brings it back").format(label.text()))
        self._close.clicked.connect(dock.close)
        row.addWidget(self._float)
        row.addWidget(self._close)

    def tint(self, tokens: Tokens) -> None:
        """Draw the buttons in a theme's colours."""
        self._float.setIcon(tinted("float", tokens))
        self._close.setIcon(tinted("close", tokens))

    def _button(self, tip: str) -> QToolButton:
        button = QToolButton(self, iconSize=QSize(12, 12))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button


class Docks:
    """All docks of a window by name, and their places."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._docks: dict[str, Dock] = {}
        self._counted: dict[str, bool] = {}
        self._alarm = DARK.error
        self._later = QTimer(window, singleShot=True, interval=0)
        self._later.timeout.connect(self._retitle)
        window.setDockNestingEnabled(True)
        window.setDockOptions(
            QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        window.setTabPosition(Area.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        window.setDocumentMode(True)
        for corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner):
            window.setCorner(corner, Area.BottomDockWidgetArea)

    def add(self, name: str, title: str, widget: QWidget) -> Dock:
        """A new dock, not placed yet."""
        dock = self._docks[name] = Dock(name, title, widget)
        for moved in (dock.topLevelChanged, dock.dockLocationChanged, dock.visibilityChanged):
            moved.connect(self._later.start)
        return dock

    def __getitem__(self, name: str) -> Dock:
        return self._docks[name]

    def all(self) -> list[Dock]:
        """Every dock, in the order of making."""
        return list(self._docks.values())

    def reveal(self, name: str) -> None:
        """Bring a panel to the front, wherever it is, and put the keyboard there."""
        dock = self._docks[name]
        dock.show()
        dock.raise_()
        dock.widget().show()
        dock.widget().setFocus(Qt.FocusReason.OtherFocusReason)

    def bring(self, name: str, otherwise: QWidget) -> None:
        """Bring a panel to the front and leave the keyboard where it is, or put it there `otherwise`.

        Qt would give it to anything where its own panel is hidden behind this one.
        """
        dock, here = self._docks[name], QApplication.focusWidget()
        if here is not None and any(one.isAncestorOf(here) for one in self._window.tabifiedDockWidgets(dock)):
            otherwise.setFocus(Qt.FocusReason.OtherFocusReason)
        dock.raise_()

    def count(self, name: str, number: int, alarming: bool) -> None:
        """Show a number on a dock's tab, with a red mark where it alarms."""
        dock = self._docks[name]
        self._counted[name] = alarming
        dock.setWindowTitle(f"{dock.plain_title} {number}" if number else dock.plain_title)
        dock.toggleViewAction().setText(dock.plain_title)
        self._later.start()

    def place(self, left: list[str], right: list[str], bottom: list[str], corner: str) -> None:
        """Put every dock where it belongs at first."""
        window = self._window
        for dock in self._docks.values():
            if dock.isFloating():
                dock.setFloating(False)
            if window.dockWidgetArea(dock) != Area.NoDockWidgetArea:
                window.removeDockWidget(dock)
        window.addDockWidget(Area.LeftDockWidgetArea, self._docks[left[0]])
        # The corner first: beside a dock that is tabbed already it would become one more tab.
        window.addDockWidget(Area.BottomDockWidgetArea, self._docks[bottom[0]])
        window.splitDockWidget(self._docks[bottom[0]], self._docks[corner], Qt.Orientation.Horizontal)
        window.addDockWidget(Area.RightDockWidgetArea, self._docks[right[0]])
        for first, *others in (left, right, bottom):
            for name in others:
                window.tabifyDockWidget(self._docks[first], self._docks[name])
        for dock in self._docks.values():
            dock.show()
        for first in (left[0], right[0], bottom[0]):
            self._docks[first].raise_()
        self._resize(left[0], right[0], bottom[0], corner)

    def tint(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        self._alarm = tokens.error
        self._later.start()
        for dock in self._docks.values():
            dock.tint(tokens)

    def _resize(self, left: str, right: str, bottom: str, corner: str) -> None:
        window, sideways = self._window, Qt.Orientation.Horizontal
        docks = self._docks
        window.resizeDocks([docks[left], docks[right]], [LEFT, RIGHT], sideways)
        window.resizeDocks([docks[bottom], docks[corner]], [window.width() - RIGHT, RIGHT], sideways)
        height = min(BOTTOM, round(window.height() * BOTTOM_SHARE))
        window.resizeDocks([docks[bottom]], [height], Qt.Orientation.Vertical)

    def _retitle(self) -> None:
        """A dock in a tab needs no title of its own; the tab bars that Qt makes need a name."""
        for dock in self._docks.values():
            tabbed = any(
                other.isVisible() or other.toggleViewAction().isChecked()
                for other in self._window.tabifiedDockWidgets(dock)
            )
            dock.show_title(dock.isFloating() or not tabbed)
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setAccessibleName(QCoreApplication.translate("Docks", "Panels"))
            bar.setDrawBase(False)
            bar.setIconSize(QSize(SMALL, SMALL))
            bar.setExpanding(False)
            bar.setUsesScrollButtons(True)
            self._mark(bar)

    def _mark(self, bar: QTabBar) -> None:
        alarming = {self._docks[name].windowTitle() for name, is_so in self._counted.items() if is_so}
        for index in range(bar.count()):
            mark = picture("error", self._alarm, SMALL) if bar.tabText(index) in alarming else QPixmap()
            bar.setTabIcon(index, QIcon(mark))

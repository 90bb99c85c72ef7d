"""Uses the palette of a window as a person does: finds rows, drags them onto the canvas, opens menus."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTreeWidget, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from studio.ui import palette_tree
from studio.ui.window import MainWindow
from tests.ui.windows import LONG

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class PaletteHands:
    """The system's own drag runs a loop of its own that no event of a test reaches: only that is replaced."""

    def __init__(self, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.window, self.qtbot = window, qtbot
        self.tree: QTreeWidget = window.panels.palette.findChild(QTreeWidget, "layers")
        self.port = self.tree.viewport()
        self.carried: list[QMimeData] = []
        carried = self.carried

        class Drag(palette_tree.QDrag):
            def exec(self, *_: object) -> Qt.DropAction:
                carried.append(self.mimeData())
                return Qt.DropAction.CopyAction

        monkeypatch.setattr(palette_tree, "QDrag", Drag)
        qtbot.waitUntil(lambda: bool(window.panels.library.on("shipped")), timeout=LONG)

    def section(self, title: str) -> QTreeWidgetItem:
        """A heading."""
        rows = [self.tree.topLevelItem(row) for row in range(self.tree.topLevelItemCount())]
        found = [one for one in rows if one.text(0) == title]
        assert len(found) == 1, [one.text(0) for one in rows]
        return found[0]

    def rows(self, title: str) -> list[str]:
        """What is listed under a heading; nothing where there is no such heading."""
        tops = [self.tree.topLevelItem(row) for row in range(self.tree.topLevelItemCount())]
        return [
            one.child(row).text(0) for one in tops if one.text(0) == title for row in range(one.childCount())
        ]

    def row(self, title: str, section: str = "Shipped blocks") -> QTreeWidgetItem:
        """A row, scrolled into sight; its section is opened by a click if it is folded."""
        head = self.section(section)
        if not head.isExpanded():
            self.tree.scrollToItem(head)
            QTest.mouseClick(self.port, LEFT, pos=self._at(head))
        found = [head.child(row) for row in range(head.childCount()) if head.child(row).text(0) == title]
        assert len(found) == 1, self.rows(section)
        self.tree.scrollToItem(found[0])
        return found[0]

    def _at(self, item: QTreeWidgetItem) -> QPoint:
        return self.tree.visualItemRect(item).topLeft() + QPoint(40, 10)

    def double_click(self, title: str, section: str = "Shipped blocks") -> None:
        at = self._at(self.row(title, section))
        QTest.mouseClick(self.port, LEFT, pos=at)
        QTest.mouseDClick(self.port, LEFT, pos=at)

    def drag(self, title: str, to: QPoint, section: str = "Shipped blocks") -> None:
        """Press on a row, move until it is dragged, and drop it at a point of the drawing."""
        start = self._at(self.row(title, section))
        QTest.mousePress(self.port, LEFT, pos=start)
        for step in range(1, 6):
            QTest.mouseMove(self.port, start + QPoint(12 * step, 0))
        QTest.mouseRelease(self.port, LEFT, pos=start + QPoint(60, 0))
        (data,) = self.carried
        self.carried.clear()
        view, action = self.window.panels.canvas.view.viewport(), Qt.DropAction.CopyAction
        for event in (
            QDragEnterEvent(QPoint(5, 5), action, data, LEFT, NONE),
            QDragMoveEvent(to, action, data, LEFT, NONE),
            QDropEvent(QPointF(to), action, data, LEFT, NONE),
        ):
            QApplication.sendEvent(view, event)
            assert event.isAccepted()

    def menu(self, title: str, section: str) -> QMenu:
        """The context menu on a row."""
        at = self._at(self.row(title, section))
        QTest.mouseClick(self.port, Qt.MouseButton.RightButton, pos=at)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, self.port.mapToGlobal(at))
        QApplication.sendEvent(self.port, event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        return menu

    def choose(self, title: str, section: str, deed: str) -> None:
        """A click on an entry of the context menu."""
        menu = self.menu(title, section)
        (action,) = (one for one in menu.actions() if one.text().partition("\t")[0] == deed)
        QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

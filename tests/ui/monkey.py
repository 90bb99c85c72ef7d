"""A monkey at the window: real mouse and key events on random widgets, the same ones for the same seed."""

from __future__ import annotations

import random
from collections import deque

from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMainWindow,
    QMenu,
    QMenuBar,
    QMessageBox,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)
from shiboken6 import isValid

from studio.ui.canvas.node_item import NodeItem
from studio.ui.canvas.view import GraphView
from studio.ui.crash import ReportDialog
from studio.ui.problem_row import ProblemRow

KEYS = [
    Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Backspace,
    Qt.Key.Key_Delete, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home,
    Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Space, Qt.Key.Key_F1, Qt.Key.Key_F2,
    Qt.Key.Key_F5, Qt.Key.Key_F8, Qt.Key.Key_Menu, Qt.Key.Key_Plus, Qt.Key.Key_Minus,
    *(Qt.Key(number) for number in range(Qt.Key.Key_A, Qt.Key.Key_Z + 1)),
    *(Qt.Key(number) for number in range(Qt.Key.Key_0, Qt.Key.Key_9 + 1)),
]  # fmt: skip
WORDS = [
    "relu",
    "3",
    "-1",
    "0.5",
    "1e-3",
    "1e999",
    "conv",
    "x" * 40,
    "é\u202e数",
    "a b",
    "",
    "nan",
    "2, 3",
    "label",
]
NONE = Qt.KeyboardModifier.NoModifier
MODIFIERS = [NONE] * 6 + [
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
]
LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
BUTTONS = [LEFT] * 6 + [RIGHT, MIDDLE]
KINDS = [
    QAbstractButton,
    QLineEdit,
    QComboBox,
    QAbstractItemView,
    QMenuBar,
    QMessageBox,
    QTabBar,
    GraphView,
    ProblemRow,
    QMenu,
]
"""What is worth more than a label."""
DIALOG_MS = 25
REMEMBERED = 25


class Monkey:
    """Plays with a window; closes what asks for an answer; `reports` are the failures it was shown."""

    def __init__(self, window: QMainWindow, seed: int) -> None:
        self._window, self._chance = window, random.Random(seed)
        self._acting = False
        self._acts = [self._click] * 6 + [self._key] * 6
        self._acts += [self._type, self._double, self._drag, self._wheel, self._move]
        self.reports: list[str] = []
        self.log: deque[str] = deque(maxlen=REMEMBERED)
        """What it did last, for whoever has to repeat it."""
        self._closer = QTimer(window, interval=DIALOG_MS)
        self._closer.timeout.connect(self._close_dialogs)
        self._closer.start()

    def play(self, events: int) -> None:
        """So many events, each by a turn of an event loop, as the program runs them."""
        loop, timer = QEventLoop(), QTimer(interval=0)
        left = iter(range(events))

        def turn() -> None:
            number = next(left, None)
            if number is None:
                loop.quit()
            elif not self._acting:  # a dialogue's own event loop turns the timer too
                self._act(number)

        timer.timeout.connect(turn)
        timer.start()
        loop.exec()
        timer.stop()

    def _act(self, number: int) -> None:
        target = self._target()
        if target is None:
            return
        if isinstance(target, QAbstractScrollArea):
            target = target.viewport()
        if not isValid(target):
            return
        act = self._chance.choice(self._acts)
        named = target.accessibleName() or target.objectName()
        self.log.append(f"{number} {act.__name__} {type(target).__name__} {named!r}")
        self._acting = True
        try:
            act(target)
        finally:
            self._acting = False

    def leave(self) -> None:
        """Close whatever is open, and play no more."""
        for _ in range(10):
            self._close_dialogs()
            QTest.qWait(DIALOG_MS)
        self._closer.stop()

    def _target(self) -> QWidget | None:
        """A visible widget of what has the person's attention: a popup, a dialogue, else the window."""
        top = QApplication.activePopupWidget() or QApplication.activeModalWidget() or self._window
        if isinstance(top, QFileDialog):  # its folders are real ones
            top.reject()
            return None
        if isinstance(top, QMenu) and self._chance.random() < 0.3:
            top.close()
            return None
        inside = [one for one in top.findChildren(QWidget) if one.isVisible() and one.isEnabled()]
        kinds = [found for kind in KINDS if (found := [one for one in inside if isinstance(one, kind)])]
        return self._chance.choice(self._chance.choice([[top], inside or [top], *kinds]))

    def _spot(self, target: QWidget) -> QPoint:
        """A place in a widget, often one where there is something."""
        found = self._things(target) if self._chance.random() < 0.7 else []
        if found:
            return self._chance.choice(found)
        return QPoint(
            self._chance.randrange(max(target.width(), 1)), self._chance.randrange(max(target.height(), 1))
        )

    def _things(self, target: QWidget) -> list[QPoint]:
        if isinstance(target, QMenu | QMenuBar):
            return [target.actionGeometry(action).center() for action in target.actions()]
        if isinstance(target, QTabBar):
            return [target.tabRect(at).center() for at in range(target.count())]
        above = target.parentWidget()
        if isinstance(above, GraphView):
            return [
                above.mapFromScene(point) for node in above.scene().nodes.values() for point in _points(node)
            ]
        if isinstance(above, QAbstractItemView) and above.model() is not None:
            model, root = above.model(), above.rootIndex()
            rows = [model.index(row, 0, root) for row in range(model.rowCount(root))]
            return [
                spot
                for row in rows
                if above.viewport().rect().contains(spot := above.visualRect(row).center())
            ]
        return []

    def _focused(self, target: QWidget) -> QWidget:
        """What has the keyboard in the window of a widget."""
        return target.window().focusWidget() or target

    def _click(self, target: QWidget) -> None:
        button, modifier, spot = (
            self._chance.choice(BUTTONS),
            self._chance.choice(MODIFIERS),
            self._spot(target),
        )
        self.log.append(f"  {button.name} {modifier} {spot.x()},{spot.y()}")
        QTest.mouseClick(target, button, modifier, spot)

    def _double(self, target: QWidget) -> None:
        QTest.mouseDClick(target, LEFT, NONE, self._spot(target))

    def _key(self, target: QWidget) -> None:
        key, modifier = self._chance.choice(KEYS), self._chance.choice(MODIFIERS)
        if self._chance.random() < 0.7:
            target = self._focused(target)
        self.log.append(f"  {key.name} {modifier} to {type(target).__name__}")
        QTest.keyClick(target, key, modifier)

    def _type(self, target: QWidget) -> None:
        target = self._focused(target)
        word = self._chance.choice(WORDS)
        self.log.append(f"  {word!r} to {type(target).__name__}")
        for letter in word:
            QTest.keyClick(target, letter) if letter.isascii() else QTest.sendKeyEvent(
                QTest.KeyAction.Click, target, Qt.Key.Key_unknown, letter, NONE, -1
            )

    def _drag(self, target: QWidget) -> None:
        button, start, end = self._chance.choice([LEFT, LEFT, MIDDLE]), self._spot(target), self._spot(target)
        self.log.append(f"  {button.name} {start.x()},{start.y()} to {end.x()},{end.y()}")
        QTest.mousePress(target, button, NONE, start)
        for part in (0.1, 0.5, 1.0):
            QTest.mouseMove(target, start + (end - start) * part)
        QTest.mouseRelease(target, button, NONE, end)

    def _move(self, target: QWidget) -> None:
        QTest.mouseMove(target, self._spot(target))

    def _wheel(self, target: QWidget) -> None:
        spot = QPointF(self._spot(target))
        turn = QPoint(0, self._chance.choice([-480, -120, 120, 480]))
        event = QWheelEvent(
            spot, QPointF(target.mapToGlobal(spot.toPoint())), QPoint(), turn, Qt.MouseButton.NoButton,
            self._chance.choice(MODIFIERS), Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(target, event)

    def _close_dialogs(self) -> None:
        popup = QApplication.activePopupWidget()
        if self._acting and popup is not None:  # A button's menu waits for an answer.
            popup.close()
        elif self._acting and QApplication.activeModalWidget() is None:  # So does drag and drop.
            QTest.keyClick(self._window, Qt.Key.Key_Escape)
        for dialog in QApplication.topLevelWidgets():
            if isinstance(dialog, QDialog) and dialog.isVisible():
                self._answer(dialog)

    def _answer(self, dialog: QDialog) -> None:
        """Read a report; press any button of a question; give up all else."""
        if isinstance(dialog, ReportDialog):
            texts = [one.toPlainText() for one in dialog.findChildren(QPlainTextEdit)]
            self.reports += [text for text in texts if "Traceback" in text]
        if isinstance(dialog, QMessageBox) and self._chance.random() < 0.5:
            self._chance.choice(dialog.buttons()).click()
        else:
            dialog.reject()


def _points(node: NodeItem) -> list[QPointF]:
    """The middle of a node and its ports."""
    body = node.body
    sides = [QPointF(body.left(), body.center().y()), QPointF(body.right(), body.center().y())]
    return [QPointF(body.center().x(), body.top() + 16), body.center(), *sides]

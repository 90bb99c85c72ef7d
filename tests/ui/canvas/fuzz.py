"""Random mouse and key events on a canvas: presses, moves, releases, wheels and keys in any order.

Unlike a person, it begins things in the middle of others: a key while a wire is dragged, another button, a
menu over a field. The same seed makes the same events.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeySequence, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from shiboken6 import isValid

from tests.ui.canvas.conftest import Hands
from tests.ui.monkey import KEYS, MODIFIERS, WORDS

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
NONE = Qt.KeyboardModifier.NoModifier
HELD = [*MODIFIERS, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier]
NOTCHES = (-480, -120, 120, 480)
REMEMBERED = 40


class Fuzz:
    """Plays with one canvas; `log` is what it did last."""

    def __init__(self, hands: Hands, seed: int) -> None:
        self._hands, self._chance = hands, random.Random(seed)
        self._held = Qt.MouseButton.NoButton
        self._at = QPoint(100, 100)
        self._keys = [*self._sequences()]
        self._acts = (
            [self._press_or_release] * 8
            + [self._move] * 8
            + [self._deed] * 4
            + [self._key] * 3
            + [self._double, self._wheel, self._type, self._menu, self._undo_or_redo, self._look]
        )
        self.log: deque[str] = deque(maxlen=REMEMBERED)

    def play(self, events: int, checks_every: int = 400) -> None:
        """So many events, with a check of the drawing now and then, as the window does."""
        for number in range(events):
            self._close_popup()
            act = self._chance.choice(self._acts)
            self.log.append(f"{number} {act.__name__}")
            act()
            if number % 8 == 0:
                QApplication.processEvents()
            if number % checks_every == 0:
                self._hands.check()
        self.rest()

    def rest(self) -> None:
        """Let go of everything, and close what is open."""
        if self._held != Qt.MouseButton.NoButton:
            self._press_or_release()
        for _ in range(12):
            self._close_popup()
            QTest.keyClick(self._hands.canvas.view, Qt.Key.Key_Escape)
            QApplication.processEvents()

    def _sequences(self) -> Iterator[QKeySequence]:
        """The keys of everything that can be done on the canvas."""
        for action in self._hands.canvas.deeds.actions.all():
            yield from action.shortcuts()

    def _focused(self) -> QWidget:
        """What has the keyboard."""
        return self._hands.canvas.window().focusWidget() or self._hands.canvas.view

    def _spot(self) -> QPoint:
        """A place on the canvas, often one where there is something."""
        scene, port = self._hands.canvas.scene, self._hands.port
        items = [*scene.nodes.values()]
        if items and self._chance.random() < 0.6:
            body = self._chance.choice(items).body
            x = self._chance.choice([body.left(), body.right(), body.center().x(), body.right() - 30])
            y = body.top() + self._chance.choice([0, 16, 40, 58, body.height() / 2])
            return self._hands.pixel(QPointF(x, y))
        wires = [*scene.edges.values()]
        if wires and self._chance.random() < 0.4:
            return self._hands.pixel(self._chance.choice(wires).path.pointAtPercent(self._chance.random()))
        return QPoint(self._chance.randrange(port.width()), self._chance.randrange(port.height()))

    def _send(self, kind: QEvent.Type, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> None:
        port = self._hands.port
        at = QPointF(self._at)
        held = self._held if kind != QEvent.Type.MouseButtonRelease else Qt.MouseButton.NoButton
        event = QMouseEvent(kind, at, QPointF(port.mapToGlobal(self._at)), button, held, modifiers)
        self.log.append(f"  {kind.name} {button.name} {modifiers} {self._at.x()},{self._at.y()}")
        QApplication.sendEvent(port, event)

    def _press_or_release(self) -> None:
        modifiers = self._chance.choice(HELD)
        if self._held == Qt.MouseButton.NoButton:
            self._at = self._spot()
            self._held = self._chance.choice([LEFT] * 6 + [RIGHT, MIDDLE])
            self._send(QEvent.Type.MouseButtonPress, self._held, modifiers)
        else:
            button, self._held = self._held, Qt.MouseButton.NoButton
            self._send(QEvent.Type.MouseButtonRelease, button, modifiers)

    def _move(self) -> None:
        self._at = self._spot() if self._chance.random() < 0.5 else self._at + QPoint(
            self._chance.randrange(-40, 41), self._chance.randrange(-40, 41)
        )  # fmt: skip
        self._send(QEvent.Type.MouseMove, Qt.MouseButton.NoButton, self._chance.choice(HELD))

    def _double(self) -> None:
        if self._held == Qt.MouseButton.NoButton:
            self._at = self._spot()
            self._send(QEvent.Type.MouseButtonDblClick, LEFT, self._chance.choice(HELD))
            self._send(QEvent.Type.MouseButtonRelease, LEFT, NONE)

    def _wheel(self) -> None:
        at = self._spot()
        event = QWheelEvent(
            QPointF(at), QPointF(self._hands.port.mapToGlobal(at)), QPoint(),
            QPoint(0, self._chance.choice(NOTCHES)), Qt.MouseButton.NoButton, self._chance.choice(HELD),
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self._hands.port, event)

    def _deed(self) -> None:
        """The keys of something that can be done."""
        keys = self._chance.choice(self._keys)
        self.log.append(f"  {keys.toString()}")
        for at in range(keys.count()):
            QTest.keyClick(self._focused(), keys[at].key(), keys[at].keyboardModifiers())

    def _key(self) -> None:
        key, modifiers = self._chance.choice(KEYS), self._chance.choice(MODIFIERS)
        self.log.append(f"  {key.name} {modifiers}")
        QTest.keyClick(self._focused(), key, modifiers)

    def _type(self) -> None:
        word = self._chance.choice([word for word in WORDS if word.isascii()])
        self.log.append(f"  {word!r}")
        for letter in word:
            QTest.keyClick(self._focused(), letter)

    def _menu(self) -> None:
        at = self._spot()
        reason = QContextMenuEvent.Reason.Mouse
        QApplication.sendEvent(
            self._hands.port, QContextMenuEvent(reason, at, self._hands.port.mapToGlobal(at))
        )
        menu = QApplication.activePopupWidget()
        if isinstance(menu, QMenu) and menu.actions():
            chosen = self._chance.choice(menu.actions())
            self.log.append(f"  {chosen.text()}")
            QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(chosen).center())

    def _undo_or_redo(self) -> None:
        stack = self._hands.session.undo_stack
        stack.undo() if self._chance.random() < 0.6 else stack.redo()

    def _look(self) -> None:
        """Look elsewhere, so that what is done is done everywhere."""
        self._hands.canvas.fit()

    def _close_popup(self) -> None:
        for _ in range(4):
            popup = QApplication.activePopupWidget()
            if popup is None or not isValid(popup):
                return
            popup.close()

"""Renaming a node in place: a field over its name that says why one will not do, and offers one that will."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from studio.project.edits import rename_error
from studio.project.graph import free_name
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.keyboard_focus import has_keyboard

LEAST_WIDTH, HEIGHT = 140, 28
MOST_REASON = 360
"""Pixels; a reason that is longer has several lines."""
GAP = 4


class NameField(QLineEdit):
    """Enter takes the name, Escape gives up, leaving the field takes it if it is valid.

    While a name will not do, one close to it that is free is offered: Tab or a click puts it in.
    """

    renamed = Signal(str, str)

    def __init__(self, editor: Editor, ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self._editor = editor
        self._old = ""
        self.setAccessibleName(self.tr("Name of the node"))
        self.setToolTip(self.tr("Enter takes the name, Escape keeps the old one"))
        self.reason = QLabel(parent)
        self.reason.hide()
        self.offer = QPushButton(parent)
        self.offer.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.offer.setAccessibleName(self.tr("Use a free name"))
        self.offer.setToolTip(self.tr("Put this name in"))
        self.offer.clicked.connect(self._put_offer)
        self.offer.hide()
        self._free = ""
        self._ink = ink
        self.textEdited.connect(self._judge)
        self.hide()

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        self._ink = ink

    def open(self, name: str, header: QRect) -> None:
        """Show the field over a node's header."""
        self._old = name
        self.setText(name)
        self.put(header)
        self._refuse("")
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def node(self) -> str:
        """The node whose name is edited; empty while none is."""
        return self._old

    def put(self, header: QRect) -> None:
        """Lie over a node's header."""
        width, height = max(header.width(), LEAST_WIDTH), max(header.height(), HEIGHT)
        self.setGeometry(header.x(), header.y(), width, height)
        self._put_below()

    def forget(self, removed: Collection[str]) -> None:
        """Put the field away where its node is among those that are gone."""
        if self._old in removed:
            self.close_field()

    def close_field(self) -> None:
        """Put the field away and keep the old name; the canvas has the keyboard again."""
        had = self.isVisible() and has_keyboard(self)
        self._old = ""
        self.reason.hide()
        self.offer.hide()
        self.hide()
        if had:
            self.parentWidget().setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
        elif event.key() == Qt.Key.Key_Escape:
            self.close_field()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.isVisible() and event.reason() != Qt.FocusReason.PopupFocusReason:
            self._take()
            self.close_field()

    def event(self, event: QEvent) -> bool:
        # Single keys are the canvas's and the menu's shortcuts; in here they are letters.
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        return super().event(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        if self.offer.isVisible():
            self._put_offer()
            return True
        return super().focusNextPrevChild(next)

    def _judge(self) -> None:
        """Say at once what is wrong with a name."""
        project, new = self._editor.project, self.text().strip()
        self._refuse(rename_error(project, self._old, new) or "" if self._old else "")

    def _put_offer(self) -> None:
        self.setText(self._free)
        self._refuse("")

    def _take(self) -> None:
        old, new = self._old, self.text().strip()
        try:
            if old and new != old:
                self._editor.rename(old, new)
        except ValueError as error:
            self._refuse(str(error))
            return
        self.close_field()
        if old:
            self.renamed.emit(old, new)

    def _refuse(self, reason: str) -> None:
        tokens = self._ink.tokens
        edge = tokens.error if reason else tokens.accent
        self.setStyleSheet(
            f"NameField {{ background: {tokens.field}; color: {tokens.text}; border: 1px solid {edge};"
            " border-radius: 6px; padding: 2px 8px; font-weight: 600; }"
        )
        self.reason.setStyleSheet(
            f"background: {tokens.panel}; color: {tokens.error}; border: 1px solid {tokens.error};"
            " border-radius: 6px; padding: 4px 8px;"
        )
        self.reason.setText(reason[:1].upper() + reason[1:])
        self.reason.setVisible(bool(reason))
        self.reason.raise_()
        self._show_offer(bool(reason))
        self._put_below()

    def _put_below(self) -> None:
        """The reason and the offer lie below the field, above it where there is no room for them."""
        room = self.parentWidget().rect().adjusted(GAP, GAP, -GAP, -GAP)
        self._fit_reason(min(MOST_REASON, room.width()))
        shown = [one for one in (self.reason, self.offer) if not one.isHidden()]
        height = sum(one.height() + GAP for one in shown)
        y = self.geometry().bottom() + GAP
        if y + height > room.bottom():
            y = max(room.top(), self.y() - height)
        for one in shown:
            one.move(max(room.left(), min(self.x(), room.right() - one.width())), y)
            y += one.height() + GAP

    def _fit_reason(self, most: int) -> None:
        """One line where that is short enough, else as many as it takes."""
        self.reason.setWordWrap(False)
        size = self.reason.sizeHint()
        if size.width() > most:
            self.reason.setWordWrap(True)
            size = QSize(most, self.reason.heightForWidth(most))
        self.reason.resize(size)

    def _show_offer(self, wanted: bool) -> None:
        tokens = self._ink.tokens
        if wanted:
            self._free = free_name(self.text().strip() or self._old, self._editor.project.graph.nodes)
            self.offer.setText(self.tr("Use {name}  (Tab)").format(name=self._free))
            self.offer.setAccessibleName(self.tr("Use the name {name}").format(name=self._free))
            self.offer.setStyleSheet(
                f"QPushButton {{ background: {tokens.panel}; color: {tokens.accent}; padding: 4px 8px;"
                f" border: 1px solid {tokens.line}; border-radius: 6px; font-weight: 600; }}"
                f"QPushButton:hover {{ border-color: {tokens.accent}; }}"
            )
            self.offer.adjustSize()
            self.offer.raise_()
        self.offer.setVisible(wanted)

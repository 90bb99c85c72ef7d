"""The bar at the top of the canvas that looks for nodes: a field, what was found, and ways through it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from studio.ui.canvas.ink import Ink
from studio.ui.icons import tinted

LONGEST = 460
WHY = 150
KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F3)


class FindBar(QFrame):
    """Says what is looked for; who listens says what was found."""

    typed = Signal(str)
    stepped = Signal(int)
    """Go to the next hit (1), or to the one before (-1)."""
    closed = Signal()

    def __init__(self, ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Find in the drawing"))
        self.field = QLineEdit(clearButtonEnabled=True)
        self.field.setPlaceholderText(self.tr("Find: name, type, value, 64×8×8, problem"))
        self.field.setAccessibleName(self.tr("Find nodes"))
        self.field.setToolTip(
            self.tr("Name, type, parameter, value, shape or problem; Enter goes on, Shift+Enter back")
        )
        self._why, self._count = QLabel(), QLabel()
        self._why.setObjectName("why")
        self._why.setTextFormat(Qt.TextFormat.PlainText)
        self._previous = self._button(self.tr("Previous hit (Shift+Enter)"), lambda: self.stepped.emit(-1))
        self._next = self._button(self.tr("Next hit (Enter)"), lambda: self.stepped.emit(1))
        self._close = self._button(self.tr("Close the search (Escape)"), self.close_bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 6, 6)
        row.setSpacing(6)
        row.addWidget(self.field, 1)
        for widget in (self._why, self._count, self._previous, self._next, self._close):
            row.addWidget(widget)
        self.field.textChanged.connect(self.typed)
        self.field.installEventFilter(self)
        self.set_ink(ink)
        self.hide()

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        tokens = ink.tokens
        self.setStyleSheet(
            f"FindBar {{ background: {tokens.panel}; border: 1px solid {tokens.line}; border-radius: 8px }}"
            f"QLabel {{ color: {tokens.text}; background: transparent; }}"
            f"QLabel#why {{ color: {tokens.secondary}; }}"
            f"QLineEdit {{ background: {tokens.field}; border: 1px solid {tokens.line}; border-radius: 6px;"
            f" color: {tokens.text}; padding: 3px 8px; }}"
            f"QLineEdit:focus {{ border-color: {tokens.accent}; }}"
            "QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px;"
            " padding: 3px; }"
            f"QToolButton:hover, QToolButton:focus {{ border-color: {tokens.accent}; }}"
        )
        for button, drawing in ((self._previous, "up"), (self._next, "down"), (self._close, "close")):
            button.setIcon(tinted(drawing, tokens))

    def open(self) -> None:
        """Show the bar with the keyboard in its field, ready to type over what was looked for."""
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def close_bar(self) -> bool:
        """Put the bar away; says whether it was there."""
        if not self.isVisible():
            return False
        self.hide()
        self.closed.emit()
        return True

    def show_found(self, at: int | None, count: int, why: str = "") -> None:
        """Say how many hits there are, which one is looked at (from 0), and what of it fits."""
        if not self.field.text().strip():
            text = ""
        elif not count:
            text = self.tr("Nothing found")
        elif at is None:
            text = self.tr("{count} found").format(count=count)
        else:
            text = self.tr("{place} of {count}").format(place=at + 1, count=count)
        said = f"{text} {why}".strip()
        if said != self.field.accessibleDescription():
            self.field.setAccessibleDescription(said)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.field, said))
        self._count.setText(text)
        shown = QFontMetrics(self._why.font()).elidedText(why, Qt.TextElideMode.ElideRight, WHY)
        self._why.setText(shown)
        self._why.setToolTip(why)
        for button in (self._previous, self._next):
            button.setEnabled(count > 0)

    def put(self, room: QRect, left: int) -> None:
        """Lie at the top right of a rectangle, below its edge where something else reaches so far."""
        size = QSize(min(LONGEST, room.width()), self.sizeHint().height())
        x = room.right() - size.width() + 1
        self.setGeometry(QRect(x, room.y() if x > left else room.y() + size.height(), *size.toTuple()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._key(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._key(event):
            super().keyPressEvent(event)

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.close_bar()
        elif key in KEYS:
            self.stepped.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            return False
        return True

    def _button(self, name: str, slot: object) -> QToolButton:
        button = QToolButton(iconSize=QSize(14, 14))
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(slot)
        return button

"""The bar over the drawing that says which graph is looked at: the project, then a name for each block."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from studio.ui.canvas.ink import Ink
from studio.ui.contents import empty, widgets_in
from studio.ui.focus import Path, block_at, looks_at, part_title, same_way
from studio.ui.session import Session

LONGEST = 160


class Crumbs(QWidget):
    """A press goes to that graph; the last one offers the other uses of the same block."""

    chosen = Signal(tuple)
    """The path to look at."""

    def __init__(self, session: Session, ink: Ink, drawing: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._drawing = drawing
        self._session, self._ink = session, ink
        self._shown: tuple[object, ...] | None = None
        self.setAccessibleName(self.tr("Where you are in the project"))
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # the drawing goes on below
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(4, 2, 6, 2)
        self._row.setSpacing(2)

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        self._ink = ink
        tokens = ink.tokens
        self.setStyleSheet(
            f"Crumbs {{ background: {tokens.panel}; border: 1px solid {tokens.line}; border-radius: 8px; }}"
            f"QToolButton {{ color: {tokens.secondary}; background: transparent;"
            " border: 1px solid transparent; border-radius: 6px; padding: 2px 5px; font-size: 12px; }"
            f"QToolButton:hover, QToolButton:focus {{ color: {tokens.text}; border-color: {tokens.accent}; }}"
            f"QToolButton[current=true] {{ color: {tokens.text}; }}"
            "QToolButton#uses { margin-left: 4px; }"
            f"QToolButton::menu-indicator {{ image: none; }}"
            f"QLabel {{ color: {tokens.faint}; background: transparent; font-size: 12px; }}"
            f"QLabel#current {{ color: {tokens.text}; padding-left: 6px; }}"
        )

    def refresh(self) -> None:
        """Follow the session."""
        session = self._session
        block = session.block
        uses = looks_at(session.project, block, session.fields) if block else []
        shown = (session.project.name, session.focus, block, tuple(uses))
        if shown != self._shown:
            self._shown = shown
            self._rebuild(uses)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        buttons = self.buttons
        if event.key() in steps and self.focusWidget() in buttons:
            at = buttons.index(self.focusWidget()) + steps[Qt.Key(event.key())]
            buttons[max(0, min(at, len(buttons) - 1))].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    def _rebuild(self, uses: list[Path]) -> None:
        focus_widget = self.window().focusWidget()
        held = focus_widget is not None and self.isAncestorOf(focus_widget)
        empty(self._row)
        focus = self._session.focus
        self._row.addWidget(self._crumb(self._session.project.name or self.tr("untitled"), ()))
        for depth in range(1, len(focus) + 1):
            self._add_sign()
            self._row.addWidget(self._crumb(part_title(focus[depth - 1]), focus[:depth]))
        if focus:
            self._finish(uses)
        else:
            self._add_sign()
            main = QLabel(self.tr("main"))
            main.setObjectName("current")
            self._row.addWidget(main)
        self._settle()
        if held:
            self.buttons[-1].setFocus(Qt.FocusReason.OtherFocusReason)

    def _settle(self) -> None:
        """Give every piece its room at once, and its turn before the drawing's."""
        for widget in widgets_in(self._row):
            widget.show()  # else the layout leaves no room for it before the next event
        for one, following in pairwise([*self.buttons, self._drawing]):
            QWidget.setTabOrder(one, following)
        self.adjustSize()

    def _crumb(self, text: str, path: Path) -> QToolButton:
        button = QToolButton()
        button.setText(button.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, LONGEST))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        block = block_at(self._session.project, path)
        what = self.tr("{node}, the block {block}").format(node=text, block=block) if block else text
        button.setAccessibleName(what)
        button.setToolTip(self.tr("Look at {what}").format(what=what))
        button.clicked.connect(lambda: self.chosen.emit(path))
        return button

    def _finish(self, uses: list[Path]) -> None:
        """The last crumb says the block, and offers its other uses."""
        last = self.buttons[-1]
        block = self._session.block or ""
        last.setProperty("current", True)
        if len(uses) < 2 and block == part_title(self._session.focus[-1]):
            return  # its node says all that there is to say
        other = QToolButton()
        other.setFocusPolicy(Qt.FocusPolicy.TabFocus if len(uses) > 1 else Qt.FocusPolicy.NoFocus)
        place = next((at for at, path in enumerate(uses, 1) if same_way(path, self._session.focus)), 1)
        many = self.tr("{block} · {place} of {count} ▾").format(block=block, place=place, count=len(uses))
        other.setText(many if len(uses) > 1 else block)
        other.setAccessibleName(self.tr("Use of the block {block} that is looked at").format(block=block))
        tip = self.tr("Shapes and costs are those of one use or repeat: choose which")
        other.setToolTip(tip if len(uses) > 1 else self.tr("The block that is looked at"))
        if len(uses) > 1:
            other.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            other.setMenu(self._uses(uses, other))
        other.setObjectName("uses")
        self._row.addWidget(other)

    def _uses(self, uses: list[Path], parent: QWidget) -> QMenu:
        menu = QMenu(parent)
        menu.setAccessibleName(self.tr("Uses of the block"))
        for path in uses:
            action = menu.addAction(" › ".join(map(part_title, path)))
            action.setCheckable(True)
            action.setChecked(same_way(path, self._session.focus))
            action.triggered.connect(lambda _checked=False, path=path: self.chosen.emit(path))
        return menu

    @property
    def buttons(self) -> list[QToolButton]:
        """Everything that can be pressed, from left to right."""
        return [one for one in widgets_in(self._row) if isinstance(one, QToolButton)]

    def _add_sign(self) -> None:
        self._row.addWidget(QLabel("›"))

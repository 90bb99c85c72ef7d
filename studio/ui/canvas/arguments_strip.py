"""The arguments of the block that is looked at, over the drawing: parameters are dropped here."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from studio.project.block import Argument
from studio.project.params import Value
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.lines import shown_value
from studio.ui.flow import Flow
from studio.ui.row_label import PARAMETER
from studio.ui.session import Session

LONGEST = 180
INSET = 12


class ArgumentsStrip(QWidget):
    """A chip for each argument, and one for a new one; a press on a chip shows what reads it."""

    dropped = Signal(str, str)
    """A parameter of the selected nodes, and the argument it was dropped on; empty for a new one."""
    sought = Signal(str)
    """Whoever reads this argument is to be selected."""
    asked = Signal()
    """A new argument is wanted."""

    def __init__(self, session: Session, ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._ink = session, ink
        self._shown: tuple[tuple[Argument, Value], ...] | None = None
        self._chips: list[QToolButton] = []
        self.setObjectName("arguments")
        self.setAccessibleName(self.tr("Arguments of the block"))
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self._row = Flow(2)
        self._row.setContentsMargins(5, 2, 5, 2)
        self.setLayout(self._row)
        self._title = QLabel(self.tr("Arguments"))
        self._row.addWidget(self._title)
        self._new = QToolButton(self)
        self._new.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._new.setAccessibleName(self.tr("Make an argument"))
        tip = self.tr("Drag a parameter's name here from the Node panel, or press A on a node")
        self._new.setToolTip(tip)
        self._new.clicked.connect(lambda: self.asked.emit())
        self.show_target(False)
        self.hide()

    @property
    def buttons(self) -> list[QToolButton]:
        """The chips, and at the end the one for a new argument."""
        return [*self._chips, self._new]

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        self._ink = ink
        self._paint()

    def refresh(self) -> None:
        """Follow the session."""
        block = self._session.block
        self.setVisible(block is not None)
        arguments = self._session.project.blocks[block].arguments if block is not None else ()
        names = self._session.names if block is not None else {}
        shown = tuple((one, names.get(one.name, one.default)) for one in arguments)
        if block is not None and shown != self._shown:
            self._shown = shown
            self._rebuild(shown)

    def fit_into(self, width: int) -> None:
        """Take as much room as is needed, in several lines where one is not enough."""
        self.setFixedWidth(max(min(self._row.in_one_line() + 12, width), 120))
        self.setFixedHeight(self._row.heightForWidth(self.width()))

    def show_target(self, wanted: bool) -> None:
        """While a parameter is dragged: say that it can be dropped here."""
        self._new.setText(self.tr("+ Drop it here for a new one") if wanted else self.tr("+"))
        self.setProperty("target", wanted)
        self._paint()
        self.fit_into(self.parentWidget().width() - self.x() - INSET)

    def covers(self, at: QPointF) -> bool:
        """Whether a point of the canvas is on it."""
        return self.isVisible() and self.geometry().contains(at.toPoint())

    def aim(self, at: QPointF) -> None:
        """Show which argument would take a parameter dropped at a point of the canvas."""
        self._aim(self._under(at - QPointF(self.pos())))

    def take(self, param: str, at: QPointF) -> None:
        """Take a parameter that was dropped at a point of the canvas."""
        chip = self._under(at - QPointF(self.pos()))
        self._aim(None)
        self.dropped.emit(param, str(chip.property("argument") or "") if chip else "")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(PARAMETER):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasFormat(PARAMETER):
            self._aim(self._under(event.position()))
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._aim(None)

    def dropEvent(self, event: QDropEvent) -> None:
        param = bytes(event.mimeData().data(PARAMETER).data()).decode("utf-8", "replace")
        event.acceptProposedAction()
        self.take(param, event.position() + QPointF(self.pos()))

    def _under(self, at: QPointF) -> QToolButton | None:
        return next((one for one in self._chips if one.geometry().contains(at.toPoint())), None)

    def _aim(self, chip: QToolButton | None) -> None:
        for one in self._chips:
            one.setProperty("aimed", one is chip)
        self._paint()

    def _rebuild(self, arguments: tuple[tuple[Argument, Value], ...]) -> None:
        held = any(one.hasFocus() for one in self.buttons)
        for button in self.buttons:
            self._row.removeWidget(button)
        for old in self._chips:
            old.hide()
            old.deleteLater()
        self._chips = [self._chip(one, value) for one, value in arguments]
        for button in self.buttons:
            self._row.addWidget(button)
            button.show()  # else the layout leaves no room for it before the next event
        if held:
            self._new.setFocus(Qt.FocusReason.OtherFocusReason)

    def _chip(self, argument: Argument, value: Value) -> QToolButton:
        """An argument with the value that it has in the use that is looked at."""
        chip = QToolButton(self)
        text = f"{argument.name}  {shown_value(value)}"
        chip.setText(chip.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, LONGEST))
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.setAccessibleName(self.tr("Argument {name}").format(name=argument.name))
        default = self.tr("{value} where a use sets nothing").format(value=shown_value(argument.default))
        chip.setAccessibleDescription(argument.doc)
        tip = self.tr("Press to select what reads it; drop a parameter here to let it read it too")
        chip.setToolTip(f"{argument.doc} ({default})\n{tip}".strip())
        chip.setProperty("argument", argument.name)
        chip.clicked.connect(lambda: self.sought.emit(argument.name))
        return chip

    def _paint(self) -> None:
        tokens = self._ink.tokens
        edge = tokens.accent if self.property("target") else tokens.line
        self.setStyleSheet(
            f"#arguments {{ background: {tokens.panel}; border: 1px solid {edge}; border-radius: 6px; }}"
            f"QLabel {{ color: {tokens.secondary}; font-size: 11px; padding: 3px 4px 2px 2px; }}"
            f"QToolButton {{ color: {tokens.text}; background: transparent; font-size: 11px;"
            " border: 1px solid transparent; border-radius: 5px; padding: 1px 5px; }"
            f"QToolButton:hover, QToolButton:focus {{ border-color: {tokens.accent}; }}"
            f"QToolButton[aimed=true] {{ border-color: {tokens.accent}; background: {tokens.field}; }}"
        )

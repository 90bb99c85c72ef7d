"""The command palette: every action of the program, found by a few letters of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui.actions import told_keys
from studio.ui.card import label
from studio.ui.fuzzy import best

WIDTH, HEIGHT, TOP = 560, 380, 96
MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be done: its place and name ("File › Open"), its keys, and how."""

    name: str
    keys: str
    run: Callable[[], object]
    doc: str = ""


def commands_of(actions: Sequence[QAction], menus: dict[QAction, str]) -> list[Command]:
    """The commands behind all actions that can be used now; `menus` names the menu of each."""
    found: list[Command] = []
    shown = {action.text() for action in menus}
    for action in actions:
        if action.isEnabled() and action.menu() is None and (action in menus or action.text() not in shown):
            menu, text = menus.get(action, ""), action.text().replace("&", "").rstrip("…")
            name = f"{menu} › {text}" if menu else text
            found.append(Command(name, told_keys(action), action.trigger, action.statusTip()))
    return found


class CommandPalette(QFrame):
    """A search line over a list, laid over the window; Enter runs the chosen command, Escape closes it."""

    def __init__(self, commands: Sequence[Command], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("commands")
        self.setAccessibleName(self.tr("Commands"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._commands = commands
        self._search = QLineEdit(placeholderText=self.tr("Type what you want to do"))
        self._search.setAccessibleName(self.tr("Search commands"))
        self._search.setToolTip(self.tr("A few letters of a command; arrow keys choose, Enter runs it"))
        self._list = QTreeWidget(columnCount=2, rootIsDecorated=False, uniformRowHeights=True)
        self._list.setHeaderHidden(True)
        self._list.setAccessibleName(self.tr("Commands"))
        self._list.setToolTip(self.tr("Enter or a click runs the command"))
        rows = QVBoxLayout(self)
        rows.setContentsMargins(8, 8, 8, 8)
        self._nothing = label("", "secondary", wrapped=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        rows.addWidget(self._search)
        rows.addWidget(self._list)
        rows.addWidget(self._nothing, 1)
        self._search.textChanged.connect(self._fill)
        self._search.returnPressed.connect(self._run)
        self._list.itemClicked.connect(self._run)
        self._list.itemActivated.connect(self._run)
        self._search.installEventFilter(self)
        self._before = QApplication.focusWidget()
        QApplication.instance().focusChanged.connect(self._focus_moved)
        self._place(parent)
        self._fill("")

    def open_at_search(self) -> None:
        """Show the palette with the keyboard in its search line."""
        self.show()
        self.raise_()
        self._search.setFocus(Qt.FocusReason.PopupFocusReason)

    def names(self) -> list[str]:
        """The commands on show, best first."""
        return [self._list.topLevelItem(row).text(0) for row in range(self._list.topLevelItemCount())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys move in the list while the search line has the keyboard."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in MOVES:
            self._list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def _place(self, parent: QWidget) -> None:
        width = min(WIDTH, parent.width() - 40)
        self.setGeometry((parent.width() - width) // 2, TOP, width, min(HEIGHT, parent.height() - TOP))
        self._list.setColumnWidth(0, width - 150)

    def _fill(self, text: str) -> None:
        scored = [(best(text, one.name), place, one) for place, one in enumerate(self._commands)]
        fitting = sorted((-score, place, one) for score, place, one in scored if score is not None)
        self._list.clear()
        for _, _, command in fitting:
            item = QTreeWidgetItem([command.name, command.keys])
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(0, command.doc)
            item.setData(0, Qt.ItemDataRole.UserRole, command)
            self._list.addTopLevelItem(item)
        self._list.setCurrentItem(self._list.topLevelItem(0))
        nothing = self.tr(
            "Nothing that can be done now is called “{text}”. Try another word, or fewer letters."
        )
        self._nothing.setText(nothing.format(text=text))
        self._nothing.setVisible(not fitting)
        self._list.setVisible(bool(fitting))

    def _run(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            command = item.data(0, Qt.ItemDataRole.UserRole)
            self._leave()
            command.run()

    def _leave(self) -> None:
        """Give the keyboard back to who had it: commands of the canvas need it there."""
        self.close()
        if self._before is not None:
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and new is not self and not self.isAncestorOf(new):
            self.close()

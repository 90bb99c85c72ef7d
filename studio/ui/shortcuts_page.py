"""The preferences on keys: every command, found by its name or by pressing its keys, and changed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui.canvas.gesture_table import is_fixed
from studio.ui.key_list import Entry, Group, told
from studio.ui.shortcuts import Shortcuts

NAME = Qt.ItemDataRole.UserRole
COMMAND, KEYS, FIRST = range(3)


class ShortcutsPage(QWidget):
    """A tree of all commands over the fields that change the keys of the selected one."""

    def __init__(self, shortcuts: Shortcuts, groups: list[Group], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shortcuts = shortcuts
        self._titles = {entry.name: entry.text for group in groups for entry in group.entries}
        self._rows: dict[str, QTreeWidgetItem] = {}
        self._search = QLineEdit(placeholderText=self.tr("Search by name"), clearButtonEnabled=True)
        self._pressed = _KeyField(
            self.tr("Search by pressing keys"), self.tr("Press keys to see who has them")
        )
        self._tree = QTreeWidget(columnCount=3, uniformRowHeights=True)
        self._keys = _KeyField(self.tr("New keys"), self.tr("Press the new keys for the selected command"))
        self._told = QLabel(wordWrap=True)
        self._told.setObjectName("verdict")
        self._buttons = {
            "set": self._button(self.tr("&Set"), self.tr("Give these keys to the command, alone"), self._set),
            "add": self._button(self.tr("&Add"), self.tr("Give these keys to the command, too"), self._add),
            "clear": self._button(self.tr("&Clear"), self.tr("Leave the command without keys"), self._clear),
            "reset": self._button(self.tr("&Reset"), self.tr("Give the first keys back"), self._reset),
            "all": self._button(
                self.tr("Reset a&ll"), self.tr("Give every command its first keys back"), self._reset_all
            ),
        }
        self._set_up(groups)
        self._lay_out()
        self._search.textChanged.connect(self._filter)
        self._pressed.keySequenceChanged.connect(self._filter)
        self._tree.currentItemChanged.connect(self._chosen)
        self._keys.keySequenceChanged.connect(self._judge)
        shortcuts.changed.connect(self._refresh)
        self._refresh()
        self._tree.setCurrentItem(self._tree.topLevelItem(0).child(0))

    # ---- making

    def _set_up(self, groups: list[Group]) -> None:
        self._search.setAccessibleName(self.tr("Search commands by name"))
        self._search.setToolTip(self.tr("A part of the command's name or of its keys"))
        self._tree.setAccessibleName(self.tr("Commands and their keys"))
        self._tree.setToolTip(self.tr("Choose a command to change its keys below"))
        self._tree.setHeaderLabels([self.tr("Command"), self.tr("Keys"), self.tr("At first")])
        self._tree.setAllColumnsShowFocus(True)
        self._tree.setStyleSheet("QTreeView::item { padding: 3px 4px; }")
        for group in groups:
            head = QTreeWidgetItem(self._tree, [group.title])
            head.setFlags(Qt.ItemFlag.ItemIsEnabled)
            head.setFirstColumnSpanned(True)
            for entry in group.entries:
                self._row(head, entry)
        self._tree.expandAll()
        self._tree.setColumnWidth(COMMAND, 300)
        self._tree.setColumnWidth(KEYS, 190)

    def _row(self, head: QTreeWidgetItem, entry: Entry) -> None:
        row = QTreeWidgetItem(head, [entry.text, entry.keys])
        row.setToolTip(COMMAND, entry.tip or entry.text)
        row.setToolTip(KEYS, entry.keys)
        row.setData(COMMAND, NAME, entry.name)
        if entry.name:
            self._rows[entry.name] = row
            row.setText(FIRST, told(self._shortcuts.first(entry.name)))
        else:
            row.setText(FIRST, self.tr("fixed"))

    def _lay_out(self) -> None:
        top, below, rows = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        top.addWidget(self._search, 2)
        top.addWidget(self._pressed, 1)
        label = QLabel(self.tr("&New keys"))
        label.setBuddy(self._keys)
        below.addWidget(label)
        below.addWidget(self._keys, 1)
        for button in self._buttons.values():
            below.addWidget(button)
        rows.addLayout(top)
        rows.addWidget(self._tree, 1)
        rows.addLayout(below)
        rows.addWidget(self._told)
        self._told.setMinimumHeight(2 * self.fontMetrics().lineSpacing())

    def _button(self, text: str, tip: str, deed: object) -> QPushButton:
        button = QPushButton(text, toolTip=tip, autoDefault=False)
        button.clicked.connect(deed)
        return button

    # ---- what is shown

    @property
    def _name(self) -> str:
        """The selected command's action; empty where none is, or a row that stays as it is."""
        row = self._tree.currentItem()
        return str(row.data(COMMAND, NAME) or "") if row else ""

    def _refresh(self) -> None:
        for name, row in self._rows.items():
            row.setText(KEYS, told(self._shortcuts.keys(name)))
            font = row.font(KEYS)
            font.setBold(self._shortcuts.differs(name))
            row.setFont(KEYS, font)
        self._filter()
        self._judge()

    def _filter(self) -> None:
        text, keys = self._search.text().strip().casefold(), self._pressed.keySequence()
        for at in range(self._tree.topLevelItemCount()):
            head = self._tree.topLevelItem(at)
            rows = [head.child(place) for place in range(head.childCount())]
            for row in rows:
                row.setHidden(not self._fits(row, text, keys))
            head.setHidden(all(row.isHidden() for row in rows))

    def _fits(self, row: QTreeWidgetItem, text: str, keys: QKeySequence) -> bool:
        words = f"{row.text(COMMAND)} {row.text(KEYS)}".casefold()
        if not all(word in words for word in text.split()):
            return False
        name = str(row.data(COMMAND, NAME) or "")
        return keys.isEmpty() or (bool(name) and keys in self._shortcuts.keys(name))

    def _chosen(self) -> None:
        self._keys.clear()
        self._judge()

    def _judge(self) -> None:
        """Say what stands against the new keys, and offer what can be done."""
        keys, name = self._keys.keySequence(), self._name
        bad = is_fixed(keys)
        clashes = self._shortcuts.clashes(name, [keys]) if name and not keys.isEmpty() else []
        free = bool(name) and not keys.isEmpty() and not bad
        for button in ("set", "add"):
            self._buttons[button].setEnabled(free)
        self._buttons["clear"].setEnabled(bool(name and self._shortcuts.keys(name)))
        self._buttons["reset"].setEnabled(
            bool(name and self._shortcuts.keys(name) != self._shortcuts.first(name))
        )
        self._buttons["set"].setText(self.tr("Take over and &set") if clashes else self.tr("&Set"))
        self._buttons["add"].setText(self.tr("Take over and &add") if clashes else self.tr("&Add"))
        self._told.setText(self._verdict(name, keys, bad, clashes))

    def _verdict(self, name: str, keys: QKeySequence, bad: bool, clashes: list[str]) -> str:
        if not name:
            return self.tr("This stays as it is: choose a command to change its keys.")
        title = self._titles[name]
        if keys.isEmpty():
            return self.tr("Press new keys for “{command}”.").format(command=title)
        if bad:
            return self.tr("{keys} stays as it is on the canvas and can be no other command's.").format(
                keys=told([keys])
            )
        if clashes:
            others = ", ".join(f"“{self._titles.get(one, one)}”" for one in clashes)
            text = self.tr("{keys} is {others} already: taken over for “{command}”, it is lost there.")
            return text.format(keys=told([keys]), others=others, command=title)
        return self.tr("{keys} is free.").format(keys=told([keys]))

    # ---- what is done

    def _set(self) -> None:
        self._give((self._keys.keySequence(),))

    def _add(self) -> None:
        self._give((*self._shortcuts.keys(self._name), self._keys.keySequence()))

    def _clear(self) -> None:
        self._give(())

    def _reset(self) -> None:
        name = self._name
        self._keys.clear()
        lost = [
            self._titles.get(one, one) for one in self._shortcuts.clashes(name, self._shortcuts.first(name))
        ]
        self._shortcuts.reset(name)
        if lost:
            self._told.setText(self.tr("Taken back from {others}.").format(others=", ".join(lost)))

    def _reset_all(self) -> None:
        self._keys.clear()
        self._shortcuts.reset_all()

    def _give(self, keys: tuple[QKeySequence, ...]) -> None:
        self._keys.clear()
        self._shortcuts.set(self._name, keys)


class _KeyField(QKeySequenceEdit):
    """A field that takes one press of keys; Tab leaves it."""

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        self.setMaximumSequenceLength(1)
        self.setClearButtonEnabled(True)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        line = self.findChild(QLineEdit)
        line.setPlaceholderText(name)
        line.setAccessibleName(name)
        line.setToolTip(tip)

"""The preferences: the look, what the canvas shows, and every command's keys. All of it applies at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from studio.ui.appearance import CHOICES
from studio.ui.key_list import key_groups
from studio.ui.shortcuts_page import ShortcutsPage

if TYPE_CHECKING:
    from studio.ui.window import MainWindow

SIZE = (820, 620)


class PreferencesDialog(QDialog):
    """One page for each kind of thing."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Preferences"))
        self.resize(*SIZE)
        window.closed.connect(self.reject)
        self.pages = QTabWidget()
        self.pages.setAccessibleName(self.tr("Pages of the preferences"))
        self.pages.addTab(self._general(window), self.tr("General"))
        switches = [one for one in window.panels.canvas.deeds.actions.all() if one.isCheckable()]
        if switches:
            self.pages.addTab(self._canvas(switches), self.tr("Canvas"))
        keys = ShortcutsPage(window.commands.shortcuts, key_groups(window))
        self.pages.addTab(keys, self.tr("Shortcuts"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        for button in buttons.buttons():
            button.setAutoDefault(False)
        rows = QVBoxLayout(self)
        rows.addWidget(self.pages, 1)
        rows.addWidget(buttons)

    def _general(self, window: MainWindow) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        theme = QComboBox()
        theme.setAccessibleName(self.tr("Theme"))
        theme.setToolTip(self.tr("Dark or light, or as the system is"))
        actions = [window.actions_by_name[f"view.theme.{choice}"] for choice in CHOICES]
        theme.addItems([action.text().replace("&", "") for action in actions])
        theme.setCurrentIndex(CHOICES.index(window.appearance.choice))
        theme.activated.connect(lambda at: actions[at].trigger())
        form.addRow(self.tr("&Theme"), theme)
        layout = QPushButton(self.tr("&Put every panel back"), autoDefault=False)
        layout.setToolTip(self.tr("Put every panel back to where it was at first"))
        layout.clicked.connect(lambda: window.reset_layout())
        form.addRow(self.tr("Layout"), layout)
        saved = QLabel(
            self.tr("Unsaved work is kept by itself some seconds after each change."), wordWrap=True
        )
        form.addRow(self.tr("Safety"), saved)
        return page

    def _canvas(self, switches: list[QAction]) -> QWidget:
        page = QWidget()
        rows = QVBoxLayout(page)
        for action in switches:
            rows.addWidget(_switch(action, page))
        rows.addStretch(1)
        return page


def _switch(action: QAction, parent: QWidget) -> QCheckBox:
    """A box that is on where the action is, and triggers it."""
    box = QCheckBox(action.text(), parent)
    box.setToolTip(action.statusTip())
    box.setChecked(action.isChecked())
    box.clicked.connect(lambda _checked=False: action.trigger())
    action.toggled.connect(box.setChecked)
    return box

"""The toolbar: undo and redo, the run's buttons and its device, and what the check found."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from studio.build.plan import Checked
from studio.ui.actions import Actions
from studio.ui.icons import GAP, SMALL, icon
from studio.ui.numbers import short
from studio.ui.theme import DARK, Tokens

SHARE = 0.13
"""Of the toolbar's width: what lies between Redo and the run's buttons."""
LEAST_GAP = 8
DEVICES = ("auto", "cpu", "cuda")


class DeviceMenu(QMenu):
    """Where to compute: one choice of a few, shown in the menu and on the toolbar."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("&Device"))
        self._group = QActionGroup(self)
        texts = {"auto": self.tr("Automatic"), "cpu": self.tr("CPU"), "cuda": self.tr("CUDA")}
        tips = {
            "auto": self.tr("Take CUDA where PyTorch finds it, else the CPU"),
            "cpu": self.tr("Compute on the processor"),
            "cuda": self.tr("Compute on an NVIDIA card"),
        }
        for name in DEVICES:
            action = self.addAction(texts[name])
            action.setCheckable(True)
            action.setStatusTip(tips[name])
            action.setToolTip(tips[name])
            action.setData(name)
            self._group.addAction(action)
        self._group.triggered.connect(lambda action: self.chosen.emit(action.data()))

    def show_device(self, name: str) -> str:
        """Tick a device and return its text."""
        for action in self._group.actions():
            if action.data() == name:
                action.setChecked(True)
                return action.text()
        return name

    def allow_cuda(self, there: bool) -> None:
        """Offer CUDA only where PyTorch finds it."""
        self._group.actions()[DEVICES.index("cuda")].setEnabled(there)


class Pill(QToolButton):
    """A short fact that leads to where it is explained."""

    def __init__(self, name: str, tip: str, pressed: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("pill", "true")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(SMALL + GAP, SMALL))
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda: pressed())

    def say(self, text: str, level: str = "") -> None:
        """Show a text; `level` is error, warning or nothing."""
        self.setText(text)
        self.setAccessibleDescription(text)
        if self.property("level") != level:
            self.setProperty("level", level)
            self.style().unpolish(self)
            self.style().polish(self)


class Toolbar(QToolBar):
    """The one toolbar."""

    def __init__(
        self,
        actions: Actions,
        device: DeviceMenu,
        show_problems: Callable[[], None],
        show_code: Callable[[], None],
    ) -> None:
        super().__init__()
        self.setObjectName("toolbar")
        self.setWindowTitle(self.tr("Toolbar"))
        self.setMovable(False)
        self.setIconSize(QSize(16, 16))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._tokens = DARK
        self._problem_level = "ok"
        for name in ("edit.undo", "edit.redo"):
            self._button(actions[name])
        self._left = QWidget()
        self.addWidget(self._left)
        self._train = self._button(actions["train.start"], accent=True)
        for name in ("train.pause", "train.stop"):
            self._button(actions[name])
        self._device = self._device_button(device)
        self.addWidget(_spring())
        self.problems = Pill(
            self.tr("Problems"), self.tr("Problems of the drawing and its settings"), show_problems
        )
        tip = self.tr("Numbers that training adjusts; opens the code")
        self.parameters = Pill(self.tr("Parameters"), tip, show_code)
        tip = self.tr("Multiplications with addition for one sample, forwards; opens the code")
        self.multiply_adds = Pill(self.tr("Multiply-adds"), tip, show_code)
        for pill in (self.problems, self.parameters, self.multiply_adds):
            self.addWidget(pill)
        commands = self._button(actions["tools.commands"])
        commands.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        commands.setText(actions["tools.commands"].shortcut().toString())
        self.show_waiting()

    def show_device(self, text: str) -> None:
        """Show the device chosen."""
        self._device.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the run's buttons in one place, whatever the facts at the right say."""
        super().resizeEvent(event)
        room = self.width() - self.sizeHint().width() + self._left.width()
        self._left.setFixedWidth(max(LEAST_GAP, min(round(self.width() * SHARE), room)))

    def show_state(self, state: str) -> None:
        """Show on the button whether a run is on."""
        self._train.setText(self.tr("Starting…") if state == "waiting" else self.tr("Train"))

    def show_waiting(self) -> None:
        """No check has answered yet."""
        self._say_problems(self.tr("Checking…"), "waiting")
        self.parameters.say(self.tr("– parameters"))
        self.multiply_adds.say(self.tr("– multiply-adds"))

    def show_checked(self, checked: Checked) -> None:
        """Show what the check found."""
        errors = len(checked.errors)
        warnings = len(checked.problems) - errors
        if errors:
            text = self.tr("1 problem") if errors == 1 else self.tr("{} problems").format(errors)
            self._say_problems(text, "error")
        elif warnings:
            text = self.tr("1 warning") if warnings == 1 else self.tr("{} warnings").format(warnings)
            self._say_problems(text, "warning")
        else:
            self._say_problems(self.tr("No problems"), "ok")
        total = checked.total
        self.parameters.say(self.tr("{} parameters").format(short(total.parameters)))
        self.multiply_adds.say(self.tr("{} multiply-adds").format(short(total.multiply_adds)))

    def set_tokens(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        self._tokens = tokens
        self._tint()

    def _say_problems(self, text: str, level: str) -> None:
        self._problem_level = level
        self.problems.say(text, level)
        self._tint()

    def _tint(self) -> None:
        t = self._tokens
        drawings = {"ok": ("check", t.ok), "warning": ("warning", t.warn), "error": ("error", t.error)}
        name, colour = drawings.get(self._problem_level, ("info", t.secondary))
        self.problems.setIcon(icon(name, colour, colour, SMALL, GAP))

    def _button(self, action: QAction, accent: bool = False) -> QToolButton:
        self.addAction(action)
        button = self.widgetForAction(action)
        assert isinstance(button, QToolButton)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(action.text().replace("&", ""))
        if accent:
            button.setProperty("accent", "true")
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(QSize(SMALL + GAP, SMALL))
        return button

    def _device_button(self, menu: DeviceMenu) -> QToolButton:
        button = QToolButton()
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(self.tr("Device"))
        button.setToolTip(self.tr("Where to compute"))
        self.addWidget(button)
        return button


def _spring() -> QWidget:
    spring = QWidget()
    spring.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return spring

"""The theme in force: the user's choice, or what the system says, applied to the whole application."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from studio.ui.preferences import Preferences
from studio.ui.style import palette, stylesheet, text_font
from studio.ui.theme import DARK, LIGHT, Scheme, Tokens

CHOICES = ("system", "dark", "light")
HALF_BRIGHT = 128


class Appearance(QObject):
    """Applies the tokens of the theme and says so when they change."""

    changed = Signal(object)
    """The Tokens now in force."""

    def __init__(self, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        # Asked before our own palette is set: what the platform looks like where it names no scheme.
        dark = QPalette().color(QPalette.ColorRole.Window).lightness() < HALF_BRIGHT
        self._unnamed: Scheme = "dark" if dark else "light"
        chosen = preferences.text("theme", "system")
        self.choice = chosen if chosen in CHOICES else "system"
        self.tokens = self._wanted()
        QApplication.setFont(text_font())
        self._apply()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)

    def choose(self, choice: str) -> None:
        """Take "system", "dark" or "light", and remember it."""
        assert choice in CHOICES
        self.choice = choice
        self._preferences.set("theme", choice)
        self._follow()

    def _follow(self) -> None:
        if self._wanted() is not self.tokens:
            self.tokens = self._wanted()
            self._apply()
            self.changed.emit(self.tokens)

    def _wanted(self) -> Tokens:
        scheme: str = self.choice
        if scheme == "system":
            named = QGuiApplication.styleHints().colorScheme()
            schemes = {Qt.ColorScheme.Dark: "dark", Qt.ColorScheme.Light: "light"}
            scheme = schemes.get(named, self._unnamed)
        return DARK if scheme == "dark" else LIGHT

    def _apply(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.setPalette(palette(self.tokens))
        app.setStyleSheet(stylesheet(self.tokens))

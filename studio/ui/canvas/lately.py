"""Which layers were placed lately; kept between starts where there are preferences."""

from __future__ import annotations

from studio.ui.preferences import Preferences

KEY = "layers_used_lately"
MOST = 8


class Lately:
    """Types of layers, the latest first."""

    def __init__(self) -> None:
        self.types: tuple[str, ...] = ()
        self._preferences: Preferences | None = None

    def keep_in(self, preferences: Preferences) -> None:
        """Go on from what was remembered, and remember from now on."""
        self._preferences = preferences
        self.types = tuple(preferences.texts(KEY))[:MOST]

    def add(self, type: str) -> None:
        """A layer was placed just now."""
        self.types = (type, *(one for one in self.types if one != type))[:MOST]
        if self._preferences is not None:
            self._preferences.set(KEY, list(self.types))

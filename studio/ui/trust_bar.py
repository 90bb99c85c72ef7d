"""What the inspector says of Python that the user has not agreed to run, and the button that agrees."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from studio.catalog.registry import Layer
from studio.catalog.trust import text_to_trust, trust


class TrustBar(QWidget):
    """Shown only while the layer's text may not run."""

    trusted = Signal()
    """A text may run from now on: what was refused can be checked again."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._words = QLabel(wordWrap=True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setProperty("role", "small")
        self._button = QPushButton(self.tr("Trust and run"))
        self._button.setAccessibleName(self.tr("Trust this text and run it"))
        self._button.setToolTip(self.tr("Let exactly this text run, now and whenever it is met again"))
        self._button.clicked.connect(self._agree)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 4)
        column.setSpacing(4)
        column.addWidget(self._words)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_layer(self, layer: Layer | None) -> None:
        """Ask for a layer of the user's own that has not been trusted; be hidden for every other."""
        text = text_to_trust(layer) if layer is not None else ""
        self.show_text(text, self._asked(layer) if text and layer is not None else "")

    def show_text(self, text: str, asked: str) -> None:
        """Ask for a text in these words unless it is trusted; be hidden for an empty one."""
        self._text = text if text and not trust().holds(text) else ""
        if self._text:
            self._words.setText(asked)
            self._button.show()
        self.setVisible(bool(self._text))

    def _agree(self) -> None:
        self.hide()
        try:
            trust().add(self._text)
        except OSError as error:
            words = self.tr("It runs until the program ends; what is trusted cannot be saved: {}")
            self._words.setText(words.format(error.strerror or error))
            self._button.hide()
            self.show()
        self.trusted.emit()

    def _asked(self, layer: Layer) -> str:
        if layer.code:
            return self.tr(
                "This text is not trusted and does not run. Read it: Python can do what you can do."
            )
        words = self.tr("{} is not trusted and is not imported. Trust it if you know the package.")
        return words.format(layer.target)

"""The Help menu: first steps, shortcuts, a layer's page, versions, about."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QTextBrowser, QVBoxLayout, QWidget

from studio.catalog.registry import Layer
from studio.ui.crash import ReportDialog, report
from studio.ui.icons import program_icon
from studio.ui.words import declared


class Help(QObject):
    """What the Help menu shows."""

    def __init__(
        self,
        keys: Callable[[], str],
        layer: Callable[[], Layer | None],
        tell: Callable[[str], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._keys, self._layer, self._tell, self._window = keys, layer, tell, window

    def show_first_steps(self) -> None:
        """The way from nothing to a trained network."""
        steps = (
            self.tr("Open a sample: File, Open sample, cnn digits."),
            self.tr(
                "Or draw: choose data in the Data panel, then drag layers from the left onto the canvas."
            ),
            self.tr("Drag from an output (filled circle) to an input (hollow circle) to wire them."),
            self.tr(
                "The wires show shapes; red ones and the Problems panel say what does not fit and what to do."
            ),
            self.tr("Press Train (F5). Curves move below; Pause and Stop act at once."),
            self.tr(
                "Look at Confusion, Examples and Predict when the run is over; Runs keeps all earlier ones."
            ),
            self.tr("Leave with code: File, Export PyTorch code."),
        )
        items = "".join(f"<li style='margin-bottom:6px'>{step}</li>" for step in steps)
        self._show(self.tr("First steps"), f"<ol>{items}</ol>")

    def show_keys(self) -> None:
        """Every shortcut there is, and what the mouse does on the canvas."""
        self._show(self.tr("Keyboard shortcuts"), self._keys())

    def open_layer_page(self) -> None:
        """PyTorch's page about the layer that is selected."""
        layer = self._layer()
        if layer is None:
            self._tell(self.tr("Select one node first."))
        elif not layer.url:
            self._tell(declared(layer.doc))
        else:
            QDesktopServices.openUrl(QUrl(layer.url))

    def show_versions(self) -> None:
        """Versions of everything that matters, to copy into a report."""
        ReportDialog(
            self.tr("Versions"), self.tr("What this installation is made of."), report(), self._window
        ).open()

    def show_about(self) -> None:
        """What the program is."""
        dialog = _dialog(self.tr("About Neuroloom"), self._window)
        rows = dialog.layout()
        assert isinstance(rows, QVBoxLayout)
        picture = QLabel()
        picture.setPixmap(program_icon().pixmap(72, 72))
        words = QLabel(
            self.tr(
                "Draw a neural network, train it on your own data, watch it live, and leave with clean code."
            ),
            wordWrap=True,
        )
        version = QLabel(report().splitlines()[0])
        version.setProperty("role", "heading")
        for row, widget in enumerate((picture, version, words)):
            rows.insertWidget(row, widget, 0, Qt.AlignmentFlag.AlignHCenter)
        dialog.resize(380, 220)
        dialog.open()

    def _show(self, title: str, html: str) -> None:
        dialog = _dialog(title, self._window)
        text = QTextBrowser()
        text.setHtml(html)
        text.setAccessibleName(title)
        rows = dialog.layout()
        assert isinstance(rows, QVBoxLayout)
        rows.insertWidget(0, text, 1)
        dialog.open()


def _dialog(title: str, window: QWidget) -> QDialog:
    """An empty dialogue with a button that closes it."""
    dialog = QDialog(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.resize(520, 440)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    QVBoxLayout(dialog).addWidget(buttons)
    return dialog

"""Whether data may be used, said beside the button that does so: not where nothing of them could be read."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy

from studio.ui.import_look import Look


class ImportUse(QLabel):
    """Says nothing where data are sound; else what keeps them from being used, or from being trained on."""

    def __init__(self, button: QPushButton) -> None:
        super().__init__()
        self._button = button
        self.setWordWrap(True)
        self.setProperty("role", "secondary")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.show_look(None)

    def wait(self) -> None:
        """It is being read."""
        self._button.setEnabled(False)
        self._button.setToolTip(self.tr("It is still being read"))
        self.clear()

    def show_look(self, found: Look | None) -> None:
        """Let the data be used where something of them could be read."""
        self._button.setEnabled(found is not None and found.readable)
        if found is None:
            self._button.setToolTip(self.tr("Nothing is read yet that could be used"))
            self.clear()
        elif not found.readable:
            why = next((one.message for one in found.description.errors), "")
            self._button.setToolTip(
                self.tr("Nothing can be read with these settings. {why}").format(why=why).strip()
            )
            self.setText(self.tr("It cannot be used yet: nothing can be read with these settings."))
        else:
            self._button.setToolTip(self.tr("Make it the project's data, as one undo step"))
            self._tell_errors(len(found.description.errors))

    def _tell_errors(self, count: int) -> None:
        """What the project may hold, and training may not."""
        if not count:
            self.clear()
        elif count == 1:
            self.setText(
                self.tr("It can be used, but training needs the problem that is marked mended first.")
            )
        else:
            text = self.tr(
                "It can be used, but training needs the {count} problems that are marked mended first."
            )
            self.setText(text.format(count=count))

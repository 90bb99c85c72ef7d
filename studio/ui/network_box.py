"""Whether a first network is drawn for data that are taken, and why there is none."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox

from studio.ui.import_look import Look


class NetworkBox(QCheckBox):
    """Ticked where nothing is drawn yet; to be seen where data could be read."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Draw a first network"))
        self.setToolTip(self.tr("A small network that can be trained on the data at once"))

    def show_look(self, found: Look | None, *, empty: bool) -> None:
        """Offer the network that was found for data; `empty` says that nothing is drawn yet."""
        there = found is not None and found.network is not None
        self.setVisible(found is not None and (there or found.sound))
        self.setEnabled(there)
        self.setChecked(there and empty)
        if found is not None:
            self.setText(self._offer(found, empty) if there else self._reason(found))

    def _offer(self, found: Look, empty: bool) -> str:
        text = (
            self.tr("Draw a first network for it")
            if empty
            else self.tr("Draw a first network for it in place of what is drawn")
        )
        if _aims(found):
            return text
        return self.tr("{what}: one that makes its input again, since nothing is the target").format(
            what=text
        )

    def _reason(self, found: Look) -> str:
        if _aims(found):
            return self.tr("There is no first network for such inputs and targets")
        return self.tr("There is no first network: nothing is the target")


def _aims(found: Look) -> bool:
    return any(one.role == "target" for one in found.description.fields.values())

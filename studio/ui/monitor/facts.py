"""The numbers of a run in two columns: what each is called above, its value below."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from studio.train.events import Finished
from studio.ui.monitor.elided import Elided
from studio.ui.monitor.legend import number_font
from studio.ui.monitor.wording import metric_label, spread_text
from studio.ui.theme import TEXT_PX

FACTS = ("loss", "metric", "test_loss", "test_metric", "speed", "rate", "left", "best")
TEST = ("test_loss", "test_metric")
BETWEEN = 7
NONE = "–"


class Facts(QWidget):
    """Names and values, by the names of FACTS; one without a name is not shown."""

    def __init__(self) -> None:
        super().__init__()
        self._labels = {fact: QLabel() for fact in FACTS}
        self._values = {fact: Elided() for fact in FACTS}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        for index, fact in enumerate(FACTS):
            label, value = self._labels[fact], self._values[fact]
            label.setProperty("role", "small")
            label.setBuddy(value)
            value.setFont(number_font(TEXT_PX))
            value.setProperty("role", "mono")
            value.setContentsMargins(0, 0, 0, BETWEEN)
            grid.addWidget(label, index // 2 * 2, index % 2)
            grid.addWidget(value, index // 2 * 2 + 1, index % 2)
        for side in (0, 1):
            grid.setColumnStretch(side, 1)

    @property
    def shown(self) -> Mapping[str, str]:
        """What is shown, name by name."""
        seen = (fact for fact in FACTS if not self._values[fact].isHidden())
        return {self._labels[fact].text(): self._values[fact].text() for fact in seen}

    def name(self, fact: str, text: str) -> None:
        """Call a number so; it is hidden while it has no name."""
        self._labels[fact].setText(text)
        for widget in (self._labels[fact], self._values[fact]):
            widget.setVisible(bool(text))

    def set(self, fact: str, text: str) -> None:
        """Show a value."""
        self._values[fact].setText(text)

    def show_test(self, event: Finished, metric: str) -> None:
        """What the best weights came to on the test part, where there is one."""
        for fact, one in zip(TEST, ("loss", metric), strict=True):
            value = event.test.get(one)
            self.name(
                fact, "" if value is None else self.tr("{metric} (test)").format(metric=metric_label(one))
            )
            if value is not None:
                self.set(fact, spread_text(one, value, event.deviation.get(one)))

    def clear(self) -> None:
        """Show no value, and nothing of a test."""
        for fact in TEST:
            self.name(fact, "")
        for value in self._values.values():
            value.setText(NONE)

"""Makes every panel of the window and puts each into its dock."""

from __future__ import annotations

from importlib import import_module

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.catalog.registry import registry
from studio.ui.docks import Docks
from studio.ui.session import Session
from studio.ui.theme import Tokens


def _dev(module, name, *args):
    from PySide6.QtWidgets import QLabel

    class Any:
        def connect(self, *args): ...
        def __call__(self, *args): ...

    class Stand(QLabel):
        def __getattr__(self, name):
            return Any()

    try:
        return getattr(import_module("studio.ui." + module), name)(*args)
    except (ImportError, AttributeError, TypeError) as error:
        print(module, name, error)
        return Stand(f"{name} is on its way")


class Panels(QObject):
    """The canvas and the panels around it."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        known = registry()
        self.canvas = _dev("canvas.canvas", "Canvas", session, known)
        self.palette = _dev("palette", "Palette", known)
        self.inspector = _dev("inspector", "Inspector", session, known)
        self.data = _dev("settings", "DataSettings", session, known)
        self.training = _dev("settings", "TrainingSettings", session, known)
        self.curves = _dev("monitor.curves", "Curves")
        self.samples = _dev("data_view", "DataView")
        self.confusion = _dev("monitor.confusion", "Confusion")
        self.examples = _dev("monitor.examples", "Examples")
        self.predict = _dev("monitor.predict", "Predict")
        self.runs = _dev("monitor.runs", "Runs")
        self.problems = _dev("problems", "Problems")
        self.code = _dev("code", "CodePanel")
        self.log = _dev("log", "LogPanel")
        self.status = _dev("monitor.status", "Status")

    def dock(self, docks: Docks) -> None:
        """Put every panel into a dock, not placed yet."""
        docks.add("layers", self.tr("Layers"), self.palette)
        docks.add("node", self.tr("Node"), self.inspector)
        docks.add("data", self.tr("Data"), self.data)
        docks.add("training", self.tr("Training"), self.training)
        docks.add("curves", self.tr("Curves"), self.curves)
        docks.add("samples", self.tr("Samples"), self.samples)
        docks.add("confusion", self.tr("Confusion"), self.confusion)
        docks.add("examples", self.tr("Examples"), self.examples)
        docks.add("predict", self.tr("Predict"), self.predict)
        docks.add("runs", self.tr("Runs"), self.runs)
        docks.add("problems", self.tr("Problems"), self.problems)
        docks.add("code", self.tr("Code"), self.code)
        docks.add("log", self.tr("Log"), self.log)
        docks.add("status", self.tr("Run"), self.status)

    def set_tokens(self, tokens: Tokens) -> None:
        """Draw in a theme's colours."""
        for panel in self.all():
            if hasattr(panel, "set_tokens"):
                panel.set_tokens(tokens)

    def all(self) -> list[QWidget]:
        """Every panel."""
        return [value for value in vars(self).values() if isinstance(value, QWidget)]

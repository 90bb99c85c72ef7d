"""Makes every panel of the window and puts each into its dock; the palette works on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QObject

from studio.catalog.registry import registry
from studio.ui.canvas.canvas import Canvas
from studio.ui.code import CodePanel
from studio.ui.data_view import DataView
from studio.ui.docks import Docks
from studio.ui.inspector import Inspector
from studio.ui.layer_help import LayerHelp
from studio.ui.log import LogPanel
from studio.ui.monitor.confusion import Confusion
from studio.ui.monitor.curves import Curves
from studio.ui.monitor.examples import Examples
from studio.ui.monitor.predict import Predict
from studio.ui.monitor.runs import Runs
from studio.ui.monitor.status import Status
from studio.ui.palette import Palette
from studio.ui.problems import Problems
from studio.ui.session import Session
from studio.ui.settings import DataSettings, TrainingSettings
from studio.ui.theme import Tokens


class Panels(QObject):
    """The canvas and the panels around it."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        known = registry()
        self.canvas = Canvas(session, known)
        self.palette = Palette(known)
        self.inspector = Inspector(session, known)
        self.data = DataSettings(session, known)
        self.training = TrainingSettings(session, known)
        self.help = LayerHelp(session, known)
        self.curves = Curves()
        self.samples = DataView()
        self.confusion = Confusion()
        self.examples = Examples()
        self.predict = Predict()
        self.runs = Runs()
        self.problems = Problems()
        self.code = CodePanel()
        self.log = LogPanel()
        self.status = Status()
        self.palette.place_requested.connect(self.canvas.place)
        self.palette.rename_requested.connect(self.canvas.blocks.rename)
        self.palette.delete_requested.connect(self.canvas.blocks.delete)

    def dock(self, docks: Docks) -> None:
        """Put every panel into a dock, not placed yet."""
        docks.add("layers", self.tr("Layers"), self.palette)
        docks.add("node", self.tr("Node"), self.inspector)
        docks.add("data", self.tr("Data"), self.data)
        docks.add("training", self.tr("Training"), self.training)
        docks.add("help", self.tr("Help"), self.help)
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
        drawing = (
            self.canvas,
            self.palette,
            self.inspector,
            self.data,
            self.training,
            self.help,
            self.curves,
        )
        listing = (self.samples, self.confusion, self.examples, self.predict, self.runs)
        for panel in (*drawing, *listing, self.problems, self.code, self.log):
            panel.set_tokens(tokens)

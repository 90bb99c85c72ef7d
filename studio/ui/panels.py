"""Makes every panel of the window and puts each into its dock; the palette works on the canvas."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.catalog.registry import registry
from studio.ui.canvas.canvas import Canvas
from studio.ui.code import CodePanel
from studio.ui.data_view import DataView
from studio.ui.docks import Docks
from studio.ui.heat import Heat
from studio.ui.history import History
from studio.ui.inspector import Inspector
from studio.ui.layer_deeds import LayerDeeds
from studio.ui.layer_help import LayerHelp
from studio.ui.library import Library
from studio.ui.library_deeds import LibraryDeeds
from studio.ui.log import LogPanel
from studio.ui.monitor.confusion import Confusion
from studio.ui.monitor.curves import Curves
from studio.ui.monitor.examples import Examples
from studio.ui.monitor.layers_panel import LayersPanel
from studio.ui.monitor.predict import Predict
from studio.ui.monitor.runs import Runs
from studio.ui.monitor.status import Status
from studio.ui.palette import Palette
from studio.ui.problems import Problems
from studio.ui.samples.checks_panel import ChecksPanel
from studio.ui.samples.plots_panel import PlotsPanel
from studio.ui.session import Session
from studio.ui.settings import DataSettings, TrainingSettings
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.ui.window import MainWindow


class Panels(QObject):
    """The canvas and the panels around it."""

    def __init__(self, session: Session, parent: MainWindow) -> None:
        super().__init__(parent)
        known = registry()
        self.canvas = Canvas(session, known)
        self.palette = Palette(known)
        self.history = History(session)
        self.inspector = Inspector(session, known)
        self.data = DataSettings(session, known)
        self.data.trusted.connect(self.inspector.trusted)
        self.training = TrainingSettings(session, known)
        self.help = LayerHelp(session, known)
        self.curves = Curves()
        self.layers = LayersPanel()
        self.heat = Heat(session, self.canvas, self)
        LayerDeeds(session, self.canvas, self.layers, self.heat)
        self.samples = DataView()
        self.checks = ChecksPanel()
        self.plots = PlotsPanel()
        self.confusion = Confusion()
        self.examples = Examples()
        self.predict = Predict()
        self.runs = Runs()
        self.problems = Problems()
        self.code = CodePanel(lambda: session.folder)
        self.log = LogPanel()
        self.status = Status()
        for telling in (self.problems, self.inspector):
            telling.fix_aimed.connect(self.canvas.ghost.show)
        self.palette.place_requested.connect(self.canvas.place)
        self.palette.rename_requested.connect(self.canvas.blocks.rename)
        self.palette.delete_requested.connect(self.canvas.blocks.delete)
        self.palette.told.connect(self.canvas.status)
        self.palette.left.connect(self.canvas.setFocus)
        self.inspector.dragging.connect(self.canvas.blocks.arguments.target_wanted)
        self._keep_library(session, parent)

    def _keep_library(self, session: Session, window: MainWindow) -> None:
        """Blocks for every project: read when the window is there, offered by palette and search box."""
        library = self.library = Library(registry(), self)
        deeds = self.library_deeds = LibraryDeeds(session, library, self.palette)
        self.canvas.editor.library = self.help.library = library
        library.changed.connect(self._show_library)
        library.failed.connect(lambda trace: window.crash.tell(trace))  # made after the panels
        window.painted.connect(library.read)
        deeds.told.connect(self.canvas.status)
        for panel in (self.palette, self.inspector, self.canvas.blocks):
            panel.save_requested.connect(deeds.save)
        self.palette.entry_deed.connect(deeds.do)

    def _show_library(self) -> None:
        self.palette.show_library(self.library.on("mine"), self.library.on("shipped"))

    def dock(self, docks: Docks) -> None:
        """Put every panel into a dock, not placed yet."""
        self.canvas.values.large.connect(lambda param: self._edit(docks, param))
        docks.add("layers", self.tr("Layers"), self.palette)
        docks.add("history", self.tr("History"), self.history)
        docks.add("node", self.tr("Node"), self.inspector)
        docks.add("data", self.tr("Data"), self.data)
        docks.add("training", self.tr("Training"), self.training)
        docks.add("help", self.tr("Help"), self.help)
        docks.add("curves", self.tr("Curves"), self.curves)
        docks.add("statistics", self.tr("Statistics"), self.layers)
        docks.add("samples", self.tr("Samples"), self.samples)
        docks.add("checks", self.tr("Checks"), self.checks)
        docks.add("plots", self.tr("Plots"), self.plots)
        self.checks.counted.connect(partial(docks.count, "checks"))
        docks.add("confusion", self.tr("Confusion"), self.confusion)
        docks.add("examples", self.tr("Examples"), self.examples)
        docks.add("predict", self.tr("Predict"), self.predict)
        docks.add("runs", self.tr("Runs"), self.runs)
        docks.add("problems", self.tr("Problems"), self.problems)
        docks.add("code", self.tr("Code"), self.code)
        docks.add("log", self.tr("Log"), self.log)
        docks.add("status", self.tr("Run"), self.status)

    def _edit(self, docks: Docks, param: str) -> None:
        """Edit a parameter of the selected node in the inspector."""
        docks.reveal("node")
        self.inspector.edit(param)

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
        listing = (
            self.layers,
            self.heat,
            self.samples,
            self.checks,
            self.plots,
            self.confusion,
            self.examples,
            self.predict,
            self.runs,
        )
        for panel in (*drawing, *listing, self.problems, self.code, self.log, self.history):
            panel.set_tokens(tokens)

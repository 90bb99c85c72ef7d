"""The menus Model, Data, Train, Tools and Help."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from studio.ui.window import MainWindow


class ModelMenus(QObject):
    """Fills Model, Data, Train, Tools and Help."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._make = window.actions_by_name.make
        self._model()
        self._data()
        self._train()
        self._tools()
        self._help()

    def _menu(self, title: str) -> QMenu:
        return self._window.menuBar().addMenu(title)

    def _model(self) -> None:
        window, make, show = self._window, self._make, self._window.docks.reveal
        menu = self._menu(self.tr("&Model"))
        tip = self.tr("Search for a layer to place")
        keys = ("Ctrl+L", "/")
        add = make(
            "model.add", self.tr("&Add a layer…"), window.commands.search_layers, tip=tip, shortcut=keys
        )
        menu.addAction(add)
        tip = self.tr("Show the parameters of the selected node")
        menu.addAction(make("model.node", self.tr("&Parameters of the node"), partial(show, "node"), tip=tip))
        menu.addSeparator()
        tip = self.tr("Check the drawing and its settings again")
        menu.addAction(make("model.check", self.tr("&Check"), window.check_again, tip=tip, shortcut="F7"))
        tip = self.tr("Go to the next problem")
        next_one = make(
            "model.next", self.tr("&Next problem"), window.commands.next_problem, tip=tip, shortcut="F8"
        )
        menu.addAction(next_one)
        tip = self.tr("List all problems")
        menu.addAction(make("model.problems", self.tr("Pr&oblems"), partial(show, "problems"), tip=tip))
        menu.addSeparator()
        tip = self.tr("Show the network as code: in PyTorch or Keras, alone or as a whole program")
        menu.addAction(make("model.code", self.tr("Co&de"), partial(show, "code"), tip=tip))
        menu.addAction(window.actions_by_name["file.export"])

    def _data(self) -> None:
        window, make, show = self._window, self._make, self._window.docks.reveal
        menu = self._menu(self.tr("&Data"))
        tip = self.tr("Choose the data, its parts and its scaling")
        settings = make("data.settings", self.tr("&Settings"), partial(show, "data"), tip=tip)
        menu.addAction(settings)
        tip = self.tr("Look at samples and count classes")
        menu.addAction(make("data.samples", self.tr("S&amples"), partial(show, "samples"), tip=tip))
        menu.addSeparator()
        importing = window.importing
        tip = self.tr("Take a file or a folder of your own: it is recognised and shown first")
        keys = "Ctrl+Shift+I"
        menu.addAction(make("data.import", self.tr("&Import…"), importing.ask, tip=tip, shortcut=keys))
        tip = self.tr("Take what was copied: a file, its path, or the name of a data set")
        menu.addAction(make("data.paste", self.tr("&Paste data"), importing.paste, tip=tip))
        sets = menu.addMenu(self.tr("Take a &built-in set"))
        for name in importing.built_in():
            tip = self.tr("Take the data set {} that ships with scikit-learn").format(name)
            take = partial(importing.take_built_in, name)
            sets.addAction(make(f"data.set.{name}", name.replace("_", " "), take, tip=tip))
        menu.addSeparator()
        tip = self.tr("Read the data again")
        menu.addAction(make("data.again", self.tr("&Read again"), window.check_again, tip=tip))

    def _train(self) -> None:
        window, make, show = self._window, self._make, self._window.docks.reveal
        training = window.training
        menu = self._menu(self.tr("&Train"))
        tip = self.tr("Train the network")
        menu.addAction(
            make("train.start", self.tr("&Train"), training.start, tip=tip, shortcut="F5", icon="train")
        )
        tip = self.tr("Pause training, or go on")
        pause = make("train.pause", self.tr("&Pause"), training.toggle_pause, tip=tip, icon="pause")
        pause.setShortcut("Ctrl+F5")
        menu.addAction(pause)
        tip = self.tr("Stop training; a checkpoint is kept")
        stop = make("train.stop", self.tr("&Stop"), training.stop, tip=tip, shortcut="Shift+F5", icon="stop")
        menu.addAction(stop)
        tip = self.tr("Go on with the last run where it stopped")
        menu.addAction(
            make("train.resume", self.tr("&Go on with the last run"), window.commands.resume_last, tip=tip)
        )
        tip = self.tr("Let the project as it is now wait for its turn, while another one trains")
        queue = make("train.queue", self.tr("Add to the &queue"), window.run_deeds.add_to_queue, tip=tip)
        menu.addAction(queue)
        tip = self.tr("Write a checkpoint now")
        menu.addAction(make("train.save", self.tr("Save a &checkpoint"), training.save_now, tip=tip))
        menu.addSeparator()
        tip = self.tr("Epochs, batch size, optimizer and schedule")
        menu.addAction(make("train.settings", self.tr("S&ettings"), partial(show, "training"), tip=tip))
        tip = self.tr("Try growing learning rates in the background, and draw the loss")
        menu.addAction(
            make("train.rate", self.tr("Find a &learning rate…"), window.commands.rates.open, tip=tip)
        )
        tip = self.tr("Train the drawing in TensorFlow too, from the same weights, and compare the curves")
        beside = self.tr("Train &beside TensorFlow…")
        menu.addAction(make("train.beside", beside, window.commands.beside.open, tip=tip))
        menu.addMenu(window.device_menu)
        menu.addSeparator()
        panels = (
            ("curves", self.tr("Cu&rves"), self.tr("Show loss and metrics over time")),
            ("runs", self.tr("R&uns"), self.tr("Show earlier runs")),
            ("confusion", self.tr("C&onfusion"), self.tr("Show which classes are taken for which")),
            ("examples", self.tr("E&xamples"), self.tr("Show predictions, the worst first")),
            ("predict", self.tr("Pred&ict"), self.tr("Try the trained network on new input")),
        )
        for name, text, tip in panels:
            menu.addAction(make(f"train.show.{name}", text, partial(show, name), tip=tip))

    def _tools(self) -> None:
        window, make = self._window, self._make
        menu = self._menu(self.tr("T&ools"))
        tip = self.tr("Find any command by a few letters")
        commands = make("tools.commands", self.tr("&Commands…"), window.commands.show_commands, tip=tip)
        commands.setShortcut("Ctrl+K")
        menu.addAction(commands)
        menu.addSeparator()
        tip = self.tr("Show what happened in this session")
        menu.addAction(make("tools.log", self.tr("&Log"), partial(window.docks.reveal, "log"), tip=tip))
        tip = self.tr("Open the folder that holds the runs of this project")
        menu.addAction(
            make("tools.runs", self.tr("Open the &runs' folder"), window.commands.open_runs_folder, tip=tip)
        )
        tip = self.tr("Open the folder of settings and recovery copies")
        menu.addAction(
            make("tools.home", self.tr("Open the &program's folder"), window.commands.open_home, tip=tip)
        )

    def _help(self) -> None:
        window, make = self._window, self._make
        menu = self._menu(self.tr("&Help"))
        tip = self.tr("The first five minutes")
        menu.addAction(
            make("help.start", self.tr("&First steps"), window.help.show_first_steps, tip=tip, shortcut="F1")
        )
        tip = self.tr("All keyboard shortcuts")
        menu.addAction(make("help.keys", self.tr("&Keyboard shortcuts"), window.help.show_keys, tip=tip))
        tip = self.tr("What the selected layer does, with its own numbers")
        show = lambda: window.docks.reveal("help")  # noqa: E731
        menu.addAction(
            make("help.layer", self.tr("About the selected &layer"), show, tip=tip, shortcut="Shift+F1")
        )
        tip = self.tr("Open PyTorch's own page about the selected layer in the browser")
        menu.addAction(
            make("help.page", self.tr("&PyTorch's page on it"), window.help.open_layer_page, tip=tip)
        )
        menu.addSeparator()
        tip = self.tr("Versions of everything that matters, to copy")
        menu.addAction(make("help.versions", self.tr("&Versions"), window.help.show_versions, tip=tip))
        tip = self.tr("What Neuroloom is")
        about = make("help.about", self.tr("&About Neuroloom"), window.help.show_about, tip=tip)
        about.setMenuRole(QAction.MenuRole.AboutRole)
        menu.addAction(about)

"""The window in which data are taken: what they seem to be and why, a preview, their columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from studio.catalog.registry import Registry
from studio.errors import Fix
from studio.project.project import Data, Project, Setting
from studio.ui.background import Background
from studio.ui.card import label, small_button
from studio.ui.column_table import ColumnTable
from studio.ui.described import PartsBar, part_title
from studio.ui.import_carried import carried_over
from studio.ui.import_kinds import ImportKinds, column_of
from studio.ui.import_look import Look, look
from studio.ui.import_preview import ImportPreview
from studio.ui.import_use import ImportUse
from studio.ui.monitor.wording import grouped
from studio.ui.network_box import NetworkBox
from studio.ui.problem_stack import ProblemStack, at_fields
from studio.ui.reading_bar import ReadingBar
from studio.ui.session import Session
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.data.guess import Recognised

_translate = QCoreApplication.translate
SIZE = (1180, 730)
MOST_NAMES = 3
"""So many columns that are predicted are named above the preview."""
Edit = Callable[[Data], Data]


class ImportWindow(QDialog):
    """Over the window until the data are taken or it is closed; nothing of the project changes before."""

    taken = Signal(object, object)
    """The Data, and the Project with a first network where one is wanted, else None."""

    def __init__(self, session: Session, registry: Registry, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._data, self._look = Data(), None
        self._asked: object = None
        self._fresh = self._carried = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Import data"))
        self.resize(*SIZE)
        self.kinds = ImportKinds(registry, lambda: session.folder)
        self.preview, self.columns = ImportPreview(), ColumnTable()
        self._make_head()
        self._make_result()
        self._make_buttons()
        self._arrange()
        self.set_tokens(tokens)
        self._finder, self._reader = Background(self), Background(self)
        self._finder.done.connect(self._show_recognised)
        self._reader.done.connect(self._show_look)
        for background in (self._finder, self._reader):
            background.failed.connect(self._show_failure)
        self._finder.failed.connect(lambda _error: self.kinds.forget())
        self.finished.connect(self._reader.give_up)
        self.kinds.chosen.connect(self._choose)
        self.columns.edited.connect(self._change)
        self.say_nothing()

    def look_at(self, what: str | Path) -> None:
        """Find out what a file or folder, or a text that names one, holds."""
        self._line.setText(str(what).strip())
        self._look, self._fresh = None, True
        self._tell_state(self.tr("Looking at it …"), busy=True)
        self._finder.request(partial(_recognised, what, self._session.folder))

    def say_nothing(self) -> None:
        """Nothing is chosen yet."""
        self._tell_state("")
        text = self.tr("Choose a file or a folder above, drop it here, or paste its path.")
        self.preview.say(self.tr("No data yet"), text)
        self._show_result(None)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        for part in (self.preview, self.columns, self._parts, self._stack):
            part.set_tokens(tokens)

    # ---- making

    def _make_head(self) -> None:
        self._line = _Line()
        self._line.setPlaceholderText(self.tr("A file, a folder, or the name of a data set"))
        self._line.setAccessibleName(self.tr("What is imported"))
        self._line.setToolTip(self.tr("A path, or a name such as user/name; Enter looks at it"))
        self._line.setProperty("mono", True)
        self._line.entered.connect(lambda: self.look_at(self._line.text()))
        self._file = small_button(self.tr("File…"), self.tr("Choose a file"))
        self._folder = small_button(self.tr("Folder…"), self.tr("Choose a folder"))
        for button, slot in ((self._file, self.ask_file), (self._folder, self.ask_folder)):
            button.setAutoDefault(False)
            button.clicked.connect(slot)
        self._told = label("", "secondary", wrapped=True)
        self._busy = ReadingBar()
        self._busy.said.connect(lambda text: self._tell_state(text, busy=True))

    def _make_result(self) -> None:
        self._summary, self._parts = label("", "section", wrapped=True), PartsBar()
        self._stack = ProblemStack()
        self._stack.fix_requested.connect(self._mend)
        self._fetch = small_button(
            self.tr("Download it and look"), self.tr("Get the data set from the Hugging Face hub")
        )
        self._fetch.setAutoDefault(False)
        self._fetch.clicked.connect(lambda: self.kinds.set_param("download", True))

    def _make_buttons(self) -> None:
        self.network = NetworkBox()
        self._buttons = QDialogButtonBox()
        self.use_button = self._buttons.addButton(
            self.tr("Use this data"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self._use_told = ImportUse(self.use_button)
        cancel = self._buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        cancel.setToolTip(self.tr("Leave the project as it is"))
        cancel.setAutoDefault(False)  # the focus comes to it while the other is off: Enter must not close
        self._buttons.accepted.connect(self._use)
        self._buttons.rejected.connect(self.reject)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._line, 1)
        for widget in (self._file, self._folder):
            top.addWidget(widget)
        right = QWidget()
        column = column_of(right)
        for widget, stretch in (
            (self._summary, 0),
            (self._parts, 0),
            (self.preview, 5),
            (self._stack, 0),
            (self.columns, 4),
        ):
            column.addWidget(widget, stretch)
        column.insertWidget(2, self._fetch, 0, Qt.AlignmentFlag.AlignLeft)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.kinds)
        middle.addWidget(right, 1)
        below = QHBoxLayout()
        below.addWidget(self.network)
        below.addWidget(self._use_told, 1)
        below.addWidget(self._buttons)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 12, 14, 12)
        whole.setSpacing(8)
        whole.addLayout(top)
        whole.addWidget(self._told)
        whole.addWidget(self._busy)
        whole.addLayout(middle, 1)
        whole.addLayout(below)

    # ---- choosing

    def ask_file(self) -> None:
        """Choose a file."""
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a file"), str(self._session.folder))
        if name:
            self.look_at(Path(name))

    def ask_folder(self) -> None:
        """Choose a folder."""
        name = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder"), str(self._session.folder))
        if name:
            self.look_at(Path(name))

    def _show_recognised(self, found: tuple[Recognised, Path | None]) -> None:
        recognised, path = found
        self._tell_state(recognised.told)
        if not recognised.proposals:
            self._data = Data()
            text = self.tr("If you know what it is, choose it under “Something else…”.") if path else ""
            self.preview.say(self.tr("Nothing that is known"), text or recognised.told)
            self._show_result(None)
        self.kinds.show_recognised(recognised, path)

    def _choose(self) -> None:
        setting = self.kinds.setting
        if setting is None:
            return
        before = self._data
        if not _same_files(before.source, setting):
            before, self._carried = self._session.project.data, True
        self._data, self._look = carried_over(before, setting), None
        if setting.type == "HuggingFace" and not setting.params.get("download") and not self._on_disk():
            self._show_result(None)
            text = self.tr("It lies on the Hugging Face hub. It is downloaded only if you want it.")
            self.preview.say(setting.type, text)
            self._fetch.show()
        else:
            self._read()

    def _on_disk(self) -> bool:
        setting, folder = self._data.source, self._session.folder
        return any(value and (folder / str(value)).exists() for value in setting.params.values())

    def _change(self, edit: Edit, _label: str) -> None:
        self._data = edit(self._data)
        self._read()

    def _mend(self, fix: Fix) -> None:
        """Do a repair to what is to be imported; the project gets it with the data."""
        mended: Project = fix.edit(replace(self._session.project, data=self._data))
        self._data, self._fresh = mended.data, True
        self._read()

    def _read(self) -> None:
        self._busy.show()
        self._use_told.wait()
        project, data, folder = self._session.project, self._data, self._session.folder
        self._asked, carried = data, self._carried
        self._reader.request(partial(look, project, data, folder, carried=carried))

    # ---- showing

    def _show_look(self, found: Look) -> None:
        if found.asked is not self._asked:
            return
        self._data, self._carried = found.data, False
        self.kinds.take_proposed(found.data.source)
        self._busy.hide()
        if found.cards:
            self.preview.show_cards(found.cards)
        elif found.rows:
            self.preview.show_rows(found.titles, found.rows)
        else:
            self.preview.say(self.tr("Nothing can be shown"), self.tr("What is wrong is marked."))
        self._show_result(found)
        if self._fresh:
            self._fresh = False
            self.use_button.setFocus()

    def _show_result(self, found: Look | None) -> None:
        self._look = found
        self._fetch.hide()
        for part in (self._summary, self._parts, self._stack, self.columns):
            part.setVisible(found is not None)
        self._use_told.show_look(found)
        self.network.show_look(found, empty=not self._session.project.graph.nodes)
        if found is None:
            return
        told = found.description
        errors = [one for one in told.problems if one.severity == "error"]
        marked, rest = at_fields(errors, self.kinds.params(), "data.")
        self.kinds.show_problems(marked)
        warnings = [one for one in told.problems if one.severity != "error"]
        self._stack.show_problems([*rest, *warnings], name_shown=False)
        self._summary.setText(_summary(found))
        self._summary.setVisible(bool(told.samples))
        self._parts.show_parts(told.parts)
        self.columns.show_facts(told.facts, told.samples)
        self.columns.setVisible(bool(told.facts))

    def _show_failure(self, error: Exception) -> None:
        self._show_result(None)
        self._tell_state(str(error))
        self.preview.say(self.tr("The data could not be read"), str(error))

    def _tell_state(self, text: str, *, busy: bool = False) -> None:
        self._told.setText(text)
        self._told.setVisible(bool(text))
        self._busy.setVisible(busy)

    def _use(self) -> None:
        if self._look is None or not self.use_button.isEnabled():
            return
        network: Project | None = self._look.network if self.network.isChecked() else None
        self.taken.emit(self._look.data, network)
        self.accept()


def _summary(found: Look) -> str:
    """How many samples each part has, what is predicted, and what counts as it was set before."""
    told = found.description
    used = sum(told.parts.values()) or told.samples
    total = _translate("ImportWindow", "{count} samples").format(count=grouped(used))
    if used < told.samples:  # windows that cover moments of two parts are in none
        total = _translate("ImportWindow", "{used} of {count} samples").format(
            used=grouped(used), count=grouped(told.samples)
        )
    counts = [f"{part_title(part)} {grouped(count)}" for part, count in told.parts.items()]
    names = [one.name for one in told.facts if one.role == "target"]
    listed = ", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")
    predicted = [_translate("ImportWindow", "predicts {names}").format(names=listed)] if names else []
    kept = _translate("ImportWindow", "as set before: {names}").format(names=", ".join(found.kept))
    return " · ".join([total, *counts, *predicted, *([kept] if found.kept else [])])


def _same_files(one: Setting, other: Setting) -> bool:
    """Whether two settings read the same columns, so that what was said of them still counts."""
    paths = [[setting.params.get(name) for name in ("path", "folder", "masks")] for setting in (one, other)]
    return one.type == other.type and paths[0] == paths[1]


class _Line(QLineEdit):
    """A line whose Enter looks at it, and does not press the window's button."""

    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)


def _recognised(what: str | Path, folder: Path) -> tuple[Recognised, Path | None]:
    """What it may be, and the path where it is one."""
    from studio.data.recognise import existing, plain_path, recognise

    found = recognise(what, folder)
    path = what if isinstance(what, Path) else existing(plain_path(what), folder)
    return found, path if path is not None and path.exists() else None

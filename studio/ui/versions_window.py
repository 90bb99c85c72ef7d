"""The window of versions: what was kept of the open project, to be looked at, restored, named and deleted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from studio.catalog.paths import rebase
from studio.errors import StudioError
from studio.project.project import Project
from studio.project.versions import Shelf, Version, shelves
from studio.ui.ask_name import AskName
from studio.ui.background import Background
from studio.ui.files import Files
from studio.ui.monitor.ask import complain, confirm
from studio.ui.monitor.empty import OrEmpty
from studio.ui.session import Session
from studio.ui.theme import Tokens
from studio.ui.version_actions import button_of, made
from studio.ui.version_rows import VERSION, VersionDelegate, VersionRows, read_detail
from studio.ui.version_words import exactly

SIZE = (640, 560)
LONGEST_NAME = 60


class VersionsWindow(QDialog):
    """Over the window until it is closed; restoring is one undo step of the project."""

    def __init__(self, session: Session, files: Files, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._files = session, files
        self._own = self._shelf = files.versions.shelf
        self._seen: list[Version] = []
        self._actions: dict[str, QAction] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Versions of {}").format(files.title))
        self.resize(*SIZE)
        self._rows = VersionRows(self)
        self._delegate = VersionDelegate()
        self._delegate.set_tokens(tokens)
        self._lister, self._reader = Background(self), Background(self)
        self._lister.done.connect(self._show)
        self._finder = Background(self)
        self._finder.done.connect(self._offer)
        self._reader.done.connect(self._show_detail)
        self._rows.wanted.connect(self._read)
        self._asking = AskName(self)
        self._asking.set_tokens(tokens)
        self._make_actions()
        self._make_list()
        self._arrange()
        files.versions.written.connect(self.refresh)
        self.finished.connect(self._close)
        folder = files.versions.folder
        self._finder.request(lambda: shelves(folder))
        self.refresh()

    @property
    def view(self) -> QTreeView:
        """The list, for keyboard and mouse."""
        return self._list

    def refresh(self) -> None:
        """List what is on disk now."""
        self._lister.request(self._shelf.listed)

    # ---- making

    def _make_actions(self) -> None:
        entries = (
            ("restore", self.tr("Restore"), self._restore, None,
             self.tr("Make the project what it was then; undo brings back what is there now")),
            ("copy", self.tr("Open as a copy"), self._open_copy, None,
             self.tr("Open it as a project of its own, which is not saved yet")),
            ("name", self.tr("Name…"), self._ask_name, Qt.Key.Key_F2,
             self.tr("Give it a name; a version with a name is kept for ever")),
            ("keep", self.tr("Keep for ever"), self._toggle_kept, Qt.Key.Key_Space,
             self.tr("Keep it however old it gets, or no longer")),
            ("delete", self.tr("Delete…"), self._ask_delete, Qt.Key.Key_Delete,
             self.tr("Delete it from the disk")),
        )  # fmt: skip
        for name, text, act, key, tip in entries:
            self._actions[name] = made(self, text, act, key, tip)

    def _make_list(self) -> None:
        self._list = QTreeView()
        self._list.setModel(self._rows)
        self._list.setItemDelegate(self._delegate)
        self._list.setRootIsDecorated(False)
        self._list.setUniformRowHeights(True)
        self._list.setHeaderHidden(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self._list.setAccessibleName(self.tr("Versions"))
        self._list.setToolTip(self.tr("The latest first; Enter restores the one that is chosen"))
        self._list.addActions(list(self._actions.values()))
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._list.activated.connect(self._actions["restore"].trigger)
        self._list.selectionModel().currentChanged.connect(lambda *_: self._enable())

    def _arrange(self) -> None:
        self._owner = QComboBox()
        self._owner.setAccessibleName(self.tr("Project"))
        self._owner.setToolTip(
            self.tr("Whose versions are listed; those of files that are gone are here too")
        )
        self._owner.addItem(self.tr("This project"), self._own)
        self._owner.activated.connect(self._turn)
        self._owner.hide()
        self._body = OrEmpty()
        self._body.addWidget(self._list)
        self._broken = QLabel(wordWrap=True)
        self._broken.setProperty("role", "warning")
        self._broken.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for name in ("restore", "copy", "name", "keep", "delete"):
            buttons.addWidget(button_of(self._actions[name]))
        buttons.addStretch(1)
        closing = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        closing.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        closing.rejected.connect(self.reject)
        buttons.addWidget(closing)
        rows = QVBoxLayout(self)
        rows.addWidget(self._owner)
        rows.addWidget(self._body, 1)
        rows.addWidget(self._broken)
        rows.addLayout(buttons)
        self._list.setFocus()

    # ---- what is shown

    def _offer(self, found: list[Shelf]) -> None:
        """Other projects have versions too."""
        for shelf in found:
            if shelf.folder != self._own.folder:
                path = Path(shelf.owner)
                never = self.tr("{name}, never saved").format(name=shelf.owner)
                text = f"{path.name} – {path.parent}" if path.is_absolute() else never
                self._owner.addItem(text, shelf)
        self._owner.setVisible(self._owner.count() > 1)

    def _turn(self) -> None:
        """List the versions of another project."""
        self._shelf = self._owner.currentData()
        self._seen.clear()
        self.refresh()

    def _show(self, answer: tuple[list[Version], list[Path]]) -> None:
        versions, broken = answer
        chosen = self._chosen
        self._rows.show_versions(versions)
        files = [one.file for one in versions]
        row = files.index(chosen.file) if chosen is not None and chosen.file in files else 0
        self._list.setCurrentIndex(self._rows.index(min(row, len(versions) - 1)))
        if broken:
            names = ", ".join(path.name for path in broken[:3]) + (" …" if len(broken) > 3 else "")
            self._broken.setText(self.tr("Cannot be read and left out: {names}").format(names=names))
            self._broken.setToolTip("\n".join(str(path) for path in broken))
        self._broken.setVisible(bool(broken))
        if versions:
            had_focus = self._list.isVisible()
            self._body.show_body()
            if not had_focus:
                self._list.setFocus()
        else:
            hint = self.tr("One is kept at each save, before each training, and every ten minutes of work.")
            self._body.say(self.tr("No versions yet"), hint)
        self._enable()

    def _read(self, version: Version) -> None:
        """Read a version that is seen, one at a time."""
        if version not in self._seen:
            self._seen.append(version)
            if not self._reader.busy:
                self._read_next()

    def _read_next(self) -> None:
        if self._seen:
            now = self._session.project if self._shelf == self._own else None
            self._reader.request(partial(read_detail, self._seen[0], now))

    def _show_detail(self, answer: tuple[Version, bytes, str, bool]) -> None:
        self._rows.show_detail(answer)
        if answer[0] in self._seen:
            self._seen.remove(answer[0])
        self._read_next()

    @property
    def _chosen(self) -> Version | None:
        index = self._list.currentIndex()
        return index.data(VERSION) if index.isValid() else None

    def _enable(self) -> None:
        chosen = self._chosen
        for action in self._actions.values():
            action.setEnabled(chosen is not None)
        self._actions["restore"].setEnabled(chosen is not None and self._shelf == self._own)
        kept = chosen is not None and chosen.about.kept
        self._actions["keep"].setText(self.tr("No longer keep") if kept else self.tr("Keep for ever"))

    # ---- what is done

    def _restore(self) -> None:
        chosen, project = self._chosen, self._project()
        if chosen is not None and project is not None:
            self._files.versions.keep("restore")
            when = chosen.about.name or exactly(chosen.about.time)
            self.accept()
            self._session.commit(project, self.tr("Restore the version {when}").format(when=when))

    def _open_copy(self) -> None:
        chosen, project = self._chosen, self._project()
        base = self._session.folder
        if chosen is not None and self._shelf != self._own:
            base = Path(chosen.about.folder)
        if project is not None and self._files.may_discard():
            self.accept()
            self._session.new(project, base=base)

    def _project(self) -> Project | None:
        """The chosen version's project, its paths as they must be here; None, and told, if it is broken."""
        chosen = self._chosen
        try:
            project = chosen.project() if chosen is not None else None
        except StudioError as error:
            complain(self, error)
            return None
        here = self._session.folder
        if chosen is None or project is None or self._shelf != self._own or Path(chosen.about.folder) == here:
            return project
        return rebase(project, Path(chosen.about.folder), here)

    def _ask_name(self) -> None:
        chosen = self._chosen
        if chosen is not None:
            place = self._list.visualRect(self._list.currentIndex()).topLeft()
            at = self._list.viewport().mapTo(self, place) + QPoint(150, 4)
            title = self.tr("A name for the version of {when}").format(when=exactly(chosen.about.time))
            self._asking.ask(at, title, chosen.about.name, self._wrong_name, partial(self._name, chosen))

    def _wrong_name(self, name: str) -> str | None:
        return (
            self.tr("at most {count} letters").format(count=LONGEST_NAME)
            if len(name) > LONGEST_NAME
            else None
        )

    def _name(self, version: Version, name: str) -> None:
        self._change(lambda: version.changed(name=name, kept=bool(name) or version.about.kept))

    def _toggle_kept(self) -> None:
        chosen = self._chosen
        if chosen is not None:
            self._change(lambda: chosen.changed(kept=not chosen.about.kept))

    def _ask_delete(self) -> None:
        chosen = self._chosen
        if chosen is not None:
            question = self.tr("Delete the version of {when}?").format(when=exactly(chosen.about.time))
            details = self.tr("It is deleted for good; the project itself stays as it is.")
            delete = partial(self._change, chosen.delete)
            confirm(self, question, details, self.tr("Delete"), delete)

    def _change(self, change: Callable[[], object]) -> None:
        try:
            change()
        except StudioError as error:
            complain(self, error)
        self.refresh()

    def _close(self) -> None:
        for background in (self._lister, self._reader, self._finder):
            background.close()

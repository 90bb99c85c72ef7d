"""What can be done with the selected samples, by menu and keys; each deed is one edit of the settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence
from PySide6.QtWidgets import QMenu

from studio.errors import Fix
from studio.project import sample_edits
from studio.project.project import Project
from studio.ui.monitor.wording import grouped
from studio.ui.samples.browser import Browser

if TYPE_CHECKING:
    from studio.data.browsing.opened import Opened
    from studio.data.browsing.seen import Seen

WEIGHTS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
MOST_CLASSES = 40
"""Classes that a menu offers."""
Edit = Callable[[Project], Project]


class Deeds(QObject):
    """Excludes, takes in, relabels and weights the samples that are selected."""

    edit_wanted = Signal(object)
    """A Fix: the edit and its label."""
    detail_wanted = Signal()

    def __init__(self, browser: Browser) -> None:
        super().__init__(browser)
        self._browser = browser
        self.menu = QMenu(browser)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        self._relabel, self._weigh = QMenu(browser), QMenu(browser)
        self._open = self._action(self.tr("Look at it"), QKeySequence(), self.detail_wanted.emit)
        self._exclude = self._action("", QKeySequence(Qt.Key.Key_Delete), self._leave_out)
        self._back = self._action(
            self.tr("Take all changes back"), QKeySequence("Shift+Del"), self._take_back
        )
        self._folder = self._action(self.tr("Show in the file manager"), QKeySequence(), self._show_file)
        browser.menu_wanted.connect(lambda at: self.menu.popup(at))

    def _action(self, text: str, keys: QKeySequence, deed: Callable[[], object]) -> QAction:
        action = QAction(text, self)
        action.setShortcut(keys)
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda _checked=False: deed())
        self._browser.addAction(action)
        return action

    # ---- the menu

    def _fill(self) -> None:
        """What fits the samples that are selected now."""
        self.menu.clear()
        rows, opened = self._chosen()
        if not rows or opened is None:
            return
        self.menu.addAction(self._open)
        self.menu.addSeparator()
        self._exclude.setText(self._words(rows, opened))
        self.menu.addAction(self._exclude)
        self._fill_labels(opened)
        self._fill_weights()
        self._back.setEnabled(bool(set(rows) & set(opened.changed().tolist())))
        self.menu.addAction(self._back)
        from studio.data.browsing.detail import path_of

        if path_of(opened, rows[0]) is not None:
            self.menu.addSeparator()
            self.menu.addAction(self._folder)

    def _words(self, rows: list[int], opened: Opened) -> str:
        if opened.excluded[rows].all():
            return self.tr("Take in again")
        return self.tr("Exclude {count}").format(count=grouped(len(rows)))

    def _fill_labels(self, opened: Opened) -> None:
        self._relabel.clear()
        targets = [one for one in opened.targets if one.kind == "category" and one.whole and not one.shape]
        for target in targets[:1]:
            self._relabel.setTitle(self.tr("Relabel {column} as").format(column=target.name))
            for name in _classes(opened, target)[:MOST_CLASSES]:
                self._relabel.addAction(name).triggered.connect(
                    lambda _checked=False, target=target, name=name: self._give_label(target.of, name)
                )
            self.menu.addMenu(self._relabel)

    def _fill_weights(self) -> None:
        self._weigh.clear()
        self._weigh.setTitle(self.tr("Seen in an epoch"))
        for weight in WEIGHTS:
            text = (
                self.tr("once") if weight == 1.0 else self.tr("{weight} times").format(weight=f"{weight:g}")
            )
            self._weigh.addAction(text).triggered.connect(
                lambda _checked=False, weight=weight: self._give_weight(weight)
            )
        self.menu.addMenu(self._weigh)

    # ---- the deeds

    def _leave_out(self) -> None:
        rows, opened = self._chosen()
        if not rows or opened is None:
            return
        keys = opened.keys(rows)
        if opened.excluded[rows].all():
            self._want(self.tr("Take in {count} samples"), keys, partial(sample_edits.include, keys=keys))
        else:
            self._want(self.tr("Exclude {count} samples"), keys, partial(sample_edits.exclude, keys=keys))

    def _give_label(self, column: str, name: str) -> None:
        rows, opened = self._chosen()
        if rows and opened is not None:
            labels = dict.fromkeys(opened.keys(rows), name)
            edit = partial(sample_edits.relabel, column=column, labels=labels)
            self._want(self.tr("Relabel {count} samples"), tuple(labels), edit)

    def _give_weight(self, weight: float) -> None:
        rows, opened = self._chosen()
        if rows and opened is not None:
            weights = dict.fromkeys(opened.keys(rows), weight)
            edit = partial(sample_edits.weigh, weights=weights)
            self._want(self.tr("Weight {count} samples"), tuple(weights), edit)

    def _take_back(self) -> None:
        rows, opened = self._chosen()
        if rows and opened is not None:
            keys = opened.keys(rows)
            self._want(self.tr("Take back {count} samples"), keys, partial(sample_edits.take_back, keys=keys))

    def _show_file(self) -> None:
        rows, opened = self._chosen()
        if rows and opened is not None:
            from studio.data.browsing.detail import path_of

            show_in_folder(path_of(opened, rows[0]))

    def _want(self, label: str, keys: tuple[str, ...], edit: Edit) -> None:
        self.edit_wanted.emit(Fix(label.format(count=grouped(len(keys))), edit))

    def _chosen(self) -> tuple[list[int], Opened | None]:
        return self._browser.chosen(), self._browser.pages.opened


def show_in_folder(path: Path | None) -> None:
    """Open the folder of a file in the system's file manager."""
    if path is not None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def _classes(opened: Opened, target: Seen) -> tuple[str, ...]:
    """The classes that are known without reading all samples."""
    if target.classes is not None:
        return target.classes
    if opened.ready is not None and target.of in opened.ready.named:
        return opened.ready.raw.fields[opened.ready.named[target.of]].classes or ()
    return ()

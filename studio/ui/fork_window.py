"""Begins a run where another one stood: from which checkpoint, with which drawing, what is carried over."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.errors import StudioError
from studio.project.project import Project
from studio.train.fork import Fork, create_fork, plan_fork
from studio.train.kept import Kept, list_kept
from studio.train.runs import data_folder, run_project
from studio.ui.background import Background
from studio.ui.monitor.ask import complain
from studio.ui.monitor.legend import number_font
from studio.ui.monitor.run_record import shape_text
from studio.ui.monitor.wording import number
from studio.ui.session import Session
from studio.ui.spin import Spin
from studio.ui.theme import Tokens

SIZE = (560, 520)
MOST_EPOCHS = 1_000_000


class ForkWindow(QDialog):
    """Shows what would be kept, initialised afresh and dropped before anything starts."""

    made = Signal(Path, bool)
    """The new run's folder, and whether it is to wait in the queue."""

    def __init__(self, run: Path, which: str, session: Session, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._run, self._which, self._session, self._tokens = run, which, session, tokens
        self._fork: Fork | None = None
        self._project: Project | None = None
        self._reader, self._planner = Background(self), Background(self)
        self._checkpoint, self._drawing, self._epochs = QComboBox(), QComboBox(), Spin()
        self._weights = QTreeWidget()
        self._words = QLabel(wordWrap=True)
        self._train, self._queue = QPushButton(self.tr("Train")), QPushButton(self.tr("Add to queue"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Fork {run}").format(run=run.name))
        self.resize(*SIZE)
        self._arrange()
        self._connect()
        self._reader.request(partial(list_kept, run))

    @property
    def weights(self) -> QTreeWidget:
        """The list of what is carried over, for keyboard and mouse."""
        return self._weights

    @property
    def words(self) -> str:
        """What the fork comes to, in a sentence."""
        return self._words.text()

    # ---- what is asked

    def _offer(self, kept: list[Kept]) -> None:
        self._checkpoint.blockSignals(True)
        names = {"last": self.tr("last"), "best": self.tr("best")}
        for one in [one for one in kept if not one.problem]:
            name = names.get(one.name, self.tr("kept"))
            loss = "" if one.loss is None else self.tr(", loss {loss}").format(loss=number(one.loss))
            text = self.tr("epoch {epoch}, {name}{loss}").format(epoch=one.epoch, name=name, loss=loss)
            self._checkpoint.addItem(text, one.name)
        at = self._checkpoint.findData(self._which)
        self._checkpoint.setCurrentIndex(max(at, 0))
        self._checkpoint.blockSignals(False)
        self._ask()
        if not self._checkpoint.count():
            self._words.setText(self.tr("No checkpoint of this run can be read."))

    def _ask(self) -> None:
        """Find out what would be carried over, in the background."""
        self._fork = None
        self._enable()
        which, own = self._checkpoint.currentData(), self._drawing.currentData() == "own"
        if which is None:
            return
        checked, project = self._session.checked, self._session.project
        if own:
            self._planner.request(partial(_own_plan, self._run, which))
        elif checked is None or checked.project is not project:
            self._words.setText(self.tr("The drawing is being checked."))
        elif checked.errors:
            text = self.tr("The drawing has problems: {problem}")
            self._words.setText(text.format(problem=checked.errors[0].message))
        else:
            plan = checked.plan
            run = self._run  # not the window itself, which must not end in another thread
            self._planner.request(lambda: (project, plan_fork(run, which, project, plan)))

    def _show(self, answer: tuple[Project, Fork]) -> None:
        project, fork = answer
        if fork.checkpoint != self._checkpoint.currentData() or (
            self._drawing.currentData() == "now" and project is not self._session.project
        ):
            return  # another one was chosen meanwhile
        self._project, self._fork = project, fork
        self._epochs.setRange(fork.epoch + 1, MOST_EPOCHS)
        more = fork.epoch if fork.epochs <= fork.epoch else 0
        self._epochs.setValue(fork.epochs + more)
        self._weights.clear()
        groups = (
            (self.tr("Kept"), fork.kept, self._tokens.ok),
            (self.tr("Initialised afresh"), fork.fresh, self._tokens.warn),
            (self.tr("Dropped"), fork.dropped, self._tokens.secondary),
        )
        for title, weights, colour in groups:
            if not weights:
                continue
            group = QTreeWidgetItem([title, str(len(weights)), ""])
            group.setForeground(0, QColor(colour))
            self._weights.addTopLevelItem(group)
            for one in weights:
                before = shape_text(one.before) if one.before is not None else ""
                group.addChild(QTreeWidgetItem([one.name, shape_text(one.shape), before]))
            group.setExpanded(True)
        for column in range(3):
            self._weights.resizeColumnToContents(column)
        self._say(fork)
        self._enable()

    def _say(self, fork: Fork) -> None:
        if fork.whole:
            text = self.tr("Nothing differs: it goes on exactly as the run would have, to the same digits.")
        elif not fork.fresh and not fork.dropped:
            text = self.tr("All weights are kept; the optimizer begins anew.")
        else:
            text = self.tr("{kept} of {count} weights are kept; the optimizer begins anew.")
            text = text.format(kept=len(fork.kept), count=len(fork.kept) + len(fork.fresh))
        if fork.other_parts:
            text += " " + self.tr(
                "The samples are others, or parted in another way: the weights may have been trained on some "
                "that now validate or test."
            )
        self._words.setText(text)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, StudioError):
            raise error
        self._words.setText(" ".join(filter(None, (error.message, error.hint))))

    def _enable(self) -> None:
        for button in (self._train, self._queue):
            button.setEnabled(self._fork is not None)
        self._epochs.setEnabled(self._fork is not None)

    def _make(self, queued: bool) -> None:
        fork, project = self._fork, self._project
        if fork is None or project is None:
            return
        own = self._drawing.currentData() == "own"
        try:
            folder = data_folder(self._run) if own else self._session.folder
            chosen = replace(fork, epochs=self._epochs.value())
            path = create_fork(chosen, project, folder, self._run.parent)
        except StudioError as error:
            complain(self, error)
            return
        self.accept()
        self.made.emit(path, queued)

    # ---- making

    def _arrange(self) -> None:
        self._drawing.addItem(self.tr("as it is now"), "now")
        self._drawing.addItem(self.tr("as the run trained it"), "own")
        named = (
            (self._checkpoint, self.tr("Checkpoint"), self.tr("Where the new run begins")),
            (self._drawing, self.tr("Drawing and settings"), self.tr("What the new run trains")),
            (
                self._epochs,
                self.tr("Train to epoch"),
                self.tr("Epochs count from the beginning of the earlier run"),
            ),
        )
        form = QFormLayout()
        for widget, text, tip in named:
            widget.setAccessibleName(text)
            widget.setToolTip(tip)
            form.addRow(text, widget)
        self._weights.setHeaderLabels([self.tr("Weights"), self.tr("Shape"), self.tr("Was")])
        self._weights.setAccessibleName(self.tr("What is carried over"))
        self._weights.setToolTip(self.tr("Weights are kept where name and shape match"))
        self._weights.setFont(number_font())
        self._weights.setUniformRowHeights(True)
        self._weights.setStyleSheet("QTreeView::item { padding: 2px 4px; }")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self._train, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self._queue, QDialogButtonBox.ButtonRole.ActionRole)
        self._train.setToolTip(self.tr("Begin now, or after the run that trains"))
        self._queue.setToolTip(self.tr("Let it wait for its turn"))
        for button in (self._train, self._queue):
            button.setAccessibleName(button.text())
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self._weights, 1)
        column.addWidget(self._words)
        column.addWidget(buttons)
        self._enable()

    def _connect(self) -> None:
        self._reader.done.connect(self._offer)
        self._reader.failed.connect(self._fail)
        self._planner.done.connect(self._show)
        self._planner.failed.connect(self._fail)
        self._checkpoint.currentIndexChanged.connect(self._ask)
        self._drawing.currentIndexChanged.connect(self._ask)
        self._session.check_arrived.connect(self._ask)
        self._train.clicked.connect(lambda: self._make(False))
        self._queue.clicked.connect(lambda: self._make(True))
        self.finished.connect(self._close)

    def _close(self) -> None:
        self._session.check_arrived.disconnect(self._ask)
        for background in (self._reader, self._planner):
            background.close()


def _own_plan(run: Path, which: str) -> tuple[Project, Fork]:
    """In the background: a fork of a run with its own project."""
    from studio.build.check import Checker
    from studio.train.checkpoint import load_fields

    project = run_project(run)
    checked = Checker().check(project, load_fields(run))
    if checked.errors:
        raise StudioError(checked.errors[0].message, checked.errors[0].hint)
    return project, plan_fork(run, which, project, checked.plan)

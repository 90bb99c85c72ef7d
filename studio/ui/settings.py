"""The panels of the project's settings: where the data comes from, and how the network is trained."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.catalog.data_python import python_of
from studio.catalog.metrics import reported_names
from studio.catalog.registry import Kind, Registry
from studio.catalog.settings import DATA, JUDGING, TRAINING, TRAINING_GROUPS
from studio.errors import Problem
from studio.project import edits
from studio.project.changes import Changes
from studio.project.params import Value
from studio.project.project import Project, Setting
from studio.ui.card import MARGIN, Column, Section, label, small_button
from studio.ui.component_form import ComponentForm
from studio.ui.described import Described
from studio.ui.fields_panel import FieldsPanel
from studio.ui.form import Form
from studio.ui.problem_stack import ProblemStack, at_fields
from studio.ui.schedule_plot import SchedulePlot
from studio.ui.session import Session
from studio.ui.theme import Tokens
from studio.ui.trust_bar import TrustBar
from studio.ui.words import declared

if TYPE_CHECKING:
    from studio.build.plan import Checked
    from studio.data.describe import Description

Edit = Callable[[Project, Setting], Project]


class _Settings(QWidget):
    """What both panels share: problems first, then sections of forms that edit the session's project."""

    fix_requested = Signal(object)

    def __init__(self, session: Session, registry: Registry, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._session, self._registry = session, registry
        self._found: tuple[Problem, ...] = ()
        self._stack = ProblemStack()
        self._stack.hide()
        self._stack.fix_requested.connect(self.fix_requested)
        self._column = Column()
        self._column.add(self._stack)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._column)

    def show_checked(self, checked: Checked) -> None:
        """Show what a check says of the settings."""
        self._found = checked.problems
        self.refresh()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._stack.set_tokens(tokens)

    def refresh(self) -> None:
        """Bring everything up to date with the project and the last check."""
        raise NotImplementedError

    def _of(self, part: str) -> list[Problem]:
        return [one for one in self._found if one.field and one.field.startswith(f"{part}.")]

    def _section(self, title: str, *widgets: QWidget, ruled: bool = True) -> Section:
        section = Section(title, ruled)
        for widget in widgets:
            section.add(widget)
        self._column.add(section)
        return section

    def _component(self, kind: Kind, title: str, edit: Edit) -> ComponentForm:
        form = ComponentForm(self._registry, kind, title, lambda: self._session.folder)

        def choose(setting: Setting) -> None:
            text = self.tr("Choose {what}").format(what=setting.type)
            self._session.commit(edit(self._session.project, setting), text)

        def change(setting: Setting, name: str, key: str) -> None:
            text = self.tr("Set {param} of {node}").format(param=name, node=setting.type)
            self._session.commit(edit(self._session.project, setting), text, key)

        form.chosen.connect(choose)
        form.edited.connect(change)
        return form

    def _options(self, form: Form, part: str, edit: Callable[..., Project]) -> None:
        def change(name: str, value: Value) -> None:
            text = self.tr("Set {param}").format(param=name)
            values: dict[str, Any] = {name: value}
            self._session.commit(edit(self._session.project, **values), text, f"{part}.{name}:{form.burst}")

        form.edited.connect(change)


class DataSettings(_Settings):
    """The source of the samples, what it holds, and how it is split and scaled."""

    trusted = Signal()
    """Python that was not to run may run now."""

    def __init__(self, session: Session, registry: Registry, parent: QWidget | None = None) -> None:
        super().__init__(session, registry, parent)
        self.setObjectName("dataSettings")
        self._source = self._component("source", self.tr("Where the samples come from"), self._with_source)
        self._trust = TrustBar()
        self._trust.trusted.connect(self.trusted)
        self._described, self.fields = Described(), FieldsPanel(session, registry)
        self._form = Form(DATA)
        self._options(self._form, "data", edits.set_data)
        hint = self.tr(
            "Drop a file or a folder on the window, paste its path, or choose a source above: what it holds "
            "is found out and shown."
        )
        self._hint = label(hint, "secondary", wrapped=True)
        self._reading = label(self.tr("Reading the data …"), "secondary")
        self._expecting = False
        self._section(self.tr("Source"), self._source, self._trust, self._hint, self._reading, ruled=False)
        self._columns = self._section(self.tr("Columns"), self.fields)
        self._found_section = self._section(self.tr("What the network gets"), self._described)
        self._split = self._section(self.tr("Split and scaling"), self._form)
        self._reveal = QTimer(self, singleShot=True, interval=0)
        self._reveal.timeout.connect(self._reveal_card)
        self.fields.table.picked.connect(self._reveal.start)
        self.refresh()

    def _reveal_card(self) -> None:
        """Scroll to what is told of a column that was selected, as far as it stays in sight itself."""
        card, table, inside = self.fields.card, self.fields.table, self._column.widget()
        if not card.isVisible():
            return
        inside.layout().activate()
        row = table.visualRect(table.selectionModel().selectedRows()[0])
        bar, height = self._column.verticalScrollBar(), self._column.viewport().height()
        first = table.viewport().mapTo(inside, row.topLeft()).y() - MARGIN
        last = card.mapTo(inside, QPoint(0, card.height())).y() - height + MARGIN
        bar.setValue(max(bar.value(), min(first, last)))

    def show_changes(self, changes: Changes) -> None:
        """Follow an edit."""
        if changes.data:
            self.refresh()

    def expect(self) -> None:
        """The data of the source are being read."""
        self._expecting = True
        self.refresh()

    def show_described(self, description: Description) -> None:
        """Show what the source holds."""
        self._expecting = False
        self._described.show_description(description)
        self.fields.show_description(description)
        self._form.offer("split_column", [one.name for one in description.facts])
        self.refresh()

    def set_tokens(self, tokens: Tokens) -> None:
        super().set_tokens(tokens)
        self._described.set_tokens(tokens)
        self.fields.set_tokens(tokens)

    def refresh(self) -> None:
        data = self._session.project.data
        marked, rest = at_fields(self._of("data"), self._source.params(), "data.")
        options, rest = at_fields(rest, _names(DATA), "data.")
        self._source.show_setting(data.source, marked)
        self._form.set_values(data.options, options)
        self._stack.show_problems(rest, name_shown=False)
        there = data.source.type != "None"
        self._reading.setVisible(there and self._expecting)
        self._found_section.setVisible(there and self._described.holds and not self._expecting)
        self._columns.setVisible(there and self.fields.holds and not self._expecting)
        self.fields.refresh()
        self._split.setVisible(there)
        self._hint.setVisible(not there)
        self._ask_for_trust(data.source)

    def _with_source(self, project: Project, source: Setting) -> Project:
        """What was said of samples stays where the files are no longer where they were: they were moved."""
        return edits.set_source(project, source, moved=_are_gone(project.data.source, self._session.folder))

    def _ask_for_trust(self, source: Setting) -> None:
        """Ask for the Python that gives the data, as long as it is not trusted."""
        try:
            text = python_of(source, self._session.folder)
        except OSError:
            text = ""  # the check of the data says what is wrong with the file
        words = self.tr(
            "The Python that gives the data is not trusted and does not run. Read it: Python can do what you "
            "can do."
        )
        self._trust.show_text(text, words)


class TrainingSettings(_Settings):
    """How the network is trained."""

    rate_wanted = Signal()
    """A learning rate is to be found by trying."""

    def __init__(self, session: Session, registry: Registry, parent: QWidget | None = None) -> None:
        super().__init__(session, registry, parent)
        self.setObjectName("trainingSettings")
        self._forms = {group: Form(group.params) for group in TRAINING_GROUPS}
        for form in self._forms.values():
            self._options(form, "training", edits.set_training)
        self._optimizer = self._component(
            "optimizer", self.tr("How the weights are changed"), edits.set_optimizer
        )
        self._schedule = self._component(
            "schedule", self.tr("How the learning rate changes over time"), edits.set_schedule
        )
        self._plot = SchedulePlot()
        self._samples = 0
        self._add_sections()
        self.refresh()

    def _add_sections(self) -> None:
        """What every training needs first: the run, the optimizer and its rate."""
        first, *others = self._forms.items()
        self._section(declared(first[0].title), first[1], ruled=False)
        find = small_button(
            self.tr("Find a rate…"),
            self.tr("Try growing learning rates in the background, and draw the loss"),
        )
        find.clicked.connect(self.rate_wanted)
        self._section(self.tr("Optimizer"), self._optimizer).body.addWidget(
            find, 0, Qt.AlignmentFlag.AlignRight
        )
        self._section(self.tr("Schedule"), self._schedule, self._plot)
        for group, form in others:
            self._section(declared(group.title), form)

    def show_changes(self, changes: Changes) -> None:
        """Follow an edit."""
        if changes.training:
            self.refresh()

    def show_samples(self, count: int) -> None:
        """Draw the schedule over as many steps as so many samples to train on take; 0 where not known."""
        if count != self._samples:
            self._samples = count
            self._plot.show_training(self._session.project.training, count)

    def show_checked(self, checked: Checked) -> None:
        super().show_checked(checked)
        self._forms[JUDGING].offer("best_by", reported_names(checked.plan.losses))

    def set_tokens(self, tokens: Tokens) -> None:
        super().set_tokens(tokens)
        self._plot.set_tokens(tokens)

    def refresh(self) -> None:
        training, problems = self._session.project.training, self._of("training")
        rest: list[Problem] = []
        for form, setting in (
            (self._optimizer, training.optimizer),
            (self._schedule, training.schedule),
        ):
            kind = form.choice().accessibleName()
            mine = [one for one in problems if f"{one.field}.".startswith(f"training.{kind}.")]
            marked, told = at_fields(mine, form.params(), f"training.{kind}.")
            if any(one.field == f"training.{kind}" for one in mine):
                marked[kind] = ""
            form.show_setting(setting, marked)
            rest += told
            problems = [one for one in problems if one not in mine]
        options, told = at_fields(problems, _names(TRAINING), "training.")
        for form in self._forms.values():
            form.set_values(training.options, options)
        self._plot.show_training(training, self._samples)
        self._stack.show_problems([*rest, *told], name_shown=False)


def _names(params: Iterable[Any]) -> set[str]:
    return {param.name for param in params}


def _are_gone(source: Setting, folder: Path) -> bool:
    """Whether files of a source are not where it says."""
    told = [str(source.params.get(name) or "") for name in edits.FILES]
    return any(name and not (folder / Path(name).expanduser()).exists() for name in told)

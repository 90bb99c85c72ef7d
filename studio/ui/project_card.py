"""The inspector's page about the project: what is shown while no node is chosen."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QLineEdit

from studio.ui.card import Column, Facts, Section, label
from studio.ui.constants import Constants
from studio.ui.node_facts import UNKNOWN
from studio.ui.note_edit import NoteEdit
from studio.ui.numbers import memory, short
from studio.ui.session import Session


class ProjectCard(Column):
    """Name, notes, counts, and a hint of what to do."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._burst = 0
        self._name = QLineEdit()
        self._name.setProperty("title", True)
        self._name.setAccessibleName(self.tr("Project name"))
        self._name.setToolTip(self.tr("The project's title"))
        self._name.textEdited.connect(self._set_name)
        self._name.editingFinished.connect(self._end_burst)
        self._notes = NoteEdit(
            self.tr("Project notes"), self.tr("Notes"), self.tr("What this project is for, what was tried")
        )
        self._notes.edited.connect(self._set_notes)
        self._facts = Facts()
        network = Section(self.tr("Network"))
        network.add(self._facts)
        self._hint = label("", "secondary", wrapped=True)
        self._constants = Constants(session)
        for widget in (self._name, self._notes, network, self._constants, self._hint):
            self.add(widget)
        self.refresh()

    def refresh(self) -> None:
        """Bring everything up to date with the project and the last check."""
        project = self._session.project
        if self._name.text() != project.name:
            self._name.setText(project.name)
            self._name.setCursorPosition(0)
        self._notes.show_text(project.notes)
        self._constants.refresh()
        checked = self._session.checked
        total = checked.total if checked and checked.costs else None
        self._facts.show_rows(
            {
                self.tr("nodes"): str(len(project.graph.nodes)),
                self.tr("wires"): str(len(project.graph.edges)),
                self.tr("parameters"): short(total.parameters) if total else UNKNOWN,
                **({self.tr("frozen"): short(total.frozen)} if total and total.frozen else {}),
                self.tr("multiply-adds"): short(total.multiply_adds) if total else UNKNOWN,
                self.tr("memory per sample"): memory(total.memory) if total else UNKNOWN,
            }
        )
        self._hint.setText(
            self.tr("Choose a node on the canvas to see and change what it does.")
            if project.graph.nodes
            else self.tr(
                "Drag a layer from the left onto the canvas to begin, or choose a sample in the File menu."
            )
        )

    def _set_name(self, text: str) -> None:
        project = replace(self._session.project, name=text)
        self._session.commit(project, self.tr("Name the project"), f"project.name:{self._burst}")

    def _set_notes(self, text: str) -> None:
        project = replace(self._session.project, notes=text)
        self._session.commit(project, self.tr("Project notes"), f"project.notes:{self._notes.burst}")

    def _end_burst(self) -> None:
        self._burst += 1

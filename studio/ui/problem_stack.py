"""Problems below each other, each a row with its repairs; rows that would read the same are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.errors import Problem
from studio.ui.problem_row import ProblemRow
from studio.ui.theme import DARK, Tokens

Key = tuple[tuple[object, ...], bool]


class ProblemStack(QWidget):
    """As many rows as there are problems."""

    chosen = Signal(object)
    """The Problem whose row was clicked."""
    fix_requested = Signal(object)
    fix_aimed = Signal(object)
    """The Fix that may be chosen next; None: no longer."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens = DARK
        self._rows: list[ProblemRow] = []
        self._keys: list[Key] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_problems(self, problems: Sequence[Problem], name_shown: bool = True) -> None:
        """Show these in place of those before; `name_shown`: with the name of the node they start with."""
        keys = [(_key(problem), name_shown) for problem in problems]
        if keys == self._keys:
            for row, problem in zip(self._rows, problems, strict=True):
                row.replace(problem)
        else:
            # Hidden meanwhile, or every row that comes or goes would lay out all the others.
            self.hide()
            self._exchange(problems, keys, name_shown)
        self.setVisible(bool(problems))

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        for row in self._rows:
            row.set_tokens(tokens)

    def _exchange(self, problems: Sequence[Problem], keys: list[Key], named: bool) -> None:
        """Keep the rows that would read the same, make the others."""
        old: dict[Key, list[ProblemRow]] = {}
        for key, row in zip(self._keys, self._rows, strict=True):
            old.setdefault(key, []).append(row)
            self._column.removeWidget(row)
        self._rows = []
        for key, problem in zip(keys, problems, strict=True):
            row = old[key].pop() if old.get(key) else self._row(problem, named)
            row.replace(problem)
            self._column.addWidget(row)
            self._rows.append(row)
        self._keys = keys
        for gone in (row for rows in old.values() for row in rows):
            gone.hide()
            gone.deleteLater()

    def _row(self, problem: Problem, named: bool) -> ProblemRow:
        row = ProblemRow(problem, named, self)
        row.set_tokens(self._tokens)
        row.chosen.connect(self.chosen)
        row.fix_requested.connect(self.fix_requested)
        row.fix_aimed.connect(self.fix_aimed)
        row.show()
        return row


def at_fields(
    problems: Iterable[Problem], params: Collection[str], prefix: str = ""
) -> tuple[dict[str, str], list[Problem]]:
    """What a form shows at its fields, by parameter, and what needs a row of its own.

    A problem with repairs has both: a row that tells it, and at the field an empty text, which only marks it.
    A field is marked as wrong by an error only: what is no error has a row.
    """
    marked: dict[str, str] = {}
    rest: list[Problem] = []
    for problem in problems:
        name = "" if problem.path else (problem.field or "").removeprefix(prefix)
        at_field = name in params and problem.severity == "error"
        if not at_field or problem.fixes:
            rest.append(problem)
        if at_field:
            marked[name] = "" if problem.fixes else _bare(problem)
    return marked, rest


def _bare(problem: Problem) -> str:
    """The message without the name of the node or the settings it starts with, and the hint."""
    start = problem.node or (problem.field or "").partition(".")[0]
    message = problem.message.removeprefix(f"{start}: ")
    return f"{message} {problem.hint}".strip()


def _key(problem: Problem) -> tuple[object, ...]:
    """All that a row shows."""
    labels = tuple(fix.label for fix in problem.fixes)
    place = (problem.path, problem.block, problem.node, problem.field)
    return (problem.severity, problem.message, problem.hint, *place, problem.trace, labels)

"""Edits of the data settings after which data that could not be read can be: values, equal where they do the
same, so that a problem that offers one is equal to the same problem found again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.project.edits import set_data, set_source
from studio.project.field_edits import forgotten, with_missing, with_odd
from studio.project.params import Value
from studio.project.project import Project
from studio.project.sample_edits import exclude, leave_out


@dataclass(frozen=True, slots=True)
class DecideOdd:
    """Says what is done about values of a column that are not of its kind, and about missing ones ("" leaves
    those as they are).
    """

    column: str
    odd: str
    missing: str = ""

    def __call__(self, project: Project) -> Project:
        """The project with it."""
        data = with_odd(project.data, [self.column], self.odd)
        return replace(
            project, data=with_missing(data, [self.column], self.missing) if self.missing else data
        )


@dataclass(frozen=True, slots=True)
class SetSource:
    """Sets a parameter of the data's source."""

    param: str
    value: Value

    def __call__(self, project: Project) -> Project:
        """The project with it."""
        source = project.data.source
        return set_source(project, replace(source, params={**source.params, self.param: self.value}))


@dataclass(frozen=True, slots=True)
class SetData:
    """Sets options of the data: pairs of a name and a value."""

    options: tuple[tuple[str, Value], ...]

    def __call__(self, project: Project) -> Project:
        """The project with them."""
        return set_data(project, **dict(self.options))


@dataclass(frozen=True, slots=True)
class DecideMissing:
    """Says what is done about missing values: pairs of a column and a way."""

    ways: tuple[tuple[str, str], ...]

    def __call__(self, project: Project) -> Project:
        """The project with it."""
        data = project.data
        for name, way in self.ways:
            data = with_missing(data, [name], way)
        return replace(project, data=data)


@dataclass(frozen=True, slots=True)
class Forget:
    """Takes back all that was decided about columns."""

    columns: tuple[str, ...]

    def __call__(self, project: Project) -> Project:
        """The project without it."""
        return replace(project, data=forgotten(project.data, self.columns))


@dataclass(frozen=True, slots=True)
class LeaveOutColumn:
    """Leaves a column out."""

    column: str

    def __call__(self, project: Project) -> Project:
        """The project without it."""
        return leave_out(project, [self.column])


@dataclass(frozen=True, slots=True)
class Exclude:
    """Leaves samples out, by their keys."""

    keys: tuple[str, ...]

    def __call__(self, project: Project) -> Project:
        """The project without them."""
        return exclude(project, self.keys)

"""What is found out about data before they are taken: columns, samples, a first network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.project.field_edits import setting_of, with_missing, with_role
from studio.project.params import Value
from studio.project.project import Data, Project, Setting
from studio.ui.shown_value import Shown, shown_value

if TYPE_CHECKING:
    from studio.data.describe import Description
    from studio.data.table import SourceColumn, Table

CARDS, ROWS, LONGEST_CELL = 15, 40, 80
DRAWN = ("image", "mask", "audio")
STANDS_IN = {"number": "median", "category": "class", "text": "zero"}
OF_OLD_COLUMNS = ("split", "split_column")


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """`cards` are samples to be seen or heard, with what is true of them; `rows` are texts under `titles`,
    after the number of each.

    `data` are those `asked` for, with what is proposed for missing values and files that cannot be read.
    `network` is the project with a first network for the data, None where there is none without a problem.
    """

    asked: Data
    data: Data
    description: Description
    cards: tuple[tuple[Shown, str], ...] = ()
    titles: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    network: Project | None = None

    @property
    def sound(self) -> bool:
        """Whether the data can be used as they are."""
        return all(one.severity != "error" for one in self.description.problems)


def taken(project: Project, data: Data) -> Project:
    """The project with other data; what was said of the columns of those before does not count for them."""
    options: dict[str, Value] = {
        name: value for name, value in project.data.options.items() if name not in OF_OLD_COLUMNS
    }
    return replace(project, data=replace(data, options=options))


def look(project: Project, data: Data, folder: Path) -> Look:
    """Read the data, and draw a network for them into a copy of the project."""
    from studio.data.describe import describe

    description = describe(taken(project, data).data, folder)
    proposed = without_empty(_without_broken(data, description), description)
    proposed = with_missing_proposed(proposed, description)
    whole = taken(project, proposed)
    if proposed != data:
        description = describe(whole.data, folder)
    cards, titles, rows = _samples(proposed.source, folder)
    return Look(data, proposed, description, cards, titles, rows, _network(whole, description))


def with_missing_proposed(data: Data, description: Description) -> Data:
    """Where values are missing and nothing is said of it, something stands in; samples without target go."""
    for one in description.facts:
        if 0 < one.missing < one.seen and one.role != "ignore" and one.policy == "error":
            way = "skip" if one.role == "target" else STANDS_IN.get(one.kind, "skip")
            if not setting_of(data, one.name).missing:
                data = with_missing(data, (one.name,), way)
    return data


def without_empty(data: Data, description: Description) -> Data:
    """Columns without any value are left out; where one was taken for the target, the last with values is."""
    facts = description.facts
    empty = [one for one in facts if 0 < one.seen == one.missing and one.role != "ignore"]
    filled = [one.name for one in facts if one.missing < one.seen and one.role != "ignore"]
    for one in empty:
        if setting_of(data, one.name).role or not filled:
            continue
        if one.role != "target":
            data = with_role(data, (one.name,), "ignore")
        elif one.guessed:
            data = with_role(with_role(data, (one.name,), "ignore"), (filled[-1],), "target")
    return data


def _without_broken(data: Data, description: Description) -> Data:
    """Where files cannot be read and nothing is said of it, they are left out; a warning then counts them."""
    asked = any(one.field == "data.broken" and one.severity == "error" for one in description.problems)
    if not asked or "broken" in data.source.params:
        return data
    source = data.source
    return replace(data, source=replace(source, params={**source.params, "broken": "skip"}))


def _network(project: Project, description: Description) -> Project | None:
    from studio.build.check import Checker
    from studio.catalog.first_network import first_network

    if not description.fields:
        return None
    drawn = first_network(project, description.fields, description.samples)
    if drawn is None:
        return None
    told = tuple(problem for problem in description.problems if problem.severity == "warning")
    checked = Checker().check(drawn, description.fields, told, description.parts)
    return None if checked.errors else drawn


def _samples(
    source: Setting, folder: Path
) -> tuple[tuple[tuple[Shown, str], ...], tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Some samples as the source has them, whether or not they can be trained on."""
    from studio.data.findings import find
    from studio.data.raw import DataError
    from studio.data.sources import read_table

    try:
        table = read_table(source, folder)
        kinds = {name: one.kind for name, one in find(table).items()}
        seen = next((name for name in table.columns if kinds[name] in DRAWN), None)
        if seen is not None and hasattr(table.columns[seen].cells, "take"):
            return _cards(table, seen, kinds), (), ()
        return (), tuple(table.columns), _rows(table)
    except DataError:
        return (), (), ()


def _cards(table: Table, seen: str, kinds: dict[str, str]) -> tuple[tuple[Shown, str], ...]:
    """Samples spread over all, since those of one class often come one after the other."""
    from studio.data.findings import spread
    from studio.data.raw import DataError

    about = [name for name in table.columns if kinds[name] in ("category", "number") and name != seen]
    found: list[tuple[Shown, str]] = []
    for row in spread(table.samples, CARDS):
        field = table.columns[seen].field
        low, high = (field.low, field.high) if field is not None else (None, None)
        try:
            value = _value(table.columns[seen], int(row))
            shown = shown_value(value, kinds[seen], low, high)
        except DataError as error:
            shown = Shown(error.message)
        words = [_text(table.columns[name], int(row)) for name in about[:2]]
        found.append((shown, ", ".join(word for word in words if word)))
    return tuple(found)


def _rows(table: Table) -> tuple[tuple[str, ...], ...]:
    """Rows drawn at random, since regular steps would meet only some of what comes by turns."""
    import numpy as np

    drawn = np.random.default_rng(0).choice(table.samples, min(table.samples, ROWS), replace=False)
    return tuple(
        (str(row + 1), *(_text(one, int(row)) for one in table.columns.values())) for row in np.sort(drawn)
    )


def _value(column: SourceColumn, row: int) -> Any:  # noqa: ANN401
    import numpy as np

    return column.cells.take(np.array([row]))[0]


def _text(column: SourceColumn, row: int) -> str:
    """A value as a text, nothing where it is missing."""
    from studio.data.findings import is_missing

    classes = column.field.classes if column.field is not None else None
    value = _value(column, row)
    if is_missing(value) or (getattr(value, "shape", None) == () and value != value):  # NaN, NaT
        return ""
    text = shown_value(value, column.kind, classes=classes).text
    return text.replace("\n", " ")[:LONGEST_CELL]


def sources_of_files(types: Sequence[str]) -> tuple[str, ...]:
    """Those of some sources that take a file or a folder."""
    from studio.catalog.registry import registry
    from studio.project.params import FilePath

    found: list[str] = []
    for type_ in types:
        component = registry().component("source", type_)
        if component is not None and any(isinstance(one, FilePath) for one in component.params):
            found.append(type_)
    return tuple(found)

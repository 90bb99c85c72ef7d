"""What is found out about data before they are taken: columns, samples, a first network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.project.field_edits import setting_of, with_missing, with_role
from studio.project.params import Value
from studio.project.project import Data, Project
from studio.ui.import_carried import OF_COLUMNS, fitting
from studio.ui.shown_value import Shown, shown_value, with_mask

if TYPE_CHECKING:
    from studio.data.browsing.opened import Opened
    from studio.data.browsing.seen import Seen
    from studio.data.describe import Description
    from studio.data.table import SourceColumn, Table

CARDS, ROWS, LONGEST_CELL = 20, 40, 80
FEW = 4
"""Numbers of a window, or of another value with a shape, that a cell shows."""
STANDS_IN = {"number": "median", "category": "class", "text": "zero"}


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """`cards` are samples to be seen or heard, with what is true of them; `rows` are texts under `titles`,
    after the number of each.

    `data` are those `asked` for, with what is proposed for missing values and files that cannot be read.
    `kept` are the columns of which what was said before still counts.
    `network` is the project with a first network for the data, None where there is none without a problem.
    """

    asked: Data
    data: Data
    description: Description
    cards: tuple[tuple[Shown, str], ...] = ()
    titles: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    network: Project | None = None
    kept: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether there are columns or samples, though something may have to be mended before training."""
        return bool(self.description.facts or self.description.fields)

    @property
    def sound(self) -> bool:
        """Whether the data can be used as they are."""
        return not self.description.errors


def taken(project: Project, data: Data) -> Project:
    """The project with other data; what was said of the columns of those before does not count for them."""
    options: dict[str, Value] = {
        name: value for name, value in project.data.options.items() if name not in OF_COLUMNS
    }
    own = {name: data.options[name] for name in OF_COLUMNS if name in data.options}
    return replace(project, data=replace(data, options={**options, **own}))


def look(project: Project, data: Data, folder: Path, *, carried: bool = False) -> Look:
    """Read the data, and draw a network for them into a copy of the project.

    `carried`: what the data say of columns was said of other files before, and counts where it fits.
    """
    from studio.data.describe import describe
    from studio.data.proposals import with_parts_told, with_target_named, with_targets_scaled, without_names

    def described(data: Data) -> Description:
        return describe(taken(project, data).data, folder)

    proposed, description = fitting(data, described) if carried else (data, described(data))
    kept = tuple(proposed.fields) if carried else ()
    before = proposed
    proposed = with_target_named(proposed, description.facts)
    if proposed != before:
        before, description = proposed, described(proposed)
        proposed = without_names(proposed, description.facts)
    proposed = without_empty(_without_broken(proposed, description), description)
    proposed = with_missing_proposed(proposed, description)
    whole = taken(project, proposed)
    if proposed != before:
        description = describe(whole.data, folder)
    scaled = with_targets_scaled(with_parts_told(proposed, description.facts), description.facts)
    if scaled != proposed:
        proposed, whole = scaled, taken(project, scaled)
        description = describe(whole.data, folder)
    cards, titles, rows = _samples(whole.data, folder)
    return Look(data, proposed, description, cards, titles, rows, _network(whole, description), kept)


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
    asked = any(one.field == "data.broken" for one in description.errors)
    if not asked or "broken" in data.source.params:
        return data
    source = data.source
    return replace(data, source=replace(source, params={**source.params, "broken": "skip"}))


def _network(project: Project, description: Description) -> Project | None:
    from studio.build.check import Checker
    from studio.catalog.first_network import first_network

    undecided = any((one.field or "").startswith("data.fields.") for one in description.errors)
    if not description.fields or undecided:
        return None
    drawn = first_network(project, description.fields, description.samples)
    if drawn is None:
        return None
    told = tuple(problem for problem in description.problems if problem.severity == "warning")
    checked = Checker().check(drawn, description.fields, told, description.parts)
    return None if checked.errors else drawn


def _samples(
    data: Data, folder: Path
) -> tuple[tuple[tuple[Shown, str], ...], tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Some samples as the source has them, whether or not they can be trained on."""
    from studio.data.browsing.opened import open_data
    from studio.data.browsing.pages import drawable
    from studio.data.raw import DataError

    try:
        opened = open_data(data, folder)
        if drawable(opened):
            return _cards(opened), (), ()
        return (), tuple(opened.table.columns), _rows(opened.table)
    except DataError:
        return (), (), ()


def _cards(opened: Opened) -> tuple[tuple[Shown, str], ...]:
    """Samples spread over all, since those of one class often come one after the other."""
    from studio.data.browsing.pages import drawable
    from studio.data.findings import spread

    drawn = drawable(opened)
    about = [one for one in opened.columns.values() if one.kind in ("category", "number") and not one.shape]
    return tuple(_card(drawn, about[:2], row) for row in spread(opened.samples, CARDS))


def _card(drawn: Sequence[Seen], about: Sequence[Seen], row: Any) -> tuple[Shown, str]:  # noqa: ANN401
    """What a sample looks or sounds like, and what is true of it."""
    import numpy as np

    from studio.data.raw import DataError

    rows = np.array([row])
    words = [text for one in about for text in one.texts(rows)]
    try:
        first, *over = (one.cells.take(rows)[0] for one in drawn)
        low, high = drawn[0].bounds or (None, None)
        shown = shown_value(first, drawn[0].kind, low, high)
        for mask in over:
            shown = with_mask(shown, mask)
        if drawn[0].kind == "mask":
            shown = with_mask(Shown(shown.text), first)
    except DataError as error:
        shown = Shown(error.message)
    return shown, ", ".join(word for word in words if word)


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
    import numpy as np

    from studio.data.dates import told_moment
    from studio.data.findings import is_missing

    classes = column.field.classes if column.field is not None else None
    value = _value(column, row)
    if isinstance(value, np.datetime64):
        return told_moment(value)
    if isinstance(value, np.ndarray) and value.size and value.dtype.kind in "biuf":
        return _numbers(value, classes)
    if is_missing(value) or (getattr(value, "shape", None) == () and value != value):  # NaN, NaT
        return ""
    text = shown_value(value, column.kind, classes=classes).text
    return text.replace("\n", " ")[:LONGEST_CELL]


def _numbers(value: Any, classes: tuple[str, ...] | None) -> str:  # noqa: ANN401
    """A number, or the first of several after their shape."""
    if value.size == 1:
        return shown_value(value.reshape(()), "number", classes=classes).text
    first = "  ".join(f"{float(one):.4g}" for one in value.ravel()[:FEW])
    return f"{'×'.join(map(str, value.shape))}:  {first} …"


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

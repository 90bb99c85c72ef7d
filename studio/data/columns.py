"""What becomes of each column: its kind, its role, and the steps from its values to numbers.

What a project says of a column counts; what it leaves open follows from the column itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from studio.catalog.kinds import KINDS, MISSING, ODD, ROLES
from studio.catalog.registry import checked_values, registry
from studio.data.augment.kinds import checked_augment
from studio.data.cells import Cells
from studio.data.decoding.scanning import common_size
from studio.data.findings import Finding
from studio.data.raw import Array, DataError
from studio.data.table import SourceColumn, Table
from studio.data.to_predict import kind_in_role
from studio.data.transforms import TRANSFORMS
from studio.data.transforms.pictures import GEOMETRY
from studio.errors import Fix
from studio.project.fields import Role
from studio.project.mending import Forget
from studio.project.project import FieldSetting, Setting

OPEN = FieldSetting()
USUAL_FOR_SOUNDS = (
    Setting("Mono"),
    Setting("Resample", {"rate": 16_000}),
    Setting("PadSound"),
    Setting("MelSpectrogram", {"window": 512, "hop": 256}),
)
"""What makes pictures of sounds of which nothing more is known."""
LEARNED_MISSING = ("mean", "median", "common", "zero")


@dataclass(frozen=True, slots=True)
class Planned:
    """A column that is used. `steps` are transforms with all their parameters; `proposed` says that they were
    not chosen by the user. `augment` are the random changes in training. `written` tells how its texts
    spell numbers or dates, `odd` what is done about values that are not of the kind.
    """

    name: str
    column: SourceColumn
    kind: str
    role: Role
    missing: str
    steps: tuple[Setting, ...]
    proposed: bool
    augment: tuple[Setting, ...] = ()
    written: str = ""
    odd: str = "error"

    @property
    def ready(self) -> bool:
        """Whether its values are a field as they are."""
        return self.column.field is not None and not self.steps


def plan(
    table: Table, findings: Mapping[str, Finding], settings: Mapping[str, FieldSetting]
) -> dict[str, Planned]:
    """The columns that are used, in the source's order. Raises DataError for a setting that cannot be.

    What is said of a column that is not there waits for data that have it, unless it is to be predicted.
    """
    for name, setting in settings.items():
        if setting.role == "target":
            _check_there(name, table)
        _check_words(name, setting)
    found = {name: _planned(name, table, findings[name], settings.get(name, OPEN)) for name in table.columns}
    return in_register({name: one for name, one in found.items() if one is not None})


def _check_there(name: str, table: Table) -> None:
    """Refuse to predict a column that is not there. Raises DataError."""
    if name not in table.columns:
        listed = ", ".join(list(table.columns)[:12])
        fix = Fix(f"Forget what was set for {name}", Forget((name,)))
        raise DataError(
            f"The data has no column {name}, which is to be predicted.",
            f"Its columns are {listed}.",
            f"fields.{name}",
            (fix,),
        )


def kind_after(one: Planned) -> str:
    """The kind of what the last step makes."""
    kind = one.kind
    for step in one.steps:
        kind = TRANSFORMS[step.type].gives or kind
    return kind


def _check_words(name: str, setting: FieldSetting) -> None:
    where = f"fields.{name}"
    words = (setting.kind, setting.role, setting.missing, setting.odd)
    for word, known in zip(words, (KINDS, ROLES, MISSING, ODD), strict=True):
        if word and word not in known:
            raise DataError(f"{name}: {word} is none of {', '.join(known)}.", "Choose one of them.", where)


def _planned(name: str, table: Table, finding: Finding, setting: FieldSetting) -> Planned | None:
    column = table.columns[name]
    kind = setting.kind or kind_in_role(table, name, finding.kind, setting.role)
    role = setting.role or column.role or ("ignore" if kind == "identifier" else "input")
    if role == "ignore":
        return None
    missing = setting.missing or table.missing
    chosen = setting.transforms
    steps = chosen if chosen is not None else proposed(kind, column, missing, changed=kind != column.kind)
    checked = tuple(_checked(name, step) for step in steps)
    becomes = _check_order(name, kind, checked)
    return Planned(
        name,
        column,
        kind,
        "target" if role == "target" else "input",
        missing,
        checked,
        chosen is None,
        checked_augment(name, becomes, setting.augment),
        odd=setting.odd or "error",
    )


def proposed(kind: str, column: SourceColumn, missing: str, *, changed: bool = False) -> tuple[Setting, ...]:
    """The steps that make numbers of a kind of values, where the user chose none."""
    if column.field is not None and not changed:
        return ()
    if column.steps and not changed:
        return column.steps
    if kind == "text":
        stands_in = "empty" if missing == "zero" else "error"
        return (Setting("Tokenize", {"missing": stands_in}), Setting("PadTokens"))
    if kind in ("image", "mask", "audio"):
        return USUAL_FOR_SOUNDS if kind == "audio" else _of_pictures(kind, column)
    if kind == "category":
        stands_in = missing if missing in ("common", "class") else "error"
        return (Setting("Classes", {"missing": stands_in}),)
    if kind == "time":
        fill = (Setting("Impute", {"by": missing}),) if missing in LEARNED_MISSING else ()
        return (Setting("Days"), *fill)
    if kind == "number" and missing in LEARNED_MISSING:
        return (Setting("Impute", {"by": missing}),)
    return ()


def _of_pictures(kind: str, column: SourceColumn) -> tuple[Setting, ...]:
    """Pictures of different sizes are brought to one; the values of masks become classes."""
    size = None if column.sizes is None else common_size(column.sizes)
    resize = () if size is None else (Setting("Resize", {"width": size[0], "height": size[1]}),)
    return (Setting("MaskClasses"), *resize) if kind == "mask" else resize


def with_pictures(one: Planned, cells: Cells, sizes: Array) -> Planned:
    """The column with its pictures, whose sizes (0 where there is none) decide about the steps that nobody
    chose.
    """
    column = replace(one.column, cells=cells, sizes=sizes)
    there = replace(column, sizes=sizes[sizes[:, 0] > 0])
    steps = tuple(_checked(one.name, step) for step in _of_pictures(one.kind, there))
    return replace(one, column=column, steps=steps if one.proposed else one.steps)


def in_register(found: dict[str, Planned]) -> dict[str, Planned]:
    """A mask is resized and cut as the one picture is, where nobody chose its steps."""
    pictures = [one for one in found.values() if one.kind == "image" and one.role == "input"]
    if len(pictures) != 1:
        return found
    moves = tuple(step for step in pictures[0].steps if step.type in GEOMETRY)
    return {
        name: replace(one, steps=(*(step for step in one.steps if step.type not in GEOMETRY), *moves))
        if one.kind == "mask" and one.proposed
        else one
        for name, one in found.items()
    }


def _checked(name: str, step: Setting) -> Setting:
    component = registry().component("transform", step.type)
    transform = TRANSFORMS.get(step.type)
    where = f"fields.{name}"
    if component is None or transform is None:
        raise DataError(f"{name}: there is no transform {step.type}.", "Take it off the list.", where)
    values, wrong = checked_values(component.params, step.params)
    for param, message in wrong.items():
        raise DataError(
            f"{name}, {step.type}: {message} ({param}).", "Correct it in the field's form.", where
        )
    return Setting(step.type, values)


def _check_order(name: str, kind: str, steps: tuple[Setting, ...]) -> str:
    """Each step must work on what the one before makes. The kind of what the last makes."""
    for step in steps:
        transform = TRANSFORMS[step.type]
        if kind not in transform.takes:
            accepted = " or ".join(sorted(transform.takes))
            raise DataError(
                f"{name}: {step.type} works on {accepted}, and here it gets {kind}.",
                "Take it off the list, or move it.",
                f"fields.{name}",
            )
        kind = transform.gives or kind
    return kind

"""What a person is told of each column: what it seems to be and why, and what it is taken for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.project.fields import Field
from studio.project.project import Data, FieldSetting, Setting

if TYPE_CHECKING:
    from studio.data.columns import Planned
    from studio.data.findings import Finding
    from studio.data.pipeline import Ready
    from studio.data.table import Table


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column of the data as it is taken now. `odd` says what is done about values of another kind.

    `evidence` says why it seems to be `found`; `missing` counts among the `seen` values looked at. `guessed`
    says that the source, not the user, made it a target. `steps` are those carried out, `proposed` unless the
    user chose them; `kinds` is the kind before the first, after it, and so on. `field` is what the drawing
    sees of it (None while that is not known, or where it is left out), `counts` the samples of its classes.
    """

    name: str
    kind: str
    role: str
    found: str
    evidence: str
    seen: int = 0
    missing: int = 0
    different: int = 0
    policy: str = "error"
    guessed: bool = False
    steps: tuple[Setting, ...] = ()
    proposed: bool = True
    kinds: tuple[str, ...] = ()
    field: Field | None = None
    counts: tuple[int, ...] = ()
    odd: str = "error"


def facts_before(table: Table, findings: Mapping[str, Finding], data: Data) -> tuple[ColumnFacts, ...]:
    """All columns as the settings take them, whether or not that can be carried out."""
    return tuple(
        _facts(table, name, findings[name], data.fields.get(name, FieldSetting())) for name in table.columns
    )


def facts(ready: Ready, data: Data, counts: Mapping[str, tuple[int, ...]]) -> tuple[ColumnFacts, ...]:
    """All columns, with what they became."""
    from dataclasses import replace

    found: list[ColumnFacts] = []
    for one in facts_before(ready.table, ready.findings, data):
        planned = ready.planned.get(one.name)
        key = ready.named.get(one.name, "")
        if planned is None:
            found.append(one)
            continue
        found.append(
            replace(
                one,
                role=planned.role,
                steps=planned.steps,
                proposed=planned.proposed,
                kinds=_kinds(planned),
                field=ready.raw.fields.get(key),
                counts=counts.get(key, ()),
            )
        )
    return tuple(found)


def _facts(table: Table, name: str, finding: Finding, setting: FieldSetting) -> ColumnFacts:
    from studio.data.to_predict import kind_in_role

    kind = setting.kind or kind_in_role(table, name, finding.kind, setting.role)
    own = table.columns[name].role or ("ignore" if kind == "identifier" else "input")
    return ColumnFacts(
        name,
        kind,
        setting.role or own,
        finding.kind,
        finding.evidence,
        finding.seen,
        finding.missing,
        finding.different,
        setting.missing or table.missing,
        not setting.role and own == "target",
        setting.transforms or (),
        setting.transforms is None,
        (kind,),
        odd=setting.odd or "error",
    )


def _kinds(planned: Planned) -> tuple[str, ...]:
    from studio.data.transforms import TRANSFORMS

    kinds = [planned.kind]
    for step in planned.steps:
        kinds.append(TRANSFORMS[step.type].gives or kinds[-1])
    return tuple(kinds)

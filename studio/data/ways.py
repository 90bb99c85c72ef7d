"""From what a person gives to a field's values: the steps of a column and what they learned, kept with a run
so that a prediction needs none of the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.data.transforms import TRANSFORMS
from studio.data.transforms.step import Chain, Step
from studio.data.transforms.tokens import text_of

if TYPE_CHECKING:
    from studio.data.pipeline import Ready


@dataclass(frozen=True, slots=True)
class Way:
    """A column that a field is made of: its name, its kind, and its steps.

    `row` says that it is a column of a table, `stacked` that it is a part of `features` too; `written` tells
    how its texts spell numbers or dates.
    """

    column: str
    kind: str
    chain: Chain
    role: str = "input"
    written: str = ""
    row: bool = False
    stacked: bool = False

    def text(self, numbers: Any) -> str | None:  # noqa: ANN401
        """The text that tokens stand for; None where they stand for none."""
        for step in self.chain:
            if step.type == "Tokenize":
                return text_of(numbers, step.params, step.state)
        return None


def ways_of(ready: Ready) -> dict[str, Way]:
    """The way of each field that one column became and that something was done to."""
    found: dict[str, Way] = {}
    for name, key in ready.named.items():
        planned = ready.planned[name]
        if not planned.ready:
            states = ready.learned[name]
            chain = tuple(
                Step(setting.type, TRANSFORMS[setting.type], setting.params, state)
                for setting, state in zip(planned.steps, states, strict=True)
            )
            found[key] = Way(
                name,
                planned.kind,
                chain,
                planned.role,
                planned.written,
                ready.table.stacks,
                name in ready.stacked,
            )
    return found


def ways_to_json(ways: Mapping[str, Way]) -> dict[str, Any]:
    """Ways as JSON values; what steps learned is kept beside them by column."""
    return {
        key: {
            "column": way.column,
            "kind": way.kind,
            "role": way.role,
            "written": way.written,
            "row": way.row,
            "stacked": way.stacked,
            "steps": [{"type": step.type, "params": dict(step.params)} for step in way.chain],
        }
        for key, way in ways.items()
    }


def ways_from_json(values: Mapping[str, Any], learned: Mapping[str, Any]) -> dict[str, Way]:
    """The ways that `ways_to_json` wrote; those with steps that are not known any more are left out."""
    found: dict[str, Way] = {}
    for key, one in values.items():
        states = learned.get(one["column"], ())
        if all(step["type"] in TRANSFORMS for step in one["steps"]) and len(states) == len(one["steps"]):
            chain = tuple(
                Step(step["type"], TRANSFORMS[step["type"]], step["params"], state)
                for step, state in zip(one["steps"], states, strict=True)
            )
            more = {name: one[name] for name in ("role", "written", "row", "stacked") if name in one}
            found[key] = Way(one["column"], one["kind"], chain, **more)
    return found

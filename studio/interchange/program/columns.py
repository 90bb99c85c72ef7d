"""How a program makes fields of the columns of a table: numbers, classes, what stands in for missing ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from keyword import kwlist
from pathlib import Path
from typing import Any

from studio.data.assembling import FEATURES
from studio.data.columns import Planned
from studio.data.making import missing
from studio.data.pipeline import Ready
from studio.interchange.program.pieces import data as pieces
from studio.interchange.pytorch import text
from studio.interchange.pytorch.lines import listed, statement
from studio.project.graph import free_name
from studio.project.project import Data, Setting

Function = Callable[..., object]
SCALES = frozenset({"Standardize", "RobustScale"})
INFERRED = 100
"""Rows from which polars tells the types of columns, unless it is told to take all."""
NULLS = ', null_values=["", "NA", "N/A", "NaN", "nan", "null", "?"]'
TAKEN = frozenset({"data", "path", "np", "pl", "frame", "features", "columns", "torch", *kwlist})
"""Names that are no variable's of a column."""
Lines = tuple[tuple[str, ...], tuple[Function, ...]]


def table_lines(
    data: Data, folder: Path, ready: Ready, params: Mapping[str, Any], names: Sequence[str]
) -> Lines | None:
    """The lines of `read_arrays` for a table; None where its steps have no plain form here."""
    frame = _frame(folder / str(params["path"]), data.source.type, params, ready)
    if frame is None:
        return None
    functions: list[Function] = []
    lines = statement(4, "frame = ", frame)
    parts: dict[str, str | None] = {}
    if FEATURES in names:
        stacked = {name: _places(ready, ready.planned[name], functions) for name in ready.stacked}
        lines += _stacked(stacked)
        parts[FEATURES] = None if None in stacked.values() else "features"
    for name, key in ready.named.items():
        if key in names:
            made = _field(ready, ready.planned[name], key, functions)
            lines += made[0] if made is not None else ()
            parts[key] = made[1] if made is not None else None
    found = [(f"{text.literal(key)}: ", parts[key] or "") for key in names]
    if None in parts.values():
        return None
    return (*lines, *listed(4, "return ", found, "{}")), tuple(dict.fromkeys(functions))


def _stacked(made: Mapping[str, str | None]) -> Iterator[str]:
    """The columns that make the features together."""
    if all(one == _number(name) for name, one in made.items()):
        names = f"[{', '.join(map(text.literal, made))}]"
        yield from statement(4, "features = ", f"frame.select({names}).to_numpy().astype(np.float64)")
        return
    yield from listed(4, "columns = ", [("", one or "") for one in made.values()])
    yield "    features = np.column_stack(columns)"


def _frame(path: Path, type: str, params: Mapping[str, Any], ready: Ready) -> str | None:
    """The expression that reads the file."""
    if path.is_dir():
        return None
    if type == "Parquet":
        return "pl.read_parquet(path)"
    if type == "Arrow":
        return "pl.read_ipc(path)"
    if params["encoding"] != "UTF-8" or params["repeated"] != "error" or params["broken"] != "error":
        return None
    from studio.data.sources.csv_text import open_text

    found = open_text(path, "UTF-8", "error")
    if found.numbered or found.added or found.above.lines:
        return None
    separator = "" if found.delimiter == "," else f", separator={text.literal(found.delimiter)}"
    whole = ", infer_schema_length=None" if ready.table.samples > INFERRED else ""
    lacking = any(missing(one, ready.source_rows).any() for one in ready.planned.values())
    return f"pl.read_csv(path{separator}{whole}{NULLS if lacking else ''})"


def _number(name: str) -> str:
    return f"frame[{text.literal(name)}].cast(pl.Float64).to_numpy()"


def _places(ready: Ready, one: Planned, functions: list[Function]) -> str | None:
    """A column's part of the features."""
    states = ready.learned[one.name]
    if one.kind == "category":
        if [step.type for step in one.steps] not in (["Classes"], ["OneHot"]):
            return None
        functions += [pieces.one_hot, pieces.numbered]
        return f"one_hot({_classes(states[0])}, {_texts(one, states[0])})"
    return _numbers(one, states)


def _numbers(one: Planned, states: Sequence[Mapping[str, Any]]) -> str | None:
    """A column of numbers after its steps; None for texts that say numbers in a way of their own."""
    if one.written:
        return None
    made = _number(one.name)
    for setting, state in zip(one.steps, states, strict=True):
        step = _step(setting, state, made)
        if step is None:
            return None
        made = step
    return made if one.kind == "number" else None


def _step(setting: Setting, state: Mapping[str, Any], made: str) -> str | None:
    """Numbers after a step; None for one that has no plain form here."""
    if setting.type == "Impute" and not setting.params.get("flag"):
        return f"np.nan_to_num({made}, nan={state['value']!r})"
    return f"({made} - {state['offset']!r}) / {state['spread']!r}" if setting.type in SCALES else None


def _field(ready: Ready, one: Planned, key: str, functions: list[Function]) -> tuple[list[str], str] | None:
    """The lines that make a field of its own of a column, and its name."""
    states, field = ready.learned[one.name], ready.raw.fields[key]
    variable = free_name(key, TAKEN)
    if one.kind == "text":
        return statement(4, f"{variable} = ", _strings(one)), f"{variable}.to_numpy()"
    if field.classes is not None and field.shape == ():
        if [step.type for step in one.steps] != ["Classes"]:
            return None
        functions.append(pieces.numbered)
        call = f"numbered({_classes(states[0])}, {_texts(one, states[0])})"
        return statement(4, f"{variable} = ", call), variable
    lines = statement(4, f"{variable} = ", _number(one.name))
    for setting, state in zip(one.steps, states, strict=True):
        step = _step(setting, state, variable)
        if step is None:
            return None
        lines += statement(4, f"{variable} = ", step)
    return (lines, f"{variable}[:, None]") if one.kind == "number" else None


def _strings(one: Planned) -> str:
    """The texts of a column."""
    fill = '.fill_null("")' if one.missing == "zero" else ""
    return f"frame[{text.literal(one.name)}].str.strip_chars(){fill}"


def _classes(state: Mapping[str, Any]) -> str:
    return f"[{', '.join(map(text.literal, state['classes']))}]"


def _texts(one: Planned, state: Mapping[str, Any]) -> str:
    """The names of a column's classes, as the classes are called."""
    column = f"frame[{text.literal(one.name)}]"
    fill = f".fill_null({text.literal(state.get('missing', 'missing'))})"
    needed = one.missing in ("common", "class")
    if all(_is_whole(name) for name in state["classes"]):
        return f"{column}.cast(pl.Int64).cast(pl.String){fill if needed else ''}"
    return f"{column}.cast(pl.String){fill if needed else ''}"


def _is_whole(name: str) -> bool:
    return name.lstrip("-").isdecimal()

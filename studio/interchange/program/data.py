"""How a program comes to its data: plain reading, split and scaling where these give the very tensors of a
run, else the tensors themselves, written beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from studio.catalog.registry import values_of
from studio.catalog.settings import DATA
from studio.data.columns import Planned
from studio.data.parting import equal_samples
from studio.data.pipeline import Ready, read_data
from studio.data.prepare import Prepared, prepare
from studio.data.stream import taken
from studio.data.transforms.tokens import WORD
from studio.errors import StudioError
from studio.interchange.program.pieces import data as pieces
from studio.interchange.program.sources import Asked, Reading, reading_of
from studio.interchange.pytorch import text
from studio.interchange.pytorch.lines import statement
from studio.project.project import Project

Function = Callable[..., object]
PARTS = ("train", "validation", "test")
MOST_BYTES = 2 * 2**30
"""Of tensors that are compared, or written beside a program."""
UNTRIED = "The data is large: it is read into memory whole, and whether it comes out the same was not tried."
TOKENS = ["Tokenize", "PadTokens"]
FEW = 64
"""So many numbers that scale a field may stand in the program itself."""


@dataclass(frozen=True, slots=True)
class DataCode:
    """The functions of a program that read the data, those that are copied, and the path that is read.

    `beside` are the tensors that they load from a file beside the program.
    """

    lines: tuple[tuple[str, ...], ...]
    functions: tuple[Function, ...]
    path: Path | None = None
    beside: Mapping[str, Tensor] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    plain: bool = True

    @property
    def reads(self) -> bool:
        """Whether it reads a file or folder, by the path it is given."""
        return self.path is not None or not self.plain


def data_code(project: Project, folder: Path, names: Sequence[str]) -> tuple[DataCode, Prepared]:
    """The code that gives the tensors of these fields, tried out here. Raises StudioError."""
    prepared = prepare(project.data, folder)
    ready, wanted = read_data(project.data, folder), _wanted(prepared, names)
    for asked in _asked(project, folder, ready, names):
        reading = reading_of(asked)
        for made in () if reading is None else _candidates(asked, prepared, reading):
            if wanted is None:
                return replace(made, notes=(*made.notes, UNTRIED)), prepared
            if gives(made, wanted):
                return made, prepared
    return _beside(project, prepared, names), prepared


def _asked(project: Project, folder: Path, ready: Ready, names: Sequence[str]) -> Iterator[Asked]:
    """The fields that are needed, first with the classes by which they are parted."""
    asked = Asked(project.data, folder, ready, names)
    by = _labels(asked)[0] if values_of(DATA, project.data.options)["stratify"] else ""
    if by and by not in names:
        yield Asked(project.data, folder, ready, [*names, by], by)
    yield asked


def gives(made: DataCode, wanted: Mapping[str, Mapping[str, Tensor]]) -> bool:
    """Whether the code gives these tensors, bit for bit."""
    from studio.interchange.program.text import module_text

    space: dict[str, Any] = {"__name__": "program"}
    loaded = dict(made.beside)
    body = module_text("", [*made.functions, *made.lines])
    try:
        exec(compile(body, "program.py", "exec"), space)  # what was written here, of plain functions
        space |= {"load_file": partial(_stored, loaded), "ROWS": None, "WORD": WORD}
        found = space["load_data"](*([made.path] if made.reads else ()))
    except Exception:  # whatever goes wrong in it, the tensors themselves remain
        return False
    return all(
        found[part].keys() == wanted[part].keys()
        and all(
            one.dtype == wanted[part][name].dtype and torch.equal(one, wanted[part][name])
            for name, one in found[part].items()
        )
        for part in PARTS
    )


def _stored(tensors: Mapping[str, Tensor], path: object) -> Mapping[str, Tensor]:
    """What will lie in the file."""
    return tensors


def _wanted(prepared: Prepared, names: Sequence[str]) -> dict[str, dict[str, Tensor]] | None:
    """The tensors of all parts; None where they are too large to be compared."""
    sizes = [
        int(np.prod(prepared.fields[name].shape, dtype=np.int64)) * len(part) * 4
        for part in prepared.parts.values()
        for name in names
    ]
    if sum(sizes) > MOST_BYTES:
        return None
    return {part: _tensors(prepared, part, names) for part in PARTS}


def _tensors(prepared: Prepared, part: str, names: Sequence[str]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    of = prepared.parts[part]
    for name in names:
        if name in of.streams:
            streamed = of.streams[name]
            found[name] = streamed.tensor(taken(streamed.source, of.rows))
        else:
            found[name] = of.tensors[name]
    return found


def _candidates(asked: Asked, prepared: Prepared, reading: Reading) -> Iterator[DataCode]:
    """Code from what reads best to what is surest: learned scales, then known ones; then known rows."""
    for rows in (_split(asked, reading), None if asked.for_split else _known_rows(asked)):
        if rows is None:
            continue
        for known in (False, True):
            scales = _scales(asked, prepared, known)
            if scales is not None:
                yield _code(asked, reading, rows, scales)


@dataclass(frozen=True, slots=True)
class Part:
    """Lines within `load_data`, the functions to copy, and tensors to load."""

    lines: tuple[str, ...]
    functions: tuple[Function, ...] = ()
    beside: Mapping[str, Tensor] = field(default_factory=dict)


def _code(asked: Asked, reading: Reading, rows: Part, scales: Part) -> DataCode:
    given = "path" if reading.setting else ""
    named = ", ".join(asked.names)
    read = (
        f"def read_arrays({'path: Path' if given else ''}) -> dict[str, np.ndarray]:",
        f'    """All samples, as they are: {named}."""',
        *reading.lines,
    )
    load = (
        f"def load_data({'path: Path' if given else ''}) -> dict[str, Batch]:",
        '    """The parts train, validation and test, scaled as the training part teaches."""',
        f"    arrays = read_arrays({given})",
        *rows.lines,
        *scales.lines,
        *_parts(asked),
    )
    setting = asked.params.get(reading.setting) if reading.setting else None
    path = None if setting is None else asked.folder / Path(str(setting)).expanduser()
    functions = (*reading.functions, *rows.functions, *scales.functions)
    notes = (
        ("Which rows train, validate and test is read from a file beside the program.",)
        if rows.beside
        else ()
    )
    return DataCode((read, load), functions, path, rows.beside, notes)


def _parts(asked: Asked) -> Iterator[str]:
    """The arrays as tensors, in parts."""
    yield "    tensors = {name: torch.from_numpy(one) for name, one in arrays.items()}"
    yield "    return {"
    yield "        part: {name: one[of] for name, one in tensors.items()}"
    yield "        for part, of in rows.items()"
    yield "    }"


def _split(asked: Asked, reading: Reading) -> Part | None:
    """The split in plain code; None for one that takes more than that."""
    ready = asked.ready
    options = values_of(DATA, asked.data.options)
    validation, test, seed = options["validation"], options["test"], options["split_seed"]
    if options["split"] != "shares" or ready.table.validation is not None:
        return None
    if ready.table.spans is not None:
        if reading.rows is None:
            return None
        first = _starts(asked)
        last = f"first + {first[1] - 1}"
        call = f"split_by_time(first, {last}, {validation!r}, {test!r})"
        lines = [f"    first = {first[0]}", *statement(4, "rows = ", call)]
        return Part(tuple(lines), (pieces.split_by_time,))
    if options["duplicates_together"] and _repeat(equal_samples(ready.planned, ready.source_rows)):
        return None
    name, labels = _labels(asked) if options["stratify"] else ("", None)
    fixed = _test_rows(asked)
    given = f"{validation!r}, {test!r}, {seed}"
    if labels is not None and name in asked.names:
        more = f", {fixed}" if fixed else ""
        labels_of = f"arrays.pop({text.literal(name)})" if name == asked.for_split else _key(name)
        call = f"split_by_class({labels_of}, {given}{more})"
        return Part(tuple(statement(4, "rows = ", call)), (pieces.split_by_class, pieces.shares_of))
    if labels is not None:
        return None
    count = f"len(arrays[{text.literal(asked.names[0])}])"
    if fixed:
        call = f"split_with_test({count}, {fixed}, {validation!r}, {seed})"
        return Part(tuple(statement(4, "rows = ", call)), (pieces.split_with_test,))
    return Part(tuple(statement(4, "rows = ", f"split_rows({count}, {given})")), (pieces.split_rows,))


def _starts(asked: Asked) -> tuple[str, int]:
    """The expression of the first row of each window, and the rows that it covers."""
    params = asked.params
    stride = "" if params["stride"] == 1 else f" * {params['stride']}"
    covered = int(params["history"]) + int(params["horizon"])
    return f"np.arange(len(arrays[{text.literal(asked.names[0])}])){stride}", covered


def _repeat(values: Any) -> bool:  # noqa: ANN401
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    there = [one for one in listed if one is not None]
    return len(set(there)) < len(there)


def _labels(asked: Asked) -> tuple[str, Any]:
    """The field by whose classes the parts are alike."""
    for name, one in asked.ready.planned.items():
        key = asked.ready.named.get(name, name)
        if one.role == "target" and one.kind == "category":
            return key, asked.ready.raw.arrays[key]
    return "", None


def _test_rows(asked: Asked) -> str:
    """The expression of the rows that the source sets apart for the test; "" for none."""
    test = asked.ready.raw.test
    if test is None or not len(test):
        return ""
    if not np.array_equal(test, np.arange(test[0], test[-1] + 1)):
        return ""
    return f"np.arange({int(test[0])}, {int(test[-1]) + 1})"


def _known_rows(asked: Asked) -> Part:
    """The rows of each part as they are, from a file beside the program."""
    beside = {name: torch.from_numpy(rows) for name, rows in asked.ready.rows.items()}
    lines = (
        "    found = load_file(ROWS)",
        f"    rows = {{name: found[name].numpy() for name in {text.literal(PARTS)}}}",
    )
    return Part(lines, (), beside)


def _scales(asked: Asked, prepared: Prepared, known: bool) -> Part | None:
    """How texts become numbers and inputs are scaled: as the program learns, or as a run has learned."""
    lines: list[str] = []
    functions: list[Function] = []
    for name in asked.kept:
        if (column := _text_column(asked, name)) is not None:
            functions.append(pieces.tokenized)
            found = _tokens(asked, name, column)
        elif name not in prepared.scales:
            found = _typed(asked, name)
        else:
            found = (_known_scale if known else _learned_scale)(asked, prepared, name, functions)
        if found is None:
            return None
        lines += found
    return Part(tuple(lines), tuple(functions))


def _typed(asked: Asked, name: str) -> list[str]:
    """A field that is not scaled, in the type that tensors have."""
    one, array, key = asked.field(name), asked.array(name), _key(name)
    if one.dtype == "float32" and array.dtype != np.float32:
        return [f"    {key} = {key}.astype(np.float32)"]
    return [f"    {key} = {key}.astype(bool)"] if one.dtype == "bool" and array.dtype != np.bool_ else []


def _known_scale(asked: Asked, prepared: Prepared, name: str, functions: list[Function]) -> list[str] | None:
    """A field scaled by a few numbers that are known."""
    scale, key = prepared.scales[name], _key(name)
    if scale.offset.size > FEW or scale.factor.size > FEW:
        return None
    functions.append(pieces.scaled)
    call = f"scaled({key}, {_array(scale.offset)}, {_array(scale.factor)})"
    return statement(4, f"{key} = ", call)


def _learned_scale(
    asked: Asked, prepared: Prepared, name: str, functions: list[Function]
) -> list[str] | None:
    """A field scaled by what the training part has."""
    how, key = str(values_of(DATA, asked.data.options)["normalize"]), _key(name)
    if name in asked.ready.raw.scales or how == "none":
        return None
    function = pieces.standardized if how == "standard" else pieces.ranged
    functions.append(function)
    axes = _axes(asked.array(name).ndim, asked.field(name).picture)
    return statement(4, f"{key} = ", f'{function.__name__}({key}, rows["train"], {axes})')


def _key(name: str) -> str:
    return f"arrays[{text.literal(name)}]"


def _text_column(asked: Asked, name: str) -> Planned | None:
    """The column of texts that a field is made of."""
    found = [asked.ready.planned[one] for one, key in asked.ready.named.items() if key == name]
    return found[0] if len(found) == 1 and found[0].kind == "text" else None


def _tokens(asked: Asked, name: str, column: Planned) -> list[str] | None:
    """How texts become numbers; None where that has no plain form here."""
    if [one.type for one in column.steps] != TOKENS:
        return None
    first, last = (one.params for one in column.steps)
    if first["unit"] == "pieces" or first["ends"] or last["side"] != "end":
        return None
    key = _key(name)
    cut = (
        f"[list(one) for one in {key}]"
        if first["unit"] == "characters"
        else f"[WORD.findall(one) for one in {key}]"
    )
    length = asked.array(name).shape[1]
    given = f"{first['vocabulary']}, {first['least']}, {length}"
    lines = [f"    texts = {cut}"]
    return [*lines, *statement(4, f"{key} = ", f'tokenized(texts, rows["train"], {given})')]


def _array(values: Any) -> str:  # noqa: ANN401
    return f"np.array({values.tolist()!r})"


def _axes(ndim: int, picture: bool) -> tuple[int, ...]:
    dims = ndim - 1
    kept = 1 if dims >= 3 or picture else max(dims, 1)
    return tuple(axis for axis in range(ndim) if axis != kept)


def _beside(project: Project, prepared: Prepared, names: Sequence[str]) -> DataCode:
    """Code that loads the tensors themselves. Raises StudioError where they are too large."""
    wanted = _wanted(prepared, names)
    if wanted is None:
        raise StudioError(
            "The data is too large to be written beside the program, and has no plain reading.",
            "Export the source of the network alone.",
        )
    beside = {f"{part}.{name}": one.contiguous() for part in PARTS for name, one in wanted[part].items()}
    load = (
        "def load_data(path: Path) -> dict[str, Batch]:",
        '    """The parts train, validation and test, as they were prepared."""',
        "    stored = load_file(path)",
        "    return {",
        "        part: {",
        '            name.partition(".")[2]: one',
        "            for name, one in stored.items()",
        '            if name.startswith(f"{part}.")',
        "        }",
        f"        for part in {text.literal(PARTS)}",
        "    }",
    )
    note = (
        f"The data ({project.data.source.type}) and its steps have no plain form in a program: it loads the "
        "prepared tensors, which are written beside it."
    )
    return DataCode((load,), (), None, beside, (note,), plain=False)

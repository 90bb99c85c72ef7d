"""How a program reads the samples of each kind of source: the lines of its function `read_arrays`.

They give arrays by field, as the source has them: split and scaled afterwards. A source or setting that has
no plain reading here is left to the tensors that are written beside the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from keyword import kwlist
from pathlib import Path
from typing import Any

import numpy as np

from studio.catalog.registry import registry
from studio.data.pipeline import Ready
from studio.data.sources.array_parts import pieces as pieces_of
from studio.data.sources.arrays import load_arrays
from studio.interchange.program.columns import INFERRED, table_lines
from studio.interchange.program.pieces import data as pieces
from studio.interchange.pytorch import text
from studio.interchange.pytorch.lines import listed, statement
from studio.project.fields import Field
from studio.project.graph import free_name
from studio.project.project import Data

Function = Callable[..., object]
Params = Mapping[str, Any]
TAKEN = frozenset({"data", "path", "np", "pl", "frame", "features", "columns", "torch", *kwlist})
"""Names that are no variable's of a field."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The lines within `read_arrays(path)`, the functions to copy, and the setting that names the file or
    folder ("" for none). `rows` are the expressions of the first and last row that each sample covers.
    """

    lines: tuple[str, ...]
    functions: tuple[Function, ...] = ()
    setting: str = ""
    rows: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be read: the settings, the data as they were read, and the fields that are needed.

    One of them may be there `for_split` only.
    """

    data: Data
    folder: Path
    ready: Ready
    names: Sequence[str]
    for_split: str = ""

    @property
    def kept(self) -> list[str]:
        """The fields that the training takes."""
        return [name for name in self.names if name != self.for_split]

    @property
    def params(self) -> Params:
        """All parameters of the source."""
        component = registry().component("source", self.data.source.type)
        assert component is not None
        return component.values(self.data.source.params)

    def field(self, name: str) -> Field:
        """What is known of a field."""
        return self.ready.raw.fields[name]

    def array(self, name: str) -> Any:  # noqa: ANN401
        """The values of a field."""
        return self.ready.raw.arrays[name]

    @property
    def untouched(self) -> bool:
        """Whether all samples are used and no step changes the fields that are needed."""
        keys = set(self.ready.named.values())
        plain = all(one.ready for one in self.ready.planned.values())
        whole = len(self.ready.source_rows) == self.ready.table.samples
        return plain and whole and keys <= set(self.ready.raw.fields) and not self.data.changes.labels


def reading_of(asked: Asked) -> Reading | None:
    """How a program reads this; None where that has no plain form."""
    if len(asked.ready.source_rows) != asked.ready.table.samples or asked.data.changes.labels:
        return None
    reader = _READERS.get(asked.data.source.type)
    return reader(asked) if reader is not None else None


def _scikit(asked: Asked) -> Reading | None:
    if not asked.untouched:
        return None
    name = str(asked.params["dataset"])
    scaled = "scaled=False" if name == "diabetes" else ""
    values = {
        "image": "data.images[:, None].astype(np.float32)",
        "features": "data.data",
        "label": "data.target.astype(np.int64)",
        "target": "data.target[:, None]",
    }
    return Reading((f"    data = load_{name}({scaled})", *returned(asked.names, values)))


def _idx(asked: Asked) -> Reading | None:
    if not asked.untouched:
        return None
    from studio.data.sources.idx import files

    found = [path.name.removesuffix(".gz") for path in files(asked.params, asked.folder)]
    pairs = [found[at : at + 2] for at in range(0, len(found), 2)]
    if not (asked.folder / str(asked.params["folder"])).is_dir():
        return None
    images = [f"read_idx(path / {text.literal(one)})" for one, _ in pairs]
    labels = [f"read_idx(path / {text.literal(one)})" for _, one in pairs]
    lines = [*statement(4, "images = ", _joined(images)), *statement(4, "labels = ", _joined(labels))]
    values = {"image": "images[:, None]", "label": "labels.astype(np.int64)"}
    channels = "images" if asked.array("image").ndim == 3 else "images[:, None]"
    values["image"] = channels
    return Reading((*lines, *returned(asked.names, values)), (pieces.read_idx,), "folder")


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"np.concatenate([{', '.join(parts)}])"


def _arrays(asked: Asked) -> Reading | None:
    if not asked.untouched:
        return None
    path = asked.folder / str(asked.params["path"])
    stored = load_arrays(path)
    single = path.suffix.lower() == ".npy" or (set(stored) == {"x"} and path.suffix != ".npz")
    parts = pieces_of(path, stored)
    keys = dict(zip(asked.ready.raw.fields, parts.items(), strict=False))
    values: dict[str, str] = {}
    lines = ["    data = np.load(path)"]
    for name in asked.names:
        _, names = keys[name]
        first = stored[names[0]]
        source = _joined(["data" if single else f"data[{text.literal(one)}]" for one in names])
        if len(names) > 1:
            variable = free_name(name, TAKEN)
            lines += statement(4, f"{variable} = ", source)
            source = variable
        shape = (asked.ready.raw.samples, *first.shape[1:])
        made = _arranged(source, shape, first.dtype.kind, asked.array(name).shape, asked.field(name))
        if made is None:
            return None
        values[name] = made
    return Reading((*lines, *returned(asked.names, values)), (), "path")


def _arranged(
    source: str, stored: tuple[int, ...], kind: str, shape: tuple[int, ...], field: Field
) -> str | None:
    """A stored array as the field has it."""
    if kind in "US":
        return f"np.unique({source}, return_inverse=True)[1]"
    turned = _turned(stored, shape)
    if kind not in "buif" or turned is None:
        return None
    return f"{source}{turned}{'.astype(np.int64)' if field.dtype == 'int64' else ''}"


def _turned(stored: tuple[int, ...], shape: tuple[int, ...]) -> str | None:
    """What brings an array to a shape: a dimension more or less, or channels first."""
    if shape == stored:
        return ""
    if shape == (*stored[:1], 1, *stored[1:]):
        return "[:, None]"
    if len(stored) == 4 and shape == (stored[0], stored[3], *stored[1:3]):
        return ".transpose(0, 3, 1, 2)"
    return "[:, 0]" if len(stored) == 2 and shape == stored[:1] else None


def _random(asked: Asked) -> Reading | None:
    if not asked.untouched:
        return None
    params = asked.params
    given = params["shape"]
    shape = (params["samples"], *(given if isinstance(given, tuple) else (given,)))
    lines = [f"    random = np.random.default_rng({params['seed']})"]
    values = {"input": "inputs"}
    if params["content"] == "tokens":
        lines.append(f"    inputs = random.integers({params['vocabulary']}, size={shape})")
        if params["segments"] > 1:
            places = f"np.arange({shape[-1]}) * {params['segments']} // {shape[-1]}"
            values["segment"] = f"np.broadcast_to({places}, inputs.shape).astype(np.int64)"
    else:
        lines.append(f"    inputs = random.standard_normal({shape}, np.float32)")
    target, functions = _TARGETS[params["target"]](params, shape)
    return Reading((*lines, *target, *returned(asked.names, {**values, **_NAMED})), functions)


_NAMED = {"label": "targets", "target": "targets"}
Made = tuple[list[str], tuple[Function, ...]]


def _random_classes(params: Params, shape: tuple[int, ...]) -> Made:
    return [f"    targets = mixed(inputs, {params['classes']}, random).argmax(1)"], (pieces.mixed,)


def _random_numbers(params: Params, shape: tuple[int, ...]) -> Made:
    call = f"mixed(inputs, {params['outputs']}, random).astype(np.float32)"
    return [f"    targets = {call}"], (pieces.mixed,)


def _random_map(params: Params, shape: tuple[int, ...]) -> Made:
    size = (params["classes"], shape[1])
    return [
        f"    mixture = random.standard_normal({size}).astype(np.float32)",
        "    targets = [np.tensordot(mixture, one, 1).argmax(0) for one in inputs]",
        "    targets = np.stack(targets)",
    ], ()


def _random_tokens(params: Params, shape: tuple[int, ...]) -> Made:
    return [f"    targets = random.permutation({params['vocabulary']})[inputs]"], ()


_TARGETS: Mapping[str, Callable[[Params, tuple[int, ...]], Made]] = {
    "classes": _random_classes,
    "numbers": _random_numbers,
    "class map": _random_map,
    "tokens": _random_tokens,
    "none": lambda params, shape: ([], ()),
}


def _table(asked: Asked) -> Reading | None:
    found = table_lines(asked.data, asked.folder, asked.ready, asked.params, asked.names)
    if found is None:
        return None
    lines, functions = found
    return Reading(lines, functions, "path")


def _image_folder(asked: Asked) -> Reading | None:
    """Pictures of one size in folders that name their classes."""
    ready = asked.ready
    image, label = ready.planned.get("image"), ready.planned.get("label")
    paths = getattr(image.column.cells, "paths", None) if image is not None else None
    if image is None or paths is None or image.augment:
        return None
    suffixes = sorted({path.suffix for path in paths})
    shape = asked.array("image").shape
    mode = "L" if shape[1] == 1 else "RGB"
    size = next((step.params for step in image.steps if step.type == "Resize"), None)
    if any(step.type != "Resize" for step in image.steps) or ready.table.test is not None:
        return None
    lines = statement(4, "suffixes = ", text.literal(tuple(suffixes)))
    lines.append('    paths = sorted(one for one in path.rglob("*") if one.suffix in suffixes)')
    wanted = f", ({size['width']}, {size['height']})" if size is not None else ""
    lines += statement(4, "images = ", f'np.stack([picture(one, "{mode}"{wanted}) for one in paths])')
    values = {"image": "images"}
    functions: list[Function] = [pieces.picture]
    if label is not None:
        lines += _folder_classes(asked, functions)
        values["label"] = "numbered(classes, names)"
    return Reading((*lines, *returned(asked.names, values)), tuple(functions), "folder")


def _text_folder(asked: Asked) -> Reading | None:
    """Texts in folders that name their classes."""
    ready = asked.ready
    paths = getattr(ready.table.columns["text"].cells, "paths", ())
    suffixes = sorted({path.suffix for path in paths})
    named = str(asked.params["encoding"]).lower()
    encoding = text.literal("utf-8" if named == "auto" else named)
    lines = statement(4, "suffixes = ", text.literal(tuple(suffixes)))
    lines.append('    paths = sorted(one for one in path.rglob("*") if one.suffix in suffixes)')
    lines.append(f"    texts = [one.read_text({encoding}) for one in paths]")
    values = {"text": "np.array(texts, object)"}
    functions: list[Function] = []
    if "label" in ready.planned:
        lines += _folder_classes(asked, functions)
        values["label"] = "numbered(classes, names)"
    return Reading((*lines, *returned(asked.names, values)), tuple(functions), "folder")


def _folder_classes(asked: Asked, functions: list[Function]) -> list[str]:
    """The classes, and the name of each file's."""
    part = {"first": "relative_to(path).parts[0]", "last": "parent.name"}.get(
        str(asked.params["classes"]), "relative_to(path).parent.as_posix()"
    )
    functions.append(pieces.numbered)
    classes = ", ".join(map(text.literal, asked.field("label").classes or ()))
    return [*statement(4, "classes = ", f"[{classes}]"), f"    names = [one.{part} for one in paths]"]


def _series(asked: Asked) -> Reading | None:
    """Windows of one series in a table."""
    params, ready = asked.params, asked.ready
    if str(params["group"]).strip() or params["gaps"] == "cut" or params["horizon"] < 1:
        return None
    path = Path(str(params["path"]))
    after = ready.table.columns["next"].cells
    from studio.data.sources.any_table import open_table
    from studio.data.sources.series_columns import is_number, numbers_of, time_column

    opened = open_table(asked.folder / path, str(params["encoding"]))
    frame = frame_reading(opened.path, opened.height) if params["encoding"] == "UTF-8" else None
    if frame is None:
        return None
    time = time_column(opened, str(params["time"]))
    looked = _names(params["columns"]) or [
        name for name in opened.columns if name != time and is_number(opened, name)
    ]
    targets = _names(params["target"]) or looked[-1:]
    holes = any(np.isnan(numbers_of(opened, name)).any() for name in (*looked, *targets))
    if holes or len(getattr(after, "values", ())) != opened.height:  # filled in, or rows left out
        return None
    sort = f".sort({text.literal(time)})" if time else ""
    lines = [f"    frame = {frame}{sort}"]
    values: dict[str, str] = {}
    stride, length, horizon = params["stride"], params["history"], params["horizon"]
    lines += statement(4, "values = ", f"frame.select({_listed(looked)}).to_numpy().astype(float)")
    lines.append(f"    starts = np.arange(0, len(values) - {length + horizon - 1}, {stride})")
    lines.append(f"    history = sliding_window_view(values, {length}, axis=0)[starts]")
    if targets != looked:
        lines += statement(4, "values = ", f"frame.select({_listed(targets)}).to_numpy().astype(float)")
    lines.append(f"    after = sliding_window_view(values, {horizon}, axis=0)[starts + {length}]")
    values["history"] = "np.ascontiguousarray(history.transpose(0, 2, 1))"
    flat = ".transpose(0, 2, 1)" if not getattr(after, "flat", "") else ".reshape(len(after), -1)"
    lines.append(f"    after = after{flat}")
    values["next"] = _stepped(ready, "after")
    rows = ("starts", f"starts + {length + horizon - 1}")
    return Reading((*lines, *returned(asked.names, values)), (), "path", rows)


def _stepped(ready: Ready, made: str) -> str:
    """What is foretold, after its steps of known numbers."""
    for setting, state in zip(ready.planned["next"].steps, ready.learned["next"], strict=True):
        if setting.type not in ("Standardize", "RobustScale"):
            return "None"
        made = f"({made} - {state['offset']!r}) / {state['spread']!r}"
    return made


def _names(setting: object) -> list[str]:
    return [part.strip() for part in str(setting).split(",") if part.strip()]


def _listed(names: Sequence[str]) -> str:
    return f"[{', '.join(map(text.literal, names))}]"


def frame_reading(path: Path, rows: int) -> str | None:
    """The expression that reads a table file with polars; None for one that takes more."""
    kinds = {".parquet": "parquet", ".pq": "parquet", ".arrow": "ipc", ".feather": "ipc", ".ipc": "ipc"}
    suffix = path.suffix.lower()
    if suffix in kinds:
        return f"pl.read_{kinds[suffix]}(path)"
    whole = ", infer_schema_length=None" if rows > INFERRED else ""
    if suffix not in (".csv", ".tsv", ".txt"):
        return None
    from studio.data.sources.csv_text import open_text

    found = open_text(path)
    separator = "" if found.delimiter == "," else f", separator={text.literal(found.delimiter)}"
    plain = not (found.numbered or found.added or found.above.lines)
    return f"pl.read_csv(path{separator}{whole})" if plain else None


def returned(names: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """The dictionary of the fields that are needed."""
    return listed(4, "return ", [(f"{text.literal(name)}: ", values[name]) for name in names], "{}")


_READERS: Mapping[str, Callable[[Asked], Reading | None]] = {
    "ScikitLearn": _scikit,
    "IDX": _idx,
    "Arrays": _arrays,
    "Random": _random,
    "CSV": _table,
    "Parquet": _table,
    "Arrow": _table,
    "ImageFolder": _image_folder,
    "TextFolder": _text_folder,
    "TimeSeries": _series,
}

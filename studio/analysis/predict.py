"""What a trained run says about new inputs: a row of numbers, a picture's file, or arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from studio.analysis.answers import Answer, answer, reading_of, target_field
from studio.analysis.inputs import Given, Samples, read_input
from studio.analysis.open_sizes import open_sizes
from studio.analysis.rows import UTF_8, Rows
from studio.analysis.series_rows import SeriesRows, series_rows
from studio.data.describe import describe
from studio.data.raw import Array, Column
from studio.data.row_ways import classes_of, needed
from studio.data.ways import Way
from studio.errors import StudioError
from studio.project.fields import Field
from studio.train.checkpoint import load_fields, load_network, load_scales, load_ways
from studio.train.runs import data_folder, run_project

BATCH = 512
STACKED = "features"


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the network says about one sample: an answer by name of result; `given` is the input as it came.

    `notes` tell what was done to it (a picture's new size, say). `refused` says why there is no answer.
    """

    given: str
    answers: Mapping[str, Answer]
    notes: tuple[str, ...] = ()
    refused: str = ""


class Predictor:
    """A trained run, loaded once, on the CPU. Needs none of the data it was trained on."""

    def __init__(self, run: Path, checkpoint: str = "best") -> None:
        """Load the weights. Raises StudioError."""
        self._network, self._plan = load_network(run, checkpoint)
        self._fields = load_fields(run)
        self._scales = load_scales(run)
        self._ways = load_ways(run)
        names = dict.fromkeys(step.field for step in self._plan.model_inputs)
        if missing := [name for name in names if name not in self._fields]:
            raise StudioError(
                f"{run.name}: nothing is known of the field {missing[0]}.", "Train the run anew."
            )
        self.inputs: Mapping[str, Field] = {name: self._fields[name] for name in names}
        """The fields that `predict` takes."""
        self.columns: Mapping[str, tuple[Column, ...]] = {
            name: columns for name in names if (columns := self._columns(run, name))
        }
        """What the values of a field are called, in the order of a row, where that is known."""
        needs = needed(self._ways, list(self.inputs)) or _of_numbers(self.inputs, self.columns)
        source = run_project(run).data.source
        encoding = str(source.params.get("encoding", UTF_8))
        self._rows: Rows | SeriesRows | None = (
            Rows(needs, self.inputs, encoding) if needs else series_rows(source, self.inputs, self._ways)
        )
        if self._rows is not None and self._rows.typable and len(self.inputs) == 1:
            of_row = tuple(Column(way.column, classes_of(way)) for way in needs.values())
            self.columns = dict.fromkeys(self.inputs, of_row)
        self._opened = open_sizes(self._plan)
        self._readings = {
            name: reading_of(self._plan, ref, self._fields, self._ways)
            for name, ref in self._plan.results.items()
        }
        self._tokens = {
            name: self._ways[field.name]
            for name, ref in self._plan.results.items()
            for loss in self._plan.losses
            if loss.prediction == ref
            and (field := target_field(self._plan, loss, self._fields)) is not None
            and field.name in self._ways
            and self._readings[name].places
        }

    def predict(self, inputs: Sequence[Given]) -> list[Prediction]:
        """A prediction for each sample of each input, in order. Raises StudioError.

        An input is a row as text ("5.1, 3.5, …"), words where the network was trained on texts, the path of a
        picture, a sound, a text or of an .npy or .npz file, an array (one sample or several), or, where the
        network has several inputs, such for each field: a mapping, or JSON text of one. Where it was trained
        on a table, another table of new rows too, and a mapping may give the values of a row by column. Rows
        of a file that cannot be used have no answers, and say why. Where it was trained on windows of a
        series, a table of its newest rows.
        """
        found: list[Prediction] = []
        for given in inputs:
            samples = read_input(given, self.inputs, self.columns, self._opened, self._ways, self._rows)
            answers = iter(self._answers(samples))
            count = len(samples) + len(samples.refused)
            for at in range(count):
                name = samples.given if count == 1 else f"{samples.given}, row {at + 1}"
                refused = samples.refused.get(at, "")
                found.append(Prediction(name, {} if refused else next(answers), samples.notes, refused))
        return found

    def _answers(self, samples: Samples) -> list[dict[str, Answer]]:
        found: list[dict[str, Answer]] = []
        for start in range(0, len(samples), BATCH):
            batch = {
                name: self._tensor(name, array[start : start + BATCH])
                for name, array in samples.arrays.items()
            }
            with torch.inference_mode():
                results = self._network(*(batch[step.field] for step in self._plan.model_inputs))
            tensors = results if isinstance(results, tuple) else (results,)
            values = {
                name: reading.values(tensor)
                for (name, reading), tensor in zip(self._readings.items(), tensors, strict=True)
            }
            count = len(next(iter(batch.values())))
            found += [
                {name: self._told(name, answer(self._readings[name], of[at])) for name, of in values.items()}
                for at in range(count)
            ]
        return found

    def _told(self, name: str, found: Answer) -> Answer:
        """An answer; tokens as the text that they stand for."""
        way = self._tokens.get(name)
        text = way.text(found.numbers) if way is not None and found.numbers is not None else None
        return replace(found, text=text) if text else found

    def _tensor(self, name: str, array: Array) -> torch.Tensor:
        field = self._fields[name]
        if field.dtype == "int64":
            _check_integers(array, field)
            return torch.from_numpy(np.ascontiguousarray(array, np.int64))
        scale = self._scales.get(name)
        done = scale.apply(array) if scale is not None else array
        return torch.from_numpy(np.ascontiguousarray(done, np.float32))

    def _columns(self, run: Path, name: str) -> tuple[Column, ...]:
        """A table's `features` are its input columns in order, and each is a field of its own."""
        if name != STACKED:
            return ()
        columns = tuple(
            Column(field.name, field.classes)
            for field in self._fields.values()
            if field.role == "input" and field.name != STACKED
        )
        columns = columns or describe(run_project(run).data, data_folder(run)).columns.get(name, ())
        return columns if (sum(column.width for column in columns),) == self._fields[name].shape else ()


def _of_numbers(inputs: Mapping[str, Field], columns: Mapping[str, tuple[Column, ...]]) -> dict[str, Way]:
    """The columns of a table that came ready, as a built-in set does, where all of them are plain numbers."""
    named = columns.get(STACKED, ())
    if list(inputs) != [STACKED] or not named or any(one.classes is not None for one in named):
        return {}
    return {one.name: Way(one.name, "number", (), row=True, stacked=True) for one in named}


def _check_integers(array: Array, field: Field) -> None:
    """Refuse fractions, and values beyond those that training may have seen."""
    low = field.low if field.low is not None else -np.inf
    high = field.high if field.high is not None else np.inf
    wrong = (array != np.round(array)) | (array < low) | (array > high)
    if wrong.any():
        raise StudioError(
            f"{field.name} takes whole numbers from {low:g} to {high:g}, not {array[wrong].flat[0]:g}.",
            "Correct the value.",
        )

"""New rows of a series for a run that was trained on windows of one: what comes after the newest of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.catalog.registry import registry, values_of
from studio.data.file_marks import encoding_of
from studio.data.lazy import uniform
from studio.data.raw import Array
from studio.data.sources.time_series import HISTORY, newest
from studio.data.transforms.step import applied
from studio.data.ways import Way
from studio.errors import StudioError
from studio.project.fields import Field
from studio.project.project import Setting

SOURCE = "TimeSeries"


@dataclass(frozen=True, slots=True)
class SeriesRows:
    """Takes tables; `params` are those of the source that the run was trained on."""

    params: Mapping[str, Any]
    field: Field
    way: Way | None = None
    typable: bool = False

    def given(self, row: Mapping[str, Any]) -> bool:
        """Whether values by column are one sample: never, a sample is several rows."""
        return False

    def typed(self, text: str) -> dict[str, Array]:
        """Not to be asked for: a sample is several rows."""
        raise AssertionError(text)

    def by_column(self, row: Mapping[str, Any]) -> dict[str, Array]:
        """Not to be asked for either."""
        raise AssertionError(row)

    def in_file(self, path: Path) -> tuple[dict[str, Array], dict[int, str]]:
        """The newest rows of each series in a table; series too short, and why. Raises StudioError."""
        windows, short = newest(self.params, path, encoding_of(path) or "UTF-8")
        if windows.shape[1:] != self.field.shape:
            raise StudioError(
                f"{path.name} has {windows.shape[2]} columns of numbers; the network looks at "
                f"{self.field.shape[1]}.",
                "Give a table with the columns that it was trained on.",
            )
        steps = self.way.chain if self.way is not None else ()
        return {self.field.name: uniform(HISTORY, applied(steps, windows)) if steps else windows}, short


def series_rows(source: Setting, inputs: Mapping[str, Field], ways: Mapping[str, Way]) -> SeriesRows | None:
    """What reads rows of a series; None for a run that was trained on something else."""
    component = registry().component("source", source.type)
    if source.type != SOURCE or component is None or set(inputs) != {HISTORY}:
        return None
    return SeriesRows(values_of(component.params, source.params), inputs[HISTORY], ways.get(HISTORY))

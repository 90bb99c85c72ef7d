"""What the checks say of settings that are sensible: samples left out, groups, spellings of one class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.data.checks import check_data
from studio.data.checks.look import Flaw
from studio.project.project import Data, FieldSetting, Setting


def table(folder: Path, head: str, lines: list[str]) -> Data:
    (folder / "t.csv").write_text("\n".join([head, *lines]))
    return Data(Setting("CSV", {"path": "t.csv"}))


def flaws_of(data: Data, folder: Path, check: str) -> list[Flaw]:
    return [one for one in check_data(data, folder).flaws if one.check == check]


def test_a_missing_target_whose_sample_is_left_out_is_no_error(tmp_path: Path) -> None:
    lines = [f"{at % 97 / 7:.3f},{'' if at % 10 == 0 else ('yes', 'no')[at % 97 % 2]}" for at in range(194)]
    data = table(tmp_path, "x,y", lines)
    assert [one.level for one in flaws_of(data, tmp_path, "missing")] == ["error"]
    data = Data(data.source, fields={"y": FieldSetting(missing="skip")})
    report = check_data(data, tmp_path)
    assert report.errors == 0
    (told,) = [one for one in report.flaws if one.check == "missing"]
    assert (told.level, told.count, told.fixes) == ("note", 20, ())
    assert told.hint == "As set, these samples are left out."
    assert not [one for one in report.flaws if one.check == "conflicts"]


@pytest.mark.parametrize("outlier", [None, "-999"])
@pytest.mark.parametrize("digits", [4, 16])
def test_numbers_that_differ_are_not_equal_but_for_the_last_digits(
    tmp_path: Path, outlier: str | None, digits: int
) -> None:
    numbers = np.random.default_rng(0).random((300, 2))
    rows = [[f"{one:.{digits}f}" for one in row] for row in [(0.2504, 0.1698), (0.2495, 0.1695), *numbers]]
    if outlier is not None:
        rows[7][0] = rows[70][0] = rows[99][1] = outlier
    lines = [f"{one},{other},{('yes', 'no')[at % 2]}" for at, (one, other) in enumerate(rows)]
    assert flaws_of(table(tmp_path, "a,b,y", lines), tmp_path, "near") == []
    if digits == 4:
        again = [f"{float(one) + 1e-7:.9f},{float(other) + 1e-7:.9f},yes" for one, other in rows[20:23]]
        flaw = flaws_of(table(tmp_path, "a,b,y", [*lines, *again]), tmp_path, "near")[0]
        assert flaw.sentence.startswith("3 groups of rows that are equal but for the last digits")

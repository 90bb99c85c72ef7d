"""What columns seem to be: of real tables, and of small ones that are easily mistaken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import datasets

from studio.data.cells import Held, Listed
from studio.data.dates import UNTOLD
from studio.data.findings import Finding, find_column
from studio.data.pipeline import read_data
from studio.data.table import SourceColumn
from studio.project.project import Data, Project, Setting
from studio.ui.import_look import look

PENGUINS = """species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year,study,note
Adelie,Torgersen,39.1,18.7,181,3750,male,2007,PAL0708,a bird that was seen near the shore in the morning
Adelie,Biscoe,NA,NA,NA,NA,NA,2008,PAL0809,no measurements could be taken of this one at all
Gentoo,Biscoe,46.1,13.2,211,4500,female,2009,PAL0910,it came back to the nest when we had left it alone
Chinstrap,Dream,46.5,17.9,192,3500,female,2007,PAL0708,an old friend of ours from the year before this one
"""


def found(values: Any, name: str = "x") -> Finding:
    cells = Held(values) if isinstance(values, np.ndarray) else Listed(values)
    return find_column(name, SourceColumn(cells))


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "diabetes"])
def test_real_tables_of_numbers(tmp_path: Path, name: str) -> None:
    frame = getattr(datasets, f"load_{name}")
    loaded = frame(scaled=False) if name == "diabetes" else frame()
    table = np.column_stack([loaded.data, loaded.target])
    header = ",".join([*(str(one) for one in loaded.feature_names), "target"])
    np.savetxt(tmp_path / "a.csv", table, "%.6g", ",", header=header, comments="")
    ready = read_data(Data(Setting("CSV", {"path": "a.csv"})), tmp_path)
    kinds = {one.kind for key, one in ready.planned.items() if key != "target"}
    assert kinds == {"number"}
    assert ready.planned["target"].kind == ("number" if name == "diabetes" else "category")
    assert len(ready.planned) == table.shape[1]


def test_a_table_of_birds(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(PENGUINS)
    ready = read_data(
        Data(Setting("CSV", {"path": "a.csv", "target": "species", "missing": "skip"})), tmp_path
    )
    kinds = {name: one.kind for name, one in ready.findings.items()}
    assert kinds == {
        "species": "category",
        "island": "category",
        "bill_length_mm": "number",
        "bill_depth_mm": "number",
        "flipper_length_mm": "number",
        "body_mass_g": "number",
        "sex": "category",
        "year": "number",
        "study": "category",
        "note": "text",
    }
    assert ready.findings["sex"].missing == 1
    assert ready.raw.samples == 3


@pytest.mark.parametrize(
    ("values", "kind", "evidence"),
    [
        (["yes", "no", None, "yes"], "category", "no or yes"),
        (["True", "False", "True"], "category", "False or True"),
        (["02134", "94110", "00501", "02134"], "category", "codes such as 02134, with zeros that lead"),
        (["12%", "7 %", "8%"], "number", "numbers, percent, such as 12%"),
        (["$1,200", "$15", "-$3.50"], "number", "numbers, amounts of money, such as $1,200"),
        (["1,200", "15,000,000", "3"], "number", "numbers, with thousands apart, such as 1,200"),
        (["1,5", "2,25", "3"], "number", "numbers, with a comma before the fraction, such as 1,5"),
        (["2026-01-31", "2026-02-01"], "time", "dates such as 2026-01-31"),
        (["2026-01-31T12:00", "2026-02-01T13:30"], "time", "dates such as 2026-01-31T12:00"),
        (["31.01.2026", "01.02.2026"], "time", "dates such as 31.01.2026, written as d.m.Y"),
        (["31/01/2026", "01/02/2026"], "time", "dates such as 31/01/2026, written as d/m/Y"),
        (["01/31/2026", "02/01/2026"], "time", "dates such as 01/31/2026, written as m/d/Y"),
        (["01/02/2026", "03/04/2026"], "category", UNTOLD),
        (["5 Jan 2026", "17 Mar 2026"], "time", "dates such as 5 Jan 2026, written as d b Y"),
        (["a/b.png", "c.JPG"], "image", "paths of image files, such as a/b.png"),
        (["a.wav", "b.flac"], "audio", "paths of audio files, such as a.wav"),
        (["same"] * 5, "category", "always same"),
        (["(923)", "1,200", "(1,050.5)"], "number", "numbers, those below 0 in brackets, such as (923)"),
        (["−4", "5", "−1.5"], "number", "numbers such as −4"),
        (["1949-01", "1949-02", "1949-12"], "time", "dates such as 1949-01, written as Y-m"),
        (["Jan 1949", "Feb 1949"], "time", "dates such as Jan 1949, written as b Y"),
        (["", None, "NA"], "text", "no values"),
        ([f"u{at:05}" for at in range(40)], "identifier", "every value once"),
        ([f"line {at} of a tale" for at in range(40)], "text", "5 words each, most of them different"),
        (np.full(9, 3.0), "number", "always 3"),
        (np.array([1.0, np.nan, 4]), "number", "numbers from 1 to 4"),
        (np.array(["2026-01-01", "NaT"], "datetime64[us]"), "time", "dates and times"),
    ],
)  # fmt: skip
def test_what_values_seem_to_be_and_why(values: Any, kind: str, evidence: str) -> None:
    finding = found(values)
    assert (finding.kind, finding.evidence) == (kind, evidence)


def test_whole_numbers_that_differ_are_an_identifier_only_where_they_are_so_named() -> None:
    assert found(np.arange(50.0), "user_id").kind == "identifier"
    assert found(np.arange(50.0), "distance").kind == "number"
    assert found(np.arange(50.0)[::-1].copy(), "user_id").kind == "identifier"
    assert found(np.arange(50.0), "number of rooms").kind == "identifier"
    assert found(np.arange(50.0)[::-1].copy(), "number of rooms").kind == "number"
    assert found(np.arange(50.0), "Unnamed: 0").kind == "identifier"
    assert found(3 * np.arange(50.0), "Unnamed: 0").kind == "number"


@pytest.mark.parametrize(("name", "kind"), [("file", "image"), ("maskFile", "mask"), ("gt", "mask")])
def test_paths_of_pictures_are_masks_where_so_named(name: str, kind: str) -> None:
    assert found(["a/1.png", "a/2.png"], name).kind == kind


NAMING = (
    "tx",
    "txid",
    "TxID",
    "customer_no",
    "Order Nr.",
    "orderNumber",
    "KundenNr",
    "rechnungsnr",
    "invoice_num",
)
MEANING = (
    "price",
    "year",
    "zip",
    "zipcode",
    "paid",
    "bid",
    "number of orders",
    "rooms_no",
    "tx_power",
    "nr",
    "num",
)


@pytest.mark.parametrize("name", [*NAMING, *MEANING])
def test_numbers_of_things_are_identifiers_in_any_order_and_numbers_that_say_something_are_none(
    tmp_path: Path, name: str
) -> None:
    rows = "".join(f"{10_000 + at * 7919 % 60_013},{at % 7}.5,{at % 2}\n" for at in range(200))
    (tmp_path / "a.csv").write_text(f"{name},x,y\n{rows}")
    seen = look(Project(), Data(Setting("CSV", {"path": "a.csv"})), tmp_path)
    first = seen.description.facts[0]
    naming = name in NAMING
    assert (first.kind, first.role) == (("identifier", "ignore") if naming else ("number", "input"))
    assert seen.description.fields["features"].shape == (1 if naming else 2,)


def test_numbers_of_things_that_come_again_tell_something() -> None:
    assert found(np.arange(50.0) % 20, "customer_no").kind == "number"
    assert found(np.arange(50.0)[::-1] - 60.0, "order_nr").kind == "number"

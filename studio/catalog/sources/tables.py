"""Data sources that are tables; data/sources/ reads them."""

from __future__ import annotations

from studio.catalog.registry import Component
from studio.project.params import Bool, Choice, FilePath, Int, Param, Text

TARGET = Text(
    "target", "", "The column to predict, or several with commas between; nothing for the last column"
)
IGNORE = Text("ignore", "", "Columns to leave out, with commas between")
COLUMNS: tuple[Param, ...] = (
    TARGET,
    IGNORE,
    Choice(
        "target_kind",
        "auto",
        "What is predicted: classes, or numbers; auto takes texts, and few whole numbers that come "
        "up often, as classes",
        options=("auto", "classes", "numbers"),
    ),
    Choice(
        "missing",
        "error",
        "Missing values (empty, NA, NaN, null, ?): error names the first, skip leaves such rows out",
        options=("error", "skip"),
    ),
)
ENCODING = Choice(
    "encoding",
    "UTF-8",
    "How the file writes its letters",
    advanced=True,
    options=(
        "UTF-8",
        "UTF-16",
        "Latin-1",
        "CP1252",
        "CP1251",
        "GBK",
        "Big5",
        "Shift-JIS",
        "EUC-KR",
        "KOI8-R",
    ),
)
BROKEN = Choice(
    "broken",
    "error",
    "Rows that cannot be read (too few or too many values, no JSON): error names the first and trains "
    "nothing, skip leaves them out",
    options=("error", "skip"),
)
REPEATED = Choice(
    "repeated",
    "error",
    "Columns of the same name: error names them and trains nothing, number calls the later ones name_2, "
    "name_3 and so on",
    options=("error", "number"),
    advanced=True,
)
SHEET = Text("sheet", "", "The sheet of an Excel file; nothing for the first that holds a table")
TABLES: tuple[Component, ...] = (
    Component(
        "CSV",
        "source",
        "A table in a text file, one sample a row, the columns' names in the first",
        params=(
            FilePath("path", "", "The file", patterns=("*.csv", "*.tsv", "*.txt"), essential=True),
            *COLUMNS,
            BROKEN,
            REPEATED,
            ENCODING,
        ),
    ),
    Component(
        "Parquet",
        "source",
        "A table in a Parquet file, or in all those of a folder; may be larger than memory",
        params=(
            FilePath("path", "", "The file or folder", patterns=("*.parquet",), essential=True),
            *COLUMNS,
        ),
    ),
    Component(
        "Arrow",
        "source",
        "A table in an Arrow file (IPC, or Feather)",
        params=(
            FilePath("path", "", "The file", patterns=("*.arrow", "*.feather", "*.ipc"), essential=True),
            *COLUMNS,
        ),
    ),
    Component(
        "JSONLines",
        "source",
        "A table of one JSON object a line, or of one JSON list of objects",
        params=(
            FilePath("path", "", "The file", patterns=("*.jsonl", "*.ndjson", "*.json"), essential=True),
            *COLUMNS,
            BROKEN,
        ),
    ),
    Component(
        "Excel",
        "source",
        "A sheet of an Excel or OpenDocument file, the columns' names in its first row",
        params=(
            FilePath(
                "path",
                "",
                "The file",
                patterns=("*.xlsx", "*.xlsm", "*.xls", "*.xlsb", "*.ods"),
                essential=True,
            ),
            SHEET,
            *COLUMNS,
        ),
    ),
    Component(
        "TimeSeries",
        "source",
        "Windows of one or several series in a table: from some rows, those that follow are foretold",
        params=(
            FilePath(
                "path",
                "",
                "The table: CSV, TSV, Parquet, Arrow, JSON Lines or Excel",
                patterns=("*.csv", "*.tsv", "*.parquet", "*.arrow", "*.feather", "*.jsonl", "*.xlsx"),
                essential=True,
            ),
            Text(
                "time",
                "",
                "The column of times, or of numbers that rise; nothing for the first of times, or the order "
                "of the rows",
            ),
            Text("columns", "", "The columns to look at, with commas between; nothing for all of numbers"),
            Text("target", "", "The columns to foretell, with commas between; nothing for the last"),
            Text("group", "", "The column that tells several series apart; nothing for one series"),
            Int("history", 24, "Rows that are looked at", low=1, high=1_000_000, essential=True),
            Int("horizon", 1, "Rows after them that are foretold", low=1, high=1_000_000, essential=True),
            Int("stride", 1, "Rows from one window to the next", low=1, high=1_000_000),
            Bool(
                "by_time",
                True,
                "The latest windows test, those before them validate, and none reaches over the borders "
                "between; off leaves the split to the data settings",
            ),
            Choice(
                "gaps",
                "tell",
                "Where a row is missing in a regular series: tell and go on, or make no window across it",
                options=("tell", "cut"),
            ),
            Choice(
                "missing",
                "last",
                "Where a value that is looked at is missing: last takes the one before it in the same series "
                "(nothing later), error names the first; what is foretold is never filled in",
                options=("last", "error"),
            ),
            ENCODING,
        ),
    ),
)

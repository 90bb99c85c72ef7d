"""What tells the kind of a data file: the end of its name, and the bytes that it begins with."""

from __future__ import annotations

import codecs
import io
import os
import re
from dataclasses import replace
from pathlib import Path

from studio.data.decoding.texts import likely_encoding
from studio.data.findings import SUFFIXES as MEDIA
from studio.data.guess import Guess
from studio.project.params import Value

BEGINNING = 65_536
"""Bytes of a file that are looked at."""
LONG_TEXT = 20_000
"""Bytes from which a text is likely one that runs on."""
MANY_LINES = 10
MOST_FOR_ENCODING = 4 * 2**20
"""Bytes that are searched for the first letter that is no ASCII."""
MOST_NAMED = 12
"""Sheets that are named."""
LIKELY = {
    "shift_jis": "Shift-JIS",
    "euc_kr": "EUC-KR",
    "gb18030": "GBK",
    "big5": "Big5",
    "cp1251": "CP1251",
    "cp1252": "CP1252",
}
"""Encodings as the tables' setting has them."""
BY_SUFFIX = {
    "CSV": (".csv", ".tsv", ".tab"),
    "Parquet": (".parquet", ".pq"),
    "Arrow": (".arrow", ".feather", ".ipc"),
    "JSONLines": (".jsonl", ".ndjson", ".json"),
    "Excel": (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"),
    "Arrays": (".npz", ".npy"),
    "SafeTensors": (".safetensors",),
    "HDF5": (".h5", ".hdf5", ".hdf"),
    "PythonData": (".py",),
}
TABLES = ("CSV", "Parquet", "Arrow", "JSONLines", "Excel")
WHY = {
    "CSV": "A table as text",
    "Parquet": "A Parquet table",
    "Arrow": "An Arrow table",
    "JSONLines": "JSON, a record in each line or in one list",
    "Excel": "A spreadsheet",
    "Arrays": "NumPy arrays",
    "SafeTensors": "Tensors in a safetensors file",
    "HDF5": "Arrays in an HDF5 file",
    "IDX": "Pictures or labels in MNIST's own format",
    "PythonData": "Python code, if it has a function that gives a data set",
    "TextLines": "Text; each line would be a sample",
}
PACKED = (".zip", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".gz", ".zst")
RUNS_CODE = (".pkl", ".pickle", ".pt", ".pth", ".joblib")
BYTES = (
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"\x89HDF\r\n", "HDF5"),
    (b"\x93NUMPY", "Arrays"),
)
_IDX = re.compile(r"(-idx[1-4]|[-.]idx[1-4]?-?ubyte|idx[1-4]-ubyte)(\.gz)?$", re.IGNORECASE)
_DATES = re.compile(r"\b\d{4}-\d\d-\d\d(?!\d)|\b\d\d?\.\d\d?\.\d{4}(?!\d)")


def suffix_source(name: str) -> str:
    """The source that files with such a name are for, "" for none."""
    if is_idx(name):
        return "IDX"
    suffix = Path(name).suffix.lower()
    return next((source for source, suffixes in BY_SUFFIX.items() if suffix in suffixes), "")


def is_idx(name: str) -> bool:
    """Whether a file is named as those of MNIST are."""
    return _IDX.search(name) is not None


def by_name(path: Path) -> tuple[str, list[Guess]]:
    """What a file's name says: a sentence why it cannot be taken as it is, or guesses."""
    name, suffix = path.name, path.suffix.lower()
    source = suffix_source(name)
    if source == "IDX":
        return "", [Guess("IDX", path, WHY["IDX"], 0.95)]
    if source:
        return "", _of_suffix(source, path)
    if suffix in PACKED:
        return f"{name} is packed. Unpack it first, then take what was in it.", []
    if suffix in RUNS_CODE:
        hint = "Save the arrays as .npz or .safetensors, which hold nothing but data."
        return f"{name} is a file that can run a program when it is read, and is not read. {hint}", []
    for kind, suffixes in MEDIA.items():
        if suffix in suffixes:
            what = {"image": "a single picture", "audio": "a single sound"}[kind]
            hint = "Take the folder that holds all of them, or the table that lists them."
            return f"{name} is {what}. {hint}", []
    return "", []


def _of_suffix(source: str, path: Path) -> list[Guess]:
    why = f"{WHY[source]}: the name ends in {path.suffix}"
    if source == "Excel":
        told, params = _sheet(path)
        return with_series(Guess(source, path, why + told, 0.95, params))
    encoding = encoding_of(path) if source == "CSV" else ""
    if encoding:
        why += f"; letters seem to be written as {encoding}"
    if source == "CSV":
        why += _above(_text(path, encoding))[1]
    return with_series(Guess(source, path, why, 0.95, {"encoding": encoding} if encoding else {}))


def _sheet(path: Path) -> tuple[str, dict[str, Value | Path]]:
    """Which sheet of several is taken, and what is above its table, as evidence and as settings."""
    from studio.data.raw import DataError
    from studio.data.sources.beginning import ROWS  # it loads what reads tables
    from studio.data.sources.excel import read_sheet

    try:
        sheet = read_sheet(path, most=ROWS)
    except DataError:  # what is wrong is told when it is read
        return "", {}
    told = f"; {sheet.above.told}" if sheet.above.told else ""
    if len(sheet.names) < 2:
        return told, {}
    listed = ", ".join(sheet.names[:MOST_NAMED]) + (" …" if len(sheet.names) > MOST_NAMED else "")
    return f"; the sheet {sheet.name} is taken, of {listed}{told}", {"sheet": sheet.name}


def with_series(guess: Guess) -> list[Guess]:
    """A guess, and where it is a table with dates what it would be as a series, which may be likelier."""
    path = guess.path
    if path is None or guess.source not in TABLES:
        return [guess]
    from studio.data.series_marks import series_guess  # it loads what reads tables

    encoding = str(guess.params.get("encoding", ""))
    try:
        series = series_guess(path, guess.source, encoding)
    except Exception:  # an odd table is still a table, whatever fails here
        series = None
    if series is not None:
        return [guess, replace(series, confidence=min(series.confidence, guess.confidence + 0.02))]
    if guess.source == "CSV" and _DATES.search(_text(path)[:2000]):
        why = "A table with dates: windows of its past would predict what comes next"
        return [guess, Guess("TimeSeries", path, why, 0.5, guess.params)]
    return [guess]


def encoding_of(path: Path) -> str:
    """How a text that is no UTF-8 seems to write its letters; "" where it is, or where it is no text.

    Letters of several bytes each stand in runs; between letters of Western Europe there is ASCII.
    """
    try:
        with path.open("rb") as file:
            begins = file.read(MOST_FOR_ENCODING)
    except OSError:
        return ""
    if begins.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    if b"\0" in begins or _is_text(begins, "UTF-8"):
        return ""
    runs = re.findall(rb"[\x80-\xff]+", begins)
    if sum(len(run) for run in runs) < 2 * len(runs):
        return "CP1252" if _is_text(begins, "CP1252") else ""
    lines = begins[: begins.rfind(b"\n") + 1 or None].split(b"\n")
    foreign = b"\n".join(line for line in lines if not line.isascii())
    likely = LIKELY.get(likely_encoding(foreign) or "", "")
    others = ("GBK", "Shift-JIS", "EUC-KR")
    return next((one for one in (likely, *others) if one and _is_text(begins, one)), "")


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder; links that lead to each other are none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_text(begins: bytes, encoding: str) -> bool:
    """Whether bytes, cut off anywhere, are such a text."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(begins)
    except UnicodeDecodeError:
        return False
    return True


def by_content(path: Path) -> list[Guess]:
    """What a file's beginning says."""
    with path.open("rb") as file:
        begins = file.read(BEGINNING)
    for mark, source in BYTES:
        if begins.startswith(mark):
            return [Guess(source, path, f"{WHY[source]}: the file begins as one", 0.9)]
    if (
        len(begins) > 8
        and begins[:2] == b"\0\0"
        and begins[2] in (8, 9, 11, 12, 13, 14)
        and 0 < begins[3] < 5
    ):
        return [Guess("IDX", path, f"{WHY['IDX']}: the file begins as one", 0.8)]
    if begins.startswith(b"PK\3\4") and b".npy" in begins[:200]:
        return [Guess("Arrays", path, f"{WHY['Arrays']}: an archive of .npy files", 0.9)]
    return _of_text(path, begins)


def _of_text(path: Path, begins: bytes) -> list[Guess]:
    """Lines that all have one separator are a table, others are texts."""
    text = _decoded(begins)
    lines = [line for line in text.splitlines() if line.strip()][:50]
    if not lines:
        return []
    if lines[0].startswith("{") and lines[0].rstrip().endswith("}"):
        return [Guess("JSONLines", path, f"{WHY['JSONLines']}: each line stands in braces", 0.9)]
    if text.lstrip()[:1] in "[{":
        return []
    guesses: list[Guess] = []
    separator = _separator(lines)
    above, left = ("", "") if separator else _above(text)
    separator = separator or _separator([line for line in above.splitlines() if line.strip()][:50])
    if separator:
        told = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}[separator]
        guesses += with_series(Guess("CSV", path, f"{WHY['CSV']}: all lines have as many {told}{left}", 0.85))
    guesses.append(Guess("TextLines", path, WHY["TextLines"], 0.6))
    sure = 0.65 if len(begins) >= LONG_TEXT and not separator else 0.3
    told = "Running text: from what was written, the next character is predicted"
    guesses.append(Guess("TextLines", path, told, sure, {"content": "running text"}))
    return guesses


def _above(text: str) -> tuple[str, str]:
    """A text without what stands above its table, and what is told of that; "" where nothing does."""
    from studio.data.sources.above_table import above_table  # it loads what reads tables

    whole = 4 * len(text) < BEGINNING  # so many bytes a character may take
    above = above_table(text.removeprefix("\ufeff"), whole=whole)
    rest = "".join(io.StringIO(text, newline="").readlines()[above.lines :]) if above.lines else ""
    return rest, f"; {above.told}" if above.told else ""


def has_many_lines(path: Path) -> bool:
    """Whether the beginning of a file is a text of many lines."""
    return len([line for line in _text(path).splitlines() if line.strip()]) >= MANY_LINES


def _separator(lines: list[str]) -> str:
    for separator in "\t;,|":
        counts = {line.count(separator) for line in lines[:-1] or lines}
        if len(lines) > 1 and len(counts) == 1 and counts != {0}:
            return separator
    return ""


def _text(path: Path, encoding: str = "") -> str:
    try:
        with path.open("rb") as file:
            begins = file.read(BEGINNING)
            return begins.decode(encoding, "replace") if encoding else _decoded(begins)
    except OSError:
        return ""


def _decoded(begins: bytes) -> str:
    """Text, or "" where the bytes are none."""
    if begins.startswith((b"\xff\xfe", b"\xfe\xff")):
        return begins.decode("utf-16", "replace")
    if b"\0" in begins:
        return ""
    return begins.decode("utf-8", "replace")

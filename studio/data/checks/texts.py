"""Texts that were read in a wrong encoding: Ã¼ in place of ü, and characters that were lost."""

from __future__ import annotations

import re

from studio.data.browsing.seen import WORDS, Seen
from studio.data.checks.look import Flaw, Look, counted
from studio.errors import Fix
from studio.project.mending import SetSource

LOST = "\ufffd"
SUSPECTS = re.compile(r"[ÂÃÐÑâäåæçèéêëïð][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")


def wrong_encodings(look: Look) -> list[Flaw]:
    """Columns, names of columns and classes with such texts."""
    found: list[Flaw] = []
    rows = look.rows()
    for column in look.opened.columns.values():
        if column.kind not in WORDS or column.role == "ignore":
            continue
        look.go_on()
        words = column.words(rows)
        wrong = [(int(row), word) for row, word in zip(rows, words, strict=True) if word and misread(word)]
        if wrong:
            found.append(_told(look, column, wrong))
    names = [name for name in look.opened.columns if misread(name)]
    if names:
        meant = mended(names[0])
        sentence = f"The column {names[0]} seems to be misread{f': {meant} is meant' if meant else ''}."
        found.append(
            Flaw("encodings", "warning", sentence, "Choose another encoding for the source.", len(names))
        )
    return found


def misread(text: str) -> bool:
    """Whether a text looks as if it was read in a wrong encoding."""
    return LOST in text or (bool(SUSPECTS.search(text)) and bool(mended(text)))


def mended(text: str) -> str:
    """What a misread text most likely says; "" where that cannot be told."""
    try:
        found = b"".join(_byte(letter) for letter in text).decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return ""
    return found if len(found) < len(text) else ""


def _byte(letter: str) -> bytes:
    """The byte that a letter was read from as Windows reads it; those it has no letter for stay."""
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return letter.encode("latin-1")


def _told(look: Look, column: Seen, wrong: list[tuple[int, str]]) -> Flaw:
    row, text = wrong[0]
    meant = mended(text)
    words = f"{_short(meant)} is meant" if meant else "characters were lost"
    rows = tuple(row for row, _ in wrong)
    return Flaw(
        "encodings",
        "warning",
        f"{column.name}: {counted(len(wrong), 'texts')} {'seems' if len(wrong) == 1 else 'seem'} to be "
        f"misread, such as “{_short(text)}” in {look.named([row])} ({words}).",
        "Choose another encoding for the source, or save the file as UTF-8.",
        len(wrong),
        rows,
        column.name,
        (*_as_utf_8(look, meant), look.exclude(rows, "samples")),
    )


def _as_utf_8(look: Look, meant: str) -> tuple[Fix, ...]:
    """Read the file as UTF-8, which it seems to be, where something else was chosen."""
    chosen = str(look.opened.data.source.params.get("encoding", "UTF-8"))
    if not meant or chosen == "auto" or chosen.lower() == "utf-8":
        return ()
    written = "utf-8" if look.opened.data.source.type in ("TextFolder", "TextLines") else "UTF-8"
    return (Fix("Read it as UTF-8", SetSource("encoding", written)),)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"

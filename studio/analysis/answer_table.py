"""Answers as a table that other programs read: a line for each sample, also for one that has no answer."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np

from studio.analysis.answers import Answer
from studio.analysis.predict import Prediction

REFUSED = "no answer because"


def refused_text(found: Sequence[Prediction]) -> str:
    """How many samples have no answer, and why the first has none; "" where all have one."""
    refused = [one for one in found if one.refused]
    if not refused:
        return ""
    have = "has" if len(refused) == 1 else "have"
    return f"{len(refused):,} of {len(found):,} {have} no answer, the first: {refused[0].refused}"


def answer_table(found: Sequence[Prediction]) -> str:
    """All answers as CSV: what was given, each result with the share of its class, and why there is none."""
    names = list(dict.fromkeys(name for one in found for name in one.answers))
    shared = [name for name in names if any(one.answers[name].shares for one in found if one.answers)]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    heads = [head for name in names for head in ((name, f"{name} share") if name in shared else (name,))]
    rows.writerow(["input", *heads, REFUSED])
    for one in found:
        cells: list[str] = []
        for name in names:
            answer = one.answers.get(name)
            cells.append("" if answer is None else _told(answer))
            if name in shared:
                sure = None if answer is None else answer.confidence
                cells.append("" if sure is None else repr(round(sure, 6)))
        rows.writerow([one.given, *cells, one.refused])
    return text.getvalue()


def _told(answer: Answer) -> str:
    """A class, a text, or every number."""
    if answer.shares or answer.text or answer.numbers is None:
        return str(answer)
    return " ".join(repr(float(one)) for one in np.asarray(answer.numbers).reshape(-1))

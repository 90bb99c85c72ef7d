"""Classes that are the same word written in several ways."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import numpy as np

from studio.data.browsing.seen import Seen
from studio.data.checks.look import Flaw, Look, counted
from studio.errors import Fix
from studio.project import sample_edits

MOST_TOLD = 3


def spellings(look: Look) -> list[Flaw]:
    """Classes that are equal but for case and the blanks around them."""
    return [
        flaw
        for column in look.opened.columns.values()
        if column.kind == "category" and not column.shape and column.whole and column.role != "ignore"
        for flaw in _of(look, column)
    ]


def _of(look: Look, column: Seen) -> list[Flaw]:
    look.go_on()
    rows = look.rows()
    words = column.words(rows)
    counts = Counter(word for word in words if word is not None)
    alike: dict[str, list[str]] = {}
    for word, _ in counts.most_common():
        alike.setdefault(word.strip().casefold(), []).append(word)
    several = [names for names in alike.values() if len(names) > 1]
    if not several:
        return []
    better = {name: names[0] for names in several for name in names[1:]}
    wrong = {int(row): better[word] for row, word in zip(rows, words, strict=True) if word in better}
    told = "; ".join(_told(names, counts) for names in several[:MOST_TOLD])
    told += " …" if len(several) > MOST_TOLD else ""
    of_all = np.array([word in {*better, *better.values()} for word in words], bool)
    labels = {look.opened.key(row): word for row, word in wrong.items()}
    label = f"Write {counted(len(labels), 'samples')} as most of their class"
    return [
        Flaw(
            "spellings",
            "warning",
            f"{column.name}: {told} are equal but for case and blanks, and count as different classes"
            f"{look.looked_at(rows)}.",
            "Write each class in one way, or leave them if they do differ.",
            len(wrong),
            tuple(rows[of_all].tolist()),
            column.name,
            (Fix(label, partial(_relabel, column.of, labels)),),
        )
    ]


def _told(names: list[str], counts: Counter[str]) -> str:
    """Spellings with how often each is there, those with blanks within quotation marks."""
    shown = [f"{name if name == name.strip() else f'“{name}”'} ({counts[name]:,})" for name in names]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _relabel(column: str, labels: dict[str, str], project: Any) -> Any:  # noqa: ANN401
    return sample_edits.relabel(project, column, labels)

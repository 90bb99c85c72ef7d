"""What panels say of the columns of the data: kinds, roles, missing values, and what comes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from studio.catalog.kinds import KINDS, MISSING, ODD, ROLES
from studio.ui.described import field_text
from studio.ui.monitor.wording import grouped
from studio.ui.words import declared

if TYPE_CHECKING:
    from studio.data.column_facts import ColumnFacts

_tr = QCoreApplication.translate


def kind_word(kind: str) -> str:
    """A kind in a word."""
    words = {
        "number": _tr("Columns", "number"),
        "category": _tr("Columns", "category"),
        "text": _tr("Columns", "text"),
        "image": _tr("Columns", "image"),
        "mask": _tr("Columns", "mask"),
        "audio": _tr("Columns", "audio"),
        "time": _tr("Columns", "time"),
        "identifier": _tr("Columns", "identifier"),
    }
    return words.get(kind, kind)


def role_word(role: str) -> str:
    """A role in a word or two."""
    words = {
        "input": _tr("Columns", "input"),
        "target": _tr("Columns", "target"),
        "ignore": _tr("Columns", "left out"),
    }
    return words.get(role, role)


def way_word(way: str) -> str:
    """A way for missing values in a few words."""
    words = {
        "error": _tr("Columns", "stop and tell"),
        "skip": _tr("Columns", "leave sample out"),
        "mean": _tr("Columns", "mean"),
        "median": _tr("Columns", "median"),
        "common": _tr("Columns", "most common"),
        "zero": _tr("Columns", "zero"),
        "class": _tr("Columns", "class of its own"),
    }
    return words.get(way, way)


def odd_word(way: str) -> str:
    """A way for values of another kind in a few words."""
    words = {
        "error": _tr("Columns", "stop and tell"),
        "missing": _tr("Columns", "as missing"),
        "skip": _tr("Columns", "leave sample out"),
    }
    return words.get(way, way)


def called(names: Sequence[str]) -> str:
    """Columns in the label of a step: one by its name, several by their number."""
    if len(names) == 1:
        return names[0]
    return _tr("Columns", "{count} columns").format(count=len(names))


def kind_label(names: Sequence[str], kind: str) -> str:
    """The undo step that takes columns as a kind."""
    labels = {
        "number": _tr("Columns", "Take {names} as a number"),
        "category": _tr("Columns", "Take {names} as a category"),
        "text": _tr("Columns", "Take {names} as text"),
        "image": _tr("Columns", "Take {names} as an image"),
        "mask": _tr("Columns", "Take {names} as a mask"),
        "audio": _tr("Columns", "Take {names} as audio"),
        "time": _tr("Columns", "Take {names} as a time"),
        "identifier": _tr("Columns", "Take {names} as an identifier"),
        "": _tr("Columns", "Take {names} as it was found"),
    }
    return labels[kind].format(names=called(names))


def role_label(names: Sequence[str], role: str) -> str:
    """The undo step that gives columns a role."""
    labels = {
        "input": _tr("Columns", "Use {names} as input"),
        "target": _tr("Columns", "Predict {names}"),
        "ignore": _tr("Columns", "Leave out {names}"),
    }
    return labels[role].format(names=called(names))


def way_label(names: Sequence[str]) -> str:
    """The undo step that chooses what is done about missing values."""
    return _tr("Columns", "Missing values of {names}").format(names=called(names))


def odd_label(names: Sequence[str]) -> str:
    """The undo step that chooses what is done about values of another kind."""
    return _tr("Columns", "Odd values of {names}").format(names=called(names))


def meaning(kind: str, facts: ColumnFacts | None) -> str:
    """What taking a column as a kind would mean."""
    if facts is None or not facts.different:
        return declared(KINDS[kind])
    if kind == "category":
        return _tr("Columns", "{count} classes").format(count=grouped(facts.different))
    if kind == "identifier":
        return _tr("Columns", "kept out: it only tells samples apart")
    return declared(KINDS[kind])


def role_meaning(role: str) -> str:
    """What a role means."""
    return declared(ROLES[role])


def way_meaning(way: str) -> str:
    """What a way for missing values does."""
    return declared(MISSING[way])


def odd_meaning(way: str) -> str:
    """What a way for values of another kind does."""
    return declared(ODD[way])


def evidence(facts: ColumnFacts) -> str:
    """Why a column is taken as what it is, in a sentence."""
    text = _tr("Columns", "Found to be {kind}: {evidence}.")
    told = text.format(kind=kind_word(facts.found), evidence=facts.evidence)
    if facts.kind != facts.found:
        told += " " + _tr("Columns", "You take it as {kind}.").format(kind=kind_word(facts.kind))
    if facts.kind == "identifier" and facts.role == "ignore":
        told += " " + _tr(
            "Columns", "It is kept out: a network would learn the samples by heart instead of what they are."
        )
    return told


def missing_text(facts: ColumnFacts, samples: int) -> str:
    """How many values are missing: 3, or 3 of 10 000 looked at."""
    if facts.seen < samples:
        text = _tr("Columns", "{count} of {seen} looked at")
        return text.format(count=grouped(facts.missing), seen=grouped(facts.seen))
    return grouped(facts.missing)


def becomes(facts: ColumnFacts) -> str:
    """What the drawing sees of a column."""
    if facts.role == "ignore":
        return _tr("Columns", "left out")
    return field_text(facts.field) if facts.field is not None else "–"

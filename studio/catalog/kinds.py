"""What a column of the data can be, and what can be done about values that are missing or odd."""

from __future__ import annotations

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "number": "Numbers, one or an array of them per sample",
    "category": "One of few classes",
    "text": "Words in any number",
    "image": "Pictures, by their files or in an array",
    "mask": "Pictures whose every value is a class",
    "audio": "Sounds, by their files",
    "time": "Dates and times",
    "identifier": "Names or numbers that only tell samples apart; never an input",
}
ROLES: Mapping[str, str] = {
    "input": "The network may see it",
    "target": "The network is to predict it",
    "ignore": "It is left out",
}
MISSING: Mapping[str, str] = {
    "error": "The first sample without a value is named, and nothing is trained",
    "skip": "Samples without a value are left out",
    "mean": "The mean of the training part stands in",
    "median": "The median of the training part stands in",
    "common": "The most common value of the training part stands in",
    "zero": "Zero, or an empty text, stands in",
    "class": "Missing is a class of its own",
}
ODD: Mapping[str, str] = {
    "error": "The first value that is not of the column's kind is named, and nothing is trained",
    "missing": "Values that are not of the column's kind count as missing",
    "skip": "Samples whose value is not of the column's kind, or whose file cannot be read, are left out",
}

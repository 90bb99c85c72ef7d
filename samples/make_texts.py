"""Makes small real text files of what ships with the samples: python samples/make_texts.py FOLDER

messages/LANGUAGE/0001.txt ...  messages of a program in six languages, a folder a language (TextFolder)
lines/LANGUAGE.txt              the same, a line each (TextLines, a folder of files)
messages.csv                    the same, a column with the text and one with the language
plays.txt                       a piece of Shakespeare's plays (TextLines, running text)
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data"
LETTERS = "\n abcdefghijklmnopqrstuvwxyz.,;:!?'-"


def make(folder: Path, most: int = 60) -> None:
    """Write the files, at most so many of each language."""
    with np.load(DATA / "languages.npz") as stored:
        texts, languages = stored["text"], stored["language"]
    by_language: dict[str, list[str]] = {}
    for tokens, language in zip(texts, languages, strict=True):
        text = "".join(LETTERS[token] for token in tokens).strip()
        by_language.setdefault(str(language), []).append(text)
    (folder / "lines").mkdir(parents=True, exist_ok=True)
    for language, found in by_language.items():
        place = folder / "messages" / language
        place.mkdir(parents=True, exist_ok=True)
        for number, text in enumerate(found[:most], 1):
            (place / f"{number:04}.txt").write_text(text, "utf-8")
        (folder / "lines" / f"{language}.txt").write_text("\n".join(found[:most]) + "\n", "utf-8")
    with (folder / "messages.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [(text, language) for language, found in by_language.items() for text in found[:most]]
        csv.writer(file).writerows([("message", "language"), *rows])
    with np.load(DATA / "shakespeare.npz") as stored:
        pieces = np.concatenate([stored["text_train"], stored["text_test"]])
    (folder / "plays.txt").write_text("".join(LETTERS[token] for token in pieces.ravel()), "utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]))

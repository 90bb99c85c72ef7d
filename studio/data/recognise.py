"""What a file, a folder or a pasted text may be as data: proposals of a source, the likeliest first.

Nothing is read but names and the beginnings of files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from studio.catalog.paths import relative_path
from studio.catalog.registry import registry
from studio.data.file_marks import by_content, by_name
from studio.data.folder_marks import look_into
from studio.data.guess import Guess, Proposal, Recognised
from studio.project.params import Choice, FilePath, Value
from studio.project.project import Setting

ON_THE_HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
HUB = "huggingface.co"
QUOTES = "\"'“”‘’"
LONGEST_TEXT = 4096
"""Characters of a pasted text that may be a path."""


def recognise(what: str | Path, folder: Path) -> Recognised:
    """What a path, or a text that names one or a data set, may be; paths in settings start from `folder`."""
    if isinstance(what, Path):
        return _of_path(what, folder)
    text = plain_path(what)
    path = existing(text, folder)
    if path is not None:
        return _of_path(path, folder)
    told = "“" + text[:60].replace("\n", " ") + ("…" if len(text) > 60 else "") + "”"
    found = _proposals(_named(text), folder)
    if found:
        return Recognised(f"The name {told}.", found)
    return Recognised(f"{told} is neither a file or folder that is here, nor the name of a data set.")


def plain_path(text: str) -> str:
    """A text as it was copied, without quotes around it and without the mark of a link to a file."""
    text = text.strip().strip(QUOTES).strip()
    if text.lower().startswith("file:"):
        return unquote(urlsplit(text).path)
    return text


def existing(text: str, folder: Path) -> Path | None:
    """The file or folder that a text names, if there is one."""
    if not text or len(text) > LONGEST_TEXT or "\n" in text or "\0" in text:
        return None
    try:
        path = folder / Path(text).expanduser()
        return path if path.exists() else None
    except (OSError, RuntimeError, ValueError):
        return None


def _of_path(path: Path, folder: Path) -> Recognised:
    try:
        if path.is_dir():
            told, guesses = look_into(path)
        elif path.is_file():
            told, guesses = _of_file(path)
        else:
            return Recognised(f"There is no {path}.")
    except OSError as error:
        return Recognised(f"{path} cannot be read: {error.strerror or error}.")
    found = _proposals(guesses, folder)
    if guesses and not found:
        told += " This program has no source for it."
    return Recognised(told, found)


def _of_file(path: Path) -> tuple[str, list[Guess]]:
    if path.stat().st_size == 0:
        return f"{path.name} is empty.", []
    refused, guesses = by_name(path)
    if refused:
        return refused, []
    guesses = guesses or by_content(path)
    if guesses:
        return f"The file {path.name}.", guesses
    kind = f"a name that ends in {path.suffix}" if path.suffix else "a name without an ending"
    return f"{path.name}: {kind}, and a beginning like no kind of data that is known.", []


def _named(text: str) -> list[Guess]:
    """Data sets that go by a name: those that ship, and those of the Hugging Face hub."""
    source = registry().component("source", "ScikitLearn")
    shipped = next((one.options for one in source.params if isinstance(one, Choice)), ()) if source else ()
    if text.lower().replace(" ", "_") in shipped:
        name = text.lower().replace(" ", "_")
        return [Guess("ScikitLearn", None, "A set that ships with the program", 0.95, {"dataset": name})]
    if text.startswith(("http://", "https://")):
        there = urlsplit(text)
        name = there.path.strip("/").removeprefix("datasets/")
        name = "/".join(name.split("/")[:2]) if there.netloc == HUB else ""
    else:
        name = text
    if ON_THE_HUB.fullmatch(name):
        why = "A name such as those of data sets on the Hugging Face hub; it would be downloaded from there"
        return [Guess("HuggingFace", None, why, 0.7, {"": name})]
    return []


def _proposals(guesses: Iterable[Guess], folder: Path) -> tuple[Proposal, ...]:
    """Guesses as settings, of sources that there are."""
    found: list[Proposal] = []
    for guess in sorted(guesses, key=lambda one: -one.confidence):
        source = _setting(guess, folder)
        if source is not None:
            found.append(Proposal(source, guess.why, guess.confidence))
    return tuple(found)


def _setting(guess: Guess, folder: Path) -> Setting | None:
    component = registry().component("source", guess.source)
    if component is None:
        return None
    paths = [param.name for param in component.params if isinstance(param, FilePath)]
    main = (paths or [param.name for param in component.params])[0]
    params: dict[str, Value] = {} if guess.path is None else {main: relative_path(guess.path, folder)}
    for name, value in guess.params.items():
        params[name or main] = relative_path(value, folder) if isinstance(value, Path) else value
    known = {param.name for param in component.params}
    return Setting(guess.source, {name: value for name, value in params.items() if name in known})

"""What a folder of data holds: counts of its files by kind and place, and what that may be."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from studio.data.file_marks import TABLES, WHY, has_many_lines, is_folder, suffix_source, with_series
from studio.data.findings import MASK_NAMES, picture_of_mask
from studio.data.findings import SUFFIXES as MEDIA
from studio.data.guess import Guess
from studio.data.sources.walking import named_part

MOST_ENTRIES = 6000
DEEPEST = 4
MOST_FILES = 5
"""Files of one kind in a folder that are proposed one by one."""
MOST_FILES_OF_LINES = 100
"""Text files side by side that may each be a class."""
SOURCES = {"image": "ImageFolder", "audio": "AudioFolder", "text": "TextFolder"}
WORDS = {"image": "pictures", "audio": "sounds", "text": "texts"}
PICTURES = {"image", "images", "img", "imgs", "picture", "pictures", "photos", "input", "inputs"}
KINDS = {
    **{suffix: kind for kind, suffixes in MEDIA.items() for suffix in suffixes},
    ".txt": "text",
    ".md": "text",
}


@dataclass
class Seen:
    """The entries of a folder, as far as they were looked at: files of a kind by the folder they lie in."""

    root: Path
    media: dict[str, Counter[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(Counter))
    stems: dict[tuple[str, ...], set[str]] = field(default_factory=lambda: defaultdict(set))
    data: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    names: set[str] = field(default_factory=set)
    entries: int = 0
    others: int = 0
    whole: bool = True


def look_into(root: Path) -> tuple[str, list[Guess]]:
    """A sentence of what a folder holds, and what that may be. Raises OSError where it cannot be listed."""
    seen = _seen(root)
    masks = _masks(seen)
    classes = [replace(one, confidence=0.3) for one in _classes(seen)] if masks else _classes(seen)
    return _told(seen), [*_saved_sets(seen), *masks, *classes, *_files(seen)]


def _seen(root: Path) -> Seen:
    """Folder after folder, those higher up first; links to folders above are not followed for ever."""
    seen = Seen(root)
    waiting: list[tuple[Path, tuple[str, ...]]] = [(root, ())]
    visited = {os.path.realpath(root)}
    while waiting and seen.whole:
        folder, place = waiting.pop(0)
        try:
            with os.scandir(folder) as entries:
                waiting += _listed(seen, entries, place, visited)
        except OSError:
            if not place:
                raise
    return seen


def _listed(
    seen: Seen, entries: Iterable[os.DirEntry[str]], place: tuple[str, ...], visited: set[str]
) -> list[tuple[Path, tuple[str, ...]]]:
    """Count the files of one folder; its folders are still to be looked into."""
    inner: list[tuple[Path, tuple[str, ...]]] = []
    for entry in entries:
        if entry.name.startswith((".", "__")):
            continue
        seen.entries += 1
        if seen.entries > MOST_ENTRIES:
            seen.whole = False
            return inner
        if is_folder(entry):
            real = os.path.realpath(entry.path)
            if len(place) < DEEPEST and real not in visited:
                visited.add(real)
                inner.append((Path(entry.path), (*place, entry.name)))
        else:
            _count(seen, Path(entry.path), place)
    return inner


def _count(seen: Seen, path: Path, place: tuple[str, ...]) -> None:
    kind = KINDS.get(path.suffix.lower(), "")
    source = suffix_source(path.name)
    if not place:
        seen.names.add(path.name)
    if kind:
        seen.media[kind][place] += 1
        seen.stems[place].add(path.stem)
    elif source:
        seen.data[source].append(path)
    else:
        seen.others += 1


def _saved_sets(seen: Seen) -> list[Guess]:
    if "dataset_dict.json" in seen.names or {"dataset_info.json", "state.json"} <= seen.names:
        why = "A data set as Hugging Face's library saves it"
        return [Guess("HuggingFace", seen.root, why, 0.98)]
    if seen.data.get("IDX"):
        return [Guess("IDX", seen.data["IDX"][0].parent, WHY["IDX"], 0.96)]
    return []


def _masks(seen: Seen) -> list[Guess]:
    """Two folders of pictures, one of them named for masks, with files of the same names."""
    images = seen.media.get("image", Counter())
    covered = {place: seen.stems[place] | set(map(picture_of_mask, seen.stems[place])) for place in images}
    for place in images:
        if not place or place[-1].lower() not in PICTURES:
            continue
        for other in images:
            if (
                other[:-1] == place[:-1]
                and other[-1].lower() in MASK_NAMES
                and seen.stems[place] & covered[other]
            ):
                same = len(seen.stems[place] & covered[other])
                why = f"{same} pictures in {place[-1]} have a mask of the same name in {other[-1]}"
                masks = seen.root.joinpath(*other)
                return [Guess("ImageMasks", seen.root.joinpath(*place), why, 0.97, {"masks": masks})]
    return []


def _classes(seen: Seen) -> list[Guess]:
    """Files in folders that name their classes, perhaps within folders of the parts."""
    found: list[Guess] = []
    for kind, places in seen.media.items():
        classes = sorted({one for place in places for one in _class_of(place)})
        count, word = sum(places.values()), WORDS[kind]
        told = f"{'' if seen.whole else 'at least '}{count} {word}"
        if len(classes) > 1:
            names = ", ".join(classes[:3]) + (" …" if len(classes) > 3 else "")
            why = f"{told} in {len(classes)} folders, one a class: {names}"
            found.append(Guess(SOURCES[kind], seen.root, why, 0.95 if kind != "text" else 0.85))
        elif count > 1:
            found.append(Guess(SOURCES[kind], seen.root, f"{told}, without classes", 0.4))
    return [*found, *_classes_of_lines(seen)]


def _classes_of_lines(seen: Seen) -> list[Guess]:
    """Some text files side by side, each of many lines."""
    places = seen.media.get("text", Counter())
    names = sorted(seen.stems[()])
    if set(places) != {()} or not 1 < places[()] == len(names) <= MOST_FILES_OF_LINES:
        return []
    if not all(has_many_lines(path) for path in sorted(seen.root.iterdir()) if path.stem in names):
        return []
    told = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    return [
        Guess("TextLines", seen.root, f"{len(names)} texts, one a class, each line a sample: {told}", 0.6)
    ]


def _class_of(place: tuple[str, ...]) -> tuple[str, ...]:
    inner = place[1:] if place and named_part(place[0]) else place
    return inner[:1]


def _files(seen: Seen) -> list[Guess]:
    """The data files in a folder; a single table is likely to be meant, also where it lists pictures."""
    found: list[Guess] = []
    parts = seen.data.get("Parquet", ())
    if len(parts) > 1 and len({path.parent for path in parts}) == 1:
        why = f"A Parquet table in {len(parts)} files"
        found.append(Guess("Parquet", parts[0].parent, why, 0.9))
    tables = [(source, path) for source in TABLES for path in seen.data.get(source, ())]
    for source, paths in seen.data.items():
        if source == "IDX":
            continue
        for path in sorted(paths, key=_by_part)[:MOST_FILES]:
            alone = len(tables) == 1 and source in TABLES
            listing = alone and bool(seen.media)
            sure = 0.9 if alone and not listing else 0.7 if alone else 0.5
            name = path.relative_to(seen.root).as_posix()
            why = f"{WHY[source]} in this folder: {name}"
            why += ", which may list the files beside it" if listing else ""
            guess = Guess(source, path, why, sure if source != "PythonData" else 0.2)
            found += with_series(guess) if alone and not listing else [guess]
    return found


def _by_part(path: Path) -> tuple[int, Path]:
    """Tables to train on come first; those that show how answers are handed in come last."""
    name = path.stem.lower()
    return (0 if name.startswith("train") else 2 if "submission" in name else 1), path


def _counted(count: int, what: str) -> str:
    return f"{count} {what if count != 1 else what.removesuffix('s')}"


def _told(seen: Seen) -> str:
    """What was looked at."""
    counts = {WORDS[kind]: sum(places.values()) for kind, places in seen.media.items()}
    counted = [_counted(counts[what], what) for what in sorted(counts, key=lambda what: -counts[what])]
    files = sum(len(paths) for paths in seen.data.values())
    counted += [_counted(files, "data files")] if files else []
    counted += [_counted(seen.others, "other files")] if seen.others else []
    what = ", ".join(counted) if counted else "nothing that is known"
    if not seen.entries:
        return f"The folder {seen.root.name} is empty."
    limit = "" if seen.whole else f" (the first {MOST_ENTRIES} entries were looked at)"
    return f"The folder {seen.root.name}: {what}{limit}."

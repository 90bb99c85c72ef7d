"""Files and folders on the clipboard or under the pointer: which of them is meant."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

LONGEST_PATH = 4096


def copied_path(copied: QMimeData | None) -> Path | None:
    """The file or folder that was copied, by itself or as the text of its whole path."""
    if copied is None:  # some systems have no clipboard, or one that is empty
        return None
    local = [Path(url.toLocalFile()) for url in copied.urls() if url.isLocalFile()]
    if not local:
        text = copied.text().strip().strip("\"'")
        if text and len(text) <= LONGEST_PATH and "\n" not in text:
            local = [Path(QUrl(text).toLocalFile() if text.lower().startswith("file:") else text)]
    return meant(path for path in local if path.is_absolute() and _there(path))


def meant(paths: Iterable[Path]) -> Path | None:
    """What several files are together: the folder that they all lie in."""
    found = list(paths)
    if len(found) > 1 and len({path.parent for path in found}) == 1:
        return found[0].parent
    return found[0] if found else None


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False

"""The .loom file: one canonical JSON text, one line per node and per edge, sorted, so that diffs read well.

Reading is strict about what would be lost or misread, and keeps what it does not know: unknown types,
parameters and keys are written back as they came. A file of a newer format opens as long as its parts are
what they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from studio.errors import StudioError
from studio.project import migrations
from studio.project.files import write_atomic
from studio.project.params import shown
from studio.project.project import FORMAT, Project
from studio.project.reading import MOST_NODES, read_project
from studio.project.strict_json import parse, refuse
from studio.project.writing import project_text

UPDATE = "Update Neuroloom to open this file."
LARGEST_FILE = 64 * 1024 * 1024
NO_PROJECT = "Open a .loom file that Neuroloom has saved."


def load(path: Path) -> Project:
    """Read a project. Raises StudioError that says what is wrong with the file and where."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            refuse(str(path), "", "a project of at most 64 MiB", f"{path.stat().st_size:,} bytes", NO_PROJECT)
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        hint = "Check the path." if isinstance(error, FileNotFoundError) else "Check the file and its rights."
        raise StudioError(f"{path}: cannot be read: {error.strerror or error}", hint) from error
    except UnicodeDecodeError as error:
        hint = "It is no project, or was changed by another program. " + NO_PROJECT
        refuse(
            str(path), f"byte {error.start}", "UTF-8 text", f"byte 0x{error.object[error.start]:02x}", hint
        )
    return loads(text, str(path))


def save(project: Project, path: Path) -> None:
    """Write a project atomically. Raises StudioError; the file is then what it was."""
    data = dumps(project).encode()
    try:
        write_atomic(path, data)
    except OSError as error:
        hint = "Nothing is lost: make room or check the folder's rights and save again, or save elsewhere."
        raise StudioError(f"{path}: cannot be saved: {error.strerror or error}", hint) from error


def loads(text: str, where: str = "") -> Project:
    """The project that a text holds; `where` names the file in errors. Raises StudioError."""
    content = parse(text, where)
    number = content.get("format") if isinstance(content, dict) else None
    if not isinstance(content, dict) or isinstance(number, bool) or not isinstance(number, int) or number < 1:
        got = "no object" if not isinstance(content, dict) else _got_format(content)
        refuse(where, "", 'a project: an object with a "format" number', got, NO_PROJECT)
    try:
        for migrate in migrations.MIGRATIONS[number - 1 : FORMAT - 1]:
            content = migrate(content)
        return read_project({**cast(Mapping[str, Any], content), "format": max(number, FORMAT)}, where)
    except StudioError as error:
        if number <= FORMAT:
            raise
        message = f"{error.message} (a newer Neuroloom wrote it: format {number}, this one knows {FORMAT})"
        raise StudioError(message, UPDATE) from error


def dumps(project: Project) -> str:
    """The canonical text of a project. Raises StudioError where the text could not be read back equal."""
    text = project_text(project)
    if project.node_count > MOST_NODES or len(text.encode()) > LARGEST_FILE:
        got = f"{project.node_count:,} nodes in {len(text.encode()):,} bytes"
        refuse("", "", f"a project of at most {MOST_NODES:,} nodes and 64 MiB", got, "Split the project.")
    return text


def _got_format(content: Mapping[str, Any]) -> str:
    if "format" not in content:
        return "an object without it" + (f" (its keys: {', '.join(list(content)[:5])})" if content else "")
    return f"format {shown(content['format'])}"

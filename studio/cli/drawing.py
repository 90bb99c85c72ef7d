"""export --to svg|pdf|png: the drawing as a file, made by Qt without a window or a screen."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from studio.catalog.paths import rebase
from studio.catalog.registry import registry
from studio.cli.doctor import qt_problem
from studio.errors import StudioError
from studio.project.changes import diff
from studio.project.project import Project

if TYPE_CHECKING:
    from studio.build.plan import Checked


def draw(answer: Checked, folder: Path, out: Path, kind: str) -> None:
    """Write the main drawing of a checked project whose relative paths start from `folder`.

    Raises StudioError where Qt cannot be used, the name ends otherwise, or the file cannot be written.
    """
    if out.suffix.lower() != f".{kind}":
        raise StudioError(f"{out}: expected a name that ends in .{kind}", f"Write -o {out.stem}.{kind}")
    why = qt_problem()
    if why is not None:
        raise StudioError(
            f"nothing can be drawn: {why}", "`neuroloom doctor` says how to get what is missing."
        )
    if sys.platform.startswith("linux"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication

    from studio.ui.canvas.ink import Ink
    from studio.ui.canvas.look import Look
    from studio.ui.canvas.scene import GraphScene
    from studio.ui.canvas.sheet import Sheet
    from studio.ui.drawing_files import save_drawing
    from studio.ui.focus import names_at
    from studio.ui.theme import LIGHT

    app = QApplication.instance() or QApplication([sys.argv[0]])
    app.setApplicationName("neuroloom")
    project, ink = answer.project, Ink(LIGHT)
    scene = GraphScene(registry(), Look(ink))
    scene.show_project(project, diff(Project(), project), names_at(project, (), answer.fields))
    scene.show_checked(answer)
    save_drawing(Sheet(scene), ink, rebase(project, folder, out.absolute().parent), out)

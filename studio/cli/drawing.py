"""export --to svg|pdf|png: the drawing as a file, made by Qt without a window or a screen."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from studio.catalog.paths import rebase
from studio.cli.doctor import qt_problem
from studio.errors import StudioError

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

    from studio.ui.export_picture import draw_project

    app = QApplication.instance() or QApplication([sys.argv[0]])
    app.setApplicationName("neuroloom")
    draw_project(answer, rebase(answer.project, folder, out.absolute().parent), out)

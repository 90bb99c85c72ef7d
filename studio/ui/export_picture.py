"""The drawing of any project as a file, without the canvas of the window."""

from __future__ import annotations

from pathlib import Path

from studio.build.plan import Checked
from studio.catalog.registry import registry
from studio.project.changes import diff
from studio.project.project import Project
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.look import Look
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.sheet import Sheet
from studio.ui.drawing_files import save_drawing
from studio.ui.focus import names_at
from studio.ui.theme import LIGHT


def draw_project(drawn: Checked, inside: Project, path: Path) -> None:
    """Write the main drawing with the shapes that are known, the project `inside` it. Raises StudioError."""
    project, ink = drawn.project, Ink(LIGHT)
    scene = GraphScene(registry(), Look(ink))
    scene.show_project(project, diff(Project(), project), names_at(project, (), drawn.fields))
    scene.show_checked(drawn)
    save_drawing(Sheet(scene), ink, inside, path)

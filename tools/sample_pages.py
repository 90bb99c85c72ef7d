"""Writes docs/samples.md and a picture of each sample's drawing: make pages"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
os.environ["QT_QPA_PLATFORM"] = "offscreen"
sys.path.insert(0, str(ROOT))

from PySide6.QtGui import QColor, QImage, QPainter  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from studio.build.check import Checker  # noqa: E402
from studio.catalog.registry import registry  # noqa: E402
from studio.data.describe import describe  # noqa: E402
from studio.project.changes import diff  # noqa: E402
from studio.project.project import Project  # noqa: E402
from studio.project.storage import load  # noqa: E402
from studio.ui.canvas.ink import Ink  # noqa: E402
from studio.ui.canvas.look import Look  # noqa: E402
from studio.ui.canvas.scene import GraphScene  # noqa: E402
from studio.ui.canvas.sheet import Sheet  # noqa: E402
from studio.ui.focus import names_at  # noqa: E402
from studio.ui.theme import LIGHT  # noqa: E402

DOCS = ROOT / "docs"
WIDTH, LARGEST = 800, 1.25
GROUPS: dict[str, tuple[str, ...]] = {
    "Tables and numbers": (
        *("linear_regression", "logistic_regression", "dense_regression"),
        *("lstm_sunspots", "recommender_ink"),
    ),
    "Pictures": (
        *("mlp_digits", "cnn_digits", "residual_digits", "lstm_digits", "autoencoder_digits"),
        *("unet_digits", "fashion_mnist_mlp", "fashion_mnist_cnn"),
    ),
    "Texts": ("text_language", "char_transformer"),
    "Several inputs, several losses": ("two_inputs", "table_and_picture"),
    "From Keras' guides": ("keras_functional_mnist_mlp", "keras_toy_resnet", "keras_functional_ensemble"),
    "Well-known architectures, with blocks": (
        *("resnet50", "mobilenet_v3", "convnext", "unet", "transformer_encoder", "transformer_decoder"),
    ),
}
INTRODUCTION = """# The samples

Open one with File ▸ Samples, or copy it with `neuroloom samples NAME`. The lines are the project's notes.
"""


def main() -> None:
    """Draw every sample and write the page that shows them."""
    app = QApplication([sys.argv[0]])
    files = {path.stem: path for path in sorted((ROOT / "samples").glob("*.loom"))}
    if odd := set(files) ^ {name for names in GROUPS.values() for name in names}:
        sys.exit(f"in a group or in samples/, but not in both: {', '.join(sorted(odd))}")
    (DOCS / "samples").mkdir(exist_ok=True)
    for name, path in files.items():
        picture(path).save(str(DOCS / "samples" / f"{name}.png"))
        app.processEvents()
    (DOCS / "samples.md").write_text("\n".join(page(files)), "utf-8")


def picture(path: Path) -> QImage:
    """The drawing alone, checked, so that the shapes stand on the wires."""
    project = load(path)
    found = describe(project.data, path.parent)
    ink = Ink(LIGHT)
    scene = GraphScene(registry(), Look(ink))
    scene.show_project(project, diff(Project(), project), names_at(project, ()))
    scene.show_checked(Checker().check(project, found.fields, found.problems, found.parts))
    sheet = Sheet(scene)
    room = sheet.bounds
    scale = min(WIDTH / room.width(), LARGEST)
    image = QImage(WIDTH, round(room.height() * scale), QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.canvas))
    painter = QPainter(image)
    painter.translate((WIDTH - room.width() * scale) / 2, 0)
    painter.scale(scale, scale)
    painter.translate(-room.topLeft())
    sheet.paint(painter, ink)
    painter.end()
    return image


def page(files: dict[str, Path]) -> Iterator[str]:
    """The lines of docs/samples.md."""
    yield INTRODUCTION
    for title, names in GROUPS.items():
        yield f"## {title}\n"
        for name in names:
            yield f"### {name}\n\n![The drawing of {name}](samples/{name}.png)\n"
            yield "\\\n".join(load(files[name]).notes.splitlines()) + "\n"


if __name__ == "__main__":
    main()

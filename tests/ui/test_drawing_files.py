"""The drawing as SVG, PDF and PNG: what is in the picture, and that its project opens again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from studio.build.check import Checker
from studio.catalog.registry import registry
from studio.cli import main
from studio.cli.entry import _parse
from studio.data.describe import describe
from studio.errors import StudioError
from studio.interchange.pictures import read_picture
from studio.project.changes import diff
from studio.project.edits import add_node, set_source
from studio.project.project import Project, Setting
from studio.project.storage import load, save
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.look import Look
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.sheet import Sheet
from studio.ui.drawing_files import save_drawing
from studio.ui.focus import names_at
from studio.ui.theme import DARK, LIGHT
from studio.ui.window import MainWindow
from tests.ui.canvas.conftest import wired
from tests.ui.nested import nested
from tests.ui.test_files import drop, edit
from tests.ui.windows import LONG, OpenWindow, choose_file, sample, when_modal

SUFFIXES = (".svg", ".png", ".pdf")
Answer = Callable[[QMessageBox.StandardButton], list[str]]


@pytest.fixture(autouse=True)
def _fonts(qapp: QApplication) -> None:
    """Nodes are laid out by their fonts."""


def drawn(project: Project, folder: Path | None = None) -> GraphScene:
    """A project in a scene, checked where its data lies in a folder."""
    scene = GraphScene(registry(), Look(Ink(DARK)))
    scene.show_project(project, diff(Project(), project), names_at(project, ()))
    if folder is not None:
        found = describe(project.data, folder)
        scene.show_checked(Checker().check(project, found.fields, found.problems, found.parts))
    return scene


def texts(path: Path) -> list[str]:
    """The texts of an SVG, each still one text."""
    found = re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text(encoding="utf-8"))
    return [one.strip() for one in found]


def picture(path: Path) -> QImage:
    """An SVG or PNG as an image."""
    if path.suffix == ".png":
        return QImage(str(path))
    renderer = QSvgRenderer(str(path))
    assert renderer.isValid()
    image = QImage(renderer.viewBox().size(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    renderer.render(painter, QRectF(image.rect()))
    painter.end()
    return image


@pytest.mark.parametrize(
    "path", sorted(sample("cnn_digits").parent.glob("*.loom")), ids=lambda path: path.stem
)
def test_every_sample_comes_back_from_each_kind_of_picture(path: Path, tmp_path: Path) -> None:
    project = load(path)
    sheet = Sheet(drawn(project))
    for suffix in SUFFIXES:
        out = tmp_path / f"{path.stem}{suffix}"
        save_drawing(sheet, Ink(DARK), project, out)
        assert read_picture(out) == project
    size = sheet.bounds.size().toSize()
    assert picture(tmp_path / f"{path.stem}.svg").size() == size
    assert QImageReader(str(tmp_path / f"{path.stem}.png")).size() == size * 2
    told = texts(tmp_path / f"{path.stem}.svg")
    for item in sheet.nodes:
        assert any(item.name.startswith(text.rstrip("…")) for text in told if text), item.name


def test_shapes_values_and_problems_are_in_the_picture(tmp_path: Path) -> None:
    path = sample("cnn_digits")
    project = load(path)
    out = tmp_path / "a.svg"
    save_drawing(Sheet(drawn(project, path.parent)), Ink(LIGHT), project, out)
    assert {"conv1", "Conv2d", "out_channels", "32", "32×8×8"} <= set(texts(out))
    odd, _ = add_node(project, "Linear", (0.0, 900.0), {}, "lonely")
    save_drawing(Sheet(drawn(odd, path.parent)), Ink(LIGHT), odd, out)
    assert {"lonely", "!"} <= set(texts(out))


def test_a_selection_has_its_nodes_and_the_wires_between_them_only(tmp_path: Path) -> None:
    path = sample("cnn_digits")
    project = load(path)
    scene = drawn(project, path.parent)
    sheet = Sheet(scene, ["conv1", "norm1"])
    assert [(wire.edge.source.node, wire.edge.target.node) for wire in sheet.wires] == [("conv1", "norm1")]
    assert sheet.bounds.contains(scene.bounds(["conv1", "norm1"]))
    assert sheet.bounds.height() < scene.bounds(["conv1", "norm1"]).height() + 80
    save_drawing(sheet, Ink(DARK), project, tmp_path / "a.svg")
    assert "conv1" in texts(tmp_path / "a.svg")
    assert "conv2" not in texts(tmp_path / "a.svg")
    assert read_picture(tmp_path / "a.svg") == project


def test_a_large_drawing_becomes_a_smaller_picture_and_no_endless_page(tmp_path: Path) -> None:
    project = Project()
    for at in ((0.0, 0.0), (60_000.0, 40_000.0)):
        project, _ = add_node(project, "ReLU", at)
    sheet = Sheet(drawn(project))
    for suffix in (".png", ".pdf"):
        save_drawing(sheet, Ink(DARK), project, tmp_path / f"a{suffix}")
        assert read_picture(tmp_path / f"a{suffix}") == project
    size = QImageReader(str(tmp_path / "a.png")).size()
    assert size.width() * size.height() <= 65e6
    box = re.search(rb"/MediaBox \[\s*0 0 (\S+) (\S+)\s*\]", (tmp_path / "a.pdf").read_bytes())
    assert box is not None
    assert max(float(box[1]), float(box[2])) <= 14_400


def test_a_wire_that_leads_straight_back_is_drawn_to_its_turns(tmp_path: Path) -> None:
    project = Project()
    for name, x in (("right", 400.0), ("left", 0.0)):
        project, _ = add_node(project, "ReLU", (x, 0.0), {}, name)
    project = wired(project, "right -> left")
    sheet = Sheet(drawn(project))
    save_drawing(sheet, Ink(LIGHT), project, tmp_path / "a.svg")
    image, corner = picture(tmp_path / "a.svg"), sheet.bounds.topLeft()
    wire = sheet.wires[0].path.boundingRect()
    y = round(wire.center().y() - corner.y())
    for x in (wire.left() + 2, wire.right() - 2):
        assert image.pixelColor(round(x - corner.x()), y).lightness() < 180


def test_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    project = load(sample("linear_regression"))
    sheet = Sheet(drawn(project))
    with pytest.raises(StudioError, match="SVG, PDF or PNG"):
        save_drawing(sheet, Ink(DARK), project, tmp_path / "a.jpg")
    with pytest.raises(StudioError, match="cannot be written"):
        save_drawing(sheet, Ink(DARK), project, tmp_path / "no" / "a.svg")
    with pytest.raises(StudioError, match="nothing to draw"):
        save_drawing(Sheet(drawn(Project())), Ink(DARK), Project(), tmp_path / "a.svg")
    assert list(tmp_path.iterdir()) == []


# ---- in the window


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_menu_writes_the_drawing_whatever_the_zoom(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path, theme: str
) -> None:
    window = open_window(sample("cnn_digits"), theme)
    qtbot.waitUntil(lambda: window.session.checked is not None, timeout=LONG)
    for zoom, name in ((1.0, "near"), (0.08, "far")):
        window.panels.canvas.zoom_to(zoom)
        choose_file(tmp_path / f"{name}.png")
        window.actions_by_name["file.export_drawing"].trigger()
        assert f"{name}.png" in window.messages.texts()[-1]
    near, far = picture(tmp_path / "near.png"), picture(tmp_path / "far.png")
    assert near == far
    assert near.pixelColor(2, 2) == QColor((DARK if theme == "dark" else LIGHT).canvas)


def test_the_kind_that_is_chosen_ends_the_name(window: MainWindow, tmp_path: Path) -> None:
    edit(window)

    def act(dialog: QDialog) -> None:
        assert isinstance(dialog, QFileDialog)
        dialog.setDirectory(str(tmp_path))
        dialog.selectNameFilter("PDF document (*.pdf)")
        dialog.filterSelected.emit("PDF document (*.pdf)")
        assert dialog.selectedFiles()[0].endswith(".pdf")
        dialog.accept()

    when_modal(act)
    window.actions_by_name["file.export_drawing"].trigger()
    assert [path.suffix for path in tmp_path.iterdir()] == [".pdf"]
    assert read_picture(next(tmp_path.iterdir())) == window.session.project


@pytest.mark.qt_log_ignore("This plugin does not support")  # of every popup
def test_the_context_menu_exports_what_is_selected(window: MainWindow, tmp_path: Path) -> None:
    window.files.open_sample(sample("cnn_digits"))
    canvas = window.panels.canvas
    canvas.select(["conv1"])
    canvas.setFocus()
    QTest.keyClick(canvas.view, Qt.Key.Key_Menu)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    entry = next(one for one in menu.actions() if one.text().replace("&", "") == "Export selection…")
    choose_file(tmp_path / "part.svg")
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry).center())
    assert "conv1" in texts(tmp_path / "part.svg")
    assert "conv2" not in texts(tmp_path / "part.svg")


def test_nothing_to_export_is_said(window: MainWindow) -> None:
    window.actions_by_name["file.export_drawing"].trigger()
    assert window.messages.texts() == ["There is nothing to draw yet."]
    edit(window)
    window.actions_by_name["file.export_selection"].trigger()
    assert window.statusBar().currentMessage() == "Nothing is selected."


def test_a_block_is_drawn_while_it_is_looked_at(window: MainWindow, tmp_path: Path) -> None:
    window.session.new(nested())
    window.session.look(("layer1",))
    choose_file(tmp_path / "inside.svg")
    window.actions_by_name["file.export_drawing"].trigger()
    assert {"first", "second", "join"} <= set(texts(tmp_path / "inside.svg"))
    assert "head" not in texts(tmp_path / "inside.svg")
    assert read_picture(tmp_path / "inside.svg") == nested()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_dropped_drawing_opens_its_project_as_a_new_one(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, suffix: str
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    project = set_source(load(sample("linear_regression")), Setting("CSV", {"path": "table.csv"}))
    save(project, folder / "a.loom")
    window.files.open(folder / "a.loom")
    out = tmp_path / f"a{suffix}"
    choose_file(out)
    window.actions_by_name["file.export_drawing"].trigger()
    window.files.new()
    canvas = window.panels.canvas
    target = window.childAt(canvas.mapTo(window, canvas.rect().center()))
    assert target is not None
    assert drop(target, out)
    qtbot.waitUntil(lambda: len(window.session.project.graph.nodes) > 0)
    assert window.session.project.graph == project.graph
    assert window.session.path is None
    assert window.session.folder == tmp_path
    assert window.session.project.data.source.params["path"] == "project/table.csv"


def test_a_picture_without_a_project_is_told_and_loses_nothing(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    edit(window)
    before = window.session.project
    plain = tmp_path / "cat.png"
    image = QImage(QSize(8, 8), QImage.Format.Format_RGB32)
    image.fill(0)
    assert image.save(str(plain))
    assert drop(window, plain)
    qtbot.waitUntil(lambda: len(window.messages.texts()) == 1)
    assert "cat.png: expected a drawing with its project inside" in window.messages.texts()[0]
    assert window.session.project is before


def test_opening_a_drawing_asks_for_what_is_unsaved(
    window: MainWindow, answer: Answer, tmp_path: Path
) -> None:
    project = load(sample("linear_regression"))
    save_drawing(Sheet(drawn(project)), Ink(DARK), project, tmp_path / "a.png")
    edit(window)
    before = window.session.project
    asked = answer(QMessageBox.StandardButton.Cancel)
    assert not window.files.open(tmp_path / "a.png")
    assert asked
    assert window.session.project is before
    answer(QMessageBox.StandardButton.Discard)
    assert window.files.open(tmp_path / "a.png")
    assert window.session.project == project


# ---- on the command line


def test_the_program_opens_a_drawing_named_on_the_command_line(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = sample("linear_regression")
    project = load(path)
    out = tmp_path / "a.png"
    save_drawing(Sheet(drawn(project)), Ink(DARK), project, out)
    arguments = _parse([str(out)])
    assert (arguments.answer, arguments.file) == ("window:open_window", str(out))
    window = open_window(out)
    assert window.session.project == project
    assert window.session.path is None


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_the_command_line_draws(tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"a.{kind}"
    assert main(["export", str(sample("cnn_digits")), "--to", kind, "-o", str(out)]) == 0
    assert read_picture(out).graph == load(sample("cnn_digits")).graph
    if kind == "svg":
        assert {"conv1", "32×8×8"} <= set(texts(out))


def test_the_command_line_says_what_it_cannot_draw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(sample("cnn_digits")), "--to", "png", "-o", str(tmp_path / "a.svg")]) == 3
    assert "expected a name that ends in .png" in capsys.readouterr().err

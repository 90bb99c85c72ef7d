"""Sticky notes, and notes and colours of nodes: placed, written, moved, resized, by mouse and by keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, Qt, QUrl, Slot
from PySide6.QtGui import QColor, QDesktopServices, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.project import edits, marks
from studio.project.graph import COLOURS, Sticky
from studio.ui.canvas import hues
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.mark_drawing import note_document
from studio.ui.canvas.note_field import NoteField
from studio.ui.contrast import TEXT, contrast
from studio.ui.theme import DARK, LIGHT, Tokens
from tests.ui.canvas.conftest import LEFT, Hands
from tests.ui.canvas.test_frames import POPUPS, choose_in_menu, tip

Key, Modifier = Qt.Key, Qt.KeyboardModifier
SHIFT, CTRL = Modifier.ShiftModifier, Modifier.ControlModifier
TEXT_OF = "# Why\n\nTwo **branches**, see [the paper](https://example.org/paper).\n\n- one\n- `two`\n"


@pytest.fixture
def noted(hands: Hands) -> Hands:
    """A note above the branches."""
    project, _ = marks.add_note(hands.project, TEXT_OF, (240.0, -200.0), (240.0, 160.0))
    hands.session.new(project)
    hands.canvas.setFocus()
    return hands


def note(hands: Hands, name: str = "note") -> Sticky:
    return hands.project.graph.notes[name]


def middle(hands: Hands, name: str = "note") -> QPoint:
    return hands.pixel(hands.canvas.scene.marks.items[name].body.center())


def field(hands: Hands) -> NoteField:
    return next(one for one in hands.canvas.findChildren(NoteField) if not one.objectName())


def shown(hands: Hands, rect: QRectF) -> QImage:
    """What is painted of a part of the canvas."""
    QApplication.processEvents()
    pixels = hands.canvas.view.mapFromScene(rect).boundingRect()
    return hands.port.grab(pixels).toImage()


def test_n_places_a_note_at_the_pointer_with_the_keyboard_in_it(hands: Hands) -> None:
    """Sticky notes in Markdown."""
    at = hands.empty()
    QTest.mouseMove(hands.port, at)
    count = hands.session.undo_stack.count()
    hands.key(Key.Key_N)
    box = field(hands)
    assert box.hasFocus()
    QTest.keyClicks(box, "# Data")
    QTest.keyClick(box, Key.Key_Return)
    QTest.keyClicks(box, "no m or d deeds here")
    QTest.keyClick(box, Key.Key_D, CTRL)
    QTest.keyClick(box, Key.Key_Return, CTRL)
    assert not box.isVisible()
    assert hands.canvas.view.hasFocus()
    assert note(hands).text == "# Data\nno m or d deeds here"
    corner = hands.canvas.view.mapToScene(at)
    assert (QPointF(*note(hands).position) - corner).manhattanLength() <= 8
    assert hands.session.undo_stack.count() == count + 1
    assert hands.last_step == "Add a note"
    hands.undo()
    assert not hands.project.graph.notes


@pytest.mark.parametrize("way", ["Escape", "a click elsewhere"])
def test_writing_ends_and_keeps_what_was_written(noted: Hands, way: str) -> None:
    QTest.mouseDClick(noted.port, LEFT, pos=middle(noted))
    box = field(noted)
    assert box.toPlainText() == TEXT_OF
    QTest.keyClick(box, Key.Key_A, CTRL)
    QTest.keyClicks(box, "new")
    if way == "Escape":
        QTest.keyClick(box, Key.Key_Escape)
    else:
        noted.click(noted.empty())
    assert not box.isVisible()
    assert note(noted).text == "new"
    assert noted.last_step == "Write a note"
    noted.undo()
    assert note(noted).text == TEXT_OF


def test_f2_writes_the_selected_note(noted: Hands) -> None:
    noted.click(middle(noted))
    noted.key(Key.Key_F2)
    QTest.keyClicks(field(noted), "x")
    QTest.keyClick(field(noted), Key.Key_Escape)
    assert note(noted).text == f"{TEXT_OF}x"


def test_a_new_note_that_stays_empty_goes_and_leaves_no_step(hands: Hands) -> None:
    count = hands.session.undo_stack.count()
    hands.key(Key.Key_N)
    QTest.keyClick(field(hands), Key.Key_Escape)
    assert not hands.project.graph.notes
    assert hands.session.undo_stack.count() == count


def test_undo_while_a_note_is_written_shows_what_it_was(noted: Hands) -> None:
    QTest.mouseDClick(noted.port, LEFT, pos=middle(noted))
    QTest.keyClicks(field(noted), "new")
    noted.session.undo_stack.undo()
    assert note(noted).text == TEXT_OF
    assert field(noted).toPlainText() == TEXT_OF
    noted.session.new(replace(noted.project, graph=noted.project.graph.without_marks(["note"])))
    assert not field(noted).isVisible()


def test_a_note_is_dragged_and_resized(noted: Hands) -> None:
    start = middle(noted)
    noted.drag(start, start + QPoint(40, -20))
    assert note(noted).position == (280.0, -220.0)
    assert noted.last_step == "Move a note"
    body = noted.canvas.scene.marks.items["note"].body
    corner = noted.pixel(body.bottomRight())
    noted.drag(corner, corner + QPoint(60, 40))
    assert note(noted).size == (300.0, 200.0)
    assert noted.last_step == "Resize a note"
    noted.undo()
    noted.undo()
    assert note(noted).position == (240.0, -200.0)


def test_a_note_lies_over_wires_and_is_caught_before_them(noted: Hands) -> None:
    project, name = marks.add_note(noted.project, "over", (380.0, -20.0), (80.0, 60.0))
    noted.session.new(project)
    noted.click(middle(noted, name))
    assert noted.canvas.scene.chosen_marks == (name,)
    assert noted.canvas.scene.chosen_edges == ()


def test_a_note_is_copied_doubled_nudged_and_deleted_by_keys(noted: Hands) -> None:
    noted.key(Key.Key_N, SHIFT)
    assert noted.canvas.scene.chosen_marks == ("note",)
    noted.key(Key.Key_C, CTRL)
    noted.key(Key.Key_D, CTRL)
    assert note(noted, "note1").position == (272.0, -168.0)
    assert noted.last_step == "Duplicate a note"
    for _ in range(3):
        noted.key(Key.Key_Up, CTRL | SHIFT)
    assert note(noted, "note1").position == (272.0, -264.0)
    noted.undo()
    assert note(noted, "note1").position == (272.0, -168.0)
    noted.key(Key.Key_Delete)
    assert set(noted.project.graph.notes) == {"note"}
    assert noted.last_step == "Delete a note"
    noted.key(Key.Key_V, CTRL)
    assert len(noted.project.graph.notes) == 2
    assert "# Why" in QGuiApplication.clipboard().text()


@POPUPS
def test_a_note_takes_a_colour_from_the_menu(noted: Hands) -> None:
    noted.click(middle(noted))
    before = shown(noted, noted.canvas.scene.marks.items["note"].body)
    noted.canvas.open_menu()
    choose_in_menu(noted, "Colour", "Purple")
    assert note(noted).colour == "purple"
    assert shown(noted, noted.canvas.scene.marks.items["note"].body) != before


class Browser(QObject):
    """Takes the links that would open in a browser."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def show(self, url: QUrl) -> None:
        self.opened.append(url.toString())


@POPUPS
def test_links_open_by_ctrl_click_and_from_the_menu(noted: Hands) -> None:
    browser = Browser()
    QDesktopServices.setUrlHandler("https", browser, "show")
    try:
        item = noted.canvas.scene.marks.items["note"]
        at = next(
            QPointF(x, y)
            for y in range(int(item.body.top()), int(item.body.bottom()), 4)
            for x in range(int(item.body.left()), int(item.body.right()), 4)
            if item.link_at(QPointF(x, y))
        )
        noted.click(noted.pixel(at), CTRL)
        assert browser.opened == ["https://example.org/paper"]
        noted.click(noted.pixel(at))
        assert len(browser.opened) == 1
        noted.canvas.open_menu()
        choose_in_menu(noted, "Open https://example.org/paper")
        assert len(browser.opened) == 2
    finally:
        QDesktopServices.unsetUrlHandler("https")


def test_markdown_is_laid_out_and_pictures_are_never_loaded(noted: Hands, tmp_path) -> None:
    picture = tmp_path / "red.png"
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    image.fill(QColor("#ff0000"))
    image.save(str(picture))
    ink = Ink(DARK)
    rich = note_document(Sticky("n", TEXT_OF, size=(240.0, 160.0)), ink)
    assert "Two branches" in rich.toPlainText()
    assert "**" not in rich.toPlainText()
    assert rich.links() == ["https://example.org/paper"]
    heading = rich.begin().begin().fragment().charFormat().font()
    assert heading.pixelSize() > rich.defaultFont().pixelSize()
    words = f"![a red square]({picture.as_uri()}) <img src='{picture.as_uri()}'> [x](file:///etc/passwd)"
    plain = note_document(Sticky("n", words), ink)
    assert "[a red square]" in plain.toPlainText()
    assert plain.links() == []
    project, name = marks.add_note(noted.project, words, (0.0, 300.0))
    noted.session.new(project)
    seen = shown(noted, noted.canvas.scene.marks.items[name].body)
    reds = [
        True
        for x in range(seen.width())
        for y in range(seen.height())
        if seen.pixelColor(x, y) == QColor("#ff0000")
    ]
    assert not reds


def test_a_text_too_long_is_clipped_and_fades(noted: Hands) -> None:
    short, long = "word\n\n" * 2, "word\n\n" * 40
    pictures = []
    for text in (short, long):
        noted.session.new(marks.write(noted.project, "note", text))
        body = noted.canvas.scene.marks.items["note"].body
        below = QRectF(body.left(), body.bottom() + 8, body.width(), 40)
        pictures.append((shown(noted, body), shown(noted, below)))
    assert pictures[0][0] != pictures[1][0]
    assert pictures[0][1] == pictures[1][1]
    ground = hues.note_ground(noted.canvas.scene.look.ink.tokens, "yellow")
    last = pictures[1][0].height() - 6
    ratio = pictures[1][0].devicePixelRatio()
    strip = {pictures[1][0].pixelColor(x, int(last * ratio)).name() for x in range(20, 200)}
    assert strip == {ground.name()}


def test_a_note_from_afar_is_a_coloured_plate(noted: Hands) -> None:
    noted.canvas.zoom_to(0.2)
    noted.canvas.view.center_at(QPointF(360, 0))
    body = noted.canvas.scene.marks.items["note"].body
    colours = {
        picture.pixelColor(x, y).name()
        for picture in [shown(noted, body.adjusted(20, 20, -20, -20))]
        for x in range(picture.width())
        for y in range(picture.height())
    }
    assert hues.note_ground(noted.canvas.scene.look.ink.tokens, "yellow").name() in colours


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("colour", ["", *COLOURS, "ultraviolet"])
def test_texts_and_lines_keep_their_contrast(tokens: Tokens, colour: str) -> None:
    for ground in (hues.note_ground(tokens, colour).name(), hues.title_ground(tokens, colour).name()):
        assert contrast(hues.text_on(ground, tokens).name(), ground) >= TEXT
        assert contrast(hues.text_on(ground, tokens, tokens.accent).name(), ground) >= TEXT
    line = hues.line(tokens, colour).name()
    assert contrast(line, tokens.canvas) >= hues.LINE
    assert contrast(line, tokens.node) >= hues.LINE


@POPUPS
def test_what_is_written_about_a_node_is_marked_and_told(hands: Hands) -> None:
    """Colour and note per node."""
    plain = shown(hands, hands.canvas.scene.nodes["conv1"].body)
    graph = hands.project.graph
    project = hands.project.with_graph(
        graph.with_nodes(replace(graph.nodes["conv1"], note="ask Ada about the kernel"))
    )
    hands.session.commit(project, "Write about conv1")
    assert hands.canvas.scene.nodes["conv1"].face.noted
    assert shown(hands, hands.canvas.scene.nodes["conv1"].body) != plain
    assert "ask Ada about the kernel" in tip(hands, hands.at("conv1"))


def test_a_note_about_many_nodes_is_written_on_the_canvas(hands: Hands) -> None:
    """Colour and note per node, for many at once."""
    hands.click(hands.at("conv1"))
    hands.click(hands.at("conv2"), SHIFT)
    count = hands.session.undo_stack.count()
    hands.key(Key.Key_N, CTRL | SHIFT)
    box = hands.canvas.findChild(NoteField, "node note")
    assert box.hasFocus()
    QTest.keyClicks(box, "ask Ada")
    QTest.keyClick(box, Key.Key_Escape)
    assert not box.isVisible()
    assert hands.canvas.view.hasFocus()
    nodes = hands.project.graph.nodes
    assert [name for name in nodes if nodes[name].note == "ask Ada"] == ["conv1", "conv2"]
    assert hands.session.undo_stack.count() == count + 1
    assert hands.last_step == "Write about 2 nodes"
    hands.click(hands.at("conv1"))
    hands.key(Key.Key_N, CTRL | SHIFT)
    assert box.toPlainText() == "ask Ada"
    hands.undo()
    assert box.toPlainText() == ""
    hands.click(hands.empty())
    assert not box.isVisible()
    assert hands.project.graph.nodes["conv1"].note == ""


@POPUPS
def test_the_colour_of_nodes_is_drawn_and_undone_at_once(hands: Hands) -> None:
    hands.click(hands.at("conv1"))
    hands.click(hands.at("conv2"), SHIFT)
    hands.canvas.open_menu()
    choose_in_menu(hands, "Colour", "Orange")
    nodes = hands.project.graph.nodes
    assert (nodes["conv1"].colour, nodes["conv2"].colour) == ("orange", "orange")
    assert hands.last_step == "Colour 2 nodes orange"
    body = hands.canvas.scene.nodes["relu"].body
    hands.session.commit(edits.delete(hands.project, ["relu"]), "x")
    assert not shown(hands, body).isNull()
    hands.undo()
    hands.undo()
    assert hands.project.graph.nodes["conv1"].colour == ""

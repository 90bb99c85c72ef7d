"""Frames: laid, named, moved with what lies in them, resized, coloured and deleted, by mouse and by keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QAction, QGuiApplication, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QToolTip

from studio.project import bends, marks
from studio.project.graph import Frame
from studio.ui.canvas.note_field import TitleField
from studio.ui.canvas.sheet import Sheet
from tests.ui.canvas.conftest import LEFT, RIGHT, Hands, asking, enter
from tests.ui.windows import LONG

Key, Modifier = Qt.Key, Qt.KeyboardModifier
SHIFT, CTRL = Modifier.ShiftModifier, Modifier.ControlModifier
POPUPS = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen, of every menu


@pytest.fixture
def framed(hands: Hands) -> Hands:
    """The two convolutions lie in a frame called Branches."""
    project, _ = marks.add_frame(hands.project, "Branches", (216.0, -56.0), (224.0, 336.0), "blue")
    hands.session.new(project)
    hands.canvas.setFocus()
    return hands


def title(hands: Hands, name: str = "frame") -> QPoint:
    """The middle of a frame's title bar."""
    return hands.pixel(hands.canvas.scene.marks.items[name].bar.center())


def frame(hands: Hands, name: str = "frame") -> Frame:
    return hands.project.graph.frames[name]


def field(hands: Hands) -> TitleField:
    return hands.canvas.findChild(TitleField)


def tip(hands: Hands, at: QPoint) -> str:
    QApplication.sendEvent(hands.port, QHelpEvent(QHelpEvent.Type.ToolTip, at, hands.port.mapToGlobal(at)))
    return QToolTip.text()


def choose_in_menu(hands: Hands, *texts: str) -> None:
    """An entry of the menu that is open, and of the menus in it."""
    menu = next(one for one in hands.canvas.findChildren(QMenu) if one.isVisible())
    for at, text in enumerate(texts):
        action = next(one for one in menu.actions() if one.text().replace("&", "") == text)
        if at == len(texts) - 1:
            _click(menu, action)
        else:
            _click(menu, action)
            inner = action.menu()
            assert isinstance(inner, QMenu)
            menu = inner


def _click(menu: QMenu, action: QAction) -> None:
    QTest.mouseMove(menu, menu.actionGeometry(action).center())
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


def test_a_frame_around_the_selection_takes_its_title_at_once(hands: Hands) -> None:
    """Frames with title and colour."""
    hands.canvas.select(["conv1", "conv2"])
    before = hands.session.undo_stack.count()
    hands.key(Key.Key_F, SHIFT)
    box = field(hands)
    assert box.hasFocus()
    QTest.keyClicks(box, "Branches")
    QTest.keyClick(box, Key.Key_Return)
    assert not box.isVisible()
    assert frame(hands).title == "Branches"
    whole = QRectF(*frame(hands).position, *frame(hands).size)
    scene = hands.canvas.scene
    assert all(whole.contains(scene.nodes[name].body) for name in ("conv1", "conv2"))
    assert not any(whole.intersects(scene.nodes[name].body) for name in ("images", "merge", "relu"))
    assert scene.chosen_marks == ("frame",)
    assert hands.session.undo_stack.count() == before + 1
    assert hands.last_step == "Add a frame"
    hands.undo()
    assert not hands.project.graph.frames
    assert not scene.marks.items


def test_escape_keeps_the_frame_without_a_title(hands: Hands) -> None:
    hands.canvas.select(["relu"])
    hands.key(Key.Key_F, SHIFT)
    QTest.keyClicks(field(hands), "abc")
    QTest.keyClick(field(hands), Key.Key_Escape)
    assert frame(hands).title == ""
    assert hands.canvas.view.hasFocus()


@POPUPS
def test_an_empty_frame_from_the_menu_of_the_empty_canvas(hands: Hands) -> None:
    at = hands.empty()
    QTest.mouseMove(hands.port, at)
    QTest.mousePress(hands.port, RIGHT, pos=at)
    hands.canvas.open_menu(at)
    choose_in_menu(hands, "Add frame")
    corner = hands.canvas.view.mapToScene(at)
    assert abs(frame(hands).position[0] - corner.x()) <= 4
    assert field(hands).isVisible()


def test_a_press_on_the_title_selects_the_frame_and_a_press_inside_does_not(framed: Hands) -> None:
    framed.click(title(framed))
    assert framed.canvas.scene.chosen_marks == ("frame",)
    assert framed.canvas.selection == ()
    framed.click(framed.pixel(QPointF(430, 120)))
    assert framed.canvas.scene.chosen_marks == ()


def test_a_frame_carries_nodes_notes_frames_and_bends(framed: Hands) -> None:
    """Frames carry their nodes."""
    wire = framed.project.graph.incoming("conv2")[0]
    graph = bends.bent(framed.project.graph, wire, [(200, 100)])
    project = framed.project.with_graph(graph)
    project, _ = marks.add_note(project, "inside", (230.0, 120.0), (120.0, 30.0))
    project, inner = marks.add_frame(project, "Inner", (228.0, 152.0), (204.0, 120.0))
    framed.session.new(project)
    before = framed.project
    start = title(framed)
    framed.drag(start, start + QPoint(41, 21))
    nodes, notes = framed.project.graph.nodes, framed.project.graph.notes
    assert frame(framed).position == (256.0, -36.0)
    assert (nodes["conv1"].position, nodes["conv2"].position) == ((280.0, 20.0), (280.0, 180.0))
    assert nodes["merge"].position == before.graph.nodes["merge"].position
    assert notes["note"].position == (270.0, 140.0)
    assert frame(framed, inner).position == (268.0, 172.0)
    assert framed.last_step == "Move frame Branches"
    framed.undo()
    assert framed.project == before
    assert framed.canvas.scene.nodes["conv1"].body.x() == 240
    assert framed.canvas.scene.marks.items["frame"].body.x() == 216


def test_bends_between_carried_nodes_go_along(framed: Hands) -> None:
    project, _ = marks.add_frame(framed.project, "All", (-40.0, -120.0), (1000.0, 460.0))
    graph = bends.bent(project.graph, project.graph.incoming("conv2")[0], [(200, 100)])
    framed.session.new(project.with_graph(graph))
    start = title(framed, "frame1")
    framed.drag(start, start + QPoint(40, 0))
    assert framed.project.graph.incoming("conv2")[0].bends == ((240.0, 100.0),)


def test_escape_while_dragging_puts_frame_and_nodes_back(framed: Hands) -> None:
    before = framed.project
    start = title(framed)
    framed.drag(start, start + QPoint(80, 80), release=False)
    assert framed.canvas.scene.marks.items["frame"].body.x() == 296
    framed.key(Key.Key_Escape)
    QTest.mouseRelease(framed.port, LEFT, pos=start)
    assert framed.project is before
    assert framed.canvas.scene.marks.items["frame"].body.x() == 216
    assert framed.canvas.scene.nodes["conv1"].body.x() == 240


def test_a_node_dragged_in_belongs_to_the_frame(framed: Hands) -> None:
    start = framed.at("relu")
    framed.drag(start, framed.pixel(QPointF(330, 130)))
    framed.click(title(framed))
    relu = framed.project.graph.nodes["relu"].position
    framed.key(Key.Key_Right, CTRL)
    assert framed.project.graph.nodes["relu"].position == (relu[0] + 4, relu[1])


@pytest.mark.parametrize(
    ("from_side", "by", "position", "size"),
    [
        ("right", QPoint(40, 0), (216, -56), (264, 336)),
        ("left", QPoint(-41, 0), (176, -56), (264, 336)),
        ("bottom", QPoint(0, 24), (216, -56), (224, 360)),
        ("top left", QPoint(-20, -20), (196, -76), (244, 356)),
        ("bottom right", QPoint(-1000, -1000), (216, -56), marks.LEAST_FRAME),
    ],
)
def test_edges_and_corners_resize(
    framed: Hands, from_side: str, by: QPoint, position: tuple[int, int], size: tuple[float, float]
) -> None:
    body = framed.canvas.scene.marks.items["frame"].body
    places = {
        "right": QPointF(body.right(), 130),
        "left": QPointF(body.left(), 130),
        "bottom": QPointF(body.left() + 12, body.bottom()),
        "top left": body.topLeft(),
        "bottom right": body.bottomRight(),
    }
    start = framed.pixel(places[from_side])
    framed.drag(start, start + by)
    assert (frame(framed).position, frame(framed).size) == (position, size)
    assert framed.last_step == "Resize frame Branches"
    assert framed.project.graph.nodes["conv1"].position == (240.0, 0.0)


def test_keys_resize_and_a_burst_is_one_step(framed: Hands) -> None:
    framed.click(title(framed))
    count = framed.session.undo_stack.count()
    for key in (Key.Key_Right, Key.Key_Right, Key.Key_Down, Key.Key_Left):
        framed.key(key, Modifier.AltModifier | SHIFT)
    assert frame(framed).size == (232.0, 344.0)
    assert framed.session.undo_stack.count() == count + 1


@pytest.mark.parametrize("way", ["double-click", "F2"])
def test_a_frame_is_renamed_in_place(framed: Hands, way: str) -> None:
    if way == "F2":
        framed.click(title(framed))
        framed.key(Key.Key_F2)
    else:
        QTest.mouseDClick(framed.port, LEFT, pos=title(framed))
    assert field(framed).text() == "Branches"
    QTest.keyClicks(field(framed), "Stem")
    QTest.keyClick(field(framed), Key.Key_Return)
    assert frame(framed).title == "Stem"
    assert framed.last_step == "Name a frame"
    framed.undo()
    assert frame(framed).title == "Branches"


def test_delete_takes_the_frame_and_leaves_the_nodes(framed: Hands) -> None:
    framed.click(title(framed))
    nodes = framed.project.graph.nodes
    framed.key(Key.Key_Delete)
    assert framed.project.graph.frames == {}
    assert framed.project.graph.nodes == nodes
    assert framed.last_step == "Delete frame Branches"
    framed.undo()
    assert frame(framed).title == "Branches"


@POPUPS
def test_a_colour_from_the_menu_for_everything_selected(framed: Hands) -> None:
    """Colour per node, frame and note, for many at once."""
    framed.click(title(framed))
    framed.click(framed.at("conv1"), SHIFT)
    framed.click(framed.at("conv2"), SHIFT)
    assert framed.canvas.scene.chosen_marks == ("frame",)
    framed.canvas.open_menu()
    choose_in_menu(framed, "Colour", "Green")
    graph = framed.project.graph
    assert {graph.nodes["conv1"].colour, graph.nodes["conv2"].colour, frame(framed).colour} == {"green"}
    assert graph.nodes["merge"].colour == ""
    assert framed.canvas.scene.nodes["conv1"].face.colour == "green"
    assert framed.last_step == "Colour 3 things green"
    framed.canvas.open_menu()
    choose_in_menu(framed, "Colour", "No colour")
    assert framed.project.graph.nodes["conv1"].colour == ""


def test_frames_take_part_in_rubber_band_and_select_all(framed: Hands) -> None:
    framed.drag(framed.pixel(QPointF(205, 300)), framed.pixel(QPointF(300, 140)))
    assert framed.canvas.scene.chosen_marks == ()
    assert framed.canvas.selection == ("conv2",)
    framed.drag(framed.pixel(QPointF(205, 300)), framed.pixel(QPointF(460, -70)))
    assert framed.canvas.scene.chosen_marks == ("frame",)
    framed.key(Key.Key_Escape)
    assert framed.canvas.scene.chosen_marks == ()
    framed.key(Key.Key_A, CTRL)
    assert framed.canvas.scene.chosen_marks == ("frame",)
    assert set(framed.canvas.selection) == set(framed.project.graph.nodes)


def test_dragging_a_node_takes_selected_frames_along(framed: Hands) -> None:
    framed.click(title(framed))
    framed.click(framed.at("merge"), SHIFT)
    start = framed.at("merge")
    framed.drag(start, start + QPoint(40, 40))
    graph = framed.project.graph
    assert graph.nodes["merge"].position == (520.0, 40.0)
    assert graph.nodes["conv1"].position == (280.0, 40.0)
    assert frame(framed).position == (256.0, -16.0)


def test_frames_are_copied_duplicated_and_cut(framed: Hands) -> None:
    framed.click(title(framed))
    framed.key(Key.Key_C, CTRL)
    assert '"Branches"' in QGuiApplication.clipboard().text()
    framed.key(Key.Key_D, CTRL)
    assert framed.canvas.scene.chosen_marks == ("frame1",)
    assert frame(framed, "frame1").position == (248.0, -24.0)
    framed.key(Key.Key_X, CTRL)
    assert set(framed.project.graph.frames) == {"frame"}
    framed.key(Key.Key_V, CTRL)
    assert len(framed.project.graph.frames) == 2
    assert framed.last_step == "Paste frame Branches"


def test_all_of_a_drawing_is_copied_with_its_frames(framed: Hands) -> None:
    framed.key(Key.Key_A, CTRL)
    framed.key(Key.Key_D, CTRL)
    assert len(framed.project.graph.nodes) == 14
    assert framed.canvas.scene.chosen_marks == ("frame1",)


def test_keys_reach_every_frame_and_note(framed: Hands) -> None:
    """Keyboard only."""
    project, _ = marks.add_note(framed.project, "a note", (700.0, -200.0))
    framed.session.new(project)
    framed.key(Key.Key_N, SHIFT)
    assert framed.canvas.scene.chosen_marks == ("note",)
    framed.key(Key.Key_N, SHIFT)
    assert framed.canvas.scene.chosen_marks == ("frame",)
    framed.key(Key.Key_Down, CTRL)
    assert frame(framed).position == (216.0, -52.0)
    assert framed.project.graph.nodes["conv1"].position == (240.0, 4.0)
    framed.key(Key.Key_Right)
    assert framed.canvas.selection == ("merge",)


@POPUPS
def test_the_menu_selects_what_lies_inside_and_fits_the_frame(framed: Hands) -> None:
    framed.click(title(framed))
    framed.canvas.open_menu()
    choose_in_menu(framed, "Fit frame to what lies inside")
    whole = QRectF(*frame(framed).position, *frame(framed).size)
    inner = framed.canvas.scene.bounds(["conv1", "conv2"])
    assert whole.contains(inner)
    assert whole.width() < 224
    framed.canvas.open_menu()
    choose_in_menu(framed, "Select what lies inside")
    assert set(framed.canvas.selection) == {"conv1", "conv2"}
    assert framed.canvas.scene.chosen_marks == ()


def test_after_arranging_frames_are_around_the_nodes_they_carried(framed: Hands, qtbot) -> None:
    project, _ = marks.add_note(framed.project, "why two", (260.0, 120.0), (80.0, 30.0))
    project, _ = marks.add_frame(project, "Far", (2000.0, 2000.0), (200.0, 100.0))
    framed.session.new(project)
    framed.canvas.setFocus()
    framed.key(Key.Key_L, CTRL | SHIFT)
    qtbot.waitUntil(lambda: framed.last_step.startswith("Arrange"), timeout=LONG)
    framed.canvas.arranger.end()
    scene = framed.canvas.scene
    whole = QRectF(*frame(framed).position, *frame(framed).size)
    assert all(whole.contains(scene.nodes[name].body) for name in ("conv1", "conv2"))
    note = framed.project.graph.notes["note"]
    assert whole.contains(QRectF(*note.position, *note.size))
    assert frame(framed, "frame1").position == (2000.0, 2000.0)
    framed.undo()
    assert framed.project == project


def test_a_frame_from_afar_is_a_coloured_plate_with_its_title(framed: Hands) -> None:
    framed.canvas.zoom_to(0.2)
    framed.canvas.view.center_at(QPointF(300, 100))
    QApplication.processEvents()
    picture = framed.port.grab().toImage()
    scale = picture.devicePixelRatio()
    bar = framed.canvas.scene.marks.items["frame"].bar
    inside = framed.pixel(
        QPointF(bar.center().x(), framed.canvas.scene.marks.items["frame"].body.bottom() - 15)
    )
    outside = framed.pixel(QPointF(bar.right() + 30, bar.bottom() + 200))
    assert picture.pixelColor(inside * scale) != picture.pixelColor(outside * scale)
    assert bar.height() * 0.2 >= 19
    start = title(framed)
    framed.drag(start, start + QPoint(20, 0))
    assert frame(framed).position == (316.0, -56.0)


def test_frames_are_in_the_exported_drawing_and_in_the_minimap(framed: Hands) -> None:
    project, _ = marks.add_frame(framed.project, "Far", (3000.0, 0.0), (200.0, 100.0))
    framed.session.new(project)
    assert Sheet(framed.canvas.scene).bounds.contains(QRectF(3000, 0, 200, 100))
    assert not Sheet(framed.canvas.scene, ["conv1"]).frames
    assert [one.name for one in Sheet(framed.canvas.scene, ["conv1"], ["frame"]).frames] == ["frame"]
    assert framed.canvas.scene.bounds().right() == 3200


@POPUPS
def test_the_tooltip_of_a_title_says_what_dragging_does(framed: Hands) -> None:
    assert "move the frame" in tip(framed, title(framed))


def test_find_reaches_titles_and_texts(framed: Hands) -> None:
    """Find by name."""
    project, _ = marks.add_note(framed.project, "# Data\n\nfrom the archive", (1200.0, 900.0))
    framed.session.new(project)
    framed.canvas.setFocus()
    framed.key(Key.Key_F, CTRL)
    line = framed.canvas.finder.bar.field
    for typed, name in (("branch", "frame"), ("archive", "note")):
        line.clear()
        QTest.keyClicks(line, typed)
        QTest.keyClick(line, Key.Key_Return)
        item = framed.canvas.scene.marks.items[name]
        assert framed.canvas.scene.chosen_marks == (name,)
        assert item.lit
        assert framed.canvas.view.seen().contains(item.body)
    QTest.keyClick(line, Key.Key_Escape)
    assert not any(item.lit for item in framed.canvas.scene.marks.items.values())


@POPUPS
def test_a_block_takes_a_selected_frame_in_and_unpacking_gives_it_back(framed: Hands) -> None:
    before = framed.project
    framed.click(title(framed))
    framed.click(framed.at("conv1"), SHIFT)
    framed.click(framed.at("conv2"), SHIFT)
    framed.key(Key.Key_G, CTRL)
    box = asking(framed).findChild(QLineEdit)
    box.clear()
    QTest.keyClicks(box, "Both")
    QTest.keyClick(box, Key.Key_Return)
    assert not framed.project.graph.frames
    inside = framed.project.blocks["Both"].graph.frames["frame"]
    assert inside == before.graph.frames["frame"]
    (use,) = framed.canvas.selection
    enter(framed, use)
    assert set(framed.canvas.scene.marks.items) == {"frame"}
    framed.key(Key.Key_Escape)
    framed.key(Key.Key_Escape)
    assert not framed.canvas.scene.marks.items
    framed.canvas.select([use])
    framed.key(Key.Key_G, CTRL | SHIFT)
    assert framed.project.graph.frames["frame"].title == "Branches"

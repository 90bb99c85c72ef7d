"""Values are edited where they stand on nodes: typed, chosen, dragged sideways, stepped by the wheel."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from studio.project import edits
from studio.project.expressions import is_formula
from studio.project.params import Bool, FieldName, Param, Value
from studio.ui.canvas.drawing import Level
from studio.ui.canvas.editor import BURST_MS, Editor
from studio.ui.canvas.gestures import Gesture
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.lines import resolved_value, shown_value
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.scrub import Scrub
from studio.ui.canvas.value_field import ValueField
from studio.ui.canvas.value_places import Place, number_at, place_at, places_on
from studio.ui.canvas.view import GraphView
from studio.ui.node_form import offered_fields
from studio.ui.number_steps import can_step, is_number, stepped_value
from studio.ui.words import declared

Cursor = Qt.CursorShape
NOTCH = 120


class Values(QObject):
    """Edits the values on nodes; the selected nodes of the same type change together."""

    told = Signal(str)
    large = Signal(str)
    """A parameter of the selected node that is to be edited where there is more room."""

    def __init__(self, scene: GraphScene, view: GraphView, editor: Editor, ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self._scene, self._view, self._editor = scene, view, editor
        self._session = editor.session
        self._field = ValueField(ink, parent)
        self._open: Place | None = None
        self._before: tuple[str, ...] = ()
        self._bursts = 0
        self._turned = 0
        self._pause = QTimer(self, singleShot=True, interval=BURST_MS)
        self._pause.timeout.connect(self.new_burst)
        self._field.kept.connect(self._keep)
        self._field.gone_on.connect(self._go_on)
        view.moved.connect(self._follow)
        view.viewport().installEventFilter(self)

    # What the canvas asks

    def set_ink(self, ink: Ink) -> None:
        """Take the colours of a theme."""
        self._field.set_ink(ink)

    def close(self) -> bool:
        """Put the field away; says whether it was open."""
        opened = self._field.isVisible()
        self._field.close_field()
        return opened

    def forget(self, removed: Collection[str]) -> None:
        """Follow the drawing: put the field away where its node is gone."""
        if self._open is not None and self._field.isVisible():
            if self._open.node in removed:
                self._field.close_field()
            else:
                self._follow()

    def lacking(self) -> str:
        """Why no value can be edited by the keyboard now."""
        return "" if self._scene.chosen else self.tr("Select a node first.")

    def open_first(self) -> None:
        """Edit the first value of the node selected last."""
        name = self._scene.chosen[-1]
        if self._scene.look.level != Level.NEAR:
            self._view.zoom_to(1.0)
            self._view.center_at(self._scene.nodes[name].body.center())
        self._view.reveal(self._scene.nodes[name].body)
        places = self._fields_of(name)
        if places:
            self._edit(places[0])
        else:
            self.told.emit(self.tr("{node} shows no value to edit.").format(node=name))

    # From the mouse

    def press(self, event: QMouseEvent, instead: Gesture) -> Gesture:
        """What a press on a node begins: where it is on a number of a node that was selected already,
        dragging sideways changes the number.
        """
        at = self._view.mapToScene(event.position().toPoint())
        place = self._number_at(at)
        return Scrub(self, place, number_at(place, at), event.position(), instead) if place else instead

    def remember(self) -> None:
        """Nodes that are selected before a click are those that a double click means."""
        self._before = self._scene.chosen

    def double_click(self, at: QPointF) -> bool:
        """Edit the value at a point of the canvas; says whether there is one."""
        place = place_at(self._scene, at, self._session.block)
        if place is None:
            return False
        if place.node in self._before:
            self._scene.choose(self._before)
        if place.large:
            self._scene.choose([place.node])
            self.large.emit(place.param.name)
        elif isinstance(place.param, Bool) and isinstance(place.value, bool):
            self.set(place.param.name, dict.fromkeys(self._group(place.node), not place.value))
        else:
            self._edit(place)
            self._field.pop_up()
        return True

    def tip(self, at: QPointF) -> str:
        """What is said of the value at a point of the canvas: what it is for, its formula, what is wrong."""
        place = place_at(self._scene, at, self._session.block)
        if place is None:
            return ""
        wrong = [
            f"{one.message}. {one.hint}".strip()
            for one in self._scene.problems(place.node)
            if one.field == place.param.name and not one.path
        ]
        lines = [f"{place.param.name}: {declared(place.param.doc)}", *wrong]
        if is_formula(place.value):
            found = resolved_value(place.value, self._session.names)
            lines.append(
                f"{place.value} → {shown_value(found)}" if found != place.value else str(place.value)
            )
        return "\n".join(lines)

    def show_scrubbing(self) -> None:
        """The pointer tells that the number follows it."""
        self._view.viewport().setCursor(Cursor.SizeHorCursor)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent) and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            # Else Qt's menu bar takes the keyboard when Alt is let go: it heeds the mouse, but not its wheel.
            QCoreApplication.sendEvent(self, QEvent(QEvent.Type.ActivationChange))
            return self._wheel(event)
        return False

    def _wheel(self, event: QWheelEvent) -> bool:
        place = place_at(self._scene, self._view.mapToScene(event.position().toPoint()), self._session.block)
        if place is None or not can_step(place.value, place.param):
            return False
        delta = event.angleDelta()
        self._turned += delta.y() or delta.x()  # some platforms turn the wheel sideways while Alt is held
        steps = int(self._turned / NOTCH)
        self._turned -= steps * NOTCH
        if steps:
            self._pause.start()
            now, param = self.own(place), place.param
            part = number_at(place, self._view.mapToScene(event.position().toPoint()))
            moved = {name: stepped_value(now[name], param, steps, part=part) for name in now}
            self.set(param.name, moved, f"wheel {self._bursts} {place.node}.{param.name}")
        return True

    def hover(self, at: QPointF | None) -> None:
        """Over a number that can be dragged the pointer says so; what it says otherwise is said already.

        `at` is a point on a node, None elsewhere.
        """
        port = self._view.viewport()
        over = at is not None and self._number_at(at) is not None
        shape = port.cursor().shape()
        if over and shape == Cursor.ArrowCursor:
            port.setCursor(Cursor.SizeHorCursor)
        elif not over and shape == Cursor.SizeHorCursor:
            port.setCursor(Cursor.ArrowCursor)

    def _number_at(self, at: QPointF) -> Place | None:
        """The number at a point on a selected node."""
        item = self._scene.node_at(at) if self._scene.chosen else None
        if item is None or not item.chosen:
            return None
        place = place_at(self._scene, at, self._session.block)
        found = place is not None and place.text.contains(at) and is_number(place.value, place.param)
        return place if found else None

    # Edits

    def new_burst(self) -> str:
        """A key for steps that are one undo step."""
        self._bursts += 1
        self._turned = 0
        return f"values {self._bursts}"

    def own(self, place: Place) -> dict[str, Value]:
        """What a parameter is on each node that changes together with a place's node."""
        nodes = self._scene.project.graph.nodes
        layers = {name: self._scene.layer_of(name) for name in self._group(place.node)}
        return {
            name: layer.values(nodes[name].params).get(place.param.name, place.value)
            for name, layer in layers.items()
            if layer is not None
        }

    def left_out(self, place: Place) -> frozenset[str]:
        """The nodes of these that say nothing of the parameter: it is its default there."""
        nodes, param = self._scene.project.graph.nodes, place.param.name
        return frozenset(name for name in self._group(place.node) if param not in nodes[name].params)

    def set(
        self, param: str, values: Mapping[str, Value], key: str | None = None, without: Collection[str] = ()
    ) -> None:
        """Give a parameter a value on each of some nodes, or `without` one, as one undo step."""
        project = self._session.drawing
        for name, value in values.items():
            if name in project.graph.nodes and name in without:
                project = edits.unset_params(project, name, [param])
            elif name in project.graph.nodes:
                project = edits.set_params(project, name, {param: value})
        names = list(values)
        node = names[0] if len(names) == 1 else self.tr("{count} nodes").format(count=len(names))
        self._session.commit_drawing(
            project, self.tr("Set {param} of {node}").format(param=param, node=node), key
        )

    def _group(self, name: str) -> tuple[str, ...]:
        """The nodes that change together with one: the selected ones of its type, if it is selected."""
        nodes, chosen = self._scene.project.graph.nodes, self._scene.chosen
        if name not in chosen:
            return (name,)
        return tuple(one for one in chosen if nodes[one].type == nodes[name].type)

    # The field

    def _edit(self, place: Place) -> None:
        self._open = place
        own = self.own(place)
        title = self.tr("{param} of {node}").format(param=place.param.name, node=place.node)
        self._field.open(
            place.param,
            place.value,
            several=any(value != place.value for value in own.values()),
            title=title,
            names=self._session.names,
            offered=self._offered(place.param),
            folder=lambda: self._session.folder,
        )
        self._follow()

    def _offered(self, param: Param) -> list[str]:
        fields = self._session.fields or {}
        return offered_fields(fields, param.name) if isinstance(param, FieldName) else []

    def _follow(self) -> None:
        """Lie over the value, wherever it is now."""
        if self._open is None or not self._field.isVisible() or self._open.node not in self._scene.nodes:
            return
        places = places_on(self._scene, self._open.node, self._session.block)
        now = next((one for one in places if one.param.name == self._open.param.name), self._open)
        self._field.put(self._view.mapFromScene(now.room).boundingRect())

    def _fields_of(self, name: str) -> list[Place]:
        return [one for one in places_on(self._scene, name, self._session.block) if not one.large]

    def _keep(self, value: Value) -> None:
        if self._open is not None and self._open.node in self._scene.nodes:
            self.set(self._open.param.name, dict.fromkeys(self._group(self._open.node), value))

    def _go_on(self, step: int) -> None:
        """To the next value of the node, round and round."""
        if self._open is None or self._open.node not in self._scene.nodes:
            return
        before, name = self._open.param.name, self._open.node
        places = self._fields_of(name)
        names = [one.param.name for one in places]
        if places:
            at = names.index(before) + step if before in names else max(step, 0)
            self._edit(places[at % len(places)])

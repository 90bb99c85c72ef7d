"""Parameters of nodes inside of a block that become its arguments: asked for, dragged, chosen in a menu."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QMenu

from studio.project.arguments import reading
from studio.ui.ask_name import AskName
from studio.ui.canvas.arguments_strip import ArgumentsStrip
from studio.ui.canvas.gestures import Gesture
from studio.ui.canvas.offering import OfferParam
from studio.ui.canvas.scene import GraphScene
from studio.ui.canvas.value_places import place_at
from studio.ui.canvas.view import GraphView
from studio.ui.promotion import ask_promotion, link
from studio.ui.session import Session
from studio.ui.words import declared


class ArgumentDeeds(QObject):
    """Works on the selected nodes of the block that is looked at."""

    refused = Signal(str)
    """Why something could not be done."""
    target_wanted = Signal(bool)
    """A parameter is dragged, which can be dropped on an argument; or no longer."""

    def __init__(self, session: Session, scene: GraphScene, view: GraphView, asking: AskName) -> None:
        super().__init__(view)
        self._session, self._scene, self._view, self._asking = session, scene, view, asking
        self._strip: ArgumentsStrip

    def promote(self, node: str, param: str) -> None:
        """Make an argument of the block that is looked at out of a parameter, under a name asked for."""
        layer = self._scene.layer_of(node)
        if layer is not None:
            ask_promotion(self._asking, self._below([node]), self._session, [node], param, layer)

    def listen(self, strip: ArgumentsStrip) -> None:
        """Do what is asked for at the arguments over the drawing."""
        strip.dropped.connect(self._take)
        strip.sought.connect(self._seek)
        strip.asked.connect(self._ask_for_one)
        self.target_wanted.connect(strip.show_target)
        self._strip = strip

    def offering(self, event: QMouseEvent, begin: Callable[[], Gesture]) -> Gesture:
        """What a press on a node begins: on a parameter's line inside of a block, that can be offered too."""
        at = event.position()
        inside = self._session.block if not event.modifiers() else None
        place = place_at(self._scene, self._view.mapToScene(at.toPoint()), inside) if inside else None
        return OfferParam(begin, self._strip, place.param.name, at) if place else begin()

    def ask_param(self) -> None:
        """Offer the parameters of the selected node: the one that is chosen becomes an argument."""
        self.params(self._scene.chosen[0]).popup(self._view.mapToGlobal(self._below(self._scene.chosen[:1])))

    def params(self, node: str) -> QMenu:
        """A menu of what can be made an argument of at a node."""
        menu = QMenu(self.tr("Make an &argument of"), self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        layer = self._scene.layer_of(node)
        for param in layer.params if layer else ():
            action = menu.addAction(param.name, partial(self.promote, node, param.name))
            action.setToolTip(declared(param.doc))
        return menu

    def lacks_param(self) -> str:
        """A node of a block, selected alone, that has parameters."""
        if self._session.block is None:
            return self.tr("Only a block has arguments: enter one first.")
        layer = self._scene.layer_of(self._scene.chosen[0]) if len(self._scene.chosen) == 1 else None
        return "" if layer and layer.params else self.tr("Select one node that has parameters.")

    def _take(self, param: str, argument: str) -> None:
        """A parameter of the selected nodes was dropped on an argument, or where a new one begins."""
        nodes = [name for name in self._scene.chosen if self._has(name, param)]
        layer = self._scene.layer_of(nodes[0]) if nodes else None
        if argument:
            link(self._session, nodes, param, argument)
        elif layer is not None:
            ask_promotion(self._asking, self._below(nodes), self._session, nodes, param, layer)

    def _seek(self, argument: str) -> None:
        """Select what reads an argument."""
        block = self._session.project.blocks.get(self._session.block or "")
        found = reading(block, argument) if block else ()
        self._scene.choose(found)
        if found:
            self._view.reveal(self._scene.bounds(found))
        else:
            self.refused.emit(self.tr("Nothing reads {argument} yet.").format(argument=argument))

    def _ask_for_one(self) -> None:
        lacking = self.lacks_param()
        if lacking:
            self.refused.emit(lacking)
        else:
            self.ask_param()

    def _has(self, name: str, param: str) -> bool:
        layer = self._scene.layer_of(name)
        return layer is not None and any(one.name == param for one in layer.all_params)

    def _below(self, names: Iterable[str]) -> QPoint:
        return below(self._view, self._scene, names)


def below(view: GraphView, scene: GraphScene, names: Iterable[str]) -> QPoint:
    """Where something is asked about nodes: below the top of the leftmost."""
    return view.mapFromScene(scene.bounds(names).topLeft()) + QPoint(8, 40)

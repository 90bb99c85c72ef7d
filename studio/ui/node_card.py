"""The inspector's page about nodes: name, parameters, note, shapes, code and problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.catalog.blocks import catalog_of
from studio.catalog.registry import Layer, Registry
from studio.errors import Problem
from studio.project import edits
from studio.project.fields import Field
from studio.project.graph import Node, free_name
from studio.project.params import Value
from studio.project.placements import rename_node
from studio.ui.ask_name import AskName
from studio.ui.card import Column, Facts, Section, label
from studio.ui.code_box import CodeBox
from studio.ui.demands import demands
from studio.ui.name_edit import NameEdit
from studio.ui.node_facts import costs, inferred, shapes, step_of
from studio.ui.node_form import NodeForm
from studio.ui.note_edit import NoteEdit
from studio.ui.port_layer import layer_in
from studio.ui.problem_stack import ProblemStack, at_fields
from studio.ui.promotion import ask_promotion
from studio.ui.repeats import Link, Repeats, links_of
from studio.ui.session import Session
from studio.ui.theme import Tokens
from studio.ui.trust_bar import TrustBar
from studio.ui.words import declared, type_title

if TYPE_CHECKING:
    from studio.build.plan import Checked, Step


class NodeCard(Column):
    """All about one node, or about several of one type."""

    renaming = Signal(str)
    """The name that the node is about to get."""
    renamed = Signal(str)
    fix_requested = Signal(object)
    fix_aimed = Signal(object)
    """The Fix that may be chosen next; None: no longer."""
    problem_chosen = Signal(object)
    """A Problem inside of a block's node, with its path from the main graph."""
    dragging = Signal(bool)
    """A parameter is dragged, or no longer."""

    def __init__(self, session: Session, registry: Registry) -> None:
        super().__init__()
        self._session, self._registry = session, registry
        self._names: tuple[str, ...] = ()
        self._checked: Checked | None = None
        self._form = NodeForm(session, registry)
        self._form.edited.connect(self._set_param)
        self._form.promoted.connect(self._promote)
        self._form.dragging.connect(self.dragging)
        self._asking = AskName(self)
        self._make_head()
        self._make_body()

    def show_nodes(self, names: tuple[str, ...]) -> None:
        """Show these nodes, all there and of one type; or none while another page is shown."""
        self._names = names
        if names:
            self._form.turn(self._nodes()[0].type, self._layer())
            self.refresh()
            self.verticalScrollBar().setValue(0)

    def show_fields(self, fields: Mapping[str, Field]) -> None:
        """Offer these fields of the data where one is to be chosen."""
        if self._form.show_fields(fields):
            self.refresh()

    def show_checked(self, checked: Checked | None) -> None:
        """Show what a check says of the nodes; None before there is one."""
        self._checked = self._session.here(checked) if checked is not None else None
        self.refresh()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._form.set_tokens(tokens)
        self._asking.set_tokens(tokens)
        self._code.set_tokens(tokens)
        self._repeats.set_tokens(tokens)
        self._problems.set_tokens(tokens)

    def edit(self, param: str) -> None:
        """Put the keyboard into a parameter's field."""
        field = self._form.field(param)
        if field is not None:
            field.setFocus(Qt.FocusReason.TabFocusReason)
            self.ensureWidgetVisible(field)

    def edit_name(self) -> None:
        """Put the keyboard into the name."""
        self._name.edit()

    def refresh(self) -> None:
        """Bring everything up to date with the project and the last check."""
        if not self._names:
            return
        nodes = self._nodes()
        layer = self._layer()
        self._show_head(nodes, layer)
        self._show_values(nodes, layer)
        self._show_facts(layer)

    def _make_head(self) -> None:
        self._name = NameEdit(self._judge_name)
        self._name.entered.connect(self._rename)
        self._kind = label("", "secondary")
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(1)
        for widget in (self._name, self._kind):
            column.addWidget(widget)
        self._problems = ProblemStack()
        self._problems.hide()
        self._problems.fix_requested.connect(self.fix_requested)
        self._problems.fix_aimed.connect(self.fix_aimed)
        self._problems.chosen.connect(self._go_to)
        self.add(head)
        self.add(self._problems)
        self.trust = TrustBar()
        self.add(self.trust)

    def _make_body(self) -> None:
        self._note = NoteEdit(
            self.tr("Note"), self.tr("Note"), self.tr("Anything worth remembering about this node")
        )
        self._note.edited.connect(self._set_note)
        self._shapes = Section(self.tr("Shapes"))
        self._facts = Facts()
        self._shapes.add(self._facts)
        self._source = Section(self.tr("PyTorch"))
        self._code = CodeBox(self.tr("PyTorch code of this node"))
        self._source.add(self._code)
        self._chain = Section(self.tr("Repeats"))
        self._repeats = Repeats()
        self._repeats.entered.connect(self._enter)
        self._chain.add(self._repeats)
        for widget in (self._form, self._chain, self._note, self._shapes, self._source):
            self.add(widget)

    def _layer(self) -> Layer | None:
        catalog = catalog_of(self._session.drawing, self._registry)
        return layer_in(catalog, self._nodes()[0], self._session.block)

    def _nodes(self) -> list[Node]:
        return [self._session.drawing.graph.nodes[name] for name in self._names]

    def _show_head(self, nodes: list[Node], layer: Layer | None) -> None:
        one = len(nodes) == 1
        text = nodes[0].name if one else self.tr("{count} nodes").format(count=len(nodes))
        self._name.show_name(text, fixed=not one)
        family = declared(layer.category) if layer else self.tr("unknown here")
        muted = [self.tr("muted")] if all(node.muted for node in nodes) else []
        # "Linear" once where the family is called the same.
        kinds = dict.fromkeys((type_title(nodes[0].type), family))
        self._kind.setText(" · ".join([*kinds, *muted]))
        self._kind.setToolTip(
            declared(layer.doc) if layer else self.tr("This version has no layer of that type.")
        )
        self._note.setVisible(one)
        self._note.show_text(nodes[0].note)

    def _show_values(self, nodes: list[Node], layer: Layer | None) -> None:
        found = self._checked.problems if self._checked else ()
        params = {param.name for param in layer.all_params} if layer else set()
        marked, rest = at_fields((one for one in found if (*one.path, one.node)[0] in self._names), params)
        self._problems.show_problems(rest, name_shown=len(nodes) > 1)
        self.trust.show_layer(layer)
        values = dict(nodes[0].params)
        several = [
            name
            for name in params
            if any(_value(node, name, layer) != _value(nodes[0], name, layer) for node in nodes)
        ]
        self._form.show_values(nodes[0].type, layer, values, marked, several)

    def _show_facts(self, layer: Layer | None) -> None:
        checked, one = self._checked, len(self._names) == 1
        step = step_of(self._names[0], checked) if checked and one else None
        if layer:
            self._form.set_fixed(inferred(layer, step) if one else {})
        rows = shapes(self._names[0], layer, checked) if checked and layer and one else {}
        wanted = demands(self._names[0], checked) if checked and one else {}
        links = self._links(layer) if one else []
        self._repeats.show_links(links)
        self._chain.setVisible(bool(links))
        self._facts.show_rows({**rows, **wanted, **costs(self._names, checked)} if checked else {})
        self._shapes.setVisible(checked is not None)
        self._source.setVisible(step is not None)
        if step is not None:
            self._code.show_code(_snippet(step))

    def _links(self, layer: Layer | None) -> list[Link]:
        """The chain of a block that is repeated."""
        if layer is None or layer.block is None:
            return []
        return links_of(self._nodes()[0], layer, self._session.names, self._checked)

    def _enter(self, turn: int) -> None:
        """Look into a repeat of the block."""
        own = self._nodes()[0].params.get("shared") is not True
        part = f"{self._names[0]}.{turn}" if own else self._names[0]
        self._session.look((*self._session.focus, part))

    def _set_param(self, name: str, value: Value) -> None:
        project = self._session.drawing
        for node in self._names:
            project = edits.set_params(project, node, {name: value})
        label_ = self.tr("Set {param} of {node}").format(param=name, node=self._called())
        key = f"{'.'.join(self._names)}:{name}:{self._form.burst}"
        self._session.commit_drawing(project, label_, key)

    def _promote(self, name: str) -> None:
        layer = self._layer()
        if layer is not None and self._names:
            ask_promotion(self._asking, QPoint(6, 60), self._session, self._names, name, layer)

    def _set_note(self, text: str) -> None:
        graph = self._session.drawing.graph
        changed = replace(graph.nodes[self._names[0]], note=text)
        project = self._session.drawing.with_graph(graph.with_nodes(changed))
        key = f"{changed.name}:note:{self._note.burst}"
        self._session.commit_drawing(project, self.tr("Note on {node}").format(node=changed.name), key)

    def _called(self) -> str:
        if len(self._names) == 1:
            return self._names[0]
        return self.tr("{count} nodes").format(count=len(self._names))

    def _judge_name(self, name: str) -> tuple[str, str]:
        """Why the node cannot have a name, and one close to it that it can have."""
        if not self._names:
            return self.tr("the node is gone"), name
        project, old = self._session.drawing, self._names[0]
        wrong = edits.rename_error(project, old, name)
        return wrong or "", free_name(name or old, project.graph.nodes)

    def _rename(self, new: str) -> None:
        old = self._names[0]
        if new == old:
            return
        project = rename_node(self._session.project, self._session.block, old, new)
        self._names = (new,)
        self.renaming.emit(new)
        self._session.commit(project, self.tr("Rename {old} to {new}").format(old=old, new=new))
        self.renamed.emit(new)

    def _go_to(self, problem: Problem) -> None:
        if problem.path:
            self.problem_chosen.emit(replace(problem, path=(*self._session.focus, *problem.path)))


def _value(node: Node, name: str, layer: Layer | None) -> Value:
    return layer.values(node.params)[name] if layer else None


def _snippet(step: Step) -> str:
    # Imports torch, which is there already: a check has arrived.
    from studio.interchange.pytorch.source import snippet

    return f"self.{step.name} = {snippet(step)}" if step.layer.is_module else snippet(step)

"""The form of the chosen nodes: one is made for each kind of parameters and kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.catalog.blocks import catalog_of
from studio.catalog.registry import Layer, Registry
from studio.project.fields import Field
from studio.project.params import FieldName, Param, Value
from studio.ui.form import Form
from studio.ui.session import Session
from studio.ui.theme import DARK, Tokens

OVERRIDES = "overrides"
MOST_FORMS = 24


class NodeForm(QWidget):
    """Shows the form that fits a layer; formulas in it read what the graph that is looked at offers."""

    edited = Signal(str, object)
    promoted = Signal(str)
    """A parameter that is to become an argument of the block that is looked at."""
    dragging = Signal(bool)
    """A parameter is dragged, or no longer."""

    def __init__(self, session: Session, registry: Registry) -> None:
        super().__init__()
        self._session, self._known = session, registry
        self._fields: Mapping[str, Field] = {}
        self._forms: dict[str, tuple[tuple[Param, ...], Form]] = {}
        self._form: Form | None = None
        self._tokens = DARK
        self._more = False
        self._place = QVBoxLayout(self)
        self._place.setContentsMargins(0, 0, 0, 0)

    @property
    def burst(self) -> int:
        """Counts up whenever the person is done with a field."""
        return self._form.burst if self._form else 0

    def show_fields(self, fields: Mapping[str, Field]) -> bool:
        """Offer these fields of the data; says whether the forms had to be dropped for it."""
        if fields == self._fields:
            return False
        self._fields = fields
        for _, form in self._forms.values():
            form.hide()
            form.deleteLater()
        self._forms, self._form = {}, None
        return True

    def turn(self, type: str, layer: Layer | None) -> None:
        """Bring out the form of a layer, without what was refused in it before."""
        self._bring_out(type, layer)
        if self._form is not None:
            self._form.forget()

    def show_values(
        self,
        type: str,
        layer: Layer | None,
        values: Mapping[str, Value],
        marked: Mapping[str, str],
        several: Collection[str],
    ) -> None:
        """Show values, what is wrong with them, and which of them differ among the nodes."""
        self._bring_out(type, layer)
        if self._form is None:
            return
        self._form.set_names(self._session.names)
        self._form.allow_promotion(self._session.block is not None)
        if layer is not None and layer.block is not None:
            self._form.suggest(OVERRIDES, dict(_inside(layer, self._session, self._known)))
        self._form.set_values(values, marked, several)

    def field(self, param: str) -> QWidget | None:
        """The widget that edits a parameter, unfolded where it is folded away; None where there is none."""
        if self._form is None or not self._form.has(param):
            return None
        return self._form.unfolded(param)

    def set_fixed(self, rows: Mapping[str, str]) -> None:
        """Show values that nobody sets."""
        if self._form is not None:
            self._form.set_fixed(rows)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        for _, form in self._forms.values():
            form.set_tokens(tokens)

    def _bring_out(self, type: str, layer: Layer | None) -> None:
        params = layer.all_params if layer else ()
        kept = self._forms.get(type)
        if kept is None or kept[0] != params:
            if kept is not None:
                self._drop(type)
            self._forms[type] = kept = (params, self._made(params))
            self._place.addWidget(kept[1])
        if kept[1] is not self._form:
            if self._form is not None:
                self._form.hide()
            self._form = kept[1]
            self._form.more.setChecked(self._more)
        self._form.setVisible(layer is not None)

    def _drop(self, type: str) -> None:
        _, form = self._forms.pop(type)
        form.hide()
        form.deleteLater()
        self._form = None if form is self._form else self._form

    def _made(self, params: tuple[Param, ...]) -> Form:
        if len(self._forms) >= MOST_FORMS:
            self._drop(next(type for type, (_, form) in self._forms.items() if form is not self._form))
        names = [param.name for param in params if isinstance(param, FieldName)]
        offered = {name: offered_fields(self._fields, name) for name in names}
        form = Form(params, offered, lambda: self._session.folder, formulas=True)
        form.set_tokens(self._tokens)
        form.more.clicked.connect(self._remember_more)
        form.edited.connect(self.edited)
        form.promoted.connect(self.promoted)
        form.dragging.connect(self.dragging)
        return form

    def _remember_more(self, opened: bool) -> None:
        self._more = opened


def offered_fields(fields: Mapping[str, Field], param: str) -> list[str]:
    """Fields of the data for a parameter, those of the fitting role first."""
    role = "input" if param == "field" else "target"
    return sorted(fields, key=lambda name: fields[name].role != role)


def _inside(layer: Layer, session: Session, known: Registry) -> Iterator[tuple[str, Value]]:
    """What a use of a block may set inside of it: "node.param" and the value that it has there."""
    assert layer.block is not None
    catalog = catalog_of(session.project, known)
    for node in layer.block.graph.nodes.values():
        inner = catalog.layer_of(node)
        for param in inner.params if inner else ():
            yield f"{node.name}.{param.name}", node.params.get(param.name, param.default)

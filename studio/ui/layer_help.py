"""The Help panel: what the selected layer does, with this node's own numbers, and what to read on."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QTextBrowser

from studio.catalog.blocks import catalog_of
from studio.catalog.registry import Layer, Port, Registry
from studio.project.params import Param
from studio.ui.session import Session
from studio.ui.theme import DARK, Tokens, family_colour
from studio.ui.value_text import text_of
from studio.ui.words import declared, type_title

if TYPE_CHECKING:
    from studio.build.plan import Checked, Cost, Step
    from studio.ui.library import Library

TYPE = "layer:"
"""Links of this scheme lead to the help of another layer."""


class LayerHelp(QTextBrowser):
    """Follows the selection on the canvas, or shows a layer by its type."""

    def __init__(self, session: Session, registry: Registry) -> None:
        super().__init__()
        self._session, self._registry = session, registry
        self._names: tuple[str, ...] = ()
        self._type = ""
        self._checked: Checked | None = None
        self.library: Library | None = None
        """Blocks that are told about too."""
        self._tokens = DARK
        self._shown = ""
        self.setOpenLinks(False)
        self.document().setDocumentMargin(12)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setAccessibleName(self.tr("Help about a layer"))
        self.setToolTip(self.tr("What the selected layer does"))
        self.anchorClicked.connect(self._follow)
        self._refresh()

    def show_nodes(self, names: tuple[str, ...]) -> None:
        """Tell about the selected nodes' layer; with none selected, what was shown stays."""
        if names:
            self._names, self._type = names, ""
            self._refresh()

    def show_type(self, type: str) -> None:
        """Tell about a type of layer."""
        self._names, self._type = (), type
        self._refresh()

    def show_checked(self, checked: Checked) -> None:
        """Work in the numbers of the latest check."""
        self._checked = self._session.here(checked)
        if self._names:
            self._refresh()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def _refresh(self) -> None:
        """Write the page, if it is seen."""
        if not self.isVisible():
            return
        html = self._page()
        if html != self._shown:
            self._shown = html
            self.setHtml(html)

    def _page(self) -> str:
        node = self._session.drawing.graph.nodes.get(self._names[0]) if self._names else None
        if node is not None:
            layer = catalog_of(self._session.project, self._registry).layer_of(node)
            step = self._checked.steps.get(node.name) if self._checked else None
            cost = self._checked.costs.get(node.name) if self._checked else None
            return page(layer, self._tokens, node.name, step, cost) if layer else self._empty()
        layer = self._layer(self._type) if self._type else None
        return page(layer, self._tokens) if layer else self._empty()

    def _layer(self, type: str) -> Layer | None:
        """What a row of the palette stands for; a library's blocks are rows too."""
        entry = self.library.entry(type) if self.library else None
        return entry.layer if entry else catalog_of(self._session.project, self._registry).layer(type)

    def _empty(self) -> str:
        text = self.tr("Select a node, or a layer in the list on the left, to read what it does.")
        return f"<p style='color:{self._tokens.secondary}'>{escape(text)}</p>"

    def _follow(self, url: QUrl) -> None:
        if url.toString().startswith(TYPE):
            self.show_type(url.toString().removeprefix(TYPE))
        else:
            QDesktopServices.openUrl(url)


def page(
    layer: Layer, tokens: Tokens, name: str = "", step: Step | None = None, cost: Cost | None = None
) -> str:
    """The help of a layer as HTML, with one node's numbers where it has any."""
    parts = [
        f"<h3 style='margin:0'>{escape(type_title(layer.type))}</h3>",
        f"<p style='margin:0 0 8px 0; color:{family_colour(layer.category)}'>{escape(_family(layer))}</p>",
        f"<p>{escape(declared(layer.doc))}</p>",
    ]
    if layer.formula:
        parts.append(_mono(layer.formula, tokens))
    parts += _numbers(name, step, cost, tokens)
    parts += _section(_word("When to use it"), escape(declared(layer.use)), tokens)
    parts += _section(_word("Often followed by"), _links(layer.follows, tokens), tokens)
    parts += _section(_word("Parameters"), _params(layer, tokens), tokens)
    parts += _section(_word("Ports"), _ports(layer, tokens), tokens)
    parts += _section(_word("Read on"), _reading(layer, tokens), tokens)
    return "".join(parts)


def _word(text: str) -> str:
    return QCoreApplication.translate("LayerHelp", text)


def _family(layer: Layer) -> str:
    return declared(layer.category)


def _section(title: str, body: str, tokens: Tokens) -> Iterator[str]:
    if body:
        style = f"margin:10px 0 2px 0; color:{tokens.secondary}"
        yield f"<p style='{style}'><b>{escape(title)}</b></p><div>{body}</div>"


def _mono(text: str, tokens: Tokens) -> str:
    lines = "<br>".join(escape(line) for line in text.splitlines())
    return (
        f"<table width='100%' cellpadding='8' style='background:{tokens.field}'>"
        f"<tr><td style='font-family:monospace'>{lines}</td></tr></table>"
    )


def _numbers(name: str, step: Step | None, cost: Cost | None, tokens: Tokens) -> Iterator[str]:
    """The calculations of this node; torch is loaded by the time there is a step."""
    if step is None:
        return
    from studio.build.worked import worked

    topics = {
        "shapes": _word("Shapes"),
        "sizes": _word("Size"),
        "parameters": _word("Parameters"),
        "multiply_adds": _word("Multiply-adds"),
        "memory": _word("Memory"),
    }
    rows: list[str] = []
    last = ""
    for line in worked(step, cost):
        title = topics[line.topic] if line.topic != last else ""
        last = line.topic
        rows.append(
            f"<tr><td style='color:{tokens.secondary}; padding-right:10px'>{escape(title)}</td>"
            f"<td>{escape(line.text)}</td></tr>"
        )
    title = _word("In {name}, for one sample").format(name=name)
    yield from _section(title, f"<table cellspacing='0' cellpadding='1'>{''.join(rows)}</table>", tokens)


def _links(types: tuple[str, ...], tokens: Tokens) -> str:
    style = f"color:{tokens.accent}"
    return ", ".join(f"<a style='{style}' href='{TYPE}{escape(type)}'>{escape(type)}</a>" for type in types)


def _params(layer: Layer, tokens: Tokens) -> str:
    return _table((_param(param) for param in layer.all_params), tokens)


def _param(param: Param) -> tuple[str, str]:
    default = "" if param.default in (None, "") else f" ({text_of(param.default)})"
    shown = default if len(default) < 40 else ""
    return f"{param.name}{shown}", declared(param.doc)


def _ports(layer: Layer, tokens: Tokens) -> str:
    ports = [(_word("in"), port) for port in layer.inputs] + [(_word("out"), port) for port in layer.outputs]
    return _table((_port(side, port) for side, port in ports), tokens)


def _port(side: str, port: Port) -> tuple[str, str]:
    return f"{port.name} ({side})", declared(port.doc)


def _table(rows: Iterator[tuple[str, str]], tokens: Tokens) -> str:
    cells = "".join(
        f"<tr><td style='padding-right:10px'>{escape(name)}</td>"
        f"<td style='color:{tokens.secondary}'>{escape(text)}</td></tr>"
        for name, text in rows
    )
    return f"<table cellspacing='0' cellpadding='1'>{cells}</table>" if cells else ""


def _reading(layer: Layer, tokens: Tokens) -> str:
    links = [(_word("PyTorch's page"), layer.url), (_word("The paper"), layer.paper)]
    return " · ".join(
        f"<a style='color:{tokens.accent}' href='{escape(url)}'>{escape(text)}</a>"
        for text, url in links
        if url
    )

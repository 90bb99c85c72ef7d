"""Making an argument of the block out of a parameter inside: asks under which name."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint

from studio.catalog.registry import Layer
from studio.project.arguments import argument_name_error, promote
from studio.project.block import OWN_PARAMS
from studio.ui.ask_name import AskName
from studio.ui.named_rows import unused
from studio.ui.session import Session

_translate = QCoreApplication.translate


def ask_promotion(asking: AskName, at: QPoint, session: Session, node: str, param: str, layer: Layer) -> None:
    """Ask for the argument's name near a point of what `asking` lies in; `layer` is the node's."""
    block = session.block
    if block is None:
        return
    there = session.project.blocks[block]
    proposed = unused(param, [*OWN_PARAMS, *(one.name for one in there.arguments)])
    title = _translate("Inspector", "Name of the argument of {block}").format(block=block)

    def make(argument: str) -> None:
        default = layer.values({})[param]
        project = promote(session.project, block, node, param, argument, default)
        text = _translate("Inspector", "Make {param} of {node} an argument").format(param=param, node=node)
        session.commit(project, text)

    asking.ask(at, title, proposed, lambda name: argument_name_error(there, name), make)
